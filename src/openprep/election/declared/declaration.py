"""Reading declared files with the line of everything: TOML tables and CSV rows."""

import csv
import gzip
import io
import lzma
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from openprep.bounded import TooMany, whole_stream
from openprep.coded import Text, said
from openprep.election.declared.identifiers import LONGEST_TEXT, trouble_with_id, unseen_in
from openprep.election.declared.mistakes import FolderCode, Mistakes

MAX_FILE_BYTES = 256 * 1024 * 1024
"""Largest declared file, decompressed: a national catalogue takes about a tenth of it."""

_OPENERS: Mapping[str, Callable[[Path], BinaryIO]] = {
    "": lambda path: path.open("rb"),
    ".gz": lambda path: cast("BinaryIO", gzip.GzipFile(path)),
    ".xz": lambda path: cast("BinaryIO", lzma.LZMAFile(path)),  # noqa: SIM115 - read_text closes it
}
YEARS = range(1990, 2201)
"""Years of any PREP."""
LONGEST_CELL = 8_192
"""Characters of a cell: a candidacy of a large coalition names hundreds of columns."""
_HEADER = re.compile(r"^\s*(\[\[?)\s*([\w.-]+)\s*\]\]?")
_KEY = re.compile(r"^\s*([\w-]+)\s*=")

Member = TypeVar("Member", bound=Enum)
Value = TypeVar("Value")


def read_text(folder: Path, name: str, mistakes: Mistakes) -> str | None:
    """Text of ``name`` in ``folder``, also as ``name.gz`` or ``name.xz``; ``None`` if it cannot."""
    for suffix, opener in _OPENERS.items():
        path = folder / (name + suffix)
        if not path.is_file():
            continue
        try:
            with opener(path) as stream:
                return _decoded(whole_stream(stream, MAX_FILE_BYTES), name, mistakes)
        except TooMany:
            text = said("over {most} bytes", most=MAX_FILE_BYTES)
            mistakes.add(FolderCode.UNREADABLE, name, None, text)
        except (OSError, EOFError, lzma.LZMAError) as error:
            text = said("cannot be read: {error}", error=error)
            mistakes.add(FolderCode.MISSING_FILE, name, None, text)
        return None
    mistakes.add(FolderCode.MISSING_FILE, name, None, _missing(folder, name))
    return None


OTHER_FORMATS = (
    (b"PK\x03\x04", said("an Excel or OpenDocument sheet")),
    (b"\xd0\xcf\x11\xe0", said("an old Excel sheet")),
    (b"\xff\xfe", said("text in UTF-16")),
    (b"\xfe\xff", said("text in UTF-16")),
    (b"{\\rtf", said("a text with format (RTF)")),
    (b"%PDF", said("a PDF")),
)
"""What programs save under the name of a CSV, by their first bytes."""


def _decoded(data: bytes, name: str, mistakes: Mistakes) -> str | None:
    for magic, what in OTHER_FORMATS:
        if data.startswith(magic):
            wanted = said("CSV UTF-8" if name.endswith(".csv") else "plain text in UTF-8")
            reason = said(
                "this is {what}, whatever its name: save it as {wanted}", what=what, wanted=wanted
            )
            mistakes.add(FolderCode.ANOTHER_FORMAT, name, None, reason)
            return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        reason = said("not UTF-8: it looks like the Latin-1 of a spreadsheet; save it as CSV UTF-8")
        mistakes.add(FolderCode.UNREADABLE, name, line, reason)
        return None
    if "\r" in text and "\n" not in text:
        reason = said("lines end in CR alone, as old Macs end them: end them in LF")
        mistakes.add(FolderCode.ANOTHER_FORMAT, name, None, reason)
        return None
    position = unseen_in(text)
    if position is not None:
        line = text.count("\n", 0, position) + 1
        reason = said(
            "the character U+{character:04X} stands there, and nobody sees it",
            character=ord(text[position]),
        )
        mistakes.add(FolderCode.UNSEEN_CHARACTER, name, line, reason)
    return text


def _missing(folder: Path, name: str) -> Text:
    """What is said of a file that is not there: what stands in its place, if anything does."""
    if (folder / name).is_dir():
        return said("this is a folder, not a file")
    stem = name.removesuffix(".csv")
    others = sorted(path.name for path in (folder / name).parent.glob(f"{Path(stem).name}.*"))
    if not others:
        return said("missing")
    return said(
        "missing; there is {others}: call it {name}"
        if name.endswith(".toml")
        else "missing; there is {others}: save it as CSV UTF-8, and call it {name}",
        others=", ".join(others),
        name=Path(name).name,
    )


@dataclass
class Table:
    """A TOML table whose values are taken one by one; what is left over is unknown."""

    file: str
    name: str
    values: dict[str, Any]
    lines: Mapping[str, int]
    line: int | None
    mistakes: Mistakes
    taken: set[str] = field(default_factory=set)

    def note(self, code: FolderCode, key: str | None, reason: Text) -> None:
        """Note a mistake at the line of ``key``, or of the table."""
        line = self.lines.get(key, self.line) if key else self.line
        self.mistakes.add(code, self.file, line, reason)

    def _take(self, key: str, kind: type[Value], wanted: Text) -> Value | None:
        self.taken.add(key)
        if key not in self.values:
            reason = said(
                "[{table}] needs {key} ({wanted})", table=self.name, key=key, wanted=wanted
            )
            self.note(FolderCode.MISSING_KEY, None, reason)
            return None
        value = self.values[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            reason = said(
                "{key} must be {wanted}, not {value!r}", key=key, wanted=wanted, value=value
            )
            self.note(FolderCode.WRONG_VALUE, key, reason)
            return None
        return value

    def text(self, key: str) -> str:
        """A string that is not blank."""
        value = self._take(key, str, said("a text"))
        if value is not None and not value.strip():
            self.note(FolderCode.WRONG_VALUE, key, said("{key} must not be blank", key=key))
        self._check_seen(key, value or "")
        return value or ""

    def _check_seen(self, key: str, text: str) -> None:
        if unseen_in(text) is not None or "\n" in text or "\t" in text:
            reason = said("{key} has a character that nobody sees", key=key)
            self.note(FolderCode.UNSEEN_CHARACTER, key, reason)
        if len(text) > LONGEST_TEXT:
            reason = said("{key} is over {most} characters", key=key, most=LONGEST_TEXT)
            self.note(FolderCode.WRONG_VALUE, key, reason)

    def identifier(self, key: str, trouble: Callable[[str], Text | None] = trouble_with_id) -> str:
        """A text that may be part of an address; ``?`` in place of one that may not."""
        value = self.text(key)
        reason = trouble(value) if value.strip() else None
        if reason is None:
            return value
        self.note(FolderCode.UNSAFE_ID, key, reason)
        return "?"

    def flag(self, key: str) -> bool:
        """``true`` or ``false``."""
        return bool(self._take(key, bool, said("true or false")))

    def integer(self, key: str, least: int, most: int) -> int:
        """An integer within bounds."""
        wanted = said("a whole number from {least} to {most}", least=least, most=most)
        value = self._take(key, int, wanted)
        if value is not None and not least <= value <= most:
            reason = said(
                "{key} must be {wanted}, not {value}", key=key, wanted=wanted, value=value
            )
            self.note(FolderCode.WRONG_VALUE, key, reason)
            return least
        return value if value is not None else least

    def moment(self, key: str) -> datetime | None:
        """A date and time with its offset."""
        value = self._take(key, datetime, said("a date and time with offset"))
        if value is not None and value.tzinfo is None:
            reason = said("{key} needs its offset from UTC (as -06:00)", key=key)
            self.note(FolderCode.WRONG_VALUE, key, reason)
            return None
        if value is not None and value.year not in YEARS:
            reason = said(
                "{key} must be of a year from {first} to {last}, not {year}",
                key=key,
                first=YEARS[0],
                last=YEARS[-1],
                year=value.year,
            )
            self.note(FolderCode.WRONG_VALUE, key, reason)
            return None
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings."""
        value = self._take(key, list, said("a list of texts"))
        if value is None or not all(isinstance(item, str) for item in value):
            if value is not None:
                reason = said("{key} must be a list of texts", key=key)
                self.note(FolderCode.WRONG_VALUE, key, reason)
            return ()
        for item in value:
            self._check_seen(key, item)
        return tuple(value)

    def member(self, key: str, members: type[Member]) -> Member | None:
        """One of an enum's values."""
        value = self._take(key, str, said("one of {values}", values=_values(members)))
        return None if value is None else self._member(key, value, members)

    def members(self, key: str, members: type[Member]) -> tuple[Member, ...]:
        """A list of an enum's values."""
        found = (self._member(key, text, members) for text in self.texts(key))
        return tuple(member for member in found if member is not None)

    def _member(self, key: str, value: str, members: type[Member]) -> Member | None:
        try:
            return members(value)
        except ValueError:
            reason = said(
                "{key} must be of {values}, not {value!r}",
                key=key,
                values=_values(members),
                value=value,
            )
            self.note(FolderCode.WRONG_VALUE, key, reason)
            return None

    def optional_integer(self, key: str, least: int, most: int) -> int | None:
        """As :meth:`integer`; ``None`` where the key is left out."""
        return self.integer(key, least, most) if key in self.values else None

    def optional_member(self, key: str, members: type[Member]) -> Member | None:
        """As :meth:`member`; ``None`` where the key is left out."""
        return self.member(key, members) if key in self.values else None

    def no_more(self) -> None:
        """Note every key that nobody asked for."""
        for key in self.values.keys() - self.taken:
            reason = said("[{table}] has no key {key}", table=self.name, key=key)
            self.note(FolderCode.UNKNOWN_KEY, key, reason)


def _values(members: type[Enum]) -> str:
    return ", ".join(str(member.value) for member in members)


class TomlFile:
    """A TOML file and the line of every key, counting tables of an array in order."""

    def __init__(self, file: str, text: str, mistakes: Mistakes) -> None:
        self.file = file
        self.mistakes = mistakes
        self.root: dict[str, Any] = {}
        try:
            self.root = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"line (\d+)", str(error))
            line = int(found[1]) if found else None
            reason = said("not valid TOML: {error}", error=error)
            mistakes.add(FolderCode.UNREADABLE, file, line, reason)
        self._headers: dict[tuple[str, int], int] = {}
        self._keys: dict[tuple[str, int], dict[str, int]] = {}
        self._scan(text)

    def _scan(self, text: str) -> None:
        counts: dict[str, int] = {}
        here = ("", 0)
        for number, line in enumerate(text.splitlines(), 1):
            if header := _HEADER.match(line):
                name = header[2]
                counts[name] = counts.get(name, -1) + 1
                here = (name, counts[name])
                self._headers[here] = number
            elif key := _KEY.match(line):
                self._keys.setdefault(here, {}).setdefault(key[1], number)

    def table(self, name: str) -> Table:
        """The table ``[name]``; a missing one is noted and reads as empty."""
        values = self.root.get(name)
        if not isinstance(values, dict):
            reason = said("needs a table [{table}]", table=name)
            self.mistakes.add(FolderCode.MISSING_KEY, self.file, None, reason)
            values = {}
        return self._table(name, 0, values)

    def tables(self, name: str) -> list[Table]:
        """The tables ``[[name]]``, at least one."""
        values = self.root.get(name)
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            reason = said("needs at least one [[{table}]]", table=name)
            self.mistakes.add(FolderCode.MISSING_KEY, self.file, None, reason)
            return []
        return [self._table(name, index, value) for index, value in enumerate(values)]

    def optional_inner(self, outer: Table, key: str, index: int) -> Table | None:
        """As :meth:`inner`; ``None`` where the table is left out."""
        return self.inner(outer, key, index) if key in outer.values else None

    def inner(self, outer: Table, key: str, index: int) -> Table:
        """The table ``[outer.key]`` of the ``index``-th ``[[outer]]``."""
        outer.taken.add(key)
        values = outer.values.get(key)
        if not isinstance(values, dict):
            reason = said("needs a table [{outer}.{key}]", outer=outer.name, key=key)
            outer.note(FolderCode.MISSING_KEY, None, reason)
            values = {}
        return self._table(f"{outer.name}.{key}", index, values)

    def _table(self, name: str, index: int, values: dict[str, Any]) -> Table:
        here = (name, index)
        lines = self._keys.get(here, {})
        return Table(self.file, name, values, lines, self._headers.get(here), self.mistakes)

    def no_more(self, names: set[str]) -> None:
        """Note every table that nobody asked for."""
        for name in self.root.keys() - names:
            line = self._headers.get((name, 0)) or self._keys.get(("", 0), {}).get(name)
            reason = said("no table [{table}] here", table=name)
            self.mistakes.add(FolderCode.UNKNOWN_KEY, self.file, line, reason)


@cache
def _by_value(members: type[Enum]) -> dict[str, Any]:
    return {str(member.value): member for member in members}


@dataclass(frozen=True, slots=True)
class Row:
    """One CSV row: its cells by column name, and its line."""

    file: str
    line: int
    cells: Mapping[str, str]
    mistakes: Mistakes

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def note(self, code: FolderCode, reason: Text) -> None:
        """Note a mistake in this row."""
        self.mistakes.add(code, self.file, self.line, reason)

    def integer(self, column: str, least: int, most: int) -> int:
        """A cell that holds a whole number within bounds."""
        text = self.cells[column]
        if text.isascii() and text.isdigit() and least <= int(text) <= most:
            return int(text)
        reason = said(
            "{column} must be a whole number from {least} to {most}, not {text!r}",
            column=column,
            least=least,
            most=most,
            text=text,
        )
        self.note(FolderCode.WRONG_VALUE, reason)
        return least

    def member(self, column: str, members: type[Member]) -> Member | None:
        """A cell that holds one of an enum's values."""
        text = self.cells[column]
        found: Member | None = _by_value(members).get(text)
        if found is not None:
            return found
        reason = said(
            "{column} must be one of {values}, not {text!r}",
            column=column,
            values=_values(members),
            text=text,
        )
        self.note(FolderCode.WRONG_VALUE, reason)
        return None


def read_rows(folder: Path, file: str, columns: Sequence[str], mistakes: Mistakes) -> Iterator[Row]:
    """Rows of a CSV whose header must be exactly ``columns``; rows that do not fit are noted."""
    text = read_text(folder, file, mistakes)
    if text is None:
        return
    reader = csv.reader(io.StringIO(text), strict=True)
    begins, empty = 1, True
    try:
        header = next(reader, [])
        if header != list(columns):
            _refuse_header(file, text, columns, mistakes)
            return
        begins = reader.line_num + 1
        for cells in reader:
            begins, empty = reader.line_num + 1, False
            if len(cells) == len(columns):
                _check_cells(file, reader.line_num, cells, mistakes)
                yield Row(file, reader.line_num, dict(zip(columns, cells, strict=True)), mistakes)
            else:
                _note_width(file, reader.line_num, len(cells), len(columns), mistakes)
    except csv.Error as error:
        reason = said("not valid CSV: {error}", error=error)
        mistakes.add(FolderCode.UNREADABLE, file, begins, reason)
    else:
        if empty:
            reason = said("it has no row below its columns' names")
            mistakes.add(FolderCode.BROKEN_RULE, file, None, reason)
            mistakes.distrust(file)


def _note_width(file: str, line: int, cells: int, columns: int, mistakes: Mistakes) -> None:
    wrong = said("{cells} cells, not {columns}", cells=cells, columns=columns)
    mistakes.add(FolderCode.WRONG_ROW, file, line, wrong if cells else said("a blank line"))


_DELIMITERS = (
    (";", said("semicolons (;)")),
    ("\t", said("tabs ()")),
    ("|", said("bars (|)")),
)
"""What parts cells where commas should, and what it is called."""


def _refuse_header(file: str, text: str, columns: Sequence[str], mistakes: Mistakes) -> None:
    first = text.partition("\n")[0].rstrip("\r")
    for delimiter, name in _DELIMITERS:
        cells = [cell.strip('" ') for cell in first.split(delimiter)]
        if cells == list(columns):
            reason = said(
                "cells are parted by {name}, as a spreadsheet in Spanish writes them: "
                "part them by commas",
                name=name,
            )
            mistakes.add(FolderCode.ANOTHER_FORMAT, file, 1, reason)
            return
    reason = said(
        "the columns must be {columns}, not {first!r}", columns=",".join(columns), first=first[:200]
    )
    mistakes.add(FolderCode.WRONG_HEADER, file, 1, reason)


def _check_cells(file: str, line: int, cells: Sequence[str], mistakes: Mistakes) -> None:
    """Cells are one line each, and no longer than any name is."""
    if not any(cells):
        mistakes.add(FolderCode.WRONG_ROW, file, line, said("a row of nothing but commas"))
    for cell in cells:
        if len(cell) > LONGEST_CELL:
            reason = said("over {most} characters", most=LONGEST_CELL)
            mistakes.add(FolderCode.WRONG_VALUE, file, line, reason)
        elif not cell.isprintable() and any(mark in cell for mark in "\r\n\t"):
            reason = said("a cell has a tab or an end of line in it")
            mistakes.add(FolderCode.UNSEEN_CHARACTER, file, line, reason)
