"""What the files of a log prove, as one site serves them: nothing is believed, all is verified."""

from collections.abc import Iterable

from openprep.coded import said
from openprep.watch.codes import WatchCode
from openprep.watch.history import Beginning
from openprep.watch.visit import Trouble, Visitor
from openprep.wire.log.checkpoint import Checkpoint
from openprep.wire.log.merkle import (
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
from openprep.wire.log.tiles import (
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

    async def entry(self, checkpoint: Checkpoint, index: int) -> bytes:
        """The entry at ``index``, its whole bundle and the tile over it held against the root.

        Raises:
            ValueError: the files do not prove it (a ``TileError`` is one).
            Trouble: a file is not to be had.
        """
        size = checkpoint.size
        nodes = inclusion_nodes(index, size)
        first = index // WIDTH * WIDTH
        width = min(WIDTH, size - first)
        over = Tile(0, index // WIDTH, width)
        entries = decode_bundle(await self._tile(Tile(ENTRIES, over.index, width)), width)
        hashes = [leaf_hash(entry) for entry in entries]
        tiles = await self._tiles({over, *tiles_of_nodes(nodes, size)})
        if not tiles[over].startswith(b"".join(hashes)):
            raise ValueError(
                said(
                    "the entries from {first} on are not those that {path} hashes",
                    first=first,
                    path=over.path,
                )
            )
        proof = inclusion_proof(index, size, tile_reader(size, tiles.__getitem__))
        leaf = hashes[index - first]
        if not verify_inclusion(leaf, index, size, proof, checkpoint.root):
            raise ValueError(
                said("entry {index} of {size} is not under the signed root", index=index, size=size)
            )
        return entries[index - first]

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
