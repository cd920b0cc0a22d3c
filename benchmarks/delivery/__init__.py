"""How soon what an environment serves is with those who listen."""
