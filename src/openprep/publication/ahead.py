"""Requests that were signed by a clock ahead of this one: remembered through a restart.

Nonces are in memory, and a request signed before the service started is refused. One that a
publisher signed ahead of time is not from before: so the newest such time of each publisher is on
disk before its request is answered, and a restarted service takes nothing up to it.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from openprep.decoding import decoding
from openprep.durable import write_durably

FILE = "requests-ahead.json"
"""In the centre's folder."""

MARGIN = timedelta(seconds=5)
"""Kept beyond what was seen: a publisher that is always ahead costs a write now and then."""


class Ahead:
    """The newest time of each publisher that was ahead, in a file."""

    def __init__(self, path: Path) -> None:
        """Read what an earlier process kept; a file that cannot be read holds nothing.

        It is written whole or not at all, so that it is unreadable only if somebody else wrote it.
        """
        self._path = path
        self._before = _read(path)
        self._kept = dict(self._before)

    def until(self, publisher: str) -> datetime | None:
        """Up to which time an earlier process may have admitted the publisher's requests."""
        return self._before.get(publisher)

    def note(self, publisher: str, created: datetime) -> None:
        """A request of that time, ahead of now, is about to be admitted.

        Raises:
            OSError: it cannot be kept.
        """
        until = self._kept.get(publisher)
        if until is not None and created <= until:
            return
        kept = {**self._kept, publisher: created + MARGIN}
        write_durably(self._path, msgspec.json.encode(kept))
        self._kept = kept


def _read(path: Path) -> dict[str, datetime]:
    try:
        with decoding():
            found = msgspec.json.decode(path.read_bytes(), type=dict[str, datetime])
        return {name: at.astimezone(UTC) for name, at in found.items() if at.tzinfo is not None}
    except (OSError, msgspec.DecodeError, OverflowError):
        return {}
