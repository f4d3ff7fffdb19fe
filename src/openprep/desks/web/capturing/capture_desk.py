"""The capture form: one image, its fields, and nothing that anybody else typed.

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
from openprep.capture.steps import HintCode
from openprep.coded import CodedError
from openprep.desks.codes import NotGiven, PageCode
from openprep.desks.drafts import Draft
from openprep.desks.web.capturing.sources import ActaSource
from openprep.desks.web.gate import SIGN_IN_AGAIN
from openprep.desks.web.pages import Pages, lead_to, status_of
from openprep.desks.web.routes import Route
from openprep.desks.web.sheet import Sheet, Sheets
from openprep.desks.web.texts.all import text
from openprep.desks.web.texts.said import Language
from openprep.desks.web.visit import Form, Visit
from openprep.desks.web.work import MOST_TYPED, Held
from openprep.election import Election, Observation

CONFIRM = "/confirmar"
ANOTHER_IMAGE = "/otra-imagen"
AT = "campo"
"""In the query: the field to go on at, where hints were shown."""

NOTED = (Observation.LETRA_DISTINTA_DE_NUMERO, Observation.SOLO_LETRA, Observation.SOLO_NUMERO)
"""What a person sees on the image; all other observations follow from the figures."""

REASONS = ("ilegible", "otra_acta", "incompleta", "otra")


class CaptureDesk:
    """The pages at which actas of one source are typed."""

    def __init__(self, source: ActaSource, pages: Pages, election: Election) -> None:
        self._source = source
        self._pages = pages
        self._election = election
        self._sheets = Sheets(election)

    def rows(self) -> tuple[Route, ...]:
        """The rows of these pages."""
        at, needs = self._source.at, self._source.needs
        rows = (
            Route("GET", at, needs.take, self.show, desk=True),
            Route("POST", at, needs.save, self.save, left=self.keep_left),
            Route("POST", at + CONFIRM, needs.save, self.confirm, left=self.go_to_sign_in),
        )
        if needs.send_back is None:
            return rows
        back = Route(
            "POST", at + ANOTHER_IMAGE, needs.send_back, self.send_back, left=self.go_to_sign_in
        )
        return (*rows, back)

    async def show(self, visit: Visit) -> web.Response:
        """The acta at work: its fields, or the hints on what was saved of it."""
        held, after = await self._source.at_work(visit)
        if held is None:
            return self._source.nothing(visit)
        ahead = None if after is None else self._source.image_at(after)
        at = visit.request.query.get(AT)
        hints = self._open_hints(held) if at is None else ()
        if hints:
            return self._hints_page(visit, held, hints, ahead)
        return self._form_page(visit, held, ahead, at=at or "")

    async def save(self, visit: Visit) -> web.Response:
        """Take what was typed: as a draft while a field is empty or hints ask, else for good."""
        named, ticket, _ = self._source.posted(visit)
        async with self._source.turn(visit.who.person):
            if await self._source.is_spent(named):
                return self._go_there()
            sheet = self._sheets.of(ticket)
            draft = _typed(visit.form, sheet, Draft())
            try:
                before = await self._source.find(visit.who.person, named) or Draft()
                draft = _typed(visit.form, sheet, before)
                return await self._go_on(visit, Held(named, ticket, draft))
            except CodedError as error:
                return self._not_saved(visit, Held(named, ticket, draft), error)

    def _go_there(self) -> web.Response:
        return lead_to(self._source.at)

    async def _go_on(self, visit: Visit, held: Held) -> web.Response:
        person, draft = visit.who.person, held.draft
        assert draft is not None
        sheet = self._sheets.of(held.ticket)
        if sheet.figures(draft.fields).troubles:
            await self._source.keep(person, held.text, draft)
            return self._go_there()
        reading = self._reading(sheet, draft)
        codes = _codes(hints_of(reading, sheet.expected, self._election.rules))
        draft = replace(draft, first=draft.first or reading, shown=_with(draft.shown, codes))
        if codes:
            await self._source.keep(person, held.text, draft)
            return self._go_there()
        await self._source.take(visit, Held(held.text, held.ticket, draft), reading)
        return self._go_there()

    async def confirm(self, visit: Visit) -> web.Response:
        """Take the figures on which hints were shown, as they are."""
        named, ticket, _ = self._source.posted(visit)
        person = visit.who.person
        async with self._source.turn(person):
            if await self._source.is_spent(named):
                return self._go_there()
            draft = await self._source.find(person, named)
            if draft is None or visit.form.one("borrador") != draft.version:
                return self._go_there()  # another tab typed something else: it is shown
            held = Held(named, ticket, draft)
            sheet = self._sheets.of(ticket)
            if sheet.figures(draft.fields).troubles:
                return self._go_there()
            try:
                await self._source.take(visit, held, self._reading(sheet, draft))
            except CodedError as error:
                return self._not_saved(visit, held, error)
        return self._go_there()

    async def send_back(self, visit: Visit) -> web.Response:
        """Ask for another image: this one cannot be captured, and why."""
        held = self._source.posted(visit)
        reason = reason_in(visit)
        async with self._source.turn(visit.who.person):
            if not await self._source.is_spent(held.text):
                await self._source.send_back(visit, held, reason)
        return self._go_there()

    async def keep_left(self, visit: Visit) -> web.Response:
        """Keep what somebody typed whose session ended: it is theirs, as the ticket says."""
        named, ticket, _ = self._source.left(visit)
        async with self._source.turn(ticket.person):
            if not await self._source.is_spent(named):
                before = await self._source.find(ticket.person, named) or Draft()
                draft = _typed(visit.form, self._sheets.of(ticket), before)
                await self._source.keep(ticket.person, named, draft)
        return lead_to(SIGN_IN_AGAIN)

    async def go_to_sign_in(self, visit: Visit) -> web.Response:  # noqa: ARG002 - a handler
        """Who confirmed after their session ended finds the draft as it was."""
        return lead_to(SIGN_IN_AGAIN)

    def _reading(self, sheet: Sheet, draft: Draft) -> Reading:
        """The reading of a draft all of whose fields are figures."""
        noted = frozenset(Observation(word) for word in draft.noted)
        reading = sheet.asked.reading(sheet.figures(draft.fields).values, noted)
        return with_excess(reading, sheet.expected, self._election.rules)

    def _open_hints(self, held: Held) -> tuple[Hint, ...]:
        """The hints that wait for an answer: those of figures that were saved."""
        if held.draft is None or not held.draft.shown:
            return ()
        sheet = self._sheets.of(held.ticket)
        if sheet.figures(held.draft.fields).troubles:
            return ()
        reading = self._reading(sheet, held.draft)
        hints = hints_of(reading, sheet.expected, self._election.rules)
        return hints if set(_codes(hints)) <= set(held.draft.shown) else ()

    def _hints_page(
        self, visit: Visit, held: Held, hints: tuple[Hint, ...], ahead: str | None
    ) -> web.Response:
        sheet = self._sheets.of(held.ticket)
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
            image=self._source.image_at(held.ticket),
            places=self._source.places(held.ticket),
            ahead=ahead,
            source=self._source,
            lead=self._source.lead(visit, held.ticket),
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
        sheet = self._sheets.of(held.ticket)
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
            reasons=() if self._source.needs.send_back is None else REASONS,
            told=told,
            image=self._source.image_at(held.ticket),
            places=self._source.places(held.ticket),
            ahead=ahead,
            source=self._source,
            lead=self._source.lead(visit, held.ticket),
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


def reason_in(visit: Visit) -> str:
    """Why an image cannot be read, in Spanish, as it stands in the record.

    Raises:
        NotGiven: NOT_OF_THIS_PAGE: none of the reasons, or none said.
    """
    why, details = visit.form.one("motivo"), visit.form.one("detalle").strip()[:400]
    if why not in REASONS or (why == REASONS[-1] and not details):
        raise NotGiven(PageCode.NOT_OF_THIS_PAGE, "no reason")
    said = text(Language.SPANISH, f"why.{why}")
    if why == REASONS[-1]:
        return details
    return f"{said}: {details}" if details else said
