"""What we know: frozen types and pure decisions. Imports nothing else of ours."""
