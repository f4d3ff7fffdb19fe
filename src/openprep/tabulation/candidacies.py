"""Votes by candidacy: the columns of each candidacy of a unit, added up; levels above add units.

Every vote of a unit ends in exactly one place: a candidacy, the non-registered, the null votes, or
*off ballot*, where an acta carries votes in a column that its unit's ballot does not have.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from openprep.election import NOBODYS, Contest
from openprep.tabulation.layout import Integers


class Received(NamedTuple):
    """Votes by receiver in one area: by contender of the contest, then those of nobody."""

    contenders: Sequence[int]
    unregistered: int
    null: int
    off_ballot: int

    @classmethod
    def of(cls, votes: Sequence[int]) -> Self:
        """``votes`` stand in the order of :class:`Ballots`."""
        *contenders, unregistered, null, off_ballot = votes
        return cls(contenders, unregistered, null, off_ballot)

    @property
    def total(self) -> int:
        """All votes."""
        return sum(self.contenders) + self.unregistered + self.null + self.off_ballot


_RECEIVERS_OF_NOBODY = len(Received._fields) - 1


def contenders_in(receivers: Integers) -> Integers:
    """The votes by contender in rows of votes by receiver."""
    return receivers[..., :-_RECEIVERS_OF_NOBODY]


@dataclass(frozen=True)
class Ballots:
    """For each unit and column, who receives its votes.

    ``receiver[unit, column]`` is the position of a candidacy in ``contest.contenders``; after
    those come, in this order, non-registered, null and off ballot.
    """

    contest: Contest
    receiver: NDArray[np.intp]

    @property
    def on_ballot(self) -> NDArray[np.bool_]:
        """Which columns each unit's ballot has."""
        result: NDArray[np.bool_] = self.receiver != _off_ballot(self.contest)
        return result

    def by_receiver(self, votes: Integers, units: NDArray[np.intp] | None = None) -> Integers:
        """Votes by receiver of each row of ``votes`` (rows × columns).

        ``units`` tells the unit of each row; without it, row ``i`` is unit ``i``.
        """
        receiver = self.receiver if units is None else self.receiver[units]
        result = np.zeros((len(votes), _off_ballot(self.contest) + 1), np.int64)
        rows = np.arange(len(votes))
        for column in range(votes.shape[1]):
            result[rows, receiver[:, column]] += votes[:, column]
        return result


def _off_ballot(contest: Contest) -> int:
    """The last receiver: that of votes off the ballot."""
    return len(contest.contenders) + _RECEIVERS_OF_NOBODY - 1


def ballots_of(contest: Contest, units: Sequence[str]) -> Ballots:
    """The ballots of ``units`` (paths), from the declared candidacies."""
    position = {key: index for index, key in enumerate(contest.contenders)}
    shape = (len(units), len(contest.columns))
    receiver = np.full(shape, _off_ballot(contest), np.intp)
    for index, column in enumerate(contest.columns):
        if column.kind in NOBODYS:
            receiver[:, index] = len(position) + NOBODYS.index(column.kind)
    for row, unit in enumerate(units):
        for candidacy in contest.candidacies_in(unit):
            for name in candidacy.columns:
                receiver[row, contest.column_index[name]] = position[candidacy.key]
    return Ballots(contest, receiver)
