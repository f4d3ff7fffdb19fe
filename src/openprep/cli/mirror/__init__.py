"""`openprep mirror`."""

from openprep.cli.mirror.commands import mirror

__all__ = ["mirror"]
