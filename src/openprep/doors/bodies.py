"""A body that arrives: never larger, slower or longer than it may be."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from aiohttp import ClientError, web

from openprep.doors.door import give_place

RATE = 1000
"""Bytes a second that a sender must manage: a quarter of what the oldest mobile networks give."""

GRACE = 2.0
"""Seconds before the rate counts."""


class TooLarge(Exception):
    """The body is larger than it may be."""


class TooSlow(Exception):
    """The body does not come as fast as it must, or is not whole in time."""


class GaveWay(Exception):
    """The body was let go, so that another could come in."""


@dataclass(frozen=True)
class Pace:
    """Of a body: its bytes, the seconds it may take, and how fast it must come."""

    size: int
    seconds: float
    rate: float = RATE
    grace: float = GRACE


class Arrival:
    """A body on its way; whoever counts it can make it give way."""

    def __init__(self, network: str) -> None:
        self.network = network
        self.owner: str | None = None
        self.gave_way = False
        self._limit: asyncio.Timeout | None = None

    def give_way(self) -> None:
        """Let it go: whoever reads it is told so."""
        self.gave_way = True
        if self._limit is not None:
            self._limit.reschedule(asyncio.get_running_loop().time())

    async def read(
        self, request: web.Request, pace: Pace, look: Callable[[bytes], None] | None = None
    ) -> bytes:
        """The body of ``request``, whatever its headers promise.

        ``look`` sees what has come after each piece, and may raise.

        Raises:
            TooLarge, TooSlow, GaveWay: it is not read to its end.
        """
        if (request.content_length or 0) > pace.size:
            raise TooLarge
        try:
            async with asyncio.timeout(min(pace.grace, pace.seconds)) as self._limit:
                return await self._read(request, pace, look)
        except TimeoutError as error:
            raise (GaveWay if self.gave_way else TooSlow) from error
        finally:
            self._limit = None

    async def _read(
        self, request: web.Request, pace: Pace, look: Callable[[bytes], None] | None
    ) -> bytes:
        began = asyncio.get_running_loop().time()
        body = bytearray()
        async for piece in _pieces(request):
            body += piece
            if len(body) > pace.size:
                raise TooLarge
            if look is not None:
                look(bytes(body[:256]))
            seconds = min(pace.seconds, pace.grace + len(body) / pace.rate)
            if self._limit is not None and not self.gave_way:
                self._limit.reschedule(began + seconds)
        give_place(request)
        return bytes(body)


async def _pieces(request: web.Request) -> AsyncIterator[bytes]:
    """What comes of a body.

    Raises:
        TimeoutError: the sender is gone, so that no more will come.
    """
    try:
        async for piece in request.content.iter_any():
            yield piece
    except (OSError, RuntimeError, ClientError) as error:  # what aiohttp says of a lost connection
        if isinstance(error, TimeoutError):
            raise
        raise TimeoutError from error
