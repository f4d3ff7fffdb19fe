"""What a valid folder says that is probably not what was meant: warnings, each with its place.

Nothing here is against a rule, so nothing is refused; a person should look at each line.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple, TypeVar

from openprep.coded import Coded, Text, said
from openprep.election.casillas import CasillaKey, casillas_of
from openprep.election.catalogue import ExpectedActa
from openprep.election.contest import Candidacy, Column, ColumnKind, Contest, Party
from openprep.election.declared import zones
from openprep.election.declared.folder import is_declared
from openprep.election.election import Election

TOML = "election.toml"
LONGEST_WINDOW = timedelta(hours=25)
"""Publication lasts a day (Reglamento de Elecciones 353); in 2018 it was extended by an hour."""

ALIKE = 12
"""Steps of red, green and blue together by which colours differ that nobody tells apart."""
SHORTEST_WINDOW = timedelta(hours=6)
"""A PREP ends before its day only when every acta is published."""
SUNDAY, CLOSING_OF_CASILLAS = 6, 18
"""Elections are held on Sundays (LGIPE 22), and casillas close at 18:00 (LGIPE 285)."""
DECLARED = ("election", "parties", "areas", "columns", "candidacies", "catalogue")
"""How the names of files begin that were meant for a part of the declaration."""

Found = TypeVar("Found")


class NoticeCode(Coded):
    """Kinds of warnings."""

    OFFSET = ("E030", "A time has another offset than its zone: the window may be an hour off.")
    STALE_ZONES = ("E031", "The zone data of this machine do not know the end of summer time.")
    CASILLA_MISSING = ("E032", "A casilla of one contest is missing from another.")
    LISTS_DIFFER = ("E033", "A casilla has another lista nominal in another contest.")
    RP_TIPOS = ("E034", "rp_tipos and the tipo_acta of the catalogue do not fit together.")
    LONG_WINDOW = ("E035", "The window is longer than the day for which a PREP is published.")
    SAME_COLOUR = ("E036", "Two parties have one colour: nobody can tell them apart on a map.")
    KEY = ("E037", "The key of a candidacy is not that of its parties.")
    UNDECLARED_FOLDER = ("E038", "A folder of a contest is declared nowhere: it is not read.")
    TWO_FILES = ("E039", "A file is there twice, compressed and not: one of them is not read.")
    ODD_PERIOD = ("E040", "database_minutes does not divide the hour.")
    CLAVE_ACTA = ("E041", "The id of an acta is not the CLAVE_ACTA that the database will print.")
    NAMELESS = ("E042", "A candidacy has no name.")
    UNREAD_FILE = ("E043", "A file of the folder is not read: it declares nothing.")
    COLUMN_NAME = ("E044", "The name of a vote column is not that of its parties.")
    ODD_WINDOW = ("E045", "The window is not the night of an election: too short, or too early.")


@dataclass(frozen=True)
class Notice:
    """One warning."""

    code: NoticeCode
    file: str
    text: Text

    def __str__(self) -> str:
        return str(self.in_a_line())

    def in_a_line(self) -> Text:
        """The warning under its code, with its place."""
        return said(
            "AVISO {code} {file}: {reason}", code=self.code.code, file=self.file, reason=self.text
        )


def notices_of(folder: Path, election: Election) -> tuple[Notice, ...]:
    """Every warning about ``election``, which was read from ``folder``."""
    found = [*_of_window(election), *_of_files(folder, election), *_of_parties(election)]
    for contest in election.contests.values():
        found += _of_columns(contest)
        found += _of_candidacies(contest)
        found += _of_catalogue(election, contest)
    return (*found, *_of_casillas(election))


def clave_acta(election: Election, contest: Contest, expected: ExpectedActa) -> str:
    """CLAVE_ACTA as the official database prints it (spec B.3).

    Entity (2 digits), seccion (4; ``0000`` for a mesa), kind, number (2), extension (2), tipo_acta.
    """
    entity, _ = election.entity_of(expected, contest)
    return (
        f"{entity}{expected.seccion or '0000'}{expected.kind.value}"
        f"{expected.number:02}{expected.extension:02}{expected.tipo_acta}"
    )


def _of_window(election: Election) -> Iterator[Notice]:
    window = election.window
    for name, at in (("opens", window.opens), ("closes", window.closes)):
        if at.utcoffset() != window.local(at).utcoffset():
            text = said(
                "{name} is written with UTC{written:%z}; {zone} is UTC{there:%z} then ({data})",
                name=name,
                written=at,
                zone=window.time_zone,
                there=window.local(at),
                data=zones.source_of(window.time_zone),
            )
            yield Notice(NoticeCode.OFFSET, TOML, text)
    if zones.are_stale():
        text = said(
            "{data}: every hour shown may be one off; install tzdata 2022f or later",
            data=zones.source_of(zones.MEXICO_CITY),
        )
        yield Notice(NoticeCode.STALE_ZONES, TOML, text)
    if window.closes - window.opens > LONGEST_WINDOW:
        text = said("from opens to closes it is {length}", length=window.closes - window.opens)
        yield Notice(NoticeCode.LONG_WINDOW, TOML, text)
    yield from _of_hours(election)
    if 60 % election.cuts.database_minutes:
        minutes = election.cuts.database_minutes
        text = said("databases every {minutes} minutes drift through the hour", minutes=minutes)
        yield Notice(NoticeCode.ODD_PERIOD, TOML, text)


def _of_hours(election: Election) -> Iterator[Notice]:
    """Results are public once casillas closed, for a day; a drill is run at any hour."""
    window, length = election.window, election.window.closes - election.window.opens
    opens = window.local(window.opens)
    if election.drill:
        return
    if opens.weekday() == SUNDAY and opens.hour < CLOSING_OF_CASILLAS:
        text = said(
            "it opens at {opens:%H:%M}, and casillas close at {closing}:00",
            opens=opens,
            closing=CLOSING_OF_CASILLAS,
        )
        yield Notice(NoticeCode.ODD_WINDOW, TOML, text)
    if length < SHORTEST_WINDOW:
        text = said("from opens to closes it is only {length}", length=length)
        yield Notice(NoticeCode.ODD_WINDOW, TOML, text)


def _of_files(folder: Path, election: Election) -> Iterator[Notice]:
    for path in sorted(folder.glob("contests/*/")):
        if path.is_dir() and path.name not in election.contests:
            text = said("no [[contest]] has the id {name}", name=path.name)
            yield Notice(NoticeCode.UNDECLARED_FOLDER, f"contests/{path.name}", text)
    for path in sorted((*folder.glob("*.csv.?z"), *folder.glob("contests/*/*.csv.?z"))):
        others = [path.with_suffix(suffix) for suffix in ("", ".gz")]
        plain = next((other for other in others if other != path and other.is_file()), None)
        if plain is not None:
            where = path.relative_to(folder).as_posix()
            text = said("{name} is read, this is not", name=plain.name)
            yield Notice(NoticeCode.TWO_FILES, where, text)

    names = (
        *folder.glob("*"),
        *(file for contest in election.contests for file in _in(folder, contest)),
    )
    unread = [file.relative_to(folder).as_posix() for file in names if _looks_meant(file, folder)]
    for name in sorted(unread):
        yield Notice(NoticeCode.UNREAD_FILE, name, said("nothing of an election is called so"))


def _in(folder: Path, contest: str) -> Iterator[Path]:
    return (folder / "contests" / contest).glob("*")


def _looks_meant(file: Path, folder: Path) -> bool:
    """Whether ``file`` looks like a part of the declaration, and is none."""
    if not file.is_file() or is_declared(file, folder):
        return False
    twice = file.suffix in (".gz", ".xz")
    return file.name.lower().startswith(DECLARED) and not twice


def _of_parties(election: Election) -> Iterator[Notice]:
    shown: list[Party] = []
    for party in election.parties.values():
        other = next((other for other in shown if _difference(other, party) <= ALIKE), None)
        if other is not None and other.colour == party.colour:
            text = said(
                "{other} and {party} are both {colour}",
                other=other.id,
                party=party.id,
                colour=party.colour,
            )
        elif other is not None:
            text = said(
                "{other} and {party} are nearly alike: {first}, {second}",
                other=other.id,
                party=party.id,
                first=other.colour,
                second=party.colour,
            )
        else:
            shown.append(party)
            continue
        yield Notice(NoticeCode.SAME_COLOUR, "parties.csv", text)


def _difference(party: Party, other: Party) -> int:
    """The sum of what red, green and blue differ."""
    pairs = zip(*(bytes.fromhex(party.colour[1:]) for party in (party, other)), strict=True)
    return sum(abs(a - b) for a, b in pairs)


def _of_columns(contest: Contest) -> Iterator[Notice]:
    file = f"contests/{contest.id}/columns.csv"
    wrong = [
        _Named(column.id, column.parties)
        for column in contest.columns
        if column.kind in (ColumnKind.PARTY, ColumnKind.COMBINATION) and not _is_named_after(column)
    ]
    if wrong:
        yield Notice(NoticeCode.COLUMN_NAME, file, _some(wrong, _named))


class _Named(NamedTuple):
    """The name of a column or the key of a candidacy, and the parties that it is of."""

    name: str
    parties: tuple[str, ...]


def _named(found: _Named) -> Text:
    return said("{name} of {parties}", name=found.name, parties=" ".join(found.parties))


def _is_named_after(column: Column) -> bool:
    """Whether a column's name joins its parties, in any order and with any of the prefixes."""
    name = column.id.partition("#")[0].replace("-", "_")
    joined = sorted("_".join(column.parties).replace("-", "_").split("_"))
    names = (name, *(name.removeprefix(prefix) for prefix in ("C_", "CC_", "CO_")))
    return any(sorted(name.split("_")) == joined for name in names)


class _Running(NamedTuple):
    """A candidacy, and the area where it runs."""

    area: str
    candidacy: Candidacy


def _running(found: _Running) -> Text:
    return said("{key} in {area}", area=found.area, key=found.candidacy.key)


def _of_candidacies(contest: Contest) -> Iterator[Notice]:
    file = f"contests/{contest.id}/candidacies.csv"
    running = [_Running(area, one) for area, own in contest.candidacies.items() for one in own]
    nameless = [found for found in running if not found.candidacy.name.strip()]
    if nameless:
        yield Notice(NoticeCode.NAMELESS, file, _some(nameless, _running))
    wrong = {
        _Named(candidacy.key, parties): None
        for _, candidacy in running
        if candidacy.key not in _keys_of(parties := _parties_of(contest, candidacy))
    }
    if wrong:
        yield Notice(NoticeCode.KEY, file, _some(list(wrong), _named))


def _parties_of(contest: Contest, candidacy: Candidacy) -> tuple[str, ...]:
    columns = (contest.columns[contest.column_index[name]] for name in candidacy.columns)
    single = (ColumnKind.PARTY, ColumnKind.INDEPENDENT)
    return tuple(party for column in columns if column.kind in single for party in column.parties)


def _keys_of(parties: tuple[str, ...]) -> tuple[str, ...]:
    joined = "_".join(parties)
    return joined, "-".join(parties), f"C_{joined}", f"CC_{joined}"


class _Printed(NamedTuple):
    """The id of an acta, and the CLAVE_ACTA that the database prints for it."""

    acta: str
    clave: str


def _printed(found: _Printed) -> Text:
    return said("{acta}, printed {clave}", acta=found.acta, clave=found.clave)


def _of_catalogue(election: Election, contest: Contest) -> Iterator[Notice]:
    file = f"contests/{contest.id}/catalogue.csv"
    catalogue = election.catalogues[contest.id]
    tipos = {acta.tipo_acta for acta in catalogue}
    if unused := sorted(contest.rp_tipos - tipos):
        text = said(
            "no acta of {contest} has the tipo_acta {tipos} of rp_tipos",
            contest=contest.id,
            tipos=" ".join(unused),
        )
        yield Notice(NoticeCode.RP_TIPOS, file, text)
    if apart := sorted(tipo for tipo in tipos - contest.rp_tipos if tipo.upper().endswith("RP")):
        text = said(
            "tipo_acta {tipos} is not in rp_tipos: its votes are added to the rest",
            tipos=" ".join(apart),
        )
        yield Notice(NoticeCode.RP_TIPOS, file, text)
    other = [
        _Printed(acta.id, clave)
        for acta in catalogue
        if acta.id.partition("@")[0] != (clave := clave_acta(election, contest, acta))
    ]
    if other:
        yield Notice(NoticeCode.CLAVE_ACTA, file, _some(other, _printed))


def _some(found: Sequence[Found], told: Callable[[Found], Text]) -> Text:
    """The first of ``found`` as it is ``told``, and how many there are."""
    first = told(found[0])
    if len(found) == 1:
        return first
    return said("{first} (and {more:,} more)", first=first, more=len(found) - 1)


def _of_casillas(election: Election) -> Iterator[Notice]:
    """Casillas that one contest has and another lacks, or has with another lista nominal.

    Contests need not cover the same sections, but one that covers most of what the largest does is
    meant to cover it all; in any other, whole sections may be left out, and no part of one.
    """
    by_contest = {
        contest.id: casillas_of(election, contest) for contest in election.contests.values()
    }
    largest = max(by_contest, key=lambda contest: len(by_contest[contest]))
    for contest, own in by_contest.items():
        whole = 2 * len(own) > len(by_contest[largest])
        sections = {casilla.section for casilla in own}
        for other, theirs in by_contest.items():
            if other == contest:
                continue
            every = whole and 2 * len(theirs) > len(by_contest[largest])
            lacking = [
                casilla
                for casilla in theirs.keys() - own.keys()
                if every or casilla.section in sections
            ]
            yield from _missing(contest, other, lacking)
        if contest != largest:
            yield from _different(contest, largest, own, by_contest[largest])


def _missing(contest: str, other: str, missing: list[CasillaKey]) -> Iterator[Notice]:
    if missing:
        text = said(
            "{other} has {casillas}, {contest} has not",
            other=other,
            casillas=_some(sorted(missing), _name),
            contest=contest,
        )
        yield Notice(NoticeCode.CASILLA_MISSING, f"contests/{contest}/catalogue.csv", text)


def _different(
    contest: str,
    other: str,
    own: Mapping[CasillaKey, ExpectedActa],
    theirs: Mapping[CasillaKey, ExpectedActa],
) -> Iterator[Notice]:
    different = [
        casilla
        for casilla, acta in own.items()
        if casilla in theirs and theirs[casilla].lista_nominal != acta.lista_nominal
    ]

    def both(casilla: CasillaKey) -> Text:
        return said(
            "{casilla}: {lista:,}, in {other} {theirs:,}",
            casilla=_name(casilla),
            lista=own[casilla].lista_nominal,
            other=other,
            theirs=theirs[casilla].lista_nominal,
        )

    if different:
        file = f"contests/{contest}/catalogue.csv"
        yield Notice(NoticeCode.LISTS_DIFFER, file, _some(different, both))


def _name(casilla: CasillaKey) -> Text:
    name = f"{casilla.kind}{casilla.number:02}{casilla.extension:02}"
    return said("casilla {seccion} {name}", seccion=casilla.section.seccion, name=name)
