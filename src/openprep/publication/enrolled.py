"""Who is enrolled at this moment, read from the trust folder that the tree publishes.

The folder is looked at again at every question, cheaply: a ceremony that finishes while the service
runs counts from the next request.
"""

import base64
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from openprep.clock import Clock
from openprep.election import Election
from openprep.publication.ceremony_codes import CeremonyCode, CeremonyRefused
from openprep.publication.trust_folder import load_standing
from openprep.tree.note import Verifier
from openprep.tree.requests import Publisher
from openprep.tree.trust import PublisherEnrolment, StationEnrolment, TrustData

NEWEST = "timestamp.json"
"""The file that every finished ceremony and every refresh writes last."""


class StandingTrust:
    """The trust that stands in ``folder``."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Read it once.

        Raises:
            CeremonyRefused: DAMAGED, there is none or it cannot be used.
        """
        self.folder = folder
        self._clock = clock
        self._publishers: dict[str, Publisher] = {}
        self._stations: dict[str, Ed25519PublicKey] = {}
        self._written: tuple[int, int] | None = None
        self.data = self._load()

    def _load(self) -> TrustData:
        standing = load_standing(self.folder)
        if standing is None:
            raise CeremonyRefused(CeremonyCode.DAMAGED, f"{self.folder}: there is no root")
        self._written = self._stamp()
        return standing.data

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = (self.folder / NEWEST).stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_ino

    def now(self) -> TrustData:
        """What stands now; what stood before, while the folder is being written."""
        if self._stamp() != self._written:
            try:
                self.data = self._load()
            except CeremonyRefused:
                return self.data
            self._publishers = {}
        return self.data

    def station(self, identity: str) -> Ed25519PublicKey | None:
        """Public key of a station that is believed now."""
        entry = next((one for one in self.now().stations if one.id == identity), None)
        if entry is None or _is_revoked(entry, self._clock()):
            return None
        known = self._stations.get(entry.key)
        if known is None:
            known = Ed25519PublicKey.from_public_bytes(base64.b64decode(entry.key))
            self._stations[entry.key] = known
        return known

    def find(self, identity: str) -> Publisher | None:
        """The enrolled publisher of that id, revoked or not; ``None`` if there is none."""
        data, now = self.now(), self._clock()
        known = self._publishers.get(identity)
        entry = next((one for one in data.publishers if one.id == identity), None)
        if entry is None:
            return None
        revoked = _is_revoked(entry, now)
        if known is None or known.revoked is not revoked:
            key = Ed25519PublicKey.from_public_bytes(base64.b64decode(entry.request_key))
            known = Publisher(entry.id, key, entry.recipient, revoked)
            self._publishers[identity] = known
        return known

    def witnesses(self) -> dict[str, Verifier]:
        """The cosigner's key of every publisher that stands, by publisher."""
        publishers = self.now().publishers_at(self._clock())
        return {one.id: Verifier.parse(one.cosigner) for one in publishers}


def check_election(election: Election, trust: TrustData) -> None:
    """See that the trust root vouches for this very folder.

    Raises:
        CeremonyRefused: OUT_OF_TURN, it vouches for another one, or for another version of it.
    """
    own = (election.id, election.drill, election.digest)
    vouched = (trust.election, trust.drill, trust.election_digest)
    if own != vouched:
        detail = f"the folder is {own}, the trust root vouches for {vouched}"
        raise CeremonyRefused(CeremonyCode.OUT_OF_TURN, detail)


def _is_revoked(entry: PublisherEnrolment | StationEnrolment, now: datetime) -> bool:
    return entry.revoked is not None and entry.revoked <= now
