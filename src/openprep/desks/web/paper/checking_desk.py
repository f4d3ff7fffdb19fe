"""The cotejador's desk: the figures that stand, beside the image, held against the paper."""

from aiohttp import web

from openprep.capture.paper import NotTaken
from openprep.capture.steps import ActaChecked, Verdict
from openprep.capture.work.tasks import Task
from openprep.coded import CodedError
from openprep.desks.drafts import Draft
from openprep.desks.ticket import Ticket
from openprep.desks.web.pages import lead_to, status_of
from openprep.desks.web.routes import Route
from openprep.desks.web.visit import Visit
from openprep.desks.web.work import LendingDesk, image_at, image_of, said_by
from openprep.election import Acta, FieldState
from openprep.people.permissions import Act

CHECKING = "/cotejo"
LONGEST_REASON = 500


class CheckingDesk(LendingDesk):
    """The pages of the cotejador."""

    def rows(self) -> tuple[Route, ...]:
        """The rows of these pages."""
        return (
            Route("GET", CHECKING, Act.TAKE_CHECK, self.show, desk=True),
            Route("POST", CHECKING, Act.CHECK, self.check),
        )

    async def show(self, visit: Visit) -> web.Response:
        """The figures that are to be checked next."""
        held, _ = await self._work.at_work(visit.worker, Task.CHECK)
        stands = None if held is None else self._stands(held.ticket)
        if held is None or stands is None:
            return self._pages.give(visit, "nothing", title="check", again=CHECKING)
        return self._page(visit, held.text, held.ticket, stands)

    async def check(self, visit: Visit) -> web.Response:
        """Seal what was found: accepted, or to be captured or digitised again, with its reason."""
        named, ticket = self._work.posted(visit, Task.CHECK)
        async with self._work.turn(visit.who.person):
            stands = self._stands(ticket)
            if stands is None or await self._work.is_spent(named):
                return lead_to(CHECKING)
            verdict, reason = _said(visit)
            if verdict is None:
                return self._page(visit, named, ticket, stands, told="no_verdict", status=422)
            if verdict is not Verdict.ACCEPTED and reason is None:
                return self._page(visit, named, ticket, stands, told="reason_missing", status=422)
            step = ActaChecked(
                **said_by(visit, ticket, self._house.clock()),
                image=image_of(ticket),
                verdict=verdict,
                reason=reason,
            )
            try:
                outcome = await self._work.seal(visit.worker, named, Draft(), step)
            except CodedError as error:
                code = error.code.code
                return self._page(visit, named, ticket, stands, told=code, status=status_of(error))
            if isinstance(outcome, NotTaken):
                return self._pages.give(visit, "told", 409, code=outcome.why.code)
        return lead_to(CHECKING)

    def _stands(self, ticket: Ticket) -> Acta | None:
        """What stands of the image that a ticket shows; ``None`` where that changed since."""
        paper = self._house.paper(*ticket.key)
        stands = None if paper is None else paper.stands
        return stands if stands is not None and stands.image_sha256 == ticket.image else None

    def _page(
        self,
        visit: Visit,
        named: str,
        ticket: Ticket,
        stands: Acta,
        *,
        told: str = "",
        status: int = 200,
    ) -> web.Response:
        sheet = self._sheet(ticket)
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
            ticket=named,
            image=image_at(named),
            places=self._places(ticket),
            verdicts=[verdict.value for verdict in Verdict],
            chosen=visit.form.one("fallo"),
            words=visit.form.one("motivo")[:LONGEST_REASON],
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
    return verdicts.get(visit.form.one("fallo")), reason or None
