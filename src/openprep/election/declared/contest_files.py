"""A contest's own files: the columns of its acta, who runs where, the actas it expects."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import structs

from openprep.coded import said
from openprep.election.area_path import ids_of, unit_of
from openprep.election.catalogue import MESAS, CasillaKind, ExpectedActa, Location
from openprep.election.contest import (
    ANYWHERE,
    NOBODYS,
    Candidacy,
    Column,
    ColumnKind,
    Contest,
    Level,
    Party,
)
from openprep.election.declared.declaration import Row, read_rows
from openprep.election.declared.identifiers import trouble_with_token
from openprep.election.declared.mistakes import FolderCode, Mistakes
from openprep.election.election import Area

COLUMN_COLUMNS = ("id", "kind", "parties")
CANDIDACY_COLUMNS = ("area", "key", "name", "substitute", "columns")
CATALOGUE_COLUMNS = (
    "acta",
    "area",
    "seccion",
    "kind",
    "number",
    "extension",
    "location",
    "tipo_acta",
    "lista_nominal",
    "representatives",
)
MAX_LISTA_NOMINAL = 10_000_000
"""A mesa of the vote from abroad can carry the list of a whole country, no casilla over 750."""


def read_columns(
    folder: Path, contest: str, parties: Mapping[str, Party], mistakes: Mistakes
) -> tuple[Column, ...]:
    """Vote columns in ballot order; the last two are non-registered candidacies and null votes."""
    file = f"contests/{contest}/columns.csv"
    columns: dict[str, Column] = {}
    for row in read_rows(folder, file, COLUMN_COLUMNS, mistakes):
        column = _column(row, parties)
        _check_token(row, "id")
        if row["id"] in columns:
            text = said("column {column} is declared twice", column=row["id"])
            row.note(FolderCode.DUPLICATE, text)
        if column:
            columns[column.id] = column
    found = _in_ballot_order(tuple(columns.values()))
    if not mistakes.was_read(file):
        return found
    _check_members(file, found, parties, mistakes)
    tail = [column.kind for column in found[-2:]]
    if found and tail != [*NOBODYS]:
        text = said("the last two columns must be of kind unregistered and null, in this order")
        mistakes.add(FolderCode.BROKEN_RULE, file, None, text)
    return found


def _check_token(row: Row, column: str) -> None:
    if trouble := trouble_with_token(row[column], column):
        row.note(FolderCode.UNSAFE_ID, trouble)


def _in_ballot_order(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """The columns, each combination's parties in the order of the ballot whatever was written.

    It is the order in which a tie gives what is left of the division of 311.1.c.
    """
    places = {party: place for place, column in enumerate(columns) for party in _single(column)}
    last = len(columns)
    return tuple(
        structs.replace(
            column, parties=tuple(sorted(column.parties, key=lambda party: places.get(party, last)))
        )
        for column in columns
    )


def _check_members(
    file: str, columns: Sequence[Column], parties: Mapping[str, Party], mistakes: Mistakes
) -> None:
    """Votes of a combination go to its parties, which therefore have columns of their own."""
    alone = {party: column.id for column in reversed(columns) for party in _single(column)}
    for column in columns:
        for party in _single(column):
            if alone[party] != column.id:
                text = said(
                    "{party} has the column {first} already, and {second} too",
                    party=party,
                    first=alone[party],
                    second=column.id,
                )
                mistakes.add(FolderCode.DUPLICATE, file, None, text)
        for party in column.parties:
            if party in parties and party not in alone:
                text = said(
                    "party {party} of the combination {column} has no column of its own",
                    party=party,
                    column=column.id,
                )
                mistakes.add(FolderCode.BROKEN_RULE, file, None, text)


def _column(row: Row, parties: Mapping[str, Party]) -> Column | None:
    kind = row.member("kind", ColumnKind)
    members = tuple(row["parties"].split())
    for party in members:
        if party not in parties and row.mistakes.was_read("parties.csv"):
            text = said("party {party} is not in parties.csv", party=party)
            row.note(FolderCode.UNKNOWN_REFERENCE, text)
    counts: Mapping[ColumnKind | None, bool] = {
        ColumnKind.PARTY: len(members) == 1,
        ColumnKind.INDEPENDENT: len(members) == 1,
        ColumnKind.COMBINATION: len(set(members)) == len(members) >= 2,
        ColumnKind.UNREGISTERED: not members,
        ColumnKind.NULL: not members,
    }
    if not counts.get(kind, True):
        text = said(
            "a column of kind {kind} cannot have the parties {parties!r}",
            kind=row["kind"],
            parties=row["parties"],
        )
        row.note(FolderCode.BROKEN_RULE, text)
    return Column(row["id"], kind, members) if kind else None


def read_candidacies(
    folder: Path,
    contest: str,
    columns: Sequence[Column],
    levels: Sequence[Level],
    areas: Mapping[tuple[Level, str], Area],
    mistakes: Mistakes,
) -> dict[str, tuple[Candidacy, ...]]:
    """Who runs in each unit: by area path, or :data:`ANYWHERE`."""
    file = f"contests/{contest}/candidacies.csv"
    by_id = {column.id: column for column in columns}
    found: dict[str, list[Candidacy]] = {}
    taken: dict[tuple[str, str], str] = {}
    keys = _Keys(by_id)
    for row in read_rows(folder, file, CANDIDACY_COLUMNS, mistakes):
        area, own = row["area"], tuple(row["columns"].split())
        _check_token(row, "key")
        keys.check(row, area, own)
        known = area == ANYWHERE or any((level, area) in areas for level in levels)
        if not known and mistakes.was_read("areas.csv"):
            text = said("area {area} is not in areas.csv", area=area)
            row.note(FolderCode.UNKNOWN_REFERENCE, text)
        if mistakes.was_read(f"contests/{contest}/columns.csv"):
            _check_columns(row, own, by_id)
        for column in own:
            if other := taken.get((area, column)):
                text = said(
                    "column {column} already belongs to {other} in {area}",
                    column=column,
                    other=other,
                    area=area,
                )
                row.note(FolderCode.DUPLICATE, text)
            taken[area, column] = row["key"]
        if own:
            candidacy = Candidacy(row["key"], row["name"], row["substitute"], own)
            found.setdefault(area, []).append(candidacy)
    _check_nesting(file, found, mistakes)
    return {area: tuple(candidacies) for area, candidacies in found.items()}


class _Keys:
    """What the keys of candidacies stand for: one in an area, and the same parties in all of them.

    Above the unit a key is one candidacy, whose votes and whose victories are added up.
    """

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self._columns = columns
        self._areas: set[tuple[str, str]] = set()
        self._parties: dict[str, frozenset[str]] = {}

    def check(self, row: Row, area: str, own: tuple[str, ...]) -> None:
        """Note a key that comes twice in an area, or has other parties than before."""
        key = row["key"]
        if (key, area) in self._areas:
            text = said("the key {key} stands twice in {area}", key=key, area=area)
            row.note(FolderCode.DUPLICATE, text)
            return
        self._areas.add((key, area))
        known = (self._columns[name] for name in own if name in self._columns)
        parties = frozenset(party for column in known for party in _single(column))
        before = self._parties.setdefault(key, parties)
        if before != parties:
            text = said(
                "{key} is of {parties} elsewhere: another key is needed",
                key=key,
                parties=" ".join(sorted(before)),
            )
            row.note(FolderCode.BROKEN_RULE, text)


def _check_nesting(file: str, areas: Iterable[str], mistakes: Mistakes) -> None:
    """Candidacies are declared once on the way from the root to a unit."""
    declared = set(areas)
    for area in sorted(declared):
        depth = len(ids_of(area))
        above = {ANYWHERE, *(unit_of(area, end) for end in range(1, depth))} - {area}
        for outer in sorted(above & declared):
            text = said(
                "candidacies of {area} are declared for {outer} too", area=area, outer=outer
            )
            mistakes.add(FolderCode.DUPLICATE, file, None, text)


def _check_columns(row: Row, own: tuple[str, ...], columns: Mapping[str, Column]) -> None:
    if not own:
        row.note(FolderCode.BROKEN_RULE, said("a candidacy needs at least one column"))
    parties = {party for name in own if name in columns for party in _single(columns[name])}
    everybody = {party for column in columns.values() for party in _single(column)}
    for name in own:
        if name not in columns:
            text = said("column {column} is not in columns.csv", column=name)
            row.note(FolderCode.UNKNOWN_REFERENCE, text)
        elif columns[name].kind is ColumnKind.COMBINATION:
            for party in sorted(everybody.intersection(columns[name].parties) - parties):
                text = said(
                    "party {party} of the combination {column} does not run in this candidacy",
                    party=party,
                    column=name,
                )
                row.note(FolderCode.BROKEN_RULE, text)
        elif columns[name].kind in NOBODYS:
            text = said("votes of {column} belong to nobody", column=name)
            row.note(FolderCode.BROKEN_RULE, text)


def _single(column: Column) -> tuple[str, ...]:
    return column.parties if column.kind is not ColumnKind.COMBINATION else ()


def read_catalogue(
    folder: Path, contest: Contest, areas: Mapping[tuple[Level, str], Area], mistakes: Mistakes
) -> tuple[ExpectedActa, ...]:
    """Every acta the contest expects, in the order of the official database."""
    file = f"contests/{contest.id}/catalogue.csv"
    found: dict[str, ExpectedActa] = {}
    spelt: dict[str, str] = {}
    known: set[str] = set()
    casillas: dict[tuple[object, ...], str] = {}
    for row in read_rows(folder, file, CATALOGUE_COLUMNS, mistakes):
        if row["area"] not in known:
            _check_area(row, contest.levels, areas)
            known.add(row["area"])
        _check_token(row, "acta")
        other = spelt.setdefault(row["acta"].lower(), row["acta"])
        if row["acta"] in found:
            text = said("acta {acta} is declared twice", acta=row["acta"])
            row.note(FolderCode.DUPLICATE, text)
        elif other != row["acta"]:
            text = said(
                "acta {acta} differs from {other} in case only", acta=row["acta"], other=other
            )
            row.note(FolderCode.DUPLICATE, text)
        expected = _expected(row)
        if expected:
            _check_casilla(row, expected, contest, casillas)
            found[expected.id] = expected
    return tuple(found.values())


def _check_area(row: Row, levels: Sequence[Level], areas: Mapping[tuple[Level, str], Area]) -> None:
    """Note an area that is none of the contest's units; once for each, where it comes first."""
    if len(ids_of(row["area"])) != len(levels):
        ids = "/".join(level.value for level in levels)
        text = said(
            "area must be {wanted}, as the levels of the contest, not {area!r}",
            wanted=said("ids of {ids}", ids=ids) if ids else said("empty"),
            area=row["area"],
        )
        row.note(FolderCode.WRONG_VALUE, text)
        return
    if not row.mistakes.was_read("areas.csv"):
        return
    for depth, level in enumerate(levels, 1):
        path = unit_of(row["area"], depth)
        if (level, path) not in areas:
            text = said("{level} {path} is not in areas.csv", level=level.value, path=path)
            row.note(FolderCode.UNKNOWN_REFERENCE, text)


def _expected(row: Row) -> ExpectedActa | None:
    kind = row.member("kind", CasillaKind)
    location = row.member("location", Location)
    seccion, representatives = row["seccion"], row["representatives"]
    mesa = kind in MESAS
    if mesa != (seccion == "") or not (mesa or (len(seccion) == 4 and seccion.isdigit())):
        text = said(
            "seccion must have 4 digits, or be empty for a mesa, not {seccion!r}", seccion=seccion
        )
        row.note(FolderCode.WRONG_VALUE, text)
    if kind is CasillaKind.ESPECIAL:
        _check_special(row)
    expected = ExpectedActa(
        id=row["acta"],
        area=row["area"],
        seccion=seccion,
        kind=kind or CasillaKind.BASICA,
        number=row.integer("number", 0, 99),
        extension=row.integer("extension", 0, 99),
        location=location or Location.URBAN,
        tipo_acta=row["tipo_acta"],
        lista_nominal=row.integer("lista_nominal", 0, MAX_LISTA_NOMINAL),
        representatives=row.integer("representatives", 0, 100_000) if representatives else None,
    )
    return expected if kind and location else None


def _check_casilla(
    row: Row, expected: ExpectedActa, contest: Contest, casillas: dict[tuple[object, ...], str]
) -> None:
    """One acta of each form for a casilla; those of proportional representation, special ones."""
    acta = expected
    casilla = acta.area, acta.seccion, acta.kind, acta.number, acta.extension, acta.tipo_acta
    if (other := casillas.setdefault(casilla, acta.id)) != acta.id:
        text = said("{acta} is the casilla of {other}", acta=acta.id, other=other)
        row.note(FolderCode.DUPLICATE, text)
    if acta.tipo_acta in contest.rp_tipos and acta.kind is not CasillaKind.ESPECIAL:
        text = said(
            "tipo_acta {tipo} is in rp_tipos, for special casillas only", tipo=acta.tipo_acta
        )
        row.note(FolderCode.BROKEN_RULE, text)


LEAST_CEILING = 100
"""Fewer ballots than this no special casilla is given: the number is of representatives."""


def _check_special(row: Row) -> None:
    """A special casilla has no list; what its votes are held against is its ballots (spec G.2).

    With anything else there, its votes would exceed the list and none would be counted (A.4).
    """
    if row["lista_nominal"] != "0":
        text = said("a special casilla has no lista nominal: write 0")
        row.note(FolderCode.BROKEN_RULE, text)
    ceiling = row["representatives"]
    if not ceiling.isdecimal() or int(ceiling[:9]) < LEAST_CEILING:
        text = said(
            "representatives of a special casilla must be the most ballots that it may be given "
            "plus its representatives (750 until 2020, then 1000), not {ceiling!r}",
            ceiling=ceiling,
        )
        row.note(FolderCode.BROKEN_RULE, text)
