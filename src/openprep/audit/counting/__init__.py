"""A contest counted from the log, with an arithmetic of its own, and what it must be shown as."""
