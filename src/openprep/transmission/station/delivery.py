"""Delivering what is in an outbox: in order, again and again until the centre has it.

Envelopes go first, whatever else waits: they have the figures. Between them go the images, each
after the envelope that names it; one that is refused keeps no other from leaving.

Between two tries it pauses a random part of a bound that doubles up to a minute ("full jitter",
Brooker, "Exponential Backoff And Jitter", 2015), so that stations cut off together do not come
back together.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from hashlib import sha256
from random import Random
from typing import NamedTuple, Protocol, TypeVar

import aiohttp
import msgspec

from openprep.bounded import TooMany, whole_of
from openprep.coded import CodedError, Text, said
from openprep.decoding import decoding
from openprep.transmission.answers import (
    IMAGES_PATH,
    INBOX_PATH,
    Aside,
    ImageReceipt,
    ImageWanted,
    Receipt,
    Refusal,
)
from openprep.transmission.codes import RefusalCode, StationCode
from openprep.transmission.envelope import unwrap
from openprep.transmission.station.images import ImageOutbox
from openprep.transmission.station.outbox import Pending
from openprep.transmission.station.sealing_time import clock_to_look_at

log = logging.getLogger("openprep.station")

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 60.0
TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=5)
IMAGE_TIMEOUT = aiohttp.ClientTimeout(total=180, sock_connect=5)
MAX_ANSWER_BYTES = 64 * 1024

_NO_INBOX = (404, 405, 413)
"""What a server says, without a code of the centre's, that lacks the path or takes no such body."""

Sleep = Callable[[float], Awaitable[None]]


class Outgoing(Protocol):
    """Sealed envelopes of one station that leave in their order, as those of an outbox."""

    @property
    def now(self) -> datetime:
        """The time by the clock that seals."""

    def next_pending(self) -> Pending | None:
        """The first envelope that was not delivered, or ``None``."""

    def mark_delivered(self, sequence: int) -> None:
        """The centre acknowledged the envelope."""

    def rewind(self, sequence: int) -> None:
        """The centre asks for everything from ``sequence`` on once more."""


Answered = TypeVar("Answered", Receipt, ImageReceipt, ImageWanted)


class _Parcel(NamedTuple):
    """What is sent, and how."""

    method: str
    path: str
    body: bytes
    timeout: aiohttp.ClientTimeout


class DeliveryRefused(CodedError[StationCode]):
    """The centre refused an envelope for good; it stays in the outbox for somebody to look at."""

    def __init__(self, sequence: int, refusal: Refusal, advice: Text | None = None) -> None:
        self.sequence = sequence
        self.refusal = refusal
        words = said("{refusal}", refusal=_words(refusal))
        super().__init__(
            StationCode.REFUSED,
            "envelope {sequence}: {refusal}",
            sequence=sequence,
            refusal=said("{words}; {advice}", words=words, advice=advice) if advice else words,
        )


class NotTheInbox(CodedError[StationCode]):
    """Something else than an inbox answers at the address: trying again cures nothing."""

    def __init__(self, template: str, /, **facts: object) -> None:
        super().__init__(StationCode.NOT_THE_INBOX, template, **facts)


class NotNow(Exception):
    """The centre could not be reached or could not record; the same bytes are sent again.

    ``kind`` is the centre's code, or empty where it gave none.
    """

    def __init__(self, reason: str, wait: float = 0.0, kind: str = "") -> None:
        super().__init__(reason)
        self.wait = wait
        self.kind = kind


class Courier:
    """Delivers one outbox to one centre, and the ``images`` that belong to it.

    ``withdraws`` says whether an envelope may be taken out and sealed anew, as advice.
    ``last_error`` is why it is waiting, if it is. ``refused_images`` are those that the centre
    refused, with its last word on each: they are kept, and offered again by the next delivery.
    """

    def __init__(
        self,
        outbox: Outgoing,
        center: str,
        session: aiohttp.ClientSession,
        random: Random,
        sleep: Sleep = asyncio.sleep,
        images: ImageOutbox | None = None,
        *,
        withdraws: bool = True,
    ) -> None:
        self._outbox = outbox
        self._images = images
        self._withdraws = withdraws
        self._center = center.rstrip("/")
        self._session = session
        self._random = random
        self._sleep = sleep
        self._failures = 0
        self.last_error: str | None = None
        self._told: str | None = None
        """The kind of trouble that was told last, since something was delivered."""
        self.refused_images: dict[str, Refusal] = {}
        self.aside: list[Aside] = []
        """Facts that were taken and wait for a person, as far as the receipts name them."""
        self.aside_count = 0
        self._waiting: list[str] = []

    async def deliver_all(self) -> int:
        """Deliver until nothing is pending; the number of envelopes delivered.

        Images that are refused stay pending, and are in ``refused_images``. A centre that came back
        from an older copy of its record asks for envelopes that it had acknowledged: they are sent
        again, and so are the images.

        Raises:
            DeliveryRefused: the centre refused an envelope for good.
            NotTheInbox: a server answers that takes no envelope (404, 405, 413), as a tree's.
            RecordTrouble: the station's own disk refuses, or damaged an image.
        """
        delivered = 0
        self._line_up_images()
        while True:
            try:
                pending = self._outbox.next_pending()
                if pending is not None:
                    delivered += await self._deliver(pending)
                elif self._images is not None and self._waiting:
                    await self._deliver_image(self._waiting[-1], self._images)
                    self._waiting.pop()
                else:
                    return delivered
            except NotNow as trouble:
                await self._wait(trouble)
            else:
                self._failures, self.last_error, self._told = 0, None, None

    def _line_up_images(self) -> None:
        self._waiting = [] if self._images is None else self._images.pending()

    async def _deliver(self, pending: Pending) -> int:
        """Send one envelope; 1 if the centre has it now."""
        parcel = _Parcel("POST", INBOX_PATH, pending.body, TIMEOUT)
        try:
            answer = await self._send(parcel, Receipt, lambda receipt: _is_of(receipt, pending))
        except NotNow as trouble:
            if trouble.kind != RefusalCode.CLOCK.code:
                raise
            advice = self._clock_to_look_at(pending, for_good=False)
            raise NotNow(f"{trouble}; {advice}", trouble.wait, trouble.kind) from trouble
        if isinstance(answer, Receipt):
            self._outbox.mark_delivered(pending.sequence)
            self.aside += answer.aside
            self.aside_count += answer.conflicts + answer.held
            return 1
        self._go_back(pending, answer)
        return 0

    def _clock_to_look_at(self, pending: Pending, *, for_good: bool) -> Text:
        now = self._outbox.now
        return clock_to_look_at(pending, now, for_good=for_good, withdraws=self._withdraws)

    async def _deliver_image(self, digest: str, images: ImageOutbox) -> None:
        """Send one image, if it is wanted: so many bytes are not sent to be refused."""
        path = f"{IMAGES_PATH}{digest}"
        asked = _Parcel("GET", path, b"", TIMEOUT)
        answer: ImageWanted | ImageReceipt | Refusal
        answer = await self._send(asked, ImageWanted, lambda answered: answered.sha256 == digest)
        if isinstance(answer, ImageWanted) and answer.wanted:
            data = images.read(digest)
            parcel = _Parcel("PUT", path, data, IMAGE_TIMEOUT)
            own = (digest, len(data))
            answer = await self._send(
                parcel, ImageReceipt, lambda receipt: (receipt.sha256, receipt.size) == own
            )
        if isinstance(answer, Refusal):
            self._note_refused(digest, answer)
        else:
            images.mark_delivered(digest)
            self.refused_images.pop(digest, None)

    def _note_refused(self, digest: str, answer: Refusal) -> None:
        if digest not in self.refused_images:
            code = StationCode.IMAGE_REFUSED
            log.warning("%s image %s: %s %s", code.code, digest, _words(answer), code.meaning)
        self.refused_images[digest] = answer

    async def _wait(self, trouble: NotNow) -> None:
        code = StationCode.UNREACHABLE
        if trouble.kind != self._told:  # said once, not at every try of a night without signal
            log.warning("%s", code.of("{trouble}", trouble=trouble))
            self._told = trouble.kind
        self.last_error = str(trouble)
        bound = min(FIRST_PAUSE * 2**self._failures, LONGEST_PAUSE)
        self._failures = min(self._failures + 1, 16)
        await self._sleep(max(trouble.wait, self._random.uniform(0, bound)))

    def _go_back(self, pending: Pending, refusal: Refusal) -> None:
        missing = refusal.expected
        if refusal.code == RefusalCode.CLOCK.code:
            advice = self._clock_to_look_at(pending, for_good=True)
            raise DeliveryRefused(pending.sequence, refusal, advice)
        if refusal.code != RefusalCode.GAP.code or missing is None:
            raise DeliveryRefused(pending.sequence, refusal)
        if not 1 <= missing < pending.sequence:
            raise DeliveryRefused(pending.sequence, refusal)
        log.warning("%s the centre lacks envelopes from %d on", refusal.code, missing)
        self._outbox.rewind(missing)
        if self._images is not None:
            self._images.rewind()
            self._line_up_images()

    async def _send(
        self, parcel: _Parcel, kind: type[Answered], is_own: Callable[[Answered], bool]
    ) -> Answered | Refusal:
        """The centre's receipt or refusal; a login page of a hotel is neither."""
        url = f"{self._center}{parcel.path}"
        try:
            async with self._session.request(
                parcel.method,
                url,
                data=parcel.body or None,
                timeout=parcel.timeout,
                allow_redirects=False,
            ) as response:
                body = await whole_of(response.content.iter_any(), MAX_ANSWER_BYTES)
                status = response.status
                wait = _seconds(response.headers.get("Retry-After"))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NotNow(f"{url}: {type(error).__name__} {error}") from error
        except TooMany as error:
            raise NotNow("an answer without end") from error
        if status == 200:
            receipt = _parsed(body, kind)
            if receipt is None or not is_own(receipt):
                raise NotNow(f"{url}: HTTP 200, no receipt", wait)
            return receipt
        refusal = _parsed(body, Refusal)
        if refusal is None and status in _NO_INBOX:
            raise NotTheInbox(
                "{method} {url}: HTTP {status}", method=parcel.method, url=url, status=status
            )
        if refusal is None or refusal.retry or status >= 500:
            reason = f"{refusal.code} {refusal.detail}" if refusal else "no receipt"
            code = refusal.code if refusal else ""
            raise NotNow(f"{url}: HTTP {status}, {reason}", wait, code)
        return refusal


def _seconds(retry_after: str | None) -> float:
    if retry_after is None or not (retry_after.isascii() and retry_after.isdigit()):
        return 0.0
    return min(float(retry_after), LONGEST_PAUSE)


def _words(refusal: Refusal) -> str:
    return f"{refusal.code} {refusal.detail} — {refusal.meaning}"


def _is_of(receipt: Receipt, pending: Pending) -> bool:
    """Whether ``receipt`` acknowledges this very envelope."""
    digest = sha256(unwrap(pending.body).payload).hexdigest()
    return (receipt.sequence, receipt.digest) == (pending.sequence, digest)


Said = TypeVar("Said", Receipt, ImageReceipt, ImageWanted, Refusal)


def _parsed(body: bytes, kind: type[Said]) -> Said | None:
    """What the centre said; ``None`` where something else answered, as a proxy's error page."""
    try:
        with decoding():
            return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError:
        return None
