"""A publisher's exclusive keys: made at home, kept in one folder, only the public halves leave it.

Three keys, because they are used for three things: ``request.key`` signs requests to the centre,
``recipient.key`` (an age identity, as ``age-keygen`` writes it) opens packages, ``cosigner.key``
signs checkpoints of the log.
"""

import errno
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from openprep.coded import Coded, CodedError
from openprep.durable import make_folder, sync_folder
from openprep.private import Exposed, create_private, read_private

REQUEST = "request.key"
RECIPIENT = "recipient.key"
COSIGNER = "cosigner.key"
_LONGEST_FILE = 512


class PublisherKeyCode(Coded):
    """What keeps a publisher's keys from being made or used."""

    EXISTS = (
        "S101",
        "There are keys already (`openprep mirror show` has their request): move them away first.",
    )
    UNUSABLE = ("S102", "A key cannot be used: bring it back from its copy, or enrol new ones.")
    EXPOSED = ("S103", "Others may read a key: take the right away (chmod 600), or enrol new ones.")


class PublisherKeyTrouble(CodedError[PublisherKeyCode]):
    """The keys cannot be made or used, and why."""


class PublicHalves(Struct, frozen=True):
    """What a publisher hands over to be enrolled. Ed25519 keys in hex, an age recipient."""

    request_key: str
    recipient: str
    cosigner_key: str


@dataclass(frozen=True)
class PublisherKeys:
    """``identity`` is an age identity (``AGE-SECRET-KEY-1…``)."""

    request_key: Ed25519PrivateKey
    identity: str
    cosigner_key: Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"PublisherKeys({self.public})"

    @property
    def public(self) -> PublicHalves:
        """The halves that may be known."""
        return PublicHalves(
            request_key=self.request_key.public_key().public_bytes_raw().hex(),
            recipient=str(pyrage.x25519.Identity.from_str(self.identity).to_public()),
            cosigner_key=self.cosigner_key.public_key().public_bytes_raw().hex(),
        )


def generate_keys() -> PublisherKeys:
    """New keys, in memory only."""
    return PublisherKeys(
        Ed25519PrivateKey.generate(),
        str(pyrage.x25519.Identity.generate()),
        Ed25519PrivateKey.generate(),
    )


def make_publisher_keys(folder: Path) -> PublisherKeys:
    """Make all three keys and keep them in ``folder``, for its owner only: all of them or none.

    Raises:
        PublisherKeyTrouble: EXISTS, ``folder`` is there and not empty (keys are never replaced in
            passing); UNUSABLE, they cannot be kept.
    """
    keys = generate_keys()
    try:
        make_folder(folder.parent)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            for name, text in _texts(keys).items():
                create_private(draft / name, f"{text}\n".encode())
            draft.rename(folder)  # refuses to replace a folder that holds anything
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        sync_folder(folder.parent)
    except OSError as error:
        there = error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)
        code = PublisherKeyCode.EXISTS if there else PublisherKeyCode.UNUSABLE
        raise PublisherKeyTrouble(
            code, "{folder}: {strerror}", folder=folder, strerror=error.strerror
        ) from error
    return keys


def load_publisher_keys(folder: Path) -> PublisherKeys:
    """The keys kept in ``folder``.

    Raises:
        PublisherKeyTrouble: EXPOSED or UNUSABLE (missing, or not a key).
    """
    return PublisherKeys(
        _load_signing_key(folder / REQUEST),
        _load_identity(folder / RECIPIENT),
        _load_signing_key(folder / COSIGNER),
    )


def _texts(keys: PublisherKeys) -> Mapping[str, str]:
    return {
        REQUEST: keys.request_key.private_bytes_raw().hex(),
        RECIPIENT: keys.identity,
        COSIGNER: keys.cosigner_key.private_bytes_raw().hex(),
    }


def _load_signing_key(path: Path) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(_read(path)))
    except ValueError as error:
        raise PublisherKeyTrouble(
            PublisherKeyCode.UNUSABLE, "{path}: not a key", path=path
        ) from error


def _load_identity(path: Path) -> str:
    """An age identity; lines that begin with ``#`` are comments, as ``age-keygen`` writes them."""
    lines = [line for line in _read(path).splitlines() if line and not line.startswith("#")]
    try:
        (line,) = lines
        pyrage.x25519.Identity.from_str(line)
    except (ValueError, pyrage.IdentityError) as error:
        raise PublisherKeyTrouble(
            PublisherKeyCode.UNUSABLE, "{path}: not an age identity", path=path
        ) from error
    return line


def _read(path: Path) -> str:
    try:
        return read_private(path, _LONGEST_FILE).decode("ascii").strip()
    except Exposed as error:
        raise PublisherKeyTrouble(PublisherKeyCode.EXPOSED, "{path}", path=path) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a key"
        raise PublisherKeyTrouble(
            PublisherKeyCode.UNUSABLE, "{path}: {reason}", path=path, reason=reason
        ) from error
