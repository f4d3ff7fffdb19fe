"""What a mirror's operator wants to know, kept in one file that any monitor can read."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from openprep.hosting.directory import write_durably
from openprep.mirror.codes import Refused


@dataclass
class Status:
    """Written to ``status.json`` at every change. Times are UTC."""

    publisher: str | None = None
    election: str | None = None
    drill: bool | None = None
    cut: int | None = None
    cut_time: datetime | None = None
    shown_since: datetime | None = None
    source: str | None = None
    """Where the cut that is up came from: the centre, or another publisher."""
    log_size: int | None = None
    cosigned_by: int = 0
    """Publishers whose cosignatures the checkpoint carries."""
    quorum: int | None = None
    trust_trouble: str | None = None
    failures: int = 0
    """Looks in a row that showed nothing because something was wrong."""
    code: str | None = None
    error: str | None = None
    refusals: dict[str, int] = field(default_factory=dict)

    def shown(self, cut: int, cut_time: datetime, now: datetime, source: str) -> None:
        """A cut was verified and is up."""
        self.cut, self.cut_time, self.shown_since = cut, cut_time, now
        self.source = source
        self.recovered()

    def recovered(self) -> None:
        """The source answers again and has nothing new."""
        self.failures, self.code, self.error = 0, None, None

    def refused(self, refusal: Refused) -> None:
        """The last look ended in ``refusal``; what was up stays up."""
        code = refusal.code.code
        self.failures += 1
        self.code, self.error = code, str(refusal)
        self.refusals[code] = self.refusals.get(code, 0) + 1

    def write(self, path: Path) -> None:
        """Keep it for whoever looks."""
        write_durably(path, msgspec.json.encode(self))


def read_status(path: Path) -> Status:
    """What a mirror last wrote down.

    Raises:
        OSError: there is no such file.
        msgspec.MsgspecError: it is not a mirror's status.
    """
    return msgspec.json.decode(path.read_bytes(), type=Status)
