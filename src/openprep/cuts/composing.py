"""Result objects from the figures of a cut: what one area or one run says, to the digit.

A publisher makes the same objects from the log's leaves by :mod:`openprep.mirror.verify`, with
arithmetic written apart.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from openprep.cuts.catalogues import Catalogues
from openprep.election import Contest, Election, Level, RpActas, Summary
from openprep.tabulation import (
    Ballots,
    Contributions,
    Layout,
    Tally,
    Totals,
    add_up_proportional,
    ballots_of,
    distribute,
    group_actas,
    summarise,
)
from openprep.tabulation.candidacies import Received, contenders_in
from openprep.tabulation.groups import GroupFigures
from openprep.tabulation.layout import Integers
from openprep.wire.cut.objects import (
    NOBODY,
    Area,
    AreaVotes,
    GroupRow,
    Places,
    ProportionalVotes,
    Run,
    SummaryRow,
    WonRow,
)
from openprep.wire.cut.ref import SCHEMA, Digest

_SHOWN = [Tally._fields.index(name) for name in ("captured", "counted")]


@dataclass(frozen=True)
class Ranking:
    """Who comes first and second in each area: positions in the contest's contenders.

    :data:`NOBODY` while there is no vote, or a tie for the place. ``votes`` are the most that
    anybody has.
    """

    first: Integers
    votes: Integers
    second: Integers


def ranking_of(receivers: Integers) -> Ranking:
    """The places in each row of votes by receiver."""
    candidacies = contenders_in(receivers)
    if not candidacies.shape[1]:
        nobody = np.full(len(receivers), NOBODY)
        return Ranking(nobody, np.zeros(len(receivers), np.int64), nobody)
    first, votes = _best(candidacies)
    rest = candidacies.copy()
    rest[np.arange(len(rest)), candidacies.argmax(axis=1)] = 0
    second, _ = _best(rest)
    second[first == NOBODY] = NOBODY
    return Ranking(first, votes, second)


def _best(candidacies: Integers) -> tuple[Integers, Integers]:
    most = candidacies.max(axis=1)
    alone = (candidacies == most[:, np.newaxis]).sum(axis=1) == 1
    leads = alone & (most > 0)
    return np.where(leads, candidacies.argmax(axis=1), NOBODY), most


@dataclass(frozen=True)
class Figures:
    """The figures of one cut: totals of every area, and votes by receiver and by party.

    ``receivers``, ``parties`` and ``acta_groups`` have one matrix a depth, from the root to the
    unit; below it, nobody distributes, and receivers are worked out only for the sections and runs
    that changed.
    """

    totals: Totals
    receivers: tuple[Integers, ...]
    parties: tuple[Integers, ...]
    acta_groups: tuple[Integers, ...]
    constituencies: Ranking | None
    proportional: Integers | None


@dataclass(frozen=True)
class StandingLeaves:
    """What stands of each acta, section by section: its leaf, where that is, and its image's size.

    ``earlier`` has the leaves of superseded versions by the acta's place.
    """

    leaves: Integers
    offsets: Integers
    images: Integers
    earlier: Mapping[int, Sequence[int]]


class Below(NamedTuple):
    """The areas of the next depth: a row of each as tables show it, and their objects."""

    table: Integers
    objects: Sequence[Digest]


class _AreaRows(NamedTuple):
    """The rows of one area in the figures, and its children."""

    tally: Sequence[int]
    votes: Sequence[int]
    receivers: Sequence[int]
    parties: Sequence[int]
    groups: Sequence[Sequence[int]]
    children: tuple[tuple[Digest, ...], Places]


class Composer:
    """Composes the objects of one contest."""

    def __init__(self, election: Election, contest: Contest, layout: Layout) -> None:
        self.election = election
        self.contest = contest
        self.layout = layout
        self._ballots: Ballots = ballots_of(contest, layout.depths[layout.unit_depth].paths)
        self.grouping = group_actas(layout, election.catalogues[contest.id])
        self.catalogues = Catalogues(election, contest, layout, self.grouping)
        self._seats_at = self._depth_of(contest.constituency)
        apart = contest.rp_actas is RpActas.ENTITY_ONLY and bool(contest.rp_tipos)
        self._proportional_at = self._depth_of(Level.ENTITY) if apart else None

    def _depth_of(self, level: Level | None) -> int | None:
        levels = [depth.level for depth in self.layout.depths]
        return levels.index(level) if level in levels else None

    def figures(self, totals: Totals, groups: Integers, contributions: Contributions) -> Figures:
        """What a cut shows of ``totals``: units first, the areas above as sums of units.

        ``groups`` is what each group of actas adds up to in every run.
        """
        unit = self.layout.unit_depth
        votes = totals.votes(unit)
        receivers = [self._ballots.by_receiver(votes)]
        parties = [distribute(votes, self.contest, self._ballots.on_ballot)]
        for depth in reversed(self.layout.depths[:unit]):
            receivers.insert(0, np.add.reduceat(receivers[0], depth.first_child, axis=0))
            parties.insert(0, np.add.reduceat(parties[0], depth.first_child, axis=0))
        seats, entity = self._seats_at, self._proportional_at
        return Figures(
            totals,
            tuple(receivers),
            tuple(parties),
            self.grouping.figures(groups, self._ballots),
            None if seats is None else ranking_of(receivers[seats]),
            None if entity is None else add_up_proportional(self.layout, contributions, entity),
        )

    def _receivers(self, figures: Figures, depth: int, areas: Integers) -> Integers:
        """Votes by receiver of ``areas``."""
        unit = self.layout.unit_depth
        if depth <= unit:
            return figures.receivers[depth][areas]
        votes = figures.totals.votes(depth)[areas]
        return self._ballots.by_receiver(votes, self.layout.units[depth - unit][areas])

    def table(self, figures: Figures, depth: int, areas: Integers) -> Integers:
        """A row for each of ``areas``, as the object above shows it: the fields of ``Places``."""
        ranking = ranking_of(self._receivers(figures, depth, areas))
        shown = figures.totals.tallies(depth)[areas][:, _SHOWN]
        total = figures.totals.votes(depth)[areas].sum(axis=1)
        return np.column_stack((shown, total, ranking.first, ranking.votes))

    def runs(
        self,
        runs: Integers,
        catalogues: Sequence[Digest],
        sections: Integers,
        standing: StandingLeaves,
    ) -> Iterator[Run]:
        """The objects of ``runs``; ``sections`` is the table of all sections."""
        depth = self.layout.unit_depth + 1
        rows = self.layout.inside(depth, runs)
        actas = self.layout.inside(depth + 1, rows.members)
        columns = sections[rows.members].T.tolist()
        leaves = standing.leaves[actas.members].tolist()
        offsets = standing.offsets[actas.members].tolist()
        images = standing.images[actas.members].tolist()
        bounds = (
            rows.starts,
            rows.stops,
            actas.starts[rows.starts],
            actas.stops[rows.stops - 1],
            actas.members[actas.starts[rows.starts]],
        )
        paths = self.layout.depths[depth].paths
        for run, row, row_end, acta, acta_end, begin in zip(
            runs.tolist(), *(each.tolist() for each in bounds), strict=True
        ):
            yield Run(
                schema=SCHEMA,
                election=self.election.id,
                contest=self.contest.id,
                path=paths[run],
                catalogue=catalogues[run],
                places=Places(*[tuple(column[row:row_end]) for column in columns]),
                leaves=tuple(leaves[acta:acta_end]),
                offsets=tuple(offsets[acta:acta_end]),
                images=tuple(images[acta:acta_end]),
                earlier=_earlier(standing.earlier, begin, acta_end - acta),
            )

    def areas(
        self,
        figures: Figures,
        depth: int,
        areas: Integers,
        catalogues: Sequence[Digest],
        below: Below,
        *,
        closing: bool,
        outside: Digest | None = None,
    ) -> Iterator[Area]:
        """The objects of ``areas``; ``below`` are all the areas one depth down."""
        rule = self.election.rules.participation
        rows = map(
            _AreaRows,
            figures.totals.tallies(depth)[areas].tolist(),
            figures.totals.votes(depth)[areas].tolist(),
            figures.receivers[depth][areas].tolist(),
            figures.parties[depth][areas].tolist(),
            figures.acta_groups[depth][areas].tolist(),
            self._children(depth, areas, below),
        )
        for area, own in zip(areas.tolist(), rows, strict=True):
            summary = summarise(Tally(*own.tally), rule, root=depth == 0, closing=closing)
            yield self._area(figures, depth, area, own, summary, catalogues[area], outside)

    def _children(
        self, depth: int, areas: Integers, below: Below
    ) -> Iterator[tuple[tuple[Digest, ...], Places]]:
        """The objects directly below each of ``areas``, and what its table shows of them."""
        inside = self.layout.inside(depth, areas)
        columns = below.table[inside.members].T.tolist()
        bounds = (self.layout.depths[depth].first_child[areas], inside.starts, inside.stops)
        for begin, row, end in zip(*(each.tolist() for each in bounds), strict=True):
            places = Places(*[tuple(column[row:end]) for column in columns])
            yield tuple(below.objects[begin : begin + end - row]), places

    def _area(
        self,
        figures: Figures,
        depth: int,
        area: int,
        own: _AreaRows,
        summary: Summary,
        catalogue: Digest,
        outside: Digest | None,
    ) -> Area:
        """The object of one area."""
        level = self.layout.depths[depth]
        running = self._contenders_in(level.paths[area])
        received = Received.of(own.receivers)
        children, places = own.children
        return Area(
            schema=SCHEMA,
            election=self.election.id,
            contest=self.contest.id,
            level=level.level,
            path=level.paths[area],
            catalogue=catalogue,
            summary=SummaryRow.of(summary),
            votes=AreaVotes(
                tuple(own.votes),
                tuple([received.contenders[contender] for contender in running]),
                received.off_ballot,
            ),
            parties=tuple(own.parties),
            groups=tuple(_group_rows(own.groups, running)),
            children=children,
            places=places,
            won=self._won(figures, depth, area),
            proportional=self._proportional(figures, depth, area),
            outside=outside,
        )

    def _contenders_in(self, path: str) -> list[int]:
        return [row.contender for row in self.catalogues.running(path)]

    def _won(self, figures: Figures, depth: int, area: int) -> tuple[WonRow, ...]:
        """Constituencies led by each candidacy in an area above them, and second places."""
        if self._seats_at is None or depth >= self._seats_at or figures.constituencies is None:
            return ()
        first, last = area, area + 1
        for below in range(depth, self._seats_at):
            first = self.layout.children_of(below, first).start
            last = self.layout.children_of(below, last - 1).stop
        led = self._count(figures.constituencies.first[first:last])
        second = self._count(figures.constituencies.second[first:last])
        return tuple(
            WonRow(contender, units, other)
            for contender, (units, other) in enumerate(zip(led, second, strict=True))
            if units or other
        )

    def _count(self, places: Integers) -> list[int]:
        filled = places[places != NOBODY]
        counts: list[int] = np.bincount(filled, minlength=len(self.contest.contenders)).tolist()
        return counts

    def _proportional(self, figures: Figures, depth: int, area: int) -> ProportionalVotes | None:
        if figures.proportional is None or depth != self._proportional_at:
            return None
        expected, captured, counted, *columns = figures.proportional[area].tolist()
        if not expected:
            return None
        return ProportionalVotes(expected, captured, counted, sum(columns), tuple(columns))


def _earlier(
    earlier: Mapping[int, Sequence[int]], begin: int, size: int
) -> dict[str, tuple[int, ...]]:
    """The superseded versions of a run's actas, by the acta's position in it."""
    if not earlier:
        return {}
    found = ((position, earlier.get(begin + position)) for position in range(size))
    return {str(position): tuple(leaves) for position, leaves in found if leaves}


def _group_rows(groups: Sequence[Sequence[int]], running: Sequence[int]) -> Iterator[GroupRow]:
    for own in map(GroupFigures.of, groups):
        if own.expected:
            received = own.received
            yield GroupRow(
                expected=own.expected,
                captured=own.captured,
                counted=own.counted,
                lista_nominal=own.lista_nominal,
                votes_with_list=own.votes_with_list,
                total=received.total,
                unregistered=received.unregistered,
                null=received.null,
                off_ballot=received.off_ballot,
                candidacies=tuple([received.contenders[contender] for contender in running]),
            )
