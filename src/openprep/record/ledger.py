"""The record and its state, kept in step: durable first, then applied, in the record's order."""

import asyncio
from concurrent.futures import Future

from openprep.election import Rules
from openprep.record.events import Closed, EnvelopeReceived, Event, ImageReceived
from openprep.record.facts import Fact
from openprep.record.snapshot import state_of
from openprep.record.sqlite import Appended, Record
from openprep.record.state import State


class ReceptionClosed(Exception):
    """An envelope or image came after the closing, or while that was being written."""


class Ledger:
    """Belongs to one event loop: only from there is it appended to, and ``state`` read.

    What is durable is applied even if whoever asked for it has gone away meanwhile (a station that
    hung up), since the record is the truth and the state only follows it.
    """

    def __init__(self, record: Record, rules: Rules) -> None:
        self.record = record
        self.state: State = state_of(record.path, record.origin, rules)
        self._closing = self.state.closed is not None

    async def append(self, event: Event, facts: tuple[Fact, ...] | None = None) -> Appended:
        """Append ``event`` durably and apply it; ``facts`` are an envelope's, if decoded already.

        Neither envelope nor image is recorded after a :class:`~openprep.record.events.Closed`,
        even one that arrives while the disk is still writing it.

        Raises:
            ReceptionClosed: the event is one of these, and reception was closed before.
            RecordTrouble: nothing was appended, and the state is as before.
        """
        if self._closing and isinstance(event, EnvelopeReceived | ImageReceived):
            raise ReceptionClosed
        loop = asyncio.get_running_loop()
        applied: asyncio.Future[Appended] = loop.create_future()

        def written(answer: "Future[list[Appended]]") -> None:
            # The writer answers in the order of the record, and the loop keeps that order.
            loop.call_soon_threadsafe(self._apply, answer, event, facts, applied)

        self.record.submit([event]).add_done_callback(written)
        self._closing = self._closing or isinstance(event, Closed)
        return await asyncio.shield(applied)

    def _apply(
        self,
        answer: "Future[list[Appended]]",
        event: Event,
        facts: tuple[Fact, ...] | None,
        applied: "asyncio.Future[Appended]",
    ) -> None:
        try:
            appended = answer.result()[0]
            if not appended.duplicate:
                self.state.apply(appended.position, event, facts)
        except Exception as trouble:  # noqa: BLE001 - whoever waits is told, whatever it is
            if isinstance(event, Closed):
                self._closing = self.state.closed is not None
            applied.set_exception(trouble)
            return
        applied.set_result(appended)
