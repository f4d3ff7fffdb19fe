"""Votes by candidacy: the columns of each candidacy of a unit, added up; levels above add units.

Every vote of a unit ends in exactly one place: a candidacy, the non-registered, the null votes, or
*off ballot*, where an acta carries votes in a column that its unit's ballot does not have.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openprep.election import ColumnKind, Contest
from openprep.tabulation.layout import Integers

NOBODY = (ColumnKind.UNREGISTERED, ColumnKind.NULL)


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
        result: NDArray[np.bool_] = self.receiver != len(self.contest.contenders) + 2
        return result

    def by_receiver(self, votes: Integers, units: NDArray[np.intp] | None = None) -> Integers:
        """Votes by receiver of each row of ``votes`` (rows × columns).

        ``units`` tells the unit of each row; without it, row ``i`` is unit ``i``.
        """
        receiver = self.receiver if units is None else self.receiver[units]
        result = np.zeros((len(votes), len(self.contest.contenders) + 3), np.int64)
        rows = np.arange(len(votes))
        for column in range(votes.shape[1]):
            result[rows, receiver[:, column]] += votes[:, column]
        return result


def ballots_of(contest: Contest, units: Sequence[str]) -> Ballots:
    """The ballots of ``units`` (paths), from the declared candidacies."""
    position = {key: index for index, key in enumerate(contest.contenders)}
    off_ballot = len(position) + 2
    receiver = np.full((len(units), len(contest.columns)), off_ballot, np.intp)
    for index, column in enumerate(contest.columns):
        if column.kind in NOBODY:
            receiver[:, index] = len(position) + NOBODY.index(column.kind)
    for row, unit in enumerate(units):
        for candidacy in contest.candidacies_in(unit):
            for name in candidacy.columns:
                receiver[row, contest.column_index[name]] = position[candidacy.key]
    return Ballots(contest, receiver)
