"""Elections from a seed: a nation's night, the same bytes on any machine."""
