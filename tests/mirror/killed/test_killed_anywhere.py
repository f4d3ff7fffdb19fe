"""A mirror killed at every call to the system: what is left is one cut whole, with all its past.

Each death ends in an audit of the tree that the next process leaves, and in a second new mirror
that joins from this one while the centre is dark.
"""

import asyncio
import os
import shutil
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.liar import HonestCenter, audited
from hostile.killing import deaths
from mirror.night import MemorySource, Night, files_of
from openprep.mirror.codes import Refused
from openprep.mirror.follow.follower import Follower
from openprep.wire.note import Cosigner

COSIGNER = Cosigner("universidad.mx", Ed25519PrivateKey.generate())


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Nothing here loses its power: what is flushed when is tested where it matters."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    return Night(HonestCenter(tmp_path_factory.mktemp("night") / "tree"), last=4)


@pytest.fixture(scope="module")
def saved(night, tmp_path_factory):
    """A mirror's folder that shows cut 1."""
    folder = tmp_path_factory.mktemp("saved") / "mirror"
    assert follow(night, folder, night.at[1]) == 1
    return folder


def follow(night, folder, files, fill=None):
    """What a mirror shows that was started, and looked once at a tree of these files."""

    async def look():
        mirror = Follower(MemorySource(files), folder, night.identity, cosigner=COSIGNER)
        await mirror.start()
        await mirror.step()
        if fill is not None:
            await mirror.fill_gaps(MemorySource(fill))
        return mirror.tree.pointer().cut

    return asyncio.run(look())


def state_of(folder):
    """What stands in a folder: two deaths that leave the same need not both be looked into."""
    digest = sha256()
    for path in sorted(folder.rglob("*")):
        data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        target = str(path.readlink()) if path.is_symlink() else ""
        digest.update(repr((str(path.relative_to(folder)), target, data)).encode())
    return digest.digest()


def copy_of(folder, place):
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(folder, place, symlinks=True)
    return place


def passes(night, folder):
    report = audited(folder / "public", night.center.signer.verifier)
    assert report.passed, [outcome for outcome in report.outcomes if outcome.failed]
    return report.cut


def everything_holds(night, folder, cut, tmp_path):
    """The tree passes an audit, and who joins from it ends in one that passes, too."""
    assert passes(night, folder) == cut
    joined = tmp_path / "joined"
    shutil.rmtree(joined, ignore_errors=True)
    assert follow(night, joined, files_of(folder / "public")) == cut
    assert passes(night, joined) == cut


@pytest.mark.parametrize("later", [2, 3], ids=["the same cut", "a later cut"])
def test_killed_at_any_call_while_taking_a_cut_a_mirror_has_all_of_its_past(
    night, saved, tmp_path, later
):
    """Attack B11: killed between two files of a cut, and started again when the next one is out."""
    seen = set()
    for folder in deaths(
        lambda: copy_of(saved, tmp_path / "mirror"),
        lambda folder: follow(night, folder, night.at[2]),
    ):
        if (state := state_of(folder)) in seen:
            continue
        seen.add(state)
        dead = passes(night, folder)  # whatever serves the folder goes on serving it
        with pytest.raises(Refused):  # the centre is dark
            follow(night, folder, {})
        assert 1 <= dead <= passes(night, folder) <= 2
        assert follow(night, folder, night.at[later]) == later
        everything_holds(night, folder, later, tmp_path)
    assert len(seen) > 25


def test_killed_at_any_call_of_its_first_look_a_mirror_begins_again(night, tmp_path):
    def nothing():
        shutil.rmtree(tmp_path / "mirror", ignore_errors=True)
        return tmp_path / "mirror"

    seen = set()
    for folder in deaths(nothing, lambda folder: follow(night, folder, night.at[2])):
        if not folder.exists() or (state := state_of(folder)) in seen:
            continue
        seen.add(state)
        assert follow(night, folder, night.at[3]) == 3
        everything_holds(night, folder, 3, tmp_path)
    assert len(seen) > 25


HOLES = ["cuts/2.json", "cuts/2.note", "cuts/0.json", "cuts/1.note"]


@pytest.mark.parametrize("lost", [[hole] for hole in HOLES] + [HOLES], ids=[*HOLES, "all of them"])
@pytest.mark.parametrize("how", ["gone", "cut short", "altered"])
def test_a_hole_in_the_past_is_found_at_the_start_and_filled_from_another_mirror(
    night, tmp_path, lost, how
):
    """As an older version left it: the mirror shows cut 3, and lacks files of cuts before."""
    folder = tmp_path / "mirror"
    follow(night, folder, night.at[3])
    for name in lost:
        path = folder / "public" / name
        data = path.read_bytes()
        path.unlink()
        if how == "cut short":
            path.write_bytes(data[:-1])
        elif how == "altered":
            path.write_bytes(data[:20] + bytes([data[20] ^ 1]) + data[21:])
    without = {name: data for name, data in night.at[3].items() if name not in lost}
    assert follow(night, folder, without, fill=without) == 3
    assert follow(night, folder, without, fill=night.at[3]) == 3
    everything_holds(night, folder, 3, tmp_path)
