"""What a reader is told of an area: its object joined with what never changes of it.

The wire says each fact once (:mod:`openprep.wire.cut.objects`); here names stand beside figures and
shares beside votes again, as pages, audits and people want them.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import msgspec
from msgspec import Struct

from openprep.election import ActaGroup, Level
from openprep.election.contest import ColumnVotes
from openprep.election.summary import Share, Summary, share
from openprep.wire.cut.description import AreaName
from openprep.wire.cut.objects import (
    NOBODY,
    Area,
    AreaCatalogue,
    GroupInArea,
    GroupRow,
    ProportionalVotes,
    ResultObject,
    Run,
    RunCatalogue,
    RunningRow,
    decode_object,
    encode_object,
    parts_of,
)
from openprep.wire.cut.pack import PackError, links_to, packed_object
from openprep.wire.cut.ref import SCHEMA, Digest, Link, Location

ReadAt = Callable[[Location], bytes | None]
"""The bytes that stand at a location of a tree's packs; ``None`` if the pack is not there."""


class CandidacyVotes(Struct, frozen=True):
    """Votes of a candidacy: its parties' and their combinations'.

    ``name`` is ``None`` where the same parties back different people in the units below.
    ``share`` is in ten-thousandths of a percent of ``total``, truncated.
    """

    key: str
    name: str | None
    parties: tuple[str, ...]
    votes: int
    share: Share


class PartyVotes(Struct, frozen=True):
    """Votes of a party or independent after LGIPE 311.1.c."""

    party: str
    votes: int
    share: Share


class Votes(Struct, frozen=True):
    """Counted votes of an area.

    ``columns`` follow the contest's columns. ``off_ballot`` are votes that actas carry in columns
    which are not on the unit's ballot: part of ``total``, of no candidacy. Then
    ``total = candidacies + unregistered + null + off_ballot``.
    """

    total: int
    unregistered: int
    null: int
    off_ballot: int
    columns: tuple[int, ...]
    candidacies: tuple[CandidacyVotes, ...]


class ChildArea(Struct, frozen=True):
    """One area below, with what a table of areas shows.

    ``leader`` is the key of the candidacy with most votes; ``None`` while there is no vote or a
    tie. ``leader_votes`` are the most that anybody has.
    """

    level: Level
    path: str
    name: str
    object: Link
    expected: int
    captured: int
    counted: int
    total: int
    leader: str | None
    leader_votes: int


class UnitsWon(Struct, frozen=True):
    """In how many constituencies a candidacy leads, and in how many it comes second."""

    key: str
    units: int
    second: int = 0


class GroupResults(Struct, frozen=True):
    """What the actas of one group come to within an area; the figures of :class:`GroupRow`."""

    group: ActaGroup
    expected: int
    captured: int
    counted: int
    lista_nominal: int
    votes_with_list: int
    total: int
    unregistered: int
    null: int
    off_ballot: int
    candidacies: tuple[int, ...]
    secciones: tuple[str, ...] = ()
    """At the unit, of a group by modality: the sections that have such actas."""


class AreaResults(Struct, frozen=True):
    """Results of the root or of one area above the runs, with all their names.

    ``groups`` has those with expected actas. ``won`` is empty for a contest with one winner.
    """

    contest: str
    level: Level
    path: str
    name: str
    parents: tuple[AreaName, ...]
    summary: Summary
    votes: Votes
    parties: tuple[PartyVotes, ...]
    groups: tuple[GroupResults, ...]
    won: tuple[UnitsWon, ...]
    children: tuple[ChildArea, ...]
    out_of_catalogue: Link | None = None
    proportional: ProportionalVotes | None = None


class RunResults(NamedTuple):
    """A run of sections, and what it expects."""

    run: Run
    catalogue: RunCatalogue


def votes_of(
    columns: Sequence[int],
    candidacies: Sequence[int],
    off_ballot: int,
    running: Sequence[RunningRow],
) -> Votes:
    """Votes with the names of who received them; ``candidacies`` in the order of ``running``.

    Raises:
        ValueError: there are not as many figures as candidacies.
    """
    total, nobodys = sum(columns), ColumnVotes.of(columns)
    return Votes(
        total=total,
        unregistered=nobodys.unregistered,
        null=nobodys.null,
        off_ballot=off_ballot,
        columns=tuple(columns),
        candidacies=tuple(
            CandidacyVotes(row.key, row.name, row.parties, votes, share(votes, total))
            for row, votes in zip(running, candidacies, strict=True)
        ),
    )


def area_results(
    area: Area, catalogue: AreaCatalogue, children: Sequence[Link], outside: Link | None
) -> AreaResults:
    """An area joined with its catalogue; ``children`` and ``outside`` say where its parts are.

    Raises:
        ValueError: the two do not fit together.
    """
    votes = votes_of(
        area.votes.columns, area.votes.candidacies, area.votes.off_ballot, catalogue.running
    )
    keys = {row.contender: row.key for row in catalogue.running}
    return AreaResults(
        contest=area.contest,
        level=area.level,
        path=area.path,
        name=catalogue.name,
        parents=catalogue.parents,
        summary=area.summary.summary,
        votes=votes,
        parties=tuple(
            PartyVotes(party, own, share(own, votes.total))
            for party, own in zip(catalogue.parties, area.parties, strict=True)
        ),
        groups=tuple(
            _group(which, row) for which, row in zip(catalogue.groups, area.groups, strict=True)
        ),
        won=tuple(UnitsWon(_key(keys, row.contender), row.units, row.second) for row in area.won),
        children=tuple(_children(area, catalogue, children, keys)),
        out_of_catalogue=outside,
        proportional=area.proportional,
    )


def _group(which: GroupInArea, row: GroupRow) -> GroupResults:
    figures = msgspec.structs.asdict(row)
    return GroupResults(which.group, secciones=which.secciones, **figures)


def _key(keys: dict[int, str], contender: int) -> str:
    if contender not in keys:
        raise ValueError(f"contender {contender} does not run here")
    return keys[contender]


def _children(
    area: Area, catalogue: AreaCatalogue, links: Sequence[Link], keys: dict[int, str]
) -> list[ChildArea]:
    places = area.places
    rows = zip(
        links,
        catalogue.ids,
        catalogue.names or catalogue.ids,
        catalogue.expected,
        places.captured,
        places.counted,
        places.total,
        places.leader,
        places.leader_votes,
        strict=True,
    )
    above = f"{area.path}/" if area.path else ""
    return [
        ChildArea(
            catalogue.level,
            f"{above}{own}",
            name,
            link,
            expected,
            captured,
            counted,
            total,
            None if leader == NOBODY else _key(keys, leader),
            leader_votes,
        )
        for link, own, name, expected, captured, counted, total, leader, leader_votes in rows
    ]


Object = TypeVar("Object", bound=ResultObject)


class ResultsReader:
    """Reads the results of one tree, each object held against its digest."""

    def __init__(self, read: ReadAt) -> None:
        self._read = read

    def area(self, link: Link) -> AreaResults:
        """The area at ``link``, joined with its catalogue.

        Raises:
            PackError: an object is not there whole, or of another kind or version.
        """
        found, parts = self._object(link, Area)
        catalogue, _ = self._object(parts[0], AreaCatalogue)
        end = 1 + len(found.children)
        outside = parts[end] if len(parts) > end else None
        try:
            return area_results(found, catalogue, parts[1:end], outside)
        except ValueError as error:
            raise PackError(f"area {found.path!r} and its catalogue: {error}") from error

    def run(self, link: Link) -> RunResults:
        """The run at ``link``, and its catalogue.

        Raises:
            PackError: as :meth:`area`.
        """
        found, parts = self._object(link, Run)
        catalogue, _ = self._object(parts[0], RunCatalogue)
        return RunResults(found, catalogue)

    def object(self, link: Link, kind: type[Object]) -> Object:
        """The object at ``link``, which must be of this kind.

        Raises:
            PackError: it is not there whole, or of another kind or version.
        """
        return self._object(link, kind)[0]

    def _object(self, link: Link, kind: type[Object]) -> tuple[Object, tuple[Link, ...]]:
        entry = self._read(link.at)
        if entry is None:
            raise PackError(f"pack {link.at.pack} is not there")
        data, at = packed_object(entry, link.digest)
        found = parsed_object(link.digest, data, kind)
        return found, links_to(parts_of(found), at)


def parsed_object(digest: Digest, data: bytes, kind: type[Object]) -> Object:
    """The object of this kind whose bytes, which have the digest, are ``data``.

    Raises:
        PackError: it is of another kind or version, or not in its exact form: a reader could see
            another in it.
    """
    try:
        found = decode_object(data)
    except msgspec.MsgspecError as error:
        raise PackError(f"object {digest}: {error}") from error
    if found.schema != SCHEMA:
        raise PackError(f"object {digest} is of version {found.schema}, not {SCHEMA}")
    if not isinstance(found, kind):
        raise PackError(f"object {digest} is not of the kind {kind.__name__}")
    if encode_object(found) != data:
        raise PackError(f"object {digest} is not in its exact form")
    return found
