"""Signed envelopes, a station's outbox, the centre's inbox."""
