"""The enrolment request: what a publisher hands to the authority, in one short text.

A signed note (C2SP ``signed-note``) that the publisher's own request key signs, so that nobody can
alter it on the way without being noticed, and that fits one QR code::

    openprep/enrolment-request/v1
    election <id>
    drill <yes|no>
    made <time, ISO 8601 with offset>
    id <publisher>
    name <name>
    address <https address>          (none or more)
    cosigner <verifier text>
    request-key <base64>
    recipient <age1…>

    — <publisher> <signature>

The signature shows that the text is whole and that its maker holds the request key. It does not
show who that is: the authority takes the request from a person it knows, and reads its fingerprint
to them.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from openprep.wire.note import NoteError, Signer, Verifier, open_note, sign_note, unshown
from openprep.wire.trust import (
    MAX_ADDRESSES,
    PublisherEnrolment,
    TrustError,
    ed25519_key,
    spoken_form,
)

HEADING = "openprep/enrolment-request/v1"
MAX_REQUEST_BYTES = 2000
"""Less than the 2,331 bytes of a QR code with a correction of 15 %."""

_FIELDS = ("election", "drill", "made", "id", "name", "cosigner", "request-key", "recipient")


class EnrolmentRequest(Struct, frozen=True):
    """That ``publisher`` asks to be enrolled for ``election``, or for a drill of it."""

    election: str
    drill: bool
    made: datetime
    publisher: PublisherEnrolment

    def text(self) -> str:
        """The text to be signed."""
        return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        publisher = self.publisher
        yield HEADING
        yield f"election {self.election}"
        yield f"drill {'yes' if self.drill else 'no'}"
        yield f"made {self.made.isoformat()}"
        yield f"id {publisher.id}"
        yield f"name {publisher.name}"
        yield from (f"address {address}" for address in publisher.addresses)
        yield f"cosigner {publisher.cosigner}"
        yield f"request-key {publisher.request_key}"
        yield f"recipient {publisher.recipient}"

    @property
    def fingerprint(self) -> str:
        """The number by which the authority and the publisher compare the request aloud."""
        return spoken_form(hashlib.sha256(self.text().encode()).digest())


def write_request(request: EnrolmentRequest, key: Ed25519PrivateKey) -> bytes:
    """The request, signed by its own request key.

    Raises:
        TrustError: ``key`` is not that of the request, or the request would be refused.
    """
    try:
        signer = Signer(request.publisher.id, key)
    except NoteError as error:
        raise TrustError(str(error)) from error
    if signer.verifier.public != ed25519_key(request.publisher.request_key):
        raise TrustError("a request is signed by the request key that it names")
    try:
        note = sign_note(request.text(), [signer])
    except NoteError as error:
        raise TrustError(str(error)) from error
    if parse_request(note) != request:
        raise TrustError("a field of the request does not fit in its line")
    return note


def parse_request(data: bytes) -> EnrolmentRequest:
    """Read a request that was copied, mailed or scanned: line ends and edges may have changed.

    Raises:
        TrustError: too large, malformed, altered, or its keys are not keys.
    """
    if len(data) > MAX_REQUEST_BYTES:
        raise TrustError(f"a request of {len(data)} bytes, more than {MAX_REQUEST_BYTES}")
    note = data.replace(b"\r\n", b"\n").strip() + b"\n"
    request = _read(note)
    try:
        public = ed25519_key(request.publisher.request_key)
        open_note(note, [Verifier(request.publisher.id, public)])
    except NoteError as error:
        raise TrustError(f"the request was altered on the way: {error}") from error
    request.publisher.check(drill=request.drill)
    return request


def _read(note: bytes) -> EnrolmentRequest:
    """What the note says; that it says it in the exact form is held against the text it makes."""
    try:
        text = note.decode().partition("\n\n")[0] + "\n"
    except UnicodeDecodeError as error:
        raise TrustError("the request is not UTF-8") from error
    heading, *lines = text[:-1].split("\n")
    fields: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(" ")
        fields.setdefault(name, []).append(value)
    addresses = fields.pop("address", [])
    if heading != HEADING or len(addresses) > MAX_ADDRESSES:
        raise TrustError(f"not an enrolment request: {unshown(text)}")
    if tuple(sorted(fields)) != tuple(sorted(_FIELDS)) or any(len(v) > 1 for v in fields.values()):
        raise TrustError("the request does not have each of its fields once")
    request = _build({name: values[0] for name, values in fields.items()}, addresses)
    if request.text() != text:
        raise TrustError("the request is not in its exact form")
    return request


def _build(fields: dict[str, str], addresses: list[str]) -> EnrolmentRequest:
    publisher = {
        "id": fields["id"],
        "name": fields["name"],
        "addresses": addresses,
        "cosigner": fields["cosigner"],
        "request_key": fields["request-key"],
        "recipient": fields["recipient"],
    }
    try:
        return EnrolmentRequest(
            election=fields["election"],
            drill={"yes": True, "no": False}[fields["drill"]],
            made=datetime.fromisoformat(fields["made"]),
            publisher=msgspec.convert(publisher, PublisherEnrolment),
        )
    except (KeyError, ValueError) as error:
        raise TrustError(f"a field of the request is not what it must be: {error}") from error
