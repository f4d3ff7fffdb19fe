"""What an object keeps in memory, found without knowing under which names it keeps it."""

import gc
from collections.abc import Iterator
from types import BuiltinFunctionType, FrameType, FunctionType, ModuleType
from typing import Any

NOT_ITS_OWN = (type, ModuleType, FunctionType, BuiltinFunctionType, FrameType)
"""Where the search ends: what all share, and what was handed in."""


def held_by(root: object) -> Iterator[Any]:
    """Every object that is kept as long as ``root`` is."""
    seen, found = {id(root)}, [root]
    while found:
        thing = found.pop()
        yield thing
        keys = (
            thing.keys() if isinstance(thing, dict) else ()
        )  # the collector looks at none that is text
        for other in (*gc.get_referents(thing), *keys):
            if id(other) not in seen and not isinstance(other, NOT_ITS_OWN):
                seen.add(id(other))
                found.append(other)


def words_held_by(root: object) -> set[str]:
    """Every string that ``root`` remembers."""
    return {thing for thing in held_by(root) if isinstance(thing, str)}
