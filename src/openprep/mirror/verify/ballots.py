"""Who runs where, and whose the votes of a unit are. Pure."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from openprep.election import Candidacy, ColumnKind, ColumnVotes, Contest
from openprep.mirror.verify.acta_groups import Figures
from openprep.tabulation import parties_of
from openprep.tabulation.coalitions import SINGLE


class Runner(NamedTuple):
    """Who runs in an area. ``name`` is there where it is one person's."""

    position: int
    """Among the contenders of the contest."""
    key: str
    name: str | None
    parties: tuple[str, ...]
    columns: tuple[int, ...]


class Divided(NamedTuple):
    """Votes by column, by contender, and in columns that are not on the unit's ballot."""

    columns: Figures
    candidacies: Figures
    off_ballot: int


class _Combination(NamedTuple):
    """A column that several parties share, and their positions among the parties."""

    column: int
    members: tuple[int, ...]


@dataclass(frozen=True)
class Ballots:
    """The ballots of one contest, by area."""

    contest: Contest
    _known: dict[str, tuple[Runner, ...]] = field(default_factory=dict)

    def running(self, area: str) -> tuple[Runner, ...]:
        """Everybody who runs in an area, in the order of the contenders."""
        known = self._known.get(area)
        if known is None:
            known = self._known[area] = self._read(area)
        return known

    def _read(self, area: str) -> tuple[Runner, ...]:
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
        return tuple(sorted(found))

    def _members(self, candidacy: Candidacy) -> tuple[str, ...]:
        index, columns = self.contest.column_index, self.contest.columns
        parties = (columns[index[name]].parties for name in candidacy.columns)
        return tuple(party[0] for party in parties if len(party) == 1)

    def divide(self, unit: str, columns: Figures) -> Divided:
        """The votes of actas of a unit."""
        votes = [0] * len(self.contest.contenders)
        for runner in self.running(unit):
            votes[runner.position] = sum(columns[index] for index in runner.columns)
        off_ballot = sum(ColumnVotes.of(columns).of_candidacies) - sum(votes)
        return Divided(columns, tuple(votes), off_ballot)

    @cached_property
    def _combinations(self) -> tuple[_Combination, ...]:
        """Each combination's column, and its members' positions among the parties."""
        position = {party: index for index, party in enumerate(parties_of(self.contest))}
        return tuple(
            _Combination(index, tuple(position[party] for party in column.parties))
            for index, column in enumerate(self.contest.columns)
            if column.kind is ColumnKind.COMBINATION
        )

    def distribute(self, unit: str, columns: Figures) -> Figures:
        """Votes by party of a unit (LGIPE 311.1.c), in plain integers, one unit at a time."""
        on_ballot = {index for runner in self.running(unit) for index in runner.columns}
        own = tuple(
            votes if index in on_ballot else 0
            for index, (column, votes) in enumerate(zip(self.contest.columns, columns, strict=True))
            if column.kind in SINGLE
        )
        result = list(own)
        for index, members in self._combinations:
            if index in on_ballot:
                quotient, left_over = divmod(columns[index], len(members))
                strongest = sorted(members, key=lambda party: -own[party])
                for rank, party in enumerate(strongest):
                    result[party] += quotient + (rank < left_over)
        return tuple(result)
