"""One command, `openprep`, whose sub-commands read as the users' verbs."""

from openprep.cli.main import main

__all__ = ["main"]
