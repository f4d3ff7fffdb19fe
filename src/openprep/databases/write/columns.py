"""Columns of facts as the words of a database, in bulk.

msgspec writes a column, or the figures of many rows, as one JSON array: in C, with every word that
is no count in quotes. What it writes is taken apart at its commas, and its words are put into the
wording of the file.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from openprep.databases.words import Memo
from openprep.databases.write.cells import NOT_APPLICABLE
from openprep.election import FieldState, VoteField

_encode = msgspec.json.Encoder().encode
_decode_counts = msgspec.json.Decoder(list[list[int]]).decode
NOTHING = "null"


def tokens(column: Sequence[object]) -> list[str]:
    """Each value of a column in JSON: of counts, times, or words without a comma."""
    return _encode(column)[1:-1].decode().split(",") if column else []


def token(value: object) -> str:
    """One value in JSON."""
    return _encode(value).decode()


def rows(of: Sequence[Sequence[object]]) -> list[str]:
    """The values of each row in JSON, between commas; a row has one at least."""
    return taken_apart(_encode(of).decode())


class Figures:
    """Writes the figures of rows: counts, and the words where there is none."""

    def __init__(self, states: Mapping[FieldState, str]) -> None:
        self._words = {token(state): word for state, word in states.items()}

    def column(self, figures: Sequence[VoteField]) -> list[str]:
        """Each of these figures."""
        return [_replaced(each, self._words) for each in tokens(figures)]

    def rows(self, rows: Sequence[Sequence[VoteField]]) -> list[str]:
        """The figures of each row, between commas; a row has one at least."""
        return taken_apart(_replaced(_encode(rows).decode(), self._words))

    def votes(self, rows: Sequence[Sequence[VoteField]]) -> tuple[list[str], list[int]]:
        """As :meth:`rows`, and what :func:`openprep.election.calculated_total` gives of each."""
        text = _encode(rows).decode()
        counts = _decode_counts(_replaced(text, _ZEROS))
        return taken_apart(_replaced(text, self._words)), list(map(sum, counts))


_ZEROS = dict.fromkeys(map(token, FieldState), "0")


def taken_apart(rows: str) -> list[str]:
    """What stands in each array of an array in JSON."""
    return rows[2:-2].split("],[") if len(rows) > 2 else []


def _replaced(text: str, words: Mapping[str, str]) -> str:
    if '"' in text:
        for word, other in words.items():
            text = text.replace(word, other)
    return text


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
