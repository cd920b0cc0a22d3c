"""Writes and reads of experiments over HTTP, beside what the database alone can do."""
