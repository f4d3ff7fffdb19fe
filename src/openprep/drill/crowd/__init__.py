"""Simulated people at the desks of a capture room: real HTTP, real forms, real images."""
