"""Checkpoints (C2SP ``tlog-checkpoint``): a log's size and root, signed, and cosigned by witnesses.

The text of the signed note has three lines and no more::

    <origin, which names the log>
    <size: number of leaves>
    <root: base64 of the Merkle root of that many leaves>

https://c2sp.org/tlog-checkpoint and https://c2sp.org/tlog-cosignature
"""

import base64
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from openprep.wire.log.merkle import HASH_BYTES, MAX_SIZE
from openprep.wire.note import (
    Cosigner,
    KeyKind,
    NoteError,
    Signature,
    Signer,
    Verifier,
    is_line_of,
    open_signatures,
    sign_note,
    split_note,
    verify_line,
)


class CheckpointError(ValueError):
    """The text of a note is not a checkpoint, or one of another log."""


@dataclass(frozen=True)
class Checkpoint:
    """That the log ``origin`` has ``size`` leaves under ``root``."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The text to be signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read the text of a note.

        Raises:
            CheckpointError: it is not a checkpoint in its exact form. Extension lines, which other
                logs may have and which no monitor can check, are refused.
        """
        try:
            origin, size, root, rest = text.split("\n")
            checkpoint = cls(origin, _leaves(size), base64.b64decode(root, validate=True))
        except ValueError as error:
            raise CheckpointError("the note is not a checkpoint") from error
        known = checkpoint.size <= MAX_SIZE and len(checkpoint.root) == HASH_BYTES
        if rest or not origin or not known or checkpoint.text() != text:
            raise CheckpointError("the note is not a checkpoint in its exact form")
        return checkpoint


def _leaves(text: str) -> int:
    if len(text) > 19 or not text.isascii() or not text.isdigit():
        raise ValueError(text)
    return int(text)


@dataclass(frozen=True)
class OpenedCheckpoint:
    """A checkpoint with the keys of its log that signed it, and what witnesses cosigned when."""

    checkpoint: Checkpoint
    signed_by: tuple[Verifier, ...]
    cosignatures: tuple[Signature, ...]


def sign_checkpoint(checkpoint: Checkpoint, signers: Iterable[Signer]) -> bytes:
    """The signed note.

    Two roots of one size must never be signed: what is signed here is on disk in the record first.

    Raises:
        NoteError: the origin cannot stand in a note.
        CheckpointError: it is not a checkpoint that a reader would take.
    """
    text = checkpoint.text()
    Checkpoint.parse(text)
    return sign_note(text, signers)


def open_checkpoint(
    note: bytes, *, origin: str, log: Iterable[Verifier], witnesses: Iterable[Verifier] = ()
) -> OpenedCheckpoint:
    """The checkpoint in ``note``, signed by at least one key of the ``log``.

    Cosignatures of ``witnesses`` are given with their times; how many are enough is the caller's
    policy.

    Raises:
        NoteError: malformed, a known key's signature is wrong, or no key of the log signed.
        CheckpointError: the text is not a checkpoint, or one of another log than ``origin``.
    """
    log, witnesses = _of_kind(log, KeyKind.NOTE), _of_kind(witnesses, KeyKind.COSIGNATURE)
    text, signatures = open_signatures(note, [*log, *witnesses])
    signed_by = tuple(signature.verifier for signature in signatures if signature.verifier in log)
    if not signed_by:
        raise NoteError("no key of the log signed the checkpoint")
    checkpoint = Checkpoint.parse(text)
    if checkpoint.origin != origin:
        raise CheckpointError(f"the checkpoint is of {checkpoint.origin!r}, not of {origin!r}")
    return OpenedCheckpoint(
        checkpoint,
        signed_by,
        tuple(signature for signature in signatures if signature.verifier not in log),
    )


def cosign_checkpoint(checkpoint: Checkpoint, cosigner: Cosigner, time: int) -> str:
    """A witness's line for ``checkpoint`` at ``time``, in whole seconds since 1970.

    It says that no larger tree of this log was seen by then, and that this one is consistent with
    every smaller one: the caller has verified both, and has kept the size durably.
    """
    return cosigner.cosign(checkpoint.text().encode(), time)


def add_cosignature(note: bytes, line: str, witnesses: Iterable[Verifier]) -> bytes:
    """``note`` with the cosignature in ``line`` (with its newline or without).

    Verified first, so that one witness cannot spoil the note for all. Of one key only the newest
    cosignature is kept: an older one changes nothing.

    Raises:
        NoteError: malformed, by a key that is not among ``witnesses``, wrong, or the note is full.
    """
    text, lines = split_note(note)
    line = line.removesuffix("\n")
    added = verify_line(text, line, _of_kind(witnesses, KeyKind.COSIGNATURE))
    own = [signature for signature in lines if is_line_of(signature, added.verifier)]
    others = [signature for signature in lines if signature not in own]
    if any(_time(text, signature, added.verifier) >= (added.time or 0) for signature in own):
        return note
    merged = "".join(f"{part}\n" for part in (text, *others, line)).encode()
    split_note(merged)
    return merged


def line_of(note: bytes, witness: Verifier) -> str | None:
    """The line of ``note`` in which ``witness`` cosigned it; ``None`` if none of them matches.

    Raises:
        NoteError: the note is malformed.
    """
    text, lines = split_note(note)
    return next((line for line in lines if _time(text, line, witness) >= 0), None)


def merge_cosignatures(
    note: bytes, other: bytes, witnesses: Sequence[Verifier]
) -> tuple[bytes, int]:
    """``note`` with what ``witnesses`` cosigned in ``other`` too; how many of them there are then.

    What is not a witness's, or does not match, is left out; another checkpoint adds nothing.

    Raises:
        NoteError: one of the two is malformed.
    """
    text, lines = split_note(other)
    if split_note(note)[0] == text:
        for line in lines:
            with suppress(NoteError):
                note = add_cosignature(note, line, witnesses)
    text, lines = split_note(note)
    return note, sum(_time(text, line, witness) >= 0 for witness in witnesses for line in lines)


def _time(text: str, line: str, witness: Verifier) -> int:
    """When ``witness`` cosigned with a line of the note; -1 if it did not, so that it goes."""
    try:
        return verify_line(text, line, [witness]).time or 0
    except NoteError:
        return -1


def _of_kind(keys: Iterable[Verifier], kind: KeyKind) -> Sequence[Verifier]:
    """``keys``, which must be of ``kind``: a witness is not the log, and the log no witness."""
    keys = list(keys)
    for key in keys:
        if key.kind is not kind:
            raise CheckpointError(f"{key.name} is a key of another kind than {kind.name}")
    return keys
