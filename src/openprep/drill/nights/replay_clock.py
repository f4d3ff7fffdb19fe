"""A clock for replays: one small file tells every process what time it is in the replayed night.

The file holds an anchor (this replayed instant was at that real instant), a speed, and a limit that
the clock never passes. The conductor moves the limit on when everything that happened before it
has been recorded, so that an official cut holds exactly what it held on the night, at any speed.
"""

import time
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from msgspec import Struct

from openprep.clock import Moment
from openprep.decoding import decoding


class ClockSetting(Struct, frozen=True):
    """At the real instant ``real`` (seconds of the epoch) the replay stood at ``replayed``."""

    replayed: Moment
    real: float
    speed: float
    limit: Moment

    def at(self, real: float) -> datetime:
        """The replayed instant at the real instant ``real``."""
        elapsed = max(0.0, real - self.real) * self.speed
        left = (self.limit - self.replayed).total_seconds()
        return self.limit if elapsed >= left else self.replayed + timedelta(seconds=elapsed)


class ReplayClock:
    """Reads the file; calling it gives the replayed instant.

    The file is read every time: two processes that ask one after the other must never see the night
    go back, or one would take the other's envelope for sealed in the future.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self) -> datetime:
        """The replayed instant."""
        return read_setting(self._path).at(time.time())


def read_setting(path: Path) -> ClockSetting:
    """What the file says.

    Raises:
        FileNotFoundError: no conductor has written it yet.
        msgspec.DecodeError: it is no clock of a replay.
    """
    with decoding():
        return msgspec.json.decode(path.read_bytes(), type=ClockSetting)


class Conductor:
    """Writes the file: the one who moves the night on."""

    def __init__(self, path: Path, start: datetime, speed: float) -> None:
        self._path = path
        self._speed = speed
        resumed = self._stopped_at()
        self._set(resumed or start, resumed or start)

    def _stopped_at(self) -> datetime | None:
        try:
            return read_setting(self._path).replayed
        except FileNotFoundError:
            return None

    def _set(self, replayed: datetime, limit: datetime) -> None:
        self._setting = ClockSetting(replayed, time.time(), self._speed, limit)
        temporary = self._path.with_name(f".{self._path.name}.tmp")
        temporary.write_bytes(msgspec.json.encode(self._setting))
        temporary.replace(self._path)

    @property
    def now(self) -> datetime:
        """The replayed instant."""
        return self._setting.at(time.time())

    def run_until(self, limit: datetime) -> None:
        """Let the night go on until ``limit`` and hold there."""
        self._set(self.now, limit)

    def stop(self) -> None:
        """Hold the night here, so that the next conductor goes on from this instant."""
        self._set(self.now, self.now)
