"""A publisher as a witness: its own line under each checkpoint that it verified whole."""

from collections.abc import Callable

from openprep.clock import Clock
from openprep.wire.log.checkpoint import (
    Checkpoint,
    add_cosignature,
    cosign_checkpoint,
    line_of,
)
from openprep.wire.note import Cosigner, split_note

OnCosigned = Callable[[Checkpoint, str], None]


class Cosigning:
    """Signs with ``cosigner``, while there is one; ``on_cosigned`` is handed the line."""

    def __init__(
        self, cosigner: Cosigner | None, clock: Clock, on_cosigned: OnCosigned | None
    ) -> None:
        self.cosigner = cosigner
        self._clock = clock
        self._on_cosigned = on_cosigned

    def sign(self, note: bytes, verified: Checkpoint) -> bytes:
        """A note with this publisher's line for what was verified; as it is, where none signs."""
        if self.cosigner is None:
            return note
        line = cosign_checkpoint(verified, self.cosigner, int(self._clock().timestamp()))
        return add_cosignature(note, line, [self.cosigner.verifier])

    def tell(self, note: bytes) -> None:
        """Hand on this publisher's line in the note of the cut that is up."""
        if self.cosigner is None or self._on_cosigned is None:
            return
        line = line_of(note, self.cosigner.verifier)
        if line is not None:
            self._on_cosigned(Checkpoint.parse(split_note(note)[0]), line)
