"""Columns of facts as the words of a database, in bulk.

msgspec writes a column, or the figures of many rows, as one JSON array: in C, with every word that
is no count in quotes. What it writes is taken apart at its commas, and its words are put into the
wording of the file.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import TypeVar

import msgspec

from openprep.databases.words import Memo
from openprep.databases.write.cells import NOT_APPLICABLE
from openprep.election import FieldState

_encode = msgspec.json.Encoder().encode
NOTHING = "null"

Word = TypeVar("Word", bound=Enum)


def tokens(column: Sequence[object]) -> list[str]:
    """Each value of a column in JSON: of counts, times, or words without a comma."""
    return _encode(column)[1:-1].decode().split(",") if column else []


def token(value: object) -> str:
    """One value in JSON."""
    return _encode(value).decode()


def vocabulary(words: Mapping[Word, str], nothing: str) -> dict[str, str]:
    """What each token of a column is written as; ``nothing`` where there is none."""
    return {NOTHING: nothing} | {token(member): word for member, word in words.items()}


class FigureRows:
    """Writes the figures of rows: counts, and the words where there is none."""

    def __init__(self, states: Mapping[FieldState, str]) -> None:
        self._words = [(token(state), word) for state, word in states.items()]

    def write(self, rows: Sequence[Sequence[object]]) -> list[str]:
        """Each row's figures, between commas; a row has one at least."""
        if not rows:
            return []
        text = _encode(rows)[2:-2].decode()
        if '"' in text:
            for state, word in self._words:
                text = text.replace(state, word)
        return text.split("],[")


class Times:
    """Writes columns of times as ``local`` gives them, each distinct time once."""

    MOST_KEPT = 1 << 17
    """More than a night has seconds."""

    def __init__(self, local: Callable[[datetime], datetime]) -> None:
        self._local = local
        self._written = Memo(self._write)

    def write(self, column: Sequence[datetime | None]) -> Iterable[str]:
        """Date and time of each, or that there is none."""
        if len(self._written) > self.MOST_KEPT:
            self._written.clear()
        return map(self._written.__getitem__, tokens(column))

    def _write(self, written: str) -> str:
        if written == NOTHING:
            return NOT_APPLICABLE
        local = self._local(msgspec.json.decode(written, type=datetime))
        date = f"{local.day:02}/{local.month:02}/{local.year:04}"
        return f"{date} {local.hour:02}:{local.minute:02}:{local.second:02}"
