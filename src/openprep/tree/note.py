"""Signed notes (C2SP ``signed-note``): a text, and lines that sign it with Ed25519.

A note is readable in any editor and verifiable by other people's tools (Go's ``sumdb/note``). A
signature from an unknown key is ignored, a wrong one from a known key makes the note worthless, as
the specification asks (https://c2sp.org/signed-note).
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519 = b"\x01"
_SIGNATURE_PREFIX = "\N{EM DASH} "
MAX_NOTE_BYTES = 64 * 1024
MAX_SIGNATURES = 100


class NoteError(ValueError):
    """The bytes are not a signed note, or a known key's signature does not match."""


def _check_name(name: str) -> None:
    if not name or "+" in name or any(character.isspace() for character in name):
        raise NoteError(f"{name!r} cannot name a key: no spaces and no plus sign")


def _key_hash(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


@dataclass(frozen=True)
class Verifier:
    """A public key with the name under which it signs."""

    name: str
    public: bytes

    @property
    def key_hash(self) -> bytes:
        """Four bytes that tell this key from others of the same name."""
        return _key_hash(self.name, self.public)

    @classmethod
    def parse(cls, text: str) -> "Verifier":
        """Read the form ``name+hash+base64`` that other tools print.

        Raises:
            NoteError: it is not an Ed25519 verifier key, or its hash does not match.
        """
        try:
            name, hash_hex, encoded = text.strip().split("+", 2)
            material = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error) as error:
            raise NoteError(f"not a verifier key: {text[:80]!r}") from error
        _check_name(name)
        verifier = cls(name, material[1:])
        if material[:1] != _ED25519 or len(verifier.public) != 32:
            raise NoteError(f"{name}: only Ed25519 keys are known here")
        if verifier.key_hash.hex() != hash_hex:
            raise NoteError(f"{name}: the key's hash is {verifier.key_hash.hex()}, not {hash_hex}")
        return verifier

    def __str__(self) -> str:
        material = base64.b64encode(_ED25519 + self.public).decode()
        return f"{self.name}+{self.key_hash.hex()}+{material}"

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Whether ``signature`` is this key's over ``text``."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            return False
        return True


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
        blob = self.verifier.key_hash + self.private.sign(text)
        return f"{_SIGNATURE_PREFIX}{self.name} {base64.b64encode(blob).decode()}\n"


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
    text, lines = _split(note)
    by_identity: Mapping[tuple[str, bytes], Verifier] = {
        (verifier.name, verifier.key_hash): verifier for verifier in known
    }
    signed_by: dict[tuple[str, bytes], Verifier] = {}
    for line in lines:
        name, blob = _parse_signature(line)
        verifier = by_identity.get((name, blob[:4]))
        if verifier is None:
            continue
        if not verifier.verify(text.encode(), blob[4:]):
            raise NoteError(f"the signature of {name} does not match the note")
        signed_by[name, blob[:4]] = verifier
    if not signed_by:
        raise NoteError("no known key signed the note")
    return text, tuple(signed_by.values())


def _split(note: bytes) -> tuple[str, list[str]]:
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
    except binascii.Error as error:
        raise NoteError("a signature line is not base64") from error
    if not line.startswith(_SIGNATURE_PREFIX) or not separator or not name or len(blob) < 5:
        raise NoteError(f"not a signature line: {line[:80]!r}")
    return name, blob
