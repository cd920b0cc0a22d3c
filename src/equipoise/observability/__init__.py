"""What happened, for people and machines that watch: logs and metrics. No secret goes in."""
