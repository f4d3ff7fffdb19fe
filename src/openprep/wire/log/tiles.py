"""A log as static files: tiles of hashes and bundles of entries (C2SP ``tlog-tiles``).

A tile holds up to 256 neighbouring hashes of every eighth level of the tree; a bundle holds the
entries under a tile of level 0. A full one never changes. Those at the right edge are *partial*:
they stand under a path that names their width, so that what a path names never changes either.
https://c2sp.org/tlog-tiles
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from openprep.wire.log.merkle import HASH_BYTES, MAX_SIZE, Node, NodeReader, node_hash

HEIGHT = 8
WIDTH = 1 << HEIGHT
"""Hashes in a full tile, entries in a full bundle."""

ENTRIES = -1
"""The level under which entry bundles are counted."""

MAX_LEVEL = 63 // HEIGHT
"""Tiles above this level would hold trees that are not believed (:data:`MAX_SIZE`)."""

MAX_ENTRY_BYTES = 0xFFFF
MAX_BUNDLE_BYTES = WIDTH * (2 + MAX_ENTRY_BYTES)

CHECKPOINT_PATH = "checkpoint"

PATH_PATTERN = (
    r"tile/(?P<level>entries|[0-7])/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)
"""What the path of a tile or bundle looks like; :meth:`Tile.parse` says whether it is one."""


class TileError(ValueError):
    """Not the path of a tile, or not the bytes of one."""


@dataclass(frozen=True, order=True)
class Tile:
    """A tile of hashes, or the entry bundle under it where ``level`` is :data:`ENTRIES`."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def full(self) -> bool:
        """Whether it has all it can hold."""
        return self.width == WIDTH

    @property
    def path(self) -> str:
        """``tile/<level>/<index>[.p/<width>]``, the index in groups of three digits."""
        groups = [f"{self.index % 1000:03}"]
        rest = self.index // 1000
        while rest:
            groups.append(f"x{rest % 1000:03}")
            rest //= 1000
        level = "entries" if self.level == ENTRIES else str(self.level)
        width = "" if self.full else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(reversed(groups))}{width}"

    @property
    def partials(self) -> str:
        """The folder that holds its partial versions."""
        return f"{Tile(self.level, self.index).path}.p"

    @property
    def end(self) -> int:
        """Leaves that a tree must have for this tile to be full."""
        return (self.index + 1) << (HEIGHT * (max(self.level, 0) + 1))

    @classmethod
    def parse(cls, path: str) -> "Tile":
        """The tile that stands at ``path``.

        Raises:
            TileError: there is no such path in a log.
        """
        match = re.fullmatch(PATH_PATTERN, path, re.ASCII)
        if match is None:
            raise TileError(f"not the path of a tile: {path[:80]!r}")
        level = ENTRIES if match["level"] == "entries" else int(match["level"])
        index = int(match["index"].replace("/x", "").replace("/", "").removeprefix("x"))
        tile = cls(level, index, int(match["width"] or WIDTH))
        if tile.path != path or tile.width > WIDTH:
            raise TileError(f"not the path of a tile: {path[:80]!r}")
        return tile


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile and bundle of a tree of ``size`` leaves, lower levels first."""
    yield from tiles_between(0, size)


def tiles_between(old_size: int, new_size: int) -> list[Tile]:
    """What a reader of ``new_size`` leaves needs and one of ``old_size`` does not have.

    Every full tile and bundle that is new, and the partial ones at the right edge. Entry bundles
    come first, then the levels from the leaves upwards.

    Raises:
        ValueError: a log does not shrink, nor grow beyond what is believed.
    """
    if not 0 <= old_size <= new_size <= MAX_SIZE:
        raise ValueError(f"a log does not go from {old_size} to {new_size} leaves")
    tiles = list(_new_in_level(ENTRIES, old_size, new_size))
    for level in range(MAX_LEVEL + 1):
        old, new = (size >> (HEIGHT * level) for size in (old_size, new_size))
        tiles += _new_in_level(level, old, new)
    return tiles


def _new_in_level(level: int, old: int, new: int) -> Iterator[Tile]:
    for index in range(old // WIDTH, new // WIDTH):
        yield Tile(level, index)
    if new % WIDTH and new != old:
        yield Tile(level, new // WIDTH, new % WIDTH)


def partial_tiles(size: int) -> list[Tile]:
    """The partial tiles and the partial bundle of a tree of ``size`` leaves."""
    counts = [(ENTRIES, size)]
    counts += [(level, size >> (HEIGHT * level)) for level in range(MAX_LEVEL + 1)]
    return [Tile(level, n // WIDTH, n % WIDTH) for level, n in counts if n % WIDTH]


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """Entries one after the other, each after its length in two bytes, the higher first.

    Raises:
        TileError: an entry is longer than 65,535 bytes.
    """
    try:
        return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
    except OverflowError as error:
        raise TileError(f"an entry has more than {MAX_ENTRY_BYTES} bytes") from error


def decode_bundle(data: bytes, width: int) -> list[bytes]:
    """The ``width`` entries of a bundle.

    Raises:
        TileError: there are more or fewer, or it is cut short.
    """
    entries: list[bytes] = []
    start = 0
    while start < len(data):
        end = start + 2 + int.from_bytes(data[start : start + 2], "big")
        if len(entries) == width or end > len(data) or start + 2 > len(data):
            raise TileError(f"not a bundle of {width} entries")
        entries.append(data[start + 2 : end])
        start = end
    if len(entries) != width:
        raise TileError(f"not a bundle of {width} entries")
    return entries


def tile_of_node(node: Node, size: int) -> Tile:
    """The tile from which a node is read, as it stands in a tree of ``size`` leaves.

    Raises:
        ValueError: the tree does not have that node full.
    """
    level, index = node
    if level < 0 or index < 0 or (index + 1) << level > size or size > MAX_SIZE:
        raise ValueError(f"a tree of {size} leaves has no node {level}/{index}")
    tile_level, within = divmod(level, HEIGHT)
    number = (index << within) // WIDTH
    count = size >> (HEIGHT * tile_level)
    return Tile(tile_level, number, min(WIDTH, count - number * WIDTH))


def tiles_of_nodes(proof: Iterable[Sequence[Node]], size: int) -> list[Tile]:
    """The tiles to fetch for a proof, given as its nodes (:mod:`openprep.wire.log.merkle`)."""
    return sorted({tile_of_node(node, size) for nodes in proof for node in nodes})


def node_in_tile(node: Node, data: bytes) -> bytes:
    """The hash of a node out of the tile that :func:`tile_of_node` names.

    Raises:
        TileError: the tile is too short.
    """
    level, index = node
    within = level % HEIGHT
    first = (index << within) % WIDTH
    hashes = [
        data[start : start + HASH_BYTES]
        for start in range(first * HASH_BYTES, (first + (1 << within)) * HASH_BYTES, HASH_BYTES)
    ]
    if len(hashes[-1]) != HASH_BYTES:
        raise TileError(f"the tile of {len(data)} bytes does not reach node {level}/{index}")
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [node_hash(left, right) for left, right in pairs]
    return hashes[0]


def tile_reader(size: int, read_tile: Callable[[Tile], bytes]) -> NodeReader:
    """Reads the nodes of a tree of ``size`` leaves out of its tiles, each asked for once.

    ``read_tile`` may give the full tile where a partial one is asked for. What it gives is not
    believed here: a root or proof made from it must be verified.

    Raises:
        TileError: (the reader) a tile has another size than it must.
    """
    held: dict[Tile, bytes] = {}

    def read(level: int, index: int) -> bytes:
        tile = tile_of_node((level, index), size)
        if tile not in held:
            data = read_tile(tile)
            if len(data) not in (tile.width * HASH_BYTES, WIDTH * HASH_BYTES):
                raise TileError(f"{tile.path} has {len(data)} bytes")
            held[tile] = data
        return node_in_tile((level, index), held[tile])

    return read
