"""The centre's signing key: made once, kept in one file that only its owner reads."""

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.coded import CodedError, Text
from openprep.cuts.codes import PublicationCode
from openprep.durable import make_folder
from openprep.private import Exposed, create_private, read_private
from openprep.wire.note import Signer

KEY_FILE = "center.key"
"""Where a centre keeps it, in its own folder."""

_MAX_KEY_BYTES = 16 * 1024


class KeyUnusable(CodedError[PublicationCode]):
    """The key file cannot be used, and why."""

    def __init__(self, path: Path, template: str, /, **facts: object) -> None:
        reason = Text(template, facts)
        super().__init__(PublicationCode.KEY_UNUSABLE, "{path}: {reason}", path=path, reason=reason)


def signer_name(election: str) -> str:
    """Name under which the centre of an election signs its cuts."""
    return f"{election}/center"


def make_key(path: Path) -> None:
    """Make a new key at ``path``.

    Raises:
        KeyUnusable: there is a file already; a key is never replaced in passing.
    """
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    make_folder(path.parent)
    try:
        create_private(path, pem)
    except FileExistsError as error:
        raise KeyUnusable(
            path, "there is a key already: `openprep center show` prints its public half"
        ) from error


def load_signer(path: Path, election: str) -> Signer:
    """The centre's signer from its key file.

    Raises:
        KeyUnusable: missing, unreadable, readable by others, or not Ed25519.
    """
    try:
        key = serialization.load_pem_private_key(read_private(path, _MAX_KEY_BYTES), None)
    except Exposed as error:
        raise KeyUnusable(path, "others may read it: chmod 600") from error
    except FileNotFoundError as error:
        raise KeyUnusable(
            path, "there is no key: is it this folder? `center init` makes one, a copy has it"
        ) from error
    except (OSError, ValueError) as error:
        raise KeyUnusable(path, "{error}", error=error) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(path, "it is not an Ed25519 key")
    return Signer(signer_name(election), key)
