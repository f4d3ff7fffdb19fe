"""Holds a tree against its log: what was signed, what is shown, what is listed."""
