"""Single sign-on at a provider."""
