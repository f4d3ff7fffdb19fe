"""Whoever answers for the people: a key that signs their lists, and the secret of pseudonyms.

Both stay on the authority's machine. Who has the secret can tell whose a pseudonym is; who loses it
gives everybody another one in the next list, so that one person could be two: it is copied as the
key is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.bounded import first_of_file
from openprep.capture.steps import Pseudonym
from openprep.durable import make_folder, write_durably
from openprep.people.codes import AuthorityCode, AuthorityRefused, RosterCode, RosterRefused
from openprep.people.pseudonyms import SECRET_BYTES, pseudonym_of
from openprep.people.roster import Roster, seal_roster, signer_name
from openprep.private import Exposed, create_private, read_private
from openprep.wire.note import KeyKind, NoteError, Signer, Verifier

KEY_FILE = "people.key"
SECRET_FILE = "people.secret"  # noqa: S105 - a name of a file
PUBLIC_FILE = "people.pub"
_MAX_PUBLIC = 1000


@dataclass(frozen=True)
class Authority:
    """The key and the secret of one election."""

    election: str
    signer: Signer
    secret: bytes

    def pseudonym(self, known_by: str) -> Pseudonym:
        """The pseudonym of the person whom the authority knows by this id."""
        return pseudonym_of(self.secret, self.election, known_by)

    def seal(self, roster: Roster) -> bytes:
        """The list under the authority's signature."""
        return seal_roster(roster, self.signer)

    def __repr__(self) -> str:
        return f"Authority({self.election!r})"


def make_authority(folder: Path, election: str) -> Verifier:
    """Make the key and the secret in ``folder``, and the public half beside them.

    What a start that was cut short left is used: the public half is written last.

    Raises:
        AuthorityRefused: NAME, EXISTS, NOT_KEPT, UNUSABLE or EXPOSED.
    """
    _check_name(election)
    public = folder / PUBLIC_FILE
    if public.exists():
        raise AuthorityRefused(AuthorityCode.EXISTS, "{path}", path=public)
    try:
        make_folder(folder)
        _have(folder / KEY_FILE, lambda: Ed25519PrivateKey.generate().private_bytes_raw())
        _have(folder / SECRET_FILE, lambda: token_bytes(SECRET_BYTES))
        verifier = _signer(folder, election).verifier
        write_durably(public, f"{verifier}\n".encode())
    except OSError as error:
        raise AuthorityRefused(
            AuthorityCode.NOT_KEPT, "{folder}: {error}", folder=folder, error=error.strerror
        ) from error
    return verifier


def _check_name(election: str) -> None:
    try:
        Signer(signer_name(election), Ed25519PrivateKey.generate())
    except NoteError as error:
        raise AuthorityRefused(AuthorityCode.NAME, "{error}", error=error) from error
    if not election or len(election) > 100:
        raise AuthorityRefused(AuthorityCode.NAME, "it is empty or has more than 100 characters")


def _have(path: Path, make: Callable[[], bytes]) -> None:
    if not path.exists():
        create_private(path, f"{make().hex()}\n".encode())


def load_authority(folder: Path) -> Authority:
    """The authority whose files are in ``folder``.

    Raises:
        AuthorityRefused: UNUSABLE or EXPOSED.
    """
    try:
        verifier = load_public(folder / PUBLIC_FILE)
    except RosterRefused as error:
        raise AuthorityRefused(AuthorityCode.UNUSABLE, "{detail}", detail=error.text) from error
    election = verifier.name.removesuffix("/people")
    signer = _signer(folder, election)
    if signer.verifier != verifier:
        raise AuthorityRefused(
            AuthorityCode.UNUSABLE,
            "{public} is not of {key}",
            public=folder / PUBLIC_FILE,
            key=folder / KEY_FILE,
        )
    return Authority(election, signer, _secret(folder / SECRET_FILE))


def load_public(path: Path) -> Verifier:
    """The public half in a file, as a house is given it.

    Raises:
        RosterRefused: KEY.
    """
    try:
        verifier = Verifier.parse(first_of_file(path, _MAX_PUBLIC).decode())
    except UnicodeDecodeError:
        raise RosterRefused(RosterCode.KEY, "{path}: no text", path=path) from None
    except NoteError as error:
        raise RosterRefused(RosterCode.KEY, "{path}: {error}", path=path, error=error) from None
    except OSError as error:
        raise RosterRefused(
            RosterCode.KEY, "{path}: {error}", path=path, error=error.strerror
        ) from error
    if verifier.kind is not KeyKind.NOTE or not verifier.name.endswith("/people"):
        raise RosterRefused(
            RosterCode.KEY, "{path}: {name} signs no people", path=path, name=verifier.name
        )
    return verifier


def keep_new(path: Path, data: bytes) -> None:
    """Keep a list or a sheet in a new file of its owner's only, durable when this returns.

    Raises:
        AuthorityRefused: EXISTS or NOT_KEPT.
    """
    try:
        create_private(path, data)
    except FileExistsError as error:
        raise AuthorityRefused(AuthorityCode.EXISTS, "{path}", path=path) from error
    except OSError as error:
        raise AuthorityRefused(
            AuthorityCode.NOT_KEPT, "{path}: {error}", path=path, error=error.strerror
        ) from error


def _signer(folder: Path, election: str) -> Signer:
    key = Ed25519PrivateKey.from_private_bytes(_secret(folder / KEY_FILE))
    return Signer(signer_name(election), key)


def _secret(path: Path) -> bytes:
    """Thirty-two bytes in hex, of a file that nobody else reads."""
    try:
        secret = bytes.fromhex(read_private(path, 2 * SECRET_BYTES + 2).decode("ascii").strip())
    except Exposed as error:
        raise AuthorityRefused(AuthorityCode.EXPOSED, "{path}", path=path) from error
    except OSError as error:
        raise AuthorityRefused(
            AuthorityCode.UNUSABLE, "{path}: {error}", path=path, error=error.strerror
        ) from error
    except ValueError:
        # Not chained: the error carries what was read.
        raise AuthorityRefused(AuthorityCode.UNUSABLE, "{path}: no hex", path=path) from None
    if len(secret) != SECRET_BYTES:
        raise AuthorityRefused(AuthorityCode.UNUSABLE, "{path}: it is cut off", path=path)
    return secret
