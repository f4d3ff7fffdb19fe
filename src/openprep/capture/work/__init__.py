"""Who works on which acta next: what waits for a person, leases, and the order of the queue."""
