"""A published tree on disk and over HTTP: placed durably, flipped atomically, served as it is."""

from openprep.hosting.directory import TreeDirectory

__all__ = ["TreeDirectory"]
