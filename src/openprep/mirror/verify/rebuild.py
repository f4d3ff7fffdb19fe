"""What each published object must say, rebuilt from what stands below it. Pure.

Apart from the centre's :mod:`openprep.cuts.composing` on purpose, so that the two can disagree, is
all adding: actas and areas one by one where it adds matrices, votes of coalitions distributed unit
by unit (LGIPE 311.1.c), who leads, groups of actas. The same as the centre's, by import, is the
rule: whether an acta counts and for how many votes (``count``, ``tally_of_count``), which actas
enter totals, participation and shares (``summarise``, ``share``). Who runs where is read off the
description by the same steps.

So a wrong sum of the centre is refused here, and a wrong rule is not: for that the audit has an
arithmetic of its own, and the browser another.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import NamedTuple, Protocol

from msgspec import structs

from openprep.election import (
    Acta,
    ActaGroup,
    Candidacy,
    ColumnKind,
    ColumnVotes,
    Contest,
    Count,
    Counting,
    Level,
    RpActas,
    Rules,
    Summary,
    count,
    counts_of,
    groups_of,
)
from openprep.election.area_path import is_within, own_id, parent, unit_of
from openprep.election.groups import LOCATED
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.verify.acta_groups import (
    Figures,
    GroupCounted,
    Groups,
    actas_of,
    add_figures,
    add_groups,
    published_groups,
)
from openprep.tabulation import (
    Tally,
    parties_of,
    share,
    summarise,
    tally_of_count,
    votes_enter_totals,
)
from openprep.tabulation.coalitions import SINGLE
from openprep.tabulation.layout import SECTIONS_IN_A_RUN, section_path
from openprep.tabulation.tally import EXPECTED
from openprep.wire.cut.objects import (
    AreaName,
    AreaResults,
    CandidacyVotes,
    ChildArea,
    GroupResults,
    Identified,
    OutOfCatalogue,
    PartyVotes,
    ProportionalVotes,
    PublishedActa,
    SeccionResults,
    UnitsWon,
    Version,
    Votes,
)
from openprep.wire.log.leaf import ActaLeaf


class Logged(Protocol):
    """The publication log, as far as actas are concerned."""

    def holds(self, index: int, leaf: ActaLeaf) -> bool:
        """Whether ``leaf`` stands at ``index``."""

    def holds_version(
        self, index: int, contest: str, acta: str | None, number: int, at: datetime
    ) -> bool:
        """Whether version ``number`` of an acta, recorded at ``at``, stands at ``index``."""

    def holds_identification(self, index: int, contest: str, acta: str, outside: int) -> bool:
        """Whether the version at ``index``, of ``acta``, identifies the leaf ``outside``."""

    def identifications(self, contest: str) -> int:
        """How many versions of a contest identify an acta out of catalogue."""


class Outside(NamedTuple):
    """Actas out of catalogue, and the leaves of the log that are theirs, identified or not."""

    actas: int = 0
    versions: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted in one object and everything below it.

    ``versions`` are those of its actas, each in the log. ``candidacies`` are the votes of each
    contender of the contest, ``parties`` those of each party from the unit up. ``led`` and
    ``second`` count the constituencies where each contender comes first and second. ``apart`` are
    the proportional actas that enter no total: expected, captured, counted, then votes by column;
    empty where there are none. ``groups`` has those with expected actas.
    """

    level: Level
    path: str
    tally: Tally
    versions: int
    columns: Figures
    candidacies: Figures
    off_ballot: int
    parties: Figures = ()
    led: Figures = ()
    second: Figures = ()
    apart: Figures = ()
    groups: Groups = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Votes of every column."""
        return sum(self.columns)

    @property
    def places(self) -> tuple[int | None, int | None, int]:
        """Who comes first and second (none where no vote or a tie decides), the first's votes."""
        votes = sorted(self.candidacies, reverse=True)
        most = votes[0] if votes else 0
        if not most or votes.count(most) > 1:
            return None, None, most
        runner_up = votes[1] if len(votes) > 1 else 0
        alone = runner_up > 0 and votes.count(runner_up) == 1
        first, second = self.candidacies.index(most), self.candidacies.index
        return first, second(runner_up) if alone else None, most


class Runner(NamedTuple):
    """Who runs in an area. ``name`` is there where it is one person's."""

    position: int
    """Among the contenders of the contest."""
    key: str
    name: str | None
    parties: tuple[str, ...]
    columns: tuple[int, ...]


@dataclass(frozen=True)
class Ballot:
    """Everybody who runs in an area, in the order of the contenders."""

    running: tuple[Runner, ...]


@dataclass(frozen=True)
class Rebuilder:
    """Rebuilds the objects of one contest in one cut."""

    contest: Contest
    rules: Rules
    root: AreaName
    closing: bool
    log: Logged
    _ballots: dict[str, Ballot] = field(default_factory=dict)

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The level of each depth, from the root to the sections."""
        return (self.root.level, *self.contest.levels, Level.RUN, Level.SECCION)

    @property
    def unit_level(self) -> Level:
        """The level where combinations are distributed."""
        return self.contest.levels[-1] if self.contest.levels else self.root.level

    def section(self, published: SeccionResults) -> Counted:
        """Count the actas of a section.

        Raises:
            Refused: RECOUNT, the object is not what its actas say.
        """
        actas = tuple(self._acta(acta, published.path) for acta in published.actas)
        if len({acta.expected.id for acta in actas}) != len(actas):
            raise Refused(
                MirrorCode.RECOUNT, "{where}: an acta stands twice", where=self._where(published)
            )
        for acta in actas:
            self._check_versions(acta)
        columns, apart = self._columns(actas)
        unit = parent(published.path)
        candidacies = self._by_candidacy(unit, columns)
        counted = Counted(
            level=Level.SECCION,
            path=published.path,
            tally=_sum_tallies(map(self._tally, actas)),
            versions=sum(len(published.versions) for published in actas),
            columns=columns,
            candidacies=candidacies,
            off_ballot=_off_ballot(columns, candidacies),
            apart=apart,
        )
        counted = replace(counted, groups=self._groups_in(actas, counted))
        rebuilt = structs.replace(
            published,
            summary=self._summary(counted.tally, published.path),
            votes=self._votes(counted, unit),
            actas=actas,
        )
        self._compare(rebuilt, published)
        return counted

    def area(
        self, published: AreaResults, children: Sequence[Counted], outside: Outside
    ) -> Counted:
        """Count an area from its ``children`` and the actas ``outside`` of the catalogue.

        Raises:
            Refused: RECOUNT, the object is not what its children add up to.
        """
        self._check_places(published, children)
        tally = _sum_tallies(
            (*(child.tally for child in children), Tally(out_of_catalogue=outside.actas))
        )
        counted = Counted(
            level=published.level,
            path=published.path,
            tally=tally,
            versions=sum(child.versions for child in children) + outside.versions,
            columns=add_figures(child.columns for child in children),
            candidacies=add_figures(child.candidacies for child in children),
            off_ballot=sum(child.off_ballot for child in children),
            parties=add_figures(child.parties for child in children),
            led=add_figures(child.led for child in children),
            second=add_figures(child.second for child in children),
            apart=add_figures(child.apart for child in children),
            groups=add_groups(
                (child.groups for child in children), within_unit=self._is_within_unit(published)
            ),
        )
        if published.level is self.unit_level:
            counted = replace(counted, parties=self._distributed(counted))
        rebuilt = structs.replace(
            published,
            summary=self._summary(tally, published.path),
            votes=self._votes(counted, published.path),
            parties=self._parties(counted),
            groups=self._groups(counted),
            won=self._won(counted),
            children=tuple(map(self._child, published.children, children)),
            proportional=self._proportional(counted),
        )
        self._compare(rebuilt, published)
        return self._with_own_place(counted)

    def _acta(self, published: PublishedActa, path: str) -> PublishedActa:
        expected, acta = published.expected, published.acta
        if section_path(expected) != path:
            raise Refused(
                MirrorCode.RECOUNT,
                "{id} {acta}: not of {path}",
                id=self.contest.id,
                acta=expected.id,
                path=path,
            )
        if acta is None:
            counting, total = Counting.NOT_CAPTURED, 0
        elif (acta.acta, acta.contest) != (expected.id, self.contest.id):
            raise Refused(
                MirrorCode.RECOUNT,
                "{id} {acta}: of another acta",
                id=self.contest.id,
                acta=expected.id,
            )
        elif len(acta.votes) != len(self.contest.columns):
            raise Refused(
                MirrorCode.RECOUNT,
                "{id} {acta}: columns missing",
                id=self.contest.id,
                acta=expected.id,
            )
        else:
            counting, total = count(acta, expected, self.rules)
        named = acta is not None and acta.image_sha256 is not None
        image = published.image if named else None
        return PublishedActa(expected, counting, total, acta, published.versions, image)

    def _check_versions(self, published: PublishedActa) -> None:
        """Each version of an acta must stand in the log where it says, the last as it is shown."""
        acta, versions, identity = published.acta, published.versions, published.expected.id
        held = (acta is None) is (not versions)
        if acta is not None and versions:
            held = self.log.holds(*_logged(acta, len(versions), versions[-1]))
        for number, version in enumerate(versions[:-1], 1):
            held = held and self.log.holds_version(
                version.leaf, self.contest.id, identity, number, version.at
            )
        if not held:
            raise Refused(
                MirrorCode.LOG_FACTS,
                "{id} {identity}: its versions are not those in the log",
                id=self.contest.id,
                identity=identity,
            )

    def outside(self, published: OutOfCatalogue) -> Outside:
        """Count the actas that are out of catalogue, and see that those that were are identified.

        Raises:
            Refused: LOG_FACTS, one of them is not in the log, or not identified there; RECOUNT, one
                is of another contest, or an image is of none of them.
        """
        if len(published.actas) != len(published.versions):
            raise Refused(
                MirrorCode.RECOUNT, "{id}: actas without their versions", id=self.contest.id
            )
        for acta, version in zip(published.actas, published.versions, strict=True):
            if (acta.contest, acta.acta) != (self.contest.id, None):
                raise Refused(
                    MirrorCode.RECOUNT, "{id}: an acta of another contest", id=self.contest.id
                )
            if not self.log.holds(*_logged(acta, 1, version)):
                raise Refused(
                    MirrorCode.LOG_FACTS,
                    "{id}: an acta out of catalogue is not in the log",
                    id=self.contest.id,
                )
        if not published.images.keys() <= {acta.image_sha256 for acta in published.actas}:
            raise Refused(
                MirrorCode.RECOUNT, "{id}: an image that no acta names", id=self.contest.id
            )
        self._check_identified(published.identified)
        leaves = [version.leaf for version in published.versions]
        leaves += [identified.leaf for identified in published.identified]
        if len(set(leaves)) != len(leaves):
            raise Refused(MirrorCode.LOG_FACTS, "{id}: an acta stands twice", id=self.contest.id)
        return Outside(len(published.actas), len(leaves))

    def _check_identified(self, identified: Sequence[Identified]) -> None:
        """Each stood in the log out of catalogue, a version there identifies it, and no other."""
        contest, log = self.contest.id, self.log
        held = all(
            log.holds_version(outside.leaf, contest, None, 1, outside.at)
            and log.holds_identification(outside.by, contest, outside.acta, outside.leaf)
            for outside in identified
        )
        if not held or len(identified) != log.identifications(contest):
            raise Refused(
                MirrorCode.LOG_FACTS,
                "{contest}: actas that were identified are not those in the log",
                contest=contest,
            )

    def _tally(self, published: PublishedActa) -> Tally:
        if published.acta is None:
            return EXPECTED
        counted = Count(published.counting, published.total)
        return tally_of_count(counted, published.acta, published.expected, self.contest)

    def _columns(self, actas: Iterable[PublishedActa]) -> tuple[Figures, Figures]:
        """Votes by column of the actas that enter totals, and the figures of those that do not."""
        nothing: Figures = (0,) * len(self.contest.columns)
        rows, apart = [], []
        for acta in actas:
            counted = acta.acta is not None and acta.counting is Counting.COUNTED
            votes = tuple(counts_of(acta.acta.votes)) if acta.acta and counted else nothing
            if votes_enter_totals(acta.expected, self.contest):
                rows.append(votes)
            else:
                apart.append((1, int(acta.acta is not None), int(counted), *votes))
        return add_figures(rows) or nothing, add_figures(apart)

    def _groups_in(self, actas: Sequence[PublishedActa], whole: Counted) -> Groups:
        """The groups of a section; one that is all of it shares the section's figures."""
        members: dict[ActaGroup, list[PublishedActa]] = defaultdict(list)
        for acta in actas:
            for group in groups_of(acta.expected):
                members[group].append(acta)
        unit, seccion = parent(whole.path), own_id(whole.path)
        found = {}
        for group, own in members.items():
            secciones = () if group in LOCATED.values() else (seccion,)
            if len(own) == len(actas):
                votes = whole.columns, whole.candidacies, whole.off_ballot
                found[group] = GroupCounted(actas_of(whole.tally), *votes, secciones)
            else:
                tally = _sum_tallies(map(self._tally, own))
                found[group] = GroupCounted(actas_of(tally), *self._votes_of(own, unit), secciones)
        return found

    def _votes_of(self, actas: Sequence[PublishedActa], unit: str) -> tuple[Figures, Figures, int]:
        """Votes by column, by contender, and in columns that are not on the unit's ballot."""
        columns, _ = self._columns(actas)
        candidacies = self._by_candidacy(unit, columns)
        return columns, candidacies, _off_ballot(columns, candidacies)

    def _is_within_unit(self, published: AreaResults) -> bool:
        return published.level in (self.unit_level, Level.RUN)

    def _by_candidacy(self, unit: str, columns: Figures) -> Figures:
        votes = [0] * len(self.contest.contenders)
        for runner in self._ballot(unit).running:
            votes[runner.position] = sum(columns[index] for index in runner.columns)
        return tuple(votes)

    def _ballot(self, area: str) -> Ballot:
        known = self._ballots.get(area)
        if known is None:
            known = self._ballots[area] = self._make_ballot(area)
        return known

    def _make_ballot(self, area: str) -> Ballot:
        order, index = self.contest.contenders, self.contest.column_index
        own = self.contest.candidacies_in(area)
        every = {
            candidacy.key: candidacy
            for unit in self.contest.candidacies.values()
            for candidacy in unit
        }
        found = [
            Runner(
                order.index(candidacy.key),
                candidacy.key,
                candidacy.name if own else None,
                self._members(candidacy),
                tuple(index[name] for name in candidacy.columns),
            )
            for candidacy in own or every.values()
        ]
        return Ballot(tuple(sorted(found)))

    def _members(self, candidacy: Candidacy) -> tuple[str, ...]:
        index, columns = self.contest.column_index, self.contest.columns
        parties = (columns[index[name]].parties for name in candidacy.columns)
        return tuple(party[0] for party in parties if len(party) == 1)

    @cached_property
    def _combinations(self) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """Each combination's column, and its members' positions among the parties."""
        position = {party: index for index, party in enumerate(parties_of(self.contest))}
        return tuple(
            (index, tuple(position[party] for party in column.parties))
            for index, column in enumerate(self.contest.columns)
            if column.kind is ColumnKind.COMBINATION
        )

    def _distributed(self, counted: Counted) -> Figures:
        """Votes by party of a unit (LGIPE 311.1.c), in plain integers, one unit at a time."""
        running = self._ballot(counted.path).running
        on_ballot = {index for runner in running for index in runner.columns}
        own = tuple(
            votes if index in on_ballot else 0
            for index, (column, votes) in enumerate(
                zip(self.contest.columns, counted.columns, strict=True)
            )
            if column.kind in SINGLE
        )
        result = list(own)
        for index, members in self._combinations:
            if index in on_ballot:
                quotient, left_over = divmod(counted.columns[index], len(members))
                strongest = sorted(members, key=lambda party: -own[party])
                for rank, party in enumerate(strongest):
                    result[party] += quotient + (rank < left_over)
        return tuple(result)

    def _with_own_place(self, counted: Counted) -> Counted:
        """A constituency stands as one where somebody comes first and second."""
        if self.contest.constituency is None or counted.level is not self.contest.constituency:
            return counted
        first, second, _ = counted.places
        contenders = range(len(self.contest.contenders))
        return replace(
            counted,
            led=tuple(int(position == first) for position in contenders),
            second=tuple(int(position == second) for position in contenders),
        )

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
                for runner in self._ballot(self._unit_or(area)).running
                for own in (votes[runner.position],)
            ),
        )

    def _unit_or(self, area: str) -> str:
        """``area``, or its unit if it is a run of sections or a section."""
        return unit_of(area, len(self.contest.levels))

    def _parties(self, counted: Counted) -> tuple[PartyVotes, ...]:
        if not counted.parties:
            return ()
        total = counted.total
        votes = zip(parties_of(self.contest), counted.parties, strict=True)
        return tuple(PartyVotes(party, own, share(own, total)) for party, own in votes)

    def _groups(self, counted: Counted) -> tuple[GroupResults, ...]:
        if counted.level is Level.RUN:
            return ()
        running = self._ballot(self._unit_or(counted.path)).running
        return published_groups(counted.groups, [runner.position for runner in running])

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
        first, _, votes = counted.places
        return ChildArea(
            level=published.level,
            path=published.path,
            name=published.name,
            object=published.object,
            expected=counted.tally.expected,
            captured=counted.tally.captured,
            counted=counted.tally.counted,
            total=counted.total,
            leader=None if first is None else self.contest.contenders[first],
            leader_votes=votes,
        )

    def _summary(self, tally: Tally, path: str) -> Summary:
        rule = self.rules.participation
        return summarise(tally, rule, root=path == "", closing=self.closing)

    def _check_places(self, published: AreaResults, children: Sequence[Counted]) -> None:
        """Each child once, inside the area: otherwise a section could be added twice."""
        paths = [child.path for child in children]
        if published.level is Level.RUN:
            inside = self._in_run(published.path, paths)
        else:
            inside = all(is_within(path, published.path) for path in paths)
            inside = inside and published.path not in paths
        depths = {path.count("/") for path in paths}
        if not inside or len(set(paths)) != len(paths) or len(depths) != 1:
            raise Refused(
                MirrorCode.RECOUNT,
                "{where}: areas that are not its own",
                where=self._where(published),
            )
        listed = [(child.level, child.path) for child in published.children]
        if listed != [(child.level, child.path) for child in children]:
            raise Refused(
                MirrorCode.RECOUNT,
                "{where}: areas under a wrong name",
                where=self._where(published),
            )

    def _in_run(self, path: str, sections: Sequence[str]) -> bool:
        """Whether a run is named by its own sections, in order, all of its unit."""
        ids = [own_id(section) for section in sections]
        return (
            bool(ids)
            and own_id(path) == f"{ids[0]}-{ids[-1]}"
            and ids == sorted(ids)
            and len(ids) <= SECTIONS_IN_A_RUN
            and all(parent(section) == parent(path) for section in sections)
        )

    def _where(self, published: AreaResults | SeccionResults) -> str:
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
            where=self._where(published),
            wrong=wrong,
        )


def _off_ballot(columns: Figures, candidacies: Figures) -> int:
    """Votes of nobody that are neither of the last two columns, unregistered and null."""
    return sum(ColumnVotes.of(columns).of_candidacies) - sum(candidacies)


def _sum_tallies(tallies: Iterable[Tally]) -> Tally:
    return Tally(*add_figures(tallies))


def _logged(acta: Acta, number: int, version: Version) -> tuple[int, ActaLeaf]:
    """Where a version must stand in the log, and its leaf."""
    leaf = ActaLeaf.of(acta, number, version.at, version.reason, version.identifies)
    return version.leaf, leaf
