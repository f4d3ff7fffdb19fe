"""Asking the enrolled publishers: what time it is with them, and which checkpoint they hold.

One small request to each address, at the same time, bounded in seconds and bytes; silence is an
answer. Nothing of an answer is believed here.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
from msgspec import Struct

from openprep.clock import Clock, system_clock
from openprep.tree.tiles import CHECKPOINT_PATH
from openprep.tree.trust import TrustData

TIMEOUT = aiohttp.ClientTimeout(total=5, sock_connect=3)
MAX_NOTE_BYTES = 64 * 1024
AT_ONCE = 32
MOST_ADDRESSES = 200


class Word(Struct, frozen=True):
    """What one address said.

    ``ahead`` are the seconds by which its clock is ahead of ours, to a second and the way there;
    ``note`` its checkpoint, not verified; ``trouble`` why there is none.
    """

    address: str
    ahead: float | None = None
    note: bytes | None = None
    trouble: str = ""


def addresses_of(trust: TrustData, now: datetime) -> list[str]:
    """One address of every publisher that stands, then the others that they have."""
    publishers = [one.addresses for one in trust.publishers_at(now)]
    deep = max((len(one) for one in publishers), default=0)
    found = (one[rank] for rank in range(deep) for one in publishers if rank < len(one))
    return list(dict.fromkeys(found))[:MOST_ADDRESSES]


async def ask(addresses: Iterable[str], clock: Clock = system_clock) -> list[Word]:
    """What each address says, in the order given; at most five seconds for all that are up."""
    turns = asyncio.Semaphore(AT_ONCE)
    async with aiohttp.ClientSession(
        timeout=TIMEOUT, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
    ) as session:

        async def one(address: str) -> Word:
            async with turns:
                return await _ask(session, address, clock)

        return await asyncio.gather(*(one(address) for address in addresses))


def clocks_of(addresses: Callable[[], Sequence[str]]) -> Callable[[], "asyncio.Future[list[float]]"]:
    """Asks the addresses that stand then for their clocks."""

    async def clocks() -> list[float]:
        words = await ask(addresses())
        return [word.ahead for word in words if word.ahead is not None]

    return lambda: asyncio.ensure_future(clocks())


async def _ask(session: aiohttp.ClientSession, address: str, clock: Clock) -> Word:
    url = f"{address.rstrip('/')}/{CHECKPOINT_PATH}"
    began = clock()
    headers = {"Accept-Encoding": "identity", "Cache-Control": "no-cache"}
    try:
        async with session.get(url, headers=headers, allow_redirects=False) as response:
            between = began + (clock() - began) / 2
            ahead = _ahead(response, between)
            if response.status != 200:
                return Word(address, ahead, trouble=f"HTTP {response.status}")
            note = await response.content.read(MAX_NOTE_BYTES)
            while len(note) < MAX_NOTE_BYTES and (more := await response.content.read(4096)):
                note += more
            return Word(address, ahead, note)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as trouble:
        return Word(address, trouble=f"{type(trouble).__name__} {trouble}".rstrip())


def _ahead(response: aiohttp.ClientResponse, now: datetime) -> float | None:
    """By ``Date``, a whole second that is over in half of all cases, and the ``Age`` of a copy."""
    try:
        dated = parsedate_to_datetime(response.headers["Date"])
        age = int(response.headers.get("Age", "0"))
    except (KeyError, ValueError, TypeError):
        return None
    dated = dated.replace(tzinfo=UTC) if dated.tzinfo is None else dated
    try:
        return (dated + timedelta(seconds=age + 0.5) - now).total_seconds()
    except OverflowError:
        return None
