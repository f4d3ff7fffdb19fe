"""`openprep center`."""

from openprep.cli.center.commands import center

__all__ = ["center"]
