"""A publisher's tree in an object store: what is sent, in which order, and what is known of it."""
