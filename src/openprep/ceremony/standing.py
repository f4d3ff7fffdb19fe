"""Who is enrolled at this moment, read from the trust folder that the tree publishes.

The folder is looked at again at every question, cheaply: a ceremony that finishes while the service
runs counts from the next request.
"""

import base64
import logging
from pathlib import Path
from time import monotonic

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from openprep.ceremony.codes import CeremonyCode, CeremonyRefused
from openprep.ceremony.enrolment import is_revoked
from openprep.ceremony.folder import load_standing
from openprep.clock import Clock
from openprep.coded import Text, said
from openprep.election import Election
from openprep.election.remit import Remit
from openprep.transmission.keys import Station
from openprep.wire.distribution.requests import Publisher
from openprep.wire.note import Verifier
from openprep.wire.trust import TrustData

log = logging.getLogger("openprep.distribution")

NEWEST = "timestamp.json"
"""The file that every finished ceremony and every refresh writes last."""

RETRY = 1.0
"""Seconds until a folder that cannot be read is read again: it costs, and requests are many."""


class StandingTrust:
    """The trust that stands in ``folder``."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Read it once.

        Raises:
            CeremonyRefused: DAMAGED, there is none or it cannot be used.
        """
        self.folder = folder
        self._clock = clock
        self._written: tuple[int, int] | None = None
        self._not_before = 0.0
        self._take(self._load())

    def _load(self) -> TrustData:
        written = self._stamp()  # before reading: what is written meanwhile is read next time
        standing = load_standing(self.folder)
        if standing is None:
            raise CeremonyRefused(
                CeremonyCode.DAMAGED,
                "{folder}: there is no root; what `ceremony finish --trust` wrote goes here",
                folder=self.folder,
            )
        self._written = written
        self.version = standing.targets.signed.version
        return standing.data

    def _take(self, data: TrustData) -> None:
        self.data = data
        self._publishers = {publisher.id: publisher for publisher in data.publishers}
        self._stations = {station.id: station for station in data.stations}
        self._known: dict[str, Publisher] = {}
        self._believed: dict[str, Station] = {}

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = (self.folder / NEWEST).stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_ino

    def now(self) -> TrustData:
        """What stands now; what stood before, while the folder is being written or is damaged."""
        if self._stamp() != self._written and monotonic() >= self._not_before:
            try:
                self._take(self._load())
            except CeremonyRefused as refused:
                log.error("the trust root cannot be read, the one before stands: %s", refused)
                self._not_before = monotonic() + RETRY
        return self.data

    def station(self, identity: str) -> Station | None:
        """A station that is believed now, and what it speaks for."""
        self.now()
        entry = self._stations.get(identity)
        if entry is None or is_revoked(entry, self._clock()):
            return None
        known = self._believed.get(identity)
        if known is None:
            key = Ed25519PublicKey.from_public_bytes(base64.b64decode(entry.key))
            known = Station(key, Remit.of(entry.reports, entry.corrects, entry.captures))
            self._believed[identity] = known
        return known

    def find(self, identity: str) -> Publisher | None:
        """The enrolled publisher of that id, revoked or not; ``None`` if there is none."""
        self.now()
        entry = self._publishers.get(identity)
        if entry is None:
            return None
        known, revoked = self._known.get(identity), is_revoked(entry, self._clock())
        if known is None or known.revoked is not revoked:
            key = Ed25519PublicKey.from_public_bytes(base64.b64decode(entry.request_key))
            known = Publisher(entry.id, key, entry.recipient, revoked)
            self._known[identity] = known
        return known

    def witnesses(self) -> dict[str, Verifier]:
        """The cosigner's key of every publisher that stands, by publisher."""
        publishers = self.now().publishers_at(self._clock())
        return {publisher.id: Verifier.parse(publisher.cosigner) for publisher in publishers}


def check_election(election: Election, trust: TrustData) -> None:
    """See that the trust root vouches for this very folder.

    Raises:
        CeremonyRefused: OTHER_FOLDER, it vouches for another one, or for another version of it.
    """
    own = (election.id, election.drill, election.digest)
    vouched = (trust.election, trust.drill, trust.election_digest)
    if own != vouched:
        raise CeremonyRefused(
            CeremonyCode.OTHER_FOLDER,
            "the folder is {own}, the trust root vouches for {vouched}",
            own=_named(election.id, election.digest, drill=election.drill),
            vouched=_named(trust.election, trust.election_digest, drill=trust.drill),
        )


def _named(election: str, digest: str, *, drill: bool) -> Text:
    """A folder, as people tell it from another."""
    if drill:
        return said("the drill {election} of digest {digest}", election=election, digest=digest)
    return said("the election {election} of digest {digest}", election=election, digest=digest)
