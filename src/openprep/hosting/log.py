"""Writing the publication log: every leaf once, in order, in tiles that only grow.

A checkpoint is published in four steps, in this order:

1. *append* the leaves and *stage* them: tiles and bundles are durably on disk, unknown to all;
2. *lock*: the caller appends size and root to the record, durably;
3. sign the checkpoint; 4. publish it.

Killed before the lock, the next start knows nothing of the leaves and may stage others in their
place; killed after it, the next start has the same leaves, since they are a pure function of the
record, and signs the same root. So two roots of one size are never signed, and what is signed is
always there to be read. Starting is recovering: :meth:`LogWriter.rebuild` hashes all leaves again,
refuses to go on from a log that is not the recorded one, and puts back what the disk lost.
"""

import logging
import shutil
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from openprep.hosting import TreeDirectory
from openprep.hosting.batch import write_batch
from openprep.wire.log.checkpoint import Checkpoint
from openprep.wire.log.merkle import MerkleTree, leaf_hash
from openprep.wire.log.tiles import (
    ENTRIES,
    HEIGHT,
    MAX_ENTRY_BYTES,
    WIDTH,
    Tile,
    TileError,
    decode_bundle,
    encode_bundle,
    partial_tiles,
    tiles_between,
    tiles_of,
)

log = logging.getLogger("openprep.log")

KEPT_CHECKPOINTS = 30
"""Newest checkpoints whose partial tiles are all kept. Partial tiles of earlier ones stay until the
full tile is there, as the specification asks; a reader of an earlier checkpoint takes that."""


class LogFault(Enum):
    """Why a log cannot be gone on with."""

    NOT_AS_LOCKED = "its leaves do not give a root that was locked"
    OTHER_THAN_PUBLISHED = "its leaves do not give the checkpoint that is published"


class LogTrouble(Exception):
    """The log cannot be gone on with. Nothing was written."""

    def __init__(self, fault: LogFault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail


@dataclass(frozen=True)
class Staged:
    """A tree on disk that is not signed yet, and the files that are new since the one before."""

    checkpoint: Checkpoint
    placed: Sequence[str]


class EntryOffsets:
    """Where each entry of a log begins in the bundle that holds it."""

    def __init__(self) -> None:
        self._offsets = np.zeros(WIDTH, np.int64)
        self._size = 0
        self._bytes = 0
        """Of the bundle that is not full."""

    def of(self, leaves: NDArray[np.int64]) -> NDArray[np.int64]:
        """The offsets of the entries ``leaves``.

        Raises:
            IndexError: there is no such entry.
        """
        return self._offsets[: self._size][leaves]

    def extend(self, lengths: Iterable[int]) -> None:
        """Add entries of these lengths."""
        ends = self._bytes + np.cumsum([2 + length for length in lengths], dtype=np.int64)
        if not len(ends):
            return
        starts = np.concatenate(([self._bytes], ends))
        index = np.arange(len(starts))
        first = (self._size + index) // WIDTH * WIDTH - self._size
        offsets = starts - np.where(first < 0, 0, starts[np.maximum(first, 0)])
        end = self._size + len(ends)
        if end > len(self._offsets):
            grown = np.zeros(max(end, 2 * len(self._offsets)), np.int64)
            grown[: self._size] = self._offsets[: self._size]
            self._offsets = grown
        self._offsets[self._size : end] = offsets[:-1]
        self._size, self._bytes = end, int(offsets[-1])


class LogWriter:
    """The log of one election, under ``tile/`` of a published tree.

    Not thread safe: one call at a time, from any thread. A writer whose staged tree was not locked
    is thrown away and rebuilt: what it appended cannot be taken back.
    """

    def __init__(self, tree: TreeDirectory, origin: str) -> None:
        """A log without leaves. To go on with one, :meth:`rebuild` it."""
        self.origin = origin
        self._tree = tree
        self.offsets = EntryOffsets()
        self._hashes = MerkleTree()
        self._tail: list[bytes] = []
        self._staged = 0
        self._kept: deque[int] = deque(maxlen=KEPT_CHECKPOINTS)
        self._dropped = 0

    @classmethod
    def rebuild(
        cls,
        tree: TreeDirectory,
        origin: str,
        leaves: Iterable[bytes] | None,
        locked: Sequence[Checkpoint],
        published: Checkpoint | None = None,
        seen: Callable[[Sequence[bytes]], None] | None = None,
    ) -> "LogWriter":
        """The writer of the log that was locked, its files whole on disk.

        Args:
            tree: where the log is served from.
            origin: the log's name in its checkpoints.
            leaves: every entry up to the last locked size, made from the record; ``None`` for
                those that are on disk.
            locked: checkpoints that the record holds, oldest first; at least the last one. With
                all of them, every root ever signed is checked, and partial tiles are put back.
            published: the checkpoint that the tree shows, if it shows one.
            seen: is handed the entries, a bundle at a time, before anything of them is known.

        Raises:
            LogTrouble: leaves, ``locked`` and ``published`` are not of one log. Nothing was
                written: a lost log is put back as it was, or is an error, and never a new one.
            TileError: a bundle that is to be read from the disk is missing or damaged.
        """
        writer = cls(tree, origin)
        size = locked[-1].size if locked else 0
        shown = _partials_of(locked)
        full = leaves is not None
        entries = entries_on_disk(tree, size) if leaves is None else leaves
        if seen is not None:
            entries = _told(entries, seen)
        lost = writer._load(entries, size, shown, full=full)
        writer._check(locked, published)
        writer._restore(lost, locked, shown)
        return writer

    @property
    def size(self) -> int:
        """Leaves so far, staged or not."""
        return self._hashes.size

    def root(self, size: int | None = None) -> bytes:
        """Root of the first ``size`` leaves, of all if not given."""
        return self._hashes.root(size)

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        """What there is to sign for the first ``size`` leaves, for all if not given."""
        size = self.size if size is None else size
        return Checkpoint(self.origin, size, self.root(size))

    def leaf_hash(self, index: int) -> bytes:
        """Hash of the leaf ``index``.

        Raises:
            IndexError: there is no such leaf.
        """
        return self._hashes.node(0, index)

    def entry(self, index: int) -> bytes:
        """The entry ``index``, from memory or from its bundle on disk.

        Raises:
            IndexError: there is no such leaf.
            TileError: the disk does not hold it any more.
        """
        expected, start = self.leaf_hash(index), self.size - len(self._tail)
        if index >= start:
            return self._tail[index - start]
        bundle = Tile(ENTRIES, index // WIDTH)
        if bundle.end > self._staged:
            bundle = Tile(ENTRIES, bundle.index, self._staged % WIDTH)
        data = self._tree.read(bundle.path)
        entry = b"" if data is None else decode_bundle(data, bundle.width)[index % WIDTH]
        if leaf_hash(entry) != expected:
            raise TileError(f"{bundle.path} is not whole on this disk")
        return entry

    def append(self, entries: Sequence[bytes]) -> range:
        """Add leaves, all or none, in memory only; their indexes.

        Raises:
            TileError: one is longer than an entry can be.
        """
        if any(len(entry) > MAX_ENTRY_BYTES for entry in entries):
            raise TileError(f"an entry has more than {MAX_ENTRY_BYTES} bytes")
        start = self.size
        self._hashes.extend(map(leaf_hash, entries))
        self.offsets.extend(map(len, entries))
        self._tail += entries
        return range(start, self.size)

    def stage(self) -> Staged:
        """Put everything appended so far on disk, durably. If it fails, it can be done again.

        Raises:
            OSError: the disk refuses.
        """
        tiles = tiles_between(self._staged, self.size)
        write_batch({self._tree.path(tile.path): self._bytes_of(tile) for tile in tiles})
        if self.size > self._staged:
            self._settle([self.size])
        return Staged(self.checkpoint(), tuple(tile.path for tile in tiles))

    def _settle(self, sizes: Iterable[int]) -> None:
        """Take note that trees of these sizes are on disk, and forget what none of them needs."""
        self._kept.extend(sizes)
        self._staged = self._kept[-1] if self._kept else 0
        self._trim(self._staged)
        self._drop_partials(self._kept[0] if self._kept else 0)

    def _drop_partials(self, size: int) -> None:
        """Drop the partial versions of what was full already at ``size``."""
        for tile in tiles_between(self._dropped, size):
            if tile.full:
                shutil.rmtree(self._tree.path(tile.partials), ignore_errors=True)
        self._dropped = size

    def _trim(self, size: int) -> None:
        """Keep only the entries that a bundle not full at ``size`` holds."""
        surplus = len(self._tail) - (self.size - size // WIDTH * WIDTH)
        del self._tail[: max(surplus, 0)]

    def _bytes_of(self, tile: Tile) -> bytes:
        start = tile.index * WIDTH
        if tile.level != ENTRIES:
            return self._hashes.nodes(tile.level * HEIGHT, start, tile.width)
        start -= self.size - len(self._tail)
        return encode_bundle(self._tail[start : start + tile.width])

    def _load(
        self, leaves: Iterable[bytes], size: int, partials: Iterable[Tile], *, full: bool
    ) -> dict[str, bytes]:
        """Append all leaves; the bundles among ``partials`` that the disk lacks.

        Full ones too, where ``full``. Entries of no more than one bundle are in memory at a time.
        """
        shown: defaultdict[int, list[Tile]] = defaultdict(list)
        for tile in partials:
            if tile.level == ENTRIES:
                shown[tile.index].append(tile)
        lost: dict[str, bytes] = {}
        for entries in _in_bundles(leaves):
            if self.size + len(entries) > size:
                detail = f"the record holds more leaves than the {size} that it says were signed"
                raise LogTrouble(LogFault.NOT_AS_LOCKED, detail)
            index = self.size // WIDTH
            self.append(entries)
            whole = [Tile(ENTRIES, index)] if full and len(entries) == WIDTH else []
            for tile in (*whole, *shown[index]):
                if tile.width <= len(entries):
                    self._note_if_lost(tile, lost)
            self._trim(self.size)
        return lost

    def _note_if_lost(self, tile: Tile, lost: dict[str, bytes]) -> None:
        data = self._bytes_of(tile)
        if self._tree.read(tile.path) != data:
            lost[tile.path] = data

    def _check(self, locked: Sequence[Checkpoint], published: Checkpoint | None) -> None:
        """See that all that was ever signed is the beginning of this log."""
        for checkpoint in locked:
            if checkpoint.size > self.size or checkpoint != self.checkpoint(checkpoint.size):
                detail = f"the record's {self.size} leaves do not give {_words(checkpoint)}"
                raise LogTrouble(LogFault.NOT_AS_LOCKED, detail)
        if published is None:
            return
        if published.size > self.size or published != self.checkpoint(published.size):
            detail = f"the record's {self.size} leaves do not give {_words(published)}"
            raise LogTrouble(LogFault.OTHER_THAN_PUBLISHED, detail)

    def _restore(
        self, lost: dict[str, bytes], locked: Sequence[Checkpoint], partials: Iterable[Tile]
    ) -> None:
        """Write what the disk lacks, and take up the work where the record says it stands."""
        for tile in tiles_of(self.size):
            if tile.full and tile.level != ENTRIES:
                self._note_if_lost(tile, lost)
        for tile in partials:
            if tile.level != ENTRIES:
                self._note_if_lost(tile, lost)
        if lost:
            log.warning("%d files of the log were not on this disk and are put back", len(lost))
            write_batch({self._tree.path(name): data for name, data in lost.items()})
        self._settle(checkpoint.size for checkpoint in locked)


def entries_on_disk(tree: TreeDirectory, size: int) -> Iterator[bytes]:
    """The first ``size`` entries of the log as they stand on disk, nothing of them believed.

    Raises:
        TileError: (while iterating) a bundle is missing or damaged.
    """
    for bundle in (tile for tile in tiles_of(size) if tile.level == ENTRIES):
        data = tree.read(bundle.path)
        if data is None:
            raise TileError(f"{bundle.path} is not on this disk")
        yield from decode_bundle(data, bundle.width)


def _partials_of(locked: Sequence[Checkpoint]) -> set[Tile]:
    """The partial tiles and bundles that trees of ``locked`` show, as far as they are kept."""
    horizon = locked[-KEPT_CHECKPOINTS:][0].size if locked else 0
    tiles = {tile for checkpoint in locked for tile in partial_tiles(checkpoint.size)}
    return {tile for tile in tiles if tile.end > horizon}


def _in_bundles(leaves: Iterable[bytes]) -> Iterator[list[bytes]]:
    source = iter(leaves)
    while entries := list(islice(source, WIDTH)):
        yield entries


def _told(leaves: Iterable[bytes], seen: Callable[[Sequence[bytes]], None]) -> Iterator[bytes]:
    for entries in _in_bundles(leaves):
        seen(entries)
        yield from entries


def _words(checkpoint: Checkpoint) -> str:
    return f"{checkpoint.origin} of {checkpoint.size} leaves under {checkpoint.root.hex()}"
