"""The first cells of a row, which never change: which acta of the catalogue it is."""

from collections.abc import Sequence
from typing import NamedTuple

from openprep.databases.words import Memo
from openprep.databases.write.cells import NOT_APPLICABLE, joined, protect, quoted
from openprep.election import (
    MESAS,
    NO_AREA,
    CasillaKind,
    Contest,
    Election,
    ExpectedActa,
    Flavour,
    Location,
    Quirk,
)

OVERFLOW = 10
"""Contiguas numbered 10 and above, which some generators write 01."""


class Identities:
    """Writes the first cells of rows of one contest."""

    def __init__(self, election: Election, contest: Contest) -> None:
        self._election = election
        self._contest = contest
        self._federal = election.databases.flavour is Flavour.FEDERAL_2024
        self._open, self._close = ("", "'") if self._federal else ("'", "")
        self._overflow = Quirk.CONTIGUAS_FROM_10_AS_01 in election.databases.quirks
        self._places: dict[tuple[str, bool], tuple[str, str]] = {}
        self._casillas = Memo(self._casilla)

    def write(self, expected: Sequence[ExpectedActa]) -> list[str]:
        """CLAVE_CASILLA to TIPO_ACTA of each row."""
        return [self._cells(acta) for acta in expected]

    def _cells(self, expected: ExpectedActa) -> str:
        seccion, area = expected.seccion, expected.area
        casilla = self._casillas[
            expected.kind,
            expected.number,
            expected.extension,
            expected.location,
            expected.tipo_acta,
        ]
        found = self._places.get((area, casilla.mesa))
        entity, place = found or self._place(expected, mesa=casilla.mesa)
        clave = f"{entity}{seccion or '0000'}{casilla.clave}"
        whole = clave + expected.tipo_acta
        close, own = self._close, NOT_APPLICABLE if casilla.mesa else seccion
        if whole.isalnum():
            keys = f"'{clave}{close},'{whole}{close}"
        else:
            keys = joined((f"'{clave}{close}", f"'{whole}{close}"))
        return f"{keys},{place},{self._open}{own},{casilla.cells}"

    def _casilla(self, told: tuple[CasillaKind, int, int, Location, str]) -> "_Casilla":
        kind, number, extension, location, tipo = told
        if self._overflow and kind is CasillaKind.CONTIGUA and number >= OVERFLOW:
            number = 1
        mesa = kind in MESAS
        written = self._id(NOT_APPLICABLE if mesa else f"{number:02}")
        paper = f"{location.value},{quoted(protect(tipo))}"
        cells = f"{written},{kind.value},{self._id(f'{extension:02}')},{paper}"
        return _Casilla(mesa, f"{kind.value}{number:02}{extension:02}", cells)

    def _place(self, expected: ExpectedActa, *, mesa: bool) -> tuple[str, str]:
        """The id of an acta's entity, and the cells that say where it is from."""
        entity, entity_name = self._election.entity_of(expected, self._contest)
        unit_id, unit_name = self._unit(expected, mesa=mesa)
        cells = self._id(entity), protect(entity_name), self._id(unit_id), protect(unit_name)
        found = self._places[expected.area, mesa] = (entity, joined(cells))
        return found

    def _unit(self, expected: ExpectedActa, *, mesa: bool) -> tuple[str, str]:
        if not self._contest.levels:
            return self._election.root.id, self._election.root.name
        if self._federal and mesa:
            return NOT_APPLICABLE, NOT_APPLICABLE
        area = self._election.areas[self._contest.levels[-1], expected.area]
        if area.id == NO_AREA:
            return NOT_APPLICABLE, NOT_APPLICABLE
        return area.id, area.name

    def _id(self, text: str) -> str:
        return f"{self._open}{text}"


class _Casilla(NamedTuple):
    """What the rows of one kind, number, extension, location and TIPO_ACTA have in common."""

    mesa: bool
    clave: str
    """What stands after the section in a key."""
    cells: str
    """ID_CASILLA to TIPO_ACTA."""
