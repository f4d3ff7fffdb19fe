"""A copy of a log: forks, rewritten history, damage, files left out; it never takes half of one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprep.wire.log.checkpoint import Checkpoint
from openprep.wire.log.growth import GrowthError, LogCopy
from openprep.wire.log.merkle import MerkleTree, leaf_hash
from openprep.wire.log.tiles import ENTRIES, encode_bundle, tiles_between


class Log:
    """A log in memory that the test can corrupt: ``changed`` files stand in the place of others."""

    def __init__(self, entries):
        self.entries = list(entries)
        self.tree = MerkleTree()
        self.tree.extend(map(leaf_hash, self.entries))
        self.changed = {}
        self.asked = []

    def checkpoint(self, size):
        return Checkpoint("log", size, self.tree.root(size))

    def read(self, tile):
        self.asked.append(tile)
        if tile.path in self.changed:
            return self.changed[tile.path]
        start = tile.index * 256
        if tile.level == ENTRIES:
            return encode_bundle(self.entries[start : start + tile.width])
        return self.tree.nodes(8 * tile.level, start, tile.width)


def entries(count):
    return [b"entry %d" % n for n in range(count)]


TREE = Log(entries(70_000)).tree


def taken(copy, size):
    """That the copy stands at ``size`` and goes on from there."""
    log = Log(entries(70_000))
    assert copy.size == size
    copy.grow(log.checkpoint(70_000), log.read)
    assert copy.hashes.root() == TREE.root()


@given(st.lists(st.integers(0, 1_500), max_size=6).map(sorted))
def test_a_copy_that_grows_in_steps_has_the_roots_that_were_signed(sizes):
    log, copy = Log(entries(1_500)), LogCopy()
    for size in sizes:
        expected = tiles_between(copy.size, size)
        log.asked.clear()
        copy.grow(log.checkpoint(size), log.read)
        assert sorted(log.asked) == sorted(expected)
        assert (copy.size, copy.hashes.root()) == (size, TREE.root(size))


@pytest.mark.parametrize("path", [tile.path for tile in tiles_between(500, 1_500)])
@pytest.mark.parametrize("at", [0, 1, 2, 31, -1])
def test_one_changed_byte_in_any_new_file_is_refused_and_the_copy_stays(path, at):
    log, copy = Log(entries(1_500)), LogCopy()
    copy.grow(log.checkpoint(500), log.read)
    (tile,) = [file for file in copy.missing(1_500) if file.path == path]
    data = bytearray(log.read(tile))
    data[at] ^= 1
    log.changed[path] = bytes(data)
    with pytest.raises(GrowthError):
        copy.grow(log.checkpoint(1_500), log.read)
    taken(copy, 500)


def test_files_that_are_empty_cut_lengthened_or_another_tiles_are_refused():
    for tile in tiles_between(500, 1_500):
        log, copy = Log(entries(1_500)), LogCopy()
        copy.grow(log.checkpoint(500), log.read)
        data = log.read(tile)
        for wrong in (b"", data[:-1], data + b"\0", data * 2, log.read(copy.missing(1_500)[0])[1:]):
            log.changed[tile.path] = wrong
            with pytest.raises(GrowthError):
                copy.grow(log.checkpoint(1_500), log.read)
        assert (copy.size, copy.hashes.root()) == (500, TREE.root(500))


def test_a_fork_at_a_size_that_is_known_is_refused():
    log, other, copy = Log(entries(700)), Log([b"other"] * 700), LogCopy()
    copy.grow(log.checkpoint(700), log.read)
    with pytest.raises(GrowthError, match="was signed"):
        copy.grow(other.checkpoint(700), other.read)
    taken(copy, 700)


@pytest.mark.parametrize("rewritten", [0, 255, 256, 599, 600, 650, 699])
def test_a_log_with_a_rewritten_past_is_refused_however_consistent_in_itself(rewritten):
    log, copy = Log(entries(700)), LogCopy()
    copy.grow(log.checkpoint(700), log.read)
    past = entries(2_000)
    past[rewritten] = b"rewritten"
    other = Log(past)
    with pytest.raises(GrowthError):
        copy.grow(other.checkpoint(2_000), other.read)
    taken(copy, 700)


def test_a_rollback_is_refused_even_to_a_size_that_was_signed():
    log, copy = Log(entries(700)), LogCopy()
    copy.grow(log.checkpoint(700), log.read)
    with pytest.raises(GrowthError, match="700 were verified before"):
        copy.grow(log.checkpoint(699), log.read)
    taken(copy, 700)


def test_a_file_that_cannot_be_had_leaves_the_copy_as_it_was():
    log, copy = Log(entries(1_500)), LogCopy()
    copy.grow(log.checkpoint(500), log.read)

    def gone(tile):
        if tile.level == 1:
            raise FileNotFoundError(tile.path)
        return log.read(tile)

    with pytest.raises(FileNotFoundError):
        copy.grow(log.checkpoint(1_500), gone)
    taken(copy, 500)
