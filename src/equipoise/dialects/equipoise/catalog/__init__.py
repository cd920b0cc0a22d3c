"""The catalog of every experiment and flag, whoever runs it."""
