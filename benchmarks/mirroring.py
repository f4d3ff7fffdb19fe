"""What verifying costs a publisher: every cut of Puebla's night, and then all of it from nothing.

The night comes in cuts of 200 new actas, and the publisher takes each as it comes: entries fetched
from a folder and hashed, every leaf held against its rules, every figure that changed counted
again, objects composed and compared, the tree turned. What a cut costs must not grow with what was
counted before: the median is told for each tenth of the night. From nothing, the same is done at
once, and beside it ``sha256sum`` over the files that the publisher took.
"""

import asyncio
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.telling import command, tell
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
from openprep.wire.cut.manifest import Pointer, decode
from openprep.wire.log.tiles import ENTRIES, WIDTH, Tile, decode_bundle, encode_bundle
from openprep.wire.note import Signer
from openprep.wire.trust import LogIdentity, LogKey

ROUNDS = 3
NEW = 200
PARTS = 10


class FolderSource:
    """A centre's tree on this disk, as it stood at each cut: no network is measured."""

    base = "folder"

    def __init__(self, tree: TreeDirectory, pointers: Sequence[bytes]) -> None:
        self._tree = tree
        self._pointers = pointers
        self.asked: set[str] = set()
        self.cut = len(pointers) - 1
        """Which cut is offered."""

    async def offer(self, held: TrustedCut | None, *, again: bool = False) -> Offer | None:
        """What is up."""
        return Offer(decode(self._pointers[self.cut], Pointer), self.get)

    async def get(self, path: str, limit: int) -> bytes:
        """A file."""
        data = self._tree.read(path)
        if data is None and path.startswith("tile/entries/"):
            return self._partial(Tile.parse(path))
        if data is None:
            raise Refused(MirrorCode.NOT_FOUND, path)
        self.asked.add(path)
        return data

    def _partial(self, tile: Tile) -> bytes:
        """A bundle as it stood before it was full."""
        full = self._tree.read(Tile(ENTRIES, tile.index).path)
        if full is None:
            raise Refused(MirrorCode.NOT_FOUND, tile.path)
        return encode_bundle(decode_bundle(full, WIDTH)[: tile.width])


def learnt(folder: Path, election: Election) -> Sequence[Version]:
    """Versions of the night's actas, in the order in which stations reported them."""
    state = State()
    arrivals = chain.from_iterable(night_of_puebla(election, folder).values())
    for position, arrival in enumerate(sorted(arrivals, key=lambda arrival: arrival.at), 1):
        event = EnvelopeReceived(arrival.at, "D0101", position, b"", b"")
        state.apply(position, event, (arrival.fact,))
    return state.versions


class Made(NamedTuple):
    """A night's tree, its pointer at each cut, and who signed it."""

    folder: Path
    pointers: list[bytes]
    identity: Identity
    actas: int


def make_night(folder: Path) -> Made:
    """Make every cut of the night, each of :data:`NEW` actas."""
    place = shipped_election("puebla-2024")
    election = load_election(place)
    versions = learnt(place, election)
    signer = Signer(f"{election.id}/center", Ed25519PrivateKey.generate())
    tree = TreeDirectory(folder)
    cutter, pointers, previous = Cutter(election, tree, signer), [], None
    for number, start in enumerate(range(-NEW, len(versions), NEW)):
        cutter.learn(versions[max(start, 0) : max(start + NEW, 0)])
        at = election.window.opens + timedelta(seconds=number)
        kind = CutKind.LIVE if number else CutKind.ZERO
        made = cutter.make(CutOrder(number, kind, at, number, previous))
        cutter.activate(made)
        previous = made.event.manifest_sha256
        pointers.append(tree.read("live/current.json") or b"")
    log = LogIdentity(signer.name, (LogKey(str(signer.verifier)),))
    return Made(folder, pointers, Identity(election.id, election.drill, log), len(versions))


async def follow(made: Made, folder: Path) -> dict[str, object]:
    """What each cut costs who takes it as it comes."""
    source = FolderSource(TreeDirectory(made.folder), made.pointers)
    follower = Follower(source, folder, made.identity)
    cpu, wall = [], []
    for source.cut in range(len(made.pointers)):
        began, used = time.perf_counter(), time.process_time()
        await follower.step()
        cpu.append(1000 * (time.process_time() - used))
        wall.append(1000 * (time.perf_counter() - began))
    size = (len(cpu) - 1) / PARTS
    parts = [cpu[1 + round(part * size) : 1 + round((part + 1) * size)] for part in range(PARTS)]
    return {
        "cuts": len(cpu),
        f"cpu_milliseconds_of_{NEW}": round(statistics.median(cpu[1:]), 2),
        "by_tenths_of_the_night": [round(statistics.median(part), 2) for part in parts],
        f"milliseconds_of_{NEW}": round(statistics.median(wall[1:]), 2),
    }


async def from_nothing(made: Made, folder: Path) -> dict[str, object]:
    """What the last cut costs who has nothing, and who has all of it and starts again."""
    tree = TreeDirectory(made.folder)
    whole, hashed, started = [], [], []
    for _ in range(ROUNDS):
        shutil.rmtree(folder, ignore_errors=True)
        source = FolderSource(tree, made.pointers)
        follower = Follower(source, folder, made.identity)
        began = time.perf_counter()
        await follower.step()
        whole.append(time.perf_counter() - began)
        files = [str(tree.path(path)) for path in source.asked]
        began = time.perf_counter()
        for start in range(0, len(files), 500):
            words = ["sha256sum", *files[start : start + 500]]
            subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        hashed.append(time.perf_counter() - began)
        again = Follower(source, folder, made.identity)
        began = time.perf_counter()
        await again.start()
        started.append(time.perf_counter() - began)
    return {
        "megabytes": round(sum(Path(path).stat().st_size for path in files) / 2**20, 1),
        "whole_seconds": round(statistics.median(whole), 2),
        "sha256sum_seconds": round(statistics.median(hashed), 2),
        "start_seconds": round(statistics.median(started), 2),
    }


def publish(made: Made, place: Path) -> dict[str, object]:
    """What a publisher does, in a process of its own."""
    return {
        **asyncio.run(follow(made, place / "mirror")),
        **asyncio.run(from_nothing(made, place / "late")),
    }


def measure() -> dict[str, object]:
    with tempfile.TemporaryDirectory() as name, get_context("spawn").Pool(1) as publisher:
        place = Path(name)
        made = make_night(place / "center")
        found = publisher.apply(publish, (made, place))
        return {"actas": made.actas, **found}


if __name__ == "__main__":
    command(__doc__).parse_args()
    tell("mirroring", measure())
