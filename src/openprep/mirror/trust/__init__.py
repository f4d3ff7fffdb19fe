"""The trust root as a publisher keeps it, and its own keys and membership."""
