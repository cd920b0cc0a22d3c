"""Evaluation in process beside what others would use instead. It has an environment of its own."""
