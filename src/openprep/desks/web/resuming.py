"""What was confirmed before the house was killed: it is sealed, at the start or when that can be.

A disk that is full or a clock that was reset go with a power cut. Neither is a reason to give back
to a person what they confirmed: it stays confirmed, and is tried again until it is sealed.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgspec

from openprep.coded import CodedError
from openprep.desks.codes import DeskCode
from openprep.desks.drafts import Kept
from openprep.desks.house import Worker
from openprep.desks.web.work import Work
from openprep.record.codes import RecordTrouble
from openprep.transmission.codes import RefusalCode

LOG = logging.getLogger("openprep.desks")

AGAIN_EVERY = 10.0
"""Seconds between two tries."""

_CLOCK_IS_BEHIND = (DeskCode.CLOCK_BEHIND, RefusalCode.WRONG_TIME)
"""The second is a clock before the time of a step, which was none when that was confirmed."""


class Resuming:
    """Seals what was confirmed when the house started, each once."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._left: list[Kept] = []
        self._told = ""

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Seal what can be sealed now, and the rest meanwhile, as soon as it can be."""
        work = self._work
        confirmed = work.drafts.confirmed()
        steps = {kept.draft.step for kept in confirmed if kept.draft.step is not None}
        sealed = work.house.sealed_among(steps) if steps else frozenset()
        for kept in confirmed:
            if kept.draft.step in sealed:
                await work.spend_sealed(kept.person, kept.ticket)
            else:
                self._left.append(kept)
        await self._seal_those_left()
        trying = asyncio.create_task(self._try_again())
        try:
            yield
        finally:
            trying.cancel()
            with suppress(asyncio.CancelledError):
                await trying

    async def _try_again(self) -> None:
        while self._left:
            await asyncio.sleep(AGAIN_EVERY)
            await self._seal_those_left()

    async def _seal_those_left(self) -> None:
        """One after the other, until the machine lets none be sealed; why it did not is told."""
        while self._left:
            kept = self._left[0]
            async with self._work.turn(kept.person):
                try:
                    await self._settle(kept)
                except CodedError as error:
                    self._tell(error)
                    return
            del self._left[0]

    async def _settle(self, kept: Kept) -> None:
        """Seal it, or give it back to its person, who may have taken it in hand meanwhile.

        Raises:
            CodedError: the machine does not let it be sealed; it is as it was.
        """
        work, step = self._work, kept.draft.step
        if step is None or await work.find(kept.person, kept.ticket) != kept.draft:
            return
        try:
            worker = Worker(step.by, step.session, kept.draft.place)
            await work.house.take(worker, step, confirmed_before=True)
        except (CodedError, KeyError) as error:  # as a place that is no longer of this house
            if isinstance(error, CodedError) and _is_the_machine_s(error):
                raise
            typed = msgspec.structs.replace(kept.draft, step=None, place="")
            await work.keep(kept.person, kept.ticket, typed)
        else:
            await work.spend_sealed(kept.person, kept.ticket)

    def _tell(self, error: CodedError[Any]) -> None:
        """Say what is in the way, once as long as it is the same."""
        if error.code.code != self._told:
            self._told = error.code.code
            LOG.error("what was confirmed (%d) waits to be sealed: %s", len(self._left), error)


def _is_the_machine_s(error: CodedError[Any]) -> bool:
    return isinstance(error, RecordTrouble) or error.code in _CLOCK_IS_BEHIND
