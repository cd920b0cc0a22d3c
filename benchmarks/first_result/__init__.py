"""How long a newcomer waits for a first result."""
