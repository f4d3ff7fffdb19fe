"""`python -m openprep`: the same as the command."""

from openprep.cli import main

main()
