"""A copy of a log that grows only as the log was signed: what a mirror or an auditor keeps.

It is built from the entries themselves, so that a root that comes out right proves at once that
every entry is there, that nothing before it has changed, and that the tiles can be served on.
"""

from collections.abc import Callable

from openprep.wire.log.checkpoint import Checkpoint
from openprep.wire.log.merkle import MerkleTree, leaf_hash
from openprep.wire.log.tiles import (
    ENTRIES,
    HEIGHT,
    WIDTH,
    Tile,
    TileError,
    decode_bundle,
    tiles_between,
)


class GrowthError(ValueError):
    """Files of a log do not continue the copy to the signed root. The copy is as it was."""


class LogCopy:
    """The hashes of a log up to the largest size that was verified.

    Not thread safe.
    """

    def __init__(self) -> None:
        self.hashes = MerkleTree()
        """For proofs: ``hashes.node`` reads nodes."""

    @property
    def size(self) -> int:
        """Leaves that were verified."""
        return self.hashes.size

    def missing(self, size: int) -> list[Tile]:
        """The files that :meth:`grow` will ask for, to a log of ``size`` leaves."""
        return tiles_between(self.size, size)

    def grow(self, checkpoint: Checkpoint, read: Callable[[Tile], bytes]) -> None:
        """Go on to ``checkpoint``, whose signatures the caller has verified.

        ``read`` gives each missing file. Starting again is growing from nothing, out of one's own
        files, to the checkpoint that one keeps.

        Raises:
            GrowthError: another root of a size that is known (a fork), a smaller log, or files that
                are not those of the signed tree.
        """
        known = self.size
        if checkpoint.size < known:
            raise GrowthError(f"the log has {checkpoint.size} leaves; {known} were verified before")
        try:
            self._take(checkpoint, read)
        except BaseException:
            self.hashes.truncate(known)
            raise

    def _take(self, checkpoint: Checkpoint, read: Callable[[Tile], bytes]) -> None:
        tiles = self.missing(checkpoint.size)
        for tile in tiles:
            if tile.level == ENTRIES:
                self._append(tile, read(tile))
        root = self.hashes.root()
        if root != checkpoint.root:
            detail = f"{checkpoint.size} leaves have the root {root.hex()}"
            raise GrowthError(f"{detail}, and {checkpoint.root.hex()} was signed")
        for tile in tiles:
            if tile.level != ENTRIES and read(tile) != self._bytes_of(tile):
                raise GrowthError(f"{tile.path} is not what the entries hash to")

    def _append(self, bundle: Tile, data: bytes) -> None:
        try:
            entries = decode_bundle(data, bundle.width)
        except TileError as error:
            raise GrowthError(f"{bundle.path}: {error}") from error
        start = bundle.index * WIDTH
        known = self.size - start
        hashes = [leaf_hash(entry) for entry in entries]
        if b"".join(hashes[:known]) != self.hashes.nodes(0, start, known):
            raise GrowthError(f"{bundle.path} changes entries that were verified before")
        self.hashes.extend(hashes[known:])

    def _bytes_of(self, tile: Tile) -> bytes:
        return self.hashes.nodes(tile.level * HEIGHT, tile.index * WIDTH, tile.width)
