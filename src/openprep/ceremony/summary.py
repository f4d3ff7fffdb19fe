"""A proposal in words: what one is about to sign, and how it differs from what stands. Pure."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from tuf.api.metadata import Metadata, Root

from openprep.ceremony.proposal import Count, Proposal, counts, key_name
from openprep.clock import beside
from openprep.coded import counted
from openprep.election.area_path import first_id
from openprep.election.remit import EVERYTHING
from openprep.wire.trust import (
    LogKey,
    PublisherEnrolment,
    StationEnrolment,
    TrustData,
    identity_of,
)

MOST_TOLD = 40
"""Most stations that a summary names one by one; more are added up."""

MOST_SCOPES_TOLD = 8
MOST_REMIT = 120


def summary(proposal: Proposal, before: TrustData | None) -> list[str]:
    """Lines to be read, and compared aloud, before signing.

    ``before`` is what the reader's own copy of the standing trust vouches for; never one that came
    with the proposal, whose maker could have changed it.
    """
    data = proposal.data
    version = proposal.targets.signed.version
    lines = [
        f"Proposal of trust for {identity_of(proposal.targets)}, version {version}",
        f"number to be spoken: {proposal.fingerprint}",
        "",
        *_root_lines(proposal),
        f"enrolment expires {beside(proposal.targets.signed.expires, data.policy.closes)}",
        "",
        *(_data_lines(data) if before is None else _differences(before, data)),
        "",
        "signatures:",
        *(f"  {_count_line(count)}" for count in counts(proposal)),
    ]
    if before is None and proposal.previous is not None:
        lines.insert(0, "Without the standing trust (--previous), differences are not shown.")
    return lines


def _root_lines(proposal: Proposal) -> Iterator[str]:
    if proposal.root is None:
        yield f"root {proposal.ruling_root.signed.version} stays: members and threshold as they are"
        return
    closes = proposal.data.policy.closes
    yield from _members(f"new root {proposal.root.signed.version}", proposal.root, closes)
    if proposal.previous is not None:
        yield from _members(
            f"instead of root {proposal.previous.signed.version}", proposal.previous, closes
        )


def _members(title: str, metadata: Metadata[Root], closes: datetime) -> Iterator[str]:
    root = metadata.signed
    members, online = root.roles["root"], root.roles["timestamp"]
    yield (
        f"{title}: {members.threshold} of {len(members.keyids)} members must sign; "
        f"expires {beside(root.expires, closes)}"
    )
    for keyid in members.keyids:
        yield f"  member {key_name(root, keyid)}, key {keyid[:16]}"
    for keyid in online.keyids:
        yield f"  online key {key_name(root, keyid)}, key {keyid[:16]}"


def _data_lines(data: TrustData) -> Iterator[str]:
    yield from _policy(data)
    yield f"log {data.log.origin}"
    yield from (f"  {_log_key(key)}" for key in data.log.keys)
    yield counted(len(data.stations), "station")
    yield from (f"  {line}" for line in _remits(data.stations))
    yield counted(len(data.publishers), "publisher")
    yield from (f"  {_publisher(publisher)}" for publisher in data.publishers)


def _policy(data: TrustData) -> Iterator[str]:
    policy = data.policy
    yield f"election folder {data.election_digest}"
    yield f"rule set {data.rules_digest}"
    yield f"public from {policy.opens.isoformat()} to {policy.closes.isoformat()}"
    yield f"kept until {policy.retained_until.isoformat()}"
    yield f"a cut is held once {policy.quorum} publishers cosigned it"
    standing = sum(publisher.revoked is None for publisher in data.publishers)
    if standing < policy.quorum:
        yield f"  NO CUT CAN BE HELD: of {policy.quorum} publishers, {standing} are enrolled"


def _log_key(key: LogKey) -> str:
    end = "on" if key.until_cut is None else f"to cut {key.until_cut}"
    return f"log key {key.key}, from cut {key.from_cut} {end}"


def _publisher(publisher: PublisherEnrolment) -> str:
    addresses = ", ".join(publisher.addresses) or "no address"
    state = _revoked(publisher.revoked)
    return f"publisher {publisher.id} ({publisher.name}), {addresses}{state}"


def _remits(stations: Sequence[StationEnrolment]) -> Iterator[str]:
    """Who speaks for what: who corrects, captures or reports everything is always named."""
    told = [station for station in stations if _speaks_for_others(station)]
    others = [station for station in stations if not _speaks_for_others(station)]
    if len(others) <= MOST_TOLD:
        told, others = list(stations), []
    yield from (
        f"{station.id} ({station.name}) {_remit(station)}{_revoked(station.revoked)}"
        for station in told
    )
    if others:
        contests = sorted({first_id(scope) for station in others for scope in station.reports})
        count = sum(len(station.reports) for station in others)
        yield f"{len(others)} others report {count} areas and actas of {', '.join(contests)}"


def _speaks_for_others(station: StationEnrolment) -> bool:
    return bool(station.corrects or station.captures) or EVERYTHING in station.reports


def _remit(station: StationEnrolment) -> str:
    parts = []
    if station.reports:
        parts.append(f"reports {_scopes(station.reports)}")
    if station.corrects:
        parts.append(f"CORRECTS {_scopes(station.corrects)}")
    if station.captures:
        parts.append(f"CAPTURES {_scopes(station.captures)}")
    return " and ".join(parts) or "speaks for nothing"


def _scopes(scopes: Sequence[str]) -> str:
    if EVERYTHING in scopes:
        return "THE WHOLE ELECTION"
    more = len(scopes) - MOST_SCOPES_TOLD
    shown = ", ".join(scopes[:MOST_SCOPES_TOLD])
    return f"{shown} and {more} more" if more > 0 else shown


def _station(station: StationEnrolment) -> str:
    whole = f"{' '.join(station.reports)}; {' '.join(station.corrects)}"
    if station.captures:
        whole += f"; {' '.join(station.captures)}"
    digest = hashlib.sha256(whole.encode()).hexdigest()[:8] if len(whole) > MOST_REMIT else ""
    remit = f"{_remit(station)}{f' ({digest})' if digest else ''}"
    state = _revoked(station.revoked)
    return f"station {station.id} ({station.name}), {remit}, key {station.key}{state}"


def _revoked(at: datetime | None) -> str:
    return "" if at is None else f", REVOKED from {at.isoformat()}"


def _keys(publisher: PublisherEnrolment) -> str:
    keys = publisher.cosigner, publisher.request_key, publisher.recipient
    return ", ".join((_publisher(publisher), *keys))


def _differences(before: TrustData, data: TrustData) -> Iterator[str]:
    found = [
        *_changed(_policy(before), _policy(data)),
        *_changed([f"log {before.log.origin}"], [f"log {data.log.origin}"]),
        *_changed(map(_log_key, before.log.keys), map(_log_key, data.log.keys)),
        *_changed(map(_station, before.stations), map(_station, data.stations)),
        *_changed(map(_keys, before.publishers), map(_keys, data.publishers)),
    ]
    yield "what changes:" if found else "nothing changes but the dates"
    yield from (f"  {line}" for line in found)


def _changed(before: Iterable[str], after: Iterable[str]) -> Sequence[str]:
    old, new = list(before), list(after)
    gone, come = set(old) - set(new), set(new) - set(old)
    return [
        *(f"- {line}" for line in old if line in gone),
        *(f"+ {line}" for line in new if line in come),
    ]


def _count_line(count: Count) -> str:
    signed = ", ".join(count.signed) or "nobody yet"
    asked = f"{count.document}, as {count.rule} asks"
    return f"{asked}: {len(count.signed)} of {count.threshold} ({signed})"
