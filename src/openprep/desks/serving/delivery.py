"""Delivering what a house sealed: figures first, in the order of its journal, then the images.

A place whose envelope the centre refuses waits, and what comes of it; the others go on.

It goes on for as long as the house does, in a thread and with a connection of its own, so that no
desk waits for it and nothing leaves before it is on disk. What the centre does not take is told
once; the desks go on.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import msgspec

from openprep.coded import said
from openprep.desks.delivery_note import DeliveryNote, read_note
from openprep.desks.journal import Journal
from openprep.desks.serving.codes import HouseCode
from openprep.desks.serving.leaving import InOrder
from openprep.durable import writing_whole
from openprep.record.codes import RecordTrouble
from openprep.transmission.station.delivery import Courier, DeliveryRefused, NotTheInbox
from openprep.transmission.station.images import ImageOutbox

LOOK_EVERY = 0.5
"""Seconds between two looks at whether there is anything new."""

TRY_AGAIN_AFTER = 30.0
"""Seconds until what was refused is offered again."""

log = logging.getLogger("openprep.capture")


class Delivery:
    """Delivers the journal of a house, and its images, to one centre."""

    def __init__(self, journal: Journal, images: ImageOutbox, center: str, note: Path) -> None:
        self._images = images
        self._center = center
        self._path = note
        self._note = read_note(note)
        self._told = ""
        self._outgoing = InOrder(journal)
        self._troubles: dict[str, str] = {}
        """Why the centre refuses a place, as it was told; those that wait now or did until now."""
        self._waiting: set[str] = set()
        self._again = 0.0

    async def go_on(self) -> None:
        """Deliver until cancelled."""
        async with aiohttp.ClientSession() as session:
            jitter = Random()  # noqa: S311 - spreads load, keeps no secret
            courier = Courier(
                self._outgoing,
                self._center,
                session,
                jitter,
                images=self._images,
                withdraws=False,
            )
            while True:
                await self._round(courier)

    async def _round(self, courier: Courier) -> None:
        """Deliver what there is, then wait for more."""
        try:
            await courier.deliver_all()
        except DeliveryRefused as refusal:
            self._set_back(refusal)
            return
        except (NotTheInbox, RecordTrouble, OSError) as trouble:
            self._stopped(str(trouble))
            await asyncio.sleep(TRY_AGAIN_AFTER)
            return
        finally:
            self._tell_aside(courier)
        self._told = ""
        self._troubles = {place: self._troubles[place] for place in sorted(self._waiting)}
        self._keep(DeliveryNote("; ".join(self._troubles.values()), self._note.aside))
        await self._anything_new(courier)

    def _set_back(self, refused: DeliveryRefused) -> None:
        """Let the place wait whose envelope was refused, with what comes of it; say so once."""
        place = self._outgoing.place
        self._outgoing.set_back()
        self._waiting.add(place)
        self._again = asyncio.get_running_loop().time() + TRY_AGAIN_AFTER
        why = refused.refusal
        trouble = f"{place} {refused.sequence}: {why.code} {why.detail} — {why.meaning}"
        if self._troubles.get(place) != trouble:
            log.error("%s", HouseCode.DELIVERY_STOPS.of("{trouble}", trouble=trouble))
            self._troubles[place] = trouble

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
            if self._outgoing.any_waits and loop.time() >= self._again:
                self._outgoing.offer_again()
                self._waiting.clear()
                return
            waiting = set(self._images.pending())
            fresh = waiting - set(courier.refused_images)
            if self._outgoing.next_pending() is not None or fresh:
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
