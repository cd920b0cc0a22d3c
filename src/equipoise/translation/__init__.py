"""What all dialects share: routes on the raw path, bodies into documents, documents into intents."""
