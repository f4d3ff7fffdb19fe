"""The log's writer: killed anywhere, damaged, lost, or given another record."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hostile.killing import deaths
from openprep.hosting import TreeDirectory
from openprep.hosting import log as hosting_log
from openprep.hosting.log import KEPT_CHECKPOINTS, LogFault, LogTrouble, LogWriter
from openprep.wire.log.checkpoint import Checkpoint
from openprep.wire.log.merkle import leaf_hash, root_of
from openprep.wire.log.tiles import (
    ENTRIES,
    Tile,
    TileError,
    decode_bundle,
    tile_reader,
    tiles_between,
    tiles_of,
)

ORIGIN = "openprep.mx/test"


def entry(n, run=""):
    return b'{"leaf":%d,"run":"%b"}' % (n, run.encode())


def entries(start, end, run=""):
    return [entry(n, run) for n in range(start, end)]


class Night:
    """A record (leaves and locked checkpoints), and the log that is written from it."""

    def __init__(self, folder: Path, recorded=None):
        """Begin in ``folder``, with what another night recorded if there was one."""
        self.folder = folder
        self.leaves = recorded.leaves[:] if recorded else []
        self.locked = recorded.locked[:] if recorded else []
        self.published = recorded.published if recorded else None
        self.start()

    def start(self):
        self.tree = TreeDirectory(self.folder)
        self.log = LogWriter.rebuild(
            self.tree, ORIGIN, self.leaves, self.locked, published=self.published
        )

    def cut(self, count, run=""):
        """Append, stage, lock, publish."""
        fresh = entries(len(self.leaves), len(self.leaves) + count, run)
        self.log.append(fresh)
        staged = self.log.stage()
        self.leaves += fresh
        self.locked.append(staged.checkpoint)
        self.published = staged.checkpoint
        return staged

    def files(self):
        """Every file under ``tile/``."""
        root = self.folder / "tile"
        return {path.relative_to(self.folder): path.read_bytes() for path in files_in(root)}


def files_in(root):
    return [path for path in root.rglob("*") if path.is_file()]


def read_log(tree, checkpoint):
    """The entries that a reader of ``checkpoint`` gets, believing nothing else."""

    def read_tile(tile):
        data = tree.read(tile.path)
        return tree.read(Tile(tile.level, tile.index).path) if data is None else data

    read = tile_reader(checkpoint.size, read_tile)
    assert root_of(checkpoint.size, read) == checkpoint.root
    found = []
    for tile in tiles_of(checkpoint.size):
        data = tree.read(tile.path)
        if tile.level == ENTRIES:
            if data is None:
                data = tree.read(Tile(ENTRIES, tile.index).path)
                found += decode_bundle(data, 256)[: tile.width]
            else:
                found += decode_bundle(data, tile.width)
    for index in range(checkpoint.size):
        if index % 97 == 0 or index + 1 == checkpoint.size:
            assert read(0, index) == leaf_hash(found[index])
    return found


@pytest.fixture
def night(tmp_path):
    return Night(tmp_path)


def test_a_reader_gets_every_entry_under_the_signed_root(night):
    for count in (1, 254, 1, 1, 300, 0, 1000):
        staged = night.cut(count)
        assert read_log(night.tree, staged.checkpoint) == night.leaves


def test_indexes_are_given_in_order(night):
    assert night.log.append([b"a", b"b"]) == range(2)
    assert night.log.append([]) == range(2, 2)
    assert night.log.append([b"c"]) == range(2, 3)
    assert night.log.size == 3


def test_staging_tells_what_is_new_and_only_that(night):
    night.cut(300)
    assert set(night.cut(300).placed) == {tile.path for tile in tiles_between(300, 600)}
    assert night.log.stage().placed == ()


def test_an_entry_that_no_bundle_can_hold_leaves_the_log_as_it_was(night):
    with pytest.raises(TileError, match="65535"):
        night.log.append([b"fine", b"x" * 65_536])
    assert night.log.size == 0
    assert night.cut(3).checkpoint.size == 3


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.integers(0, 700), min_size=1, max_size=8),
    st.lists(st.booleans(), min_size=8, max_size=8),
)
def test_a_log_restarted_between_any_cuts_is_the_one_never_stopped(
    tmp_path_factory, counts, restarts
):
    one, other = (Night(tmp_path_factory.mktemp("log")) for _ in range(2))
    for count, restart in zip(counts, restarts, strict=False):
        assert one.cut(count) == other.cut(count)
        if restart:
            other.start()
            assert other.log.checkpoint() == one.log.checkpoint()
    assert one.files() == other.files()


def test_every_checkpoint_of_the_night_can_be_read_to_the_end(night, monkeypatch):
    monkeypatch.setattr(hosting_log, "KEPT_CHECKPOINTS", 3)
    night.start()
    for count in [7] * 90:
        night.cut(count)
        for checkpoint in night.locked[::11]:
            assert read_log(night.tree, checkpoint) == night.leaves[: checkpoint.size]


def partials(night):
    return {path.parent.relative_to(night.folder).as_posix() for path in files_in_partials(night)}


def files_in_partials(night):
    return [path for path in files_in(night.folder / "tile") if path.parent.suffix == ".p"]


def test_partial_tiles_go_when_no_recent_checkpoint_needs_them(tmp_path):
    night = Night(tmp_path)
    night.cut(10)
    night.cut(500)
    assert "tile/0/000.p" in partials(night)
    for _ in range(KEPT_CHECKPOINTS):
        night.cut(1)
    assert "tile/0/000.p" not in partials(night)
    assert "tile/entries/000.p" not in partials(night)
    # The second tile was partial at every checkpoint kept until its full version came.
    assert "tile/0/001.p" in partials(night)
    # An incomplete tile of an upper level keeps every version that was signed.
    assert len([path for path in files_in_partials(night) if "tile/1" in str(path)]) == 2


def test_a_restart_keeps_and_drops_the_same_partial_tiles(tmp_path):
    night = Night(tmp_path)
    for count in [40] * 45:
        night.cut(count)
    kept = night.files()
    night.start()
    assert night.files() == kept
    shutil.rmtree(night.folder / "tile")
    night.start()
    assert night.files() == kept


def small_night(folder):
    """A night whose next cut fills tiles of both kinds and drops the partial ones of others."""
    night = Night(folder)
    night.cut(200)
    for _ in range(3):
        night.cut(100)
    return night


def copy_of(night, folder):
    """The same night in another folder, as after a restart."""
    shutil.copytree(night.folder, folder, symlinks=True)
    return Night(folder, night)


def test_killed_at_any_call_of_staging_the_log_goes_on_as_recorded(tmp_path, monkeypatch):
    monkeypatch.setattr(hosting_log, "KEPT_CHECKPOINTS", 3)
    original = small_night(tmp_path / "original")

    def begin():
        shutil.rmtree(tmp_path / "killed", ignore_errors=True)
        return copy_of(original, tmp_path / "killed")

    def stage(night):
        night.log.append(entries(500, 800))
        night.log.stage()

    tried = 0
    for night in deaths(begin, stage):
        tried += 1
        for checkpoint in night.locked[-3:]:
            read_log(night.tree, checkpoint)
        night.start()
        assert night.log.size == 500
        # What was not locked is not owed: other leaves may take the place of those staged.
        staged = night.cut(300, run="after the crash")
        assert read_log(night.tree, staged.checkpoint) == night.leaves
    assert tried > 20


def test_every_file_is_flushed_before_it_has_its_name_and_every_folder_after(night, monkeypatch):
    """Without this a power cut could leave an empty tile under a signed root."""
    night.cut(200)
    happened = []
    fsync, replace = os.fsync, os.replace

    def seen_fsync(descriptor):
        happened.append(("flushed", str(Path(f"/proc/self/fd/{descriptor}").readlink())))
        fsync(descriptor)

    def seen_replace(source, target):
        happened.append(("named", str(source), str(target)))
        replace(source, target)

    monkeypatch.setattr(os, "fsync", seen_fsync)
    monkeypatch.setattr(os, "replace", seen_replace)
    placed = night.cut(300).placed
    named = [step for step in happened if step[0] == "named"]
    assert {step[2] for step in named} == {str(night.folder / name) for name in placed}
    for step in named:
        at = happened.index(step)
        assert ("flushed", step[1]) in happened[:at]
        assert ("flushed", str(Path(step[2]).parent)) in happened[at:]


def test_killed_after_the_lock_the_same_root_is_there_to_be_signed(night):
    night.cut(300)
    fresh = entries(300, 600)
    night.log.append(fresh)
    locked = night.log.stage().checkpoint
    night.leaves += fresh
    night.locked.append(locked)
    night.start()
    assert night.log.checkpoint() == locked
    assert read_log(night.tree, locked) == night.leaves


def test_killed_at_any_call_of_putting_files_back_the_next_start_finishes(tmp_path):
    night = small_night(tmp_path / "night")
    whole = night.files()

    def lose():
        shutil.rmtree(night.folder / "tile/entries")
        (night.folder / "tile/0/000").write_bytes(b"damaged")

    tried = 0
    for _ in deaths(lose, lambda _: night.start()):
        tried += 1
        night.start()
        assert night.files() == whole
    assert tried > 5


def test_a_disk_that_refuses_leaves_the_log_to_be_staged_again(night, monkeypatch):
    night.cut(300)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    night.log.append(entries(300, 700))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            night.log.stage()
    assert not [path for path in files_in(night.folder / "tile") if path.name.endswith(".tmp")]
    read_log(night.tree, night.locked[-1])
    staged = night.log.stage()
    assert read_log(night.tree, staged.checkpoint) == entries(0, 700)


def test_lost_or_damaged_files_are_put_back_byte_for_byte(night):
    for count in (300, 400):
        night.cut(count)
    whole = night.files()
    (night.folder / "tile/0/001").unlink()
    (night.folder / "tile/entries/000").write_bytes(b"damaged")
    (night.folder / "tile/1/000.p/2").unlink()
    (night.folder / "tile/entries/001.p/44").unlink()
    night.start()
    assert night.files() == whole


def refused(night, fault):
    before = night.files()
    with pytest.raises(LogTrouble) as trouble:
        night.start()
    assert trouble.value.fault is fault
    assert night.files() == before


NOT_AS_LOCKED = LogFault.NOT_AS_LOCKED
AHEAD = LogFault.OTHER_THAN_PUBLISHED


@pytest.mark.parametrize(
    "change",
    [
        lambda night: night.leaves.pop(),
        lambda night: night.leaves.pop(0),
        lambda night: night.leaves.append(b"one more"),
        lambda night: night.leaves.__setitem__(5, b"rewritten"),
        lambda night: night.leaves.__setitem__(699, b"rewritten"),
        lambda night: night.leaves.reverse(),
        lambda night: night.locked.append(Checkpoint(ORIGIN, 701, bytes(32))),
        lambda night: night.locked.__setitem__(0, Checkpoint(ORIGIN, 300, bytes(32))),
        lambda night: night.locked.__setitem__(1, Checkpoint("other", 700, night.log.root())),
        lambda night: night.locked.clear(),
    ],
)
def test_a_record_that_does_not_give_the_log_it_locked_is_refused_and_nothing_is_written(
    night, change
):
    for count in (300, 400):
        night.cut(count)
    night.published = None
    change(night)
    refused(night, NOT_AS_LOCKED)


def test_an_old_record_beside_a_newer_published_log_is_refused(night):
    """A restored backup would make other leaves, and so two roots of one size."""
    for count in (300, 400):
        night.cut(count)
    del night.leaves[300:], night.locked[1:]
    refused(night, AHEAD)


def test_a_lost_record_beside_a_published_log_never_makes_a_new_log(night):
    night.cut(300)
    night.leaves.clear()
    night.locked.clear()
    refused(night, AHEAD)


@pytest.mark.parametrize(
    "published",
    [Checkpoint(ORIGIN, 300, bytes(32)), Checkpoint(ORIGIN, 1, bytes(32)), Checkpoint("o", 0, b"")],
)
def test_a_published_checkpoint_of_another_log_is_refused(night, published):
    night.cut(300)
    night.published = published
    refused(night, AHEAD)


def test_a_compressed_copy_does_not_outlive_what_it_was_made_of(night):
    night.cut(10)
    night.log.append(entries(10, 300))
    night.tree.compress(night.log.stage().placed)
    assert (night.folder / "tile/entries/000.gz").is_file()
    night.start()
    night.cut(290, run="another")
    assert not (night.folder / "tile/entries/000.gz").is_file()
