"""What a process of the centre refused, by code, kept on disk for whoever asks beside it.

Refusals are no events: of what is refused nothing is recorded. These counts begin anew with the
process, and what is lost of them with the power is no loss.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from openprep.clock import Clock
from openprep.decoding import decoding
from openprep.doors.noise import Turns
from openprep.durable import writing_whole
from openprep.record.codes import code_of
from openprep.waiting import happens_within

INBOX, SERVICE = "refusals.json", "refusals-of-service.json"
"""In the centre's folder: of `center run`, and of `center serve`."""

EVERY = 5.0
"""Seconds between two looks at whether there is anything new to keep."""

log = logging.getLogger("openprep.center")


class RefusalCounts(Struct, frozen=True):
    """How often each code was given from ``since``, when the process started, until ``at``."""

    since: datetime
    at: datetime
    counts: dict[str, int]


def read_counts(path: Path) -> RefusalCounts | None:
    """What was kept last; ``None`` where there is nothing that can be read."""
    try:
        with decoding():
            return msgspec.json.decode(path.read_bytes(), type=RefusalCounts)
    except (OSError, msgspec.DecodeError):
        return None


@asynccontextmanager
async def keeping(counter: Counter[str], path: Path, clock: Clock) -> AsyncIterator[None]:
    """Keep ``counter`` at ``path``, as it grows, while what is inside goes on."""
    begun = _Keeping(counter, path, clock)
    begun.keep()
    ended = asyncio.Event()
    task = asyncio.create_task(begun.keep_up(ended))
    try:
        yield
    finally:
        ended.set()
        await task
        begun.keep()


class _Keeping:
    def __init__(self, counter: Counter[str], path: Path, clock: Clock) -> None:
        self._counter, self._path, self._clock = counter, path, clock
        self._since = clock()
        self._kept: dict[str, int] | None = None
        self._turns = Turns()

    async def keep_up(self, ended: asyncio.Event) -> None:
        """Until the end: not cancelled, so that no write is under way when the last one is made."""
        while not await happens_within(EVERY, ended):
            if self._counter != self._kept:
                counts = self._now()
                await asyncio.to_thread(self._write, counts)

    def keep(self) -> None:
        """Keep what is counted now."""
        self._write(self._now())

    def _now(self) -> RefusalCounts:
        return RefusalCounts(self._since, self._clock(), dict(self._counter))

    def _write(self, counts: RefusalCounts) -> None:
        """Put them down; what the disk refuses is tried again."""
        try:
            with writing_whole(self._path) as stream:
                stream.write(msgspec.json.encode(counts))
        except OSError as error:
            code = code_of(error)
            said = code.of("the counts of refusals are not kept yet: {error}", error=error)
            self._turns.say(log, logging.WARNING, code.code, said)
        else:
            self._kept = counts.counts
