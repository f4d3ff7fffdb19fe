"""A publisher: follow, verify, activate, serve."""
