"""A tree over HTTP: what is answered, what is kept in memory, and the servers."""
