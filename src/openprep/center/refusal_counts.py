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
    since = clock()
    first = RefusalCounts(since, since, dict(counter))
    _keep(path, first)
    ended = asyncio.Event()
    task = asyncio.create_task(_keep_up(counter, path, clock, first, ended))
    try:
        yield
    finally:
        ended.set()
        await task
        _keep(path, RefusalCounts(since, clock(), dict(counter)))


async def _keep_up(
    counter: Counter[str], path: Path, clock: Clock, kept: RefusalCounts, ended: asyncio.Event
) -> None:
    """Until the end: not cancelled, so that no write is under way when the last one is made."""
    while not await happens_within(EVERY, ended):
        if counter != kept.counts:
            kept = RefusalCounts(kept.since, clock(), dict(counter))
            await asyncio.to_thread(_keep, path, kept)


def _keep(path: Path, counts: RefusalCounts) -> None:
    try:
        with writing_whole(path) as stream:
            stream.write(msgspec.json.encode(counts))
    except OSError as error:
        said = code_of(error).of("the counts of refusals are not kept: {error}", error=error)
        log.warning("%s", said)
