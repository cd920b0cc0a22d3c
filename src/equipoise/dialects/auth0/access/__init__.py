"""Access tokens for client credentials."""
