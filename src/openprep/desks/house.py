"""The house: what its places sealed, and the floor that it amounts to.

Whatever a desk is told has happened is on disk before it is told. The floor is the fold of the
journal by the same rule that the centre folds its record with, so that a house that was killed goes
on where it was.
"""

import asyncio
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from openprep.capture.paper import Outcome, Paper
from openprep.capture.steps import AnyStep
from openprep.capture.work.floor import Floor
from openprep.capture.work.policy import Policy
from openprep.capture.work.tasks import Hand, Task
from openprep.clock import Clock
from openprep.coded import CodedError
from openprep.desks.codes import DeskCode
from openprep.desks.journal import Journal
from openprep.desks.ticket import Ticket
from openprep.election import Election
from openprep.election.remit import Remit
from openprep.record.aside import Why
from openprep.transmission.inbox.checks import CLOCK_SKEW, check_fact
from openprep.transmission.inbox.judging import why_step_held

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
        self.floor = Floor(election, remits, policy)
        self.hands_out = True
        """Whether work is handed out; what was handed out before is taken all the same."""
        self._remits = remits
        self._journal = journal
        self._steady = steady
        self._one_at_a_time = asyncio.Lock()
        self._taking: set[asyncio.Future[Outcome]] = set()
        for place, fact, _ in journal:
            assert isinstance(fact, AnyStep)  # a house seals nothing else
            self.floor.take(fact, place)

    async def take(self, worker: Worker, step: AnyStep) -> Outcome:
        """Seal a step for the worker's place, and go on by it; durable when this returns.

        A step that the rule does not take is sealed too, as evidence. It is done whole, also where
        whoever asked goes away meanwhile.

        Raises:
            Refused: the centre would refuse it, as a form of another width: nothing was sealed.
            NotSealed: the centre would not take it for what it is: nothing was sealed.
            RecordTrouble: the disk refused: nothing was sealed.
        """
        self.check(worker, step)
        taking = asyncio.ensure_future(self._take_in_turn(worker.place, step))
        self._taking.add(taking)
        taking.add_done_callback(self._taking.discard)
        return await asyncio.shield(taking)

    def check(self, worker: Worker, step: AnyStep) -> None:
        """See that a step of the worker's place can be sealed.

        Raises:
            Refused, NotSealed: as :meth:`take`.
        """
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

    async def _take_in_turn(self, place: str, step: AnyStep) -> Outcome:
        async with self._one_at_a_time:
            await asyncio.to_thread(self._journal.seal, place, step)
            return self.floor.take(step, place)

    async def finish(self) -> None:
        """Wait until every step that was begun is sealed; for whoever takes no more of them."""
        while self._taking:
            await asyncio.wait(self._taking)

    def lend(self, worker: Worker, task: Task) -> list[Ticket]:
        """What the worker has for a task: the one at work first, then those ahead of it."""
        hand = Hand(worker.person, worker.place)
        lent = self.floor.lend(hand, task, self._steady(), more=self.hands_out)
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

    def end_work_of(self, person: str) -> None:
        """Take back everything that is lent to a person: their session ended."""
        self.floor.take_back_from(person)

    def paper(self, contest: str, named: str) -> Paper | None:
        """What is known of an acta, by its id or, while nobody knows it, its image's digest."""
        return self.floor.papers.by_key.get((contest, named))

    @property
    def pending(self) -> int:
        """How many sealed steps the centre has not acknowledged."""
        return self._journal.pending()
