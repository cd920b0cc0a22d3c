"""What LaunchDarkly's SDKs ask for, and the events they send."""
