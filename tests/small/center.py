"""A centre that makes the cuts of the small election when a test says, and a tree of them."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.cuts.cutter import CutOrder, Cutter, StagedCut
from openprep.election import Election
from openprep.election.cut import CutKind
from openprep.hosting import TreeDirectory
from openprep.mirror.verify.trusted import Identity
from openprep.pages.kit import Kit
from openprep.record.images import ImageFolder
from openprep.record.state import HeldImage, State, Version
from openprep.wire.cut import manifest as wire
from openprep.wire.note import Signer
from openprep.wire.trust import LogIdentity, LogKey
from small.election import OPENS, acta, outside, small_election, version, without_acta
from small.reading import Reading

FIRST = acta(0)


NIGHT = [
    [version(1, FIRST), version(2, acta(3)), version(3, outside())],
    [version(4, acta(4)), version(5, without_acta(1)), version(6, acta(6))],
    [version(7, acta(0, votes=(9,) * 11), "cotejo", version(1, FIRST)), version(8, acta(5))],
]
"""What enters cuts 1, 2 and 3; cut 3 is the closing one, and corrects an acta."""

COVERED = 3
"""Positions of the record that each cut covers."""


class SmallCenter:
    """Makes the cuts of the small election, one at a time, into a folder."""

    def __init__(
        self, folder: Path, name: str = "center", kit: Kit | None = None, **changes: Any
    ) -> None:
        self.election = small_election(**changes)
        self.tree = TreeDirectory(folder)
        self.signer = Signer(f"{self.election.id}/{name}", Ed25519PrivateKey.generate())
        self.kit = kit
        self.images = ImageFolder(folder.parent / f"{folder.name}-images")
        self.record = State()
        """As far as a cutter goes on from it."""

        self.cutter = self.new_cutter()
        self.cut = -1
        self.closing = 3
        """The last cut of the night."""
        self.previous: str | None = None

    def new_cutter(self, log: LogIdentity | None = None) -> Cutter:
        return Cutter(self.election, self.tree, self.signer, self.kit, self.images, log)

    def restart(self, signer: Signer | None = None, election: Election | None = None) -> None:
        """Start again from the record and the cut that is up, with another key or election."""
        before, self.signer = self.signer, signer or self.signer
        keys = dict.fromkeys(LogKey(str(signer.verifier)) for signer in (before, self.signer))
        self.election = election or self.election
        self.cutter = self.new_cutter(LogIdentity(self.signer.name, tuple(keys)))
        self.cutter.replay(self.record)
        shown = self.tree.read(wire.manifest_path(self.cut))
        if shown is not None:
            self.cutter.resume(wire.decode(shown, wire.Manifest))

    def hold(self, number: int, picture: bytes) -> str:
        """The image of an acta came; the next cut says so."""
        digest = self.images.keep(picture)
        named = frozenset({("AYUN", f"A{number}")})
        held = HeldImage(COVERED * (self.cut + 1), digest, len(picture), named)
        self.cutter.hold([held])
        self.record.images.append(held)
        return digest

    def reading(self, cut: int | None = None) -> Reading:
        """A cut as a reader finds it in the tree: the current one, if no number is given."""
        return Reading(self.tree, cut)

    @property
    def identity(self) -> Identity:
        """The log as a mirror follows it."""
        log = LogIdentity.of_one_key(self.signer.verifier)
        return Identity(self.election.id, self.election.drill, log)

    def tree_size(self) -> int:
        """Leaves of the log that is published."""
        pointer = self.tree.pointer()
        return wire.decode(self.tree.read(wire.manifest_path(pointer.cut)), wire.Manifest).leaf + 1

    def next_cut(self, versions: Iterable[Version] | None = None) -> StagedCut:
        self.cut += 1
        if self.cut:
            new = list(NIGHT[self.cut - 1] if versions is None else versions)
            self.cutter.learn(new)
            self.record.versions += new
        kind = {0: CutKind.ZERO, self.closing: CutKind.CLOSING}.get(self.cut, CutKind.LIVE)
        at = OPENS + timedelta(minutes=20 * self.cut)
        databases = []
        if self.cut >= 2:
            snapshot = self.cutter.snapshot(at, closing=kind is CutKind.CLOSING)
            databases.append(self.cutter.write_database(snapshot))
        covers = COVERED * self.cut
        order = CutOrder(self.cut, kind, at, covers, self.previous, databases)
        made = self.cutter.make(order)
        self.record.cuts.append(made.event)
        self.cutter.activate(made)
        self.previous = made.event.manifest_sha256
        return made
