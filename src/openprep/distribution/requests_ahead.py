"""Requests that were signed by a clock ahead of this one: remembered through a restart.

Nonces are in memory, and a request signed before the service started is refused. One that a
publisher signed ahead of time is not from before: so the newest such time of each publisher is on
disk before its request is answered, and a restarted service takes nothing up to it.
"""

import asyncio
import logging
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from openprep.decoding import decoding
from openprep.durable import write_durably
from openprep.wire.distribution.codes import DistributionCode
from openprep.wire.distribution.requests import CLOCK_TOLERANCE

FILE = "requests-ahead.json"
"""In the centre's folder."""

MARGIN = timedelta(seconds=5)
"""Kept beyond what was seen: a publisher that is always ahead costs a write now and then."""

EVERYBODY = ""
"""Holds for every publisher: no id is so short."""

Zoned = Annotated[datetime, Meta(tz=True)]

log = logging.getLogger("openprep.distribution")


class Ahead:
    """The newest time of each publisher that was ahead, in a file."""

    def __init__(self, path: Path, now: datetime) -> None:
        """Read what an earlier process kept; of a file that cannot be read, the worst is taken.

        It is written whole or not at all, so that a disk that lost bytes, or somebody, made it
        unreadable. An earlier process admitted nothing further ahead than the tolerance: for that
        long, a minute and a little, nobody's request is taken.
        """
        self._path = path
        self._before = _read(path, now)
        self._kept = dict(self._before)
        self._writing = threading.Lock()

    def until(self, publisher: str) -> datetime | None:
        """Up to which time an earlier process may have admitted the publisher's requests."""
        found = (self._before.get(publisher), self._before.get(EVERYBODY))
        return max((at for at in found if at is not None), default=None)

    async def note(self, publisher: str, created: datetime) -> None:
        """A request of that time, ahead of now, is about to be answered.

        The disk is waited for beside the event loop: who is ahead holds up nobody else.

        Raises:
            OSError: it cannot be kept.
        """
        if not self._has(publisher, created):
            await asyncio.to_thread(self._keep, publisher, created)

    def _has(self, publisher: str, created: datetime) -> bool:
        until = self._kept.get(publisher)
        return until is not None and created <= until

    def _keep(self, publisher: str, created: datetime) -> None:
        """One after the other, each with what those before it wrote."""
        with self._writing:
            if self._has(publisher, created):
                return
            kept = {**self._kept, publisher: created + MARGIN}
            write_durably(self._path, msgspec.json.encode(kept))
            self._kept = kept


def _read(path: Path, now: datetime) -> dict[str, datetime]:
    try:
        with decoding():
            found = msgspec.json.decode(path.read_bytes(), type=dict[str, Zoned])
        return {name: at.astimezone(UTC) for name, at in found.items()}
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError, OverflowError) as error:
        until = now + CLOCK_TOLERANCE + MARGIN
        said = DistributionCode.CENTRE_DISK.of(
            "{path}: no request signed before {until} is taken: {error}",
            path=path,
            until=until,
            error=error,
        )
        log.warning("%s", said)
        return {EVERYBODY: until}
