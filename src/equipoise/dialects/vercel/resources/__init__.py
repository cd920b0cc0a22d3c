"""Resources and their secrets."""
