"""LaunchDarkly's environments and their keys."""
