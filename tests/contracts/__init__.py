"""The published contracts, as validators."""
