"""Who holds which image before it is kept, and which files of scanners are before somebody."""

import asyncio
from collections import OrderedDict
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from openprep.desks.web.paper.finding import Meant
from openprep.desks.web.paper.scanner import ScannerFile
from openprep.desks.web.turns import Turns
from openprep.digitising.digitised import Digitised

MOST_HELD_BYTES = 512 * 1024 * 1024
"""Of all images that are held at a time: of a hundred people with scans of letter pages in PNG."""

LONGEST_HELD = 900.0
"""Seconds after which the file of a scanner that somebody left on the screen is another's again."""


@dataclass(frozen=True, eq=False)
class Held:
    """An image that waits for whoever brought it, the file it was, and whose acta its code says."""

    made: Digitised
    original: bytes
    says: Meant | None
    code: str = ""
    """Why its code is not believed."""
    file: ScannerFile | None = None
    """The scanner's file, where one brought it."""
    since: float = 0.0
    """Seconds that only grow."""

    @property
    def size(self) -> int:
        """The bytes that are held of it."""
        return len(self.original) + len(self.made.image) + len(self.made.rendition)


class HeldImages:
    """The image that each person has before them: one of each, and only in memory.

    It belongs to the loop: no thread may touch it.
    """

    def __init__(self) -> None:
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._opening: set[Path] = set()
        self._turns: Turns[str] = Turns()

    def turn(self, person: str) -> asyncio.Lock:
        """One thing of a person at a time: what is being kept is not replaced meanwhile."""
        return self._turns.of(person)

    def of(self, person: str) -> Held | None:
        """What a person has before them."""
        return self._held.get(person)

    def hold(self, person: str, held: Held) -> None:
        """Hold it instead of what they had; what is longest here goes where it is too much."""
        self._held.pop(person, None)
        self._held[person] = held
        while len(self._held) > 1 and self._size() > MOST_HELD_BYTES:
            self._held.popitem(last=False)

    def let_go(self, person: str, held: Held) -> None:
        """Hold it no more, if it is what the person still has."""
        if self._held.get(person) is held:
            del self._held[person]

    def open(self, file: ScannerFile) -> None:
        """Let a file be nobody else's while it becomes an image."""
        self._opening.add(file.path)

    def opened(self, file: ScannerFile) -> None:
        """It is an image that is held, or it waits no more."""
        self._opening.discard(file.path)

    def files(self) -> AbstractSet[Path]:
        """The files of scanners that somebody has before them, and did not leave there."""
        earliest = monotonic() - LONGEST_HELD
        files = {held.file.path: person for person, held in self._held.items() if held.file}
        for path, person in [*files.items()]:
            if self._held[person].since < earliest:
                del self._held[person], files[path]
        return self._opening | files.keys()

    def _size(self) -> int:
        return sum(held.size for held in self._held.values())
