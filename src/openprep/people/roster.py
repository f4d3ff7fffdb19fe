"""The signed list of the people of a house (*nómina de personas*), for places without network, too.

It has the form of a signed note (https://c2sp.org/signed-note), larger than one may be: its first
line says what it is, the second has the list as JSON, and the authority's key signs both. No name
is in it: a person is a sign-in name, a pseudonym, a role, and the places where to work.

The hashes and the secrets of one-time codes stand in it as they are: whoever checks them without a
network must be able to read them, and a key to unseal them would lie beside it. So the file is its
owner's only, and is refused where it is not (:mod:`openprep.private`).
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, NamedTuple, TypeAlias

import msgspec
from msgspec import Meta, Struct

from openprep.capture.steps import Pseudonym
from openprep.clock import Moment
from openprep.decoding import decoding
from openprep.people.codes import RosterCode, RosterRefused
from openprep.people.one_time_codes import CodeSecret
from openprep.people.passwords import PasswordHash
from openprep.people.roles import Role
from openprep.private import Exposed, read_private
from openprep.record.facts import StationId
from openprep.wire.note import NoteError, Signer, Verifier, verify_line

ORIGIN = "openprep/people/v1"
"""The first line: a signature made for a list is worth nothing elsewhere, nor another's here."""

MAX_BYTES = 4 * 1024 * 1024
MAX_PEOPLE = 5_000
MAX_PLACES = 200
MAX_SIGNATURE = 400

SIGN_IN_NAME = r"^[a-z][a-z0-9]{0,15}\Z"
SignInName: TypeAlias = Annotated[str, Meta(pattern=SIGN_IN_NAME)]
"""What a person types: short, no accent, nothing of the name."""


class Person(Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the list. Who works in two roles has two, and one pseudonym."""

    sign_in: SignInName
    person: Pseudonym
    role: Role
    places: Annotated[tuple[StationId, ...], Meta(min_length=1, max_length=MAX_PLACES)]
    password: PasswordHash
    code: CodeSecret

    @property
    def proof(self) -> str:
        """Digest of what the person signs in by: another one with another password or secret."""
        return sha256(f"{self.password}\n{self.code}".encode()).hexdigest()

    def __repr__(self) -> str:
        """Without what would let somebody in: texts like this end in logs."""
        return f"Person({self.sign_in!r}, {self.role})"


class Roster(Struct, frozen=True, forbid_unknown_fields=True):
    """The people of a house; ``number`` grows with each list, and is never used twice."""

    election: Annotated[str, Meta(min_length=1, max_length=100)]
    number: Annotated[int, Meta(ge=1, le=2**53)]
    valid_from: Moment
    valid_until: Moment
    people: Annotated[tuple[Person, ...], Meta(max_length=MAX_PEOPLE)]

    def by_sign_in(self) -> Mapping[str, Person]:
        """Everybody, by the name that is typed."""
        return {one.sign_in: one for one in self.people}


class SignedRoster(NamedTuple):
    """A list whose signature was verified, and the digest of what was signed."""

    roster: Roster
    digest: str


class Seen(NamedTuple):
    """The newest list that a house used."""

    number: int
    digest: str


def signer_name(election: str) -> str:
    """The name under which an election's authority signs its people."""
    return f"{election}/people"


def seal_roster(roster: Roster, signer: Signer) -> bytes:
    """The list under the authority's signature."""
    text = f"{ORIGIN}\n{msgspec.json.encode(roster).decode()}\n"
    return f"{text}\n{signer.sign(text.encode())}".encode()


def open_roster(data: bytes, verifier: Verifier) -> SignedRoster:
    """The list in ``data``, signed by that key for the election that the key is of.

    Raises:
        RosterRefused: MALFORMED, NOT_SIGNED or OTHER_ELECTION.
    """
    text, line = _parts(data)
    try:
        verify_line(text, line, [verifier])
    except NoteError as error:
        raise RosterRefused(RosterCode.NOT_SIGNED, "{error}", error=error) from error
    roster = _decoded(text)
    if signer_name(roster.election) != verifier.name:
        raise RosterRefused(
            RosterCode.OTHER_ELECTION,
            "the list is of {election}, the key {key}",
            election=roster.election,
            key=verifier.name,
        )
    return SignedRoster(roster, sha256(text.encode()).hexdigest())


def _parts(data: bytes) -> tuple[str, str]:
    if len(data) > MAX_BYTES:
        raise RosterRefused(RosterCode.MALFORMED, "it has more than {limit} bytes", limit=MAX_BYTES)
    try:
        head, blank, line = data.decode().rpartition("\n\n")
    except UnicodeDecodeError:
        raise RosterRefused(RosterCode.MALFORMED, "it is not UTF-8") from None
    if not blank or not line.endswith("\n") or "\n" in line[:-1] or len(line) > MAX_SIGNATURE:
        raise RosterRefused(RosterCode.MALFORMED, "it does not end with one signature")
    return head + "\n", line[:-1]


def _decoded(text: str) -> Roster:
    """What stands in a text that is the authority's own.

    What the decoder says is not told: it may cite what it refuses.
    """
    origin, _, body = text.partition("\n")
    if origin != ORIGIN:
        raise RosterRefused(RosterCode.MALFORMED, "it does not begin with {origin}", origin=ORIGIN)
    try:
        with decoding():
            roster = msgspec.json.decode(body, type=Roster)
    except msgspec.DecodeError:
        raise RosterRefused(RosterCode.MALFORMED, "a field is missing or wrong") from None
    if len(roster.by_sign_in()) != len(roster.people):
        raise RosterRefused(RosterCode.MALFORMED, "two people have one sign-in name")
    return roster


def check_time(roster: Roster, now: datetime) -> None:
    """See that the list is good now.

    Raises:
        RosterRefused: EXPIRED or NOT_YET.
    """
    if now >= roster.valid_until:
        raise RosterRefused(
            RosterCode.EXPIRED, "it was good until {until}", until=roster.valid_until.isoformat()
        )
    if now < roster.valid_from:
        raise RosterRefused(
            RosterCode.NOT_YET, "it is good from {since}", since=roster.valid_from.isoformat()
        )


def check_newest(signed: SignedRoster, seen: Seen | None) -> None:
    """See that no newer list was used here, nor another one of the same number.

    Raises:
        RosterRefused: OLDER.
    """
    number = signed.roster.number
    if seen is None or number > seen.number or (number, signed.digest) == seen:
        return
    raise RosterRefused(
        RosterCode.OLDER, "number {number}, after {seen}", number=number, seen=seen.number
    )


def read_roster(path: Path, verifier: Verifier) -> SignedRoster:
    """The list in a file of its owner's only.

    Raises:
        RosterRefused: EXPOSED, UNREADABLE, or as :func:`open_roster`.
    """
    try:
        data = read_private(path, MAX_BYTES + 1)
    except Exposed as error:
        raise RosterRefused(RosterCode.EXPOSED, "{path}", path=path) from error
    except OSError as error:
        raise RosterRefused(
            RosterCode.UNREADABLE, "{path}: {error}", path=path, error=error.strerror
        ) from error
    return open_roster(data, verifier)
