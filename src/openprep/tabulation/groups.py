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
        """``row`` stands as :meth:`Grouping.add_up` gives it."""
        expected, captured, counted, lista_nominal, votes_with_list, *received = row
        return cls(
            expected, captured, counted, lista_nominal, votes_with_list, Received.of(received)
        )


_SHOWN = [Tally._fields.index(name) for name in GroupFigures._fields[:-1]]


@dataclass(frozen=True)
class Grouping:
    """The actas of a contest by unit and group.

    ``membership`` has a row for each unit and group, unit by unit, and a column for each acta.
    ``secciones`` are, by unit and group by modality, the sections that have such actas.
    """

    layout: Layout
    membership: csr_array
    secciones: dict[tuple[int, ActaGroup], tuple[str, ...]]

    @cached_property
    def expected(self) -> tuple[Integers, ...]:
        """How many actas of each group every area expects, by depth from the root to the unit."""
        units = len(self.layout.depths[self.layout.unit_depth].paths)
        of_units = np.asarray(self.membership.sum(axis=1)).reshape(units, len(GROUPS))
        return self._sums_of(of_units)

    def _sums_of(self, units: Integers) -> tuple[Integers, ...]:
        """The matrix of the units, and before it those of the areas above."""
        matrices = [units]
        for depth in reversed(self.layout.depths[: self.layout.unit_depth]):
            matrices.append(np.add.reduceat(matrices[-1], depth.first_child, axis=0))
        return tuple(reversed(matrices))

    def add_up(self, contributions: Contributions, ballots: Ballots) -> tuple[Integers, ...]:
        """The figures of the groups in every area, by depth from the root to the unit.

        Each depth has a matrix of areas × groups (in the order of :data:`GROUPS`) × figures
        (:class:`GroupFigures`).
        """
        units = len(self.layout.depths[self.layout.unit_depth].paths)
        rows = np.asarray(self.membership @ contributions.matrix)
        unit_of_row = np.repeat(np.arange(units), len(GROUPS))
        receivers = ballots.by_receiver(votes_in(rows), unit_of_row)
        figures = np.column_stack((tallies_in(rows)[:, _SHOWN], receivers))
        return self._sums_of(figures.reshape(units, len(GROUPS), -1))


def group_actas(layout: Layout, catalogue: Sequence[ExpectedActa]) -> Grouping:
    """Arrange the actas of ``catalogue``, laid out as ``layout``, by unit and group."""
    unit_of = layout.units[-1][layout.section_of]
    rows, actas = [], []
    found: dict[tuple[int, ActaGroup], dict[str, None]] = {}
    for group, positions in _members_of(catalogue).items():
        rows.append(unit_of[positions] * len(GROUPS) + GROUPS.index(group))
        actas.append(positions)
        if group not in LOCATED.values():
            units, sections = unit_of[positions], layout.section_of[positions]
            for unit, section in zip(units.tolist(), sections.tolist(), strict=True):
                own = own_id(layout.depths[-1].paths[section])
                found.setdefault((unit, group), {})[own] = None
    places = np.concatenate(rows), np.concatenate(actas)
    height = len(layout.depths[layout.unit_depth].paths) * len(GROUPS)
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
