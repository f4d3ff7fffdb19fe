"""Delivering what a house sealed: figures first, in the order of its journal, then the images.

It goes on for as long as the house does, in a thread and with a connection of its own, so that no
desk waits for it and nothing leaves before it is on disk. What the centre does not take is told
once; the desks go on.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import msgspec

from openprep.coded import said
from openprep.desks.delivery_note import DeliveryNote, read_note
from openprep.desks.journal import Journal
from openprep.desks.serving.codes import HouseCode
from openprep.durable import writing_whole
from openprep.record.codes import RecordTrouble
from openprep.transmission.station.delivery import Courier, DeliveryRefused, NotTheInbox
from openprep.transmission.station.images import ImageOutbox
from openprep.transmission.station.outbox import Pending

LOOK_EVERY = 0.5
"""Seconds between two looks at whether there is anything new."""

TRY_AGAIN_AFTER = 30.0
"""Seconds until what was refused is offered again."""

log = logging.getLogger("openprep.capture")


class InOrder:
    """The envelopes of all places of a house, as one courier takes them."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._place = ""

    @property
    def now(self) -> datetime:
        """The time by the clock that seals."""
        return self._journal.clock()

    def next_pending(self) -> Pending | None:
        """The envelope that the centre must meet next."""
        leaving = self._journal.next_to_leave()
        if leaving is None:
            return None
        self._place = leaving.place
        return leaving.pending

    def mark_delivered(self, sequence: int) -> None:
        """The centre acknowledged the envelope that was given last."""
        self._journal.mark(self._place, sequence)

    def rewind(self, sequence: int) -> None:
        """The centre asks for everything from that envelope of the same place on once more."""
        self._journal.rewind(self._place, sequence)


class Delivery:
    """Delivers the journal of a house, and its images, to one centre."""

    def __init__(self, journal: Journal, images: ImageOutbox, center: str, note: Path) -> None:
        self._journal = journal
        self._images = images
        self._center = center
        self._path = note
        self._note = read_note(note)
        self._told = ""
        self._courier: Courier | None = None

    async def go_on(self) -> None:
        """Deliver until cancelled."""
        async with aiohttp.ClientSession() as session:
            jitter = Random()  # noqa: S311 - spreads load, keeps no secret
            outgoing = InOrder(self._journal)
            self._courier = Courier(outgoing, self._center, session, jitter, images=self._images)
            while True:
                await self._round(self._courier)

    async def _round(self, courier: Courier) -> None:
        """Deliver what there is, then wait for more."""
        try:
            await courier.deliver_all()
            self._tell_aside(courier)
            self._told = ""
            self._keep(DeliveryNote(aside=self._note.aside))
            await self._anything_new(courier)
        except (DeliveryRefused, NotTheInbox, RecordTrouble, OSError) as trouble:
            self._tell_aside(courier)
            self._stopped(str(trouble))
            await asyncio.sleep(TRY_AGAIN_AFTER)

    def _stopped(self, trouble: str) -> None:
        """Say once why nothing leaves."""
        if trouble != self._told:
            log.error("%s", HouseCode.DELIVERY_STOPS.of("{trouble}", trouble=trouble))
            self._told = trouble
        self._keep(DeliveryNote(trouble, self._note.aside))

    def _tell_aside(self, courier: Courier) -> None:
        for aside in courier.aside:
            code = HouseCode.SET_ASIDE
            log.warning(
                "%s",
                code.of(
                    "{contest} {acta}: {why} {meaning}",
                    contest=aside.contest,
                    acta=aside.acta or said("out of catalogue"),
                    why=aside.code,
                    meaning=aside.meaning,
                ),
            )
        count, courier.aside_count = courier.aside_count, 0
        courier.aside.clear()
        self._keep(DeliveryNote(self._note.stopped_by, self._note.aside + count))

    def _keep(self, note: DeliveryNote) -> None:
        """Put it down where it changed; what the disk refuses is put down with the next change."""
        if note == self._note:
            return
        self._note = note
        try:
            with writing_whole(self._path) as stream:
                stream.write(msgspec.json.encode(note))
        except OSError as error:
            log.warning("%s: %s", self._path, error)

    async def _anything_new(self, courier: Courier) -> None:
        """Wait until something is to be sent, or what was refused may be offered again."""
        loop = asyncio.get_running_loop()
        again = loop.time() + TRY_AGAIN_AFTER
        while True:
            await asyncio.sleep(LOOK_EVERY)
            waiting = set(self._images.pending())
            if self._journal.next_to_leave() is not None or waiting - set(courier.refused_images):
                return
            if waiting and loop.time() >= again:
                return


async def beside(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run ``work`` in a thread and on a loop of its own, until this is cancelled.

    Raises:
        Exception: whatever ended it.
    """
    inside: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = []

    async def begin() -> None:
        task = asyncio.ensure_future(work())
        inside.append((asyncio.get_running_loop(), task))
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()

    running = asyncio.ensure_future(asyncio.to_thread(asyncio.run, begin()))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            for loop, task in inside:
                loop.call_soon_threadsafe(task.cancel)
            await asyncio.wait([running], timeout=LOOK_EVERY)
        raise
