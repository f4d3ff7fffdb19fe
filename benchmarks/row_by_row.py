"""The rows of the official CSV, cell by cell and row by row.

What the bulk writer must equal (tests), and what it is measured against (``databases.py``).
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from openprep.databases.wording import (
    DIGITIZATIONS,
    DOCUMENTS,
    ORIGINS,
    write_field,
    write_observations,
)
from openprep.databases.write.writer import ContestDatabase
from openprep.election import (
    MESAS,
    NO_AREA,
    Acta,
    CasillaKind,
    Election,
    ExpectedActa,
    Flavour,
    Level,
    Quirk,
    calculated_total,
    counting_of,
)

NOT_CAPTURED = "-"
NOT_APPLICABLE = "N/A"
OUT_OF_CATALOGUE_LOCATION = "3"

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
HARMLESS = (NOT_CAPTURED, " - ")


def _by_reception(actas: Sequence[Acta]) -> list[Acta]:
    never = datetime.max.replace(tzinfo=UTC)
    return sorted(actas, key=lambda acta: acta.received_at or never)


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def protect(cell: str) -> str:
    """``cell`` so that no spreadsheet takes it for a formula (OWASP CSV injection).

    A cell that begins like a formula and is not one of the official marks gets an apostrophe.
    """
    if cell.startswith(FORMULA_STARTS) and cell not in HARMLESS:
        return f"'{cell}"
    return cell


def rows_of(election: Election, contest_id: str, database: ContestDatabase) -> bytes:
    """Every row of a contest's database, in the file's order."""
    rows = _Rows(election, contest_id)
    catalogue = election.catalogues[contest_id]
    lines = [rows.row(expected, database.actas.get(expected.id)) for expected in catalogue]
    lines += [rows.row_out_of_catalogue(acta) for acta in _by_reception(database.out_of_catalogue)]
    return "".join(map(_line, lines)).encode()


class _Rows:
    def __init__(self, election: Election, contest_id: str) -> None:
        self.election = election
        self.contest = election.contests[contest_id]
        self.flavour = election.databases.flavour
        self.quirks = election.databases.quirks

    def row(self, expected: ExpectedActa, acta: Acta | None) -> list[str]:
        """The row of an expected acta, captured or not."""
        figures = self._not_captured(expected) if acta is None else self._captured(expected, acta)
        return [*self._identity(expected), *figures]

    def _identity(self, expected: ExpectedActa) -> list[str]:
        entity, entity_name = self.election.entity_of(expected, self.contest)
        number = self._number(expected)
        clave = (
            f"{entity}{expected.seccion or '0000'}{expected.kind.value}"
            f"{number:02}{expected.extension:02}"
        )
        mesa = expected.kind in MESAS
        unit_id, unit_name = self._unit(expected)
        return [
            self._key(clave),
            self._key(clave + expected.tipo_acta),
            self._id(entity),
            protect(entity_name),
            self._id(unit_id),
            protect(unit_name),
            self._id(NOT_APPLICABLE if mesa else expected.seccion),
            self._id(NOT_APPLICABLE if mesa else f"{number:02}"),
            expected.kind.value,
            self._id(f"{expected.extension:02}"),
            str(expected.location.value),
            protect(expected.tipo_acta),
        ]

    def _number(self, expected: ExpectedActa) -> int:
        overflow = Quirk.CONTIGUAS_FROM_10_AS_01 in self.quirks
        if overflow and expected.kind is CasillaKind.CONTIGUA and expected.number >= 10:
            return 1
        return expected.number

    def _unit(self, expected: ExpectedActa) -> tuple[str, str]:
        if not self.contest.levels:
            return self.election.root.id, self.election.root.name
        if self.flavour is Flavour.FEDERAL_2024 and expected.kind in MESAS:
            return NOT_APPLICABLE, NOT_APPLICABLE
        area = self.election.areas[self.contest.levels[-1], expected.area]
        if area.id == NO_AREA:
            return NOT_APPLICABLE, NOT_APPLICABLE
        return area.id, area.name

    def _key(self, clave: str) -> str:
        return f"'{clave}'" if self.flavour is Flavour.FEDERAL_2024 else f"'{clave}"

    def _id(self, text: str) -> str:
        return text if self.flavour is Flavour.FEDERAL_2024 else f"'{text}"

    def _not_captured(self, expected: ExpectedActa) -> list[str]:
        fields = _applicable(expected, self.flavour)
        dash = [NOT_CAPTURED]
        return [
            *(NOT_CAPTURED if applies else NOT_APPLICABLE for applies in fields),
            *dash * len(self.contest.columns),
            NOT_CAPTURED,
            "0",
            *self._lists(expected),
            *dash * (10 + (self.flavour is Flavour.FEDERAL_2024)),
        ]

    def _captured(self, expected: ExpectedActa, acta: Acta) -> list[str]:
        counting = counting_of(acta, expected, self.election.rules)
        return [
            *self._figures(acta),
            *self._lists(expected),
            write_observations(acta.observations, self.flavour),
            str(counting.value),
            *self._provenance(acta),
        ]

    def _figures(self, acta: Acta) -> list[str]:
        fields = (
            acta.surplus_ballots,
            acta.people_voted,
            acta.representatives_voted,
            acta.ballots_taken,
            *acta.votes,
            acta.total_written,
        )
        written = [
            str(field) if isinstance(field, int) else write_field(field, self.flavour)
            for field in fields
        ]
        return [*written, str(calculated_total(acta.votes))]

    def _lists(self, expected: ExpectedActa) -> list[str]:
        representatives = expected.representatives
        shown = NOT_APPLICABLE if representatives is None else str(representatives)
        return [str(expected.lista_nominal), shown]

    def _provenance(self, acta: Acta) -> list[str]:
        cells = [
            protect(acta.transfer) or (NOT_CAPTURED if acta.image_sha256 else NOT_APPLICABLE),
            protect(acta.image_sha256 or NOT_APPLICABLE),
            *map(self._time, (acta.received_at, acta.captured_at, acta.verified_at)),
            ORIGINS[acta.origin] if acta.origin else NOT_APPLICABLE,
            DIGITIZATIONS[acta.digitization] if acta.digitization else NOT_APPLICABLE,
            DOCUMENTS[acta.document] if acta.document else NOT_APPLICABLE,
        ]
        if self.flavour is Flavour.FEDERAL_2024:
            cells.append(str(acta.cotejada.value) if acta.cotejada is not None else NOT_CAPTURED)
        return cells

    def _time(self, at: datetime | None) -> str:
        if at is None:
            return NOT_APPLICABLE
        local = self.election.window.local(at)
        # Spelt out: strftime takes twice the time, for half a million actas three times each.
        date = f"{local.day:02}/{local.month:02}/{local.year:04}"
        return f"{date} {local.hour:02}:{local.minute:02}:{local.second:02}"

    def row_out_of_catalogue(self, acta: Acta) -> list[str]:
        """The row of an acta that matches no casilla: where it is from is not known."""
        entity = Level.ENTITY not in self.contest.levels
        root = self.election.root
        place = [root.id, protect(root.name)] if entity else ["", ""]
        blank_until_votes = ["", "", *place, *[""] * 6]
        figures = 4 + len(self.contest.columns) + 4
        received = self._time(acta.received_at) if acta.received_at else ""
        return [
            *blank_until_votes,
            OUT_OF_CATALOGUE_LOCATION,
            "",
            *[""] * figures,
            write_observations(acta.observations, self.flavour),
            "2",
            protect(acta.transfer or NOT_CAPTURED),
            protect(acta.image_sha256 or NOT_APPLICABLE),
            received,
            "",
            "",
            ORIGINS[acta.origin] if acta.origin else "",
            DIGITIZATIONS[acta.digitization] if acta.digitization else "",
            DOCUMENTS[acta.document] if acta.document else "",
            *([""] if self.flavour is Flavour.FEDERAL_2024 else []),
        ]


def _applicable(expected: ExpectedActa, flavour: Flavour) -> tuple[bool, bool, bool, bool]:
    """Which of surplus, people, representatives and ballots taken the form of a kind has.

    Mesas count no ballots of their own and have no representatives who vote; the mesa of the vote
    from abroad does not list people either (files of Puebla 2024). Federal files give none of the
    four for any mesa (spec G.2).
    """
    mesa = expected.kind in MESAS
    unlisted = expected.kind is CasillaKind.EXTRANJERO or flavour is Flavour.FEDERAL_2024
    people = not (mesa and unlisted)
    return not mesa, people, not mesa, people
