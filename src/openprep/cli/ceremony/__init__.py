"""`openprep ceremony`."""

from openprep.cli.ceremony.commands import ceremony

__all__ = ["ceremony"]
