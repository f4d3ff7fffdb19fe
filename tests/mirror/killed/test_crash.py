"""A real `openprep mirror run` killed again and again, while a reader never stops looking."""

import asyncio
import json
import os
import random
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from openprep.drill.nights.replay_clock import Conductor
from openprep.mirror.process.status import read_status
from small.center import FIRST
from small.election import acta, version
from small.publishers import EVENING, small_network, until

HERE = Path(__file__).parent
RANDOM_KILLS = 3
STEPS = (9, 32, 52, 74)
"""Write steps at which the process dies: some of its start, some of what it does with a cut. Every
single one is tried in test_killed_anywhere.py, in one process."""

pytestmark = pytest.mark.xdist_group("demo")


class Crashing:
    """A network whose one mirror is a process, and what is made for it."""

    def __init__(self, network, clock):
        self.network = network
        self.mirror = network.mirrors["tec"]
        self.clock = clock
        self.standing = version(1, FIRST)
        self.process = None
        network.center.closing = None

    def next_cut(self):
        """A cut that corrects one acta once more."""
        center = self.network.center
        number = center.cut + 1
        versions = []
        if number == 1:
            versions = [self.standing]
        elif number > 1:
            corrected = acta(0, votes=(number % 40,) * 11)
            self.standing = version(10 + number, corrected, "cotejo", self.standing)
            versions = [self.standing]
        center.next_cut(versions)
        return number

    async def start(self, **environment):
        command = ("-m", "openprep", "mirror", "run", "--data", str(self.mirror.folder))
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            *(*command, "--no-serve", "--replay-clock", str(self.clock)),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, **environment},
        )

    async def kill(self):
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    @property
    def is_dead(self):
        return self.process.returncode is not None

    def has_told(self, cut):
        """Whether the look that showed a cut is over: the status is written at its end."""
        path = self.mirror.folder / "status.json"
        return path.exists() and read_status(path).cut == cut

    async def shown_or_dead(self, cut):
        await until(lambda: self.mirror.cut == cut or self.is_dead)

    @asynccontextmanager
    async def reader(self, folder):
        """A reader that polls while the block runs; its report is handed out at the end."""
        report, stop = folder / "report.json", folder / "stop"
        reading = await asyncio.create_subprocess_exec(
            sys.executable,
            str(HERE / "polling_reader.py"),
            *(str(self.mirror.folder / "public"), str(report), str(stop)),
        )
        found = {}
        try:
            yield found
        finally:
            stop.touch()
            await reading.wait()
            found.update(json.loads(report.read_text()))


@pytest.fixture
async def crashing(tmp_path):
    async with small_network(tmp_path, ("tec",)) as network:
        clock = tmp_path / "clock.json"
        Conductor(clock, EVENING, 0.0)
        crashing = Crashing(network, clock)
        crashing.next_cut()
        await crashing.start()
        try:
            await crashing.shown_or_dead(0)
            assert crashing.process.returncode is None
            yield crashing
        finally:
            await crashing.kill()


def drafts_in(folder):
    """Files without their name yet, in a folder that is being worked in."""
    names = (name for _, _, files in os.walk(folder) for name in files)
    return [name for name in names if name.startswith(".") and name.endswith(".tmp")]


async def check_the_end(crashing, report):
    """What the reader saw: many looks, every time one whole cut, and never an older one."""
    assert report["wrong"] == []
    assert report["cuts"] == sorted(set(report["cuts"]))
    assert report["cuts"][-1] == crashing.network.center.cut
    assert report["looks"] > 10 * len(report["cuts"])
    await until(lambda: not drafts_in(crashing.mirror.folder))  # those of the dead are swept


async def test_killed_at_random_a_reader_sees_one_whole_cut_at_every_instant(crashing, tmp_path):
    choose = random.Random(7)
    async with crashing.reader(tmp_path) as report:
        for _ in range(RANDOM_KILLS):
            cut = crashing.next_cut()
            await asyncio.sleep(choose.uniform(0.0, 0.15))
            await crashing.kill()
            await crashing.start()
            if choose.random() < 0.5:
                await crashing.shown_or_dead(cut)
        await crashing.shown_or_dead(crashing.network.center.cut)
        assert crashing.process.returncode is None
    await check_the_end(crashing, report)


async def test_killed_at_a_write_step_a_reader_sees_one_whole_cut_at_every_instant(
    crashing, tmp_path
):
    path = os.pathsep.join(map(str, (HERE / "dying", HERE.parents[1])))
    deaths = 0
    await crashing.kill()
    async with crashing.reader(tmp_path) as report:
        for step in STEPS:
            cut = crashing.next_cut()
            await crashing.start(PYTHONPATH=path, DIE_AT=str(step))
            await crashing.shown_or_dead(cut)
            await until(lambda cut=cut: crashing.has_told(cut) or crashing.is_dead)
            deaths += crashing.is_dead
            await crashing.kill()
        await crashing.start()
        await crashing.shown_or_dead(crashing.network.center.cut)
        assert crashing.process.returncode is None
    assert deaths >= 2
    await check_the_end(crashing, report)
