"""Configurations for nginx, in front of a tree."""
