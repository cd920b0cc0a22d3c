"""What LaunchDarkly's server-side SDKs ask for: flags by stream and by polling."""
