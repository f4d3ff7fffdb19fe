"""Result objects from the figures of a cut: what one area or one section says, to the digit.

A publisher makes the same objects from the actas by :mod:`openprep.mirror.verify.rebuild`, which
says what the two share, and what is written apart.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from msgspec import UNSET

from openprep.cuts.leaves import Logged
from openprep.election import (
    Acta,
    ActaGroup,
    Candidacy,
    Contest,
    Counting,
    Election,
    ExpectedActa,
    Level,
    RpActas,
    Summary,
    count,
)
from openprep.election.area_path import own_id, unit_of
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
    parties_of,
    share,
    summarise,
)
from openprep.tabulation.candidacies import Received, contenders_in
from openprep.tabulation.groups import GROUPS, GroupFigures
from openprep.tabulation.layout import Integers
from openprep.wire.cut.description import AreaName
from openprep.wire.cut.objects import ProportionalVotes, PublishedActa, SeccionResults, Version
from openprep.wire.cut.ref import SCHEMA, Ref
from openprep.wire.cut.results import (
    AreaResults,
    CandidacyVotes,
    ChildArea,
    GroupResults,
    PartyVotes,
    UnitsWon,
    Votes,
)

NOBODY_LEADS = -1

History = Callable[[int], Sequence[Logged]]
"""The versions of an acta, oldest first, by its position in the catalogue."""


@dataclass(frozen=True)
class Places:
    """Who comes first and second in each area: positions in the contest's contenders.

    :data:`NOBODY_LEADS` while there is no vote, or a tie for the place.
    """

    first: Integers
    votes: Integers
    second: Integers


def places_of(receivers: Integers) -> Places:
    """The places in each row of votes by receiver."""
    candidacies = contenders_in(receivers)
    if not candidacies.shape[1]:
        nobody = np.full(len(receivers), NOBODY_LEADS)
        return Places(nobody, np.zeros(len(receivers), np.int64), nobody)
    first, votes = _best(candidacies)
    rest = candidacies.copy()
    rest[np.arange(len(rest)), candidacies.argmax(axis=1)] = 0
    second, _ = _best(rest)
    second[first == NOBODY_LEADS] = NOBODY_LEADS
    return Places(first, votes, second)


def _best(candidacies: Integers) -> tuple[Integers, Integers]:
    most = candidacies.max(axis=1)
    alone = (candidacies == most[:, np.newaxis]).sum(axis=1) == 1
    leads = alone & (most > 0)
    return np.where(leads, candidacies.argmax(axis=1), NOBODY_LEADS), most


@dataclass(frozen=True)
class Figures:
    """The figures of one cut: totals of every area, and votes by receiver and by party.

    ``receivers``, ``parties`` and ``acta_groups`` have one matrix a depth, from the root to the
    unit; below it, nobody distributes, and receivers are worked out only for the areas and runs
    that changed.
    """

    totals: Totals
    receivers: tuple[Integers, ...]
    parties: tuple[Integers, ...]
    acta_groups: tuple[Integers, ...]
    constituencies: Places | None
    proportional: Integers | None
    closing: bool


class Runner(NamedTuple):
    """Who runs in an area. ``name`` is there where it is one person's."""

    position: int
    """Among the contenders of the contest."""
    key: str
    name: str | None
    parties: tuple[str, ...]


Running = Sequence[Runner]
"""Everybody who runs in an area, in the order of the contenders."""


class Composer:
    """Composes the objects of one contest."""

    def __init__(self, election: Election, contest: Contest, layout: Layout) -> None:
        self.election = election
        self.contest = contest
        self.layout = layout
        self.catalogue: Sequence[ExpectedActa] = election.catalogues[contest.id]
        self._ballots: Ballots = ballots_of(contest, layout.depths[layout.unit_depth].paths)
        self._grouping = group_actas(layout, self.catalogue)
        self._running: dict[str, Running] = {}
        self._above: dict[tuple[int, int], tuple[AreaName, ...]] = {}
        self._seats_at = self._depth_of(contest.constituency)
        apart = contest.rp_actas is RpActas.ENTITY_ONLY and bool(contest.rp_tipos)
        self._proportional_at = self._depth_of(Level.ENTITY) if apart else None

    def _depth_of(self, level: Level | None) -> int | None:
        levels = [depth.level for depth in self.layout.depths]
        return levels.index(level) if level in levels else None

    def figures(self, totals: Totals, contributions: Contributions, *, closing: bool) -> Figures:
        """What a cut shows of ``totals``: units first, the areas above as sums of units."""
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
            self._grouping.add_up(contributions, self._ballots),
            None if seats is None else places_of(receivers[seats]),
            None if entity is None else add_up_proportional(self.layout, contributions, entity),
            closing,
        )

    def receivers(self, figures: Figures, depth: int, areas: Integers) -> Integers:
        """Votes by receiver of ``areas``."""
        unit = self.layout.unit_depth
        if depth <= unit:
            return figures.receivers[depth][areas]
        votes = figures.totals.votes(depth)[areas]
        return self._ballots.by_receiver(votes, self.layout.units[depth - unit][areas])

    def children(
        self, figures: Figures, depth: int, areas: Integers, refs: Sequence[Ref]
    ) -> Iterator[ChildArea]:
        """How the area above lists each of ``areas``, whose objects are ``refs``."""
        level, contenders = self.layout.depths[depth], self.contest.contenders
        places = places_of(self.receivers(figures, depth, areas))
        totals = figures.totals
        tallies, votes_of_all = totals.tallies(depth)[areas], totals.votes(depth)[areas]
        lists = (areas, refs, tallies, votes_of_all.sum(axis=1))
        tables = (each.tolist() if isinstance(each, np.ndarray) else each for each in lists)
        leaders = zip(places.first.tolist(), places.votes.tolist(), strict=True)
        for (area, ref, tally, total), (leader, votes) in zip(
            zip(*tables, strict=True), leaders, strict=True
        ):
            counts = Tally(*tally)
            yield ChildArea(
                level=level.level,
                path=level.paths[area],
                name=self.name(depth, area),
                object=ref,
                expected=counts.expected,
                captured=counts.captured,
                counted=counts.counted,
                total=total,
                leader=None if leader == NOBODY_LEADS else contenders[leader],
                leader_votes=votes,
            )

    def name(self, depth: int, area: int) -> str:
        """The name of an area, as people read it."""
        if depth == 0:
            return self.election.root.name
        level = self.layout.depths[depth]
        path = level.paths[area]
        if depth > self.layout.unit_depth:
            return own_id(path)
        return self.election.areas[level.level, path].name

    def sections(
        self,
        figures: Figures,
        sections: Integers,
        history: History,
        images: Mapping[str, int],
    ) -> Iterator[SeccionResults]:
        """The objects of ``sections``.

        ``history`` gives the versions of each acta, ``images`` the sizes of those in the tree.
        """
        depth = len(self.layout.depths) - 1
        paths = self.layout.depths[depth].paths
        for section, tally, votes in self._votes_of(figures, depth, sections):
            yield SeccionResults(
                schema=SCHEMA,
                election=self.election.id,
                contest=self.contest.id,
                level=Level.SECCION,
                path=paths[section],
                name=self.name(depth, section),
                parents=self._parents(depth, section),
                summary=self._summary(tally, depth, figures),
                votes=votes,
                actas=tuple(
                    self._published(position, history(position), images)
                    for position in self.layout.actas_in(section).tolist()
                ),
            )

    def areas(
        self,
        figures: Figures,
        depth: int,
        areas: Integers,
        children: Sequence[ChildArea],
        outside: Ref | None = None,
    ) -> Iterator[AreaResults]:
        """The objects of ``areas``; ``children`` are all the areas one depth down."""
        level = self.layout.depths[depth]
        for area, tally, votes in self._votes_of(figures, depth, areas):
            below = self.layout.children_of(depth, area)
            yield AreaResults(
                schema=SCHEMA,
                election=self.election.id,
                contest=self.contest.id,
                level=level.level,
                path=level.paths[area],
                name=self.name(depth, area),
                parents=self._parents(depth, area),
                summary=self._summary(tally, depth, figures),
                votes=votes,
                parties=self._parties(figures, depth, area, votes.total),
                groups=self._acta_groups(figures, depth, area),
                won=self._won(figures, depth, area),
                children=tuple(children[below.start : below.stop]),
                out_of_catalogue=outside,
                proportional=self._proportional(figures, depth, area),
            )

    def _votes_of(
        self, figures: Figures, depth: int, areas: Integers
    ) -> Iterator[tuple[int, Tally, Votes]]:
        totals = figures.totals
        rows = zip(
            areas.tolist(),
            totals.tallies(depth)[areas].tolist(),
            totals.votes(depth)[areas].tolist(),
            self.receivers(figures, depth, areas).tolist(),
            strict=True,
        )
        paths = self.layout.depths[depth].paths
        for area, tally, columns, receivers in rows:
            running = self._running_in(paths[area], depth)
            yield area, Tally(*tally), _votes(columns, Received.of(receivers), running)

    def _summary(self, tally: Tally, depth: int, figures: Figures) -> Summary:
        rule = self.election.rules.participation
        return summarise(tally, rule, root=depth == 0, closing=figures.closing)

    def _parents(self, depth: int, area: int) -> tuple[AreaName, ...]:
        if depth == 0:
            return ()
        above = int(self.layout.parents[depth][area])
        known = self._above.get((depth - 1, above))
        if known is None:
            level = self.layout.depths[depth - 1]
            own = AreaName(level.level, level.paths[above], self.name(depth - 1, above))
            known = self._above[depth - 1, above] = (*self._parents(depth - 1, above), own)
        return known

    def _running_in(self, path: str, depth: int) -> Running:
        if depth > self.layout.unit_depth:
            path = unit_of(path, self.layout.unit_depth)
        known = self._running.get(path)
        if known is None:
            known = self._running[path] = self._find_running(path)
        return known

    def _find_running(self, path: str) -> Running:
        position = {key: index for index, key in enumerate(self.contest.contenders)}
        own = self.contest.candidacies_in(path)
        one_person = bool(own)
        if not own:
            every = (candidacy for unit in self.contest.candidacies.values() for candidacy in unit)
            own = tuple({candidacy.key: candidacy for candidacy in every}.values())
        return sorted(
            Runner(
                position[candidacy.key],
                candidacy.key,
                candidacy.name if one_person else None,
                self._members(candidacy),
            )
            for candidacy in own
        )

    def _members(self, candidacy: Candidacy) -> tuple[str, ...]:
        index, columns = self.contest.column_index, self.contest.columns
        singles = (columns[index[name]].parties for name in candidacy.columns)
        return tuple(parties[0] for parties in singles if len(parties) == 1)

    def _parties(
        self, figures: Figures, depth: int, area: int, total: int
    ) -> tuple[PartyVotes, ...]:
        if depth > self.layout.unit_depth:
            return ()
        votes = figures.parties[depth][area].tolist()
        return tuple(
            PartyVotes(party, own, share(own, total))
            for party, own in zip(parties_of(self.contest), votes, strict=True)
        )

    def _acta_groups(self, figures: Figures, depth: int, area: int) -> tuple[GroupResults, ...]:
        if depth > self.layout.unit_depth:
            return ()
        rows = figures.acta_groups[depth][area].tolist()
        running = self._running_in(self.layout.depths[depth].paths[area], depth)
        return tuple(
            self._acta_group(group, own, running, area if depth == self.layout.unit_depth else None)
            for group, own in zip(GROUPS, map(GroupFigures.of, rows), strict=True)
            if own.expected
        )

    def _acta_group(
        self, group: ActaGroup, own: GroupFigures, running: Running, unit: int | None
    ) -> GroupResults:
        received = own.received
        secciones = () if unit is None else self._grouping.secciones.get((unit, group), ())
        return GroupResults(
            group=group,
            expected=own.expected,
            captured=own.captured,
            counted=own.counted,
            lista_nominal=own.lista_nominal,
            votes_with_list=own.votes_with_list,
            total=received.total,
            unregistered=received.unregistered,
            null=received.null,
            off_ballot=received.off_ballot,
            candidacies=tuple(received.contenders[runner.position] for runner in running),
            secciones=secciones,
        )

    def _won(self, figures: Figures, depth: int, area: int) -> tuple[UnitsWon, ...]:
        """Constituencies led by each candidacy in an area above them, and second places."""
        if self._seats_at is None or depth >= self._seats_at or figures.constituencies is None:
            return ()
        first, last = area, area + 1
        for below in range(depth, self._seats_at):
            first = self.layout.children_of(below, first).start
            last = self.layout.children_of(below, last - 1).stop
        contenders = self.contest.contenders
        led = self._count(figures.constituencies.first[first:last])
        second = self._count(figures.constituencies.second[first:last])
        return tuple(
            UnitsWon(key, first, other)
            for key, first, other in zip(contenders, led, second, strict=True)
            if first or other
        )

    def _count(self, places: Integers) -> list[int]:
        filled = places[places != NOBODY_LEADS]
        counts: list[int] = np.bincount(filled, minlength=len(self.contest.contenders)).tolist()
        return counts

    def _proportional(self, figures: Figures, depth: int, area: int) -> ProportionalVotes | None:
        if figures.proportional is None or depth != self._proportional_at:
            return None
        expected, captured, counted, *columns = figures.proportional[area].tolist()
        if not expected:
            return None
        return ProportionalVotes(expected, captured, counted, sum(columns), tuple(columns))

    def _published(
        self,
        position: int,
        versions: Sequence[Logged],
        images: Mapping[str, int],
    ) -> PublishedActa:
        expected = self.catalogue[position]
        if not versions:
            return PublishedActa(expected, Counting.NOT_CAPTURED, 0, None, ())
        acta: Acta = versions[-1].version.acta
        counting, total = count(acta, expected, self.election.rules)
        return PublishedActa(
            expected=expected,
            counting=counting,
            total=total,
            acta=acta,
            versions=tuple(map(self.version, versions)),
            image=None if acta.image_sha256 is None else images.get(acta.image_sha256),
        )

    def version(self, logged: Logged) -> Version:
        """What is published of a version beside its figures."""
        return Version(
            at=self.election.window.local(logged.version.at),
            leaf=logged.leaf,
            reason=logged.version.reason or None,
            identifies=UNSET if logged.identifies is None else logged.identifies,
        )

    @cached_property
    def everything(self) -> tuple[Integers, ...]:
        """Every area of each depth."""
        return tuple(np.arange(len(depth.paths)) for depth in self.layout.depths)


def _votes(columns: list[int], received: Received, running: Running) -> Votes:
    total = sum(columns)
    return Votes(
        total=total,
        unregistered=received.unregistered,
        null=received.null,
        off_ballot=received.off_ballot,
        columns=tuple(columns),
        candidacies=tuple(
            CandidacyVotes(runner.key, runner.name, runner.parties, votes, share(votes, total))
            for runner in running
            for votes in (received.contenders[runner.position],)
        ),
    )
