"""From totals to result objects: what one contest publishes in a cut, and only what changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

import numpy as np

from openprep.election import (
    ANYWHERE,
    Acta,
    Contest,
    Counting,
    Election,
    Summary,
    calculated_total,
    counting_of,
)
from openprep.record.state import Version
from openprep.tabulation import (
    Contributions,
    Totals,
    ballots_of,
    distribute,
    lay_out,
    parties_of,
    share,
    summarise,
    tabulate,
)
from openprep.tabulation.layout import Integers
from openprep.tree import objects as wire

Encoded = tuple[wire.Ref, bytes]


def encode(published: wire.PublishedObject) -> Encoded:
    """The object's reference and its bytes."""
    data = wire.encode_object(published)
    return wire.Ref(sha256(data).hexdigest(), len(data)), data


@dataclass(frozen=True)
class Spread:
    """Votes of every group of one depth, by receiver and by party (empty below the unit)."""

    receivers: Integers
    parties: Integers | None = None


@dataclass
class ContestResults:
    """The standing results of one contest, and the objects that show them.

    ``learn`` takes new versions of actas in the order of the record; ``objects`` then yields the
    objects that a cut must add. Everything is derived: a restart learns the record again and
    reaches the same objects.
    """

    election: Election
    contest: Contest
    standing: dict[int, Version] = field(default_factory=dict)
    out_of_catalogue: list[Acta] = field(default_factory=list)
    summary: Summary = field(init=False)
    root: wire.Ref = field(init=False)
    landing: wire.AreaResults = field(init=False)
    _refs: list[list[wire.Ref | None]] = field(init=False)
    _touched: set[int] = field(default_factory=set)
    _totals: Totals | None = None
    _closing: bool = False

    def __post_init__(self) -> None:
        catalogue = self.election.catalogues[self.contest.id]
        self.catalogue = catalogue
        self.layout = lay_out(self.contest, catalogue, self.election.root.level)
        self.contributions = Contributions(self.contest, catalogue, self.election.rules)
        units = self.layout.depths[self.layout.unit_depth].paths
        self.ballots = ballots_of(self.contest, units)
        self._refs = [[None] * len(depth.paths) for depth in self.layout.depths]

    @cached_property
    def _position(self) -> Mapping[str, int]:
        return {acta.id: position for position, acta in enumerate(self.catalogue)}

    def learn(self, version: Version) -> None:
        """Take one version of an acta of this contest."""
        if version.acta.acta is None:
            self.out_of_catalogue.append(version.acta)
            self.contributions.out_of_catalogue += 1
            return
        position = self._position[version.acta.acta]
        self.standing[position] = version
        self.contributions.capture(position, version.acta)
        self._touched.add(int(self.layout.section_of[position]))

    def actas(self) -> dict[str, Acta]:
        """The standing version of every captured acta, by its catalogue id."""
        return {self.catalogue[i].id: version.acta for i, version in self.standing.items()}

    def objects(self, *, closing: bool) -> Iterator[bytes]:
        """Recompute the contest and yield the bytes of each object that is not as before.

        Afterwards ``summary``, ``root`` and ``landing`` (the root's object) are of this cut.
        """
        totals = tabulate(self.layout, self.contributions)
        groups = self._changed(totals, closing)
        self._totals, self._closing = totals, closing
        spreads = self._spreads(totals)
        yield from self._sections(totals, spreads[-1], groups[-1])
        for depth in range(len(groups) - 2, 0, -1):
            for group in groups[depth]:
                yield from self._keep(depth, group, self._area(depth, group, spreads))
        self.summary = self._summary(totals, 0, 0)
        yield from self._root(spreads)
        self._touched.clear()

    def _changed(self, totals: Totals, closing: bool) -> list[list[int]]:
        """Groups of each depth to publish again: with new versions, new totals, or a new rule."""
        depths = self.layout.depths
        if self._totals is None or closing is not self._closing:
            return [list(range(len(depth.paths))) for depth in depths]
        changed = [set(groups.tolist()) for groups in totals.changed_since(self._totals)]
        changed[-1] |= self._touched
        for depth in range(len(depths) - 1, 0, -1):
            parents = self.layout.parents_of(depth)
            changed[depth - 1] |= {int(parents[group]) for group in changed[depth]}
        return [sorted(groups) for groups in changed]

    def _spreads(self, totals: Totals) -> list[Spread]:
        """By receiver and party: units first, then areas above as sums of units, and sections."""
        unit_depth = self.layout.unit_depth
        votes = totals.votes(unit_depth)
        parties = distribute(votes, self.contest, self.ballots.on_ballot)
        spreads = [Spread(self.ballots.by_receiver(votes), parties)]
        for depth in reversed(self.layout.depths[:unit_depth]):
            below = spreads[0]
            starts = depth.first_child
            receivers = np.add.reduceat(below.receivers, starts, axis=0)
            assert below.parties is not None
            spreads.insert(0, Spread(receivers, np.add.reduceat(below.parties, starts, axis=0)))
        unit_of = self.layout.parents_of(unit_depth + 1)
        sections = self.ballots.by_receiver(totals.votes(unit_depth + 1), unit_of)
        return [*spreads, Spread(sections)]

    def _sections(self, totals: Totals, spread: Spread, sections: Sequence[int]) -> Iterator[bytes]:
        depth = len(self.layout.depths) - 1
        for group in sections:
            path = self.layout.depths[depth].paths[group]
            section = wire.SeccionResults(
                schema=wire.SCHEMA,
                election=self.election.id,
                contest=self.contest.id,
                level=self.layout.depths[depth].level,
                path=path,
                name=path.rpartition("/")[2],
                parents=self._parents(depth, path),
                summary=self._summary(totals, depth, group),
                votes=self._votes(totals, depth, group, spread.receivers[group]),
                actas=tuple(self._acta(int(i)) for i in self.layout.actas_in(group)),
            )
            yield from self._keep(depth, group, section)

    def _acta(self, position: int) -> wire.PublishedActa:
        expected = self.catalogue[position]
        version = self.standing.get(position)
        if version is None:
            return wire.PublishedActa(expected, Counting.NOT_CAPTURED, 0, None, ())
        acta = version.acta
        return wire.PublishedActa(
            expected=expected,
            counting=counting_of(acta, expected, self.election.rules),
            total=calculated_total(acta.votes),
            acta=acta,
            versions=tuple(self._published(each) for each in version.history),
        )

    def _published(self, version: Version) -> wire.Version:
        return wire.Version(self.election.window.local(version.at), version.reason or None)

    def _keep(self, depth: int, group: int, published: wire.PublishedObject) -> Iterator[bytes]:
        ref, data = encode(published)
        if self._refs[depth][group] != ref:
            self._refs[depth][group] = ref
            yield data

    def _root(self, spreads: list[Spread]) -> Iterator[bytes]:
        outside, data = encode(
            wire.OutOfCatalogue(
                wire.SCHEMA, self.election.id, self.contest.id, tuple(self.out_of_catalogue)
            )
        )
        yield data
        self.landing = self._area(0, 0, spreads, outside)
        yield from self._keep(0, 0, self.landing)
        root = self._refs[0][0]
        assert root is not None
        self.root = root

    def _area(
        self, depth: int, group: int, spreads: list[Spread], outside: wire.Ref | None = None
    ) -> wire.AreaResults:
        assert self._totals is not None
        level, path = self.layout.depths[depth].level, self.layout.depths[depth].paths[group]
        votes = self._votes(self._totals, depth, group, spreads[depth].receivers[group])
        return wire.AreaResults(
            schema=wire.SCHEMA,
            election=self.election.id,
            contest=self.contest.id,
            level=level,
            path=path,
            name=self._name(depth, path),
            parents=self._parents(depth, path),
            summary=self._summary(self._totals, depth, group),
            votes=votes,
            parties=self._parties(spreads[depth], group, votes.total),
            won=self._won(depth, group, spreads),
            children=tuple(self._children(depth, group, spreads)),
            out_of_catalogue=outside,
        )

    def _name(self, depth: int, path: str) -> str:
        if depth == 0:
            return self.election.root.name
        if depth == len(self.layout.depths) - 1:
            return path.rpartition("/")[2]
        return self.election.areas[self.layout.depths[depth].level, path].name

    def _parents(self, depth: int, path: str) -> tuple[wire.AreaName, ...]:
        parts = path.split("/")
        above = ["/".join(parts[:length]) for length in range(depth)]
        levels = [one.level for one in self.layout.depths]
        return tuple(
            wire.AreaName(levels[index], parent, self._name(index, parent))
            for index, parent in enumerate(above)
        )

    def _summary(self, totals: Totals, depth: int, group: int) -> Summary:
        participation = self.election.rules.participation
        return summarise(totals.tally(depth, group), participation, closing=self._closing)

    def _votes(self, totals: Totals, depth: int, group: int, receivers: Integers) -> wire.Votes:
        columns = totals.votes(depth)[group].tolist()
        *by_candidacy, unregistered, null, off_ballot = receivers.tolist()
        total = sum(columns)
        running = self._running(depth, self.layout.depths[depth].paths[group])
        return wire.Votes(
            total=total,
            unregistered=unregistered,
            null=null,
            off_ballot=off_ballot,
            columns=tuple(columns),
            candidacies=tuple(
                wire.CandidacyVotes(key, name, parties, votes, share(votes, total))
                for key, votes in zip(self.contest.contenders, by_candidacy, strict=True)
                if key in running
                for name, parties in (running[key],)
            ),
        )

    def _running(self, depth: int, path: str) -> Mapping[str, tuple[str | None, tuple[str, ...]]]:
        """Who runs in an area: by key, the name (if one person) and the parties."""
        if depth < self.layout.unit_depth and ANYWHERE not in self.contest.candidacies:
            return self._everywhere
        unit = "/".join(path.split("/")[: self.layout.unit_depth])
        return {
            candidacy.key: (candidacy.name, self._members(candidacy.columns))
            for candidacy in self.contest.candidacies_in(unit)
        }

    @cached_property
    def _everywhere(self) -> Mapping[str, tuple[str | None, tuple[str, ...]]]:
        every = (one for unit in self.contest.candidacies.values() for one in unit)
        return {candidacy.key: (None, self._members(candidacy.columns)) for candidacy in every}

    def _members(self, columns: Iterable[str]) -> tuple[str, ...]:
        index, own = self.contest.column_index, self.contest.columns
        singles = (own[index[name]].parties for name in columns)
        return tuple(parties[0] for parties in singles if len(parties) == 1)

    def _parties(self, spread: Spread, group: int, total: int) -> tuple[wire.PartyVotes, ...]:
        if spread.parties is None:
            return ()
        votes = spread.parties[group].tolist()
        return tuple(
            wire.PartyVotes(party, own, share(own, total))
            for party, own in zip(parties_of(self.contest), votes, strict=True)
        )

    def _children(self, depth: int, group: int, spreads: list[Spread]) -> Iterator[wire.ChildArea]:
        assert self._totals is not None
        below = self.layout.depths[depth + 1]
        for child in self.layout.children_of(depth, group):
            ref = self._refs[depth + 1][child]
            assert ref is not None
            tally = self._totals.tally(depth + 1, child)
            leader, votes = self._leader(spreads[depth + 1].receivers[child])
            yield wire.ChildArea(
                level=below.level,
                path=below.paths[child],
                name=self._name(depth + 1, below.paths[child]),
                object=ref,
                expected=tally.expected,
                captured=tally.captured,
                counted=tally.counted,
                total=int(self._totals.votes(depth + 1)[child].sum()),
                leader=leader,
                leader_votes=votes,
            )

    def _leader(self, receivers: Integers) -> tuple[str | None, int]:
        candidacies = receivers[:-3]
        most = int(candidacies.max(initial=0))
        first = np.flatnonzero(candidacies == most)
        if most == 0 or len(first) > 1:
            return None, most
        return self.contest.contenders[int(first[0])], most

    def _won(self, depth: int, group: int, spreads: list[Spread]) -> tuple[wire.UnitsWon, ...]:
        """Units led by each candidacy inside an area above the unit, where units elect."""
        unit_depth = self.layout.unit_depth
        if depth >= unit_depth or ANYWHERE in self.contest.candidacies:
            return ()
        units: Iterable[int] = [group]
        for below in range(depth, unit_depth):
            units = [child for each in units for child in self.layout.children_of(below, each)]
        led: dict[str, int] = {}
        for unit in units:
            leader, _ = self._leader(spreads[unit_depth].receivers[unit])
            if leader is not None:
                led[leader] = led.get(leader, 0) + 1
        return tuple(wire.UnitsWon(key, led[key]) for key in self.contest.contenders if key in led)
