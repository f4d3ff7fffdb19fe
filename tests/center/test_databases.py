"""Official databases written by a process of their own: the same, whatever becomes of it."""

import asyncio
import errno
import os
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from center.bench import ELECTION, NIGHT, Bench, snapshot
from openprep.center import databases
from openprep.center.beside import DatabaseProcess, DatabasesLost
from openprep.center.databases import Failed, Learn, Written, beginning, framed
from openprep.cuts.codes import PublicationCode
from openprep.cuts.databases import OfficialDatabases
from openprep.cuts.shelf import Snapshot
from openprep.election.cut import CutKind
from openprep.hosting import TreeDirectory
from openprep.record.codes import RecordCode, code_of
from openprep.record.facts import ActaReported
from small.center import SmallCenter
from small.election import OPENS, acta, outside, version

AT = OPENS + timedelta(minutes=20)
OUTSIDE = version(3, outside())
VERSIONS = [
    version(1, acta(0)),
    version(2, acta(4)),
    OUTSIDE,
    version(4, acta(0, votes=(9,) * 11), "cotejo", version(1, acta(0))),
    msgspec.structs.replace(version(5, acta(6)), identifies=OUTSIDE.place),
]


class Apart(Bench):
    """A centre whose official databases are written by a process of their own."""

    databases_apart = True


@pytest.fixture
async def bench(tmp_path):
    bench = Apart(tmp_path / "apart")
    yield bench
    await bench.center.end()
    bench.stop()


@pytest.fixture
def summaries(tmp_path):
    center = SmallCenter(tmp_path / "figures")
    return center.cutter.snapshot(AT).summaries


@pytest.fixture
async def process(tmp_path):
    process = DatabaseProcess(ELECTION, TreeDirectory(tmp_path / "apart"))
    yield process
    await process.end()


def shown(size, summaries, minutes=0):
    return Snapshot(AT + timedelta(minutes=minutes), VERSIONS, size, summaries)


def children():
    """Processes that this one has, and that have not ended."""
    own = f"/proc/self/task/{os.getpid()}/children"
    return [int(pid) for pid in Path(own).read_text().split()]


def is_there(pid):
    with suppress(ProcessLookupError, FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


async def gone(pid):
    async with asyncio.timeout(10):
        while is_there(pid):
            await asyncio.sleep(0.01)


def test_what_a_process_is_told_is_what_the_centre_knows():
    orders = list(beginning(TreeDirectory(Path("/tmp")), ELECTION))
    again = [msgspec.msgpack.decode(framed(each)[4:], type=databases.Order) for each in orders]
    assert msgspec.structs.replace(again[0].election, catalogues=ELECTION.catalogues) == ELECTION
    assert tuple(again[1].rows) == ELECTION.catalogues["AYUN"]
    learn = msgspec.msgpack.decode(framed(Learn(VERSIONS))[4:], type=databases.Order)
    assert list(learn.versions) == VERSIONS


async def test_a_night_has_the_same_tree_whoever_writes_its_databases(bench, tmp_path):
    own = Bench(tmp_path / "own")
    await own.night()
    own.stop()
    manifest = await bench.night()
    assert len(manifest.files) > 1
    assert snapshot(bench.tree) == snapshot(own.tree)
    await bench.center.run()
    assert not children()


async def test_each_database_is_told_only_what_is_new(process, tmp_path, summaries, monkeypatch):
    told = []
    monkeypatch.setattr(
        "openprep.center.beside.Learn", lambda some: told.append(some) or Learn(some)
    )
    own = OfficialDatabases(ELECTION, TreeDirectory(tmp_path / "own"))
    for size in (2, 3, 3, 5):
        each = shown(size, summaries, size)
        assert await process.write(each) == own.show(each)
    assert [list(some) for some in told] == [VERSIONS[:2], VERSIONS[2:3], VERSIONS[3:]]
    assert len(children()) == 1
    assert os.getpriority(os.PRIO_PROCESS, children()[0]) > os.getpriority(os.PRIO_PROCESS, 0)


async def test_what_showed_more_before_is_told_anew(process, tmp_path, summaries):
    await process.write(shown(5, summaries, 1))
    own = OfficialDatabases(ELECTION, TreeDirectory(tmp_path / "own"))
    assert await process.write(shown(2, summaries)) == own.show(shown(2, summaries))


async def test_a_killed_process_is_said_and_another_is_told_all(process, tmp_path, summaries):
    await process.write(shown(2, summaries))
    (pid,) = children()
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(DatabasesLost, match="P063 it ended with -9"):
        await process.write(shown(5, summaries, 1))
    own = OfficialDatabases(ELECTION, TreeDirectory(tmp_path / "own"))
    assert await process.write(shown(5, summaries, 1)) == own.show(shown(5, summaries, 1))


def killed(pid):
    os.kill(pid, signal.SIGKILL)


def refused(pid):
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, 0))


@pytest.mark.parametrize(("befalls", "code"), [(killed, "P063"), (refused, "R007")])
async def test_what_befalls_it_fails_no_cut_and_a_later_one_lists_its_database(
    bench, caplog, befalls, code
):
    for moment in NIGHT[:3]:
        await bench.reach(moment)
        await bench.cut()
    await bench.reach(NIGHT[3])
    await bench.rest()
    assert await bench.center.step()
    before = bench.manifest()
    assert before.kind is CutKind.DATABASE
    while not children():
        await asyncio.sleep(0.001)
    for pid in children():
        befalls(pid)
    await bench.database()
    assert not await bench.is_anything_due()  # of what failed, no cut has anything to say
    await bench.report(ActaReported(acta(6)))
    assert (await bench.cut()).cut == before.cut + 1
    assert f"P064 {PublicationCode.DATABASE_LATE.meaning} — {code} " in caplog.text
    assert "P005" not in caplog.text
    await bench.look()
    assert len([name for name in bench.manifest().files if name.endswith("_PREP.zip")]) == 1


async def test_the_closing_cut_waits_for_a_database_that_could_not_be_written(
    bench, caplog, monkeypatch
):
    real, failed = DatabaseProcess.write, []

    async def fails_twice(process, snapshot):
        if len(failed) < 2:
            failed.append(snapshot.time)
            raise OSError(errno.ENOSPC, "No space left on device")
        return await real(process, snapshot)

    monkeypatch.setattr(DatabaseProcess, "write", fails_twice)
    for moment in NIGHT[:4]:
        await bench.reach(moment)
        await bench.cut()
    await bench.reach(NIGHT[4])
    before = bench.manifest()
    await bench.look()
    assert "P064" in caplog.text
    assert "P005" in caplog.text
    assert bench.manifest() == before
    closing = await bench.cut()
    assert closing.kind is CutKind.CLOSING
    assert len([name for name in closing.files if name.endswith("_PREP.zip")]) == 2
    assert failed[0] == failed[1]


async def test_a_disk_that_refuses_is_told_with_the_systems_number(process, summaries, tmp_path):
    await process.write(shown(2, summaries))
    (pid,) = children()
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, 0))
    with pytest.raises(OSError, match="File too large") as refused:
        await process.write(shown(5, summaries, 1))
    assert refused.value.errno == errno.EFBIG
    await gone(pid)
    assert [path.suffix for path in (tmp_path / "apart/databases").iterdir()] == [".zip"]
    await process.write(shown(5, summaries, 1))


def test_a_full_disk_keeps_its_name_on_the_way():
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/mnt/zip")
    answer = msgspec.msgpack.decode(framed(Failed.by(full))[4:], type=Failed)
    assert code_of(answer.error) is RecordCode.DISK_FULL
    assert str(answer.error) == str(full)


def test_a_mistake_of_the_program_is_told_with_its_place():
    with pytest.raises(LookupError) as mistake:
        ELECTION.contests["none"]
    error = Failed.by(mistake.value).error
    assert isinstance(error, RuntimeError)
    assert "test_databases.py" in str(error)


async def test_no_process_to_be_had_is_said(process, summaries, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(DatabasesLost, match=r"P063 .*nowhere"):
        await process.write(shown(2, summaries))


PARENT = """
import asyncio, sys
from pathlib import Path
from center.test_databases import ELECTION, shown, children
from openprep.center.beside import DatabaseProcess
from openprep.hosting import TreeDirectory
from small.center import SmallCenter

async def main(folder):
    summaries = SmallCenter(folder / "figures").cutter.snapshot(shown(0, {}).time).summaries
    process = DatabaseProcess(ELECTION, TreeDirectory(folder / "apart"))
    await process.write(shown(2, summaries))
    print(*children(), flush=True)
    await asyncio.Event().wait()

asyncio.run(main(Path(sys.argv[1])))
"""


async def test_the_end_of_a_killed_centre_is_the_end_of_its_process(tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", PARENT, tmp_path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as parent:
        child = int(parent.stdout.readline())
        assert is_there(child)
        parent.kill()
    await gone(child)


async def test_the_end_of_orders_is_the_end_while_it_writes(tmp_path, summaries):
    tree = TreeDirectory(tmp_path / "apart")
    write = databases.Write(AT, summaries)
    orders = b"".join(map(framed, [*beginning(tree, ELECTION), Learn(VERSIONS), write]))
    ended = subprocess.run(
        [sys.executable, "-m", databases.__name__], input=orders, stdout=subprocess.PIPE, check=True
    )
    if ended.stdout:
        assert isinstance(databases.decode_answer(ended.stdout[4:]), Written)


@pytest.mark.parametrize("left", [0, 2, 30, -2])
def test_the_end_in_the_middle_of_an_order_is_an_end(tmp_path, left):
    (begin, *_) = map(framed, beginning(TreeDirectory(tmp_path / "apart"), ELECTION))
    command = [sys.executable, "-m", databases.__name__]
    ended = subprocess.run(command, input=begin[:left], capture_output=True, check=True)
    assert (ended.stdout, ended.stderr) == (b"", b"")


async def test_a_stopped_centre_leaves_no_process(bench):
    for moment in NIGHT[:3]:
        await bench.reach(moment)
        await bench.cut()
    await bench.reach(NIGHT[3])
    running = asyncio.create_task(bench.center.run())
    while not children():
        await asyncio.sleep(0.001)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert not children()
