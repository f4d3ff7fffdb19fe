"""Members' keys: each made on its owner's machine, kept encrypted, known by its public half.

The private half is a PKCS #8 key in an age file under a passphrase, which age stretches with scrypt
(https://age-encryption.org/v1), so that each guess costs a second and hundreds of megabytes; other
tools open it too: ``age -d auditor.key | openssl pkey``. Beside it stands the public half,
``name+hash+base64`` in one line.
"""

from collections.abc import Callable
from pathlib import Path

import pyrage
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.bounded import first_of_file
from openprep.ceremony.codes import CeremonyCode, CeremonyRefused
from openprep.ceremony.passphrase import check_passphrase
from openprep.coded import Text, said
from openprep.durable import make_folder, write_durably
from openprep.private import Exposed, create_private, read_private
from openprep.wire.note import NoteError, Signer, Verifier

_AGE = b"age-encryption.org/v1"
_SCRYPT = b"\n-> scrypt "
_MAX_KEY_BYTES = 16 * 1024


def make_member_key(path: Path, name: str, passphrase: str) -> Verifier:
    """Make a key at ``path`` for the member ``name``; its public half goes to ``path.pub``.

    Raises:
        CeremonyRefused: PASSPHRASE_WEAK, KEY_EXISTS, or KEY_UNUSABLE if it cannot be kept.
    """
    check_passphrase(passphrase)
    return _make(path, name, lambda pem: bytes(pyrage.passphrase.encrypt(pem, passphrase)))


def make_online_key(path: Path, name: str) -> Verifier:
    """Make the centre's key for snapshots and timestamps: used unattended, so not encrypted.

    Raises:
        CeremonyRefused: KEY_EXISTS, or KEY_UNUSABLE if it cannot be kept.
    """
    return _make(path, name, lambda pem: pem)


def _make(path: Path, name: str, protect: Callable[[bytes], bytes]) -> Verifier:
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    try:
        verifier = Signer(name, private).verifier
        kept = b"" if path.exists() else protect(pem)
        make_folder(path.parent)
        create_private(path, kept)
        write_durably(public_path(path), f"{verifier}\n".encode())
    except FileExistsError as error:
        raise CeremonyRefused(CeremonyCode.KEY_EXISTS, "{path}", path=path) from error
    except (OSError, NoteError) as error:
        raise CeremonyRefused(
            CeremonyCode.KEY_UNUSABLE, "{path}: {error}", path=path, error=error
        ) from error
    return verifier


def public_path(path: Path) -> Path:
    """Where the public half of the key at ``path`` stands."""
    return path.with_name(f"{path.name}.pub")


def load_member_key(path: Path, passphrase: str) -> Ed25519PrivateKey:
    """The private half at ``path``.

    Raises:
        CeremonyRefused: PASSPHRASE_WRONG, KEY_EXPOSED or KEY_UNUSABLE.
    """
    kept = _read_private(path)
    if not kept.startswith(_AGE):
        raise CeremonyRefused(
            CeremonyCode.KEY_UNUSABLE,
            "{path}: {found}; a member's key is an encrypted file (age)",
            path=path,
            found=_instead_of_private(kept),
        )
    if _SCRYPT not in kept:
        raise CeremonyRefused(
            CeremonyCode.KEY_UNUSABLE,
            "{path}: it is sealed to a key, not by a passphrase as a member's key is",
            path=path,
        )
    try:
        pem = pyrage.passphrase.decrypt(kept, passphrase)
    except pyrage.DecryptError as error:
        raise CeremonyRefused(CeremonyCode.PASSPHRASE_WRONG, "{path}", path=path) from error
    try:
        key = serialization.load_pem_private_key(pem, None)
    except (TypeError, ValueError, UnsupportedAlgorithm):
        raise CeremonyRefused(
            CeremonyCode.KEY_UNUSABLE, "{path}: there is no key in it", path=path
        ) from None
    return _ed25519(path, key)


def load_online_key(path: Path) -> Ed25519PrivateKey:
    """The centre's online key at ``path``.

    Raises:
        CeremonyRefused: KEY_EXPOSED or KEY_UNUSABLE.
    """
    kept = _read_private(path)
    try:
        key = serialization.load_pem_private_key(kept, None)
    except (TypeError, ValueError, UnsupportedAlgorithm) as error:
        raise CeremonyRefused(
            CeremonyCode.KEY_UNUSABLE,
            "{path}: {found}; the centre's online key is made by --online",
            path=path,
            found=_instead_of_private(kept),
        ) from error
    return _ed25519(path, key)


def read_public_half(path: Path) -> Verifier:
    """The public half in the file at ``path``.

    Raises:
        CeremonyRefused: KEY_UNUSABLE.
    """
    try:
        return Verifier.parse(
            first_of_file(path, _MAX_KEY_BYTES).decode("utf-8-sig", errors="replace")
        )
    except (OSError, NoteError) as error:
        raise CeremonyRefused(
            CeremonyCode.KEY_UNUSABLE, "{path}: {error}", path=path, error=error
        ) from error


def _instead_of_private(kept: bytes) -> Text:
    """What stands where a private key should, as far as it can be said without showing any."""
    if _is_public(kept):
        return said("this is a public half (.pub): give the private key beside it")
    if kept.startswith(_AGE):
        return said("this is a member's key, encrypted")
    if b"PRIVATE KEY" in kept:
        return said("this is another private key, not encrypted by `ceremony key`")
    return said("there is no private key in it")


def _is_public(kept: bytes) -> bool:
    try:
        Verifier.parse(kept.decode(errors="replace"))
    except NoteError:
        return False
    return True


def _read_private(path: Path) -> bytes:
    """What is in a file that must be private; a public half, which need not be, is read, too."""
    try:
        try:
            return read_private(path, _MAX_KEY_BYTES)
        except Exposed as error:
            kept = first_of_file(path, _MAX_KEY_BYTES)
            if not _is_public(kept):
                raise CeremonyRefused(CeremonyCode.KEY_EXPOSED, "{path}", path=path) from error
            return kept
    except OSError as error:
        raise CeremonyRefused(
            CeremonyCode.KEY_UNUSABLE, "{path}: {error}", path=path, error=error
        ) from error


def _ed25519(path: Path, key: object) -> Ed25519PrivateKey:
    if not isinstance(key, Ed25519PrivateKey):
        raise CeremonyRefused(
            CeremonyCode.KEY_UNUSABLE, "{path}: it is not an Ed25519 key", path=path
        )
    return key
