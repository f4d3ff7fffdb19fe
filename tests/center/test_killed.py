"""A centre killed at every call to the disk of a cut: the next start ends a night that audits."""

import asyncio
import errno
import os
import shutil
from contextlib import suppress
from datetime import timedelta

import pytest

from audit.liar import audited, failed
from center.bench import ELECTION, SIGNER, Bench
from hostile.killing import Stop, kill_at
from openprep.election.cut import CutKind
from openprep.record.facts import ActaCorrected, ActaReported
from small.election import OPENS, acta, outside, without_acta

CALLS = ("fsync", "replace", "rename", "mkdir", "symlink", "link", "unlink", "open")


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """A centre that has shown cut 0 and holds envelopes that no cut shows yet."""
    folder = tmp_path_factory.mktemp("before") / "centre"

    async def work():
        bench = Bench(folder)
        bench.now = OPENS
        await bench.cut()
        bench.now += timedelta(minutes=1)
        await bench.report(ActaReported(acta(0)), ActaReported(outside()))
        bench.stop()

    asyncio.run(work())
    return folder


def copy_of(before, folder):
    shutil.copytree(before, folder, symlinks=True)
    bench = Bench(folder)
    bench.now, bench.sequence = OPENS + timedelta(minutes=1), 1
    return bench


async def end(bench):
    """The rest of the night: what was sent is counted, and an audit of the tree passes."""
    await bench.cut()
    bench.now = OPENS + timedelta(minutes=25)
    await bench.report(ActaReported(acta(4)), ActaReported(without_acta(1)))
    await bench.report(ActaCorrected(acta(0, votes=(1,) * 11), "cotejo"))
    await bench.cut()
    bench.now = ELECTION.window.closes
    closing = await bench.cut()
    assert closing.kind is CutKind.CLOSING
    assert [cut.number for cut in bench.ledger.state.cuts] == list(range(closing.cut + 1))
    report = await asyncio.to_thread(audited, bench.tree.root, SIGNER.verifier)
    assert failed(report) == set()
    return closing


def calls_of(before, folder, kind, monkeypatch):
    """How many calls the cut of ``kind`` makes."""
    made = []
    for name in CALLS:
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *a, _r=real, **k: (made.append(1), _r(*a, **k))[1])
    bench = copy_of(before, folder)
    made.clear()
    asyncio.run(one_cut(bench, kind))
    monkeypatch.undo()
    bench.stop()
    return len(made)


async def one_cut(bench, kind):
    if kind is CutKind.CLOSING:
        bench.now = ELECTION.window.closes
    await bench.cut()


@pytest.fixture(scope="module")
def straight(before, tmp_path_factory):
    async def work():
        bench = copy_of(before, tmp_path_factory.mktemp("straight") / "centre")
        closing = await end(bench)
        bench.stop()
        return closing

    return asyncio.run(work())


def test_killed_at_every_call_of_a_cut_the_night_ends_the_same_and_audits(
    before, straight, tmp_path, monkeypatch
):
    steps = calls_of(before, tmp_path / "counted", CutKind.LIVE, monkeypatch)
    assert steps > 20
    for step in range(steps):
        asyncio.run(killed_at(step, before, straight, tmp_path, monkeypatch))


async def killed_at(step, before, straight, tmp_path, monkeypatch):
    bench = copy_of(before, tmp_path / f"at-{step}")
    with monkeypatch.context() as killing:
        kill_at(step, True, CALLS, killing)
        with suppress(Stop):
            await bench.cut()
    bench.stop()
    shown = bench.tree.pointer().cut
    bench.start()
    assert bench.tree.pointer().cut >= shown, step
    closing = await end(bench)
    assert closing.contests == straight.contests, step
    bench.stop()


def test_killed_at_every_other_call_of_the_closing_it_is_made_once_and_audits(
    before, tmp_path, monkeypatch
):
    steps = calls_of(before, tmp_path / "counted", CutKind.CLOSING, monkeypatch)
    for step in range(0, steps, 2):
        asyncio.run(killed_while_closing(step, before, tmp_path, monkeypatch))


async def killed_while_closing(step, before, tmp_path, monkeypatch):
    bench = copy_of(before, tmp_path / f"closing-{step}")
    bench.now = ELECTION.window.closes
    with monkeypatch.context() as killing:
        kill_at(step, True, CALLS, killing)
        with suppress(Stop):
            await bench.cut()
    bench.stop()
    bench.start()
    closing = await bench.cut()
    assert closing.kind is CutKind.CLOSING
    assert closing.contests[0].summary.captured == 1
    kinds = [cut.kind for cut in bench.ledger.state.cuts]
    assert CutKind.CLOSING in kinds
    report = await asyncio.to_thread(audited, bench.tree.root, SIGNER.verifier)
    assert failed(report) == set(), step
    bench.stop()


@pytest.mark.parametrize(
    "number", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS, errno.EMFILE]
)
def test_a_disk_that_refuses_any_call_of_a_cut_leaves_one_that_audits(
    before, straight, tmp_path, monkeypatch, number
):
    async def work():
        bench = copy_of(before, tmp_path / "refused")
        for step in range(0, 40, 3):
            with monkeypatch.context() as refusing:
                refuse_from(step, number, refusing)
                await bench.cut()
        assert (await end(bench)).contests == straight.contests
        bench.stop()

    asyncio.run(work())


def refuse_from(step, number, monkeypatch):
    """Let ``step`` calls pass; every later one is refused."""
    count = [0]
    for name in CALLS:
        real = getattr(os, name)

        def call(*args, _real=real, **kwargs):
            count[0] += 1
            if count[0] > step:
                raise OSError(number, os.strerror(number))
            return _real(*args, **kwargs)

        monkeypatch.setattr(os, name, call)
