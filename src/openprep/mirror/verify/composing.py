"""The objects of a contest's results, made from what stands and what it adds up to. Pure.

The same bytes as the centre's, since both are a function of the log and of what is declared: so the
digest of the root alone tells whether the two agree in every object below it. An object is made
again only where something in or below it changed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from msgspec.structs import astuple

from openprep.election import NOBODYS, Summary
from openprep.mirror.verify.adding import CELLS, GROUPS, TALLIES, Adding
from openprep.mirror.verify.catalogues import Catalogues
from openprep.mirror.verify.declared import DeclaredContest
from openprep.mirror.verify.standing import StandingContest
from openprep.tabulation import Tally, summarise
from openprep.wire.cut.objects import (
    Area,
    AreaVotes,
    GroupRow,
    Outside,
    Places,
    ProportionalVotes,
    ResultObject,
    Run,
    RunningRow,
    SummaryRow,
    WonRow,
    encode_object,
)
from openprep.wire.cut.ref import SCHEMA, Link, Location, digest_of
from openprep.wire.cut.results import UnitsWon, Votes, votes_of

_OF_GROUPS = [
    Tally._fields.index(name)
    for name in ("expected", "captured", "counted", "lista_nominal", "votes_with_list")
]


class Pack(Protocol):
    """Where objects are put."""

    def add(self, data: bytes, parts: Sequence[Location] = ()) -> Location:
        """Write an object, whose parts stand at ``parts``; where it is."""


class Shown(NamedTuple):
    """What the manifest of a cut says of a contest, beside the digest of its root."""

    summary: Summary
    votes: Votes
    won: tuple[UnitsWon, ...]


class _Figures(NamedTuple):
    """The figures of an area above the runs; its groups in the order of its catalogue."""

    tally: Tally
    votes: AreaVotes
    parties: tuple[int, ...]
    groups: tuple[GroupRow, ...]


@dataclass(frozen=True)
class Composed:
    """Where the objects of a contest stand, by depth from the root to the runs.

    ``catalogues`` are theirs in the same order, ``outside`` the object of the actas out of
    catalogue.
    """

    areas: tuple[list[Link], ...]
    catalogues: tuple[list[Link], ...]
    outside: Link | None

    @property
    def root(self) -> Link:
        """The object of the whole contest."""
        return self.areas[0][0]


class Composing:
    """Composes one contest, from ``standing`` and ``adding``."""

    def __init__(
        self,
        declared: DeclaredContest,
        standing: StandingContest,
        adding: Adding,
    ) -> None:
        self._declared = declared
        self._standing, self._adding = standing, adding
        self._depths, self._run = declared.layout.depths, declared.run_depth
        self._parents = [parents.tolist() for parents in declared.layout.parents]
        self._catalogues = Catalogues(declared, adding.ballots)
        self._cells = [
            [(0, *(1 + GROUPS.index(own.group) for own in groups)) for groups in areas]
            for areas in self._catalogues.groups
        ]
        self._positions = [
            [
                [who.position for who in self._catalogues.running(depth, area)]
                for area in range(len(self._depths[depth].paths))
            ]
            for depth in range(self._run)
        ]
        first = declared.first_slot[self._run]
        self._run_of = [run for run, end in enumerate(first[1:]) for _ in range(first[run], end)]

    def shown(self, *, closing: bool) -> Shown:
        """What the manifest must say of the contest."""
        figures = next(self._figures(0, [0]))
        running = self._catalogues.running(0, 0)
        keys = {who.position: who.key for who in running}
        rows = [RunningRow(who.position, who.key, who.name, who.parties) for who in running]
        columns, candidacies, off_ballot = astuple(figures.votes)
        return Shown(
            self._summary(figures.tally, 0, closing=closing),
            votes_of(columns, candidacies, off_ballot, rows),
            tuple(UnitsWon(keys[row.contender], row.units, row.second) for row in self._won(0, 0)),
        )

    def compose(self, before: Composed | None, pack: Pack, *, closing: bool) -> Composed:
        """What is new since ``before`` into ``pack``; of nothing, all. ``before`` stays as it is.

        Made again are the runs of the actas that are dirty, and all that is above them.
        """
        composed = self._composed_from(before, pack)
        changed = sorted({self._run_of[slot] for slot in self._standing.dirty})
        for depth in range(self._run, -1, -1):
            if before is None:
                changed = list(range(len(self._depths[depth].paths)))
            elif not depth:
                changed = [0]
            links = composed.areas[depth]
            for area, made in zip(
                changed, self._objects(composed, depth, changed, closing=closing), strict=True
            ):
                known = None if before is None else links[area]
                link = _put(made, known, pack, self._parts(composed, depth, area))
                links[area : area + 1] = [link]  # the first time, behind the others
            parents = self._parents[depth]
            changed = sorted({parents[area] for area in changed}) if depth else []
        return composed

    def _composed_from(self, before: Composed | None, pack: Pack) -> Composed:
        """What is to be changed: of ``before`` a copy, of nothing the catalogues alone."""
        if before is not None:
            areas = tuple(map(list, before.areas))
            outside = before.outside
            if self._standing.outside_dirty:
                outside = self._put_outside(outside, pack)
            return Composed(areas, before.catalogues, outside)
        of_areas = [
            [
                _put(self._catalogues.of_area(depth, area), None, pack)
                for area in range(len(self._depths[depth].paths))
            ]
            for depth in range(self._run)
        ]
        runs = range(len(self._depths[self._run].paths))
        of_runs = [_put(self._catalogues.of_run(run), None, pack) for run in runs]
        areas = tuple([] for _ in range(self._run + 1))
        return Composed(areas, (*of_areas, of_runs), self._put_outside(None, pack))

    def _objects(
        self, composed: Composed, depth: int, areas: Sequence[int], *, closing: bool
    ) -> Iterator[ResultObject]:
        if depth == self._run:
            return (self._run_object(composed, run) for run in areas)
        return (
            self._area_object(composed, depth, area, figures, closing=closing)
            for area, figures in zip(areas, self._figures(depth, areas), strict=True)
        )

    def _parts(self, composed: Composed, depth: int, area: int) -> list[Location]:
        """Where the parts of an object stand."""
        parts = [composed.catalogues[depth][area].at]
        if depth < self._run:
            first = self._declared.first_child[depth]
            parts += [link.at for link in composed.areas[depth + 1][first[area] : first[area + 1]]]
        if not depth and composed.outside is not None:
            parts.append(composed.outside.at)
        return parts

    def _run_object(self, composed: Composed, run: int) -> Run:
        declared, standing, depth = self._declared, self._standing, self._run
        first = declared.first_slot[depth]
        start, end = first[run], first[run + 1]
        earlier = {}
        if standing.earlier:
            earlier = {
                str(slot - start): tuple(standing.earlier[slot])
                for slot in range(start, end)
                if slot in standing.earlier
            }
        return Run(
            schema=SCHEMA,
            election=declared.election,
            contest=declared.contest.id,
            path=self._depths[depth].paths[run],
            catalogue=composed.catalogues[depth][run].digest,
            places=self._places(depth, run),
            leaves=tuple(standing.leaves[start:end]),
            offsets=tuple(standing.offsets[start:end]),
            images=tuple(standing.images[start:end]),
            earlier=earlier,
        )

    def _area_object(
        self, composed: Composed, depth: int, area: int, figures: "_Figures", *, closing: bool
    ) -> Area:
        declared = self._declared
        level, first = self._depths[depth], declared.first_child[depth]
        children = composed.areas[depth + 1][first[area] : first[area + 1]]
        return Area(
            schema=SCHEMA,
            election=declared.election,
            contest=declared.contest.id,
            level=level.level,
            path=level.paths[area],
            catalogue=composed.catalogues[depth][area].digest,
            summary=SummaryRow.of(self._summary(figures.tally, depth, closing=closing)),
            votes=figures.votes,
            parties=figures.parties,
            groups=figures.groups,
            children=tuple([link.digest for link in children]),
            places=self._places(depth, area),
            won=self._won(depth, area),
            proportional=self._proportional(depth, area),
            outside=composed.outside.digest if composed.outside and not depth else None,
        )

    def _places(self, depth: int, area: int) -> Places:
        """What the table of an area says of its children."""
        places, first = self._adding.places[depth + 1], self._declared.first_child[depth]
        start, end = first[area], first[area + 1]
        return Places(
            captured=tuple(places.captured[start:end]),
            counted=tuple(places.counted[start:end]),
            total=tuple(places.total[start:end]),
            leader=tuple(places.leader[start:end]),
            leader_votes=tuple(places.leader_votes[start:end]),
        )

    def _summary(self, tally: Tally, depth: int, *, closing: bool) -> Summary:
        if not depth:
            tally = tally._replace(out_of_catalogue=len(self._standing.outside))
        rule = self._declared.rules.participation
        return summarise(tally, rule, root=not depth, closing=closing)

    def _figures(self, depth: int, areas: Sequence[int]) -> Iterator["_Figures"]:
        """The figures of areas above the runs, worked out for all of them at once."""
        own = [self._cells[depth][area] for area in areas]
        cells = np.array(
            [area * CELLS + cell for area, cells in zip(areas, own, strict=True) for cell in cells],
            np.int64,
        )
        whole = np.flatnonzero(cells % CELLS == 0)
        rows, votes = self._adding.cells[depth][cells], self._adding.votes[depth][cells]
        columns = rows[:, TALLIES:]
        total, nobodys = columns.sum(axis=1), columns[:, -len(NOBODYS) :]
        off_ballot = total - nobodys.sum(axis=1) - votes.sum(axis=1)
        of_groups = np.column_stack((rows[:, _OF_GROUPS], total, nobodys, off_ballot)).tolist()
        by_candidacy, off_ballot_of = votes.tolist(), off_ballot.tolist()
        for area, start, in_area, tally, of_columns, parties in zip(
            areas,
            whole.tolist(),
            own,
            rows[whole, :TALLIES].tolist(),
            columns[whole].tolist(),
            self._adding.parties[depth][list(areas)].tolist(),
            strict=True,
        ):
            found = [
                self._candidacies(depth, area, by_candidacy[start + index])
                for index in range(len(in_area))
            ]
            yield _Figures(
                Tally(*tally),
                AreaVotes(tuple(of_columns), found[0], off_ballot_of[start]),
                tuple(parties),
                tuple(
                    _group_row(of_groups[start + index], found[index])
                    for index in range(1, len(in_area))
                ),
            )

    def _candidacies(self, depth: int, area: int, votes: Sequence[int]) -> tuple[int, ...]:
        """The votes of who runs in an area, in their order, from a row of its votes."""
        positions = self._positions[depth][area]
        if depth == self._run - 1:
            return tuple(votes[: len(positions)])
        return tuple([votes[position] for position in positions])

    def _won(self, depth: int, area: int) -> tuple[WonRow, ...]:
        adding = self._adding
        if depth >= len(adding.led):
            return ()
        rows = zip(
            adding.led[depth][area].tolist(), adding.second[depth][area].tolist(), strict=True
        )
        return tuple(
            WonRow(contender, led, second)
            for contender, (led, second) in enumerate(rows)
            if led or second
        )

    def _proportional(self, depth: int, area: int) -> ProportionalVotes | None:
        if depth != self._adding.entity_depth or area not in self._adding.apart.areas:
            return None
        expected, captured, counted, *columns = self._adding.apart.areas[area]
        return ProportionalVotes(expected, captured, counted, sum(columns), tuple(columns))

    def _put_outside(self, known: Link | None, pack: Pack) -> Link | None:
        standing, declared = self._standing, self._declared
        if not standing.outside and not standing.identified:
            return None
        outside = Outside(
            schema=SCHEMA,
            election=declared.election,
            contest=declared.contest.id,
            leaves=tuple(standing.outside),
            offsets=tuple(acta.offset for acta in standing.outside.values()),
            images=tuple(acta.image for acta in standing.outside.values()),
            identified=tuple(standing.identified),
        )
        return _put(outside, known, pack)


def _group_row(figures: Sequence[int], candidacies: tuple[int, ...]) -> GroupRow:
    expected, captured, counted, of_list, with_list, total, unregistered, null, off = figures
    return GroupRow(
        expected,
        captured,
        counted,
        of_list,
        with_list,
        total,
        unregistered,
        null,
        off,
        candidacies,
    )


def _put(
    made: ResultObject, known: Link | None, pack: Pack, parts: Sequence[Location] = ()
) -> Link:
    """An object into a pack, unless it is the one that is known; where it stands."""
    data = encode_object(made)
    digest = digest_of(data)
    if known is not None and known.digest == digest:
        return known
    return Link(digest, pack.add(data, parts))
