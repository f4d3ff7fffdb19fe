"""Paths of areas: their ids from the root down, joined by a slash. The root's own is empty.

A scope (:mod:`openprep.election.remit`) is such a path with the contest's id before it.
"""

from collections.abc import Iterable


def ids_of(path: str) -> list[str]:
    """The ids of ``path`` from the root down."""
    return path.split("/") if path else []


def path_of(ids: Iterable[str]) -> str:
    """The path of the area with these ids."""
    return "/".join(ids)


def parent(path: str) -> str:
    """The area one level up."""
    return path.rpartition("/")[0]


def own_id(path: str) -> str:
    """The area's id among those beside it."""
    return path.rpartition("/")[2]


def first_id(path: str) -> str:
    """The uppermost id: of a scope, its contest."""
    return path.partition("/")[0]


def unit_of(path: str, levels: int) -> str:
    """The area of ``levels`` ids that ``path`` is in; one above it stands for itself."""
    return path_of(ids_of(path)[:levels])


def is_within(path: str, area: str) -> bool:
    """Whether ``path`` is ``area`` or below it."""
    return not area or path == area or path.startswith(f"{area}/")
