"""The cotejador's desk: the figures that stand, beside the image, held against the paper."""

from typing import Any

from aiohttp import web

from openprep.capture.paper import NotTaken
from openprep.capture.steps import ActaChecked, Verdict
from openprep.capture.work.tasks import Task
from openprep.coded import CodedError
from openprep.desks.drafts import Draft
from openprep.desks.ticket import Ticket
from openprep.desks.web.agreed.agreeing import Agreements
from openprep.desks.web.agreed.correcting import (
    VERDICT,
    Correcting,
    Correction,
    draft_of,
    standing_of,
)
from openprep.desks.web.agreed.sessions_desk import SESSIONS
from openprep.desks.web.pages import Pages, lead_to, status_of
from openprep.desks.web.routes import Route
from openprep.desks.web.sheet import FieldPlaces
from openprep.desks.web.visit import Visit
from openprep.desks.web.work import LONGEST_REASON, Held, LendingDesk, Work, image_of, said_by
from openprep.election import Acta, FieldState
from openprep.people.permissions import Act

CHECKING = "/cotejo"


class CheckingDesk(LendingDesk):
    """The pages of the cotejador."""

    def __init__(
        self, work: Work, pages: Pages, places: FieldPlaces, agreements: Agreements
    ) -> None:
        super().__init__(work, pages, places)
        self._agreements = agreements
        agreements.offer(Act.CORRECT_AFTER_PUBLICATION, Correcting(work))

    def rows(self) -> tuple[Route, ...]:
        """The rows of these pages."""
        return (
            Route("GET", CHECKING, Act.TAKE_CHECK, self.show, desk=True),
            Route("POST", CHECKING, Act.CHECK, self.check),
        )

    async def show(self, visit: Visit) -> web.Response:
        """The figures that are to be checked next; those that wait for a second person stay out."""
        held, stands = await self._next(visit)
        if held is None or stands is None:
            return self._pages.give(visit, "nothing", title="check", again=CHECKING)
        return self._page(visit, held, stands)

    async def _next(self, visit: Visit) -> tuple[Held | None, Acta | None]:
        """What is lent, and what stands of it; what was kept of figures that went is let go."""
        waiting = self._waiting(visit)
        held, _ = await self._work.at_work(visit.worker, Task.CHECK, waiting)
        while held is not None and held.draft is not None and self._stands(held.ticket) is None:
            await self._work.spend(visit.who.person, held.text)
            held, _ = await self._work.at_work(visit.worker, Task.CHECK, waiting)
        return held, None if held is None else self._stands(held.ticket)

    def _waiting(self, visit: Visit) -> frozenset[str]:
        """Tickets of what this person found, and nobody agreed to yet."""
        asked = self._agreements.asked_by(visit.who.person, Act.CORRECT_AFTER_PUBLICATION)
        return frozenset(Correction.of(about).ticket for about in asked)

    async def check(self, visit: Visit) -> web.Response:
        """Seal that all is as on the paper, or ask a second person that it goes back, and why."""
        named, ticket = self._work.posted(visit, Task.CHECK)
        async with self._work.turn(visit.who.person):
            stands = self._stands(ticket)
            if stands is None or await self._work.is_spent(named):
                return lead_to(CHECKING)
            verdict, reason = _said(visit)
            held = Held(named, ticket, None)
            if verdict is None:
                return self._page(visit, held, stands, told="no_verdict", status=422)
            if verdict is Verdict.ACCEPTED:
                return await self._accept(visit, held, stands, reason)
            if reason is None:
                return self._page(visit, held, stands, told="reason_missing", status=422)
            return await self._ask(visit, held, stands, Correction(named, verdict, reason))

    async def _accept(
        self, visit: Visit, held: Held, stands: Acta, reason: str | None
    ) -> web.Response:
        step = ActaChecked(
            **said_by(visit, held.ticket, self._house.clock()),
            image=image_of(held.ticket),
            verdict=Verdict.ACCEPTED,
            reason=reason,
        )
        try:
            outcome = await self._work.seal(visit.worker, held.text, Draft(), step)
        except CodedError as error:
            return self._not_done(visit, held, stands, error)
        if isinstance(outcome, NotTaken):
            return self._pages.give(visit, "told", 409, code=outcome.why.code)
        return lead_to(CHECKING)

    async def _ask(self, visit: Visit, held: Held, stands: Acta, found: Correction) -> web.Response:
        """Ask a second person, once; what was found is kept for who found it meanwhile."""
        if held.text in self._waiting(visit):
            return lead_to(CHECKING)
        try:
            await self._work.keep(
                visit.who.person, held.text, draft_of(found.verdict, found.reason)
            )
            self._agreements.ask(visit, Act.CORRECT_AFTER_PUBLICATION, found.about)
        except CodedError as error:
            return self._not_done(visit, held, stands, error)
        return lead_to(SESSIONS)

    def _not_done(
        self, visit: Visit, held: Held, stands: Acta, error: CodedError[Any]
    ) -> web.Response:
        return self._page(visit, held, stands, told=error.code.code, status=status_of(error))

    def _stands(self, ticket: Ticket) -> Acta | None:
        return standing_of(self._house, ticket)

    def _page(
        self,
        visit: Visit,
        held: Held,
        stands: Acta,
        *,
        told: str = "",
        status: int = 200,
    ) -> web.Response:
        sheet, form, draft = self._sheet(held.ticket), visit.form, held.draft or Draft()
        rows = [
            (sheet.label(name, visit.language), _shown(stands, name)) for name in sheet.asked.fields
        ]
        return self._pages.give(
            visit,
            "checking",
            status,
            sheet=sheet,
            rows=rows,
            observations=[one.value for one in stands.observations],
            ticket=held.text,
            image=self._work.image_at(held.ticket),
            places=self._places(held.ticket),
            verdicts=[verdict.value for verdict in Verdict],
            chosen=form.one(VERDICT) or draft.choices.get(VERDICT, ""),
            words=form.one("motivo")[:LONGEST_REASON] or draft.words,
            told=told,
        )


def _shown(stands: Acta, name: str) -> tuple[str, bool]:
    """What stands in a field, and whether it is a state, which has a text, and no figure."""
    votes, _, number = name.partition(".")
    value = stands.votes[int(number)] if number else getattr(stands, votes)
    return (value.value, True) if isinstance(value, FieldState) else (f"{value}", False)


def _said(visit: Visit) -> tuple[Verdict | None, str | None]:
    verdicts = {verdict.value: verdict for verdict in Verdict}
    reason = visit.form.one("motivo").strip()[:LONGEST_REASON]
    return verdicts.get(visit.form.one(VERDICT)), reason or None
