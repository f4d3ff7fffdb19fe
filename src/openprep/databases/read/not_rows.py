"""Lines among the rows that are no acta: totals, notes, and the column names once more.

Copies of official files have them, padded to the width of a row. An acta names its casilla, or says
that it is out of the catalogue; a sum has no image, no time and no observation.
"""

from collections.abc import Sequence

from openprep.coded import said
from openprep.databases import words
from openprep.databases.codes import DatabaseCode, UnreadableDatabase
from openprep.databases.findings import Findings
from openprep.databases.names import Field, plain
from openprep.databases.read.layout import Layout, are_column_names
from openprep.databases.read.preamble import are_figure_names
from openprep.databases.read.sheet import Sheet
from openprep.election import Counting

_KEYS = (Field.CLAVE_CASILLA, Field.CLAVE_ACTA)
_NAMES = (*_KEYS, Field.KIND, Field.NUMBER)
LONGEST_NUMBER = 4
"""Characters of a casilla's kind and number, as ``B1`` or ``C012``: a name is longer."""
FEWEST_CELLS = 3
"""A line with fewer cells that say something is a note, whatever its width."""


def set_apart(sheet: Sheet, layout: Layout, findings: Findings) -> None:
    """Take the lines that are no actas out of the rows of ``sheet``, and note them.

    Raises:
        UnreadableDatabase: another database begins at one of them.
    """
    for line, cells in sheet.loose:
        _refuse_another(line, cells, layout)
    apart = [index for index in _nameless(sheet, layout) if _is_no_row(sheet, layout, index)]
    if not apart:
        return
    for index in apart:
        cells = tuple(column[index] for column in sheet.columns)
        value = ", ".join(cell for cell in cells if words.as_seen(cell))
        if value:
            sheet.loose.append((sheet.lines[index], cells))
            findings.note(DatabaseCode.NOT_A_ROW, sheet.lines[index], value=value)
    gone = set(apart)
    for column in sheet.columns:
        column[:] = [cell for index, cell in enumerate(column) if index not in gone]
    sheet.lines[:] = [line for index, line in enumerate(sheet.lines) if index not in gone]


def _refuse_another(line: int, cells: Sequence[str], layout: Layout) -> None:
    """Refuse a second header, and column names in another order: two files were joined."""
    if _has_numbers(cells):
        return
    told = [(plain(cell), plain(name)) for cell, name in zip(cells, layout.names, strict=False)]
    other = any(cell and cell != name for cell, name in told) and are_column_names(cells)
    if other or are_figure_names(cells):
        found = said("other column names stand there" if other else "another header stands there")
        raise UnreadableDatabase(DatabaseCode.SEVERAL, "{found}", line=line, found=found)


def _has_numbers(cells: Sequence[str]) -> bool:
    """Whether a cell is a number: then they are no names, which take longer to tell."""
    return any(cell.strip("'\" ").isdigit() for cell in cells)


def _nameless(sheet: Sheet, layout: Layout) -> Sequence[int]:
    """Rows that name no casilla: few in any file, so that only these are looked at closely."""
    index = layout.fields.get(Field.KIND)
    if index is None:
        return range(len(sheet))
    memo: words.Memo[str, bool] = words.Memo(lambda cell: words.casilla_kind(cell) is not None)
    return [row for row, cell in enumerate(sheet.columns[index]) if not memo[cell]]


def _is_no_row(sheet: Sheet, layout: Layout, row: int) -> bool:
    cells = [column[row] for column in sheet.columns]
    if not any(cells):
        return True
    if _names_casilla(cells, layout):
        return False
    _refuse_another(sheet.lines[row], cells, layout)
    saying = [cell for cell in cells if words.spoken(cell) not in words.NOTHING]
    if len(saying) < FEWEST_CELLS or (not _has_numbers(cells) and are_column_names(cells)):
        return True
    labelled = any(words.NOTE.match(words.spoken(cell)) for cell in saying)
    return not _is_of_an_acta(cells, layout) or (labelled and not _has_image(cells, layout))


def _cell(cells: Sequence[str], layout: Layout, field: Field) -> str:
    return cells[layout.fields[field]] if field in layout.fields else ""


def _is_of_an_acta(cells: Sequence[str], layout: Layout) -> bool:
    """Whether it has what no sum has: an observation, an image, a time.

    Where the file has no column of either, that it is counted, or out of the catalogue.
    """
    observed, _ = words.observations(_cell(cells, layout, Field.OBSERVATIONS))
    if observed or _has_image(cells, layout):
        return True
    times = Field.RECEIVED, Field.CAPTURED
    if any(words.spoken(_cell(cells, layout, time)) not in words.NOTHING for time in times):
        return True
    if layout.fields.keys() & {Field.HASH, *times}:
        return False
    return words.counting(_cell(cells, layout, Field.COUNTED)) is not Counting.NOT_CAPTURED


def _has_image(cells: Sequence[str], layout: Layout) -> bool:
    return words.image_digest(_cell(cells, layout, Field.HASH)) is not None


def _names_casilla(cells: Sequence[str], layout: Layout) -> bool:
    """Whether a key, a kind or a number tells which casilla; a section alone may be a sum of it."""
    keys = (words.identifier(_cell(cells, layout, field)) for field in _KEYS)
    if any(" " not in key and key[:1].isdigit() for key in keys):
        return True
    named = (words.identifier(_cell(cells, layout, field)) for field in (Field.KIND, Field.NUMBER))
    if any(_has_digit(cell) and len(cell) <= LONGEST_NUMBER for cell in named):
        return True
    alone = not layout.fields.keys() & set(_NAMES)
    return alone and _has_digit(words.identifier(_cell(cells, layout, Field.SECCION)))


def _has_digit(text: str) -> bool:
    return any(letter.isdigit() for letter in text)
