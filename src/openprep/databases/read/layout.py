"""Where things stand in an official file, found by content: nothing is trusted to a line number."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from openprep.databases.codes import DatabaseCode, UnreadableDatabase
from openprep.databases.findings import Findings
from openprep.databases.limits import Limits
from openprep.databases.names import (
    Field,
    field_of,
    is_national,
    is_null_or_unregistered,
    is_unnamed,
    plain,
    unique,
    vote_names,
)
from openprep.databases.read.sheet import DELIMITERS, Sheet, SheetReader, split_line

_SEPARATOR = re.compile(r'sep ?= ?(.)["\s,;|]*\Z', re.IGNORECASE)
NameTest: TypeAlias = Callable[[Sequence[str]], bool]
"""What tells column names from any other line."""

MOST_NAMES = 1_000
"""Cells of a line that are looked at for names: no file has more columns."""
LEAST_KNOWN_NAMES = 5
"""Names of the norm that make a line the row of column names."""

SHARE_FROM = 16 * 1024 * 1024
"""Characters of a file from which equal cells are kept once."""

_BEFORE_VOTES = (
    Field.TAKEN,
    Field.PEOPLE,
    Field.REPRESENTATIVES_VOTED,
    Field.SURPLUS,
    Field.TIPO_ACTA,
    Field.LOCATION,
    Field.EXTENSION,
    Field.KIND,
    Field.NUMBER,
    Field.SECCION,
)
_AFTER_VOTES = (
    Field.WRITTEN,
    Field.CALCULATED,
    Field.LISTA_NOMINAL,
    Field.REPRESENTATIVES,
    Field.OBSERVATIONS,
    Field.COUNTED,
)
REQUIRED = (
    Field.CLAVE_CASILLA,
    Field.CLAVE_ACTA,
    Field.SECCION,
    Field.NUMBER,
    Field.KIND,
    Field.EXTENSION,
    Field.TIPO_ACTA,
    Field.WRITTEN,
    Field.CALCULATED,
    Field.LISTA_NOMINAL,
    Field.OBSERVATIONS,
    Field.COUNTED,
    Field.HASH,
    Field.RECEIVED,
    Field.CAPTURED,
    Field.VERIFIED,
    Field.ORIGIN,
    Field.DIGITIZATION,
    Field.DOCUMENT,
)


@dataclass(frozen=True)
class ColumnRow:
    """The row of column names: its line number, where the next line begins, how it is cut."""

    line: int
    names: tuple[str, ...]
    delimiter: str
    next_position: int
    before: tuple[str, ...]
    """The lines above it, as they stand, without ``sep=``."""
    sep_line: bool
    height: int = 1
    """Lines that it takes, where names in quotes are broken over several."""


@dataclass(frozen=True)
class Doubtful:
    """A column among the votes that nobody knows: how it was read, and by what."""

    index: int
    votes: bool
    by_totals: bool
    """Whether the totals of the rows say so; if not, its place among the others does."""


@dataclass(frozen=True)
class Layout:
    """Which column holds what."""

    names: tuple[str, ...]
    fields: dict[Field, int]
    votes: tuple[int, ...]
    vote_names: tuple[str, ...]
    """Vote columns in the spelling of 2024, unique."""
    doubtful: tuple[Doubtful, ...] = ()
    """Columns among the votes that nobody knows."""


def find_column_row(text: str, limits: Limits, known: NameTest) -> ColumnRow:
    """The first line whose cells are column names by ``known``.

    Raises:
        UnreadableDatabase: there is none, or it has more columns than ``limits`` allow.
    """
    before: list[str] = []
    declared: str | None = None
    for line, (content, after) in enumerate(islice(_lines(text), limits.preamble_lines), 1):
        if len(content) > limits.line_chars:
            _refuse_wide(content, line, limits)
        separator = _SEPARATOR.match(content.lstrip(' \t"'))
        if separator and not before:
            declared = separator[1]
            continue
        whole = _over_lines(text, after - len(content) - 1, limits)
        delimiter = _delimiter(whole, declared, known)
        if delimiter is None:
            before.append(content)
            continue
        names = split_line(whole, delimiter)
        if len(names) > limits.columns:
            _refuse_wide(whole, line, limits)
        return ColumnRow(
            line=line,
            names=tuple(names),
            delimiter=delimiter,
            next_position=after + len(whole) - len(content),
            before=tuple(before),
            sep_line=declared is not None,
            height=1 + whole.count("\n"),
        )
    raise UnreadableDatabase(DatabaseCode.NO_COLUMN_ROW)


def are_column_names(cells: Sequence[str]) -> bool:
    """Whether ``cells`` are the column names of a database: enough names of the norm."""
    some = list(dict.fromkeys(cells))[:MOST_NAMES]
    known = {field_of(cell) for cell in some} - {None, Field.KNOWN_OTHER}
    votes = any(is_null_or_unregistered(cell) for cell in some)
    return len(known) + votes >= LEAST_KNOWN_NAMES


def _lines(text: str) -> Iterator[tuple[str, int]]:
    position = 0
    while position < len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        yield text[position:end], end + 1
        position = end + 1


def _over_lines(text: str, start: int, limits: Limits) -> str:
    """The line at ``start``, with those after it that a quote which it opens goes on over."""
    end = text.find("\n", start)
    while end >= 0 and end - start < limits.line_chars and text.count('"', start, end) % 2:
        end = text.find("\n", end + 1)
    return text[start : end if end >= 0 else len(text)]


def _delimiter(content: str, declared: str | None, known: NameTest) -> str | None:
    candidates = (declared, *DELIMITERS) if declared else DELIMITERS
    for delimiter in candidates:
        if delimiter in content and known(split_line(content, delimiter)):
            return delimiter
    return None


def _refuse_wide(content: str, line: int, limits: Limits) -> None:
    columns = max(content.count(delimiter) for delimiter in DELIMITERS) + 1
    if columns > limits.columns:
        raise UnreadableDatabase(
            DatabaseCode.TOO_MANY_COLUMNS,
            "{columns} columns, at most {limit}",
            line=line,
            columns=columns,
            limit=limits.columns,
        )
    raise UnreadableDatabase(DatabaseCode.FIELD_TOO_LONG, line=line)


def lay_out(row: ColumnRow, findings: Findings) -> Layout:
    """Which column of ``row`` holds what; departures are noted.

    Raises:
        UnreadableDatabase: there is no column of votes.
    """
    kinds = [field_of(name) for name in row.names]
    start, stop = _vote_block(row.names, kinds)
    votes = tuple(
        index for index in range(start, stop) if kinds[index] is None and _named(row, index)
    )
    if not votes:
        raise UnreadableDatabase(DatabaseCode.NO_VOTE_COLUMN, line=row.line)
    fields: dict[Field, int] = {}
    official = [
        f is not None and plain(n) == f.value for n, f in zip(row.names, kinds, strict=True)
    ]
    for index in sorted(range(len(kinds)), key=lambda candidate: not official[candidate]):
        if (field := kinds[index]) is not None:
            fields.setdefault(field, index)
    _note_names(row, kinds, votes, fields, findings)
    named = unique(vote_names(row.names[index] for index in votes))
    return Layout(row.names, fields, votes, tuple(named))


def _named(row: ColumnRow, index: int) -> bool:
    return not is_unnamed(row.names[index])


def _vote_block(names: Sequence[str], kinds: Sequence[Field | None]) -> tuple[int, int]:
    """From after the last count of ballots and people to the first total after them."""
    last_vote = max(
        (index for index, name in enumerate(names) if is_null_or_unregistered(name)), default=None
    )
    after = [index for index, field in enumerate(kinds) if field in _AFTER_VOTES]
    if last_vote is not None:
        stop = next((index for index in after if index > last_vote), last_vote + 1)
    elif after:
        stop = min(after)
    else:
        return 0, 0
    first = next((i for i, name in enumerate(names) if not kinds[i] and is_national(name)), stop)
    end = min(first, stop if last_vote is None else last_vote)
    before = [index for index in range(end) if kinds[index] in _BEFORE_VOTES]
    return (max(before) + 1 if before else 0), stop


def _note_names(
    row: ColumnRow,
    kinds: Sequence[Field | None],
    votes: Sequence[int],
    fields: dict[Field, int],
    findings: Findings,
) -> None:
    seen: set[str] = set()
    for index, name in enumerate(row.names):
        if name in seen and _named(row, index):
            findings.note(DatabaseCode.DUPLICATE_COLUMN, row.line, name)
        seen.add(name)
        if kinds[index] is None and index not in votes:
            unnamed = is_unnamed(name)
            code = DatabaseCode.UNNAMED_COLUMN if unnamed else DatabaseCode.UNKNOWN_COLUMN
            findings.note(code, row.line, name)
    for field in REQUIRED:
        if field not in fields:
            findings.note(DatabaseCode.MISSING_COLUMN, row.line, field.value)


def read_sheet(text: str, row: ColumnRow, limits: Limits, findings: Findings) -> Sheet:
    """The rows below ``row``.

    Raises:
        UnreadableDatabase: a bound was passed, or the text ends in the middle of a row.
    """
    if row.next_position > len(text):
        raise UnreadableDatabase(
            DatabaseCode.TRUNCATED, "nothing after the column names", line=row.line
        )
    share = len(text) > SHARE_FROM
    reader = SheetReader(row.delimiter, len(row.names), limits, findings, share)
    return reader.read(text, row.next_position, row.line + row.height)
