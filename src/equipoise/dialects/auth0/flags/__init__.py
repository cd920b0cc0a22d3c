"""Feature flags and their variations."""
