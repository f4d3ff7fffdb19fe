"""What the files of a log prove, as one site serves them: nothing is believed, all is verified."""

from collections.abc import Iterable

from openprep.mirror.history import Beginning
from openprep.mirror.visit import Trouble, Visitor
from openprep.mirror.watch_codes import WatchCode
from openprep.tree.checkpoint import Checkpoint
from openprep.tree.merkle import (
    HASH_BYTES,
    consistency_nodes,
    consistency_proof,
    inclusion_nodes,
    inclusion_proof,
    leaf_hash,
    root_nodes,
    root_of,
    verify_inclusion,
)
from openprep.tree.tiles import (
    ENTRIES,
    MAX_BUNDLE_BYTES,
    WIDTH,
    Tile,
    decode_bundle,
    tile_reader,
    tiles_of_nodes,
)


class LogFiles:
    """The log at ``address``; each method takes no more than some thirty tiles."""

    def __init__(self, visitor: Visitor, address: str) -> None:
        self._visitor = visitor
        self._address = address

    async def last_entry(self, checkpoint: Checkpoint) -> bytes:
        """The last entry under a signed root.

        Raises:
            ValueError: the files do not prove it (a ``TileError`` is one).
            Trouble: a file is not to be had.
        """
        size = checkpoint.size
        index = size - 1
        nodes = inclusion_nodes(index, size)
        bundle = Tile(ENTRIES, index // WIDTH, index % WIDTH + 1)
        entry = decode_bundle(await self._tile(bundle), bundle.width)[-1]
        tiles = await self._tiles(tiles_of_nodes(nodes, size))
        proof = inclusion_proof(index, size, tile_reader(size, tiles.__getitem__))
        if not verify_inclusion(leaf_hash(entry), index, size, proof, checkpoint.root):
            raise ValueError(f"the last of {size} entries is not under the signed root")
        return entry

    async def beginning(self, size: int, whole: int) -> Beginning:
        """How the log of ``whole`` leaves begins, with a proof for the caller to verify.

        Raises:
            TileError: a tile has another size than it must.
            Trouble: a file is not to be had.
        """
        nodes = [root_nodes(size), *consistency_nodes(size, whole)]
        tiles = await self._tiles(tiles_of_nodes(nodes, whole))
        read = tile_reader(whole, tiles.__getitem__)
        proof = consistency_proof(size, whole, read)
        return Beginning(size, whole, root_of(size, read), proof)

    async def _tiles(self, tiles: Iterable[Tile]) -> dict[Tile, bytes]:
        return {tile: await self._tile(tile) for tile in tiles}

    async def _tile(self, tile: Tile) -> bytes:
        """A tile, or the full one of its place where the partial one was dropped already."""
        limit = MAX_BUNDLE_BYTES if tile.level == ENTRIES else WIDTH * HASH_BYTES
        try:
            return (await self._visitor.get(self._address, tile.path, limit)).data
        except Trouble as trouble:
            if trouble.code is not WatchCode.MISSING or tile.full or tile.level == ENTRIES:
                raise
        full = Tile(tile.level, tile.index)
        return (await self._visitor.get(self._address, full.path, limit)).data
