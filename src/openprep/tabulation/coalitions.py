"""Votes of combinations among the parties of a coalition (LGIPE art. 311.1.c).

In each unit, the votes of each combination are divided equally among its parties; what is left
over goes one each to those of its parties with most votes of their own in the unit. Ties follow
the order of the ballot, which the law leaves open (spec G.3). Levels above add up their units and
never divide afresh.
"""

import numpy as np
from numpy.typing import NDArray

from openprep.election import ColumnKind, Contest
from openprep.tabulation.layout import Integers

SINGLE = (ColumnKind.PARTY, ColumnKind.INDEPENDENT)


def parties_of(contest: Contest) -> tuple[str, ...]:
    """Parties and independents in ballot order: what the votes by party are listed for."""
    return tuple(column.parties[0] for column in contest.columns if column.kind in SINGLE)


def distribute(votes: Integers, contest: Contest, on_ballot: NDArray[np.bool_]) -> Integers:
    """Votes by party of each unit.

    ``votes`` are by unit and column, ``on_ballot`` says which columns each unit has. Votes in a
    column off the ballot belong to no party. Result: units × :func:`parties_of`.
    """
    votes = np.where(on_ballot, votes, 0)
    position = {party: index for index, party in enumerate(parties_of(contest))}
    own = votes[:, [column.kind in SINGLE for column in contest.columns]]
    result = own.copy()
    for index, column in enumerate(contest.columns):
        if column.kind is ColumnKind.COMBINATION:
            members = [position[party] for party in column.parties]
            result[:, members] += _shares_of(votes[:, index], own[:, members])
    return result


def _shares_of(combination: Integers, own: Integers) -> Integers:
    """Votes of a combination, by unit, among its parties with their ``own`` votes."""
    parties = own.shape[1]
    quotient, left_over = np.divmod(combination, parties)
    strongest = np.argsort(-own, axis=1, kind="stable")
    rank = np.empty_like(strongest)
    np.put_along_axis(rank, strongest, np.arange(parties)[np.newaxis, :], axis=1)
    return quotient[:, np.newaxis] + (rank < left_over[:, np.newaxis])
