"""Signed notes (C2SP ``signed-note``): a text, and lines that sign it with Ed25519.

A note is readable in any editor and verifiable by other people's tools (Go's ``sumdb/note``). A
signature from an unknown key is ignored, a wrong one from a known key makes the note worthless, as
the specification asks (https://c2sp.org/signed-note).

Keys are of two kinds. A *note* key signs the text; a *cosignature* key, of a witness, signs a time
and the text, and thereby says that it had seen no larger tree of that log by then
(https://c2sp.org/tlog-cosignature). One and the same pair must never be used as both.
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_SIGNATURE_PREFIX = "\N{EM DASH} "
_TIME_BYTES = 8
MAX_TIME = 32_503_680_000
"""The year 3000: a cosignature that claims a later time counts as none, not as a wrong one."""
MAX_NOTE_BYTES = 64 * 1024
MAX_SIGNATURES = 100


class NoteError(ValueError):
    """The bytes are not a signed note, or a known key's signature does not match."""


class KeyKind(Enum):
    """What a key signs; the value is its byte in the specification."""

    NOTE = 0x01
    """The text (Ed25519)."""
    COSIGNATURE = 0x04
    """A time and the text (Ed25519, ``cosignature/v1``)."""


PRIVATE_MARKS = ("PRIVATE KEY", "AGE-SECRET-KEY", "age-encryption.org/v1")
"""What private keys say of themselves: PEM, age identities, and a member's key in its age file."""
_AGE_RECIPIENT = "age1"


def unshown(text: str) -> str:
    """What to call a text that should have been a public key, and may be a secret: never itself.

    Whoever gives the private half by mistake does so on a projector, or where it is logged.
    """
    if any(mark in text for mark in PRIVATE_MARKS):
        return "this is a private key: give its public half (.pub); nothing of it is shown here"
    if not text.strip():
        return "nothing is there"
    if text.lstrip().startswith(_AGE_RECIPIENT):
        return "this is a key of age, which seals and does not sign"
    return f"a text of {len(text)} characters"


def _may_name(name: str) -> bool:
    return bool(name) and "+" not in name and name.isprintable() and " " not in name


def _check_name(name: str) -> None:
    if not _may_name(name):
        raise NoteError(f"{name!r} cannot name a key: no spaces and no plus sign")


def _cosigned(text: bytes, time: int) -> bytes:
    return b"cosignature/v1\ntime %d\n%b" % (time, text)


@dataclass(frozen=True)
class Verifier:
    """A public key with the name under which it signs."""

    name: str
    public: bytes
    kind: KeyKind = KeyKind.NOTE

    @property
    def key_hash(self) -> bytes:
        """Four bytes that tell this key from others of the same name."""
        return hashlib.sha256(self.name.encode() + b"\n" + self._material).digest()[:4]

    @property
    def _material(self) -> bytes:
        return bytes([self.kind.value]) + self.public

    @classmethod
    def parse(cls, text: str) -> "Verifier":
        """Read the form ``name+hash+base64`` that other tools print.

        Raises:
            NoteError: it is not an Ed25519 verifier key, or its hash does not match.
        """
        try:
            name, hash_hex, encoded = text.strip().split("+", 2)
            material = base64.b64decode(encoded, validate=True)
        except ValueError:
            # Not chained: a secret that could not be decoded would stand in the traceback.
            raise NoteError(f"not a verifier key (name+hash+base64): {unshown(text)}") from None
        if not _may_name(name):
            raise NoteError(f"not the name of a key: {unshown(text)}")
        kinds = {kind.value: kind for kind in KeyKind}
        if len(material) != 33 or material[0] not in kinds:
            raise NoteError(f"{name}: only Ed25519 keys are known here")
        verifier = cls(name, material[1:], kinds[material[0]])
        if verifier.key_hash.hex() != hash_hex:
            raise NoteError(f"{name}: the key's hash is {verifier.key_hash.hex()}, not {hash_hex}")
        return verifier

    def __str__(self) -> str:
        material = base64.b64encode(self._material).decode()
        return f"{self.name}+{self.key_hash.hex()}+{material}"

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Whether ``signature`` is this key's over ``text``, a cosignature at the time in it."""
        if self.kind is KeyKind.COSIGNATURE:
            text = _cosigned(text, cosigned_at(signature))
            signature = signature[_TIME_BYTES:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            return False
        return True


def cosigned_at(signature: bytes) -> int:
    """The time that a cosignature claims, in seconds since 1970; believe it once verified."""
    return int.from_bytes(signature[:_TIME_BYTES], "big")


@dataclass(frozen=True)
class Signer:
    """A private key with the name under which it signs."""

    name: str
    private: Ed25519PrivateKey

    def __post_init__(self) -> None:
        _check_name(self.name)

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self.name, self.private.public_key().public_bytes_raw())

    def sign(self, text: bytes) -> str:
        """The signature line for ``text``."""
        return _line(self.verifier, self.private.sign(text))


@dataclass(frozen=True)
class Cosigner:
    """A witness's private key with the name under which it cosigns."""

    name: str
    private: Ed25519PrivateKey

    def __post_init__(self) -> None:
        _check_name(self.name)

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        public = self.private.public_key().public_bytes_raw()
        return Verifier(self.name, public, KeyKind.COSIGNATURE)

    def cosign(self, text: bytes, time: int) -> str:
        """The signature line for ``text`` at ``time``, in whole seconds since 1970.

        Raises:
            NoteError: no reader counts a cosignature of such a time.
        """
        if not 0 <= time <= MAX_TIME:
            raise NoteError(f"{time} seconds is not a time of a cosignature")
        signature = self.private.sign(_cosigned(text, time))
        return _line(self.verifier, time.to_bytes(_TIME_BYTES, "big") + signature)


def _line(verifier: Verifier, signature: bytes) -> str:
    blob = base64.b64encode(verifier.key_hash + signature).decode()
    return f"{_SIGNATURE_PREFIX}{verifier.name} {blob}\n"


@dataclass(frozen=True)
class Signature:
    """A verified signature. ``time`` is a cosignature's, in seconds since 1970."""

    verifier: Verifier
    time: int | None = None

    @property
    def in_time(self) -> bool:
        """Whether it is of a time that counts, if of any."""
        return self.time is None or self.time <= MAX_TIME


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise NoteError("a note's text ends with a newline")
    if any(ord(character) < 0x20 and character != "\n" for character in text):
        raise NoteError("a note's text has no control characters")


def sign_note(text: str, signers: Iterable[Signer]) -> bytes:
    """The signed note over ``text``, which must end with a newline.

    Raises:
        NoteError: the text cannot be signed as a note.
    """
    _check_text(text)
    return (text + "\n" + "".join(signer.sign(text.encode()) for signer in signers)).encode()


def open_note(note: bytes, known: Iterable[Verifier]) -> tuple[str, tuple[Verifier, ...]]:
    """The note's text and the known keys that signed it, at least one.

    Raises:
        NoteError: malformed, too large, a known key's signature is wrong, or no known key signed.
    """
    text, signatures = open_signatures(note, known)
    return text, tuple(signature.verifier for signature in signatures)


def open_signatures(note: bytes, known: Iterable[Verifier]) -> tuple[str, tuple[Signature, ...]]:
    """The note's text and its signatures by known keys, the first of each key, at least one.

    Cosignatures of a time after :data:`MAX_TIME` are passed over.

    Raises:
        NoteError: malformed, too large, a known key's signature is wrong, or no known key signed.
    """
    text, lines = split_note(note)
    by_identity = {(verifier.name, verifier.key_hash): verifier for verifier in known}
    signed: dict[Verifier, Signature] = {}
    for line in lines:
        name, blob = _parse_signature(line)
        verifier = by_identity.get((name, blob[:4]))
        if verifier is not None:
            signature = _verified(verifier, text, blob[4:])
            if signature.in_time:
                signed.setdefault(verifier, signature)
    if not signed:
        raise NoteError("no known key signed the note")
    return text, tuple(signed.values())


def _verified(verifier: Verifier, text: str, signature: bytes) -> Signature:
    if not verifier.verify(text.encode(), signature):
        raise NoteError(f"the signature of {verifier.name} does not match the note")
    timed = verifier.kind is KeyKind.COSIGNATURE
    return Signature(verifier, cosigned_at(signature) if timed else None)


def verify_line(text: str, line: str, known: Iterable[Verifier]) -> Signature:
    """The signature in one ``line`` (without its newline) over ``text``, by a known key.

    Raises:
        NoteError: malformed, by an unknown key, wrong, or of a time after :data:`MAX_TIME`.
    """
    name, blob = _parse_signature(line)
    for verifier in known:
        if (verifier.name, verifier.key_hash) == (name, blob[:4]):
            signature = _verified(verifier, text, blob[4:])
            if not signature.in_time:
                raise NoteError(f"{name} cosigned at a time that does not count")
            return signature
    raise NoteError(f"{name} is not a key that is known here")


def is_line_of(line: str, verifier: Verifier) -> bool:
    """Whether a signature line says that it is by that key.

    Raises:
        NoteError: it is not a signature line.
    """
    name, blob = _parse_signature(line)
    return (verifier.name, verifier.key_hash) == (name, blob[:4])


def split_note(note: bytes) -> tuple[str, list[str]]:
    """A note's text and its signature lines without their newlines, none of them verified.

    Raises:
        NoteError: malformed or too large.
    """
    if len(note) > MAX_NOTE_BYTES:
        raise NoteError(f"the note has {len(note)} bytes, more than {MAX_NOTE_BYTES}")
    try:
        decoded = note.decode()
    except UnicodeDecodeError as error:
        raise NoteError("the note is not UTF-8") from error
    head, separator, signatures = decoded.rpartition("\n\n")
    if not separator or not signatures.endswith("\n"):
        raise NoteError("the note has no signature block")
    text = head + "\n"
    _check_text(text)
    lines = signatures[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteError(f"the note has {len(lines)} signatures, more than {MAX_SIGNATURES}")
    return text, lines


def _parse_signature(line: str) -> tuple[str, bytes]:
    name, separator, encoded = line.removeprefix(_SIGNATURE_PREFIX).partition(" ")
    try:
        blob = base64.b64decode(encoded, validate=True)
    except ValueError as error:
        raise NoteError("a signature line is not base64") from error
    if not line.startswith(_SIGNATURE_PREFIX) or not separator or not name or len(blob) < 5:
        raise NoteError(f"not a signature line: {unshown(line)}")
    return name, blob
