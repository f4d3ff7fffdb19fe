"""Tiles and bundles: paths, what is new, and hashes read back; hostile ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprep.wire.log.merkle import (
    MerkleTree,
    consistency_nodes,
    consistency_proof,
    inclusion_nodes,
    inclusion_proof,
    leaf_hash,
    root_nodes,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from openprep.wire.log.tiles import (
    ENTRIES,
    MAX_LEVEL,
    Tile,
    TileError,
    decode_bundle,
    encode_bundle,
    partial_tiles,
    tile_of_node,
    tile_reader,
    tiles_between,
    tiles_of,
    tiles_of_nodes,
)

TREE = MerkleTree()
TREE.extend(leaf_hash(b"%d" % n) for n in range(70_000))


def tile_bytes(tile):
    return TREE.nodes(8 * tile.level, 256 * tile.index, tile.width)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(0, 1000), "tile/0/x001/000"),
        (Tile(3, 999, 1), "tile/3/999.p/1"),
        (Tile(ENTRIES, 1234067, 255), "tile/entries/x001/x234/067.p/255"),
    ],
)
def test_paths_are_those_of_the_specification(tile, path):
    assert tile.path == path
    assert Tile.parse(path) == tile


@given(st.integers(-1, MAX_LEVEL), st.integers(0, 2**55), st.integers(1, 256))
def test_a_path_says_which_tile_it_is(level, index, width):
    tile = Tile(level, index, width)
    assert Tile.parse(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/8/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/data/000",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/999",
        "tile/0/000.p/",
        "tile/0/000\n",
        "tile/0/٠٠٠",
        "tile/0/../../secret",
        "/tile/0/000",
        "tile/0/" + "x001/" * 40 + "000",
    ],
)
def test_what_is_no_path_of_a_tile_is_refused(path):
    with pytest.raises(TileError):
        Tile.parse(path)


def test_the_examples_of_the_specification():
    tiles = list(tiles_of(70_000))
    assert sum(tile.level == 0 and tile.full for tile in tiles) == 273
    assert sum(tile.level == 1 and tile.full for tile in tiles) == 1
    assert [tile.path for tile in partial_tiles(70_000)] == [
        "tile/entries/273.p/112",
        "tile/0/273.p/112",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    ]
    assert [tile.path for tile in tiles_of(256)] == [
        "tile/entries/000",
        "tile/0/000",
        "tile/1/000.p/1",
    ]
    assert list(tiles_of(0)) == []


@given(st.integers(0, 200_000), st.integers(0, 200_000))
def test_what_is_new_is_what_the_larger_tree_has_and_the_smaller_has_not(one, other):
    old, new = sorted((one, other))
    new_tiles = tiles_between(old, new)
    assert len(new_tiles) == len(set(new_tiles))
    assert set(new_tiles) == set(tiles_of(new)) - set(tiles_of(old))


def test_a_log_that_shrinks_or_is_beyond_belief_is_refused():
    for old, new in ((5, 4), (-1, 4), (0, 2**63)):
        with pytest.raises(ValueError, match="does not go"):
            tiles_between(old, new)


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_a_bundle_gives_back_its_entries(entries):
    assert decode_bundle(encode_bundle(entries), len(entries)) == entries


def test_the_longest_entry_fits_and_a_longer_one_is_refused():
    assert decode_bundle(encode_bundle([b"x" * 65_535]), 1) == [b"x" * 65_535]
    with pytest.raises(TileError, match="65535"):
        encode_bundle([b"x" * 65_536])


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=10), st.data())
def test_a_bundle_cut_short_lengthened_or_miscounted_is_refused(entries, data):
    bundle = encode_bundle(entries)
    cut = data.draw(st.integers(0, len(bundle) - 1))
    for wrong, width in (
        (bundle[:cut], len(entries)),
        (bundle + b"\0", len(entries)),
        (bundle + b"\0\0", len(entries)),
        (bundle, len(entries) - 1),
        (bundle, len(entries) + 1),
    ):
        with pytest.raises(TileError):
            decode_bundle(wrong, width)


@given(st.binary(max_size=100), st.integers(0, 256))
def test_no_bytes_break_the_reader_of_bundles(data, width):
    try:
        entries = decode_bundle(data, width)
    except TileError:
        return
    assert encode_bundle(entries) == data


@given(st.integers(1, 70_000), st.data())
def test_roots_and_proofs_out_of_tiles_are_those_of_the_tree(size, data):
    asked = []

    def read_tile(tile):
        asked.append(tile)
        return tile_bytes(tile)

    read = tile_reader(size, read_tile)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    assert root_of(size, read) == TREE.root(size)
    proof = inclusion_proof(index, size, read)
    assert verify_inclusion(leaf_hash(b"%d" % index), index, size, proof, TREE.root(size))
    growth = consistency_proof(old, size, read)
    assert verify_consistency(old, size, TREE.root(old), TREE.root(size), growth)
    assert len(asked) == len(set(asked))
    foretold = [root_nodes(size), *inclusion_nodes(index, size), *consistency_nodes(old, size)]
    assert sorted(asked) == tiles_of_nodes(foretold, size)
    assert set(asked) <= set(tiles_of(size))


def test_the_full_tile_serves_where_a_partial_one_is_gone():
    read = tile_reader(1_000, lambda tile: tile_bytes(Tile(tile.level, tile.index)))
    proof = inclusion_proof(999, 1_000, read)
    assert verify_inclusion(leaf_hash(b"999"), 999, 1_000, proof, TREE.root(1_000))


def test_an_altered_tile_proves_nothing():
    def altered(tile):
        data = bytearray(tile_bytes(tile))
        data[-1] ^= 1
        return bytes(data)

    read = tile_reader(1_000, altered)
    proof = inclusion_proof(3, 1_000, read)
    assert not verify_inclusion(leaf_hash(b"3"), 3, 1_000, proof, TREE.root(1_000))


@pytest.mark.parametrize("wrong", [b"", b"x" * 31, b"x" * 8193, b"x" * 32 * 100])
def test_a_tile_of_another_size_is_refused(wrong):
    with pytest.raises(TileError):
        root_of(1_000, tile_reader(1_000, lambda tile: wrong))


@pytest.mark.parametrize(
    ("node", "size"), [((0, 5), 5), ((3, 1), 15), ((-1, 0), 5), ((0, -1), 5), ((0, 0), 2**63)]
)
def test_a_node_that_the_tree_does_not_have_is_in_no_tile(node, size):
    with pytest.raises(ValueError, match="no node"):
        tile_of_node(node, size)
