"""What the actas of a section and the children of an area add up to. Pure.

Acta by acta and area by area where the centre adds matrices, so that the two can disagree.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from openprep.election import (
    ActaGroup,
    Contest,
    Count,
    Counting,
    Level,
    counts_of,
    groups_of,
)
from openprep.election.area_path import own_id, parent
from openprep.election.groups import LOCATED
from openprep.mirror.verify.acta_groups import (
    Figures,
    GroupCounted,
    Groups,
    actas_of,
    add_figures,
    add_groups,
)
from openprep.mirror.verify.actas import Outside
from openprep.mirror.verify.ballots import Ballots, Divided
from openprep.tabulation import Tally, tally_of_count, votes_enter_totals
from openprep.tabulation.tally import EXPECTED
from openprep.wire.cut.objects import PublishedActa
from openprep.wire.cut.results import AreaResults


class Places(NamedTuple):
    """Who comes first and second: nobody where no vote or a tie decides. What the first has."""

    first: int | None
    second: int | None
    votes: int


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
    def places(self) -> Places:
        """Who leads."""
        votes = sorted(self.candidacies, reverse=True)
        most = votes[0] if votes else 0
        if not most or votes.count(most) > 1:
            return Places(None, None, most)
        runner_up = votes[1] if len(votes) > 1 else 0
        alone = runner_up > 0 and votes.count(runner_up) == 1
        second = self.candidacies.index(runner_up) if alone else None
        return Places(self.candidacies.index(most), second, most)


class _Columns(NamedTuple):
    """Votes by column of the actas that enter totals, and the figures of those that do not."""

    votes: Figures
    apart: Figures


@dataclass(frozen=True)
class Adding:
    """Adds up one contest; ``unit_level`` is where combinations are distributed."""

    contest: Contest
    ballots: Ballots
    unit_level: Level

    def section(self, path: str, actas: Sequence[PublishedActa]) -> Counted:
        """A section, from its actas."""
        columns = self._columns(actas)
        divided = self.ballots.divide(parent(path), columns.votes)
        tally = _sum_tallies(map(self._tally, actas))
        return Counted(
            level=Level.SECCION,
            path=path,
            tally=tally,
            versions=sum(len(published.versions) for published in actas),
            columns=divided.columns,
            candidacies=divided.candidacies,
            off_ballot=divided.off_ballot,
            apart=columns.apart,
            groups=self._groups_in(path, actas, tally, divided),
        )

    def area(
        self, published: AreaResults, children: Sequence[Counted], outside: Outside
    ) -> Counted:
        """An area, from its ``children`` and the actas ``outside`` of the catalogue."""
        out_of_catalogue = Tally(out_of_catalogue=outside.actas)
        counted = Counted(
            level=published.level,
            path=published.path,
            tally=_sum_tallies((*(child.tally for child in children), out_of_catalogue)),
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
            parties = self.ballots.distribute(counted.path, counted.columns)
            return replace(counted, parties=parties)
        return counted

    def with_own_place(self, counted: Counted) -> Counted:
        """A constituency stands as one where somebody comes first and second."""
        if self.contest.constituency is None or counted.level is not self.contest.constituency:
            return counted
        places = counted.places
        contenders = range(len(self.contest.contenders))
        return replace(
            counted,
            led=tuple(int(position == places.first) for position in contenders),
            second=tuple(int(position == places.second) for position in contenders),
        )

    def _tally(self, published: PublishedActa) -> Tally:
        if published.acta is None:
            return EXPECTED
        counted = Count(published.counting, published.total)
        return tally_of_count(counted, published.acta, published.expected, self.contest)

    def _columns(self, actas: Iterable[PublishedActa]) -> _Columns:
        nothing: Figures = (0,) * len(self.contest.columns)
        rows, apart = [], []
        for acta in actas:
            counted = acta.acta is not None and acta.counting is Counting.COUNTED
            votes = tuple(counts_of(acta.acta.votes)) if acta.acta and counted else nothing
            if votes_enter_totals(acta.expected, self.contest):
                rows.append(votes)
            else:
                apart.append((1, int(acta.acta is not None), int(counted), *votes))
        return _Columns(add_figures(rows) or nothing, add_figures(apart))

    def _groups_in(
        self, path: str, actas: Sequence[PublishedActa], tally: Tally, whole: Divided
    ) -> Groups:
        """The groups of a section; one that is all of it shares the section's figures."""
        members: dict[ActaGroup, list[PublishedActa]] = defaultdict(list)
        for acta in actas:
            for group in groups_of(acta.expected):
                members[group].append(acta)
        unit, seccion = parent(path), own_id(path)
        found = {}
        for group, own in members.items():
            secciones = () if group in LOCATED.values() else (seccion,)
            if len(own) == len(actas):
                divided, figures = whole, tally
            else:
                divided = self.ballots.divide(unit, self._columns(own).votes)
                figures = _sum_tallies(map(self._tally, own))
            found[group] = GroupCounted(actas_of(figures), *divided, secciones)
        return found

    def _is_within_unit(self, published: AreaResults) -> bool:
        return published.level in (self.unit_level, Level.RUN)


def _sum_tallies(tallies: Iterable[Tally]) -> Tally:
    return Tally(*add_figures(tallies))
