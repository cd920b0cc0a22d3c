"""Migrations of the tables, each a step from one version to the next."""
