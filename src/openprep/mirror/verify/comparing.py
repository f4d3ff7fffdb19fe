"""What a published object must say of what was counted, and that it says it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import structs

from openprep.election import ColumnVotes, Contest, Level, RpActas, Rules, Summary
from openprep.election.area_path import parent, unit_of
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.verify.acta_groups import published_groups
from openprep.mirror.verify.adding import Counted
from openprep.mirror.verify.ballots import Ballots, Runner
from openprep.tabulation import Tally, parties_of, share, summarise
from openprep.wire.cut.description import AreaName
from openprep.wire.cut.objects import ProportionalVotes, PublishedActa, SeccionResults
from openprep.wire.cut.results import (
    AreaResults,
    CandidacyVotes,
    ChildArea,
    GroupResults,
    PartyVotes,
    UnitsWon,
    Votes,
)


@dataclass(frozen=True)
class Comparing:
    """Compares the objects of one contest in one cut with what was counted."""

    contest: Contest
    rules: Rules
    root: AreaName
    closing: bool
    ballots: Ballots

    def section(
        self, published: SeccionResults, counted: Counted, actas: tuple[PublishedActa, ...]
    ) -> None:
        """See that a section says what was counted.

        Raises:
            Refused: RECOUNT, naming what it says otherwise.
        """
        rebuilt = structs.replace(
            published,
            summary=self._summary(counted.tally, published.path),
            votes=self._votes(counted, parent(published.path)),
            actas=actas,
        )
        self._compare(rebuilt, published)

    def area(self, published: AreaResults, counted: Counted, children: Sequence[Counted]) -> None:
        """See that an area says what was counted of it and of its ``children``.

        Raises:
            Refused: RECOUNT, naming what it says otherwise.
        """
        rebuilt = structs.replace(
            published,
            summary=self._summary(counted.tally, published.path),
            votes=self._votes(counted, published.path),
            parties=self._parties(counted),
            groups=self._groups(counted),
            won=self._won(counted),
            children=tuple(map(self._child, published.children, children)),
            proportional=self._proportional(counted),
        )
        self._compare(rebuilt, published)

    def where(self, published: AreaResults | SeccionResults) -> str:
        """The name of an object in a refusal."""
        return f"{self.contest.id} {published.level.value} {published.path or self.root.name}"

    def _compare(
        self,
        rebuilt: AreaResults | SeccionResults,
        published: AreaResults | SeccionResults,
    ) -> None:
        if rebuilt == published:
            return
        theirs, ours = structs.asdict(published), structs.asdict(rebuilt)
        wrong = ", ".join(name for name in ours if ours[name] != theirs[name])
        raise Refused(
            MirrorCode.RECOUNT,
            "{where}: {wrong} is not what the actas add up to",
            where=self.where(published),
            wrong=wrong,
        )

    def _summary(self, tally: Tally, path: str) -> Summary:
        rule = self.rules.participation
        return summarise(tally, rule, root=path == "", closing=self.closing)

    def _votes(self, counted: Counted, area: str) -> Votes:
        total, votes = counted.total, counted.candidacies
        columns = ColumnVotes.of(counted.columns)
        return Votes(
            total=total,
            unregistered=columns.unregistered,
            null=columns.null,
            off_ballot=counted.off_ballot,
            columns=counted.columns,
            candidacies=tuple(
                CandidacyVotes(runner.key, runner.name, runner.parties, own, share(own, total))
                for runner in self._running(area)
                for own in (votes[runner.position],)
            ),
        )

    def _running(self, area: str) -> tuple[Runner, ...]:
        """Who runs in an area; in a run of sections or a section, who runs in its unit."""
        return self.ballots.running(unit_of(area, len(self.contest.levels)))

    def _parties(self, counted: Counted) -> tuple[PartyVotes, ...]:
        if not counted.parties:
            return ()
        total = counted.total
        votes = zip(parties_of(self.contest), counted.parties, strict=True)
        return tuple(PartyVotes(party, own, share(own, total)) for party, own in votes)

    def _groups(self, counted: Counted) -> tuple[GroupResults, ...]:
        if counted.level is Level.RUN:
            return ()
        positions = [runner.position for runner in self._running(counted.path)]
        return published_groups(counted.groups, positions)

    def _won(self, counted: Counted) -> tuple[UnitsWon, ...]:
        return tuple(
            UnitsWon(key, led, second)
            for key, led, second in zip(
                self.contest.contenders, counted.led, counted.second, strict=False
            )
            if led or second
        )

    def _proportional(self, counted: Counted) -> ProportionalVotes | None:
        apart = counted.apart
        if counted.level is not Level.ENTITY or not apart:
            return None
        if self.contest.rp_actas is not RpActas.ENTITY_ONLY:
            return None
        expected, captured, acta_count, *columns = apart
        total = sum(columns)
        return ProportionalVotes(expected, captured, acta_count, total, tuple(columns))

    def _child(self, published: ChildArea, counted: Counted) -> ChildArea:
        places = counted.places
        return ChildArea(
            level=published.level,
            path=published.path,
            name=published.name,
            object=published.object,
            expected=counted.tally.expected,
            captured=counted.tally.captured,
            counted=counted.tally.counted,
            total=counted.total,
            leader=None if places.first is None else self.contest.contenders[places.first],
            leader_votes=places.votes,
        )
