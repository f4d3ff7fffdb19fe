"""A house's own folder: what is in it, the lock of the process that works there, its secret."""

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from openprep.bounded import TooMany, whole_file
from openprep.capture.work.policy import Policy
from openprep.decoding import decoding
from openprep.desks.serving.codes import HouseCode, HouseTrouble
from openprep.durable import make_folder
from openprep.private import create_private, read_private
from openprep.record.codes import reporting

_SECRET_BYTES = 32
_MAX_POLICY_BYTES = 64 * 1024


@dataclass(frozen=True)
class HouseFolder:
    """Where a house keeps what it has."""

    root: Path

    @property
    def journal(self) -> Path:
        """What its places sealed."""
        return self.root / "journal.sqlite"

    @property
    def pictures(self) -> Path:
        """The images: published ones, those for the screen, and as they came."""
        return self.root / "pictures"

    @property
    def drafts(self) -> Path:
        """What people typed and did not save yet."""
        return self.root / "drafts.sqlite"

    @property
    def sessions(self) -> Path:
        """Who is signed in."""
        return self.root / "sessions.sqlite"

    @property
    def secret(self) -> Path:
        """The key of its tickets."""
        return self.root / "tickets.secret"

    @property
    def delivery(self) -> Path:
        """How the delivery stands, for whoever looks beside the process."""
        return self.root / "delivery.json"


@contextmanager
def working_in(root: Path) -> Iterator[HouseFolder]:
    """The folder of a house, made if there is none, while this process alone works there.

    Raises:
        HouseTrouble: TAKEN.
        RecordTrouble: the folder cannot be written.
    """
    with reporting(root):
        make_folder(root)
        root.chmod(0o700)
        lock = (root / "lock").open("ab")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise HouseTrouble(HouseCode.TAKEN, "{root}", root=root) from error
        yield HouseFolder(root)


def ticket_secret(path: Path) -> bytes:
    """The secret at ``path``, drawn at the first start.

    Raises:
        HouseTrouble: SECRET.
    """
    try:
        with suppress(FileExistsError):
            create_private(path, secrets.token_hex(_SECRET_BYTES).encode())
        secret = bytes.fromhex(read_private(path, 4 * _SECRET_BYTES).decode("ascii"))
    except (OSError, ValueError) as error:
        raise HouseTrouble(
            HouseCode.SECRET, "{path}: {kind}", path=path, kind=type(error).__name__
        ) from None
    if len(secret) != _SECRET_BYTES:
        raise HouseTrouble(HouseCode.SECRET, "{path}: cut short", path=path)
    return secret


def read_policy(path: Path) -> Policy:
    """How work is handed out, as a file of the authority says.

    Raises:
        HouseTrouble: POLICY.
    """
    try:
        data = whole_file(path, _MAX_POLICY_BYTES)
        with decoding():
            return msgspec.json.decode(data, type=Policy)
    except (OSError, TooMany, msgspec.DecodeError) as error:
        raise HouseTrouble(HouseCode.POLICY, "{path}: {error}", path=path, error=error) from error
