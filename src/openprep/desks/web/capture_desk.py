"""The capturista's desk: one image, one form, and nothing that anybody else typed.

No answer here depends on another capture of the acta: what was sealed is answered with the way to
the next one, whatever the rule made of it.
"""

from http import HTTPStatus
from typing import Any

from aiohttp import web
from msgspec.structs import replace

from openprep.capture.asked import with_excess
from openprep.capture.hints import Hint, hints_of
from openprep.capture.reading import Reading
from openprep.capture.steps import ActaCaptured, ActaSentBack, HintCode
from openprep.capture.work.tasks import Task
from openprep.coded import CodedError
from openprep.desks.codes import NotGiven, PageCode
from openprep.desks.drafts import Draft
from openprep.desks.web.gate import SIGN_IN_AGAIN
from openprep.desks.web.pages import lead_to, status_of
from openprep.desks.web.routes import Route
from openprep.desks.web.sheet import Sheet
from openprep.desks.web.texts.all import text
from openprep.desks.web.texts.said import Language
from openprep.desks.web.visit import Form, Visit
from openprep.desks.web.work import TICKET, Held, LendingDesk, image_at, image_of, said_by
from openprep.election import Observation
from openprep.people.permissions import Act

CAPTURE = "/captura"
CONFIRM = CAPTURE + "/confirmar"
ANOTHER_IMAGE = CAPTURE + "/otra-imagen"
AT = "campo"
"""In the query: the field to go on at, where hints were shown."""

NOTED = (Observation.LETRA_DISTINTA_DE_NUMERO, Observation.SOLO_LETRA, Observation.SOLO_NUMERO)
"""What a person sees on the image; all other observations follow from the figures."""

REASONS = ("ilegible", "otra_acta", "incompleta", "otra")
MOST_TYPED = 20
"""Signs of a field that are kept as typed, whatever they are."""


class CaptureDesk(LendingDesk):
    """The pages of the capturista."""

    def rows(self) -> tuple[Route, ...]:
        """The rows of these pages."""
        return (
            Route("GET", CAPTURE, Act.TAKE_CAPTURE, self.show, desk=True),
            Route("POST", CAPTURE, Act.CAPTURE, self.save, left=self.keep_left),
            Route("POST", CONFIRM, Act.CAPTURE, self.confirm, left=self.go_to_sign_in),
            Route("POST", ANOTHER_IMAGE, Act.SEND_BACK, self.send_back, left=self.go_to_sign_in),
        )

    async def show(self, visit: Visit) -> web.Response:
        """The acta at work: its fields, or the hints on what was saved of it."""
        held, ahead = await self._work.at_work(visit.worker, Task.CAPTURE)
        if held is None:
            return self._pages.give(visit, "nothing", title="capture", again=CAPTURE)
        at = visit.request.query.get(AT)
        hints = self._open_hints(held) if at is None else ()
        if hints:
            return self._hints_page(visit, held, hints, ahead)
        return self._form_page(visit, held, ahead, at=at or "")

    async def save(self, visit: Visit) -> web.Response:
        """Take what was typed: as a draft while a field is empty or hints ask, else sealed."""
        named, ticket = self._work.posted(visit, Task.CAPTURE)
        async with self._work.turn(visit.who.person):
            if await self._work.is_spent(named):
                return lead_to(CAPTURE)
            sheet = self._sheet(ticket)
            draft = _typed(visit.form, sheet, Draft())
            try:
                before = await self._work.find(visit.who.person, named) or Draft()
                draft = _typed(visit.form, sheet, before)
                return await self._go_on(visit, Held(named, ticket, draft))
            except CodedError as error:
                return self._not_saved(visit, Held(named, ticket, draft), error)

    async def _go_on(self, visit: Visit, held: Held) -> web.Response:
        person, draft = visit.who.person, held.draft
        assert draft is not None
        sheet = self._sheet(held.ticket)
        if sheet.figures(draft.fields).troubles:
            await self._work.keep(person, held.text, draft)
            return lead_to(CAPTURE)
        reading = self._reading(sheet, draft)
        codes = _codes(hints_of(reading, sheet.expected, self._house.election.rules))
        draft = replace(draft, first=draft.first or reading, shown=_with(draft.shown, codes))
        if codes:
            await self._work.keep(person, held.text, draft)
            return lead_to(CAPTURE)
        await self._seal(visit, Held(held.text, held.ticket, draft), reading)
        return lead_to(CAPTURE)

    async def confirm(self, visit: Visit) -> web.Response:
        """Seal the figures on which hints were shown, as they are."""
        named, ticket = self._work.posted(visit, Task.CAPTURE)
        person = visit.who.person
        async with self._work.turn(person):
            if await self._work.is_spent(named):
                return lead_to(CAPTURE)
            draft = await self._work.find(person, named)
            if draft is None or visit.form.one("borrador") != draft.version:
                return lead_to(CAPTURE)  # another tab typed something else: it is shown
            held = Held(named, ticket, draft)
            sheet = self._sheet(ticket)
            if sheet.figures(draft.fields).troubles:
                return lead_to(CAPTURE)
            try:
                await self._seal(visit, held, self._reading(sheet, draft))
            except CodedError as error:
                return self._not_saved(visit, held, error)
        return lead_to(CAPTURE)

    async def send_back(self, visit: Visit) -> web.Response:
        """Ask for another image: this one cannot be captured, and why."""
        named, ticket = self._work.posted(visit, Task.CAPTURE)
        reason = _reason(visit)
        async with self._work.turn(visit.who.person):
            if not await self._work.is_spent(named):
                said = said_by(visit, ticket, self._house.clock())
                step = ActaSentBack(**said, image=image_of(ticket), reason=reason)
                await self._work.seal(visit.worker, named, Draft(), step)
        return lead_to(CAPTURE)

    async def keep_left(self, visit: Visit) -> web.Response:
        """Keep what somebody typed whose session ended: it is theirs, as the ticket says."""
        ticket = self._work.office.written_for(visit.form.one(TICKET))
        named = self._work.office.write(ticket)
        async with self._work.turn(ticket.person):
            if ticket.task is Task.CAPTURE and not await self._work.is_spent(named):
                before = await self._work.find(ticket.person, named) or Draft()
                draft = _typed(visit.form, self._sheet(ticket), before)
                await self._work.keep(ticket.person, named, draft)
        return lead_to(SIGN_IN_AGAIN)

    async def go_to_sign_in(self, visit: Visit) -> web.Response:  # noqa: ARG002 - a handler
        """Who confirmed after their session ended finds the draft as it was."""
        return lead_to(SIGN_IN_AGAIN)

    async def _seal(self, visit: Visit, held: Held, reading: Reading) -> None:
        draft = held.draft
        assert draft is not None
        step = ActaCaptured(
            **said_by(visit, held.ticket, self._house.clock()),
            image=image_of(held.ticket),
            reading=reading,
            hints=draft.shown,
            overruled=bool(draft.shown) and reading == draft.first,
        )
        await self._work.seal(visit.worker, held.text, draft, step)

    def _reading(self, sheet: Sheet, draft: Draft) -> Reading:
        """The reading of a draft all of whose fields are figures."""
        noted = frozenset(Observation(word) for word in draft.noted)
        reading = sheet.asked.reading(sheet.figures(draft.fields).values, noted)
        return with_excess(reading, sheet.expected, self._house.election.rules)

    def _open_hints(self, held: Held) -> tuple[Hint, ...]:
        """The hints that wait for an answer: those of figures that were saved."""
        if held.draft is None or not held.draft.shown:
            return ()
        sheet = self._sheet(held.ticket)
        if sheet.figures(held.draft.fields).troubles:
            return ()
        reading = self._reading(sheet, held.draft)
        hints = hints_of(reading, sheet.expected, self._house.election.rules)
        return hints if set(_codes(hints)) <= set(held.draft.shown) else ()

    def _hints_page(
        self, visit: Visit, held: Held, hints: tuple[Hint, ...], ahead: str | None
    ) -> web.Response:
        sheet = self._sheet(held.ticket)
        assert held.draft is not None
        asked = list(sheet.asked.fields)
        lines = [
            (hint.code.value, field, sheet.label(field, visit.language))
            for hint in hints
            for field in [hint.field if hint.field in asked else asked[-1]]
        ]
        return self._pages.give(
            visit,
            "hints",
            sheet=sheet,
            ticket=held.text,
            version=held.draft.version,
            hints=lines,
            image=image_at(held.text),
            places=self._places(held.ticket),
            ahead=ahead and image_at(ahead),
        )

    def _form_page(
        self,
        visit: Visit,
        held: Held,
        ahead: str | None,
        *,
        at: str = "",
        status: int = HTTPStatus.OK,
        told: str = "",
    ) -> web.Response:
        sheet = self._sheet(held.ticket)
        draft = held.draft or Draft()
        figures = sheet.figures(draft.fields)
        troubles = figures.troubles if held.draft is not None else {}
        first = next(iter(figures.troubles), "")
        return self._pages.give(
            visit,
            "capture",
            status,
            sheet=sheet,
            rows=sheet.rows(draft.fields, troubles, visit.language),
            focus=at if at in set(sheet.asked.fields) else first,
            ticket=held.text,
            noted=[(one.value, one.value in draft.noted) for one in NOTED],
            reasons=REASONS,
            told=told,
            image=image_at(held.text),
            places=self._places(held.ticket),
            ahead=ahead and image_at(ahead),
        )

    def _not_saved(self, visit: Visit, held: Held, error: CodedError[Any]) -> web.Response:
        """The page again with what was typed, and why it was not saved."""
        return self._form_page(visit, held, None, status=status_of(error), told=error.code.code)


def _typed(form: Form, sheet: Sheet, before: Draft) -> Draft:
    """The draft with what a form brings: as it was typed, leading zeros and all."""
    noted = tuple(one.value for one in NOTED if one.value in form.all("noted"))
    fields = {name: form.one(name)[:MOST_TYPED] for name in sheet.asked.fields}
    return replace(before, fields=fields, noted=noted, step=None, place="")


def _codes(hints: tuple[Hint, ...]) -> tuple[HintCode, ...]:
    return tuple(dict.fromkeys(hint.code for hint in hints))


def _with(shown: tuple[HintCode, ...], codes: tuple[HintCode, ...]) -> tuple[HintCode, ...]:
    return tuple(dict.fromkeys((*shown, *codes)))


def _reason(visit: Visit) -> str:
    """Why an image cannot be captured, in Spanish, as it stands in the record."""
    why, details = visit.form.one("motivo"), visit.form.one("detalle").strip()[:400]
    if why not in REASONS or (why == REASONS[-1] and not details):
        raise NotGiven(PageCode.NOT_OF_THIS_PAGE, "no reason")
    said = text(Language.SPANISH, f"why.{why}")
    if why == REASONS[-1]:
        return details
    return f"{said}: {details}" if details else said
