"""`openprep station`."""

from openprep.cli.station.commands import station

__all__ = ["station"]
