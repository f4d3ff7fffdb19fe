"""Delivering what is in an outbox: in order, again and again until the centre has it.

Between two tries it pauses a random part of a bound that doubles up to a minute ("full jitter",
Brooker, "Exponential Backoff And Jitter", 2015), so that stations cut off together do not come
back together.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from hashlib import sha256
from random import Random

import aiohttp
import msgspec

from openprep.decoding import decoding
from openprep.transmission.answers import Receipt, Refusal
from openprep.transmission.codes import RefusalCode, StationCode
from openprep.transmission.envelope import unwrap
from openprep.transmission.outbox import Outbox, Pending

log = logging.getLogger("openprep.station")

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 60.0
TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=5)
MAX_ANSWER_BYTES = 64 * 1024

Sleep = Callable[[float], Awaitable[None]]


class DeliveryRefused(Exception):
    """The centre refused an envelope for good; it stays in the outbox for somebody to look at."""

    def __init__(self, sequence: int, refusal: Refusal) -> None:
        self.sequence = sequence
        self.refusal = refusal
        code = StationCode.REFUSED
        super().__init__(
            f"{code.code} envelope {sequence}: {refusal.code} {refusal.detail} — "
            f"{refusal.meaning} {code.meaning}"
        )


class NotNow(Exception):
    """The centre could not be reached or could not record; the same bytes are sent again."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait


class Courier:
    """Delivers one outbox to one centre. ``last_error`` is why it is waiting, if it is."""

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

        A centre that came back from an older copy of its record asks for envelopes that it had
        acknowledged: they are sent again.

        Raises:
            DeliveryRefused: the centre refused an envelope for good.
        """
        delivered = 0
        while (pending := self._outbox.next_pending()) is not None:
            try:
                answer = await self._send(pending)
            except NotNow as trouble:
                await self._wait(trouble)
                continue
            self._failures, self.last_error = 0, None
            if isinstance(answer, Receipt):
                self._outbox.mark_delivered(pending.sequence)
                delivered += 1
            else:
                self._go_back(pending, answer)
        return delivered

    async def _wait(self, trouble: NotNow) -> None:
        code = StationCode.UNREACHABLE
        if self.last_error is None:  # said once, not at every try of a night without signal
            log.warning("%s %s — %s", code.code, trouble, code.meaning)
        self.last_error = str(trouble)
        bound = min(FIRST_PAUSE * 2**self._failures, LONGEST_PAUSE)
        self._failures = min(self._failures + 1, 16)
        await self._sleep(max(trouble.wait, self._random.uniform(0, bound)))

    def _go_back(self, pending: Pending, refusal: Refusal) -> None:
        missing = refusal.expected
        if refusal.code != RefusalCode.GAP.code or missing is None:
            raise DeliveryRefused(pending.sequence, refusal)
        if not 1 <= missing < pending.sequence:
            raise DeliveryRefused(pending.sequence, refusal)
        log.warning("%s the centre lacks envelopes from %d on", refusal.code, missing)
        self._outbox.rewind(missing)

    async def _send(self, pending: Pending) -> Receipt | Refusal:
        try:
            async with self._session.post(
                self._url, data=pending.body, timeout=TIMEOUT, allow_redirects=False
            ) as response:
                body = await _read(response.content)
                status = response.status
                wait = _seconds(response.headers.get("Retry-After"))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NotNow(f"{self._url}: {type(error).__name__} {error}") from error
        if status == 200 and _is_receipt_of(pending, body):
            return msgspec.json.decode(body, type=Receipt)
        refusal = None if status == 200 else _refusal(body)
        if refusal is None or refusal.retry or status >= 500:
            reason = refusal.code if refusal else "no receipt"
            raise NotNow(f"{self._url}: HTTP {status}, {reason}", wait)
        return refusal


async def _read(content: aiohttp.StreamReader) -> bytes:
    body = b""
    async for chunk in content.iter_any():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise NotNow("an answer without end")
    return body


def _seconds(retry_after: str | None) -> float:
    if retry_after is None or not (retry_after.isascii() and retry_after.isdigit()):
        return 0.0
    return min(float(retry_after), LONGEST_PAUSE)


def _is_receipt_of(pending: Pending, body: bytes) -> bool:
    """Whether ``body`` acknowledges this very envelope: a login page of a hotel does not."""
    try:
        with decoding():
            receipt = msgspec.json.decode(body, type=Receipt)
    except msgspec.DecodeError:
        return False
    digest = sha256(unwrap(pending.body).payload).hexdigest()
    return (receipt.sequence, receipt.digest) == (pending.sequence, digest)


def _refusal(body: bytes) -> Refusal | None:
    """The centre's refusal; ``None`` where something else answered, as a proxy's error page."""
    try:
        with decoding():
            return msgspec.json.decode(body, type=Refusal)
    except msgspec.DecodeError:
        return None
