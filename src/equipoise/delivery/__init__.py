"""From the change log to whoever listens: what environments serve, kept in memory and framed as bytes."""
