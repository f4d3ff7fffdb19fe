"""Who runs where, and whose the votes of a unit are. Pure.

A row of figures is of one unit; many rows are worked out at once. The columns of a row are put in
the order of who runs in its unit, so that everybody's votes lie together between two bounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from openprep.election import Candidacy, ColumnKind, Contest

Integers = NDArray[np.int64]

ALONE = (ColumnKind.PARTY, ColumnKind.INDEPENDENT)
"""Columns of the ballot whose votes are one party's or independent's."""


def parties_of(contest: Contest) -> tuple[str, ...]:
    """Who receives votes by party, in the order of the ballot."""
    return tuple(column.parties[0] for column in contest.columns if column.kind in ALONE)


class Runner(NamedTuple):
    """Who runs in an area. ``name`` is there where it is one person's."""

    position: int
    """Among the contenders of the contest."""
    key: str
    name: str | None
    parties: tuple[str, ...]
    columns: tuple[int, ...]


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


class UnitBallots:
    """The ballots of all units of a contest, for many rows at once.

    ``contenders`` are, by unit, the contenders who run there in their order; where fewer run than
    elsewhere the last are ``nobody``, a number that no contender has.
    """

    def __init__(self, ballots: Ballots, units: Sequence[str]) -> None:
        columns = len(ballots.contest.columns)
        self.nobody = len(ballots.contest.contenders)
        running = [ballots.running(unit) for unit in units]
        most = max(map(len, running))
        self.contenders = np.full((len(units), most), self.nobody, np.int64)
        self.on_ballot = np.zeros((len(units), columns), np.bool_)
        self._order = np.empty((len(units), columns), np.int64)
        self._bounds = np.empty((len(units), most + 1), np.int64)
        for unit, runners in enumerate(running):
            listed = [column for runner in runners for column in runner.columns]
            others = sorted(set(range(columns)).difference(listed))
            ends = np.cumsum([0, *(len(runner.columns) for runner in runners)])
            self._order[unit] = listed + others
            self._bounds[unit] = ends[-1]
            self._bounds[unit, : len(ends)] = ends
            self.contenders[unit, : len(runners)] = [runner.position for runner in runners]
            self.on_ballot[unit, listed] = True

    def divide(self, units: Integers, columns: Integers) -> Integers:
        """The votes of everybody who runs in ``units``, a row of ``columns`` each."""
        ordered = np.take_along_axis(columns, self._order[units], axis=1)
        sums = np.zeros((len(columns), columns.shape[1] + 1), np.int64)
        np.cumsum(ordered, axis=1, out=sums[:, 1:])
        until = np.take_along_axis(sums, self._bounds[units], axis=1)
        return np.diff(until, axis=1)


class Combinations:
    """Distributes the votes of combinations among their parties (LGIPE 311.1.c).

    A party's rank in a combination is how many of its members have more votes of their own, or as
    many and stand before it on the ballot; what is left over goes to the first ranks.
    """

    def __init__(self, contest: Contest) -> None:
        position = {party: index for index, party in enumerate(parties_of(contest))}
        kinds = [column.kind for column in contest.columns]
        self._single = [index for index, kind in enumerate(kinds) if kind in ALONE]
        self._columns = [i for i, kind in enumerate(kinds) if kind is ColumnKind.COMBINATION]
        members = [[position[p] for p in contest.columns[i].parties] for i in self._columns]
        most = max(map(len, members), default=0)
        self._sizes = np.array([len(own) for own in members], np.int64)
        self._members = np.array([own + [0] * (most - len(own)) for own in members], np.int64)
        self._is_member = np.arange(most) < self._sizes[:, np.newaxis]
        self._before = np.tril(np.ones((most, most), np.bool_), -1)
        """Whether, of two members, the second stands before the first."""
        self._of_party = np.zeros((len(members) * most, len(position)), np.int64)
        for index, own in enumerate(members):
            for place, party in enumerate(own):
                self._of_party[index * most + place, party] += 1

    def distribute(self, columns: Integers) -> Integers:
        """Votes by party of units, each of whose columns has only what is on its ballot."""
        own = columns[:, self._single]
        if not self._columns:
            return own
        votes = columns[:, self._columns]
        mine = np.where(self._is_member, own[:, self._members], -1)
        theirs, ours = mine[:, :, np.newaxis, :], mine[:, :, :, np.newaxis]
        ahead = (theirs > ours) | ((theirs == ours) & self._before)
        rank = ahead.sum(axis=3)
        left_over = (votes % self._sizes)[:, :, np.newaxis]
        shares = (votes // self._sizes)[:, :, np.newaxis] + (rank < left_over)
        given = (shares * self._is_member).reshape(len(columns), -1)
        result: Integers = own + given @ self._of_party
        return result
