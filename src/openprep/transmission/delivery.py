"""Delivering what is in an outbox: in order, again and again until the centre has it."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

import aiohttp
import msgspec
from msgspec import Struct

from openprep.transmission.outbox import Outbox, Pending

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 60.0
TIMEOUT = aiohttp.ClientTimeout(total=30, sock_connect=5)
MAX_ANSWER_BYTES = 64 * 1024

Sleep = Callable[[float], Awaitable[None]]


class Answer(Struct, frozen=True):
    """The part of the centre's answer that matters to a station."""

    code: str = ""
    meaning: str = ""
    detail: str = ""
    retry: bool = False


class DeliveryRefused(Exception):
    """The centre refused an envelope for good; it stays in the outbox for somebody to look at."""

    def __init__(self, sequence: int, answer: Answer) -> None:
        self.answer = answer
        super().__init__(
            f"{answer.code} envelope {sequence}: {answer.detail} — {answer.meaning} "
            "It is kept in the outbox."
        )


class NotNow(Exception):
    """The centre could not be reached or could not record; the same bytes are sent again."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait


class Courier:
    """Delivers one outbox to one centre."""

    def __init__(
        self,
        outbox: Outbox,
        center: str,
        session: aiohttp.ClientSession,
        random: Random,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._outbox = outbox
        self._url = f"{center.rstrip('/')}/inbox"
        self._session = session
        self._random = random
        self._sleep = sleep
        self._failures = 0
        self.last_error: str | None = None

    async def deliver_all(self) -> int:
        """Deliver until nothing is pending; the number of envelopes delivered.

        Pauses between tries grow, up to a minute, each a random part of its bound, so that
        stations cut off together do not come back together.

        Raises:
            DeliveryRefused: the centre refused an envelope for good.
        """
        delivered = 0
        while (pending := self._outbox.next_pending()) is not None:
            try:
                await self._send(pending)
            except NotNow as trouble:
                self.last_error = str(trouble)
                await self._sleep(max(trouble.wait, self._pause()))
                continue
            self._outbox.mark_delivered(pending.sequence)
            self._failures, self.last_error = 0, None
            delivered += 1
        return delivered

    def _pause(self) -> float:
        bound = min(FIRST_PAUSE * 2**self._failures, LONGEST_PAUSE)
        self._failures = min(self._failures + 1, 16)
        return self._random.uniform(0, bound)

    async def _send(self, pending: Pending) -> None:
        try:
            async with self._session.post(
                self._url, data=pending.body, timeout=TIMEOUT
            ) as response:
                body = await response.content.read(MAX_ANSWER_BYTES)
                status = response.status
                wait = _seconds(response.headers.get("Retry-After"))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NotNow(f"{self._url}: {type(error).__name__} {error}") from error
        if status == 200:
            return
        answer = _parse(body)
        if answer is None or answer.retry or status >= 500:
            raise NotNow(f"{self._url}: HTTP {status}", wait)
        raise DeliveryRefused(pending.sequence, answer)


def _seconds(retry_after: str | None) -> float:
    if retry_after is None or not retry_after.isdigit():
        return 0.0
    return min(float(retry_after), LONGEST_PAUSE)


def _parse(body: bytes) -> Answer | None:
    """The centre's refusal; ``None`` where something else answered, as a proxy's error page."""
    try:
        answer = msgspec.json.decode(body, type=Answer)
    except msgspec.DecodeError:
        return None
    return answer if answer.code else None
