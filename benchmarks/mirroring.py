"""What verifying costs a publisher: a whole cut of some 25,000 actas, and a delta of 500.

The whole cut, from nothing: every byte fetched from a folder, every entry of the log hashed, every
digest checked, every acta held against its leaf, every figure of every area counted again, the tree
written and turned. Beside it ``sha256sum`` over the same bytes, in the same run, turn by turn.
"""

import asyncio
import json
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.cuts.cutter import CutOrder, Cutter
from openprep.drill.nation.generate import Order, generate
from openprep.drill.nights.schedule import read_schedule
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
DELTA = 500
DELTAS = 8


class FolderSource:
    """A centre's tree on this disk: no network is measured."""

    base = "folder"

    def __init__(self, tree: TreeDirectory) -> None:
        self._tree = tree

    async def offer(self, held: TrustedCut | None, *, again: bool = False) -> Offer | None:
        """What is up."""
        pointer = self._tree.pointer()
        return None if pointer is None else Offer(pointer, self.get)

    async def get(self, path: str, limit: int) -> bytes:
        """A file."""
        data = self._tree.read(path)
        if data is None:
            raise Refused(MirrorCode.NOT_FOUND, path)
        return data


def learnt(folder: Path, election: Election) -> Sequence[Version]:
    """Versions of the drill's actas, in the order in which stations reported them."""
    state = State()
    arrivals = [
        arrival for path in folder.glob("schedules/*.jsonl") for arrival in read_schedule(path)
    ]
    for position, arrival in enumerate(sorted(arrivals, key=lambda arrival: arrival.at), 1):
        event = EnvelopeReceived(arrival.at, "D0101", position, b"", b"")
        state.apply(position, event, (arrival.fact,))
    return state.versions


def measure() -> dict[str, object]:
    with tempfile.TemporaryDirectory(dir=".") as name:
        folder = Path(name)
        generate(Order(shipped_election("federal-2024"), 25, 0.05), folder / "drill")
        election = load_election(folder / "drill" / "election")
        return asyncio.run(compare(folder, election))


async def compare(folder: Path, election: Election) -> dict[str, object]:
    versions = learnt(folder / "drill", election)
    signer = Signer(f"{election.id}/center", Ed25519PrivateKey.generate())
    tree = TreeDirectory(folder / "center")
    cutter = Cutter(election, tree, signer)
    previous: str | None = None

    def cut(number: int, some: Sequence[Version]) -> None:
        nonlocal previous
        cutter.learn(some)
        at = election.window.opens + timedelta(seconds=number)
        made = cutter.make(CutOrder(number, CutKind.LIVE, at, number, previous))
        cutter.activate(made)
        previous = made.event.manifest_sha256

    cut(0, versions[: -DELTA * DELTAS])
    log = LogIdentity(signer.name, (LogKey(str(signer.verifier)),))
    identity = Identity(election.id, election.drill, log)
    whole, hashed = [], []
    for _ in range(ROUNDS):
        shutil.rmtree(folder / "mirror", ignore_errors=True)
        follower = Follower(FolderSource(tree), folder / "mirror", identity)
        began = time.perf_counter()
        await follower.step()
        whole.append(time.perf_counter() - began)
        files = [str(path) for path in tree.root.rglob("*") if path.is_file()]
        began = time.perf_counter()
        for start in range(0, len(files), 500):
            command = ["sha256sum", *files[start : start + 500]]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        hashed.append(time.perf_counter() - began)
    size = sum(Path(path).stat().st_size for path in files)
    deltas = []
    for number in range(1, DELTAS + 1):
        start = len(versions) - DELTA * (DELTAS - number + 1)
        cut(number, versions[start : start + DELTA])
        began = time.perf_counter()
        await follower.step()
        deltas.append(time.perf_counter() - began)
    return {
        "bench": "mirroring",
        "actas": len(versions) - DELTA * DELTAS,
        "megabytes": round(size / 2**20, 1),
        "whole_seconds": round(statistics.median(whole), 2),
        "sha256sum_seconds": round(statistics.median(hashed), 2),
        "ratio": round(statistics.median(whole) / statistics.median(hashed), 1),
        f"delta_of_{DELTA}_milliseconds": round(statistics.median(deltas) * 1000),
    }


if __name__ == "__main__":
    print(json.dumps(measure()))
