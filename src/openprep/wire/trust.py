"""What the trust root vouches for: one JSON document, and the number by which a root is spoken.

``enrolment.json`` is the only target of the election's TUF repository
(https://theupdateframework.github.io/specification/latest/). It says which election this is, which
keys sign its log, which stations and publishers are enrolled, and the policy of the network. TUF
proves where the bytes come from; this module says what they may be. Pure: bytes in, facts out.
"""

import base64
import binascii
import hashlib
import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Self, TypeAlias
from urllib.parse import urlsplit

import msgspec
import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Meta, Struct
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root

from openprep.clock import Moment
from openprep.coded import Text, said
from openprep.decoding import decoding
from openprep.election.remit import Scopes
from openprep.plain import PLAIN_LINE
from openprep.wire.note import KeyKind, NoteError, Verifier, unshown

SCHEMA = 1
TARGET = "enrolment.json"
"""Name of the one TUF target."""

JOINED_ROOT = "joined.root.json"
"""The root whose number was spoken, in a folder of who joined it."""

JOINED_NUMBER = "joined.number"
"""Beside it: the number that was heard and compared."""

FOLDER = "trust"
"""Where the published tree keeps the trust root's files."""

MAX_ROOT_BYTES = 256 * 1024
MAX_TRUST_BYTES = 16 * 1024 * 1024
MAX_STATIONS = 60_000
MAX_PUBLISHERS = 500
MAX_LOG_KEYS = 32
MAX_ADDRESSES = 8

ELECTION_FIELD = "x-openprep-election"
DRILL_FIELD = "x-openprep-drill"
"""Fields of the signed part of every role: a root serves one election, or one drill of it, and what
its keys sign for one can never be shown for the other."""

ISSUED_FIELD = "x-openprep-issued"
"""Field of the signed part of a timestamp: when it was made, so that a slow clock is found out."""

FINGERPRINT_GROUPS = 8
_GROUP_DIGITS = 5

Id: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}\Z")]
"""As a station's id: safe in a file name and in a log line."""

Line: TypeAlias = Annotated[str, Meta(pattern=PLAIN_LINE, min_length=1, max_length=200)]
"""A name as people write it, in one line, all of it seen."""

ElectionId: TypeAlias = Annotated[str, Meta(pattern=r"^[^\x00-\x20\x7f+]{1,100}\Z")]
Digest: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
KeyText: TypeAlias = Annotated[str, Meta(max_length=400)]
Address: TypeAlias = Annotated[str, Meta(max_length=300)]
CutNumber: TypeAlias = Annotated[int, Meta(ge=0, le=2**53)]


class TrustError(ValueError):
    """The bytes are not what a trust root may vouch for, and why."""


class _Fact(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of the document; a field that is not known here is refused, not ignored."""


class LogKey(_Fact, frozen=True):
    """A key that signs the cuts from ``from_cut`` to ``until_cut``, both included.

    By number and not by time: whoever verifies an old cut needs no clock, and a key that was
    stolen and ended cannot sign any cut that is still to come.
    """

    key: KeyText
    from_cut: CutNumber = 0
    until_cut: CutNumber | None = None

    @property
    def verifier(self) -> Verifier:
        """The key itself."""
        return Verifier.parse(self.key)

    def signs(self, cut: int) -> bool:
        """Whether this key may sign cut number ``cut``."""
        return self.from_cut <= cut and (self.until_cut is None or cut <= self.until_cut)


class LogIdentity(_Fact, frozen=True):
    """The election's log: the origin line of its checkpoints, and its keys."""

    origin: Line
    keys: Annotated[tuple[LogKey, ...], Meta(min_length=1, max_length=MAX_LOG_KEYS)]

    @classmethod
    def of_one_key(cls, verifier: Verifier) -> Self:
        """A log that one key signs from its first cut to its last."""
        return cls(verifier.name, (LogKey(str(verifier)),))

    def verifiers_at(self, cut: int) -> tuple[Verifier, ...]:
        """Keys that may sign cut number ``cut``."""
        return tuple(key.verifier for key in self.keys if key.signs(cut))

    @property
    def verifiers(self) -> tuple[Verifier, ...]:
        """Every key, whatever cuts it signs."""
        return tuple(key.verifier for key in self.keys)


class StationEnrolment(_Fact, frozen=True):
    """A station, its Ed25519 public key in base64, and the areas and actas that it speaks for.

    What it ``reports`` first stands; what it ``corrects`` it may correct whoever reported it; what
    it ``captures`` its people capture (:mod:`openprep.election.remit`). No longer believed from
    ``revoked`` on.
    """

    id: Id
    name: Annotated[str, Meta(pattern=PLAIN_LINE, max_length=200)]
    key: KeyText
    reports: Scopes = ()
    corrects: Scopes = ()
    captures: Scopes = ()
    revoked: Moment | None = None

    @property
    def scopes(self) -> Scopes:
        """Everything that it speaks for, in whatever role."""
        return (*self.reports, *self.corrects, *self.captures)


class PublisherEnrolment(_Fact, frozen=True):
    """A publisher's public halves, and where its mirror serves.

    ``cosigner`` is the verifier text of its ``tlog-cosignature`` key (type 0x04); ``request_key``
    the base64 of the Ed25519 key that signs its requests (RFC 9421); ``recipient`` the age X25519
    recipient that packages are sealed to. Nothing is sent to it from ``revoked`` on.
    """

    id: Id
    name: Line
    addresses: Annotated[tuple[Address, ...], Meta(max_length=MAX_ADDRESSES)]
    cosigner: KeyText
    request_key: KeyText
    recipient: KeyText
    revoked: Moment | None = None

    def check(self, *, drill: bool) -> None:
        """See that every key is one, and that addresses are fit for the public.

        Raises:
            TrustError: names what is wrong.
        """
        cosigner_key(self.cosigner)
        ed25519_key(self.request_key)
        try:
            pyrage.x25519.Recipient.from_str(self.recipient)
        except pyrage.RecipientError as error:
            raise TrustError(f"{self.id}: recipient is not an age X25519 one: {error}") from error
        for address in self.addresses:
            _check_address(self.id, address, drill=drill)


class Policy(_Fact, frozen=True):
    """Rules of the network: a cut is "held" once ``quorum`` publishers cosigned it."""

    quorum: Annotated[int, Meta(ge=0, le=MAX_PUBLISHERS)]
    opens: Moment
    closes: Moment
    retained_until: Moment
    """Mirrors keep the last cut up until then."""


class TrustData(_Fact, frozen=True):
    """Everything that the trust root vouches for.

    ``election_digest`` is the digest of the election's folder; ``rules_digest`` that of the
    description that every manifest names: rules, contests, columns, candidacies.
    """

    schema: int
    election: ElectionId
    drill: bool
    election_digest: Digest
    rules_digest: Digest
    log: LogIdentity
    stations: Annotated[tuple[StationEnrolment, ...], Meta(max_length=MAX_STATIONS)]
    publishers: Annotated[tuple[PublisherEnrolment, ...], Meta(max_length=MAX_PUBLISHERS)]
    policy: Policy

    def publishers_at(self, now: datetime) -> tuple[PublisherEnrolment, ...]:
        """Publishers that are enrolled and not revoked at ``now``."""
        return tuple(publisher for publisher in self.publishers if _stands(publisher.revoked, now))

    def publisher(self, identity: str, now: datetime) -> PublisherEnrolment | None:
        """The publisher of that id, unless it is unknown or revoked at ``now``."""
        return next(
            (publisher for publisher in self.publishers_at(now) if publisher.id == identity), None
        )

    def stations_at(self, now: datetime) -> Mapping[str, Ed25519PublicKey]:
        """Public keys of the stations that are believed at ``now``, by id."""
        return {
            station.id: Ed25519PublicKey.from_public_bytes(ed25519_key(station.key))
            for station in self.stations
            if _stands(station.revoked, now)
        }

    def check(self) -> None:
        """See that the document contradicts neither itself nor arithmetic.

        Raises:
            TrustError: names what is wrong and where.
        """
        if self.schema != SCHEMA:
            raise TrustError(f"schema {self.schema} is not known here: the kit may be too old")
        self._check_policy()
        _check_unique("log key", (key.key for key in self.log.keys))
        _check_unique("station", (station.id for station in self.stations))
        _check_unique("publisher", (publisher.id for publisher in self.publishers))
        for publisher in self.publishers:
            publisher.check(drill=self.drill)
        _check_unique("public key", (key.hex() for key in self._signing_keys()))
        _check_unique("recipient", (publisher.recipient for publisher in self.publishers))

    def _check_policy(self) -> None:
        policy = self.policy
        if not policy.opens < policy.closes <= policy.retained_until:
            raise TrustError("policy: opens, closes and retained_until must follow each other")
        for key in self.log.keys:
            if key.until_cut is not None and key.until_cut < key.from_cut:
                raise TrustError(f"log key {key.key}: ends before it begins")

    def _signing_keys(self) -> Iterator[bytes]:
        """Every Ed25519 key here; one that stands for two things could be passed off as either."""
        for log_key in self.log.keys:
            try:
                yield log_key.verifier.public
            except NoteError as error:
                raise TrustError(f"log key: {error}") from error
        for station in self.stations:
            yield ed25519_key(station.key)
        for publisher in self.publishers:
            yield cosigner_key(publisher.cosigner)
            yield ed25519_key(publisher.request_key)


def _stands(revoked: datetime | None, now: datetime) -> bool:
    return revoked is None or now < revoked


def _check_unique(what: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise TrustError(f"{what} {value} stands there twice")
        seen.add(value)


def _check_address(publisher: str, address: str, *, drill: bool) -> None:
    try:
        parts = urlsplit(address)
        plain = parts.scheme == "http" and (drill or _is_loopback(parts.hostname))
        fit = (parts.scheme == "https" or plain) and bool(parts.hostname)
        fit = fit and not (parts.query or parts.fragment or parts.username)
    except ValueError:
        fit = False
    if not fit or any(not 0x20 < ord(character) < 0x7F for character in address):
        raise TrustError(f"{publisher}: {address!r} is not an https address")


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def ed25519_key(text: str) -> bytes:
    """The 32 bytes of an Ed25519 public key written in base64.

    Raises:
        TrustError: it is not one.
    """
    try:
        public = base64.b64decode(text, validate=True)
        Ed25519PublicKey.from_public_bytes(public)
    except (ValueError, binascii.Error) as error:
        raise TrustError(f"not an Ed25519 key in base64: {unshown(text)}") from error
    if base64.b64encode(public).decode() != text:
        raise TrustError(f"not the exact base64 of a key: {unshown(text)}")
    return public


def cosigner_key(text: str) -> bytes:
    """The public key of a cosigner's verifier text, of type 0x04 (C2SP ``tlog-cosignature``).

    Raises:
        TrustError: it is of another form or type, or its hash does not match.
    """
    try:
        verifier = Verifier.parse(text)
    except NoteError as error:
        raise TrustError(f"not a cosigner's key: {error}") from error
    if verifier.kind is not KeyKind.COSIGNATURE:
        raise TrustError(f"not a cosigner's key (type 0x04): {unshown(text)}")
    if str(verifier) != text:
        raise TrustError(f"not the exact text of a cosigner's key: {unshown(text)}")
    return verifier.public


def encode_trust(data: TrustData) -> bytes:
    """The bytes of ``enrolment.json``."""
    return msgspec.json.format(msgspec.json.encode(data), indent=1) + b"\n"


def parse_trust(data: bytes) -> TrustData:
    """Read ``enrolment.json``.

    Raises:
        TrustError: too large, malformed, of a later schema, or it contradicts itself.
    """
    if len(data) > MAX_TRUST_BYTES:
        raise TrustError(f"{len(data)} bytes, more than {MAX_TRUST_BYTES}")
    try:
        with decoding():
            trust = msgspec.json.decode(data, type=TrustData)
    except msgspec.MsgspecError as error:
        raise TrustError(f"not a document of trust: {error}") from error
    trust.check()
    return trust


class RootIdentity(Struct, frozen=True):
    """Which election, or which drill of it, a root is for."""

    election: str
    drill: bool

    def __str__(self) -> str:
        return f"{'the drill' if self.drill else 'the election'} {self.election}"


def parse_root(data: bytes) -> Metadata[Root]:
    """A root's metadata, with no signature verified.

    Raises:
        TrustError: too large, or not the metadata of a root of ours.
    """
    if len(data) > MAX_ROOT_BYTES:
        raise TrustError(f"a root of {len(data)} bytes, more than {MAX_ROOT_BYTES}")
    try:
        root = Metadata[Root].from_bytes(data)
    except RepositoryError as error:
        raise TrustError(f"not the metadata of a root: {error}") from error
    if not isinstance(root.signed, Root):
        raise TrustError(f"metadata of {root.signed.type}, not of a root")
    identity_of(root)
    return root


def identity_fields(identity: RootIdentity) -> dict[str, object]:
    """What the signed part of every role carries, beyond what TUF asks for."""
    return {ELECTION_FIELD: identity.election, DRILL_FIELD: identity.drill}


def identity_of(metadata: Metadata[Any]) -> RootIdentity:
    """Which election a role's metadata is for.

    Raises:
        TrustError: it does not say.
    """
    fields = metadata.signed.unrecognized_fields
    election, drill = fields.get(ELECTION_FIELD), fields.get(DRILL_FIELD)
    if not isinstance(election, str) or not isinstance(drill, bool):
        raise TrustError(f"a {metadata.signed.type} that does not say which election it is for")
    return RootIdentity(election, drill)


def fingerprint(root_bytes: bytes) -> str:
    """The number by which a root is read aloud: eight groups of five digits.

    It is SHA-256 over the part of the root that is signed, taken modulo 10^40: 132 bits. To make
    another root with the number of a given one takes some 2^132 trials; to make two roots with one
    number, some 2^66, which only those who make the genuine root could try. Signatures are left
    out, so that the number can be compared before anyone signs.

    Raises:
        TrustError: the bytes are not a root.
    """
    return spoken_form(hashlib.sha256(parse_root(root_bytes).signed_bytes).digest())


def spoken_form(digest: bytes) -> str:
    """A digest as eight groups of five digits."""
    digits = FINGERPRINT_GROUPS * _GROUP_DIGITS
    number = f"{int.from_bytes(digest) % 10**digits:0{digits}d}"
    return " ".join(_groups(number))


def differing_groups(spoken: str, expected: str) -> tuple[int, ...]:
    """Which groups, counted from 1, of a spoken number are not those of ``expected``; none if same.

    Spaces, dashes, dots and line breaks may stand anywhere.

    Raises:
        TrustError: it does not have forty digits, or has other signs in it.
    """
    digits = "".join(
        character for character in spoken if not character.isspace() and character not in "-–—.·"
    )
    wanted = FINGERPRINT_GROUPS * _GROUP_DIGITS
    if not (digits.isascii() and digits.isdigit()) or len(digits) != wanted:
        raise TrustError(f"a fingerprint has {wanted} digits, this has {len(digits)} signs")
    pairs = zip(_groups(digits), expected.split(" "), strict=True)
    return tuple(number for number, (pair, other) in enumerate(pairs, 1) if pair != other)


def misheard(spoken: str, expected: str, own: Text) -> Text | None:
    """What is wrong with a spoken number; ``None`` if it is the one expected.

    ``own`` are the words before that one.
    """
    try:
        differing = differing_groups(spoken, expected)
    except TrustError as error:
        return said("{error}", error=error)
    if not differing:
        return None
    return said(
        "groups {differing} differ; {own} {expected}",
        differing=", ".join(map(str, differing)),
        own=own,
        expected=expected,
    )


def _groups(digits: str) -> list[str]:
    return [digits[start : start + _GROUP_DIGITS] for start in range(0, len(digits), _GROUP_DIGITS)]
