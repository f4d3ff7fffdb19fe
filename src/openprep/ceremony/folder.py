"""The trust root on disk: proposals that are handed around, and the folder that is published.

``trust/`` holds ``N.root.json``, ``N.targets.json``, ``N.snapshot.json``,
``<sha256>.enrolment.json`` and ``timestamp.json``, as a TUF repository with consistent snapshots.
Everything but the timestamp is immutable; the timestamp is written last, by rename, so that a
reader sees the version before or the new one. Finishing again after a crash goes on from there.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import (
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    Targets,
    Timestamp,
)

from openprep.bounded import TooMany, whole_file
from openprep.ceremony.codes import CeremonyCode, CeremonyRefused
from openprep.ceremony.proposal import Proposal, Standing, check_thresholds
from openprep.clock import beside
from openprep.durable import write_durably
from openprep.wire.trust import (
    ISSUED_FIELD,
    MAX_TRUST_BYTES,
    TARGET,
    TrustError,
    identity_fields,
    identity_of,
    parse_root,
    parse_trust,
)

PROPOSAL_FILES = ("previous.root.json", "root.json", "targets.json", TARGET)
MAX_METADATA_BYTES = 256 * 1024

Kind = TypeVar("Kind", Root, Targets, Snapshot, Timestamp)


@dataclass(frozen=True)
class Lifetimes:
    """How long what the online keys sign is good for: as long as a freeze may go unnoticed."""

    timestamp: timedelta = timedelta(hours=24)
    snapshot: timedelta = timedelta(days=7)


@dataclass(frozen=True)
class Refreshed:
    """What a refresh signed, and when the parts of the root expire, in the election's offset."""

    root_version: int
    targets_version: int
    timestamp_version: int
    timestamp_expires: datetime
    targets_expire: datetime
    root_expires: datetime


def write_proposal(folder: Path, proposal: Proposal) -> None:
    """Put a proposal into ``folder``, each file whole.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    metadata = (proposal.previous, proposal.root, proposal.targets)
    for name, role in zip(PROPOSAL_FILES, metadata, strict=False):
        if role is not None:
            write_durably(folder / name, role.to_bytes())
    write_durably(folder / TARGET, proposal.enrolment)


def read_proposal(folder: Path) -> Proposal:
    """The proposal in ``folder``, with nothing of it verified.

    Raises:
        CeremonyRefused: NO_PROPOSAL, or ALTERED: a file is missing or malformed.
    """
    if not any((folder / name).exists() for name in PROPOSAL_FILES):
        raise CeremonyRefused(CeremonyCode.NO_PROPOSAL, "{folder}", folder=folder.absolute())
    try:
        previous, root = (_read_root(folder / name) for name in PROPOSAL_FILES[:2])
        targets = _parse(_read(folder / "targets.json", MAX_METADATA_BYTES), Targets)
        enrolment = _read(folder / TARGET, MAX_TRUST_BYTES)
        parse_trust(enrolment)
    except OSError as error:
        name = Path(str(error.filename)).name
        raise CeremonyRefused(
            CeremonyCode.ALTERED,
            "{folder}: {name}: {strerror}",
            folder=folder,
            name=name,
            strerror=error.strerror,
        ) from error
    except TrustError as error:
        raise CeremonyRefused(
            CeremonyCode.ALTERED, "{folder}: {error}", folder=folder, error=error
        ) from error
    return Proposal(previous, root, targets, enrolment)


def _read_root(path: Path) -> Metadata[Root] | None:
    return parse_root(_read(path, MAX_METADATA_BYTES)) if path.exists() else None


def _read(path: Path, limit: int) -> bytes:
    try:
        return whole_file(path, limit)
    except TooMany as error:
        raise TrustError(f"{path.name} has {error}") from error


def _parse(data: bytes, kind: type[Kind]) -> Metadata[Kind]:
    try:
        metadata = Metadata[Kind].from_bytes(data)
    except RepositoryError as error:
        raise TrustError(f"not TUF metadata: {error}") from error
    if not isinstance(metadata.signed, kind):
        raise TrustError(f"metadata of {metadata.signed.type}, not of {kind.type}")
    return metadata


def load_standing(folder: Path) -> Standing | None:
    """The trust that stands in ``folder``, every signature verified; ``None`` before the first.

    Raises:
        CeremonyRefused: DAMAGED: a file is missing, or is not signed as it must be.
    """
    versions = _versions(folder, "root")
    if not versions:
        return None
    try:
        root = _load_roots(folder, versions)
        targets = _load_targets(folder, root)
        digest = targets.signed.targets[TARGET].hashes["sha256"]
        enrolment = _read(folder / f"{digest}.{TARGET}", MAX_TRUST_BYTES)
        targets.signed.targets[TARGET].verify_length_and_hashes(enrolment)
        parse_trust(enrolment)
    except (OSError, TrustError, RepositoryError, KeyError) as error:
        raise CeremonyRefused(
            CeremonyCode.DAMAGED, "{folder}: {error}", folder=folder, error=error
        ) from error
    return Standing(root, targets, enrolment)


def _versions(folder: Path, role: str) -> list[int]:
    names = (re.fullmatch(rf"([1-9]\d*)\.{role}\.json", path.name) for path in folder.glob("*"))
    return sorted(int(match[1]) for match in names if match)


def _load_roots(folder: Path, versions: list[int]) -> Metadata[Root]:
    """The newest root, through the chain from the first that is kept."""
    if versions != list(range(versions[0], versions[-1] + 1)):
        raise TrustError(f"of the roots there are only {versions}")
    before: Metadata[Root] | None = None
    for version in versions:
        root = parse_root(_read(folder / f"{version}.root.json", MAX_METADATA_BYTES))
        by = before.signed if before else None
        if not root.signed.get_root_verification_result(by, root.signed_bytes, root.signatures):
            raise TrustError(f"root {version} is not signed by enough members")
        before = root
    assert before is not None
    return before


def _load_targets(folder: Path, root: Metadata[Root]) -> Metadata[Targets]:
    """The newest targets that the root's members signed.

    One that they did not is of a finishing that was cut short before its root was written.
    """
    for version in reversed(_versions(folder, "targets")):
        data = _read(folder / f"{version}.targets.json", MAX_METADATA_BYTES)
        targets = _parse(data, Targets)
        payload = targets.signed_bytes
        if root.signed.get_verification_result("targets", payload, targets.signatures):
            return targets
    raise TrustError("no targets are signed by enough of the root's members")


def finish(
    proposal: Proposal,
    folder: Path,
    online: Ed25519PrivateKey,
    now: datetime,
    lifetimes: Lifetimes = Lifetimes(),
) -> Refreshed:
    """Make a proposal that enough members signed the trust that stands in ``folder``.

    ``proposal`` is one that ``check_proposal`` or ``merge`` let pass.

    Raises:
        CeremonyRefused: TOO_FEW, OUT_OF_TURN, ONLINE_KEY or DAMAGED.
        OSError: the folder cannot be written; finishing again goes on.
    """
    check_thresholds(proposal)
    _check_online(proposal.ruling_root, online)
    folder.mkdir(parents=True, exist_ok=True)
    standing = load_standing(folder)
    _check_follows(proposal, standing)
    if standing is None or standing.targets.signed_bytes != proposal.targets.signed_bytes:
        digest = hashlib.sha256(proposal.enrolment).hexdigest()
        write_durably(folder / f"{digest}.{TARGET}", proposal.enrolment)
        version = proposal.targets.signed.version
        write_durably(folder / f"{version}.targets.json", proposal.targets.to_bytes())
    root = proposal.root
    if root is not None and (standing is None or standing.root.signed_bytes != root.signed_bytes):
        write_durably(folder / f"{root.signed.version}.root.json", root.to_bytes())
    return refresh(folder, online, now, lifetimes)


def _check_follows(proposal: Proposal, standing: Standing | None) -> None:
    """The proposal comes next, or is what stands already, finished again."""
    roots = [root.signed_bytes for root in (proposal.previous, proposal.root) if root is not None]
    if standing is None:
        follows = proposal.previous is None and proposal.targets.signed.version == 1
    else:
        new, old = proposal.targets, standing.targets
        same = new.signed_bytes == old.signed_bytes
        next_one = new.signed.version == old.signed.version + 1
        follows = standing.root.signed_bytes in roots and (same or next_one)
    if not follows:
        before = standing.targets.signed.version if standing else 0
        raise CeremonyRefused(
            CeremonyCode.OUT_OF_TURN,
            "version {version} after version {before}, or another root",
            version=proposal.targets.signed.version,
            before=before,
        )


def refresh(
    folder: Path,
    online: Ed25519PrivateKey,
    now: datetime,
    lifetimes: Lifetimes = Lifetimes(),
) -> Refreshed:
    """Sign anew, with the centre's online key, that what stands in ``folder`` is the newest.

    It can say nothing else: publishers take enrolment from what the members signed.

    Raises:
        CeremonyRefused: DAMAGED, ONLINE_KEY, or EXPIRED if only the members can help.
        OSError: the folder cannot be written.
    """
    standing = load_standing(folder)
    if standing is None:
        raise CeremonyRefused(CeremonyCode.DAMAGED, "{folder}: there is no root", folder=folder)
    _check_online(standing.root, online)
    closes = standing.data.policy.closes
    for name, signed in (("root", standing.root.signed), ("targets", standing.targets.signed)):
        if signed.expires <= now:
            raise CeremonyRefused(
                CeremonyCode.EXPIRED,
                "{name} expired {expires}: the members must sign anew",
                name=name,
                expires=beside(signed.expires, closes),
            )
    signer = CryptoSigner(online)
    snapshot = _snapshot(folder, standing, signer, now, lifetimes.snapshot)
    timestamp = _timestamp(folder, snapshot, signer, now, lifetimes.timestamp)
    return Refreshed(
        root_version=standing.root.signed.version,
        targets_version=standing.targets.signed.version,
        timestamp_version=timestamp.signed.version,
        timestamp_expires=timestamp.signed.expires.astimezone(closes.tzinfo),
        targets_expire=standing.targets.signed.expires.astimezone(closes.tzinfo),
        root_expires=standing.root.signed.expires.astimezone(closes.tzinfo),
    )


def _check_online(root: Metadata[Root], online: Ed25519PrivateKey) -> None:
    keyid = CryptoSigner(online).public_key.keyid
    if keyid not in root.signed.roles["timestamp"].keyids:
        raise CeremonyRefused(
            CeremonyCode.ONLINE_KEY,
            "key {key}, root {version}",
            key=keyid[:8],
            version=root.signed.version,
        )


def _snapshot(
    folder: Path, standing: Standing, signer: CryptoSigner, now: datetime, lifetime: timedelta
) -> Metadata[Snapshot]:
    """The snapshot that stands, or a new one where targets or date ask for it.

    A new online key comes with new targets, as every proposal does.
    """
    listed = _listed(folder, "targets", standing.targets.signed.version)
    last = max(_versions(folder, "snapshot"), default=0)
    if last:
        before = _load(folder / f"{last}.snapshot.json", Snapshot)
        if (
            before.signed.meta == {"targets.json": listed}
            and before.signed.expires - now > lifetime / 2
        ):
            return before
    expires = _utc_seconds(now + lifetime)
    snapshot = Metadata(
        Snapshot(
            last + 1,
            expires=expires,
            meta={"targets.json": listed},
            unrecognized_fields=identity_fields(identity_of(standing.root)),
        )
    )
    snapshot.sign(signer)
    write_durably(folder / f"{last + 1}.snapshot.json", snapshot.to_bytes())
    return snapshot


def _timestamp(
    folder: Path,
    snapshot: Metadata[Snapshot],
    signer: CryptoSigner,
    now: datetime,
    lifetime: timedelta,
) -> Metadata[Timestamp]:
    path = folder / "timestamp.json"
    last = 0
    if path.exists():
        last = _load(path, Timestamp).signed.version
    elif snapshot.signed.version > 1:
        raise CeremonyRefused(
            CeremonyCode.DAMAGED,
            "{path} is missing: beginning again at 1 would look like a rollback",
            path=path,
        )
    listed = _listed(folder, "snapshot", snapshot.signed.version)
    timestamp = Metadata(
        Timestamp(
            last + 1,
            expires=_utc_seconds(now + lifetime),
            snapshot_meta=listed,
            unrecognized_fields={
                **identity_fields(identity_of(snapshot)),
                ISSUED_FIELD: _utc_seconds(now).isoformat(),
            },
        )
    )
    timestamp.sign(signer)
    write_durably(path, timestamp.to_bytes())
    return timestamp


def _listed(folder: Path, role: str, version: int) -> MetaFile:
    data = _read(folder / f"{version}.{role}.json", MAX_METADATA_BYTES)
    return MetaFile.from_data(version, data, ["sha256"])


def _load(path: Path, kind: type[Kind]) -> Metadata[Kind]:
    try:
        return _parse(_read(path, MAX_METADATA_BYTES), kind)
    except TrustError as error:
        raise CeremonyRefused(
            CeremonyCode.DAMAGED, "{path}: {error}", path=path, error=error
        ) from error


def _utc_seconds(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)
