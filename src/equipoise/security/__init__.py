"""Who asks, and may they? Pure: secrets and time come in as arguments."""
