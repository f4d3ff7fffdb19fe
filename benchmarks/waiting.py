"""How long envelopes and live cuts of a centre wait while it writes an official database."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path

import psutil
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.center.beside import DatabaseProcess
from openprep.cuts.cutter import CutOrder, Cutter
from openprep.cuts.shelf import DatabaseFile, Snapshot
from openprep.election import Acta, Election
from openprep.election.cut import CutKind
from openprep.election.remit import Remit
from openprep.hosting import TreeDirectory
from openprep.record.facts import ActaReported, Envelope
from openprep.record.ledger import Ledger
from openprep.record.sqlite import Record
from openprep.record.state import Version
from openprep.transmission.envelope import seal
from openprep.transmission.inbox.inbox import Inbox
from openprep.transmission.keys import Station
from openprep.wire.note import Signer

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
EVERYTHING = Remit.of(["*"], ["*"], ["*"])
NEXT_ENVELOPE = 0.01
NEXT_CUT = 0.2
IN_A_CUT = 20
ALONE = 4.0
"""Seconds for which nothing is written."""

WriteDatabase = Callable[[Snapshot], Awaitable[DatabaseFile]]


@dataclass
class Night:
    """A centre's inbox and cuts on a folder, most of its actas counted already."""

    folder: Path
    election: Election
    actas: Sequence[Acta]
    took: list[float] = field(default_factory=list)
    cuts: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        of = self.election
        self.at = of.window.opens + timedelta(hours=1)
        self.record = Record.open(self.folder / "record.sqlite", of.id, of.digest)
        station = {"D01": Station(KEY.public_key(), EVERYTHING)}
        ledger = Ledger(self.record, of.rules)
        self.inbox = Inbox(of, station.get, ledger, lambda: self.at)
        self.tree = TreeDirectory(self.folder / "public")
        self.cutter = Cutter(of, self.tree, Signer(f"{of.id}/center", KEY))
        self.envelopes = self._sealed()
        self.versions = self._versions()
        self.previous: str | None = None
        self.number = 0
        self.cut(len(self.actas) * 9 // 10)

    def _versions(self) -> Iterator[Version]:
        for number, acta in enumerate(self.actas, 1):
            yield Version(number, self.at, "D01", acta)

    def _sealed(self) -> Iterator[bytes]:
        known = [acta for acta in self.actas if acta.acta is not None]
        for number, acta in enumerate(known, 1):
            said = Envelope(self.election.id, "D01", number, self.at, (ActaReported(acta),))
            yield seal(said, KEY)

    def cut(self, count: int) -> None:
        """A live cut of the next actas."""
        self.cutter.learn(islice(self.versions, count))
        order = CutOrder(self.number, CutKind.LIVE, self.at, self.number, self.previous)
        made = self.cutter.make(order)
        self.cutter.activate(made)
        self.previous, self.number = made.event.manifest_sha256, self.number + 1

    async def send(self) -> None:
        """One envelope after the other, every hundredth of a second."""
        for body in self.envelopes:
            began = time.perf_counter()
            await self.inbox.receive(body)
            self.took.append(time.perf_counter() - began)
            await asyncio.sleep(NEXT_ENVELOPE)

    async def show(self) -> None:
        """One live cut after the other."""
        while True:
            began = time.perf_counter()
            await asyncio.to_thread(self.cut, IN_A_CUT)
            self.cuts.append(time.perf_counter() - began)
            await asyncio.sleep(NEXT_CUT)

    async def during(self, work: Awaitable[object]) -> dict[str, object]:
        """How long envelopes and cuts take while ``work`` goes on."""
        self.took, self.cuts = [], []
        others = [asyncio.create_task(self.send()), asyncio.create_task(self.show())]
        await asyncio.sleep(NEXT_CUT)
        began = time.perf_counter()
        await work
        seconds = time.perf_counter() - began
        for other in others:
            other.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        took = sorted(self.took)
        return {
            "seconds": round(seconds, 1),
            "envelopes": len(took),
            "envelope_p50_ms": round(1000 * statistics.median(took), 1),
            "envelope_p95_ms": round(1000 * took[len(took) * 95 // 100], 1),
            "envelope_most_ms": round(1000 * took[-1], 1),
            "cut_p50_ms": round(1000 * statistics.median(self.cuts)),
        }


async def _measured(night: Night) -> dict[str, object]:
    """Nothing beside them, then a process, then a thread: a first database, and one again."""
    found: dict[str, object] = {"alone": await night.during(asyncio.sleep(ALONE))}
    process = DatabaseProcess(night.election, night.tree)

    async def thread(snapshot: Snapshot) -> DatabaseFile:
        return await asyncio.to_thread(night.cutter.write_database, snapshot)

    ways: dict[str, WriteDatabase] = {"process": process.write, "thread": thread}
    own, minutes = psutil.Process(), 0
    for way, write in ways.items():
        before = _megabytes(own)
        for which in ("first", "again"):
            minutes += 1
            snapshot = night.cutter.snapshot(night.at + timedelta(minutes=minutes))
            found[f"{way}_{which}"] = await night.during(write(snapshot))
        found[f"{way}_centre_grows_by_megabytes"] = _megabytes(own) - before
        if children := own.children():
            found[f"{way}_megabytes"] = sum(map(_megabytes, children))
        await process.end()
    return found


def _megabytes(process: psutil.Process) -> int:
    return int(process.memory_info().rss) >> 20


def waiting(folder: Path, election: Election, actas: Sequence[Acta]) -> dict[str, object]:
    """What envelopes and cuts take while a database of ``actas`` is written, in milliseconds."""
    night = Night(folder, election, actas)
    found = asyncio.run(_measured(night))
    night.record.close()
    return found
