"""LaunchDarkly's projects."""
