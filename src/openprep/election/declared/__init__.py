"""The election's folder: its files read, and every mistake in them told."""
