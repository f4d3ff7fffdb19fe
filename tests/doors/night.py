"""A night at a real centre: actas are delivered, and cuts are seen, whatever goes on."""

import asyncio
from contextlib import suppress

import aiohttp
from msgspec import json

from openprep.record.facts import ActaReported
from small.election import acta
from transmission.small_center import sealed

PATIENCE = aiohttp.ClientTimeout(total=30)


async def deliver(inbox: int, sequence: int) -> None:
    """One acta, as a courier without a connection delivers it: at once, whatever goes on."""
    body = sealed(sequence, ActaReported(acta(sequence - 1)))
    async with aiohttp.ClientSession(timeout=PATIENCE) as session:
        answer = await session.post(f"http://127.0.0.1:{inbox}/inbox", data=body)
        assert answer.status == 200, await answer.text()


async def shown(tree: int) -> int:
    async with aiohttp.ClientSession(timeout=PATIENCE) as session:
        answer = await session.get(f"http://127.0.0.1:{tree}/current.json")
        return json.decode(await answer.read())["cut"] if answer.status == 200 else -1


async def newer_than(tree: int, cut: int) -> int:
    """As soon as a publisher sees it, who asks again and again."""
    async with asyncio.timeout(30):
        while True:
            with suppress(aiohttp.ClientConnectionError):
                if (now := await shown(tree)) > cut:
                    return now
            await asyncio.sleep(0.05)


async def night(inbox: int, tree: int) -> None:
    """Actas are delivered one by one; each is taken at once, and a cut shows it."""
    cut = -1
    for sequence in range(1, 5):
        await deliver(inbox, sequence)
        cut = await newer_than(tree, cut)
        await asyncio.sleep(0.3)  # attackers go on opening
