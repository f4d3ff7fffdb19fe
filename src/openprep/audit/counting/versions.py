"""What the log says of one contest: every version of every acta, as columns."""

from array import array
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

import numpy as np

from openprep.audit.counting.arithmetic import Actas, Numbers
from openprep.audit.counting.composing import Standing
from openprep.audit.counting.declared import Declared
from openprep.audit.counting.rows import Digests, Shown, as_numbers, digests_of_shown
from openprep.coded import Text, said
from openprep.election import Counting, ExpectedActa, Level, Observation
from openprep.election.area_path import ids_of
from openprep.wire.log.leaf import ActaLeaf

OUTSIDE = -1
"""Instead of a position in the catalogue."""

AT_ONCE = 4096
"""Leaves that are made columns together."""


class Named(NamedTuple):
    """An image, as a standing version names it; ``acta`` is ``None`` out of catalogue.

    ``by_procedure`` says that the acta was identified by the technical procedure.
    """

    digest: str
    acta: str | None
    by_procedure: bool


class ContestVersions:
    """Takes the leaves of a contest's actas, in the order of the log.

    With ``rows`` it knows, too, what each version's row of an official database says.
    """

    def __init__(self, declared: Declared, *, rows: bool = True) -> None:
        self.declared = declared
        self._columns = len(declared.contest.columns)
        self._with_rows = rows
        self._count = [0] * len(declared.position)
        self._leaves = array("q")
        self._offsets = array("q")
        self._positions = array("q")
        self._images: list[str | None] = []
        self._by_procedure: list[bool] = []
        self._outside: dict[int, int] = {}
        """Of the actas that stand out of catalogue, by leaf, which version it is."""
        self._identified: list[tuple[int, int]] = []
        self._waiting: list[ActaLeaf] = []
        self._parts: list[Actas] = []
        self._rows: list[bytes] = []
        self._overflowing: dict[int, bytes] = {}

    def take(self, index: int, offset: int, leaf: ActaLeaf) -> list[Text]:
        """Take a leaf; what is wrong with it."""
        if len(leaf.votes) != self._columns:
            many = len(leaf.votes)
            return [said("{many} votes, for {columns}", many=many, columns=self._columns)]
        if leaf.acta is None:
            position, number = OUTSIDE, 1
        else:
            found = self.declared.position.get(leaf.acta)
            if found is None:
                return [said("the catalogue has no such acta")]
            position = found
            self._count[position] += 1
            number = self._count[position]
        wrong = [*_faults(leaf, number)]
        if leaf.identifies is not None and not self._identify(index, leaf, leaf.identifies):
            wrong.append(
                said("identifies leaf {of}, which is not out of catalogue", of=leaf.identifies)
            )
        if leaf.acta is None:
            self._outside[index] = len(self._leaves)
        self._leaves.append(index)
        self._offsets.append(offset)
        self._positions.append(position)
        self._images.append(leaf.image_sha256)
        self._by_procedure.append(Observation.IDENTIFICADA_POR_PTO in leaf.observations)
        self._waiting.append(leaf)
        if len(self._waiting) == AT_ONCE:
            self._make_columns()
        return wrong

    def _identify(self, index: int, leaf: ActaLeaf, outside: int) -> bool:
        """Whether what is identified stood out of catalogue until now; it does no more."""
        if leaf.acta is None or self._outside.pop(outside, None) is None:
            return False
        self._identified.append((outside, index))
        return True

    def _make_columns(self) -> None:
        actas = Actas.of(self._waiting, self._columns)
        self._parts.append(actas)
        if self._with_rows:
            self._digest_rows(actas)
        self._waiting = []

    def _digest_rows(self, actas: Actas) -> None:
        positions = np.array(self._positions[-len(self._waiting) :], np.int64)
        inside = np.flatnonzero(positions != OUTSIDE)
        counted = np.zeros(len(positions), np.bool_)
        counted[inside] = self.declared.casillas.counted(positions[inside], actas.only(inside))
        columns = zip(self._waiting, positions.tolist(), counted.tolist(), strict=True)
        shown = [self._shown(leaf, position, own) for leaf, position, own in columns]
        first = len(self._rows)
        self._rows += digests_of_shown(shown)
        overflowing = [row for row, each in enumerate(shown) if each.overflows]
        written = digests_of_shown([shown[row] for row in overflowing], overflow=True)
        rows = (first + row for row in overflowing)
        self._overflowing.update(zip(rows, written, strict=True))

    def _shown(self, leaf: ActaLeaf, position: int, counted: bool) -> Shown:
        if position == OUTSIDE:
            return Shown("", None, leaf, Counting.OUT_OF_CATALOGUE)
        counting = Counting.COUNTED if counted else Counting.NOT_COUNTED
        return Shown(self._entities[position], self._expected[position], leaf, counting)

    @cached_property
    def _expected(self) -> tuple[ExpectedActa, ...]:
        return self.declared.expected.actas()

    @cached_property
    def _entities(self) -> list[str]:
        """The entity of every expected acta, as its key begins."""
        levels, areas = self.declared.contest.levels, self.declared.expected.areas
        if Level.ENTITY not in levels:
            return [self.declared.description.root.path] * len(areas)
        place = levels.index(Level.ENTITY)
        return [ids_of(area)[place] for area in areas]

    def end(self) -> None:
        """There are no more leaves."""
        if self._waiting:
            self._make_columns()
        self._actas = Actas.joined(self._parts, self._columns)
        self._parts = []
        self._leaf = np.frombuffer(self._leaves, np.int64)
        self._position = np.frombuffer(self._positions, np.int64)
        self._offset = np.frombuffer(self._offsets, np.int64)

    # At a moment: when the log had so many leaves

    def _standing(self, size: int) -> Numbers:
        """Which version of every expected acta stands, or -1."""
        many = int(np.searchsorted(self._leaf, size))
        standing = np.full(len(self._count), -1, np.int64)
        inside = np.flatnonzero(self._position[:many] != OUTSIDE)
        standing[self._position[inside]] = inside  # of several the last one stays
        return standing

    def _outside_at(self, size: int) -> list[int]:
        """Which versions stand out of catalogue, in the order of the log."""
        later = [outside for outside, by in self._identified if by >= size]
        stand = (leaf for leaf in (*self._outside, *later) if leaf < size)
        return [int(np.searchsorted(self._leaf, leaf)) for leaf in sorted(stand)]

    def at(self, size: int, images: Mapping[str, int]) -> Standing:
        """What stands; ``images`` are the sizes of those that the tree has."""
        standing = self._standing(size)
        rows = np.flatnonzero(standing >= 0)
        versions = standing[rows]
        leaves, offsets, sizes = np.full((3, len(standing)), 0, np.int64)
        leaves[:] = -1
        leaves[rows], offsets[rows] = self._leaf[versions], self._offset[versions]
        if images:
            sizes[rows] = [self._size(version, images) for version in versions.tolist()]
        return Standing(
            rows=rows,
            actas=self._actas.only(versions),
            leaves=leaves,
            offsets=offsets,
            images=sizes,
            earlier=self._earlier(size, standing),
            outside=[
                (self._leaves[version], self._offsets[version], self._size(version, images))
                for version in self._outside_at(size)
            ],
            identified=[(outside, by) for outside, by in self._identified if by < size],
        )

    def _size(self, version: int, images: Mapping[str, int]) -> int:
        digest = self._images[version]
        return 0 if digest is None else images.get(digest, 0)

    def _earlier(self, size: int, standing: Numbers) -> dict[int, list[int]]:
        many = int(np.searchsorted(self._leaf, size))
        position = self._position[:many]
        superseded = (position != OUTSIDE) & (standing[position] != np.arange(many))
        found: dict[int, list[int]] = {}
        for version in np.flatnonzero(superseded).tolist():
            found.setdefault(self._positions[version], []).append(self._leaves[version])
        return found

    def images_named(self, size: int) -> Iterator[Named]:
        """The images that standing versions name."""
        standing = self._standing(size)
        for version in (*standing[standing >= 0].tolist(), *self._outside_at(size)):
            digest, position = self._images[version], self._positions[version]
            if digest is not None:
                acta = None if position == OUTSIDE else self.declared.expected.ids[position]
                yield Named(digest, acta, self._by_procedure[version])

    # Rows of official databases

    @cached_property
    def _not_captured(self) -> tuple[Digests, Digests]:
        """What the row of every expected acta says before it is captured, in both ways."""
        nothing = Counting.NOT_CAPTURED
        each = zip(self._entities, self._expected, strict=True)
        shown = [Shown(entity, expected, None, nothing) for entity, expected in each]
        plain = as_numbers(digests_of_shown(shown))
        if not any(one.overflows for one in shown):
            return plain, plain
        return plain, as_numbers(digests_of_shown(shown, overflow=True))

    @cached_property
    def _versions(self) -> tuple[Digests, Digests]:
        """What the row of every version says, in both ways."""
        plain = as_numbers(self._rows)
        overflowing = plain.copy()
        if self._overflowing:
            written = as_numbers([*self._overflowing.values()])
            overflowing[list(self._overflowing)] = written
        return plain, overflowing

    def rows(self, size: int, *, overflow: bool = False) -> Digests:
        """What every row of a database says: with ``overflow`` where contiguas from 10 are 01."""
        standing = self._standing(size)
        rows = self._not_captured[overflow].copy()
        versions = self._versions[overflow]
        captured = standing >= 0
        rows[captured] = versions[standing[captured]]
        outside = np.array(self._outside_at(size), np.int64)
        return np.concatenate((rows, versions[outside]))

    def claves(self, size: int) -> Iterator[str]:
        """CLAVE_ACTA of every row, in the order of :meth:`rows`; empty out of catalogue."""
        for entity, expected in zip(self._entities, self._expected, strict=True):
            yield Shown(entity, expected, None, Counting.NOT_CAPTURED).clave()
        yield from ("" for _ in self._outside_at(size))


def _faults(leaf: ActaLeaf, number: int) -> Iterator[Text]:
    if leaf.version != number:
        yield said("version {version}, after {before}", version=leaf.version, before=number - 1)
    if leaf.reason is None and (number > 1 or leaf.identifies is not None):
        yield said("corrected, and no reason given")
    if leaf.acta is None and leaf.reason is not None:
        yield said("corrected")
