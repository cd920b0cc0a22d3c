"""Evaluation in process, beside the published client of another vendor and one hash."""
