"""Receipts: that an acta was published with these figures, provable years later with no network.

A receipt holds the acta's leaf, which is the acta as it was published, and the proof that it is
under a signed checkpoint (``docs/formats/receipt.md``). Nothing here reads or writes: :func:`make`
puts a receipt together, :func:`verify` says what one proves, :func:`shorten` makes it fit a QR
code.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple

import msgspec
from msgspec import Struct, structs

from openprep.audit.codes import AuditCode, AuditRefused
from openprep.audit.keys import Keys
from openprep.decoding import decoding
from openprep.wire.log.checkpoint import Checkpoint, CheckpointError, OpenedCheckpoint
from openprep.wire.log.leaf import ActaLeaf, CutLeaf, LeafError, decode_leaf
from openprep.wire.log.merkle import leaf_hash, verify_inclusion
from openprep.wire.log.proof import LogProof, ProofError
from openprep.wire.note import NoteError, Verifier, is_line_of, split_note

FORMAT: Final = "openprep/receipt/v2"
MAX_RECEIPT_BYTES = 512 * 1024
MAX_QR_BYTES = 2900
"""A QR code of version 40 with least correction holds 2,953 bytes."""


class CutProof(Struct, frozen=True, forbid_unknown_fields=True):
    """The last leaf under the checkpoint, which is that of a cut: which one, and when.

    ``hashes`` are its inclusion proof in base64; its index is the checkpoint's size less one.
    """

    leaf: str
    hashes: tuple[str, ...]

    @classmethod
    def of(cls, leaf: bytes, hashes: Sequence[bytes]) -> "CutProof":
        """Both as a receipt has them."""
        return cls(leaf.decode(), tuple(base64.b64encode(digest).decode() for digest in hashes))


class Receipt(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The file. ``election`` and ``name`` are for people; everything else is proved.

    ``leaf`` is the acta, as the exact text that is hashed; ``proof`` is a ``tlog-proof``.
    """

    format: Literal["openprep/receipt/v2"]
    election: str
    name: str
    leaf: str
    proof: str
    cut: CutProof | None = None
    """Not in the short form."""


@dataclass(frozen=True)
class Cosigned:
    """That a publisher cosigned the checkpoint, and when."""

    name: str
    at: datetime


@dataclass(frozen=True)
class Verified:
    """What a receipt proves. ``cut`` is absent in the short form."""

    leaf: ActaLeaf
    index: int
    checkpoint: Checkpoint
    signed_by: tuple[str, ...]
    cosigned: tuple[Cosigned, ...]
    cut: CutLeaf | None


def encode(receipt: Receipt) -> bytes:
    """The bytes of the file: JSON on one line."""
    return msgspec.json.encode(receipt) + b"\n"


def parse(data: bytes) -> Receipt:
    """Read a receipt; nothing of it is verified.

    Raises:
        AuditRefused: RECEIPT_FORMAT.
    """
    if len(data) > MAX_RECEIPT_BYTES:
        raise AuditRefused(
            AuditCode.RECEIPT_FORMAT,
            "{size} bytes, more than {limit}",
            size=len(data),
            limit=MAX_RECEIPT_BYTES,
        )
    try:
        with decoding():
            return msgspec.json.decode(data, type=Receipt)
    except msgspec.MsgspecError as error:
        raise AuditRefused(AuditCode.RECEIPT_FORMAT, "{error}", error=error) from error


class Named(NamedTuple):
    """An election, as a receipt says which it is."""

    id: str
    name: str


def make(election: Named, leaf: bytes, proof: LogProof, cut: CutProof) -> Receipt:
    """A receipt; ``leaf`` is the acta, ``proof`` that it is in the log."""
    return Receipt(
        format=FORMAT,
        election=election.id,
        name=election.name,
        leaf=leaf.decode(),
        proof=proof.encode().decode(),
        cut=cut,
    )


def shorten(receipt: Receipt, log: Sequence[Verifier], limit: int = MAX_QR_BYTES) -> Receipt:
    """The short form, for a QR code: without cut, with the cosignatures that fit.

    Raises:
        AuditRefused: TOO_LARGE, RECEIPT_FORMAT.
    """
    try:
        proof = LogProof.parse(receipt.proof.encode())
        text, lines = split_note(proof.checkpoint)
        own = [line for line in lines if any(is_line_of(line, key) for key in log)]
    except (ProofError, NoteError) as error:
        raise AuditRefused(AuditCode.RECEIPT_FORMAT, "{error}", error=error) from error
    kept = _short(receipt, proof, text, own)
    if len(encode(kept)) > limit:
        raise AuditRefused(AuditCode.TOO_LARGE, "{size} bytes", size=len(encode(kept)))
    for line in lines:
        longer = _short(receipt, proof, text, [*own, line])
        if line not in own and len(encode(longer)) <= limit:
            own, kept = [*own, line], longer
    return kept


def _short(receipt: Receipt, proof: LogProof, text: str, lines: Sequence[str]) -> Receipt:
    note = "".join(f"{line}\n" for line in (text, *lines)).encode()
    shorter = LogProof(proof.index, proof.hashes, note)
    return structs.replace(receipt, proof=shorter.encode().decode(), cut=None)


def verify(receipt: Receipt, keys: Keys) -> Verified:
    """What ``receipt`` proves to one who believes ``keys``.

    Raises:
        AuditRefused: RECEIPT_FORMAT, RECEIPT_KEYS or RECEIPT_PROOF.
    """
    entry = receipt.leaf.encode()
    leaf = _acta_leaf(entry)
    try:
        proof = LogProof.parse(receipt.proof.encode())
        opened = proof.verify(
            entry, origin=keys.origin, log=keys.verifiers, witnesses=keys.witnesses
        )
    except (NoteError, CheckpointError) as error:
        raise AuditRefused(AuditCode.RECEIPT_KEYS, "{error}", error=error) from error
    except ProofError as error:
        raise AuditRefused(AuditCode.RECEIPT_PROOF, "{error}", error=error) from error
    cut = None if receipt.cut is None else _cut(receipt.cut, opened.checkpoint)
    _check_keys(receipt, keys, opened, cut)
    return Verified(
        leaf=leaf,
        index=proof.index,
        checkpoint=opened.checkpoint,
        signed_by=tuple(signer.name for signer in opened.signed_by),
        cosigned=tuple(
            Cosigned(cosignature.verifier.name, datetime.fromtimestamp(cosignature.time or 0, UTC))
            for cosignature in keys.standing(opened.cosignatures)
        ),
        cut=cut,
    )


def _acta_leaf(entry: bytes) -> ActaLeaf:
    try:
        leaf = decode_leaf(entry)
    except LeafError as error:
        raise AuditRefused(AuditCode.RECEIPT_FORMAT, "{error}", error=error) from error
    if not isinstance(leaf, ActaLeaf):
        raise AuditRefused(AuditCode.RECEIPT_FORMAT, "the leaf is not that of an acta")
    return leaf


def _cut(claimed: CutProof, checkpoint: Checkpoint) -> CutLeaf:
    """The cut that the checkpoint ends in."""
    entry, size = claimed.leaf.encode(), checkpoint.size
    try:
        leaf = decode_leaf(entry)
        hashes = [base64.b64decode(digest, validate=True) for digest in claimed.hashes]
    except ValueError as error:
        raise AuditRefused(AuditCode.RECEIPT_FORMAT, "cut: {error}", error=error) from error
    held = verify_inclusion(leaf_hash(entry), size - 1, size, hashes, checkpoint.root)
    if not isinstance(leaf, CutLeaf) or not held:
        raise AuditRefused(AuditCode.RECEIPT_PROOF, "the cut is not the last leaf of the log")
    return leaf


def _check_keys(
    receipt: Receipt, keys: Keys, opened: OpenedCheckpoint, cut: CutLeaf | None
) -> None:
    """The key must have been one that signs that cut; the election, the one it is trusted for."""
    if keys.trust is not None and receipt.election != keys.trust.election:
        raise AuditRefused(
            AuditCode.RECEIPT_KEYS,
            "the receipt is of {election!r}, the trust root of {believed}",
            election=receipt.election,
            believed=keys.trust.election,
        )
    if cut is not None:
        if not keys.may_sign(opened.signed_by, cut.cut):
            raise AuditRefused(
                AuditCode.RECEIPT_KEYS, "the key may not sign cut {cut}", cut=cut.cut
            )
        return
    unlimited = [key.verifier for key in keys.log if key.until_cut is None]
    if not any(signer in unlimited for signer in opened.signed_by):
        raise AuditRefused(
            AuditCode.RECEIPT_KEYS,
            "the key was ended, and the short form does not say for which cut it signed",
        )
