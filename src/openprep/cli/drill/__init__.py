"""`openprep drill`."""

from openprep.cli.drill.commands import drill

__all__ = ["drill"]
