"""A centre on a folder, one cut at a time, and what its tree shows."""

import asyncio
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.center.center import Center
from openprep.election import Level
from openprep.hosting import TreeDirectory
from openprep.record.events import EnvelopeReceived
from openprep.record.facts import ActaCorrected, ActaReported, Envelope, encode_envelope
from openprep.record.images import ImageFolder
from openprep.record.ledger import Ledger
from openprep.record.sqlite import Record
from openprep.wire.cut import manifest as wire
from openprep.wire.cut.objects import decode_object
from openprep.wire.note import Signer
from small.election import OPENS, acta, outside, small_election, without_acta

ELECTION = small_election()


LIVE_SECONDS = 0.001
SIGNER = Signer(f"{ELECTION.id}/center", Ed25519PrivateKey.from_private_bytes(bytes(32)))


NIGHT = (
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

    def __init__(self, folder: Path):
        self.folder = folder
        self.now = OPENS - timedelta(minutes=5)
        self.start()

    def start(self):
        self.record = Record.open(self.folder / "record.sqlite", ELECTION.id, ELECTION.digest)
        self.ledger = Ledger(self.record)
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
        )
        self.center.recover()

    def stop(self):
        self.record.close()

    async def report(self, *facts):
        self.sequence += 1
        envelope = Envelope(ELECTION.id, "D01", self.sequence, self.now, facts)
        payload = encode_envelope(envelope)
        await self.ledger.append(
            EnvelopeReceived(self.now, "D01", self.sequence, payload, b"s" * 64)
        )

    async def cut(self):
        """Make whatever is due; the manifest that is then current."""
        await self.look()
        return self.manifest()

    async def look(self):
        """Let the centre make what is due, and end what it does beside its cuts."""
        await self.rest()
        await self.center.step()
        await self.database()

    async def rest(self):
        """Wait until another live cut may be made."""
        await asyncio.sleep(2 * LIVE_SECONDS)

    async def database(self):
        """Wait for what the centre does beside its cuts: a later one lists the official database
        that the last one promised."""
        if beside := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(beside)

    async def is_anything_due(self):
        """Whether the centre would make a cut now; one that is due is made."""
        await self.rest()
        return await self.center.step()

    def manifest(self):
        pointer = self.tree.pointer()
        data = self.tree.read(wire.manifest_path(pointer.cut))
        return None if pointer is None else wire.decode(data, wire.Manifest)

    async def reach(self, moment):
        """Let it be that time, and report what has come by then."""
        self.now, facts = moment
        if facts:
            await self.report(*facts)

    async def night(self):
        """A whole small night, one cut at a time."""
        for moment in NIGHT:
            await self.reach(moment)
            await self.cut()
        return self.manifest()


def _leads_to(child, path):
    if child.level is not Level.SECCIONES:
        return (path + "/").startswith(child.path + "/")
    first, _, last = child.path.rpartition("/")[2].partition("-")
    return first <= path.rpartition("/")[2] <= last


def find(tree, manifest, path):
    """The section at ``path``, reached from the manifest by digests alone."""
    published = decode_object(tree.read(manifest.contests[0].results.path))
    while published.path != path:
        child = next(one for one in published.children if _leads_to(one, path))
        published = decode_object(tree.read_object(child.object))
    return published


def snapshot(tree):
    return {
        str(path.relative_to(tree.root)): path.read_bytes()
        for path in tree.root.rglob("*")
        if path.is_file() and path.suffix != ".gz" and "heads" not in path.parts
    }
