"""Stations that relive their night: each saves an acta when it was due, and delivers it.

Many stations may live in one process, each with its own key, outbox and sequence: they share the
look at the clock and the connections, and nothing that a centre could tell them apart by.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random

import aiohttp

from openprep.clock import Clock
from openprep.drill.nights.schedule import Arrival, read_schedule
from openprep.record.facts import ActaFact
from openprep.record.images import ImageFolder
from openprep.transmission.station.delivery import Courier, DeliveryRefused, NotTheInbox
from openprep.transmission.station.images import ImageOutbox, beside
from openprep.transmission.station.outbox import Outbox

log = logging.getLogger("openprep.station")

AT_ONCE = 8
"""Stations of one process that deliver at the same time."""
MOST_SAVED = 2000
"""Arrivals that are saved in one step: what bounds the memory of a station that wakes up late."""


@dataclass(frozen=True)
class DrillImages:
    """The images of a drill, by their digests, and where a station puts its own to be sent."""

    rendered: ImageFolder
    own: ImageOutbox

    def save(self, digest: str) -> None:
        """Save the image with this digest, if the drill has it: it rendered a sample."""
        if self.rendered.path(digest).is_file():
            self.own.put(self.rendered.read(digest))


def drill_images(rendered: Path | None, outbox: Path) -> DrillImages | None:
    """The images in folder ``rendered``, for the station with the outbox in file ``outbox``.

    Raises:
        RecordTrouble: the station's folder cannot be written.
    """
    if rendered is None:
        return None
    return DrillImages(ImageFolder(rendered), ImageOutbox(beside(outbox)))


@dataclass
class RelivingStation:
    """One station, and how far its night has come.

    The outbox remembers it, so that a station started again goes on from there.
    """

    name: str
    outbox: Outbox
    schedule: Path
    images: DrillImages | None = None
    _arrivals: Iterator[Arrival] = field(init=False)
    _next: Arrival | None = field(init=False)
    _position: int = field(init=False)

    def __post_init__(self) -> None:
        self._position = self.outbox.cursor
        self._arrivals = islice(read_schedule(self.schedule), self._position, None)
        self._next = next(self._arrivals, None)

    @property
    def over(self) -> bool:
        """Whether everything was saved."""
        return self._next is None

    def is_due(self, now: float) -> bool:
        """Whether something waits to be saved at ``now`` (seconds since 1970)."""
        return self._next is not None and self._next.at.timestamp() < now

    def save(self, now: float) -> None:
        """Save what was due before ``now``."""
        facts: list[ActaFact] = []
        while self._next is not None and self.is_due(now) and len(facts) < MOST_SAVED:
            facts.append(self._next.fact)
            self._save_image(self._next.fact)
            self._next = next(self._arrivals, None)
        self._position += len(facts)
        self.outbox.put(facts, cursor=self._position)

    def _save_image(self, fact: ActaFact) -> None:
        digest = fact.acta.image_sha256
        if self.images is not None and digest is not None:
            self.images.save(digest)


async def relive(
    stations: Sequence[RelivingStation], center: str, clock: Clock, poll: float
) -> list[str]:
    """Save and deliver everything as the clock reaches it; the names of stations that gave up.

    A station whose envelope is refused for good says so and stops; the others go on.
    """
    slots, refused = asyncio.Semaphore(AT_ONCE), []
    busy: set[str] = set()

    async def advance(station: RelivingStation, courier: Courier, now: float) -> None:
        try:
            async with slots:
                await courier.deliver_all()
                while station.is_due(now):
                    station.save(now)
                    await courier.deliver_all()
        except (DeliveryRefused, NotTheInbox) as trouble:
            log.error("%s: %s", station.name, trouble)
            refused.append(station.name)
        else:
            busy.discard(station.name)

    async with aiohttp.ClientSession() as session:
        couriers = {
            sender.name: Courier(
                sender.outbox,
                center,
                session,
                Random(),  # noqa: S311 - jitter only
                images=None if sender.images is None else sender.images.own,
            )
            for sender in stations
        }
        async with asyncio.TaskGroup() as tasks:
            for sender in stations:
                busy.add(sender.name)
                tasks.create_task(advance(sender, couriers[sender.name], 0))
            while any(not sender.over and sender.name not in refused for sender in stations):
                now = clock().timestamp()
                for sender in stations:
                    if sender.name not in busy and sender.is_due(now):
                        busy.add(sender.name)
                        tasks.create_task(advance(sender, couriers[sender.name], now))
                await asyncio.sleep(poll)
    return refused
