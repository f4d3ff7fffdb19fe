"""Verify everything from outside, with no trust in the rooms above."""
