"""What a mirror's operator wants to know, kept in one file that any monitor can read."""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from openprep.clock import system_clock
from openprep.decoding import decoding
from openprep.doors.noise import Turns
from openprep.durable import write_durably
from openprep.masking import masked
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.verify.trusted import TrustedCut
from openprep.wire.cut.manifest import Manifest

log = logging.getLogger("openprep.mirror")


@dataclass
class Status:
    """Written to ``status.json`` at every change, and at least at every look. Times are UTC."""

    publisher: str | None = None
    election: str | None = None
    drill: bool | None = None
    started: datetime | None = None
    looked: datetime | None = None
    """When the last look for a new cut ended, well or not; long ago, if the process is gone."""
    heard: datetime | None = None
    """The same by this machine's clock, of a replay too."""
    answered: datetime | None = None
    """When the centre last answered as it must."""
    cut: int | None = None
    cut_time: datetime | None = None
    source: str | None = None
    """Where the cut that is up came from: the centre, or another publisher."""
    announced: int | None = None
    """The cut that a source announced last, believed or not: the lag is what lies between."""
    log_size: int | None = None
    cosigned_by: int = 0
    """Publishers whose cosignatures the checkpoint carries."""
    quorum: int | None = None
    peers: int = 0
    """Addresses of other publishers that may be asked."""
    revoked: datetime | None = None
    """From when on this publisher is not one any more, if the trust root says so."""
    opens: datetime | None = None
    retained_until: datetime | None = None
    images_missing: int = 0
    """Images of the cut that is up which have not come yet; readers see the rest meanwhile."""
    gaps: int = 0
    """Cuts before the one that is up of which a file is missing; it is asked for, readers of the
    results do not need it."""
    trust_trouble: str | None = None
    failures: int = 0
    """Looks at the centre in a row that showed nothing because something was wrong."""
    code: str | None = None
    error: str | None = None
    refusals: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._turns = Turns()

    def resume(self, shown: TrustedCut | None) -> None:
        """What was up when the mirror was stopped is up."""
        if shown is not None:
            self.cut, self.cut_time, self.log_size = shown.cut, shown.time, shown.size

    def shown(self, manifest: Manifest, source: str) -> None:
        """A cut was verified and is up."""
        self.cut, self.cut_time = manifest.cut, manifest.time
        self.log_size, self.source = manifest.leaf + 1, masked(source)
        self.cosigned_by = 0

    def recovered(self, now: datetime) -> None:
        """The centre answers as it must."""
        self.answered = now
        self.failures, self.code, self.error = 0, None, None

    def refused(self, refusal: Refused) -> None:
        """The last look ended in ``refusal``; what was up stays up."""
        code = refusal.code.code
        self.failures += 1
        self.code, self.error = code, str(refusal)
        self.refusals[code] = self.refusals.get(code, 0) + 1

    def looked_at(self, now: datetime) -> None:
        """A look ended, well or not."""
        self.looked, self.heard = now, system_clock()

    def images(self, missing: int, path: Path) -> None:
        """So many images have not come; it is written at once."""
        if missing != self.images_missing:
            self.images_missing = missing
            self.write(path)

    def write(self, path: Path) -> None:
        """Keep it for whoever looks; a full disk must not stop what it reports on."""
        try:
            write_durably(path, msgspec.json.encode(self))
        except OSError as error:
            said = MirrorCode.DISK.of("the status was not written: {error}", error=error)
            self._turns.say(log, logging.WARNING, MirrorCode.DISK.code, said)


def read_status(path: Path) -> Status:
    """What a mirror last wrote down.

    Raises:
        OSError: there is no such file.
        msgspec.MsgspecError: it is not a mirror's status.
    """
    with decoding():
        return msgspec.json.decode(path.read_bytes(), type=Status)
