"""Replays of real nights."""
