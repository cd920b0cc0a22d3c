"""Installations of providers, as those who run the instance see them."""
