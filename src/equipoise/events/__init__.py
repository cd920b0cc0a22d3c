"""Events: appended as they came, made durable, compacted into files that a warehouse can read."""
