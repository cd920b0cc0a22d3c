"""Tokens, the caller's identity, the root, versions."""
