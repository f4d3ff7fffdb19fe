"""Having what stands captured or digitised again: a cotejador asks, a second person agrees."""

from datetime import datetime

import msgspec
from msgspec import Struct

from openprep.capture.paper import NotTaken
from openprep.capture.steps import ActaChecked, Verdict
from openprep.desks.codes import NotGiven, PageCode
from openprep.desks.drafts import Draft
from openprep.desks.house import House, Worker
from openprep.desks.ticket import NotATicket, Ticket
from openprep.desks.web.agreed.agreeing import AnybodyDoes, signed_by
from openprep.desks.web.texts.all import text
from openprep.desks.web.texts.said import Language
from openprep.desks.web.visit import Visit
from openprep.desks.web.work import Work, image_of
from openprep.election import Acta
from openprep.people.consent import Consent, Party


class Correction(Struct, frozen=True):
    """What a cotejador found, under the ticket that they found it under."""

    ticket: str
    verdict: Verdict
    reason: str

    @property
    def about(self) -> str:
        """All of it in words, which a second person agrees to."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def of(cls, about: str) -> "Correction":
        """The one that was asked for so."""
        return msgspec.json.decode(about, type=cls)


def standing_of(house: House, ticket: Ticket) -> Acta | None:
    """What stands of the image that a ticket shows; ``None`` where that changed since."""
    paper = house.paper(*ticket.key)
    if paper is None or not paper.is_settled or paper.earlier != ticket.round:
        return None
    stands = paper.stands
    return stands if stands is not None and stands.image_sha256 == ticket.image else None


class Correcting(AnybodyDoes):
    """Sealing it, with both people."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._house = work.house

    def words(self, about: str, language: Language) -> str | None:
        """Which acta goes back, to whom, and why; nothing where it does not stand any more."""
        said = Correction.of(about)
        ticket = self._ticket(said)
        if ticket is None or standing_of(self._house, ticket) is None:
            return None
        contest = self._house.election.contests[ticket.contest].title
        verdict = text(language, f"verdict.{said.verdict.value}")
        return text(
            language,
            "correction",
            contest=contest,
            acta=ticket.acta,
            verdict=verdict,
            reason=said.reason,
        )

    def image(self, about: str, visit: Visit) -> str:
        """Where the second person sees the image that it is about."""
        ticket = self._ticket(Correction.of(about))
        if ticket is None:
            return ""
        own = msgspec.structs.replace(ticket, person=visit.who.person)
        return self._work.image_at(own)

    async def do(self, asked: Consent, agreed: Party, at: datetime) -> None:
        """Seal it as the step of who found it, once.

        Raises:
            NotGiven: DISPUTE_OVER: it is not what stands any more, or was sealed.
            CodedError: it was not sealed; who found it has it before them.
        """
        said = Correction.of(asked.about)
        ticket = self._work.office.written_for(said.ticket)
        async with self._work.turn(ticket.person):
            gone = standing_of(self._house, ticket) is None
            if gone or await self._work.is_spent(said.ticket):
                raise NotGiven(PageCode.DISPUTE_OVER, "not what stands")
            step = ActaChecked(
                **signed_by(asked, agreed, at),
                contest=ticket.contest,
                acta=ticket.acta,
                image=image_of(ticket),
                verdict=said.verdict,
                reason=said.reason,
            )
            draft = draft_of(said.verdict, said.reason)
            outcome = await self._work.seal(Worker(*asked.asked_by), said.ticket, draft, step)
        if isinstance(outcome, NotTaken):
            raise NotGiven(PageCode.DISPUTE_OVER, "{why}", why=outcome.why.code)

    def _ticket(self, said: Correction) -> Ticket | None:
        try:
            return self._work.office.written_for(said.ticket)
        except NotATicket:
            return None


VERDICT = "fallo"
"""The choice of a verdict, in the form and in a draft of it."""


def draft_of(verdict: Verdict, reason: str) -> Draft:
    """What a cotejador said, to come back to them where it is not sealed."""
    return Draft(choices={VERDICT: verdict.value}, words=reason)
