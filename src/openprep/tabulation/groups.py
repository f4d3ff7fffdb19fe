"""What each group of actas adds up to, unit by unit, and above the units as sums of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
from scipy.sparse import csr_array

from openprep.election import ActaGroup, ExpectedActa, groups_of
from openprep.election.area_path import own_id
from openprep.election.groups import LOCATED
from openprep.tabulation.candidacies import Ballots, Received
from openprep.tabulation.layout import Integers, Layout
from openprep.tabulation.tally import Tally
from openprep.tabulation.totals import Contributions, tallies_in, votes_in

GROUPS = tuple(ActaGroup)


class GroupFigures(NamedTuple):
    """What a group of actas adds up to in one area: of its tally, then votes by receiver."""

    expected: int
    captured: int
    counted: int
    lista_nominal: int
    votes_with_list: int
    received: Received

    @classmethod
    def of(cls, row: Sequence[int]) -> Self:
        """``row`` stands as :meth:`Grouping.figures` gives it."""
        expected, captured, counted, lista_nominal, votes_with_list, *received = row
        return cls(
            expected, captured, counted, lista_nominal, votes_with_list, Received.of(received)
        )


_SHOWN = [Tally._fields.index(name) for name in GroupFigures._fields[:-1]]


@dataclass(frozen=True)
class Grouping:
    """The actas of a contest by run and group.

    ``membership`` has a row for each run and group, run by run, and a column for each acta.
    ``secciones`` are, by unit and group by modality, the sections that have such actas.
    """

    layout: Layout
    membership: csr_array
    secciones: dict[tuple[int, ActaGroup], tuple[str, ...]]

    @cached_property
    def expected(self) -> tuple[Integers, ...]:
        """How many actas of each group every area expects, by depth from the root to the unit."""
        of_runs = np.asarray(self.membership.sum(axis=1))
        return self._above(self._of_units(of_runs.reshape(-1, len(GROUPS))))

    def tabulate(self, contributions: Contributions) -> Integers:
        """What each group adds up to in every run: runs × groups × votes and tally."""
        rows = np.asarray(self.membership @ contributions.matrix)
        return rows.reshape(-1, len(GROUPS), rows.shape[1])

    def tabulate_again(self, sums: Integers, contributions: Contributions, runs: Integers) -> None:
        """Add up again the runs in which an acta changed."""
        rows = (runs[:, np.newaxis] * len(GROUPS) + np.arange(len(GROUPS))).ravel()
        own = np.asarray(self.membership[rows] @ contributions.matrix)
        sums[runs] = own.reshape(-1, *sums.shape[1:])

    def figures(self, sums: Integers, ballots: Ballots) -> tuple[Integers, ...]:
        """The figures of the groups in every area, by depth from the root to the unit.

        Each depth has a matrix of areas × groups (in the order of :data:`GROUPS`) × figures
        (:class:`GroupFigures`).
        """
        of_units = self._of_units(sums)
        units, rows = len(of_units), of_units.reshape(-1, sums.shape[2])
        receivers = ballots.by_receiver(votes_in(rows), np.repeat(np.arange(units), len(GROUPS)))
        figures = np.column_stack((tallies_in(rows)[:, _SHOWN], receivers))
        return self._above(figures.reshape(units, len(GROUPS), -1))

    def _of_units(self, of_runs: Integers) -> Integers:
        """What is said of runs, of their units."""
        first = self.layout.depths[self.layout.unit_depth].first_child
        return np.asarray(np.add.reduceat(of_runs, first, axis=0))

    def _above(self, units: Integers) -> tuple[Integers, ...]:
        """The matrix of the units, and before it those of the areas above."""
        matrices = [units]
        for depth in reversed(self.layout.depths[: self.layout.unit_depth]):
            matrices.append(np.add.reduceat(matrices[-1], depth.first_child, axis=0))
        return tuple(reversed(matrices))


def group_actas(layout: Layout, catalogue: Sequence[ExpectedActa]) -> Grouping:
    """Arrange the actas of ``catalogue``, laid out as ``layout``, by run and group."""
    run_of = layout.parents[-1][layout.section_of]
    rows, actas = [], []
    found: dict[tuple[int, ActaGroup], dict[str, None]] = {}
    for group, positions in _members_of(catalogue).items():
        rows.append(run_of[positions] * len(GROUPS) + GROUPS.index(group))
        actas.append(positions)
        if group not in LOCATED.values():
            sections = layout.section_of[positions]
            units = layout.units[-1][sections]
            for unit, section in zip(units.tolist(), sections.tolist(), strict=True):
                own = own_id(layout.depths[-1].paths[section])
                found.setdefault((unit, group), {})[own] = None
    places = np.concatenate(rows), np.concatenate(actas)
    height = len(layout.depths[layout.unit_depth + 1].paths) * len(GROUPS)
    shape = (height, len(catalogue))
    membership = csr_array((np.ones(len(places[0]), np.int64), places), shape=shape)
    return Grouping(layout, membership, {key: tuple(sorted(own)) for key, own in found.items()})


def _members_of(catalogue: Sequence[ExpectedActa]) -> dict[ActaGroup, Integers]:
    """The positions of the actas of each group."""
    # By the members' own identity: to hash one of an enumeration costs more than all the rest.
    kinds: dict[tuple[int, int], list[int]] = {}
    for position, acta in enumerate(catalogue):
        kinds.setdefault((id(acta.location), id(acta.kind)), []).append(position)
    members: dict[ActaGroup, list[int]] = {}
    for positions in kinds.values():
        for group in groups_of(catalogue[positions[0]]):
            members.setdefault(group, []).extend(positions)
    return {group: np.array(positions, np.int64) for group, positions in members.items()}
