"""Totals of a whole contest at every level, recomputed at every cut in 64-bit integers.

Nothing is kept running: a cut adds up every acta again (about 10 ms for a nation), so a total
cannot drift from the actas. A 32-bit sum would wrap around silently; everything here is int64.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from openprep.election import Acta, Contest, ExpectedActa, Rules, counts_of
from openprep.tabulation.layout import Integers, Layout
from openprep.tabulation.tally import EXPECTED, Tally, tally_of, votes_enter_totals

TALLIES = len(Tally._fields)
_OF_ACTAS = [Tally._fields.index(name) for name in ("expected", "captured", "counted")]
_COUNTED = Tally._fields.index("counted")


def votes_in(rows: Integers) -> Integers:
    """The votes by column in rows of votes and tally."""
    return rows[..., :-TALLIES]


def tallies_in(rows: Integers) -> Integers:
    """The tallies in rows of votes and tally."""
    return rows[..., -TALLIES:]


@dataclass
class Contributions:
    """What each acta of a contest adds to its section: votes by column, then its tally.

    One row for each acta of the catalogue, in its order. ``out_of_catalogue`` actas add to the
    root's tally only. ``proportional`` are the positions of the extra actas of proportional
    representation whose votes enter no total; ``proportional_votes`` has a row for each.
    """

    contest: Contest
    catalogue: Sequence[ExpectedActa]
    rules: Rules
    out_of_catalogue: int = 0
    matrix: Integers = field(init=False)
    proportional: Integers = field(init=False)
    proportional_votes: Integers = field(init=False)

    def __post_init__(self) -> None:
        width = len(self.contest.columns) + TALLIES
        self.matrix = np.zeros((len(self.catalogue), width), np.int64)
        tallies_in(self.matrix)[:] = EXPECTED
        apart = [
            position
            for position, expected in enumerate(self.catalogue)
            if not votes_enter_totals(expected, self.contest)
        ]
        self.proportional = np.array(apart, np.int64)
        self.proportional_votes = np.zeros((len(apart), len(self.contest.columns)), np.int64)
        self._proportional_row = {position: row for row, position in enumerate(apart)}

    def capture(self, actas: Mapping[int, Acta]) -> None:
        """Take ``actas`` as the standing versions of the catalogue's actas, by position."""
        if not actas:
            return
        rows = chain.from_iterable(self._row(position, acta) for position, acta in actas.items())
        size = len(actas) * self.matrix.shape[1]
        self.matrix[list(actas)] = np.fromiter(rows, np.int64, size).reshape(len(actas), -1)
        for position in actas.keys() & self._proportional_row.keys():
            votes = counts_of(actas[position].votes)
            counted = tallies_in(self.matrix)[position, _COUNTED]
            self.proportional_votes[self._proportional_row[position]] = counted * np.array(votes)

    def tally(self) -> Tally:
        """The tally of the whole contest."""
        added = Tally(*tallies_in(self.matrix).sum(axis=0).tolist())
        return added.plus(Tally(out_of_catalogue=self.out_of_catalogue))

    def _row(self, position: int, acta: Acta) -> list[int]:
        expected = self.catalogue[position]
        tally = tally_of(acta, expected, self.contest, self.rules)
        if tally.counted and votes_enter_totals(expected, self.contest):
            return [*counts_of(acta.votes), *tally]
        return [*[0] * len(acta.votes), *tally]


@dataclass(frozen=True)
class Totals:
    """Votes by column and tallies of every area and run: one matrix a depth, from the root down."""

    matrices: tuple[Integers, ...]

    def votes(self, depth: int) -> Integers:
        """Votes by area and column."""
        return votes_in(self.matrices[depth])

    def tallies(self, depth: int) -> Integers:
        """The tallies by area, in the order of a tally's fields."""
        return tallies_in(self.matrices[depth])

    def tally(self, depth: int, area: int) -> Tally:
        """The tally of one area."""
        return Tally(*self.tallies(depth)[area].tolist())

    def changed_since(self, before: "Totals") -> tuple[Integers, ...]:
        """Areas of each depth whose votes or tally differ from ``before``."""
        return tuple(
            np.flatnonzero((now != then).any(axis=1))
            for now, then in zip(self.matrices, before.matrices, strict=True)
        )


def tabulate(layout: Layout, contributions: Contributions) -> Totals:
    """Add up every acta: sections first, then each level from the one below it."""
    matrices = [np.asarray(layout.membership @ contributions.matrix)]
    for depth in reversed(layout.depths[:-1]):
        matrices.append(np.add.reduceat(matrices[-1], depth.first_child, axis=0))
    outside = Tally(out_of_catalogue=contributions.out_of_catalogue)
    tallies_in(matrices[-1])[0] += np.array(outside, np.int64)
    return Totals(tuple(reversed(matrices)))


def add_up_proportional(layout: Layout, contributions: Contributions, depth: int) -> Integers:
    """The actas of proportional representation that enter no total, by area of ``depth``.

    Columns: expected, captured and counted actas, then votes by column of the counted ones.
    """
    positions = contributions.proportional
    areas = layout.section_of[positions]
    for below in range(len(layout.depths) - 1, depth, -1):
        areas = layout.parents[below][areas]
    tallies = tallies_in(contributions.matrix)[positions]
    rows = np.column_stack((tallies[:, _OF_ACTAS], contributions.proportional_votes))
    result = np.zeros((len(layout.depths[depth].paths), rows.shape[1]), np.int64)
    np.add.at(result, areas, rows)
    return result
