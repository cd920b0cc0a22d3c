"""Config stores: pushed by providers, read by applications."""
