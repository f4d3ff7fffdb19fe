"""Which signed checkpoints belong to one history: a pure state machine without disk or network.

The rules:

1. every checkpoint that the log signed is remembered with its note before anything is asked about
   it; two of one size with different roots are a fork, whoever showed them;
2. a checkpoint joins the history when a proof shows that it continues the largest one that has
   joined, or that the largest continues it. So all that joined are beginnings of one log;
3. a proof that joins *another* root of that size is a fork: the proof and both notes show it;
4. the largest that has joined never becomes smaller. One that is larger and not proven moves
   nothing: who steals the log's key cannot make everybody else look late;
5. a fork is never forgotten.

Which side of a fork is true no machine can say. Both notes are the log's own word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from msgspec import Struct

from openprep.election.cut import CutKind
from openprep.wire.log.merkle import verify_consistency

MOST_CUTS = 128
"""Checkpoints of the history that are remembered: the newest. An older one is proven again."""

MOST_UNPROVEN = 64
"""Signed checkpoints remembered without proof: the oldest, and the newest."""

MOST_FORKS = 100
"""Forks kept: the first ones. After the first, nothing that this log signs can be believed."""


class SignedCheckpoint(Struct, frozen=True):
    """A checkpoint that the log signed; ``note`` is the evidence."""

    size: int
    root: bytes
    note: bytes

    @property
    def identity(self) -> tuple[int, bytes]:
        """What it says: two that differ in signatures only are the same."""
        return self.size, self.root


class CutCheckpoint(Struct, frozen=True):
    """A checkpoint of the history, and the cut that the log ends in there."""

    signed: SignedCheckpoint
    cut: int
    time: datetime
    kind: CutKind


class Fork(Struct, frozen=True):
    """Two checkpoints that the log signed and that cannot both be true.

    Of one size they contradict each other at once. Of two sizes ``proof`` (RFC 9162, 2.1.4.1) shows
    that ``larger`` begins with ``beginning`` at the size of ``smaller``, and that is another root.
    ``shown_by`` is where the one that was seen later was seen, ``at`` when.
    """

    smaller: SignedCheckpoint
    larger: SignedCheckpoint
    beginning: bytes
    proof: tuple[bytes, ...]
    shown_by: str
    at: datetime

    @property
    def sides(self) -> frozenset[tuple[int, bytes]]:
        """What identifies it."""
        return frozenset((self.smaller.identity, self.larger.identity))


class History(Struct, frozen=True):
    """What survives a restart. ``cuts`` are by size, the smallest first."""

    cuts: tuple[CutCheckpoint, ...] = ()
    unproven: tuple[SignedCheckpoint, ...] = ()
    forks: tuple[Fork, ...] = ()

    @property
    def highest(self) -> CutCheckpoint | None:
        """The largest checkpoint that was proven."""
        return self.cuts[-1] if self.cuts else None


@dataclass(frozen=True)
class Beginning:
    """What a log of ``whole`` leaves has as the root of its first ``size``, and the proof of it."""

    size: int
    whole: int
    root: bytes
    proof: Sequence[bytes]

    def is_of(self, whole_root: bytes) -> bool:
        """Whether the log of ``whole`` leaves under that root begins so."""
        return verify_consistency(self.size, self.whole, self.root, whole_root, self.proof)


class Placement(Enum):
    """Where a checkpoint stands in relation to the history."""

    PROVEN = "proven"
    """It is of the history."""
    UNPROVEN = "unproven"
    """No proof, or one against a checkpoint that is not the largest any more: ask again."""
    WRONG_FILES = "wrong files"
    """The proof proves nothing: it was made from files that are not the log's."""
    FORKED = "forked"
    """It is of another history; the fork is kept."""


class LogHistory:
    """The history of one log as it was shown to this machine by anybody."""

    def __init__(self, seen: History) -> None:
        self.seen = seen

    def notice(self, signed: SignedCheckpoint, shown_by: str, at: datetime) -> None:
        """Remember that the log signed this; a fork may come to light."""
        cuts = [cut.signed for cut in self.seen.cuts]
        for other in (*cuts, *self.seen.unproven):
            if other.size == signed.size and other.root != signed.root:
                self._keep_fork(Fork(other, signed, other.root, (), shown_by, at))
        known = {checkpoint.identity for checkpoint in (*cuts, *self.seen.unproven)}
        if signed.identity not in known:
            kept = self.seen.unproven[: MOST_UNPROVEN - 1]
            self.seen = History(self.seen.cuts, (*kept, signed), self.seen.forks)

    def place(
        self, new: CutCheckpoint, beginning: Beginning | None, shown_by: str, at: datetime
    ) -> Placement:
        """Where ``new`` stands, given the proof that :meth:`opposite` asks for, if any."""
        self.notice(new.signed, shown_by, at)
        here = self._cut_of_size(new.signed.size)
        if here is not None:
            same = here.signed.root == new.signed.root
            return Placement.PROVEN if same else Placement.FORKED
        highest = self.seen.highest
        if highest is None:
            return self._join(new)
        low, high = sorted((new.signed, highest.signed), key=lambda checkpoint: checkpoint.size)
        if beginning is None or (beginning.size, beginning.whole) != (low.size, high.size):
            return Placement.UNPROVEN
        if not beginning.is_of(high.root):
            return Placement.WRONG_FILES
        if beginning.root != low.root:
            proof = tuple(beginning.proof)
            self._keep_fork(Fork(low, high, beginning.root, proof, shown_by, at))
            return Placement.FORKED
        return self._join(new)

    def opposite(self, size: int) -> CutCheckpoint | None:
        """The checkpoint against which one of ``size`` must be proven.

        ``None`` if there is no need: one of that size is known, or none at all.
        """
        return None if self._cut_of_size(size) else self.seen.highest

    def _cut_of_size(self, size: int) -> CutCheckpoint | None:
        return next((cut for cut in self.seen.cuts if cut.signed.size == size), None)

    def _join(self, new: CutCheckpoint) -> Placement:
        cuts = sorted((*self.seen.cuts, new), key=lambda cut: cut.signed.size)[-MOST_CUTS:]
        identity = new.signed.identity
        unproven = tuple(
            checkpoint for checkpoint in self.seen.unproven if checkpoint.identity != identity
        )
        self.seen = History(tuple(cuts), unproven, self.seen.forks)
        return Placement.PROVEN

    def _keep_fork(self, fork: Fork) -> None:
        known = any(known.sides == fork.sides for known in self.seen.forks)
        if not known and len(self.seen.forks) < MOST_FORKS:
            self.seen = History(self.seen.cuts, self.seen.unproven, (*self.seen.forks, fork))
