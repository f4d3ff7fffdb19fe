"""The lesson: the capture form itself, before images whose truth is known.

Nothing of it is a step. Its tickets are of an office of its own, so that none of them is taken
where actas are captured, and what was typed is in this process's memory and nowhere else.
"""

import asyncio
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

from aiohttp import web

from openprep.capture.reading import FieldName, Reading, differing
from openprep.desks.codes import NotGiven, PageCode
from openprep.desks.drafts import Draft
from openprep.desks.figures import key_of
from openprep.desks.house import Steady
from openprep.desks.lesson import ACTAS, Exercise, lesson_of
from openprep.desks.ticket import Ticket, TicketOffice
from openprep.desks.web.capturing.sources import Needs
from openprep.desks.web.form_places import boxes_of
from openprep.desks.web.pages import Pages, lead_to
from openprep.desks.web.routes import Route
from openprep.desks.web.sheet import Box, Sheets
from openprep.desks.web.texts.all import text
from openprep.desks.web.turns import Turns
from openprep.desks.web.visit import Visit
from openprep.desks.web.work import IMAGE_KEPT, TICKET, AtWork, Held
from openprep.election import Election
from openprep.people.permissions import Act

PRACTICE = "/practica"
NEXT = PRACTICE + "/siguiente"
IMAGE = PRACTICE + "/imagen/{ticket}"
KEYS = "teclas"
MOST_KEYS = 100_000


class Result(NamedTuple):
    """What came of one exercise. ``keys`` is ``None`` where the page had no script to count."""

    exercise: Exercise
    seconds: float
    keys: int | None
    read: Reading | None
    """``None`` of an image that was sent back."""

    @property
    def wrong(self) -> tuple[FieldName, ...]:
        """The fields that are not as on the paper."""
        truth = self.exercise.truth
        if truth is None or self.read is None:
            return ()
        return differing(truth, self.read)

    @property
    def verdict(self) -> str:
        """Part of the name of the text that says how it went."""
        if self.exercise.truth is None:
            return "sent_back" if self.read is None else "unreadable"
        if self.read is None:
            return "readable"
        return "wrong" if self.wrong else "right"


@dataclass
class Learner:
    """How far somebody is: ``turn`` counts exercises, ``began`` is when the one at work was shown.

    ``told`` says that the page of the last result is up, until they go on.
    """

    turn: int = 0
    began: float | None = None
    draft: Draft | None = None
    keys: int | None = 0
    told: bool = False
    results: list[Result] = field(default_factory=list)


class Lesson:
    """Where the lesson's actas come from, and the pages around its form.

    ``secret`` is the house's.
    """

    at = PRACTICE
    title = "practice"
    needs = Needs(Act.PRACTISE, Act.PRACTISE, Act.PRACTISE)
    counts_keys = True

    def __init__(self, election: Election, pages: Pages, secret: bytes, steady: Steady) -> None:
        self._election = election
        self._pages = pages
        self._office = TicketOffice(hmac.digest(secret, b"openprep/practice/v1", "sha256"))
        self._steady = steady
        self._sheets = Sheets(election)
        self._learners: dict[str, Learner] = {}
        self._turns: Turns[str] = Turns()
        self._making = asyncio.Lock()
        self._exercises: tuple[Exercise, ...] | None = None

    def rows(self) -> tuple[Route, ...]:
        """The rows of the pages around the form."""
        return (
            Route("POST", NEXT, Act.PRACTISE, self.go_on),
            Route("GET", IMAGE, Act.PRACTISE, self.image),
        )

    async def at_work(self, visit: Visit) -> AtWork:
        """The exercise of a person, whose time runs from when it was first shown."""
        await self._make()
        learner = self._learner(visit.who.person)
        exercise = self._exercise(learner)
        if exercise is None or learner.told:
            return AtWork(None, None)
        if learner.began is None:
            learner.began = self._steady()
        ticket = exercise.ticket(visit.who.person, learner.turn)
        return AtWork(Held(self._office.write(ticket), ticket, learner.draft), None)

    def nothing(self, visit: Visit) -> web.Response:
        """What came of the last exercise; after the third acta, of all."""
        learner = self._learner(visit.who.person)
        last = learner.results[-1] if learner.results else None
        return self._pages.give(
            visit,
            "lesson",
            last=last,
            rows=[] if last is None else self._compared(visit, last),
            results=learner.results if self._is_over(learner) else [],
            of=ACTAS,
            next=NEXT,
        )

    def lead(self, visit: Visit, ticket: Ticket) -> str:
        """What the exercise is for."""
        exercise = self._exercise(self._learner(ticket.person))
        if exercise is None:
            return ""
        return text(visit.language, f"lesson.{exercise.teaches.value}", number=exercise.number)

    def image_at(self, ticket: Ticket) -> str:
        """As :class:`ActaSource`."""
        return IMAGE.format(ticket=self._office.to_see(ticket))

    def places(self, ticket: Ticket) -> Mapping[FieldName, Box]:
        """The form lies straight on these images, but on the one that nobody can read."""
        exercise = self._exercise(self._learner(ticket.person))
        if exercise is None or exercise.truth is None:
            return {}
        return boxes_of(self._election, ticket.contest)

    def posted(self, visit: Visit) -> Held:
        """As :class:`ActaSource`; the keystrokes that the form brings are added up."""
        ticket = self._office.read(visit.form.one(TICKET), visit.who.person)
        held = Held(self._office.write(ticket), ticket, None)
        learner = self._learner(ticket.person)
        if KEYS in visit.form.values and self._is_at_work(ticket):
            learner.keys = _added(learner.keys, visit.form.one(KEYS))
        return held

    def left(self, visit: Visit) -> Held:
        """As :class:`ActaSource`."""
        ticket = self._office.written_for(visit.form.one(TICKET))
        return Held(self._office.write(ticket), ticket, None)

    def turn(self, person: str) -> asyncio.Lock:
        """As :class:`ActaSource`."""
        return self._turns.of(person)

    async def is_spent(self, ticket: str) -> bool:
        """Whether it is not that of the exercise at work; after a restart there may be none."""
        await self._make()
        return not self._is_at_work(self._office.written_for(ticket))

    async def find(self, person: str, ticket: str) -> Draft | None:  # noqa: ARG002 - as ActaSource
        """As :class:`ActaSource`."""
        return self._learner(person).draft

    async def keep(self, person: str, ticket: str, draft: Draft) -> None:  # noqa: ARG002 - as ActaSource
        """Kept in memory: a lesson that is lost is done again."""
        self._learner(person).draft = draft

    async def take(self, visit: Visit, held: Held, reading: Reading) -> None:  # noqa: ARG002 - as ActaSource
        """Nothing is sealed: the result is told, and that is all."""
        self._tell(visit.who.person, reading)

    async def send_back(self, visit: Visit, held: Held, reason: str) -> None:  # noqa: ARG002 - as ActaSource
        """As :meth:`take`."""
        self._tell(visit.who.person, None)

    async def go_on(self, visit: Visit) -> web.Response:
        """The next exercise, or the lesson from its beginning."""
        await self._make()
        learner = self._learner(visit.who.person)
        if learner.told:
            over = self._is_over(learner)
            results = [] if over else learner.results
            self._learners[visit.who.person] = Learner(learner.turn + 1, results=results)
        return lead_to(PRACTICE)

    async def image(self, visit: Visit) -> web.Response:
        """The image of an exercise, for who has its ticket."""
        await self._make()
        ticket = self._office.seen(visit.request.match_info["ticket"], visit.who.person)
        for exercise in self._exercises or ():
            if sha256(exercise.image).hexdigest() == ticket.image:
                headers = {"Cache-Control": IMAGE_KEPT}
                return web.Response(body=exercise.image, content_type="image/jpeg", headers=headers)
        raise NotGiven(PageCode.NO_IMAGE, "no image")

    async def _make(self) -> None:
        """Have the images, which are made when the first person asks for them, beside the loop."""
        async with self._making:
            if self._exercises is None:
                self._exercises = await asyncio.to_thread(lesson_of, self._election)

    def _learner(self, person: str) -> Learner:
        return self._learners.setdefault(person, Learner())

    def _exercise(self, learner: Learner) -> Exercise | None:
        """The exercise at work, or of the result that is up; ``None`` if there is no lesson."""
        exercises = self._exercises or ()
        return exercises[learner.turn % len(exercises)] if exercises else None

    def _is_over(self, learner: Learner) -> bool:
        return learner.told and len(learner.results) == len(self._exercises or ())

    def _is_at_work(self, ticket: Ticket) -> bool:
        learner = self._learner(ticket.person)
        exercise = self._exercise(learner)
        return (
            exercise is not None
            and not learner.told
            and ticket == exercise.ticket(ticket.person, learner.turn)
        )

    def _tell(self, person: str, read: Reading | None) -> None:
        learner = self._learner(person)
        exercise = self._exercise(learner)
        assert exercise is not None
        now = self._steady()
        seconds = now - (now if learner.began is None else learner.began)
        keys = None if read is None else learner.keys
        learner.results.append(Result(exercise, seconds, keys, read))
        learner.told = True

    def _compared(self, visit: Visit, result: Result) -> list[tuple[str, str, str]]:
        """Each field that is not as on the paper: its label, what was typed, and what is there."""
        exercise = result.exercise
        if exercise.truth is None or result.read is None:
            return []
        sheet = self._sheets.of(exercise.ticket(visit.who.person, 0))
        typed, there = dict(result.read.fields()), dict(exercise.truth.fields())
        return [
            (sheet.label(name, visit.language), key_of(typed[name]), key_of(there[name]))
            for name in result.wrong
        ]


def _added(before: int | None, brought: str) -> int | None:
    """Keystrokes so far; ``None`` once a form came from a page that did not count."""
    if before is None or not (brought.isascii() and brought.isdigit() and len(brought) < 7):
        return None
    return min(MOST_KEYS, before + int(brought))
