"""Where the actas of a capture form come from, and what becomes of what is typed there."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple, Protocol

from aiohttp import web

from openprep.capture.reading import FieldName, Reading
from openprep.capture.steps import ActaCaptured
from openprep.capture.work.tasks import Task
from openprep.desks.drafts import Draft
from openprep.desks.ticket import Ticket
from openprep.desks.web.pages import Pages
from openprep.desks.web.sheet import Box, FieldPlaces
from openprep.desks.web.visit import Visit
from openprep.desks.web.work import AtWork, Held, Work, image_of, said_by
from openprep.people.permissions import Act


class Needs(NamedTuple):
    """The acts that the pages of a form need; without ``send_back`` no image is sent back there."""

    take: Act
    save: Act
    send_back: Act | None = None


class ActaSource(Protocol):
    """What a capture form needs to know of the actas that are typed in it."""

    at: str
    """The path of the form."""
    title: str
    """The text of what the form is for."""
    needs: Needs
    counts_keys: bool
    """Whether the script counts keystrokes, and the form brings their number."""

    async def at_work(self, visit: Visit) -> AtWork:
        """The acta that somebody works on, and the one after it."""

    def nothing(self, visit: Visit) -> web.Response:
        """The page where there is none."""

    def lead(self, visit: Visit, ticket: Ticket) -> str:
        """What whoever types is told first; mostly nothing."""

    def image_at(self, ticket: Ticket) -> str:
        """Where the image of a ticket is."""

    def places(self, ticket: Ticket) -> Mapping[FieldName, Box]:
        """Where the fields are on the image, if it was laid straight."""

    def posted(self, visit: Visit) -> Held:
        """The ticket in a form, for who posts it.

        Raises:
            NotATicket: it is none of this source's, or another person's.
        """

    def left(self, visit: Visit) -> Held:
        """The ticket in a form of somebody whose session ended: it says whose it is.

        Raises:
            NotATicket: it is none of this source's.
        """

    def turn(self, person: str) -> asyncio.Lock:
        """One thing of a person at a time: a double Enter is one after the other."""

    async def is_spent(self, ticket: str) -> bool:
        """Whether what was typed under a ticket was taken already."""

    async def find(self, person: str, ticket: str) -> Draft | None:
        """What a person typed under a ticket."""

    async def keep(self, person: str, ticket: str, draft: Draft) -> None:
        """Keep a draft instead of the one before it.

        Raises:
            RecordTrouble: the disk refused.
        """

    async def take(self, visit: Visit, held: Held, reading: Reading) -> None:
        """Take the figures of a draft, once.

        Raises:
            CodedError: they are not taken; the draft is as it was.
        """

    async def send_back(self, visit: Visit, held: Held, reason: str) -> None:
        """Take it that the image cannot be captured, and why.

        Raises:
            CodedError: it is not taken.
        """


class WorkOfHouse:
    """What is the same of everything that a house lends for one task."""

    at: str
    title: str
    needs: Needs
    task: Task
    counts_keys = False

    def __init__(self, work: Work, pages: Pages, places: FieldPlaces) -> None:
        self._work = work
        self._pages = pages
        self.places = places

    async def at_work(self, visit: Visit) -> AtWork:
        """As :class:`ActaSource`."""
        return await self._work.at_work(visit.worker, self.task)

    def nothing(self, visit: Visit) -> web.Response:
        """As :class:`ActaSource`."""
        return self._pages.give(visit, "nothing", title=self.title, again=self.at)

    def lead(self, visit: Visit, ticket: Ticket) -> str:  # noqa: ARG002 - as ActaSource
        """As :class:`ActaSource`."""
        return ""

    def image_at(self, ticket: Ticket) -> str:
        """As :class:`ActaSource`."""
        return self._work.image_at(ticket)

    def posted(self, visit: Visit) -> Held:
        """As :class:`ActaSource`."""
        named, ticket = self._work.posted(visit, self.task)
        return Held(named, ticket, None)

    def left(self, visit: Visit) -> Held:
        """As :class:`ActaSource`."""
        named, ticket = self._work.left(visit, self.task)
        return Held(named, ticket, None)

    def turn(self, person: str) -> asyncio.Lock:
        """As :class:`ActaSource`."""
        return self._work.turn(person)

    async def is_spent(self, ticket: str) -> bool:
        """As :class:`ActaSource`."""
        return await self._work.is_spent(ticket)

    async def find(self, person: str, ticket: str) -> Draft | None:
        """As :class:`ActaSource`."""
        return await self._work.find(person, ticket)

    async def keep(self, person: str, ticket: str, draft: Draft) -> None:
        """As :class:`ActaSource`."""
        await self._work.keep(person, ticket, draft)


class Captures(WorkOfHouse):
    """The first and second captures of actas: each is a step of the place, as is sending back."""

    at = "/captura"
    title = "capture"
    needs = Needs(Act.TAKE_CAPTURE, Act.CAPTURE, Act.SEND_BACK)
    task = Task.CAPTURE

    async def take(self, visit: Visit, held: Held, reading: Reading) -> None:
        """As :class:`ActaSource`: sealed, whatever the rule makes of it."""
        draft = held.draft
        assert draft is not None
        step = ActaCaptured(
            **said_by(visit, held.ticket, self._work.house.clock()),
            image=image_of(held.ticket),
            reading=reading,
            hints=draft.shown,
            overruled=bool(draft.shown) and reading == draft.first,
        )
        await self._work.seal(visit.worker, held.text, draft, step)

    async def send_back(self, visit: Visit, held: Held, reason: str) -> None:
        """As :class:`ActaSource`."""
        await self._work.send_back(visit, held, reason)
