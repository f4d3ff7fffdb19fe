"""The official CSV of 2024, local and federal, written from actas (spec B.2, B.3).

Rows stand in the order of the catalogue, actas out of catalogue last by the time of their
reception. Ids keep a leading apostrophe (local) or stand between two (federal), as the authorities
write them so that a spreadsheet keeps their zeros. The generators' own habits are written only
where the election declares them (:class:`openprep.election.Quirk`).
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from openprep.databases.wording import (
    DIGITIZATIONS,
    DOCUMENTS,
    ORIGINS,
    write_field,
    write_observations,
)
from openprep.election import (
    ANYWHERE,
    MESAS,
    NO_AREA,
    Acta,
    CasillaKind,
    Contest,
    Election,
    ExpectedActa,
    Flavour,
    Level,
    Quirk,
    Summary,
    calculated_total,
    counting_of,
    format_share,
)
from openprep.election.area_path import ids_of
from openprep.spreadsheets import as_text

BOM = "\ufeff"
NOT_CAPTURED = "-"
NOT_APPLICABLE = "N/A"
OUT_OF_CATALOGUE_LOCATION = "3"

SUMMARY_NAMES = (
    "ACTAS_ESPERADAS",
    "ACTAS_REGISTRADAS",
    "ACTAS_FUERA_CATALOGO",
    "ACTAS_CAPTURADAS",
    "PORCENTAJE_ACTAS_CAPTURADAS",
    "ACTAS_CONTABILIZADAS",
    "PORCENTAJE_ACTAS_CONTABILIZADAS",
    "PORCENTAJE_ACTAS_INCONSISTENCIAS",
    "ACTAS_NO_CONTABILIZADAS",
    "LISTA_NOMINAL_ACTAS_CONTABILIZADAS",
    "TOTAL_VOTOS_C_CS",
    "TOTAL_VOTOS_S_CS",
    "PORCENTAJE_PARTICIPACION_CIUDADANA",
)
"""Names of the 13 figures, in the order of :class:`openprep.election.Summary`."""

BEFORE_UNIT = ("CLAVE_CASILLA", "CLAVE_ACTA", "ID_ENTIDAD", "ENTIDAD")
BEFORE_VOTES = (
    "SECCION",
    "ID_CASILLA",
    "TIPO_CASILLA",
    "EXT_CONTIGUA",
    "UBICACION_CASILLA",
    "TIPO_ACTA",
    "TOTAL_BOLETAS_SOBRANTES",
    "TOTAL_PERSONAS_VOTARON",
    "TOTAL_REP_PARTIDO_CI_VOTARON",
    "TOTAL_VOTOS_SACADOS",
)
AFTER_VOTES = (
    "TOTAL_VOTOS_ASENTADO",
    "TOTAL_VOTOS_CALCULADO",
    "LISTA_NOMINAL",
    "REPRESENTANTES_PP_CI",
    "OBSERVACIONES",
    "CONTABILIZADA",
    "MECANISMOS_TRASLADO",
    "CODIGO_INTEGRIDAD",
    "FECHA_HORA_ACOPIO",
    "FECHA_HORA_CAPTURA",
    "FECHA_HORA_VERIFICACION",
    "ORIGEN",
    "DIGITALIZACION",
    "TIPO_DOCUMENTO",
)
COTEJADA = "COTEJADA"
"""The federal files' last column."""

FIRST_NAMES_LINE = 3
"""Line of the 13 names where no blank line stands before them."""

HARMLESS = (NOT_CAPTURED, " - ")


class ContestDatabase(Struct, frozen=True):
    """What one contest's database shows at a cut: actas by catalogue id, and the 13 figures."""

    actas: Mapping[str, Acta]
    out_of_catalogue: Sequence[Acta]
    summary: Summary


def write_database(
    election: Election, contest_id: str, database: ContestDatabase, cut_time: datetime
) -> bytes:
    """The CSV of one contest at the official time ``cut_time``, which carries its offset."""
    return DatabaseWriter(election, contest_id).write(database, cut_time)


def write_candidacies(election: Election, contest_id: str) -> bytes:
    """The candidacies file: who stands behind each column, in each unit."""
    contest = election.contests[contest_id]
    names = election.databases.shapes[contest_id].candidacy_columns
    lines = [list(names)]
    for area, candidacies in contest.candidacies.items():
        by_column = {column: candidacy for candidacy in candidacies for column in candidacy.columns}
        place = _place_of(election, contest, names, area)
        for column in contest.columns:
            candidacy = by_column.get(column.id)
            if candidacy is not None:
                people = [candidacy.name, candidacy.substitute][: len(names) - len(place) - 1]
                lines.append([*place, _official_name(column.id), *people])
    return (BOM + "".join(_line(map(protect, cells)) for cells in lines)).encode()


def _place_of(
    election: Election, contest: Contest, names: Sequence[str], area: str
) -> Sequence[str]:
    """The first cells of a candidacy's row. Federal files give ids, 0 for the whole nation."""
    if election.root.level is Level.NATIONAL:
        ids = dict(zip(contest.levels, ids_of(area), strict=False))
        own = {level: ids.get(level, "0") if area != ANYWHERE else "0" for level in Level}
        return [own[Level.ENTITY], own[Level.DISTRICT]][: names.index("PARTIDO_CI")]
    return [election.root.name] if len(names) == 3 else [election.root.id, *ids_of(area)]


def _official_name(column: str) -> str:
    """A column's name without the mark that tells it from another of the same name."""
    return column.partition("#")[0]


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
    return cell if cell in HARMLESS else as_text(cell)


class DatabaseWriter:
    """Writes the databases of one contest, cut after cut; rows that did not change are kept.

    Cells of free text are protected from spreadsheets; all others are numbers, keys, or words of a
    closed set.
    """

    def __init__(self, election: Election, contest_id: str) -> None:
        self.election = election
        self.contest: Contest = election.contests[contest_id]
        self.shape = election.databases.shapes[contest_id]
        self.flavour = election.databases.flavour
        self.quirks = election.databases.quirks
        self._kept: dict[str, tuple[Acta | None, str]] = {}

    def write(self, database: ContestDatabase, cut_time: datetime) -> bytes:
        """The CSV at the official time ``cut_time``, which carries its offset."""
        head = [*self.preamble(database.summary, cut_time), self.column_names()]
        outside = _by_reception(database.out_of_catalogue)
        parts = [BOM, *map(_line, head)]
        parts += [
            self._row_line(expected, database.actas.get(expected.id))
            for expected in self.election.catalogues[self.contest.id]
        ]
        parts += [_line(self.row_out_of_catalogue(acta)) for acta in outside]
        return "".join(parts).encode()

    def _row_line(self, expected: ExpectedActa, acta: Acta | None) -> str:
        kept = self._kept.get(expected.id)
        if kept is None or kept[0] is not acta:
            kept = self._kept[expected.id] = (acta, _line(self.row(expected, acta)))
        return kept[1]

    @property
    def names_line(self) -> int:
        """Line of the 13 names, from 1; the values stand below. Local files leave one blank."""
        return FIRST_NAMES_LINE + (self.flavour is Flavour.LOCAL_2024)

    def preamble(self, summary: Summary, cut_time: datetime) -> list[list[str]]:
        """Title, time of the cut, the 13 names and the 13 values, with their blank lines."""
        blank: list[list[str]] = [[]] * (self.names_line - FIRST_NAMES_LINE)
        offset = cut_time.utcoffset()
        hours = 0 if offset is None else int(offset.total_seconds() // 3600)
        heading = [[protect(self.shape.heading)], [f"{cut_time:%d/%m/%Y %H:%M} (UTC{hours:+d})"]]
        return [*heading, *blank, list(SUMMARY_NAMES), self._summary(summary), []]

    def _summary(self, summary: Summary) -> list[str]:
        decimal = ".0" if Quirk.TOTALS_WITH_DECIMAL in self.quirks else ""
        return [
            str(summary.expected),
            str(summary.registered),
            str(summary.out_of_catalogue),
            str(summary.captured),
            format_share(summary.captured_share),
            str(summary.counted),
            format_share(summary.counted_share),
            format_share(summary.inconsistent_share),
            str(summary.not_counted),
            str(summary.lista_nominal),
            f"{summary.votes_with_special}{decimal}",
            f"{summary.votes_without_special}{decimal}",
            format_share(summary.participation or 0),
        ]

    def column_names(self) -> list[str]:
        """The line that names the columns."""
        unit = [self.shape.unit_id_column, self.shape.unit_name_column]
        votes = [protect(_official_name(column.id)) for column in self.contest.columns]
        last = [COTEJADA] if self.flavour is Flavour.FEDERAL_2024 else []
        return [*BEFORE_UNIT, *unit, *BEFORE_VOTES, *votes, *AFTER_VOTES, *last]

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
