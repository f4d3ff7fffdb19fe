"""A centre on a folder, one cut at a time, and what its tree shows."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.center.center import Center
from openprep.hosting import TreeDirectory
from openprep.record.events import EnvelopeReceived
from openprep.record.facts import ActaCorrected, ActaReported, Envelope, Fact, encode_envelope
from openprep.record.images import ImageFolder
from openprep.record.ledger import Ledger
from openprep.record.sqlite import Record
from openprep.wire.cut import manifest as wire
from openprep.wire.note import Signer
from small.election import OPENS, acta, outside, small_election, without_acta
from small.reading import Reading

ELECTION = small_election()


LIVE_SECONDS = 0.001
SIGNER = Signer(f"{ELECTION.id}/center", Ed25519PrivateKey.from_private_bytes(bytes(32)))


Moment: TypeAlias = tuple[datetime, tuple[Fact, ...]]
"""A time of a night, and what is reported before it."""

NIGHT: tuple[Moment, ...] = (
    (OPENS, ()),
    (OPENS + timedelta(minutes=1), (ActaReported(acta(0)), ActaReported(outside()))),
    (OPENS + timedelta(minutes=2), (ActaReported(acta(4)), ActaReported(without_acta(1)))),
    (OPENS + timedelta(minutes=25), (ActaCorrected(acta(0, votes=(1,) * 11), "cotejo"),)),
    (ELECTION.window.closes, ()),
)
"""When cuts fall due, and what is reported before each: the zero cut, two live ones, one for which
an official database is due, and the closing one."""


class Bench:
    """A centre on a folder, whose clock the test moves."""

    signer = SIGNER
    identity = None
    databases_apart = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = OPENS - timedelta(minutes=5)
        self.start()

    def start(self) -> None:
        self.record = Record.open(self.folder / "record.sqlite", ELECTION.id, ELECTION.digest)
        self.ledger = Ledger(self.record, ELECTION.rules)
        known = self.ledger.state.stations.get("D01")
        self.sequence = known.sequence if known else 0
        self.tree = TreeDirectory(self.folder / "public")
        self.tree.sweep()
        self.images = ImageFolder(self.folder / "images")
        self.center = Center(
            ELECTION,
            self.ledger,
            self.tree,
            self.signer,
            lambda: self.now,
            images=self.images,
            identity=self.identity,
            live_seconds=LIVE_SECONDS,
            databases_apart=self.databases_apart,
        )
        self.center.recover()

    def stop(self) -> None:
        self.record.close()

    async def report(self, *facts: Fact) -> None:
        self.sequence += 1
        envelope = Envelope(ELECTION.id, "D01", self.sequence, self.now, facts)
        payload = encode_envelope(envelope)
        await self.ledger.append(
            EnvelopeReceived(self.now, "D01", self.sequence, payload, b"s" * 64)
        )

    async def cut(self) -> wire.Manifest:
        """Make whatever is due; the manifest that is then current."""
        await self.look()
        return self.manifest()

    async def look(self) -> None:
        """Let the centre make what is due, and end what it does beside its cuts."""
        await self.rest()
        await self.center.step()
        await self.database()

    async def rest(self) -> None:
        """Wait until another live cut may be made."""
        await asyncio.sleep(2 * LIVE_SECONDS)

    async def database(self) -> None:
        """Wait for what the centre does beside its cuts: a later one lists the official database
        that the last one promised."""
        if beside := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(beside)

    async def is_anything_due(self) -> bool:
        """Whether the centre would make a cut now; one that is due is made."""
        await self.rest()
        return await self.center.step()

    def manifest(self) -> wire.Manifest:
        pointer = self.tree.pointer()
        data = self.tree.read(wire.manifest_path(pointer.cut))
        return None if pointer is None else wire.decode(data, wire.Manifest)

    def reading(self, cut: int | None = None) -> Reading:
        """A cut as a reader finds it in the tree: the current one, if no number is given."""
        return Reading(self.tree, cut)

    async def reach(self, moment: Moment) -> None:
        """Let it be that time, and report what has come by then."""
        self.now, facts = moment
        if facts:
            await self.report(*facts)

    async def night(self) -> wire.Manifest:
        """A whole small night, one cut at a time."""
        for moment in NIGHT:
            await self.reach(moment)
            await self.cut()
        return self.manifest()


def snapshot(tree: TreeDirectory) -> dict[str, bytes]:
    """What every tree of this record has alike: all but its packs, and where they have what."""
    return {
        str(path.relative_to(tree.root)): path.read_bytes()
        for path in tree.root.rglob("*")
        if path.is_file()
        and path.suffix not in (".gz", ".pack", ".where")
        and "heads" not in path.parts
    }
