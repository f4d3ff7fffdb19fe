"""An official database as it was read: every original cell, and the typed facts in them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from enum import Enum
from functools import cached_property
from typing import Any, TypeVar, cast

from openprep.databases import words
from openprep.databases.findings import Finding
from openprep.databases.names import Field
from openprep.databases.read.layout import Layout
from openprep.databases.read.moments import CENTRAL, moment
from openprep.databases.read.preamble import Preamble
from openprep.databases.read.sheet import Sheet
from openprep.databases.read.text import Encoding, LineEnd
from openprep.election import (
    MESAS,
    WITHOUT_ACTA,
    Acta,
    CasillaKind,
    Cotejada,
    Counting,
    Digitization,
    DocumentKind,
    FieldState,
    Location,
    Observation,
    Origin,
    VoteField,
    calculated_total,
)

T = TypeVar("T")

LEAST_CEILING = 100
"""In special casillas a smaller REPRESENTANTES_PP_CI is representatives, not the ballot ceiling."""


class KeyStyle(Enum):
    """How keys are kept from spreadsheets."""

    BARE = "bare"
    PREFIXED = "prefixed"
    """``'210423B0100``"""
    WRAPPED = "wrapped"
    """``'210423B0100'``"""


@dataclass(frozen=True)
class Dialect:
    """How the file was written."""

    encoding: Encoding
    line_end: LineEnd
    delimiter: str
    sep_line: bool
    quoted: bool
    column_line: int
    """Line of the column names, from 1."""
    key_style: KeyStyle
    trailing_delimiter: bool


@dataclass(frozen=True)
class Database:
    """One contest's database at one cut.

    ``rows`` are the actas in the file's order; ``votes`` are in the order of ``vote_names``, the
    vote columns in the spelling of 2024 (``#2`` after the second of the same name).
    """

    name: str
    preamble: Preamble
    layout: Layout
    dialect: Dialect
    sheet: Sheet
    findings: tuple[Finding, ...]
    """What reading alone showed; :func:`openprep.databases.check_database` looks further."""

    @cached_property
    def votes(self) -> tuple[Sequence[VoteField], ...]:
        """Vote fields by column, a dash read as :attr:`FieldState.NOT_ON_BALLOT` in every row."""
        memo = words.Memo(words.vote_field)
        columns = (self.sheet.columns[index] for index in self.layout.votes)
        return tuple([memo[cell] for cell in column] for column in columns)

    @property
    def title(self) -> str:
        """The contest as the first line names it; empty if none does."""
        return self.preamble.title

    @property
    def cut(self) -> datetime | None:
        """The time of the cut, with the file's own offset."""
        return self.preamble.cut

    @property
    def vote_names(self) -> tuple[str, ...]:
        """Vote columns in the spelling of 2024."""
        return self.layout.vote_names

    @property
    def zone(self) -> tzinfo:
        """The offset in which the file's times are written."""
        return self.cut.tzinfo or UTC if self.cut else CENTRAL

    def __len__(self) -> int:
        return len(self.sheet)

    @property
    def rows(self) -> Iterator["Row"]:
        """The actas, in the file's order."""
        return (Row(self, index) for index in range(len(self)))

    def row(self, index: int) -> "Row":
        """The ``index``-th acta, from 0."""
        return Row(self, index)

    def only(self, rows: Sequence[int]) -> "Database":
        """The same file with some of its ``rows``, from 0, and no others."""
        some = [[column[row] for row in rows] for column in self.sheet.columns]
        sheet = replace(self.sheet, columns=some, lines=[self.sheet.lines[row] for row in rows])
        return replace(self, sheet=sheet)

    def has(self, field: Field) -> bool:
        """Whether the file has the column."""
        return field in self.layout.fields

    def cells(self, field: Field) -> Sequence[str]:
        """Original cells of a column; empty ones where the file does not have it."""
        index = self.layout.fields.get(field)
        return [""] * len(self) if index is None else self.sheet.columns[index]

    @cached_property
    def _values(self) -> dict[Field, list[Any]]:
        return {}

    def values(self, field: Field, decode: Callable[[str], T]) -> list[T]:
        """A column decoded by ``decode``, each distinct cell once."""
        decoded = self._values.get(field)
        if decoded is None:
            memo = words.Memo(decode)
            decoded = self._values[field] = [memo[cell] for cell in self.cells(field)]
        return cast("list[T]", decoded)

    def counts(self, field: Field) -> list[VoteField]:
        """A column of counts."""
        return self.values(field, words.vote_field)

    def times(self, field: Field) -> list[datetime | None]:
        """A column of times, in the file's own offset."""
        zone = self.zone
        return self.values(field, lambda cell: moment(cell, zone))

    @cached_property
    def observations(self) -> list[tuple[Observation, ...]]:
        """What was observed on each acta."""
        return self.values(Field.OBSERVATIONS, lambda cell: words.observations(cell)[0])

    def _counting_by_rule(self, row: "Row") -> Counting:
        votes = [column[row.index] for column in self.votes]
        if not row.observations and WITHOUT_FIGURES.issuperset(votes):
            return Counting.NOT_CAPTURED
        written, ceiling = row.total_calculated, row.ceiling
        total = written if isinstance(written, int) else calculated_total(votes)
        exceeds = ceiling is not None and total > ceiling
        legible = any(isinstance(vote, int) for vote in votes)
        if exceeds or not legible or not WITHOUT_ACTA.isdisjoint(row.observations):
            return Counting.NOT_COUNTED
        return Counting.COUNTED

    @cached_property
    def countings(self) -> list[Counting]:
        """CONTABILIZADA of each acta; out of catalogue also where only OBSERVACIONES says so.

        Before 2024 such rows carried ``-`` or ``0``. A file that does not have the column is
        counted by the rule (A.4), from the rows' own figures.
        """
        if self.has(Field.COUNTED):
            written = self.values(Field.COUNTED, words.counting)
        else:
            written = [self._counting_by_rule(row) for row in self.rows]
        return [
            Counting.OUT_OF_CATALOGUE if Observation.FUERA_DE_CATALOGO in observed else counting
            for counting, observed in zip(written, self.observations, strict=True)
        ]


WITHOUT_FIGURES = frozenset({FieldState.NOT_ON_BALLOT, FieldState.NOT_CAPTURED})
_NOT_READ = frozenset({Counting.NOT_CAPTURED, Counting.OUT_OF_CATALOGUE})


@dataclass(frozen=True)
class Row:
    """One acta of a database, read from its cells; ``index`` counts from 0."""

    database: Database
    index: int

    def cell(self, field: Field) -> str:
        """The original cell; empty where the file does not have the column."""
        position = self.database.layout.fields.get(field)
        return "" if position is None else self.database.sheet.columns[position][self.index]

    @property
    def cells(self) -> tuple[str, ...]:
        """Every original cell of the row, in the file's order."""
        return tuple(column[self.index] for column in self.database.sheet.columns)

    @property
    def line(self) -> int:
        """Line of the file, from 1."""
        return self.database.sheet.lines[self.index]

    @property
    def clave_casilla(self) -> str:
        """Key of the casilla without apostrophes; empty where there is none."""
        return words.identifier(self.cell(Field.CLAVE_CASILLA))

    @property
    def clave_acta(self) -> str:
        """Key of the acta without apostrophes; empty where there is none."""
        return words.identifier(self.cell(Field.CLAVE_ACTA))

    @property
    def entity_id(self) -> str:
        """Id of the entity as written, without apostrophes."""
        return words.identifier(self.cell(Field.ENTITY_ID))

    @property
    def district_id(self) -> str:
        """Id of the district as written, without apostrophes; empty where there is none."""
        return words.identifier(self.cell(Field.DISTRICT_ID))

    @property
    def municipality_id(self) -> str:
        """Id of the municipality as written, without apostrophes; empty where there is none."""
        return words.identifier(self.cell(Field.MUNICIPALITY_ID))

    @property
    def unit_id(self) -> str:
        """The district or, where the file has none, the municipality."""
        return self.district_id or self.municipality_id

    @property
    def unit_name(self) -> str:
        """Name of the unit of :attr:`unit_id`."""
        return self.cell(Field.DISTRICT if self.district_id else Field.MUNICIPALITY).strip()

    @property
    def seccion(self) -> str:
        """Seccion as written, without apostrophes; empty for mesas."""
        return words.identifier(self.cell(Field.SECCION))

    @property
    def kind(self) -> CasillaKind | None:
        """TIPO_CASILLA."""
        return words.casilla_kind(self.cell(Field.KIND))

    @property
    def number(self) -> int | None:
        """ID_CASILLA as a number."""
        return words.whole_number(self.cell(Field.NUMBER))

    @property
    def extension(self) -> int | None:
        """EXT_CONTIGUA as a number."""
        return words.whole_number(self.cell(Field.EXTENSION))

    @property
    def location(self) -> Location | None:
        """UBICACION_CASILLA."""
        return words.LOCATIONS.get(words.spoken(self.cell(Field.LOCATION)))

    @property
    def tipo_acta(self) -> str:
        """TIPO_ACTA in capitals; empty where there is none."""
        return words.identifier(self.cell(Field.TIPO_ACTA)).upper()

    @property
    def votes(self) -> tuple[VoteField, ...]:
        """Votes in the order of the vote columns.

        A dash is "not on this ballot" where the acta was captured, else "not captured".
        """
        votes = tuple(column[self.index] for column in self.database.votes)
        if self.counting not in _NOT_READ:
            return votes
        dash = FieldState.NOT_ON_BALLOT
        return tuple(FieldState.NOT_CAPTURED if vote is dash else vote for vote in votes)

    @property
    def total_calculated(self) -> VoteField:
        """TOTAL_VOTOS_CALCULADO as the file has it."""
        return self.count(Field.CALCULATED)

    @property
    def lista_nominal(self) -> int | None:
        """LISTA_NOMINAL, or ``None`` where there is none."""
        return words.whole_number(self.cell(Field.LISTA_NOMINAL))

    @property
    def representatives(self) -> int | None:
        """REPRESENTANTES_PP_CI, or ``None`` where it does not apply."""
        return words.whole_number(self.cell(Field.REPRESENTATIVES))

    @property
    def ceiling(self) -> int | None:
        """Most votes that the casilla could give; ``None`` where no rule or no number tells."""
        limited = self.kind not in MESAS and self.database.has(Field.REPRESENTATIVES)
        if not limited or self.lista_nominal is None:
            return None
        representatives = self.representatives or 0
        if self.kind is CasillaKind.ESPECIAL and representatives < LEAST_CEILING:
            return None
        return self.lista_nominal + representatives

    @property
    def observations(self) -> tuple[Observation, ...]:
        """What was observed; words that no norm has are left out and found."""
        return self.database.observations[self.index]

    @property
    def counting(self) -> Counting:
        """What the file says that the acta contributes."""
        return self.database.countings[self.index]

    def count(self, field: Field) -> VoteField:
        """A count of the acta; a dash is "not captured"."""
        value = self.database.counts(field)[self.index]
        return FieldState.NOT_CAPTURED if value is FieldState.NOT_ON_BALLOT else value

    def time(self, field: Field) -> datetime | None:
        """A time of the acta, in the file's own offset."""
        return self.database.times(field)[self.index]

    @property
    def image_sha256(self) -> str | None:
        """The image's digest in lower case, or ``None`` where there is no image."""
        return words.image_digest(self.cell(Field.HASH))

    @property
    def origin(self) -> Origin | None:
        """ORIGEN."""
        return words.ORIGINS.get(words.spoken(self.cell(Field.ORIGIN)))

    @property
    def digitization(self) -> Digitization | None:
        """DIGITALIZACION."""
        return words.DIGITIZATIONS.get(words.spoken(self.cell(Field.DIGITIZATION)))

    @property
    def document(self) -> DocumentKind | None:
        """TIPO_DOCUMENTO."""
        return words.DOCUMENTS.get(words.spoken(self.cell(Field.DOCUMENT)))

    @property
    def cotejada(self) -> Cotejada | None:
        """COTEJADA, where it is one of the norm's."""
        number = words.whole_number(self.cell(Field.COTEJADA))
        return next((cotejada for cotejada in Cotejada if cotejada.value == number), None)

    def acta(self, contest_id: str, acta_id: str | None) -> Acta:
        """The row as the fact of an acta, under the catalogue's identity ``acta_id``.

        Meant for rows that were captured or are out of catalogue (``acta_id`` ``None``); of a row
        that is still expected it gives an acta without a single figure.
        """
        return Acta(
            contest=contest_id,
            acta=acta_id,
            votes=self.votes,
            surplus_ballots=self.count(Field.SURPLUS),
            people_voted=self.count(Field.PEOPLE),
            representatives_voted=self.count(Field.REPRESENTATIVES_VOTED),
            ballots_taken=self.count(Field.TAKEN),
            total_written=self.count(Field.WRITTEN),
            observations=self.observations,
            transfer=words.transfer(self.cell(Field.TRANSFER)),
            image_sha256=self.image_sha256,
            received_at=self.time(Field.RECEIVED),
            captured_at=self.time(Field.CAPTURED),
            verified_at=self.time(Field.VERIFIED),
            origin=self.origin,
            digitization=self.digitization,
            document=self.document,
            cotejada=self.cotejada,
        )
