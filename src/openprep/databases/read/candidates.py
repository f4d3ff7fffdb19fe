"""The candidacies file: who stands behind each party and combination (spec B.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec import Struct

from openprep.databases import words
from openprep.databases.codes import DatabaseCode
from openprep.databases.findings import Finding, Findings
from openprep.databases.limits import DEFAULT_LIMITS, Limits
from openprep.databases.names import Field, field_of, plain, vote_names
from openprep.databases.read.layout import ColumnRow, find_column_row, read_sheet
from openprep.databases.read.sheet import Sheet
from openprep.databases.read.text import decode, read_bytes

_PARTY = frozenset({"PARTIDO", "PARTIDO_CI", "PARTIDO_COALICION", "PARTIDO_CI_COALICION"})
_SUBSTITUTE = ("SUPLENTE",)
_UNITS = (Field.DISTRICT_ID, Field.MUNICIPALITY_ID, Field.DISTRICT, Field.MUNICIPALITY)


class ListedCandidacy(Struct, frozen=True):
    """One line of a candidacies file; ``column`` is the vote column in the spelling of 2024."""

    entity: str
    unit: str
    column: str
    name: str
    substitute: str


@dataclass(frozen=True)
class Candidacies:
    """A candidacies file: every original cell, and who they name."""

    name: str
    names: tuple[str, ...]
    listed: tuple[ListedCandidacy, ...]
    sheet: Sheet
    findings: tuple[Finding, ...]


def read_candidacies(
    source: Path | bytes, limits: Limits = DEFAULT_LIMITS, name: str = ""
) -> Candidacies:
    """The candidacies in the file or bytes ``source``.

    Raises:
        UnreadableDatabase: with the code and the reason of the refusal.
    """
    findings = Findings(limits.places)
    text = decode(read_bytes(source, limits), findings)
    row = find_column_row(text.content, limits, are_candidacy_names)
    sheet = read_sheet(text.content, row, limits, findings)
    listed = _list(row, sheet)
    _note(listed, sheet, findings)
    shown = name or (source.name if isinstance(source, Path) else "")
    return Candidacies(shown, row.names, listed, sheet, findings.found())


def are_candidacy_names(cells: Sequence[str]) -> bool:
    """Whether ``cells`` are the column names of a candidacies file."""
    spelt = [plain(cell) for cell in cells]
    return any(name in _PARTY for name in spelt) and any(map(_is_person, spelt))


def _is_person(name: str) -> bool:
    return name.startswith("CANDIDAT") or name in ("PROPIETARIO", "PROPIETARIA")


def _list(row: ColumnRow, sheet: Sheet) -> tuple[ListedCandidacy, ...]:
    fields = [field_of(name) for name in row.names]
    spelt = [plain(name) for name in row.names]
    party = next(index for index, name in enumerate(spelt) if name in _PARTY)
    people = [index for index, name in enumerate(spelt) if _is_person(name)]
    substitutes = [i for i, name in enumerate(spelt) if name.endswith(_SUBSTITUTE)]
    owners = [index for index in people if index not in substitutes]
    entity = _column(fields, sheet, (Field.ENTITY_ID, Field.ENTITY))
    unit = _column(fields, sheet, _UNITS)
    none = [""] * len(sheet)
    columns = (
        entity,
        unit,
        vote_names(map(words.bare, sheet.columns[party])),
        sheet.columns[owners[0]] if owners else none,
        sheet.columns[substitutes[0]] if substitutes else none,
    )
    return tuple(ListedCandidacy(*map(words.bare, cells)) for cells in zip(*columns, strict=True))


def _column(fields: Sequence[Field | None], sheet: Sheet, wanted: Sequence[Field]) -> list[str]:
    for field in wanted:
        if field in fields:
            return sheet.columns[fields.index(field)]
    return [""] * len(sheet)


def _note(listed: Sequence[ListedCandidacy], sheet: Sheet, findings: Findings) -> None:
    seen: set[tuple[str, str, str]] = set()
    for line, candidacy in zip(sheet.lines, listed, strict=True):
        if not words.identifier(candidacy.name):
            findings.note(DatabaseCode.CANDIDACY_WITHOUT_NAME, line, value=candidacy.column)
        key = (candidacy.entity, candidacy.unit, candidacy.column)
        if key in seen:
            findings.note(DatabaseCode.CANDIDACY_REPEATED, line, value=" ".join(key))
        seen.add(key)
