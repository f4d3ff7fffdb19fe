"""Makes cuts, the published tree and its signatures; runs the centre."""
