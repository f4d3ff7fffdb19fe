"""What each published object must say, rebuilt from what stands below it. Pure.

Written apart from the centre's publication, acta by acta, so that the two can disagree.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from msgspec import structs

from openprep.election import (
    ANYWHERE,
    Candidacy,
    ColumnKind,
    Contest,
    Counting,
    Level,
    Rules,
    Summary,
    calculated_total,
    counting_of,
    summable,
)
from openprep.mirror.codes import MirrorCode, Refused
from openprep.tabulation import (
    Tally,
    ballots_of,
    distribute,
    parties_of,
    share,
    summarise,
    tally_of,
    votes_enter_totals,
)
from openprep.tabulation.layout import section_path
from openprep.tabulation.tally import EXPECTED
from openprep.tree import objects as wire


@dataclass(frozen=True)
class Counted:
    """What was counted in one object and everything below it.

    ``below`` are the digests of its children; ``led`` counts the units that each candidacy leads.
    """

    level: Level
    path: str
    tally: Tally
    columns: tuple[int, ...]
    candidacies: Mapping[str, int]
    parties: Mapping[str, int]
    led: Mapping[str, int]
    off_ballot: int
    below: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Votes of every column."""
        return sum(self.columns)

    @property
    def leader(self) -> tuple[str | None, int]:
        """The candidacy with most votes; none while there is no vote or a tie."""
        most = max(self.candidacies.values(), default=0)
        first = [key for key, votes in self.candidacies.items() if votes == most]
        return (first[0] if most and len(first) == 1 else None), most


@dataclass(frozen=True)
class Rebuilder:
    """Rebuilds the objects of one contest in one cut."""

    contest: Contest
    rules: Rules
    root: wire.AreaName
    closing: bool

    @property
    def unit_level(self) -> Level:
        """The level where candidacies run and combinations are distributed."""
        return self.contest.levels[-1] if self.contest.levels else self.root.level

    def section(self, published: wire.SeccionResults) -> Counted:
        """Count the actas of a section.

        Raises:
            Refused: RECOUNT, the object is not what its actas say.
        """
        actas = tuple(self._acta(acta, published.path) for acta in published.actas)
        if len({acta.expected.id for acta in actas}) != len(actas):
            raise Refused(MirrorCode.RECOUNT, f"{self._where(published)}: an acta stands twice")
        tally = _sum_tallies(self._tally(acta) for acta in actas)
        columns = self._columns(actas)
        unit = published.path.rpartition("/")[0]
        candidacies, off_ballot = self._by_candidacy(unit, columns)
        counted = Counted(
            Level.SECCION, published.path, tally, columns, candidacies, {}, {}, off_ballot
        )
        rebuilt = structs.replace(
            published, summary=self._summary(tally), votes=self._votes(counted, unit), actas=actas
        )
        self._compare(rebuilt, published)
        return counted

    def area(
        self, published: wire.AreaResults, children: Sequence[Counted], outside: int
    ) -> Counted:
        """Count an area from its ``children``; ``outside`` actas are out of catalogue.

        Raises:
            Refused: RECOUNT, the object is not what its children add up to.
        """
        self._check_places(published, children)
        tally = _sum_tallies((*(one.tally for one in children), Tally(out_of_catalogue=outside)))
        counted = Counted(
            level=published.level,
            path=published.path,
            tally=tally,
            columns=tuple(map(sum, zip(*(one.columns for one in children), strict=True))),
            candidacies=_add(one.candidacies for one in children),
            parties=_add(one.parties for one in children),
            led=_add(one.led for one in children),
            off_ballot=sum(one.off_ballot for one in children),
            below=tuple(child.object.sha256 for child in published.children),
        )
        if published.level is self.unit_level:
            counted = self._as_unit(counted)
        rebuilt = structs.replace(
            published,
            summary=self._summary(tally),
            votes=self._votes(counted, published.path),
            parties=self._parties(counted),
            won=self._won(counted),
            children=tuple(map(_child, published.children, children)),
        )
        self._compare(rebuilt, published)
        return counted

    def _acta(self, published: wire.PublishedActa, path: str) -> wire.PublishedActa:
        expected, acta = published.expected, published.acta
        if section_path(expected) != path:
            raise Refused(MirrorCode.RECOUNT, f"{self.contest.id} {expected.id}: not of {path}")
        if acta is None:
            return structs.replace(published, counting=Counting.NOT_CAPTURED, total=0)
        if (acta.acta, acta.contest) != (expected.id, self.contest.id):
            raise Refused(MirrorCode.RECOUNT, f"{self.contest.id} {expected.id}: of another acta")
        if len(acta.votes) != len(self.contest.columns):
            raise Refused(MirrorCode.RECOUNT, f"{self.contest.id} {expected.id}: columns missing")
        counting = counting_of(acta, expected, self.rules)
        return structs.replace(published, counting=counting, total=calculated_total(acta.votes))

    def _tally(self, published: wire.PublishedActa) -> Tally:
        if published.acta is None:
            return EXPECTED
        return tally_of(published.acta, published.expected, self.contest, self.rules)

    def _columns(self, actas: Iterable[wire.PublishedActa]) -> tuple[int, ...]:
        sums = [0] * len(self.contest.columns)
        for one in actas:
            entering = votes_enter_totals(one.expected, self.contest)
            if one.acta is not None and one.counting is Counting.COUNTED and entering:
                for index, field in enumerate(one.acta.votes):
                    sums[index] += summable(field)
        return tuple(sums)

    def _by_candidacy(self, unit: str, columns: Sequence[int]) -> tuple[dict[str, int], int]:
        index = self.contest.column_index
        votes = {
            candidacy.key: sum(columns[index[name]] for name in candidacy.columns)
            for candidacy in self._running(unit)
        }
        nobody = self._of_kind(columns, ColumnKind.UNREGISTERED, ColumnKind.NULL)
        return votes, sum(columns) - sum(votes.values()) - nobody

    def _running(self, unit: str) -> list[Candidacy]:
        order = self.contest.contenders
        return sorted(self.contest.candidacies_in(unit), key=lambda one: order.index(one.key))

    def _of_kind(self, columns: Sequence[int], *kinds: ColumnKind) -> int:
        own = zip(self.contest.columns, columns, strict=True)
        return sum(votes for column, votes in own if column.kind in kinds)

    def _as_unit(self, counted: Counted) -> Counted:
        unit = ballots_of(self.contest, [counted.path])
        votes = np.array([counted.columns], np.int64)
        shares = distribute(votes, self.contest, unit.on_ballot)[0].tolist()
        leader, _ = counted.leader
        return Counted(
            level=counted.level,
            path=counted.path,
            tally=counted.tally,
            columns=counted.columns,
            candidacies=counted.candidacies,
            parties=dict(zip(parties_of(self.contest), shares, strict=True)),
            led={} if leader is None else {leader: 1},
            off_ballot=counted.off_ballot,
            below=counted.below,
        )

    def _votes(self, counted: Counted, unit: str) -> wire.Votes:
        total = counted.total
        by_key = counted.candidacies
        return wire.Votes(
            total=total,
            unregistered=self._of_kind(counted.columns, ColumnKind.UNREGISTERED),
            null=self._of_kind(counted.columns, ColumnKind.NULL),
            off_ballot=counted.off_ballot,
            columns=counted.columns,
            candidacies=tuple(
                wire.CandidacyVotes(key, name, parties, by_key.get(key, 0), share(votes, total))
                for key, name, parties in self._names(counted.level, unit)
                for votes in (by_key.get(key, 0),)
            ),
        )

    def _names(self, level: Level, unit: str) -> Iterable[tuple[str, str | None, tuple[str, ...]]]:
        if level in (self.unit_level, Level.SECCION) or ANYWHERE in self.contest.candidacies:
            return [(one.key, one.name, self._members(one)) for one in self._running(unit)]
        every = {one.key: one for unit in self.contest.candidacies.values() for one in unit}
        return [(key, None, self._members(every[key])) for key in self.contest.contenders]

    def _members(self, candidacy: Candidacy) -> tuple[str, ...]:
        index, columns = self.contest.column_index, self.contest.columns
        parties = (columns[index[name]].parties for name in candidacy.columns)
        return tuple(one[0] for one in parties if len(one) == 1)

    def _parties(self, counted: Counted) -> tuple[wire.PartyVotes, ...]:
        total = counted.total
        votes = ((party, counted.parties[party]) for party in parties_of(self.contest))
        return tuple(wire.PartyVotes(party, own, share(own, total)) for party, own in votes)

    def _won(self, counted: Counted) -> tuple[wire.UnitsWon, ...]:
        if counted.level is self.unit_level or ANYWHERE in self.contest.candidacies:
            return ()
        led = counted.led
        return tuple(wire.UnitsWon(key, led[key]) for key in self.contest.contenders if key in led)

    def _summary(self, tally: Tally) -> Summary:
        return summarise(tally, self.rules.participation, closing=self.closing)

    def _check_places(self, published: wire.AreaResults, children: Sequence[Counted]) -> None:
        """Each child once, inside the area: otherwise a section could be added twice."""
        prefix = f"{published.path}/" if published.path else ""
        paths = [child.path for child in children]
        inside = all(path.startswith(prefix) for path in paths)
        depths = {path.count("/") for path in paths}
        if not inside or len(set(paths)) != len(paths) or len(depths) != 1:
            raise Refused(
                MirrorCode.RECOUNT, f"{self._where(published)}: areas that are not its own"
            )
        listed = [(child.level, child.path) for child in published.children]
        if listed != [(child.level, child.path) for child in children]:
            raise Refused(MirrorCode.RECOUNT, f"{self._where(published)}: areas under a wrong name")

    def _where(self, published: wire.AreaResults | wire.SeccionResults) -> str:
        return f"{self.contest.id} {published.level.value} {published.path or self.root.name}"

    def _compare(
        self,
        rebuilt: wire.AreaResults | wire.SeccionResults,
        published: wire.AreaResults | wire.SeccionResults,
    ) -> None:
        if rebuilt == published:
            return
        theirs, ours = structs.asdict(published), structs.asdict(rebuilt)
        wrong = ", ".join(name for name in ours if ours[name] != theirs[name])
        detail = f"{self._where(published)}: {wrong} is not what the actas add up to"
        raise Refused(MirrorCode.RECOUNT, detail)


def _child(published: wire.ChildArea, counted: Counted) -> wire.ChildArea:
    leader, votes = counted.leader
    return structs.replace(
        published,
        expected=counted.tally.expected,
        captured=counted.tally.captured,
        counted=counted.tally.counted,
        total=counted.total,
        leader=leader,
        leader_votes=votes,
    )


def _sum_tallies(tallies: Iterable[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        total = total.plus(tally)
    return total


def _add(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return dict(total)
