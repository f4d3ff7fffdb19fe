"""The verificador's desk: only what differs, without names, in an order that nobody can foresee."""

import hmac
from http import HTTPStatus
from typing import NamedTuple

from aiohttp import web

from openprep.capture.asked import with_excess
from openprep.capture.paper import NotTaken, Paper, Stage
from openprep.capture.reading import FieldName, Reading, differing
from openprep.capture.steps import ActaArbitrated
from openprep.capture.work.tasks import Task
from openprep.coded import CodedError
from openprep.desks.codes import NotGiven, PageCode
from openprep.desks.drafts import Draft
from openprep.desks.figures import NotAFigure, key_of, read_figure
from openprep.desks.ticket import Ticket
from openprep.desks.web.capturing.capture_desk import ANOTHER_IMAGE, NOTED, REASONS, reason_in
from openprep.desks.web.gate import SIGN_IN_AGAIN
from openprep.desks.web.pages import Pages, lead_to, status_of
from openprep.desks.web.routes import Route
from openprep.desks.web.sheet import FieldPlaces, Sheet
from openprep.desks.web.texts.said import Language
from openprep.desks.web.visit import Form, Visit
from openprep.desks.web.work import (
    LONGEST_REASON,
    MOST_TYPED,
    TICKET,
    Held,
    LendingDesk,
    Work,
    image_of,
    said_by,
)
from openprep.election import Observation, VoteField
from openprep.people.permissions import Act

ARBITRATE = "/arbitraje"
THIRD = "otra"
"""The choice of a figure that is neither of the two."""

CHOICE = "elige."
"""What the name of a choice begins with; after it comes the field's."""

YES, NO = "si", "no"


class Dispute(NamedTuple):
    """What two readings of an acta say otherwise: fields, and observations that one noted."""

    first: Reading
    second: Reading
    fields: tuple[FieldName, ...]
    noted: tuple[Observation, ...]


class Choice(NamedTuple):
    """A field that differs: its two values as typed, and what was chosen so far."""

    name: FieldName
    label: str
    values: tuple[str, str]
    chosen: str
    third: str
    trouble: str


class ArbitrationDesk(LendingDesk):
    """The pages of the verificador; ``secret`` draws the order of the two values."""

    def __init__(self, work: Work, pages: Pages, places: FieldPlaces, secret: bytes) -> None:
        super().__init__(work, pages, places)
        self._secret = secret

    def rows(self) -> tuple[Route, ...]:
        """The rows of these pages."""
        return (
            Route("GET", ARBITRATE, Act.TAKE_DISPUTE, self.show, desk=True),
            Route("POST", ARBITRATE, Act.ARBITRATE, self.decide, left=self.keep_left),
            Route(
                "POST",
                ARBITRATE + ANOTHER_IMAGE,
                Act.SEND_BACK,
                self.send_back,
                left=self.go_to_sign_in,
            ),
        )

    async def show(self, visit: Visit) -> web.Response:
        """The dispute at work; a draft of one that is over leads to the next."""
        held, _ = await self._work.at_work(visit.worker, Task.ARBITRATE)
        while held is not None and self._dispute(held.ticket) is None:
            await self._work.spend(visit.who.person, held.text)
            held, _ = await self._work.at_work(visit.worker, Task.ARBITRATE)
        if held is None:
            return self._pages.give(visit, "nothing", title="arbitrate", again=ARBITRATE)
        return self._page(visit, held)

    async def decide(self, visit: Visit) -> web.Response:
        """Seal the word of a third person, once every choice is made."""
        named, ticket = self._work.posted(visit, Task.ARBITRATE)
        async with self._work.turn(visit.who.person):
            if await self._work.is_spent(named):
                return lead_to(ARBITRATE)
            dispute = self._dispute(ticket)
            if dispute is None:
                raise NotGiven(PageCode.DISPUTE_OVER, "no dispute")
            held = Held(named, ticket, _chosen(visit.form, dispute))
            try:
                return await self._decide(visit, held, dispute)
            except NotGiven:
                raise
            except CodedError as error:
                status = status_of(error)
                return self._page(visit, held, status, error.code.code)

    async def _decide(self, visit: Visit, held: Held, dispute: Dispute) -> web.Response:
        draft = held.draft
        assert draft is not None
        await self._work.keep(visit.who.person, held.text, draft)
        if self._troubles(draft, dispute) or _lacks_reason(draft, dispute):
            return lead_to(ARBITRATE)
        ticket = held.ticket
        step = ActaArbitrated(
            **said_by(visit, ticket, self._house.clock()),
            image=image_of(ticket),
            reading=self._reading(self._sheet(ticket), draft, dispute),
            reason=draft.words or None,
        )
        outcome = await self._work.seal(visit.worker, held.text, draft, step)
        if isinstance(outcome, NotTaken):
            raise NotGiven(PageCode.DISPUTE_OVER, "{why}", why=outcome.why.code)
        return lead_to(ARBITRATE)

    async def send_back(self, visit: Visit) -> web.Response:
        """Ask for another image: nobody can tell by this one which of the two is right."""
        named, ticket = self._work.posted(visit, Task.ARBITRATE)
        reason = reason_in(visit)
        async with self._work.turn(visit.who.person):
            if await self._work.is_spent(named):
                return lead_to(ARBITRATE)
            if self._dispute(ticket) is None:
                raise NotGiven(PageCode.DISPUTE_OVER, "no dispute")
            outcome = await self._work.send_back(visit, Held(named, ticket, None), reason)
        if isinstance(outcome, NotTaken):
            raise NotGiven(PageCode.DISPUTE_OVER, "{why}", why=outcome.why.code)
        return lead_to(ARBITRATE)

    async def go_to_sign_in(self, visit: Visit) -> web.Response:  # noqa: ARG002 - a handler
        """Who sent it back after their session ended finds the dispute as it was."""
        return lead_to(SIGN_IN_AGAIN)

    async def keep_left(self, visit: Visit) -> web.Response:
        """Keep what somebody chose whose session ended: it is theirs, as the ticket says."""
        ticket = self._work.office.written_for(visit.form.one(TICKET))
        named = self._work.office.write(ticket)
        dispute = self._dispute(ticket) if ticket.task is Task.ARBITRATE else None
        async with self._work.turn(ticket.person):
            if dispute is not None and not await self._work.is_spent(named):
                await self._work.keep(ticket.person, named, _chosen(visit.form, dispute))
        return lead_to(SIGN_IN_AGAIN)

    def _dispute(self, ticket: Ticket) -> Dispute | None:
        """What a ticket's acta waits for; ``None`` where it was decided or sent back."""
        paper = self._house.paper(*ticket.key)
        if paper is None or paper.stage is not Stage.DISPUTED or paper.earlier != ticket.round:
            return None
        first, second = _readings(paper)
        unlike = set(first.observations) ^ set(second.observations)
        noted = tuple(one for one in NOTED if one in unlike)
        return Dispute(first, second, differing(first, second), noted)

    def _troubles(self, draft: Draft, dispute: Dispute) -> dict[str, str]:
        """What is not chosen yet, by the name of the choice."""
        found = {}
        for name in dispute.fields:
            trouble = _trouble(draft, name)
            if trouble:
                found[name] = trouble
        for word in dispute.noted:
            if draft.choices.get(word.value) not in (YES, NO):
                found[word.value] = "choose_one"
        return found

    def _reading(self, sheet: Sheet, draft: Draft, dispute: Dispute) -> Reading:
        """What stands by the arbiter's word: the fields that agreed, and those chosen."""
        typed: dict[FieldName, VoteField] = dict(dispute.first.fields())
        for name in dispute.fields:
            value = _value(draft, name)
            assert value is not None
            typed[name] = value
        both = set(dispute.first.observations) & set(dispute.second.observations)
        noted = {one for one in NOTED if one in both}
        noted |= {one for one in dispute.noted if draft.choices.get(one.value) == YES}
        reading = sheet.asked.reading(typed, frozenset(noted))
        return with_excess(reading, sheet.expected, self._house.election.rules)

    def _page(
        self, visit: Visit, held: Held, status: int = HTTPStatus.OK, told: str = ""
    ) -> web.Response:
        dispute = self._dispute(held.ticket)
        if dispute is None:
            raise NotGiven(PageCode.DISPUTE_OVER, "no dispute")
        sheet = self._sheet(held.ticket)
        draft = held.draft or Draft()
        troubles = self._troubles(draft, dispute) if held.draft is not None else {}
        return self._pages.give(
            visit,
            "arbitration",
            status,
            sheet=sheet,
            ticket=held.text,
            choices=self._choices(held, dispute, sheet, troubles, visit.language),
            noted=[
                (one.value, draft.choices.get(one.value, ""), troubles.get(one.value, ""))
                for one in dispute.noted
            ],
            words=draft.words,
            lacks_reason=held.draft is not None and _lacks_reason(draft, dispute),
            told=told,
            reasons=REASONS,
            image=self._work.image_at(held.ticket),
            places=self._places(held.ticket),
        )

    def _choices(
        self,
        held: Held,
        dispute: Dispute,
        sheet: Sheet,
        troubles: dict[str, str],
        language: Language,
    ) -> list[Choice]:
        draft, pairs = held.draft or Draft(), []
        first, second = dict(dispute.first.fields()), dict(dispute.second.fields())
        for name in dispute.fields:
            values = key_of(first[name]), key_of(second[name])
            if self._turned(held.text, name):
                values = values[1], values[0]
            pairs.append(
                Choice(
                    name,
                    sheet.label(name, language),
                    values,
                    draft.choices.get(name, ""),
                    draft.fields.get(name, ""),
                    troubles.get(name, ""),
                )
            )
        return pairs

    def _turned(self, ticket: str, name: FieldName) -> bool:
        """Whether the second value comes first: drawn for each field of each ticket."""
        said = f"openprep/order/v1\n{ticket}\n{name}".encode()
        return bool(hmac.digest(self._secret, said, "sha256")[0] & 1)


def _readings(paper: Paper) -> tuple[Reading, Reading]:
    assert paper.first is not None
    assert paper.second is not None
    return paper.first.step.reading, paper.second.step.reading


def _chosen(form: Form, dispute: Dispute) -> Draft:
    names = (*dispute.fields, *(word.value for word in dispute.noted))
    return Draft(
        fields={name: form.one(name)[:MOST_TYPED] for name in dispute.fields},
        choices={name: form.one(CHOICE + name)[:MOST_TYPED] for name in names},
        words=form.one("motivo").strip()[:LONGEST_REASON],
    )


def _value(draft: Draft, name: FieldName) -> VoteField | None:
    """The figure that was chosen for a field, or typed beside the two.

    Raises:
        NotAFigure: what was typed is none.
    """
    chosen = draft.choices.get(name, "")
    return read_figure(draft.fields.get(name, "") if chosen == THIRD else chosen)


def _trouble(draft: Draft, name: FieldName) -> str:
    try:
        value = _value(draft, name)
    except NotAFigure:
        return "wrong"
    if value is not None:
        return ""
    return "empty" if draft.choices.get(name) == THIRD else "choose_one"


def _lacks_reason(draft: Draft, dispute: Dispute) -> bool:
    """Whether a figure is neither of the two, and nobody says why."""
    first, second = dict(dispute.first.fields()), dict(dispute.second.fields())
    return not draft.words and any(
        _trouble(draft, name) == "" and _value(draft, name) not in (first[name], second[name])
        for name in dispute.fields
    )
