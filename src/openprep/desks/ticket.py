"""Tickets: that an acta was lent to a person, said by the house to itself in the page.

A ticket is an HMAC-SHA256 (RFC 2104) of what it says, under a key that the house alone has. So
what was typed is taken also after a restart, a lease that ran out or a new sign-in, and from nobody
to whom the acta was not lent.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from openprep.capture.papers import PaperKey
from openprep.capture.steps import ActaId, Pseudonym
from openprep.capture.work.tasks import Task
from openprep.coded import CodedError
from openprep.decoding import decoding
from openprep.desks.codes import DeskCode
from openprep.election.acta import ImageDigest

MAX_TICKET = 800
"""Longest text of a ticket."""

_TYPING, _SEEING = b"openprep/ticket/v1\n", b"openprep/ticket-image/v1\n"
"""What a text is good for: figures are taken under the one, the image is shown under the other."""


class Ticket(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """An acta, lent to ``person`` for a task, of which ``image`` is shown.

    ``round`` tells one lending from a later one of the same acta and image: it counts how often
    the acta had been sent back.
    """

    task: Task
    contest: Annotated[str, Meta(max_length=40)]
    acta: ActaId | None
    image: ImageDigest | None
    person: Pseudonym
    round: Annotated[int, Meta(ge=0, le=1000)] = 0

    @property
    def key(self) -> PaperKey:
        """The paper that it is of."""
        return self.contest, self.acta or self.image or ""


class NotATicket(CodedError[DeskCode]):
    """It is no ticket of this house's, or another person's."""

    def __init__(self, template: str, /, **facts: object) -> None:
        super().__init__(DeskCode.NO_TICKET, template, **facts)


class TicketOffice:
    """Writes and reads the tickets of one house."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def write(self, ticket: Ticket) -> str:
        """The text of a ticket: two parts in base64url, joined by a dot."""
        return self._write(ticket, _TYPING)

    def to_see(self, ticket: Ticket) -> str:
        """The text by which the image of a ticket is asked for, and nothing else.

        It stands in addresses, which servers on the way write into their logs: nothing is typed
        under it.
        """
        return self._write(ticket, _SEEING)

    def seen(self, text: str, person: str) -> Ticket:
        """The ticket whose image ``person`` asks for.

        Raises:
            NotATicket: it is none of this house's, or another person's.
        """
        return _own(self._read(text, _SEEING), person)

    def read(self, text: str, person: str) -> Ticket:
        """The ticket in a text, if it is one of this house's for ``person``.

        Raises:
            NotATicket: it is not.
        """
        return _own(self.written_for(text), person)

    def written_for(self, text: str) -> Ticket:
        """The ticket in a text, whoever brings it: it says for whom it was written.

        Raises:
            NotATicket: it is none of this house's.
        """
        return self._read(text, _TYPING)

    def _write(self, ticket: Ticket, use: bytes) -> str:
        said = _encoder.encode(ticket)
        return f"{_text(said)}.{_text(self._mac(said, use))}"

    def _read(self, text: str, use: bytes) -> Ticket:
        said, _, mac = text.partition(".")
        try:
            payload, signed = _bytes(said), _bytes(mac)
        except ValueError as error:
            raise NotATicket("no ticket") from error
        if len(text) > MAX_TICKET or not hmac.compare_digest(signed, self._mac(payload, use)):
            raise NotATicket("no ticket of this house")
        try:
            with decoding():
                return _decoder.decode(payload)
        except msgspec.DecodeError as error:
            raise NotATicket("a ticket of another version") from error

    def _mac(self, said: bytes, use: bytes) -> bytes:
        return hmac.digest(self._secret, use + said, "sha256")


def _own(ticket: Ticket, person: str) -> Ticket:
    if ticket.person != person:
        raise NotATicket("another person's ticket")
    return ticket


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Ticket)


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
