"""`openprep demo`."""

from openprep.cli.demo.commands import demo

__all__ = ["demo"]
