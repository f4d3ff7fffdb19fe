"""What verifying costs a publisher: every cut of Puebla's night, and then all of it from nothing.

The night comes in cuts of 200 new actas, and the publisher takes each as it comes: entries fetched
from a folder and hashed, every leaf held against its rules, every figure that changed counted
again, objects composed and compared, the tree turned. What a cut costs must not grow with what was
counted before: the median is told for each tenth of the night. From nothing, the same is done at
once, and beside it ``sha256sum`` over the files that the publisher took.
"""

import argparse
import asyncio
import json
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import chain
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.cuts.cutter import CutOrder, Cutter
from openprep.drill.nights.puebla_2024 import night_of_puebla
from openprep.drill.nights.shipped import shipped_election
from openprep.election import Election
from openprep.election.cut import CutKind
from openprep.election.declared.folder import load_election
from openprep.hosting import TreeDirectory
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.follow.follower import Follower
from openprep.mirror.sources.source import Offer
from openprep.mirror.verify.trusted import Identity, TrustedCut
from openprep.record.events import EnvelopeReceived
from openprep.record.state import State, Version
from openprep.wire.note import Signer
from openprep.wire.trust import LogIdentity, LogKey

ROUNDS = 3
NEW = 200
PARTS = 10


class FolderSource:
    """A centre's tree on this disk: no network is measured."""

    base = "folder"

    def __init__(self, tree: TreeDirectory) -> None:
        self._tree = tree
        self.asked: set[str] = set()

    async def offer(self, held: TrustedCut | None, *, again: bool = False) -> Offer | None:
        """What is up."""
        pointer = self._tree.pointer()
        return None if pointer is None else Offer(pointer, self.get)

    async def get(self, path: str, limit: int) -> bytes:
        """A file."""
        self.asked.add(path)
        data = self._tree.read(path)
        if data is None:
            raise Refused(MirrorCode.NOT_FOUND, path)
        return data


def learnt(folder: Path, election: Election) -> Sequence[Version]:
    """Versions of the night's actas, in the order in which stations reported them."""
    state = State()
    arrivals = chain.from_iterable(night_of_puebla(election, folder).values())
    for position, arrival in enumerate(sorted(arrivals, key=lambda arrival: arrival.at), 1):
        event = EnvelopeReceived(arrival.at, "D0101", position, b"", b"")
        state.apply(position, event, (arrival.fact,))
    return state.versions


class Night:
    """The centre, which makes a cut when it is told to."""

    def __init__(self, folder: Path, election: Election) -> None:
        self._election = election
        signer = Signer(f"{election.id}/center", Ed25519PrivateKey.generate())
        self.tree = TreeDirectory(folder)
        self._cutter = Cutter(election, self.tree, signer)
        self._previous: str | None = None
        self._number = 0
        log = LogIdentity(signer.name, (LogKey(str(signer.verifier)),))
        self.identity = Identity(election.id, election.drill, log)

    def cut(self, versions: Sequence[Version]) -> None:
        """Show these too."""
        self._cutter.learn(versions)
        at = self._election.window.opens + timedelta(seconds=self._number)
        kind = CutKind.LIVE if self._number else CutKind.ZERO
        order = CutOrder(self._number, kind, at, self._number, self._previous)
        made = self._cutter.make(order)
        self._cutter.activate(made)
        self._previous = made.event.manifest_sha256
        self._number += 1


async def follow(night: Night, folder: Path, versions: Sequence[Version]) -> dict[str, object]:
    """What each cut costs who takes it as it comes."""
    follower = Follower(FolderSource(night.tree), folder, night.identity)
    night.cut([])
    await follower.step()
    cpu, wall = [], []
    for start in range(0, len(versions), NEW):
        night.cut(versions[start : start + NEW])
        began, used = time.perf_counter(), time.process_time()
        await follower.step()
        cpu.append(1000 * (time.process_time() - used))
        wall.append(1000 * (time.perf_counter() - began))
    size = len(cpu) / PARTS
    parts = [cpu[round(part * size) : round((part + 1) * size)] for part in range(PARTS)]
    return {
        "cuts": len(cpu),
        f"cpu_milliseconds_of_{NEW}": round(statistics.median(cpu), 2),
        "by_tenths_of_the_night": [round(statistics.median(part), 2) for part in parts],
        f"milliseconds_of_{NEW}": round(statistics.median(wall), 2),
    }


async def from_nothing(night: Night, folder: Path) -> dict[str, object]:
    """What the last cut costs who has nothing, and who has all of it and starts again."""
    whole, hashed, started = [], [], []
    for _ in range(ROUNDS):
        shutil.rmtree(folder, ignore_errors=True)
        source = FolderSource(night.tree)
        follower = Follower(source, folder, night.identity)
        began = time.perf_counter()
        await follower.step()
        whole.append(time.perf_counter() - began)
        files = [str(night.tree.path(path)) for path in source.asked]
        began = time.perf_counter()
        for start in range(0, len(files), 500):
            command = ["sha256sum", *files[start : start + 500]]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        hashed.append(time.perf_counter() - began)
        again = Follower(source, folder, night.identity)
        began = time.perf_counter()
        await again.start()
        started.append(time.perf_counter() - began)
    return {
        "megabytes": round(sum(Path(path).stat().st_size for path in files) / 2**20, 1),
        "whole_seconds": round(statistics.median(whole), 2),
        "sha256sum_seconds": round(statistics.median(hashed), 2),
        "start_seconds": round(statistics.median(started), 2),
    }


def measure() -> dict[str, object]:
    folder = shipped_election("puebla-2024")
    election = load_election(folder)
    versions = learnt(folder, election)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        night = Night(place / "center", election)
        return {
            "bench": "mirroring",
            "actas": len(versions),
            **asyncio.run(follow(night, place / "mirror", versions)),
            **asyncio.run(from_nothing(night, place / "late")),
        }


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    print(json.dumps(measure()))
