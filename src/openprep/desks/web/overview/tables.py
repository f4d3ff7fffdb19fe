"""A table of the coordinador's desk, shown in a page or taken away as a file: the same rows."""

import csv
import io
from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple, TypeAlias

from openprep.spreadsheets import as_text

Cell: TypeAlias = str | int | float | None
"""What stands in a table; ``None`` where there is nothing to say."""


class Shown(Enum):
    """How a page shows the cells of a column."""

    TEXT = "text"
    COUNT = "count"
    SECONDS = "seconds"
    SHARE = "share"
    CONTEST = "contest"
    WORDS = "words"
    """By the text whose key is the column's ``words`` and the cell."""


class Column(NamedTuple):
    """A column: its name in files, and how a page shows it."""

    name: str
    shown: Shown = Shown.COUNT
    words: str = ""


class Table(NamedTuple):
    """A table: its name in addresses, its columns, and its rows; the first cell heads its row."""

    name: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell, ...]]

    def number(self, row: tuple[Cell, ...], column: str) -> int:
        """The count or seconds of a row in a column, by its name; 0 where there is nothing."""
        cell = row[[one.name for one in self.columns].index(column)]
        return cell if isinstance(cell, int) else 0


def share(part: int, whole: int) -> float | None:
    """A part of a whole, to four digits; ``None`` of nothing."""
    return round(part / whole, 4) if whole else None


def as_csv(table: Table) -> str:
    """A table as CSV (RFC 4180), with the names that files and status pages use."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow([column.name for column in table.columns])
    rows.writerows(
        [as_text(cell) if isinstance(cell, str) else cell for cell in row] for row in table.rows
    )
    return out.getvalue()


def clock_of(seconds: int) -> str:
    """Seconds as a person reads them: 45 s, 12:05, 3:07:00."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours}:{minutes:02}:{left:02}"
    return f"{minutes}:{left:02}" if minutes else f"{left} s"
