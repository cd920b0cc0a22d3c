"""LaunchDarkly's context kinds, and which of them experiments may randomise."""
