"""Totals of a whole contest at every level, in 64-bit integers.

Nothing is kept running: a total is never changed by a difference. Where an acta in it changed, it
is added up again from all that is in it, so it cannot drift from the actas. A 32-bit sum would wrap
around silently; everything here is int64.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from openprep.election import (
    INCONSISTENCIES,
    Acta,
    CasillaKind,
    Contest,
    ExpectedActa,
    Observation,
    Rules,
    counts_of,
)
from openprep.election.acta import WITHOUT_ACTA
from openprep.tabulation.layout import Integers, Layout
from openprep.tabulation.tally import EXPECTED, Tally, votes_enter_totals

Truths = NDArray[np.bool_]

TALLIES = len(Tally._fields)
_OF_ACTAS = [Tally._fields.index(name) for name in ("expected", "captured", "counted")]


def votes_in(rows: Integers) -> Integers:
    """The votes by column in rows of votes and tally."""
    return rows[..., :-TALLIES]


def tallies_in(rows: Integers) -> Integers:
    """The tallies in rows of votes and tally."""
    return rows[..., -TALLIES:]


@dataclass(frozen=True)
class _Allowed:
    """What the catalogue says of how each acta counts, by position.

    ``most`` is the most votes with which an acta is counted, and ``entering`` whether its votes
    enter totals.
    """

    most: Integers
    entering: Truths
    lista_nominal: Integers
    special: Truths

    @classmethod
    def of(cls, contest: Contest, catalogue: Sequence[ExpectedActa], rules: Rules) -> "_Allowed":
        """Of all that a contest expects."""
        without_limit = tuple(rules.excess_exempt)
        exempt = [acta.kind in without_limit for acta in catalogue]
        listed = np.array([acta.lista_nominal for acta in catalogue], np.int64)
        others = np.array([acta.representatives or 0 for acta in catalogue], np.int64)
        of_tipo = {acta.tipo_acta: acta for acta in catalogue}
        enters = {tipo: votes_enter_totals(acta, contest) for tipo, acta in of_tipo.items()}
        return cls(
            most=np.where(exempt, np.iinfo(np.int64).max, listed + others),
            entering=np.array([enters[acta.tipo_acta] for acta in catalogue], np.bool_),
            lista_nominal=listed,
            special=np.array([acta.kind is CasillaKind.ESPECIAL for acta in catalogue], np.bool_),
        )


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
        self._allowed = _Allowed.of(self.contest, self.catalogue, self.rules)
        self.proportional = np.flatnonzero(~self._allowed.entering)
        shape = len(self.proportional), len(self.contest.columns)
        self.proportional_votes = np.zeros(shape, np.int64)

    def capture(self, actas: Mapping[int, Acta]) -> None:
        """Take ``actas`` as the standing versions of the catalogue's actas, by position.

        What :func:`~openprep.tabulation.tally.tally_of` says of one acta, for all of them at once.
        """
        if not actas:
            return
        positions = np.fromiter(actas, np.int64, len(actas))
        captured = list(actas.values())
        size = len(captured) * len(self.contest.columns)
        fields = chain.from_iterable([counts_of(acta.votes) for acta in captured])
        votes = np.fromiter(fields, np.int64, size).reshape(len(captured), -1)
        counted, inconsistent = self._judged(positions, captured, votes.sum(axis=1))
        votes[~counted] = 0
        entering = self._allowed.entering[positions]
        apart = np.searchsorted(self.proportional, positions[~entering])
        self.proportional_votes[apart] = votes[~entering]
        votes[~entering] = 0
        self.matrix[positions] = np.column_stack(
            (votes, self._tallies(positions, votes.sum(axis=1), counted, inconsistent))
        )

    def _judged(
        self, positions: Integers, captured: Sequence[Acta], totals: Integers
    ) -> tuple[Truths, Truths]:
        """Which actas are counted, and which have inconsistencies."""
        counted = totals <= self._allowed.most[positions]
        inconsistent = np.zeros(len(captured), np.bool_)
        for index in np.flatnonzero(totals == 0).tolist():
            counted[index] = 0 in captured[index].votes  # a count at least, if only of none
        noted: dict[tuple[Observation, ...], tuple[bool, bool]] = {}
        for index, acta in enumerate(captured):
            if acta.observations:
                found = noted.get(acta.observations)
                if found is None:
                    found = noted[acta.observations] = (
                        not WITHOUT_ACTA.isdisjoint(acta.observations),
                        not INCONSISTENCIES.isdisjoint(acta.observations),
                    )
                without_acta, inconsistent[index] = found
                counted[index] &= not without_acta
        return counted, inconsistent

    def _tallies(
        self, positions: Integers, votes: Integers, counted: Truths, inconsistent: Truths
    ) -> Integers:
        """The tallies of captured actas whose ``votes`` enter totals."""
        listed = self._allowed.lista_nominal[positions]
        ones = np.ones(len(positions), np.int64)
        columns = {
            "expected": ones,
            "captured": ones,
            "counted": counted,
            "out_of_catalogue": 0 * ones,
            "inconsistent": inconsistent,
            "lista_nominal": listed * counted,
            "votes_with_special": votes,
            "votes_without_special": votes * ~self._allowed.special[positions],
            "votes_with_list": votes * (listed > 0),
        }
        return np.column_stack([columns[name] for name in Tally._fields])

    def tally(self) -> Tally:
        """The tally of the whole contest."""
        added = Tally(*tallies_in(self.matrix).sum(axis=0).tolist())
        return added.plus(Tally(out_of_catalogue=self.out_of_catalogue))


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


def tabulate(layout: Layout, contributions: Contributions) -> Totals:
    """Add up every acta: sections first, then each level from the one below it."""
    matrices = [np.asarray(layout.membership @ contributions.matrix)]
    for depth in reversed(layout.depths[:-1]):
        matrices.append(np.add.reduceat(matrices[-1], depth.first_child, axis=0))
    _put_outside(matrices[-1], contributions)
    return Totals(tuple(reversed(matrices)))


def tabulate_again(
    totals: Totals, layout: Layout, contributions: Contributions, changed: Sequence[Integers]
) -> None:
    """Add up again, by depth, the areas in which an acta changed; the root must be among them."""
    below, last = contributions.matrix, len(layout.depths) - 1
    for depth in range(last, -1, -1):
        areas, matrix = changed[depth], totals.matrices[depth]
        if len(areas):
            inside = layout.inside(depth, areas)
            members = layout.actas[inside.members] if depth == last else inside.members
            matrix[areas] = np.add.reduceat(below[members], inside.starts, axis=0)
        below = matrix
    _put_outside(totals.matrices[0], contributions)


def _put_outside(root: Integers, contributions: Contributions) -> None:
    """Actas out of catalogue add to the root's tally, and to nothing else."""
    outside = Tally(out_of_catalogue=contributions.out_of_catalogue)
    tallies_in(root)[0] += np.array(outside, np.int64)


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
