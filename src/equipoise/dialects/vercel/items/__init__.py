"""Experimentation items: ours, and those of others in the catalog."""
