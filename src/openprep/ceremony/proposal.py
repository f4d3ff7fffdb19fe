"""A proposal of trust: what the members of a ceremony are asked to sign. Pure.

A version of the trust root is a root (who may sign, and how many of them must), and targets (the
digest of ``enrolment.json``). Members hold both roles with one threshold; the centre's online keys
hold snapshot and timestamp, and can vouch for nothing new. A new root is signed by the threshold
of the one before it and by its own (TUF specification, 6.1); where only the enrolment changes, the
root stays.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api.metadata import (
    TOP_LEVEL_ROLE_NAMES,
    Metadata,
    Role,
    Root,
    TargetFile,
    Targets,
)

from openprep.ceremony.codes import CeremonyCode, CeremonyRefused
from openprep.clock import beside
from openprep.coded import Text, said
from openprep.wire.note import Verifier
from openprep.wire.trust import (
    TARGET,
    RootIdentity,
    TrustData,
    TrustError,
    encode_trust,
    identity_fields,
    identity_of,
    misheard,
    parse_trust,
    spoken_form,
)

MAX_MEMBERS = 32
ONLINE_ROLES = ("snapshot", "timestamp")
OFFLINE_ROLES = ("root", "targets")
_NAME_FIELD = "x-openprep-name"


@dataclass(frozen=True)
class RootTerms:
    """Who signs: the members and how many of them must, and the centre's online keys."""

    members: Sequence[Verifier]
    threshold: int
    online: Sequence[Verifier]
    expires: datetime


@dataclass(frozen=True)
class Standing:
    """The trust that stands: root and targets as signed last, and what they vouch for."""

    root: Metadata[Root]
    targets: Metadata[Targets]
    enrolment: bytes

    @property
    def data(self) -> TrustData:
        """What is vouched for."""
        return parse_trust(self.enrolment)


@dataclass(frozen=True)
class Proposal:
    """What is to be signed. ``root`` is ``None`` where the one before stays."""

    previous: Metadata[Root] | None
    root: Metadata[Root] | None
    targets: Metadata[Targets]
    enrolment: bytes

    @property
    def data(self) -> TrustData:
        """What would be vouched for."""
        return parse_trust(self.enrolment)

    @property
    def ruling_root(self) -> Metadata[Root]:
        """The root under which the targets will be verified."""
        root = self.root or self.previous
        assert root is not None  # `check_proposal` refuses one with neither
        return root

    @property
    def fingerprint(self) -> str:
        """The number that everybody who signs reads aloud first: over all that is signed."""
        parts = [b"openprep/proposal/v1"]
        if self.root is not None:
            parts.append(b"root " + hashlib.sha256(self.root.signed_bytes).digest())
        parts.append(b"targets " + hashlib.sha256(self.targets.signed_bytes).digest())
        return spoken_form(hashlib.sha256(b"\n".join(parts)).digest())


def tuf_key(verifier: Verifier) -> SSlibKey:
    """A key as TUF writes it, with its owner's name."""
    public = Ed25519PublicKey.from_public_bytes(verifier.public)
    key = SSlibKey.from_crypto(public)
    key.unrecognized_fields[_NAME_FIELD] = verifier.name
    return key


def key_name(root: Root, keyid: str) -> str:
    """The name of the owner of a key of ``root``."""
    return str(root.keys[keyid].unrecognized_fields.get(_NAME_FIELD, keyid[:8]))


def propose(
    data: TrustData,
    terms: RootTerms | None,
    standing: Standing | None,
    targets_expire: datetime,
    now: datetime,
) -> Proposal:
    """What is to be signed so that ``data`` is vouched for, under new ``terms`` if any are given.

    Raises:
        CeremonyRefused: THRESHOLD, DUPLICATE_KEY, EXPIRED, ENROLMENT or OUT_OF_TURN.
    """
    if standing is None and terms is None:
        raise CeremonyRefused(CeremonyCode.OUT_OF_TURN, "the first version needs its members")
    enrolment = _encode(data)
    previous = standing.root if standing else None
    identity = RootIdentity(data.election, data.drill)
    if previous is not None and identity_of(previous) != identity:
        raise CeremonyRefused(
            CeremonyCode.OUT_OF_TURN,
            "the trust that stands is of {identity}, this of {own}",
            identity=identity_of(previous),
            own=identity,
        )
    root = None
    if terms is not None:
        version = previous.signed.version + 1 if previous else 1
        root = Metadata(_root(terms, identity, version))
    targets = Targets(
        version=standing.targets.signed.version + 1 if standing else 1,
        expires=_utc(targets_expire),
        targets={TARGET: TargetFile.from_data(TARGET, enrolment, ["sha256"])},
        unrecognized_fields=identity_fields(identity),
    )
    proposal = Proposal(previous, root, Metadata(targets), enrolment)
    check_proposal(proposal, now)
    return proposal


def _encode(data: TrustData) -> bytes:
    try:
        data.check()
        encoded = encode_trust(data)
        parse_trust(encoded)
    except TrustError as error:
        raise CeremonyRefused(CeremonyCode.ENROLMENT, "{error}", error=error) from error
    return encoded


def _root(terms: RootTerms, identity: RootIdentity, version: int) -> Root:
    _check_terms(terms)
    root = Root(
        version=version,
        expires=_utc(terms.expires),
        roles={role: Role([], 1) for role in TOP_LEVEL_ROLE_NAMES},
        consistent_snapshot=True,
        unrecognized_fields=identity_fields(identity),
    )
    for role in OFFLINE_ROLES:
        for member in terms.members:
            root.add_key(tuf_key(member), role)
        root.roles[role].threshold = terms.threshold
    for role in ONLINE_ROLES:
        for online in terms.online:
            root.add_key(tuf_key(online), role)
    return root


def _check_terms(terms: RootTerms) -> None:
    members = len(terms.members)
    if not 1 <= terms.threshold <= members or members > MAX_MEMBERS:
        raise CeremonyRefused(
            CeremonyCode.THRESHOLD,
            "{threshold} of {members} members (at most {limit})",
            threshold=terms.threshold,
            members=members,
            limit=MAX_MEMBERS,
        )
    if not terms.online:
        raise CeremonyRefused(CeremonyCode.ONLINE_KEY, "there is none for the centre")
    everybody = (*terms.members, *terms.online)
    for own in (
        [holder.name for holder in everybody],
        [holder.public.hex() for holder in everybody],
    ):
        for value in own:
            if own.count(value) > 1:
                raise CeremonyRefused(CeremonyCode.DUPLICATE_KEY, "{value}", value=value)


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


def check_proposal(proposal: Proposal, now: datetime) -> None:
    """See that a proposal is whole and may still be signed, whoever handed it over.

    Raises:
        CeremonyRefused: ALTERED, EXPIRED, OUT_OF_TURN, THRESHOLD or DUPLICATE_KEY.
    """
    if proposal.root is None and proposal.previous is None:
        raise CeremonyRefused(CeremonyCode.ALTERED, "it has no root")
    _check_content(proposal)
    _check_order(proposal)
    if proposal.root is not None:
        check_roles(proposal.root.signed)
    _check_expiry(proposal, now)
    _check_signatures(proposal)


def _check_content(proposal: Proposal) -> None:
    listed = proposal.targets.signed.targets
    if set(listed) != {TARGET} or proposal.targets.signed.delegations is not None:
        raise CeremonyRefused(
            CeremonyCode.ALTERED, "targets.json must list {target} and no more", target=TARGET
        )
    made = TargetFile.from_data(TARGET, proposal.enrolment, ["sha256"])
    if listed[TARGET] != made:
        raise CeremonyRefused(
            CeremonyCode.ALTERED,
            "{target} does not have the digest that targets.json has for it",
            target=TARGET,
        )
    try:
        data = proposal.data
        identities = {identity_of(root) for root in _roots(proposal)}
        identities.add(identity_of(proposal.targets))
    except TrustError as error:
        raise CeremonyRefused(CeremonyCode.ENROLMENT, "{error}", error=error) from error
    if identities != {RootIdentity(data.election, data.drill)}:
        raise CeremonyRefused(
            CeremonyCode.ALTERED, "the root and what it vouches for are not of one election"
        )


def _roots(proposal: Proposal) -> Iterator[Metadata[Root]]:
    """The roots whose members may sign: the one before and the one proposed."""
    yield from (root for root in (proposal.previous, proposal.root) if root is not None)


def _check_order(proposal: Proposal) -> None:
    if proposal.root is None:
        return
    before = proposal.previous.signed.version if proposal.previous else 0
    version = proposal.root.signed.version
    if version != before + 1:
        raise CeremonyRefused(
            CeremonyCode.OUT_OF_TURN,
            "root {version} does not follow root {before}",
            version=version,
            before=before,
        )


def check_roles(root: Root) -> None:
    """See that thresholds can be met, by as many different keys, and roles are held as they must.

    Raises:
        CeremonyRefused: THRESHOLD, DUPLICATE_KEY or ALTERED.
    """
    for role in (*OFFLINE_ROLES, *ONLINE_ROLES):
        held = root.roles[role]
        if not 1 <= held.threshold <= len(held.keyids) <= MAX_MEMBERS:
            raise CeremonyRefused(
                CeremonyCode.THRESHOLD,
                "{role}: {threshold} of {count} keys",
                role=role,
                threshold=held.threshold,
                count=len(held.keyids),
            )
    publics = [str(key.keyval.get("public")) for key in root.keys.values()]
    if len(set(publics)) != len(publics):
        raise CeremonyRefused(CeremonyCode.DUPLICATE_KEY, "one key stands under two ids")
    offline = {keyid for role in OFFLINE_ROLES for keyid in root.roles[role].keyids}
    online = {keyid for role in ONLINE_ROLES for keyid in root.roles[role].keyids}
    if offline & online:
        raise CeremonyRefused(CeremonyCode.DUPLICATE_KEY, "an online key is a member's, too")
    if root.roles["root"] != root.roles["targets"]:
        raise CeremonyRefused(CeremonyCode.ALTERED, "members do not hold both their roles alike")


def _check_expiry(proposal: Proposal, now: datetime) -> None:
    closes = proposal.data.policy.closes
    documents = {"root": proposal.ruling_root.signed, "targets": proposal.targets.signed}
    for name, signed in documents.items():
        if signed.expires <= max(now, closes):
            expires = beside(signed.expires, closes)
            raise CeremonyRefused(
                CeremonyCode.EXPIRED,
                "{name} expires {expires}; results close {closes}",
                name=name,
                expires=expires,
                closes=closes.isoformat(),
            )


def _check_signatures(proposal: Proposal) -> None:
    """Every signature that is there must be right: one that is not tells of an alteration."""
    root, targets = proposal.root, proposal.targets
    known = {keyid: key for each in _roots(proposal) for keyid, key in each.signed.keys.items()}
    signed = [(targets.signed_bytes, targets.signatures)]
    if root is not None:
        signed.append((root.signed_bytes, root.signatures))
    for payload, signatures in signed:
        for keyid, signature in signatures.items():
            try:
                known[keyid].verify_signature(signature, payload)
            except Exception as error:  # whatever is wrong with it, it is not to be signed
                raise CeremonyRefused(
                    CeremonyCode.ALTERED, "a signature by {key} does not match", key=keyid[:8]
                ) from error


def sign(proposal: Proposal, key: Ed25519PrivateKey, spoken: str, now: datetime) -> Proposal:
    """The proposal with the signatures of ``key``, whose owner heard ``spoken`` from the others.

    Raises:
        CeremonyRefused: FINGERPRINT, NOT_A_MEMBER, or as :func:`check_proposal`.
    """
    check_proposal(proposal, now)
    check_spoken(spoken, proposal.fingerprint)
    signer = CryptoSigner(key)
    keyid = signer.public_key.keyid
    signs_root = proposal.root is not None and any(
        keyid in each.signed.roles["root"].keyids for each in _roots(proposal)
    )
    signs_targets = keyid in proposal.ruling_root.signed.roles["targets"].keyids
    if not (signs_root or signs_targets):
        raise CeremonyRefused(CeremonyCode.NOT_A_MEMBER, "key {key}", key=keyid[:8])
    root, targets = proposal.root, proposal.targets
    if root is not None and signs_root:
        root = _signed(root, signer)
    if signs_targets:
        targets = _signed(targets, signer)
    return replace(proposal, root=root, targets=targets)


def check_spoken(spoken: str, expected: str) -> None:
    """See that the number that was spoken is the one computed here.

    Raises:
        CeremonyRefused: FINGERPRINT.
    """
    if wrong := misheard(spoken, expected, said("here it is")):
        raise CeremonyRefused(CeremonyCode.FINGERPRINT, "{wrong}", wrong=wrong)


def _signed(metadata: Metadata[Any], signer: CryptoSigner) -> Metadata[Any]:
    copy = Metadata(metadata.signed, dict(metadata.signatures))
    copy.sign(signer, append=True)
    return copy


def merge(copies: Sequence[Proposal], now: datetime) -> Proposal:
    """One proposal with the signatures of copies that were signed apart.

    Raises:
        CeremonyRefused: ALTERED if they are not copies of one, or as :func:`check_proposal`.
    """
    first = copies[0]
    for copy in copies:
        check_proposal(copy, now)
        if copy.fingerprint != first.fingerprint:
            raise CeremonyRefused(CeremonyCode.ALTERED, "the copies are of different proposals")
    targets = Metadata(first.targets.signed)
    root = None if first.root is None else Metadata(first.root.signed)
    for each in copies:
        targets.signatures.update(each.targets.signatures)
        if root is not None and each.root is not None:
            root.signatures.update(each.root.signatures)
    return replace(first, root=root, targets=targets)


@dataclass(frozen=True)
class Count:
    """Who signed one document for one root's threshold."""

    document: str
    rule: str
    threshold: int
    signed: tuple[str, ...]
    unsigned: tuple[str, ...]

    @property
    def enough(self) -> bool:
        """Whether the threshold is met."""
        return len(self.signed) >= self.threshold


def counts(proposal: Proposal) -> list[Count]:
    """Who signed what, against every threshold that must be met."""
    found = []
    if proposal.root is not None:
        for rule, by in (("before", proposal.previous), ("new", proposal.root)):
            if by is not None:
                found.append(
                    _count("root", f"root {by.signed.version} ({rule})", by, proposal.root)
                )
    ruling = proposal.ruling_root
    rule = f"root {ruling.signed.version}"
    found.append(_count("targets", rule, ruling, proposal.targets))
    return found


def _count(document: str, rule: str, by: Metadata[Root], signed: Metadata[Any]) -> Count:
    result = by.signed.get_verification_result(document, signed.signed_bytes, signed.signatures)
    names = [
        tuple(sorted(key_name(by.signed, keyid) for keyid in keys))
        for keys in (result.signed, result.unsigned)
    ]
    return Count(document, rule, result.threshold, *names)


def check_thresholds(proposal: Proposal) -> None:
    """See that enough members signed everything.

    Raises:
        CeremonyRefused: TOO_FEW, naming who has not signed.
    """
    short = [count for count in counts(proposal) if not count.enough]
    if short:
        raise CeremonyRefused(
            CeremonyCode.TOO_FEW, "{short}", short="; ".join(str(_short(count)) for count in short)
        )


def _short(count: Count) -> Text:
    return said(
        "{document}: {signed} of {threshold} by {rule}, not yet {unsigned}",
        document=count.document,
        signed=len(count.signed),
        threshold=count.threshold,
        rule=count.rule,
        unsigned=", ".join(count.unsigned),
    )
