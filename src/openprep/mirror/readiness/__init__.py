"""Whether a publisher is ready: what it measures of itself before a night."""
