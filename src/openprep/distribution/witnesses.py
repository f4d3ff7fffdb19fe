"""Cosignatures that publishers return: verified, and put on the checkpoint that is up.

A cosignature says that its publisher verified the whole cut and never saw a larger log. Those of
the cut that is up are added to the published ``checkpoint``, for every reader to count; of the cuts
just before, who held them is remembered, for the operator.
"""

from openprep.ceremony.standing import StandingTrust
from openprep.clock import Clock
from openprep.distribution.service import CosignatureRefused
from openprep.hosting import TreeDirectory
from openprep.wire.cut.manifest import note_path
from openprep.wire.distribution.requests import Publisher
from openprep.wire.log.checkpoint import Checkpoint, CheckpointError, add_cosignature
from openprep.wire.log.tiles import CHECKPOINT_PATH
from openprep.wire.note import NoteError, split_note, verify_line

REMEMBERED = 60
"""Newest cuts whose cosignatures are taken."""

CLOCK_TOLERANCE = 300
"""Seconds by which a publisher's clock may be ahead of the centre's."""


class Witnessing:
    """Takes cosignatures for the tree. Belongs to one event loop."""

    def __init__(self, tree: TreeDirectory, trust: StandingTrust, clock: Clock) -> None:
        self._tree = tree
        self._trust = trust
        self._clock = clock
        self._cuts: dict[str, int] = {}
        self.held: dict[int, set[str]] = {}
        """Publishers that cosigned each of the newest cuts."""

    def cut_shown(self, cut: int) -> None:
        """A cut is up: its checkpoint may be cosigned, and those of the cuts just before it.

        Those before too: the service may have been started since, or several were made at once.
        """
        for number in range(max(0, cut - REMEMBERED + 1), cut + 1):
            if number not in self.held:
                self._learn(number)
        for old in [number for number in self.held if number <= cut - REMEMBERED]:
            del self.held[old]
        self._cuts = {text: number for text, number in self._cuts.items() if number in self.held}

    def _learn(self, cut: int) -> None:
        note = self._tree.read(note_path(cut))
        if note is not None:
            text, _ = split_note(note)
            self._cuts[text] = cut
            self.held[cut] = set()

    def _cut_of(self, text: str) -> int | None:
        """The cut of a checkpoint; a publisher may be quicker than whoever watches the tree."""
        if text not in self._cuts:
            pointer = self._tree.pointer()
            if pointer is not None:
                self.cut_shown(pointer.cut)
        return self._cuts.get(text)

    async def take(self, publisher: Publisher, note: bytes) -> None:
        """Take the note that a publisher signed: the checkpoint's text and its own line.

        Raises:
            CosignatureRefused: it is no cosignature of the publisher's over a checkpoint of ours.
        """
        try:
            text, lines = split_note(note)
            Checkpoint.parse(text)
        except (NoteError, CheckpointError) as error:
            raise CosignatureRefused(str(error)) from error
        cut = self._cut_of(text)
        if cut is None:
            raise CosignatureRefused("the checkpoint is not one of the newest that were shown")
        witness = self._trust.witnesses().get(publisher.id)
        if witness is None or len(lines) != 1:
            raise CosignatureRefused("one line of the publisher's own cosigner key is taken")
        try:
            signature = verify_line(text, lines[0], [witness])
        except NoteError as error:
            raise CosignatureRefused(str(error)) from error
        if (signature.time or 0) > self._clock().timestamp() + CLOCK_TOLERANCE:
            raise CosignatureRefused("it was signed in the future: set the publisher's clock")
        self.held[cut].add(publisher.id)
        try:
            self._publish(text, cut, lines[0])
        except (NoteError, OSError) as error:
            raise CosignatureRefused(f"it cannot be published: {error}") from error

    def _publish(self, text: str, cut: int, line: str) -> None:
        """Put the line on the checkpoint that is up, if that is the one it signs."""
        shown = self._tree.read(f"live/{CHECKPOINT_PATH}")
        if shown is None or split_note(shown)[0] != text:
            return
        merged = add_cosignature(shown, line, list(self._trust.witnesses().values()))
        if merged != shown:
            self._tree.amend_head(cut, CHECKPOINT_PATH, merged)
