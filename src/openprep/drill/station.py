"""A station that relives its night: saves each acta when it was due, and delivers it."""

import asyncio
from pathlib import Path
from random import Random

import aiohttp

from openprep.clock import Clock
from openprep.drill.schedule import read_schedule
from openprep.transmission.delivery import Courier
from openprep.transmission.outbox import Outbox


async def relive(schedule: Path, outbox: Outbox, center: str, clock: Clock, poll: float) -> None:
    """Save and deliver every arrival of ``schedule`` as the clock reaches it.

    The outbox remembers how far it came, so that a station started again goes on from there.
    """
    arrivals = list(read_schedule(schedule))
    position = outbox.cursor
    async with aiohttp.ClientSession() as session:
        courier = Courier(outbox, center, session, Random())  # noqa: S311 - jitter, not a secret
        await courier.deliver_all()
        while position < len(arrivals):
            now = clock()
            end = position
            while end < len(arrivals) and arrivals[end].at < now:
                end += 1
            if end > position:
                outbox.put([arrival.fact for arrival in arrivals[position:end]], cursor=end)
                position = end
                await courier.deliver_all()
            else:
                await asyncio.sleep(poll)
