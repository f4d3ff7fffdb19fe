"""Turns: one thing at a time of a person, or about a paper, while all others go on."""

import asyncio
from collections.abc import Hashable
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

Whose = TypeVar("Whose", bound=Hashable)


class Turns(Generic[Whose]):
    """A lock of each; none is left of who has no turn and waits for none."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[Whose, asyncio.Lock] = WeakValueDictionary()

    def of(self, whose: Whose) -> asyncio.Lock:
        """The lock of one of them, the same while anybody has it."""
        return self._locks.setdefault(whose, asyncio.Lock())
