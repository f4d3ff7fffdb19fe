"""Disks that fill in earnest: a small file system of its own, filled to the last byte.

While a drill is generated nothing is left behind; while a night runs at the centre nothing that
was acknowledged is lost, the last cut stays up, and everything goes on when space is back.
"""

import asyncio
import contextlib
import logging
from collections import defaultdict
from datetime import timedelta
from hashlib import sha256

import msgspec
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from drill.small_drill import arrivals_of, small_drill, small_folder
from openprep.center.center import Center
from openprep.center.refusal_counts import INBOX, keeping, read_counts
from openprep.cli.main import main
from openprep.cuts.signing_key import KEY_FILE, make_key
from openprep.drill.nation.codes import GenerationRefused, NationCode
from openprep.drill.nation.generate import Order, generate
from openprep.election.cut import CutKind
from openprep.election.declared.folder import load_election
from openprep.election.remit import Remit
from openprep.hosting import TreeDirectory
from openprep.record.codes import RecordCode
from openprep.record.facts import Envelope
from openprep.record.ledger import Ledger
from openprep.record.sqlite import Record
from openprep.transmission.codes import RefusalCode, Refused
from openprep.transmission.envelope import seal, unwrap
from openprep.transmission.inbox.inbox import Inbox
from openprep.transmission.keys import Station
from openprep.wire.cut import manifest as wire
from openprep.wire.note import Signer
from small.publishers import hurry, small_network, until

SEED = 1
MEGABYTE = 1 << 20


def fill(place, *, leave=0):
    """Take every free byte but ``leave``; the file that took them."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as stream, contextlib.suppress(OSError):
        for size in (MEGABYTE, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    stream.write(bytes(size))
    if leave:
        with filler.open("r+b") as stream:
            stream.truncate(filler.stat().st_size - leave)
    return filler


@pytest.mark.parametrize("leave", [0, 64 * 1024, 256 * 1024])
def test_a_drill_that_fills_the_disk_leaves_nothing_and_is_the_same_when_there_is_space(
    small_disk, leave
):
    filler = fill(small_disk, leave=leave)
    target = small_disk / "drill"
    with pytest.raises(GenerationRefused) as refused:
        generate(Order(small_folder(), SEED), target)
    assert refused.value.code is NationCode.NOT_WRITTEN
    assert list(small_disk.iterdir()) == [filler]
    filler.unlink()
    generate(Order(small_folder(), SEED), target)
    elsewhere, _ = small_drill(SEED)
    for path in elsewhere.rglob("*"):
        if path.is_file():
            assert (target / path.relative_to(elsewhere)).read_bytes() == path.read_bytes()


class Night:
    """A centre on a disk, the stations of a drill, and what was acknowledged to them."""

    def __init__(self, disk):
        drill, self.final = small_drill(SEED)
        self.disk, self.drill = disk, drill
        self.election = load_election(drill / "election")
        self.now = self.election.window.opens - timedelta(minutes=10)
        self.keys = {}
        self.waiting = self._envelopes(drill)
        self.acknowledged = []
        signer = f"{self.election.id}/center"
        self.signer = Signer(signer, Ed25519PrivateKey.from_private_bytes(bytes(32)))
        self.start()

    def _envelopes(self, drill):
        """Each station's facts of half an hour under one signature, in order of time."""
        groups = defaultdict(list)
        for at, station, arrival in arrivals_of(drill):
            half_hours = int((at - self.election.window.opens) / timedelta(minutes=30)) + 1
            due = self.election.window.opens + half_hours * timedelta(minutes=30)
            groups[due, station].append(arrival.fact)
        sequences, found = defaultdict(int), []
        for (due, station), facts in sorted(groups.items(), key=lambda group: group[0]):
            sequences[station] += 1
            key = self.keys.setdefault(station, Ed25519PrivateKey.generate())
            sealed_at = due - timedelta(seconds=1)
            envelope = Envelope(
                self.election.id, station, sequences[station], sealed_at, tuple(facts)
            )
            found.append((due, seal(envelope, key)))
        return found

    def start(self):
        """Start the centre; what it finds on its disk is all that it knows."""
        path = self.disk / "record.sqlite"
        self.record = Record.open(path, self.election.id, self.election.digest)
        self.ledger = Ledger(self.record, self.election.rules)
        self.tree = TreeDirectory(self.disk / "public")
        self.center = Center(
            *(self.election, self.ledger, self.tree, self.signer, lambda: self.now),
            live_seconds=0.01,
        )
        self.center.recover()
        whole = Remit.of(["*"])
        stations = {name: Station(key.public_key(), whole) for name, key in self.keys.items()}
        self.inbox = Inbox(self.election, stations.get, self.ledger, lambda: self.now)

    @contextlib.asynccontextmanager
    async def running(self):
        """The centre makes its cuts meanwhile; whatever ends it is raised here."""
        cuts = asyncio.create_task(self.center.run())
        try:
            yield
            self.now = max(self.now, self.election.window.closes)
            await asyncio.wait_for(cuts, 30)
        finally:
            cuts.cancel()
            self.record.close()

    async def deliver_until(self, moment):
        """Everything that is due before ``moment``, acknowledged."""
        while self.waiting and self.waiting[0][0] <= moment:
            due, body = self.waiting[0]
            self.now = max(self.now, due)
            await self.inbox.receive(body)
            self.acknowledged.append(sha256(unwrap(body).payload).digest())
            self.waiting.pop(0)
        self.now = max(self.now, moment)

    async def shown(self, wanted):
        """Wait until a cut is up that ``wanted`` says yes to."""
        async with asyncio.timeout(20):
            while True:
                pointer = self.tree.pointer()
                if pointer is not None:
                    manifest = wire.decode(
                        self.tree.read(wire.manifest_path(pointer.cut)), wire.Manifest
                    )
                    if wanted(manifest):
                        return manifest
                await asyncio.sleep(0.01)

    def holds_what_it_acknowledged(self):
        self.record.verify()
        return all(self.record.position_of(digest) for digest in self.acknowledged)


async def test_a_disk_that_fills_in_the_middle_of_the_night(small_disk, caplog):
    night = Night(small_disk)
    opens = night.election.window.opens
    with caplog.at_level(logging.ERROR, "openprep.center"):
        async with night.running():
            await night.deliver_until(opens + timedelta(hours=5))
            position = night.ledger.state.position
            before = await night.shown(lambda cut: cut.record_position >= position - 2)
            filler = fill(small_disk)

            with pytest.raises(Refused) as refused:
                await night.deliver_until(opens + timedelta(hours=12))
            assert refused.value.code is RefusalCode.NOT_RECORDED
            assert refused.value.code.curable
            assert RecordCode.DISK_FULL.code in str(refused.value)
            night.now += timedelta(minutes=20)  # an official database falls due, and cannot be
            async with asyncio.timeout(60):
                while not any("P005" in message for message in caplog.messages):
                    await asyncio.sleep(0.01)
            up = await night.shown(lambda cut: cut.cut >= before.cut)
            assert wire.decode(night.tree.read("current.json"), wire.Pointer).cut == up.cut

            filler.unlink()
            await night.deliver_until(night.election.window.closes)
            assert not night.waiting
        check_the_end(night)


def check_the_end(night):
    """The closing cut is what the drill must end at, and a new start finds all of it."""
    night.start()
    assert night.holds_what_it_acknowledged()
    pointer = night.tree.pointer()
    manifest = wire.decode(night.tree.read(wire.manifest_path(pointer.cut)), wire.Manifest)
    assert manifest.kind is CutKind.CLOSING
    for contest in manifest.contests:
        must = msgspec.structs.asdict(night.final.contests[contest.id])
        shown = msgspec.structs.asdict(contest.summary)
        assert {name: shown[name] for name in must} == must
    numbers = [cut.number for cut in night.ledger.state.cuts]
    assert numbers == list(range(len(numbers)))
    night.record.close()


async def test_a_full_disk_at_the_centre_is_told_by_its_status_and_its_log(
    small_disk, caplog, monkeypatch
):
    monkeypatch.setattr("openprep.center.care.status.LEAST_ROOM", 4 * MEGABYTE)
    monkeypatch.setattr("openprep.center.refusal_counts.EVERY", 0.01)
    make_key(small_disk / KEY_FILE)
    night = Night(small_disk)
    place = ("--election", str(night.drill / "election"), "--data", str(small_disk))
    command = ["center", "status", *place]

    async def refused():
        with pytest.raises(Refused):
            await night.deliver_until(night.election.window.closes)
        return [line for line in caplog.messages if line.startswith("T020")]

    async with keeping(night.inbox.refusals, small_disk / INBOX, lambda: night.now):
        assert CliRunner().invoke(main, command).exit_code == 0
        filler = fill(small_disk)
        for _ in range(3):
            told = await refused()
            assert len(told) == 1
            assert "R004" in told[0]
        monkeypatch.setattr("openprep.doors.noise.EVERY", 0.0)
        assert "2 more since" in (await refused())[1]
        full = CliRunner().invoke(main, command)
        assert full.exit_code == 1
        assert "disk: P062 0.0 MB free, 4.2 needed" in full.output
        filler.unlink()
        async with asyncio.timeout(60):
            while (kept := read_counts(small_disk / INBOX)) is None or not kept.counts:
                await asyncio.sleep(0.01)
        assert kept.counts == {"T020": 4}
        again = CliRunner().invoke(main, command)
        assert (again.exit_code, "T020 4" in again.output) == (0, True)
    night.record.close()


async def test_a_full_disk_under_a_mirror_is_told_by_its_status_and_seldom_by_its_log(
    small_disk, tmp_path, caplog, monkeypatch
):
    monkeypatch.setattr("openprep.mirror.process.report.LEAST_FREE", 4 * MEGABYTE)
    hurry(monkeypatch)
    (tmp_path / "network").mkdir()
    (small_disk / "tec").mkdir()
    (tmp_path / "network" / "tec").symlink_to(small_disk / "tec")
    command = ["mirror", "status", "--data", str(small_disk / "tec")]
    async with small_network(tmp_path / "network", ("tec",)) as network:
        tec = network.mirrors["tec"]
        network.center.next_cut()
        tec.start()
        await tec.shows(0)
        await until(lambda: CliRunner().invoke(main, command).exit_code == 0)
        filler = fill(small_disk)
        network.center.next_cut()
        await until(lambda: tec.status.failures > 3)
        for form in ((), ("--json",)):
            full = CliRunner().invoke(main, [*command, *form])
            assert full.exit_code == 1
            assert "M058 0 MB free, at least 4 MB needed" in full.output
        said = [line for line in caplog.messages if "status was not written" in line]
        stays = [line for line in caplog.messages if "M020" in line and "stays up" in line]
        assert len(said) <= 1, "what the mirror sweeps may leave room for it"
        assert len(stays) == 1
        filler.unlink()
        await tec.shows(1)
        await until(lambda: CliRunner().invoke(main, command).exit_code == 0)


async def test_a_centre_killed_on_a_full_disk_starts_from_what_it_acknowledged(small_disk):
    night = Night(small_disk)
    opens = night.election.window.opens
    with contextlib.suppress(asyncio.CancelledError):
        async with night.running():
            await night.deliver_until(opens + timedelta(hours=4))
            filler = fill(small_disk)
            with pytest.raises(Refused):
                await night.deliver_until(opens + timedelta(hours=9))
            raise asyncio.CancelledError  # the operator stops it, and makes room
    filler.unlink()
    night.start()
    assert night.holds_what_it_acknowledged()
    async with night.running():
        await night.deliver_until(night.election.window.closes)
    check_the_end(night)
