"""The publication log at a mirror: every entry held here, so that nothing of it is believed.

A mirror that holds every entry needs no proofs: what it holds gives the root of any size, and only
a log that grew from it gives the next signed root. The tiles that readers ask for are made here
from the entries and are byte for byte the centre's.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from openprep.coded import Text, said
from openprep.election.cut import CutKind
from openprep.hosting import TreeDirectory
from openprep.hosting.log import LogTrouble, LogWriter
from openprep.mirror.codes import MirrorCode, Refused
from openprep.wire.cut.description import ElectionDescription
from openprep.wire.cut.manifest import Manifest
from openprep.wire.log.checkpoint import Checkpoint
from openprep.wire.log.leaf import (
    CutLeaf,
    Leaf,
    LeafError,
    RulesLeaf,
    decode_leaf,
    decode_leaves,
    encode_leaf,
)
from openprep.wire.log.merkle import leaf_hash
from openprep.wire.log.tiles import ENTRIES, WIDTH, Tile, TileError, decode_bundle, tiles_between

NEWEST = 4096
"""Entries that are kept as they came: those of a cut are counted without the disk."""

_CUT = b'["cut",'
"""What a cut's leaf begins with: a leaf has one form, and any other is none."""


class LeavesAt(NamedTuple):
    """Neighbouring leaves, and where each one's entry begins in the bundle that holds it."""

    leaves: list[Leaf]
    offsets: list[int]


class MirroredLog:
    """The log of one election in a mirror's tree, as far as it was fetched.

    ``cuts`` are the leaves of cuts in order; ``rules`` is the first leaf.
    """

    def __init__(self, tree: TreeDirectory, origin: str) -> None:
        self._newest: deque[bytes] = deque(maxlen=NEWEST)
        self._noted = 0
        self._unread: list[tuple[int, bytes]] = []
        """Entries that tell of the rules or of a cut, and were not read yet."""
        self.cuts: list[CutLeaf] = []
        self.rules: RulesLeaf | None = None
        self._tree = tree
        self._origin = origin
        self._writer = LogWriter(tree, origin)

    @classmethod
    def load(cls, tree: TreeDirectory, locked: Checkpoint | None, origin: str) -> "MirroredLog":
        """The log up to the last checkpoint trusted, from this disk.

        Raises:
            Refused: TREE_DAMAGED, the disk does not hold that log any more.
        """
        mirrored = cls(tree, origin)
        if locked is None:
            return mirrored
        try:
            mirrored._writer = LogWriter.rebuild(tree, origin, None, [locked], seen=mirrored._note)
        except (TileError, LogTrouble, OSError) as error:
            raise Refused(MirrorCode.TREE_DAMAGED, "the log: {error}", error=error) from error
        mirrored._read()
        return mirrored

    @property
    def size(self) -> int:
        """Entries held."""
        return self._writer.size

    def root_at(self, size: int) -> bytes:
        """Root of the first ``size`` entries held."""
        return self._writer.root(size)

    def missing(self, size: int) -> list[Tile]:
        """The entry bundles to fetch in order to hold ``size`` entries."""
        return [tile for tile in tiles_between(self.size, size) if tile.level == ENTRIES]

    def extend(self, bundles: Mapping[Tile, bytes]) -> None:
        """Take the bundles that were missing: of each, the entries that are not held yet.

        Raises:
            Refused: LOG_ENTRIES or FORMAT. The log is then ahead of itself: load it again.
        """
        for tile in sorted(bundles):
            self._extend(tile, bundles[tile])

    def _extend(self, tile: Tile, data: bytes) -> None:
        try:
            entries = decode_bundle(data, tile.width)
        except TileError as error:
            raise Refused(
                MirrorCode.LOG_ENTRIES, "{path}: {error}", path=tile.path, error=error
            ) from error
        new = entries[self.size - tile.index * WIDTH :]
        self._writer.append(new)
        self._note(new)
        self._read()

    def _note(self, entries: Sequence[bytes]) -> None:
        """Keep what is read here: the rules and the cuts, and the newest."""
        self._newest.extend(entries)
        for index, entry in enumerate(entries, self._noted):
            if not index or entry.startswith(_CUT):
                self._unread.append((index, entry))
        self._noted += len(entries)

    def _read(self) -> None:
        """Know the rules and the cuts; what else stands here is read by :meth:`leaves_from`."""
        unread, self._unread = self._unread, []
        for index, entry in unread:
            match _leaf(entry):
                case RulesLeaf() as rules if not index:
                    self.rules = rules
                case CutLeaf() as leaf if index:
                    self._take_cut(index, leaf)
                case _:
                    raise _against(said("the log does not begin with its rules"))

    def _take_cut(self, index: int, leaf: CutLeaf) -> None:
        told = said("leaf {index}: cut {cut}", index=index, cut=leaf.cut)
        before = self.cuts[-1] if self.cuts else None
        if leaf.cut != len(self.cuts):
            raise _against(said("{told} stands after {cuts} cuts", told=told, cuts=len(self.cuts)))
        if (leaf.kind is CutKind.ZERO) is not (before is None):
            raise _against(said("{told}: the zero is the first", told=told))
        if before is None and index != 1:
            raise _against(said("{told}: something was published before the zero", told=told))
        if before is not None and before.kind is CutKind.CLOSING:
            raise _against(said("{told} comes after the closing", told=told))
        if before is not None and leaf.time < before.time:
            raise _against(said("{told} is earlier than the one before", told=told))
        self.cuts.append(leaf)

    def leaves_from(self, start: int) -> Iterator[LeavesAt]:
        """The leaves from ``start`` on, bundle by bundle; everything held was staged.

        Raises:
            Refused: TREE_DAMAGED, or FORMAT for what is no leaf.
        """
        for index in range(start // WIDTH, -(-self.size // WIDTH)):
            begin = max(start, index * WIDTH)
            end = min((index + 1) * WIDTH, self.size)
            try:
                leaves = decode_leaves(self._entries(begin, end))
            except LeafError as error:
                raise _no_leaf(error) from error
            yield LeavesAt(leaves, self._writer.offsets.of(np.arange(begin, end)).tolist())

    def _entries(self, begin: int, end: int) -> list[bytes]:
        """Entries of one bundle, as they came if they are among the newest, or from this disk."""
        before = self.size - len(self._newest)
        if begin >= before:
            return list(islice(self._newest, begin - before, end - before))
        first = begin // WIDTH * WIDTH
        path = Tile(ENTRIES, begin // WIDTH, min(WIDTH, self.size - first)).path
        try:
            bundle = decode_bundle(self._tree.read(path) or b"", min(WIDTH, self.size - first))
        except TileError as error:
            raise Refused(
                MirrorCode.TREE_DAMAGED, "{path}: {error}", path=path, error=error
            ) from error
        entries = bundle[begin - first : end - first]
        if any(self._hash_at(i) != leaf_hash(entry) for i, entry in enumerate(entries, begin)):
            raise Refused(MirrorCode.TREE_DAMAGED, "{path}: another entry", path=path)
        return entries

    def stage(self) -> None:
        """Put everything held on disk: entry bundles and tiles, as the centre has them."""
        self._writer.stage()

    def ending(self, checkpoint: Checkpoint) -> CutLeaf:
        """The cut that a checkpoint ends in, the log being held that far and no further.

        Raises:
            Refused: LOG_FACTS, it does not end in a cut.
        """
        last = self.cuts[-1] if self.cuts else None
        if last is None or self._hash_at(checkpoint.size - 1) != leaf_hash(encode_leaf(last)):
            raise Refused(MirrorCode.LOG_FACTS, "the log does not end in a cut")
        return last

    def check_rules(self, description: ElectionDescription, manifest: Manifest) -> None:
        """See that the cut is shown under the rules that the log began with.

        Raises:
            Refused: LOG_FACTS.
        """
        self.check_digest(manifest)
        seed = None if description.seed is None else str(description.seed)
        shown = (description.id, description.drill, seed, description.digest)
        rules = self.rules
        if rules is None or shown != (
            rules.election,
            rules.drill,
            rules.seed,
            rules.folder_sha256,
        ):
            raise Refused(MirrorCode.LOG_FACTS, "the election is not the one the log began with")

    def check_digest(self, manifest: Manifest) -> None:
        """See that the cut names the description whose digest the log began with.

        Raises:
            Refused: LOG_FACTS.
        """
        if self.rules is None or manifest.description.sha256 != self.rules.rules_sha256:
            raise Refused(MirrorCode.LOG_FACTS, "the rules are not those at the log's beginning")

    def _hash_at(self, index: int) -> bytes:
        return self._writer.leaf_hash(index)


def _against(what: Text) -> Refused:
    return Refused(MirrorCode.LOG_FACTS, "{what}", what=what)


def _leaf(entry: bytes) -> Leaf:
    try:
        return decode_leaf(entry)
    except LeafError as error:
        raise _no_leaf(error) from error


def _no_leaf(error: LeafError) -> Refused:
    return Refused(MirrorCode.FORMAT, "an entry of the log: {error}", error=error)
