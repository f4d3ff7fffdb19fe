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

_encode = msgspec.json.Encoder().encode
NOTHING = "null"
ASIS: Mapping[str, str] = {}

Word = TypeVar("Word", bound=Enum)


def tokens(column: Sequence[object]) -> list[str]:
    """Each value of a column in JSON: of counts, times, or words without a comma."""
    return _encode(column)[1:-1].decode().split(",") if column else []


def rows(of: Sequence[Sequence[object]], words: Mapping[str, str] = ASIS) -> list[str]:
    """As :func:`tokens`, each row's values between commas, in ``words`` what these have.

    A row has a value at least.
    """
    text = _encode(of).decode()
    if '"' in text:
        for token, word in words.items():
            text = text.replace(token, word)
    return text[2:-2].split("],[") if of else []


def vocabulary(words: Mapping[Word, str]) -> Mapping[str, str]:
    """As what the token of each member is written."""
    return {_encode(member).decode(): word for member, word in words.items()}


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
