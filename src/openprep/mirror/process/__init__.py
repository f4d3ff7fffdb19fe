"""The processes of a publisher: join, run, follow, take a stick, say how it goes."""
