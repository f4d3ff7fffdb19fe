"""A centre killed at every call of each kind of cut: started again, it is as if it had not been.

The process is killed in earnest, at calls that its disk sees and at statements of its record.
"""

import asyncio
import errno
import os
import shutil
from dataclasses import dataclass

import pytest

from audit.liar import audited, failed
from center.bench import NIGHT, SIGNER, Bench, snapshot
from hostile.killing import deaths_of_a_child, system_calls
from openprep.election.cut import CutKind

KINDS = (CutKind.ZERO, CutKind.LIVE, CutKind.LIVE, CutKind.DATABASE, CutKind.CLOSING)
EACH = 10
"""After so many deaths the rest of the night is played too: what it goes on from is the same."""

REFUSED = ("fsync", "replace", "rename", "mkdir", "symlink", "link", "unlink", "open")


@dataclass(frozen=True)
class Straight:
    """A night in which nothing died: the folder before each cut, the tree after it, its end."""

    before: list
    after: list
    contests: list


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Nothing here loses its power: what is flushed when is tested where it matters."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    place = tmp_path_factory.mktemp("straight")
    bench = Bench(place / "centre")
    night = Straight([], [], [])
    for number, moment in enumerate(NIGHT):
        asyncio.run(bench.reach(moment))
        bench.stop()
        night.before.append(shutil.copytree(bench.folder, place / str(number), symlinks=True))
        bench.start()
        asyncio.run(bench.cut())
        night.after.append(snapshot(bench.tree))
    assert tuple(cut.kind for cut in bench.ledger.state.cuts) == KINDS
    assert failed(audited(bench.tree.root, SIGNER.verifier)) == set()
    night.contests.extend(bench.manifest().contests)
    bench.stop()
    return night


def cut_at(number, folder):
    """A centre is started on ``folder``, at that moment of the night, and makes what is due."""
    bench = Bench(folder)
    bench.now, _ = NIGHT[number]
    asyncio.run(bench.cut())
    return bench


def end_of(number, bench):
    """What the closing cut shows of a night that goes on after that moment."""

    async def rest():
        for moment in NIGHT[number + 1 :]:
            await bench.reach(moment)
            await bench.cut()

    asyncio.run(rest())
    assert [cut.kind for cut in bench.ledger.state.cuts] == list(KINDS)
    return list(bench.manifest().contests)


@pytest.mark.parametrize("number", range(len(KINDS)), ids=["zero", "live", "next", "db", "closing"])
def test_killed_at_every_call_of_a_cut_the_night_goes_on_as_if_it_had_not_been(
    straight, tmp_path, number
):
    def begin():
        shutil.rmtree(tmp_path / "centre", ignore_errors=True)
        return shutil.copytree(straight.before[number], tmp_path / "centre", symlinks=True)

    calls = 0
    for folder in deaths_of_a_child(begin, lambda folder: cut_at(number, folder).stop()):
        calls += 1
        bench = cut_at(number, folder)
        assert snapshot(bench.tree) == straight.after[number], calls
        assert [cut.kind for cut in bench.ledger.state.cuts] == list(KINDS[: number + 1])
        if calls % EACH == 0:
            assert end_of(number, bench) == straight.contests, calls
        bench.stop()
    assert calls > 30


@pytest.mark.parametrize(
    "number", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS, errno.EMFILE]
)
def test_a_disk_that_refuses_any_call_of_a_cut_leaves_one_that_audits(straight, tmp_path, number):
    folder = shutil.copytree(straight.before[1], tmp_path / "centre", symlinks=True)
    bench = Bench(folder)
    bench.now, _ = NIGHT[1]
    for step in range(0, 40, 3):
        with system_calls(REFUSED, reading=True)(refusing_from(step, number)):
            asyncio.run(bench.look())
    asyncio.run(bench.cut())
    assert end_of(1, bench) == straight.contests
    assert failed(audited(bench.tree.root, SIGNER.verifier)) == set()
    bench.stop()


def refusing_from(step, number):
    """Let ``step`` calls pass; every later one is refused."""
    passed = 0

    def meet(real):
        nonlocal passed
        passed += 1
        if passed > step:
            raise OSError(number, os.strerror(number))
        return real()

    return meet
