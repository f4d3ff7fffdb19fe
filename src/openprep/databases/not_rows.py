"""Lines among the rows that are no acta: totals, notes, and the column names once more.

Copies of official files have them, padded to the width of a row. An acta names its casilla, or says
that it is out of the catalogue.
"""

from collections.abc import Sequence

from openprep.databases import words
from openprep.databases.codes import DatabaseCode
from openprep.databases.findings import Findings
from openprep.databases.layout import Layout
from openprep.databases.names import Field, plain
from openprep.databases.sheet import Sheet
from openprep.election import Observation

_IDENTITY = (Field.CLAVE_CASILLA, Field.CLAVE_ACTA, Field.SECCION, Field.KIND)
FEWEST_CELLS = 3
"""A line with fewer cells that say something is a note, whatever its width."""


def set_apart(sheet: Sheet, layout: Layout, findings: Findings) -> None:
    """Take the lines that are no actas out of the rows of ``sheet``, and note them."""
    apart = [index for index in _nameless(sheet, layout) if _is_no_row(sheet, layout, index)]
    if not apart:
        return
    for index in apart:
        cells = tuple(column[index] for column in sheet.columns)
        sheet.loose.append((sheet.lines[index], cells))
        value = ", ".join(cell for cell in cells if words.as_seen(cell))
        findings.note(DatabaseCode.NOT_A_ROW, sheet.lines[index], value=value)
    gone = set(apart)
    for column in sheet.columns:
        column[:] = [cell for index, cell in enumerate(column) if index not in gone]
    sheet.lines[:] = [line for index, line in enumerate(sheet.lines) if index not in gone]


def _nameless(sheet: Sheet, layout: Layout) -> Sequence[int]:
    """Rows that name no casilla: few in any file, so that only these are looked at closely."""
    index = layout.fields.get(Field.KIND)
    if index is None:
        return range(len(sheet))
    memo = words.Memo(lambda cell: words.spoken(cell) in words.KINDS)
    return [row for row, cell in enumerate(sheet.columns[index]) if not memo[cell]]


def _is_no_row(sheet: Sheet, layout: Layout, row: int) -> bool:
    cells = [column[row] for column in sheet.columns]
    saying = [cell for cell in cells if words.spoken(cell) not in words.NOTHING]
    if [plain(cell) for cell in cells] == [plain(name) for name in layout.names]:
        return True
    if len(saying) < FEWEST_CELLS:
        return bool(saying)
    if _is_outside(cells, layout) or _names_casilla(cells, layout):
        return False
    return any(words.NOTE.match(words.spoken(cell)) for cell in saying)


def _is_outside(cells: Sequence[str], layout: Layout) -> bool:
    observations, counted = (
        cells[layout.fields[field]] if field in layout.fields else ""
        for field in (Field.OBSERVATIONS, Field.COUNTED)
    )
    observed, _ = words.observations(observations)
    return Observation.FUERA_DE_CATALOGO in observed or words.spoken(counted) == "2"


def _names_casilla(cells: Sequence[str], layout: Layout) -> bool:
    named = (cells[layout.fields[field]] for field in _IDENTITY if field in layout.fields)
    return any(any(letter.isdigit() for letter in words.identifier(cell)) for cell in named)
