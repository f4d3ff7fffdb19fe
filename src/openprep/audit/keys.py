"""Which keys an audit believes: one that was given, or those that a trust root vouches for."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp

from openprep.audit.codes import AuditCode, AuditRefused
from openprep.audit.place import Missing, Place
from openprep.coded import said
from openprep.wire.note import NoteError, Signature, Verifier
from openprep.wire.trust import (
    JOINED_NUMBER,
    JOINED_ROOT,
    MAX_ROOT_BYTES,
    MAX_TRUST_BYTES,
    TARGET,
    LogKey,
    TrustData,
    TrustError,
    differing_groups,
    fingerprint,
    identity_of,
    parse_root,
    parse_trust,
)

MOST_ROOTS = 256
MOST_TARGETS = 4096
MAX_TARGETS_BYTES = 256 * 1024


@dataclass(frozen=True)
class Keys:
    """Keys of one election's log, and of its witnesses where a trust root names them."""

    origin: str
    log: tuple[LogKey, ...]
    said: str
    """What they were taken from, for the report."""
    trust: TrustData | None = None

    @property
    def verifiers(self) -> tuple[Verifier, ...]:
        """Every key of the log, whatever cuts it signs."""
        return tuple(key.verifier for key in self.log)

    @property
    def witnesses(self) -> tuple[Verifier, ...]:
        """Cosigner keys of every publisher."""
        publishers = self.trust.publishers if self.trust else ()
        return tuple(Verifier.parse(publisher.cosigner) for publisher in publishers)

    def may_sign(self, signed_by: Sequence[Verifier], cut: int) -> bool:
        """Whether one of the keys that signed may sign cut number ``cut``."""
        return any(key.verifier in signed_by and key.signs(cut) for key in self.log)

    def standing(self, cosignatures: Sequence[Signature]) -> tuple[Signature, ...]:
        """Cosignatures of publishers that were not revoked by the time at which they cosigned."""
        return tuple(cosignature for cosignature in cosignatures if self._stood(cosignature))

    def _stood(self, cosignature: Signature) -> bool:
        for publisher in self.trust.publishers if self.trust else ():
            if Verifier.parse(publisher.cosigner) == cosignature.verifier:
                at = datetime.fromtimestamp(cosignature.time or 0, UTC)
                return publisher.revoked is None or at < publisher.revoked
        return False


def from_verifiers(texts: Sequence[str]) -> Keys:
    """Keys as ``center init`` prints them; the name of the first one is the log's origin.

    Raises:
        AuditRefused: TRUST.
    """
    try:
        keys = [LogKey(str(Verifier.parse(text))) for text in texts]
    except NoteError as error:
        raise AuditRefused(AuditCode.TRUST, "{error}", error=error) from error
    return Keys(keys[0].verifier.name, tuple(keys), str(said("a key given by hand")))


def from_trust(place: Place, spoken: str | None = None) -> Keys:
    """Keys of a trust root, its chain of signatures verified from the first root on.

    ``place`` holds ``1.root.json``, ``2.root.json``…, the targets and the enrolment, as ``trust/``
    of a published tree does; or ``joined.root.json`` and those after it, as ``trust join`` leaves
    them. ``spoken`` is the number of the first of them, as it was read aloud.
    Expiry is not looked at: an audit may be held years later, and says what was vouched for last.

    Raises:
        AuditRefused: TRUST.
    """
    try:
        root, number = _last_root(place, spoken)
        targets = _last_targets(place, root)
        data = _enrolment(place, targets)
        trust = parse_trust(data)
        _check_same_election(root, trust)
    except (TrustError, RepositoryError, Missing, ValueError, KeyError) as error:
        raise AuditRefused(
            AuditCode.TRUST, "{name}: {error}", name=place.name, error=error
        ) from error
    taken_from = said("trust root {number}", number=number)
    if spoken is None:
        taken_from = said(
            "{root}, compared when it was joined"
            if _was_heard(place, number)
            else "{root}, not compared by ear",
            root=taken_from,
        )
    return Keys(trust.log.origin, trust.log.keys, str(taken_from), trust)


def _was_heard(place: Place, number: str) -> bool:
    """Whether the folder says that its root was joined by its number, as `trust join` does."""
    try:
        return place.read(JOINED_NUMBER, 4096).decode().strip() == number
    except (Missing, UnicodeDecodeError):
        return False


def _check_same_election(root: Metadata[Root], trust: TrustData) -> None:
    identity = identity_of(root)
    if (identity.election, identity.drill) != (trust.election, trust.drill):
        raise TrustError(said("the enrolment is of another election than the root"))


def _last_root(place: Place, spoken: str | None) -> tuple[Metadata[Root], str]:
    """The last root that follows from the first, each signed by the one before and by itself."""
    first = _first_root(place)
    root = parse_root(first)
    number = fingerprint(first)
    if spoken is not None and differing_groups(spoken, number):
        raise TrustError(said("the number of this root is {number}", number=number))
    root.signed.verify_delegate(Root.type, root.signed_bytes, root.signatures)
    identity = identity_of(root)
    after = root.signed.version + 1
    for data in _numbered(place, "root.json", after, after + MOST_ROOTS, MAX_ROOT_BYTES):
        following = parse_root(data)
        for by in (root, following):
            by.signed.verify_delegate(Root.type, following.signed_bytes, following.signatures)
        if following.signed.version != root.signed.version + 1:
            raise TrustError(
                said(
                    "root {later} follows {earlier}",
                    later=following.signed.version,
                    earlier=root.signed.version,
                )
            )
        if identity_of(following) != identity:
            raise TrustError(said("a root of another election follows"))
        root = following
    return root, number


def _first_root(place: Place) -> bytes:
    try:
        return place.read(JOINED_ROOT, MAX_ROOT_BYTES)
    except Missing:
        return place.read("1.root.json", MAX_ROOT_BYTES)


def _last_targets(place: Place, root: Metadata[Root]) -> Metadata[Targets]:
    found: Metadata[Targets] | None = None
    first = _listed_targets(place)
    for data in _numbered(place, "targets.json", first, MOST_TARGETS, MAX_TARGETS_BYTES):
        found = Metadata[Targets].from_bytes(data)
    if found is None:
        raise TrustError(said("there are no targets"))
    root.signed.verify_delegate(Targets.type, found.signed_bytes, found.signatures)
    if identity_of(found) != identity_of(root):
        raise TrustError(said("the targets are of another election"))
    return found


def _listed_targets(place: Place) -> int:
    """The version of the targets from which to look on; no more than a hint, and not believed.

    A publisher that joined late has no earlier ones: what the timestamp leads to is there.
    """
    try:
        data = place.read("timestamp.json", MAX_TARGETS_BYTES)
        listed = Metadata[Timestamp].from_bytes(data).signed.snapshot_meta.version
        data = place.read(f"{listed}.snapshot.json", MAX_TARGETS_BYTES)
        return Metadata[Snapshot].from_bytes(data).signed.meta["targets.json"].version
    except (Missing, RepositoryError, ValueError, KeyError):
        return 1


def _numbered(place: Place, name: str, first: int, most: int, limit: int) -> Iterator[bytes]:
    for number in range(first, most):
        try:
            yield place.read(f"{number}.{name}", limit)
        except Missing:
            return


def _enrolment(place: Place, targets: Metadata[Targets]) -> bytes:
    target = targets.signed.targets[TARGET]
    digest = target.hashes["sha256"]
    data = place.read(f"{digest}.{TARGET}", MAX_TRUST_BYTES)
    if hashlib.sha256(data).hexdigest() != digest:
        raise TrustError(said("the enrolment is not the one that was signed"))
    return data
