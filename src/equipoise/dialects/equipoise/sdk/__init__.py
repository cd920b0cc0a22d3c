"""Our own SDK at its doors: rulesets out, events in."""
