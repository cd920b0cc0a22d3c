"""The SDK in an application, beside the published client of another vendor and a provider of constants."""
