"""The election folders that ship with the package."""

from pathlib import Path


def shipped_election(name: str) -> Path:
    """The shipped folder called ``name``, in a checkout or installed; any other name is a path."""
    package = Path(__file__).parents[2]
    installed = package / "_elections"
    elections = installed if installed.is_dir() else package.parent.parent / "elections"
    folder = elections / name
    return folder if name and folder.is_dir() else Path(name)
