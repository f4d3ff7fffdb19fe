"""The house: what its places sealed, and the floor that it amounts to.

Whatever a desk is told has happened is on disk before it is told. The floor is the fold of the
journal by the same rule that the centre folds its record with, so that a house that was killed goes
on where it was.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple, TypeVar

from openprep.capture.acts import AnyAct, Doors, HouseAct, HouseClosed
from openprep.capture.paper import Outcome, Paper
from openprep.capture.steps import AnyStep, SampleDrawn
from openprep.capture.work.floor import URGENT, Floor
from openprep.capture.work.policy import Policy
from openprep.capture.work.tasks import Hand, Task
from openprep.clock import Clock
from openprep.coded import CodedError
from openprep.desks.codes import DeskCode
from openprep.desks.incidents import Incidents
from openprep.desks.journal import Journal
from openprep.desks.ticket import Ticket
from openprep.desks.together import MOST
from openprep.election import Election
from openprep.election.remit import Remit
from openprep.record.aside import Why
from openprep.transmission.codes import Refused
from openprep.transmission.inbox.checks import CLOCK_SKEW, check_fact, check_sealing
from openprep.transmission.inbox.judging import why_step_held

Answer = TypeVar("Answer")

Steady = Callable[[], float]
"""Seconds that only grow, as :func:`time.monotonic` gives them."""

_NOT_SEALED = {
    Why.NOT_ITS_ROLE: DeskCode.NOT_OF_THIS_PLACE,
    Why.IMPLAUSIBLE: DeskCode.IMPLAUSIBLE,
    Why.WRONG_EXCESS: DeskCode.WRONG_EXCESS,
}


class NotSealed(CodedError[DeskCode]):
    """A step was not sealed, and why; whoever took it still has it before them."""


class Worker(NamedTuple):
    """Who is at a desk: a person's pseudonym, their session, and the place that they work in."""

    person: str
    session: str
    place: str


class Hours(Enum):
    """Whether a house works; the value is its name in pages and files."""

    OPEN = "open"
    CLOSING = "closing"
    """It was closed a short while ago: what was begun is still taken, and nothing is handed out."""
    CLOSED = "closed"


class _Asked(NamedTuple):
    """A step that waits to be sealed, and who waits for it."""

    worker: Worker
    step: AnyStep
    answer: "asyncio.Future[Outcome]"


class House:
    """One house of capture: its places by their remits, and all that they know.

    Raises:
        RecordTrouble: the journal cannot be read.
    """

    def __init__(
        self,
        election: Election,
        remits: Mapping[str, Remit],
        journal: Journal,
        *,
        clock: Clock,
        steady: Steady,
        policy: Policy | None = None,
    ) -> None:
        self.election = election
        self.clock = clock
        self.policy = policy or Policy()
        self.floor = Floor(election, remits, self.policy)
        self.doors = Doors()
        """Whether it is open, and who is shut out: what two people decided. It starts closed."""
        self.incidents = Incidents()
        self._grace_ends = 0.0
        self._remits = remits
        self._journal = journal
        self.steady = steady
        self._one_at_a_time = asyncio.Lock()
        self._taking: set[asyncio.Future[Any]] = set()
        self._waiting: list[_Asked] = []
        self._sealing: asyncio.Task[None] | None = None
        for place, fact, _ in journal:
            if isinstance(fact, HouseAct):
                self.doors.take(fact)
                continue
            assert isinstance(fact, AnyStep)  # a house seals nothing else
            self.floor.take(fact, place)
        closes = self.closes_at
        if closes is not None:
            self._begin_grace(closes - clock())

    # --- its doors --------------------------------------------------------------------------------

    @property
    def hours(self) -> Hours:
        """Whether it works now."""
        if self.doors.is_open:
            return Hours.OPEN
        return Hours.CLOSING if self.steady() < self._grace_ends else Hours.CLOSED

    @property
    def closes_at(self) -> datetime | None:
        """Until when what is begun can be saved, in a house that was closed."""
        closed = self.doors.closed
        return None if closed is None else closed.at + timedelta(seconds=closed.grace_seconds)

    async def act(self, place: str, act: AnyAct) -> None:
        """Seal what two people decided, with the key of ``place``, and go by it from then on.

        Raises:
            Refused: one person decided it: nothing was sealed.
            NotSealed: CLOCK_BEHIND: nothing was sealed.
            RecordTrouble: the disk refused: nothing was sealed.
        """
        self._check_day()
        check_fact(act, self.election, self.clock() + CLOCK_SKEW, "the act")
        await self._begun(self._act_in_turn(place, act))

    async def _act_in_turn(self, place: str, act: AnyAct) -> None:
        async with self._one_at_a_time:
            await asyncio.to_thread(self._journal.seal, (place, act))
            was_open = self.doors.is_open
            self.doors.take(act)
            if isinstance(act, HouseClosed) and was_open:
                self._begin_grace(timedelta(seconds=act.grace_seconds))

    def _begin_grace(self, left: timedelta) -> None:
        """Take what was begun for as long, by a clock that nobody sets."""
        longest = 0 if self.doors.closed is None else self.doors.closed.grace_seconds
        self._grace_ends = self.steady() + min(left.total_seconds(), longest)

    def _check_day(self) -> None:
        """See that the centre will not refuse, for good, what is sealed now: before the day."""
        now = self.clock()
        try:
            check_sealing(now, now, self.election)
        except Refused as error:
            raise NotSealed(DeskCode.CLOCK_BEHIND, "{now}", now=now.isoformat()) from error

    def _check_doors(self, worker: Worker, *, confirmed_before: bool) -> None:
        if self.doors.are_shut_to(worker.person, worker.place):
            raise NotSealed(DeskCode.SHUT_OUT, "{place}", place=worker.place)
        if self.hours is Hours.CLOSED and not confirmed_before:
            raise NotSealed(DeskCode.NOT_OPEN, "not open")

    # --- its work ---------------------------------------------------------------------------------

    async def take(
        self, worker: Worker, step: AnyStep, *, confirmed_before: bool = False
    ) -> Outcome:
        """Seal a step for the worker's place, and go on by it; durable when this returns.

        A step that the rule does not take is sealed too, as evidence. It is done whole, also where
        whoever asked goes away meanwhile. What was ``confirmed_before`` it closed is sealed after.

        Raises:
            Refused: the centre would refuse it, as a form of another width: nothing was sealed.
            NotSealed: the centre would not take it for what it is, or the house is not open or shut
                to who brings it: nothing was sealed.
            RecordTrouble: the disk refused: nothing was sealed.
        """
        self.check(worker, step, confirmed_before=confirmed_before)
        return await self._begun(self._take_in_turn(worker, step))

    async def _begun(self, doing: Coroutine[None, None, Answer]) -> Answer:
        """What is begun is done whole, also where whoever asked goes away meanwhile."""
        taking = asyncio.ensure_future(doing)
        self._taking.add(taking)
        taking.add_done_callback(self._taking.discard)
        return await asyncio.shield(taking)

    def check(self, worker: Worker, step: AnyStep, *, confirmed_before: bool = False) -> None:
        """See that a step of the worker's place can be sealed.

        Raises:
            Refused, NotSealed: as :meth:`take`.
        """
        whenever = confirmed_before or isinstance(step, SampleDrawn)  # it is no acta's work
        self._check_doors(worker, confirmed_before=whenever)
        self._check_day()
        check_fact(step, self.election, self.clock() + CLOCK_SKEW, "the step")
        why = why_step_held(step, self._remits[worker.place], self.election)
        if why is not None:
            raise NotSealed(
                _NOT_SEALED[why],
                "{place}: {contest} {acta}",
                place=worker.place,
                contest=step.contest,
                acta=step.acta,
            )

    async def _take_in_turn(self, worker: Worker, step: AnyStep) -> Outcome:
        """Seal it with all others that wait: one flush of the disk takes as long as many."""
        asked = _Asked(worker, step, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        if self._sealing is None:
            self._sealing = asyncio.create_task(self._seal_on())
        return await asked.answer

    async def _seal_on(self) -> None:
        """Seal until nobody waits; whoever was answered takes no turn of the loop any more."""
        try:
            while self._waiting:
                async with self._one_at_a_time:
                    await self._seal_those_that_wait()
        finally:
            self._sealing = None

    async def _seal_those_that_wait(self) -> None:
        """Seal and fold them in their order, and answer each."""
        batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        try:
            let_in = [asked for asked in batch if self._is_let_in(asked)]
            facts = [(asked.worker.place, asked.step) for asked in let_in]
            await asyncio.to_thread(self._journal.seal, *facts)
            for asked in let_in:
                asked.answer.set_result(self.floor.take(asked.step, asked.worker.place))
        except BaseException as error:
            for asked in batch:
                if not asked.answer.done():
                    self._refuse(asked, error)
            if not isinstance(error, Exception):
                raise

    def _is_let_in(self, asked: "_Asked") -> bool:
        """Whether who brought it may still work here: shut out while it waited, it is out."""
        try:
            self._check_doors(asked.worker, confirmed_before=True)
        except NotSealed as refused:
            asked.answer.set_exception(refused)
            return False
        return True

    def _refuse(self, asked: "_Asked", error: BaseException) -> None:
        if not isinstance(error, Exception):
            asked.answer.cancel()
            return
        if isinstance(error, CodedError):
            self.incidents.count[error.code.code] += 1
        asked.answer.set_exception(error)

    async def finish(self) -> None:
        """Wait until every step that was begun is sealed; for whoever takes no more of them."""
        while self._taking:
            await asyncio.wait(self._taking)

    def lend(self, worker: Worker, task: Task, first: AbstractSet[Task] = URGENT) -> list[Ticket]:
        """What the worker has for a task: the one at work first, then those ahead of it.

        Of the sample nothing is lent while a task of ``first`` waits for them.
        """
        hand = Hand(worker.person, worker.place)
        more = self.hours is Hours.OPEN
        lent = self.floor.lend(hand, task, self.steady(), more=more, first=first)
        return [
            Ticket(task, lot.key[0], lot.acta, lot.image, worker.person, lot.round) for lot in lent
        ]

    def sealed_among(self, steps: AbstractSet[AnyStep]) -> frozenset[AnyStep]:
        """Those of ``steps`` that are in the journal."""
        return frozenset(
            fact for _, fact, _ in self._journal if isinstance(fact, AnyStep) and fact in steps
        )

    @property
    def places(self) -> frozenset[str]:
        """The places whose people work here."""
        return frozenset(self._remits)

    def seen_now(self) -> Floor:
        """The floor, without what was lent until now."""
        self.floor.take_back(self.steady())
        return self.floor

    @property
    def remits(self) -> Mapping[str, Remit]:
        """What each place of the house speaks for."""
        return self._remits

    def end_work_of(self, person: str) -> None:
        """Take back everything that is lent to a person: their session ended."""
        self.floor.take_back_from(person)

    def end_work_at(self, place: str) -> None:
        """Take back everything that is lent in a place: nobody works there any more."""
        self.floor.take_back_at(place)

    def paper(self, contest: str, named: str) -> Paper | None:
        """What is known of an acta, by its id or the digest of an image that came without one."""
        papers = self.floor.papers
        return papers.by_key.get(papers.known_as((contest, named)))

    @property
    def pending(self) -> int:
        """How many sealed steps the centre has not acknowledged."""
        return self._journal.pending()
