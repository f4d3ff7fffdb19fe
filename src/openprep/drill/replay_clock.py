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

REREAD_SECONDS = 0.02
"""How old the file's content may be in a running process."""


class ClockSetting(Struct, frozen=True):
    """At the real instant ``real`` (seconds of the epoch) the replay stood at ``replayed``."""

    replayed: datetime
    real: float
    speed: float
    limit: datetime

    def at(self, real: float) -> datetime:
        """The replayed instant at the real instant ``real``."""
        elapsed = max(0.0, real - self.real) * self.speed
        left = (self.limit - self.replayed).total_seconds()
        return self.limit if elapsed >= left else self.replayed + timedelta(seconds=elapsed)


class ReplayClock:
    """Reads the file; calling it gives the replayed instant."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at = float("-inf")
        self._setting: ClockSetting | None = None

    def setting(self) -> ClockSetting:
        """What the file says."""
        now = time.monotonic()
        if self._setting is None or now - self._read_at > REREAD_SECONDS:
            self._setting = msgspec.json.decode(self._path.read_bytes(), type=ClockSetting)
            self._read_at = now
        return self._setting

    def __call__(self) -> datetime:
        """The replayed instant."""
        return self.setting().at(time.time())


class Conductor:
    """Writes the file: the one who moves the night on."""

    def __init__(self, path: Path, start: datetime, speed: float) -> None:
        self._path = path
        self._speed = speed
        resumed = self._stopped_at()
        self._set(resumed or start, resumed or start)

    def _stopped_at(self) -> datetime | None:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=ClockSetting).replayed
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
