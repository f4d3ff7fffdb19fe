"""Asking the enrolled publishers: what time it is with them, and which checkpoint they hold.

One small request to each address, at the same time, bounded in seconds and bytes; silence is an
answer. Nothing of an answer is believed here.
"""

import asyncio
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import NamedTuple

import aiohttp
import msgspec
from msgspec import Struct

from openprep.bounded import TooMany, whole_of
from openprep.clock import Clock, http_date, system_clock
from openprep.wire.cut.manifest import POINTER_PATH
from openprep.wire.log.tiles import CHECKPOINT_PATH
from openprep.wire.trust import TrustData

TIMEOUT = aiohttp.ClientTimeout(total=5, sock_connect=3)
MAX_BYTES = 64 * 1024
AT_ONCE = 32
MOST_ADDRESSES = 200


class Address(NamedTuple):
    """One address of one publisher."""

    publisher: str
    url: str


class Word(Struct, frozen=True):
    """What one address said.

    ``ahead`` are the seconds by which its clock is ahead of ours, to a second and the way there;
    ``note`` its checkpoint and ``cut`` the number that it shows, neither verified; ``trouble`` why
    there is none.
    """

    address: Address
    ahead: float | None = None
    note: bytes | None = None
    cut: int | None = None
    trouble: str = ""


class _Shown(Struct, frozen=True):
    """As much of a pointer as an operator wants to read."""

    cut: int


def addresses_of(trust: TrustData, now: datetime) -> list[Address]:
    """The first address of every publisher that stands, then the others that they have."""
    publishers = [(publisher.id, publisher.addresses) for publisher in trust.publishers_at(now)]
    deep = max((len(urls) for _, urls in publishers), default=0)
    found = [
        Address(who, urls[rank])
        for rank in range(deep)
        for who, urls in publishers
        if rank < len(urls)
    ]
    return found[:MOST_ADDRESSES]


async def ask(addresses: Iterable[Address], clock: Clock = system_clock) -> list[Word]:
    """What each address says, in the order given; some five seconds for all that are silent."""
    turns = asyncio.Semaphore(AT_ONCE)
    async with aiohttp.ClientSession(
        timeout=TIMEOUT, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
    ) as session:

        async def one(address: Address) -> Word:
            async with turns:
                return await _ask(session, address, clock)

        return await asyncio.gather(*(one(address) for address in addresses))


def clocks_in(words: Iterable[Word]) -> list[float]:
    """By how many seconds each publisher that said so is ahead: one voice each."""
    said: dict[str, float] = {}
    for word in words:
        if word.ahead is not None:
            said.setdefault(word.address.publisher, word.ahead)
    return list(said.values())


async def _ask(session: aiohttp.ClientSession, address: Address, clock: Clock) -> Word:
    began = clock()
    try:
        async with _get(session, address, CHECKPOINT_PATH) as response:
            ahead = _ahead(response, began + (clock() - began) / 2)
            if response.status != 200:
                return Word(address, ahead, trouble=f"HTTP {response.status}")
            note = await _read(response)
        return Word(address, ahead, note, await _shown_cut(session, address))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as trouble:
        return Word(address, trouble=f"{type(trouble).__name__} {trouble}".rstrip())


def _get(
    session: aiohttp.ClientSession, address: Address, path: str
) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
    headers = {"Accept-Encoding": "identity", "Cache-Control": "no-cache"}
    url = f"{address.url.rstrip('/')}/{path}"
    return session.get(url, headers=headers, allow_redirects=False)


async def _shown_cut(session: aiohttp.ClientSession, address: Address) -> int | None:
    """For the operator's eye only."""
    try:
        async with _get(session, address, POINTER_PATH) as response:
            return msgspec.json.decode(await _read(response), type=_Shown).cut
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return None


async def _read(response: aiohttp.ClientResponse) -> bytes:
    try:
        return await whole_of(response.content.iter_any(), MAX_BYTES)
    except TooMany as error:
        raise ValueError(str(error)) from error


def _ahead(response: aiohttp.ClientResponse, now: datetime) -> float | None:
    """By ``Date``, a whole second that is over in half of all cases, and the ``Age`` of a copy."""
    dated = http_date(response.headers.get("Date"))
    if dated is None:
        return None
    try:
        age = int(response.headers.get("Age", "0"))
        return (dated + timedelta(seconds=age + 0.5) - now).total_seconds()
    except (ValueError, OverflowError):
        return None
