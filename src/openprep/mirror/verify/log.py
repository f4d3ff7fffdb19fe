"""The publication log at a mirror: every entry held here, so that nothing of it is believed.

A mirror that holds every entry needs no proofs: what it holds gives the root of any size, and only
a log that grew from it gives the next signed root. The tiles that readers ask for are made here
from the entries and are byte for byte the centre's.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import UNSET

from openprep.hosting import TreeDirectory
from openprep.hosting.log import LogTrouble, LogWriter, entries_on_disk
from openprep.mirror.codes import MirrorCode, Refused
from openprep.wire.cut.description import ElectionDescription
from openprep.wire.cut.manifest import Manifest
from openprep.wire.log.checkpoint import Checkpoint
from openprep.wire.log.leaf import (
    ActaLeaf,
    CutLeaf,
    Leaf,
    LeafError,
    RulesLeaf,
    decode_leaf,
    encode_leaf,
)
from openprep.wire.log.merkle import leaf_hash
from openprep.wire.log.tiles import ENTRIES, WIDTH, Tile, TileError, decode_bundle, tiles_between


class MirroredLog:
    """The log of one election in a mirror's tree, as far as it was fetched.

    ``actas`` counts the leaves of actas by contest; ``cuts`` are the leaves of cuts in order.
    """

    def __init__(self, tree: TreeDirectory, origin: str) -> None:
        self.actas: Counter[str] = Counter()
        self._identifications: Counter[str] = Counter()
        self.cuts: list[CutLeaf] = []
        self._rules: RulesLeaf | None = None
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
            entries = list(entries_on_disk(tree, locked.size))
            mirrored._writer = LogWriter.rebuild(tree, origin, entries, [locked])
        except (TileError, LogTrouble, OSError) as error:
            raise Refused(MirrorCode.TREE_DAMAGED, "the log: {error}", error=error) from error
        mirrored._take(entries)
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
        self._take(new)

    def _take(self, entries: Iterable[bytes]) -> None:
        for index, entry in enumerate(entries, len(self.cuts) + sum(self.actas.values())):
            leaf = _leaf(entry)
            if (index == 0 and self._rules is None) is not isinstance(leaf, RulesLeaf):
                raise Refused(MirrorCode.LOG_FACTS, "the log does not begin with its rules")
            match leaf:
                case ActaLeaf():
                    self.actas[leaf.contest] += 1
                    self._identifications[leaf.contest] += leaf.identifies is not UNSET
                case CutLeaf() if leaf.cut != len(self.cuts):
                    raise Refused(
                        MirrorCode.LOG_FACTS,
                        "cut {cut} stands in the log after {cuts} cuts",
                        cut=leaf.cut,
                        cuts=len(self.cuts),
                    )
                case CutLeaf():
                    self.cuts.append(leaf)
                case RulesLeaf():
                    self._rules = leaf

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
        seed = None if description.seed is None else str(description.seed)
        shown = (description.id, description.drill, seed, description.digest)
        rules = self._rules
        if rules is None or manifest.description.sha256 != rules.rules_sha256:
            raise Refused(MirrorCode.LOG_FACTS, "the rules are not those at the log's beginning")
        if shown != (rules.election, rules.drill, rules.seed, rules.folder_sha256):
            raise Refused(MirrorCode.LOG_FACTS, "the election is not the one the log began with")

    def holds(self, index: int, leaf: ActaLeaf) -> bool:
        """Whether ``leaf`` stands at ``index``."""
        return 0 <= index < self.size and self._hash_at(index) == leaf_hash(encode_leaf(leaf))

    def holds_version(
        self, index: int, contest: str, acta: str | None, number: int, at: datetime
    ) -> bool:
        """Whether some version ``number`` of an acta, recorded at ``at``, stands at ``index``.

        For versions that were superseded, whose figures a cut does not show.
        """
        leaf = self._acta_at(index)
        if leaf is None:
            return False
        return (leaf.contest, leaf.acta, leaf.version, leaf.at) == (contest, acta, number, at)

    def holds_identification(self, index: int, contest: str, acta: str, outside: int) -> bool:
        """Whether the version at ``index``, of ``acta``, identifies the leaf ``outside``."""
        leaf = self._acta_at(index)
        if leaf is None:
            return False
        return (leaf.contest, leaf.acta, leaf.identifies) == (contest, acta, outside)

    def identifications(self, contest: str) -> int:
        """How many versions of a contest identify an acta out of catalogue."""
        return self._identifications[contest]

    def _acta_at(self, index: int) -> ActaLeaf | None:
        if not 0 <= index < self.size:
            return None
        try:
            leaf = _leaf(self._writer.entry(index))
        except TileError as error:
            raise Refused(MirrorCode.TREE_DAMAGED, "the log: {error}", error=error) from error
        return leaf if isinstance(leaf, ActaLeaf) else None

    def _hash_at(self, index: int) -> bytes:
        return self._writer.leaf_hash(index)


def _leaf(entry: bytes) -> Leaf:
    try:
        return decode_leaf(entry)
    except LeafError as error:
        raise Refused(MirrorCode.FORMAT, "an entry of the log: {error}", error=error) from error
