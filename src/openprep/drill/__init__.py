"""Nights that are made or relived."""
