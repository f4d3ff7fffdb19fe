"""What the desks share that lend an acta: its ticket, its draft, and sealing what was confirmed."""

import asyncio
import logging
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from aiohttp import web

from openprep.capture.paper import Outcome
from openprep.capture.steps import ActaSentBack, AnyStep
from openprep.capture.work.floor import URGENT
from openprep.capture.work.tasks import Task
from openprep.coded import CodedError
from openprep.desks.codes import NotGiven, PageCode
from openprep.desks.drafts import Draft, Drafts, Kept, Spent
from openprep.desks.house import House, Worker
from openprep.desks.pictures import Pictures
from openprep.desks.ticket import NotATicket, Ticket, TicketOffice
from openprep.desks.together import Together
from openprep.desks.web.pages import Pages
from openprep.desks.web.sheet import FieldPlaces, Sheets
from openprep.desks.web.turns import Turns
from openprep.desks.web.visit import Visit
from openprep.record.codes import RecordTrouble

LOG = logging.getLogger("openprep.desks")

TICKET = "boleto"
IMAGE = "/imagen/{ticket}"
IMAGE_KEPT = "private, max-age=86400, immutable"

MOST_TYPED = 20
"""Signs of a field that are kept as typed, whatever they are."""

LONGEST_REASON = 500
"""Characters of a reason, as the steps have it (``capture.steps.Words``)."""


class Held(NamedTuple):
    """An acta that somebody works on: its ticket as text and as said, and what was typed of it."""

    text: str
    ticket: Ticket
    draft: Draft | None


class AtWork(NamedTuple):
    """The acta to show, and that of which the image is shown next."""

    held: Held | None
    ahead: Ticket | None


@dataclass
class Work:
    """The work that a house lends, as its desks see it."""

    house: House
    drafts: Drafts
    pictures: Pictures
    office: TicketOffice

    def __post_init__(self) -> None:
        self._turns: Turns[str] = Turns()
        self._writing = Together(self.drafts.write)
        self._sealed: set[str] = set()
        """Tickets of what was sealed, and that the disk did not let be spent."""

    def turn(self, person: str) -> asyncio.Lock:
        """One thing of a person at a time: a double Enter is one after the other."""
        return self._turns.of(person)

    def posted(self, visit: Visit, task: Task) -> tuple[str, Ticket]:
        """The ticket in a form, for who posts it.

        Raises:
            NotATicket: it is none of this house's, another person's, or of another task.
        """
        ticket = self.office.read(visit.form.one(TICKET), visit.who.person)
        if ticket.task is not task:
            raise NotATicket("a ticket of another task")
        return self.office.write(ticket), ticket

    def left(self, visit: Visit, task: Task) -> tuple[str, Ticket]:
        """The ticket in a form of somebody whose session ended: it says whose it is.

        Raises:
            NotATicket: it is none of this house's, or of another task.
        """
        ticket = self.office.written_for(visit.form.one(TICKET))
        if ticket.task is not task:
            raise NotATicket("a ticket of another task")
        return self.office.write(ticket), ticket

    async def at_work(
        self,
        worker: Worker,
        task: Task,
        but: AbstractSet[str] = frozenset(),
        first: AbstractSet[Task] = URGENT,
    ) -> AtWork:
        """What somebody works on: a draft of theirs first, whoever else has the acta meanwhile.

        What they had under the tickets in ``but`` waits for somebody else; ``first`` is as
        :meth:`House.lend` says.
        """
        lent = {self.office.write(one): one for one in self.house.lend(worker, task, first)}
        kept = self._kept_of(worker, task)
        open_ = [Held(text, ticket, draft) for text, (ticket, draft) in kept.items()]
        for text, ticket in lent.items():
            if text not in kept and not await self.is_spent(text):
                open_.append(Held(text, ticket, None))
        now, after = (*(one for one in open_ if one.text not in but), None, None)[:2]
        return AtWork(now, None if after is None else after.ticket)

    def _kept_of(self, worker: Worker, task: Task) -> Mapping[str, tuple[Ticket, Draft]]:
        """A worker's drafts, but those that could not be sealed where they are now."""
        found = {}
        for kept in self.drafts.of(worker.person):
            try:
                ticket = self.office.read(kept.ticket, worker.person)
            except NotATicket:
                continue
            if kept.ticket in self._sealed:
                continue
            if ticket.task is task and self._is_for(worker.place, ticket):
                found[kept.ticket] = (ticket, kept.draft)
        return found

    def _is_for(self, place: str, ticket: Ticket) -> bool:
        return place in self.house.floor.places_for(ticket.task, ticket.contest, ticket.acta)

    async def is_spent(self, ticket: str) -> bool:
        """Whether something was sealed under a ticket."""
        return ticket in self._sealed or self.drafts.is_spent(ticket)

    async def find(self, person: str, ticket: str) -> Draft | None:
        """What a person typed under a ticket."""
        return self.drafts.find(person, ticket)

    async def keep(self, person: str, ticket: str, draft: Draft) -> None:
        """Keep a draft, durable when this returns.

        Raises:
            RecordTrouble: the disk refused.
        """
        with self.house.incidents.noting():
            await self._writing.write(Kept(person, ticket, draft))

    async def spend(self, person: str, ticket: str) -> None:
        """Let a ticket be of no more use, and its draft with it.

        Raises:
            RecordTrouble: the disk refused.
        """
        await self._writing.write(Spent(person, ticket))

    async def seal(self, worker: Worker, ticket: str, draft: Draft, step: AnyStep) -> Outcome:
        """Seal what somebody confirmed: kept first, so that no power cut loses it.

        What is sealed is told as that, also where the disk takes nothing more: its ticket is spent
        in memory then, and on disk when the house starts again.

        Raises:
            NotSealed, Refused, RecordTrouble: it was not sealed; the draft is kept.
        """
        confirmed = msgspec.structs.replace(draft, step=step, place=worker.place)
        try:
            self.house.check(worker, step)
            await self.keep(worker.person, ticket, confirmed)
            outcome = await self.house.take(worker, step, confirmed_before=True)
        except CodedError as error:
            if not isinstance(error, RecordTrouble):
                await self.keep(worker.person, ticket, draft)
            raise
        await self.spend_sealed(worker.person, ticket)
        return outcome

    async def spend_sealed(self, person: str, ticket: str) -> None:
        """Spend the ticket of what is sealed: on disk, or in memory where the disk refuses."""
        try:
            await self.spend(person, ticket)
        except RecordTrouble as error:
            LOG.error("%s", error)
            self._sealed.add(ticket)

    async def send_back(self, visit: Visit, held: Held, reason: str) -> Outcome:
        """Seal that the image of a ticket cannot be read, and why.

        Raises:
            NotGiven: NO_IMAGE.
            NotSealed, Refused, RecordTrouble: as :meth:`seal`.
        """
        said = said_by(visit, held.ticket, self.house.clock())
        step = ActaSentBack(**said, image=image_of(held.ticket), reason=reason)
        draft = await self.find(visit.who.person, held.text) or Draft()
        return await self.seal(visit.worker, held.text, draft, step)

    def image_at(self, ticket: Ticket) -> str:
        """Where the image of a ticket is."""
        return IMAGE.format(ticket=self.office.to_see(ticket))

    async def image(self, visit: Visit) -> web.Response:
        """The picture of an acta for a screen, for whom it was lent to."""
        ticket = self.office.seen(visit.request.match_info["ticket"], visit.who.person)
        digest = image_of(ticket)
        try:
            picture = await asyncio.to_thread(self.pictures.rendition, digest)
        except RecordTrouble as error:
            raise NotGiven(PageCode.NO_IMAGE, "no image") from error
        return web.Response(
            body=picture, content_type="image/jpeg", headers={"Cache-Control": IMAGE_KEPT}
        )


class LendingDesk:
    """A desk that lends actas; ``places`` tells where the fields of one stand on its image."""

    def __init__(self, work: Work, pages: Pages, places: FieldPlaces) -> None:
        self._work = work
        self._house = work.house
        self._pages = pages
        self._places = places
        self._sheet = Sheets(work.house.election).of


def said_by(visit: Visit, ticket: Ticket, at: datetime) -> dict[str, Any]:
    """What every step says of an acta: which it is, by whom, in which session, and when."""
    return {
        "contest": ticket.contest,
        "acta": ticket.acta,
        "by": visit.who.person,
        "session": visit.who.id,
        "at": at,
    }


def image_of(ticket: Ticket) -> str:
    """The digest of the image that a ticket shows.

    Raises:
        NotGiven: NO_IMAGE.
    """
    if ticket.image is None:
        raise NotGiven(PageCode.NO_IMAGE, "no image")
    return ticket.image
