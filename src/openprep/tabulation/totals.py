"""Totals of a whole contest at every level, recomputed at every cut in 64-bit integers.

Nothing is kept running: a cut adds up every acta again (about 10 ms for a nation), so a total
cannot drift from the actas. A 32-bit sum would wrap around silently; everything here is int64.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from openprep.election import Acta, Contest, ExpectedActa, Rules, summable
from openprep.tabulation.layout import Integers, Layout
from openprep.tabulation.tally import EXPECTED, Tally, tally_of, votes_enter_totals

TALLIES = len(Tally._fields)


@dataclass
class Contributions:
    """What each acta of a contest adds to its section: votes by column, then its tally.

    One row for each acta of the catalogue, in its order. ``out_of_catalogue`` actas add to the
    root's tally only.
    """

    contest: Contest
    catalogue: Sequence[ExpectedActa]
    rules: Rules
    out_of_catalogue: int = 0
    matrix: Integers = field(init=False)

    def __post_init__(self) -> None:
        width = len(self.contest.columns) + TALLIES
        self.matrix = np.zeros((len(self.catalogue), width), np.int64)
        self.matrix[:, -TALLIES:] = EXPECTED

    def capture(self, position: int, acta: Acta) -> None:
        """Take ``acta`` as the standing version of the catalogue's acta at ``position``."""
        expected = self.catalogue[position]
        tally = tally_of(acta, expected, self.contest, self.rules)
        row = self.matrix[position]
        row[-TALLIES:] = tally
        if tally.counted and votes_enter_totals(expected, self.contest):
            row[:-TALLIES] = [summable(field) for field in acta.votes]
        else:
            row[:-TALLIES] = 0


@dataclass(frozen=True)
class Totals:
    """Votes by column and tallies of every group: one matrix a depth, from the root down."""

    matrices: tuple[Integers, ...]

    def votes(self, depth: int) -> Integers:
        """Votes by group and column."""
        return self.matrices[depth][:, :-TALLIES]

    def tally(self, depth: int, group: int) -> Tally:
        """The tally of one group."""
        return Tally(*self.matrices[depth][group, -TALLIES:].tolist())

    def changed_since(self, before: "Totals") -> tuple[Integers, ...]:
        """Groups of each depth whose votes or tally differ from ``before``."""
        return tuple(
            np.flatnonzero((now != then).any(axis=1))
            for now, then in zip(self.matrices, before.matrices, strict=True)
        )


def tabulate(layout: Layout, contributions: Contributions) -> Totals:
    """Add up every acta: sections first, then each level from the one below it."""
    matrices = [np.asarray(layout.membership @ contributions.matrix)]
    for depth in reversed(layout.depths[:-1]):
        matrices.append(np.add.reduceat(matrices[-1], depth.first_child, axis=0))
    root = matrices[-1]
    tally = Tally(out_of_catalogue=contributions.out_of_catalogue)
    root[0, -TALLIES:] += np.array(tally, np.int64)
    return Totals(tuple(reversed(matrices)))
