"""Cuts: the figures of a contest composed, written and shown as one published tree."""
