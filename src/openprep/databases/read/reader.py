"""Reading an official database of any known dialect: see ``docs/databases.md``."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from openprep.databases import words
from openprep.databases.codes import DatabaseCode
from openprep.databases.findings import Findings
from openprep.databases.limits import DEFAULT_LIMITS, Limits
from openprep.databases.names import Field
from openprep.databases.read.database import Database, Dialect, KeyStyle
from openprep.databases.read.layout import (
    ColumnRow,
    Layout,
    are_column_names,
    find_column_row,
    lay_out,
    read_sheet,
)
from openprep.databases.read.not_rows import set_apart
from openprep.databases.read.preamble import read_preamble
from openprep.databases.read.sheet import Sheet
from openprep.databases.read.text import Text, decode, read_bytes, without_quotes_of_lines
from openprep.databases.read.vote_block import settle


def read_database(
    source: Path | bytes,
    limits: Limits = DEFAULT_LIMITS,
    name: str = "",
) -> Database:
    """The database in the file or bytes ``source``; ``name`` is for messages.

    Nothing is half-read: the whole file is taken in or refused. Every original cell is kept; no
    number is repaired.

    Raises:
        UnreadableDatabase: with the code and the reason of the refusal.
    """
    findings = Findings(limits.places)
    text = without_quotes_of_lines(decode(read_bytes(source, limits), findings), findings)
    row = find_column_row(text.content, limits, are_column_names)
    layout = lay_out(row, findings)
    first_line = row.line - len(row.before)
    preamble = read_preamble(row.before, first_line, row.delimiter, findings)
    sheet = read_sheet(text.content, row, limits, findings)
    set_apart(sheet, layout, findings)
    layout = settle(layout, sheet)
    _note_cells(sheet, row, findings)
    return Database(
        name=name or (source.name if isinstance(source, Path) else ""),
        preamble=preamble,
        layout=layout,
        dialect=_dialect(text, row, sheet, layout),
        sheet=sheet,
        findings=findings.found(),
    )


_Test: TypeAlias = Callable[[str], bool]
_CELLS: tuple[tuple[DatabaseCode, _Test, _Test], ...] = (
    (DatabaseCode.FORMULA_CELL, words.is_formula, lambda text: "=" in text),
    (DatabaseCode.INVISIBLE_CHARACTER, words.has_unseen, lambda text: not text.isascii()),
    (
        DatabaseCode.LETTERS_SPOILED,
        words.is_spoiled,
        lambda text: not text.isascii() or "?" in text,
    ),
)
"""What is noted of cells; whether one is so; and whether one in a whole column may be."""


def _note_cells(sheet: Sheet, row: ColumnRow, findings: Findings) -> None:
    """Note how cells were kept from spreadsheets or spoiled by editors, each kind once."""
    for name, column in zip(row.names, sheet.columns, strict=True):
        whole = "".join(column)
        for code, is_so, may_be in _CELLS:
            found = {cell for cell in set(column) if is_so(cell)} if may_be(whole) else ()
            for line, cell in zip(sheet.lines, column, strict=True) if found else ():
                if cell in found:
                    findings.note(code, line, name, cell)
    for line, text in enumerate([*row.before, *row.names], row.line - len(row.before)):
        for code, is_so, _ in _CELLS[1:]:
            if is_so(text):
                findings.note(code, min(line, row.line), value=text)


def _dialect(text: Text, row: ColumnRow, sheet: Sheet, layout: Layout) -> Dialect:
    keys = layout.fields.get(Field.CLAVE_ACTA, layout.fields.get(Field.CLAVE_CASILLA))
    return Dialect(
        encoding=text.encoding,
        line_end=text.line_end,
        delimiter=row.delimiter,
        sep_line=row.sep_line,
        quoted='"' in text.content,
        column_line=row.line,
        key_style=_key_style(sheet.columns[keys][:1]) if keys is not None else KeyStyle.BARE,
        trailing_delimiter=sheet.trailing_delimiter,
    )


def _key_style(first: Sequence[str]) -> KeyStyle:
    if not first or not first[0].startswith("'"):
        return KeyStyle.BARE
    return KeyStyle.WRAPPED if first[0].endswith("'") else KeyStyle.PREFIXED
