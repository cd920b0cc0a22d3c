"""Holdouts."""
