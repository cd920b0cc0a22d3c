"""Reads of a config store over HTTP, as applications do them, and pushes of one."""
