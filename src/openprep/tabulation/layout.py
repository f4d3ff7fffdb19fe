"""Which acta belongs to which section, unit and area: computed once for a contest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from openprep.election import Contest, ExpectedActa, Level
from openprep.election.area_path import ids_of, own_id, parent
from openprep.election.catalogue import WITHOUT_SECCION

SECTIONS_IN_A_RUN = 16
"""Sections listed together. A changed section rewrites its run and its unit, so that both stay
short: near the square root of the sections of a federal district (about 230)."""

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Depth:
    """One level of a contest, its areas sorted by path; runs are one, too.

    The areas of the next depth that belong to area ``i`` start at ``first_child[i]`` and are
    contiguous; at the last depth (sections) the children are actas, in ``Layout.actas``.
    """

    level: Level
    paths: tuple[str, ...]
    first_child: Integers

    @property
    def index(self) -> dict[str, int]:
        """Position of each path."""
        return {path: position for position, path in enumerate(self.paths)}


class Inside(NamedTuple):
    """The members of some areas, one area's after the other's: of each from a start to a stop."""

    members: Integers
    starts: Integers
    stops: Integers


@dataclass(frozen=True)
class Layout:
    """The actas of a contest arranged by area.

    ``depths`` go from the root down to the sections; ``actas`` lists catalogue positions section
    by section, each section's in catalogue order; ``section_of`` is the inverse, by acta.
    Sections hang in runs (:data:`SECTIONS_IN_A_RUN`), and runs in their unit.
    """

    depths: tuple[Depth, ...]
    actas: Integers
    section_of: Integers
    membership: csr_array

    @property
    def unit_depth(self) -> int:
        """Depth of the units, where LGIPE 311.1.c distributes: above runs and sections."""
        return len(self.depths) - 3

    def children_of(self, depth: int, area: int) -> range:
        """Positions, at the next depth, of what is inside ``area``; a section's in ``actas``."""
        return range(int(self.depths[depth].first_child[area]), int(self.ends[depth][area]))

    def inside(self, depth: int, areas: Integers) -> "Inside":
        """What is in ``areas`` of a depth: positions at the next, or in ``actas`` of sections."""
        begins = self.depths[depth].first_child[areas]
        sizes = self.ends[depth][areas] - begins
        stops = np.cumsum(sizes)
        starts = stops - sizes
        return Inside(np.arange(sizes.sum()) + np.repeat(begins - starts, sizes), starts, stops)

    def holding(self, sections: Integers) -> list[Integers]:
        """The areas of each depth that have any of ``sections`` in them; the root in any case."""
        found = [np.unique(sections)]
        for depth in range(len(self.depths) - 1, 0, -1):
            found.append(np.unique(self.parents[depth][found[-1]]))
        return [np.zeros(1, np.int64), *reversed(found[:-1])]

    @cached_property
    def slots(self) -> Integers:
        """For each acta of the catalogue its place in ``actas``."""
        found = np.empty(len(self.actas), np.int64)
        found[self.actas] = np.arange(len(self.actas))
        return found

    @cached_property
    def ends(self) -> tuple[Integers, ...]:
        """For each depth, where each area's children end, as ``first_child`` where they begin."""
        below = [*(len(depth.paths) for depth in self.depths[1:]), len(self.actas)]
        return tuple(
            np.append(depth.first_child[1:], size)
            for depth, size in zip(self.depths, below, strict=True)
        )

    @cached_property
    def parents(self) -> tuple[Integers, ...]:
        """For each depth, the position of each area's parent one depth up (none at the root)."""
        above = (np.empty(0, np.int64),)
        return above + tuple(
            np.searchsorted(upper.first_child, np.arange(len(lower.paths)), side="right") - 1
            for upper, lower in pairwise(self.depths)
        )

    @cached_property
    def units(self) -> tuple[Integers, ...]:
        """For each depth from the unit down, the position of each area's unit."""
        found = [np.arange(len(self.depths[self.unit_depth].paths))]
        for depth in range(self.unit_depth + 1, len(self.depths)):
            found.append(found[-1][self.parents[depth]])
        return tuple(found)


def section_path(acta: ExpectedActa) -> str:
    """Path of the acta's section: its unit's path and its section."""
    seccion = acta.seccion or WITHOUT_SECCION
    return f"{acta.area}/{seccion}" if acta.area else seccion


def lay_out(contest: Contest, catalogue: Sequence[ExpectedActa], root: Level) -> Layout:
    """Arrange ``catalogue`` by the contest's levels, below a root of level ``root``."""
    paths = [section_path(acta) for acta in catalogue]
    sections = _sorted(set(paths))
    place = {path: section for section, path in enumerate(sections)}
    section_of = np.fromiter(map(place.__getitem__, paths), np.int64, len(paths))
    order = np.argsort(section_of, kind="stable")
    sizes = np.bincount(section_of, minlength=len(sections))
    starts = np.concatenate(([0], np.cumsum(sizes)))[:-1]
    depths = [Depth(Level.SECCION, tuple(sections), starts)]
    depths.append(_runs(depths[0].paths))
    for level in reversed((root, *contest.levels)):
        depths.append(_depth_above(level, depths[-1].paths))
    return Layout(tuple(reversed(depths)), order, section_of, _membership(order, sizes))


def _sorted(sections: Iterable[str]) -> list[str]:
    """Sections in the order of their ids: all are as many ids deep."""
    found = sorted(sections)  # which orders those of one unit, and only units by their ids below
    units = sorted(set(map(parent, found)), key=ids_of)
    rank = {unit: position for position, unit in enumerate(units)}
    found.sort(key=lambda path: rank[parent(path)])
    return found


def _runs(sections: Sequence[str]) -> Depth:
    """Neighbouring sections of one unit in runs, each named by its first and last section."""
    units = [parent(path) for path in sections]
    paths, starts, end = [], [], 0
    for unit, members in groupby(units):
        begin, end = end, end + sum(1 for _ in members)
        for start in range(begin, end, SECTIONS_IN_A_RUN):
            last = min(start + SECTIONS_IN_A_RUN, end) - 1
            name = f"{own_id(sections[start])}-{own_id(sections[last])}"
            paths.append(f"{unit}/{name}" if unit else name)
            starts.append(start)
    return Depth(Level.RUN, tuple(paths), np.array(starts, np.int64))


def _depth_above(level: Level, below: Sequence[str]) -> Depth:
    parents = [parent(path) for path in below]
    starts = [i for i, path in enumerate(parents) if i == 0 or path != parents[i - 1]]
    return Depth(level, tuple(parents[i] for i in starts), np.array(starts, np.int64))


def _membership(order: Integers, sizes: Integers) -> csr_array:
    ones = np.ones(len(order), np.int64)
    bounds = np.concatenate(([0], np.cumsum(sizes)))
    return csr_array((ones, order, bounds), shape=(len(sizes), len(order)))
