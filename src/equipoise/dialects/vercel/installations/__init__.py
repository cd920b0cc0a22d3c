"""Installations: account, members, credentials, events."""
