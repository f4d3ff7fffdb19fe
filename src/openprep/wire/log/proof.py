"""Proofs that stand alone (C2SP ``tlog-proof``): an entry was in the log when it was signed.

The text::

    c2sp.org/tlog-proof@v1
    extra <base64>                 (only if there is extra data; it proves nothing)
    index <number of the leaf, from 0>
    <base64 of a hash of the inclusion proof, from the leaf's sibling upwards>
    …
                                   (an empty line)
    <the signed checkpoint>

Files of it end in ``.tlog-proof``. https://c2sp.org/tlog-proof
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass

from openprep.wire.log.checkpoint import OpenedCheckpoint, open_checkpoint
from openprep.wire.log.merkle import HASH_BYTES, MAX_SIZE, leaf_hash, verify_inclusion
from openprep.wire.note import MAX_NOTE_BYTES, Verifier

HEADING = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 63
MAX_EXTRA_BYTES = 64 * 1024
MAX_PROOF_BYTES = MAX_NOTE_BYTES + 2 * MAX_EXTRA_BYTES


class ProofError(ValueError):
    """The bytes are not a proof, or it does not prove what is asked."""


@dataclass(frozen=True)
class LogProof:
    """That the entry at ``index`` is under the root of the signed ``checkpoint``."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def encode(self) -> bytes:
        """The proof as a file."""
        lines = [HEADING]
        if self.extra is not None:
            lines.append(f"extra {base64.b64encode(self.extra).decode()}")
        lines.append(f"index {self.index}")
        lines += [base64.b64encode(digest).decode() for digest in self.hashes]
        return "".join(f"{line}\n" for line in (*lines, "")).encode() + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> "LogProof":
        """Read a file; nothing of it is verified yet.

        Raises:
            ProofError: it is not a proof, or too large.
        """
        if len(data) > MAX_PROOF_BYTES:
            raise ProofError(f"the proof has {len(data)} bytes, more than {MAX_PROOF_BYTES}")
        head, separator, checkpoint = data.partition(b"\n\n")
        try:
            heading, *lines = head.decode("ascii").split("\n")
            extra = _decode(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else None
            index = _index(lines.pop(0)) if lines else -1
            proof = cls(index, tuple(map(_decode, lines)), checkpoint, extra)
        except ValueError as error:
            raise ProofError("the file is not a log proof") from error
        sound = len(lines) <= MAX_HASHES and all(
            len(digest) == HASH_BYTES for digest in proof.hashes
        )
        if heading != HEADING or not separator or not sound or proof.encode() != data:
            raise ProofError("the file is not a log proof in its exact form")
        return proof

    def verify(
        self,
        entry: bytes,
        *,
        origin: str,
        log: Iterable[Verifier],
        witnesses: Iterable[Verifier] = (),
    ) -> OpenedCheckpoint:
        """The checkpoint under which ``entry`` is proved to be.

        Raises:
            NoteError: the checkpoint is malformed or not signed by a key of the ``log``.
            CheckpointError: it is no checkpoint, or one of another log than ``origin``.
            ProofError: ``entry`` is not at that index of that tree.
        """
        opened = open_checkpoint(self.checkpoint, origin=origin, log=log, witnesses=witnesses)
        size, root = opened.checkpoint.size, opened.checkpoint.root
        if not verify_inclusion(leaf_hash(entry), self.index, size, self.hashes, root):
            raise ProofError(f"the entry is not leaf {self.index} of the tree of {size}")
        return opened


def _decode(line: str) -> bytes:
    return base64.b64decode(line, validate=True)


def _index(line: str) -> int:
    word, _, digits = line.partition(" ")
    if word != "index" or not digits.isdigit() or len(digits) > 19 or int(digits) > MAX_SIZE:
        raise ProofError("the proof names no leaf")
    return int(digits)
