"""What a ceremony vouches for, made from the election's folder and changed from version to version.

Pure. Revocation is a date beside the entry, not its removal: what a station or a key signed before
can still be verified.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from msgspec import structs

from openprep.ceremony.codes import CeremonyCode, CeremonyRefused
from openprep.coded import Text, counted, said
from openprep.cuts.description import describe
from openprep.cuts.signing_key import signer_name
from openprep.election import Election
from openprep.election.remit import uncovered_actas, unknown_scopes
from openprep.transmission.keys import Enrolled
from openprep.wire.cut.description import encode_declared
from openprep.wire.cut.ref import hex_digest
from openprep.wire.distribution.enrolment import EnrolmentRequest
from openprep.wire.note import NoteError
from openprep.wire.trust import (
    SCHEMA,
    LogIdentity,
    LogKey,
    Policy,
    PublisherEnrolment,
    RootIdentity,
    StationEnrolment,
    TrustData,
)

Entry = TypeVar("Entry", StationEnrolment, PublisherEnrolment)


def rules_digest(election: Election) -> str:
    """SHA-256 of the election's description, which every manifest names as ``description``."""
    return hex_digest(encode_declared(describe(election)))


@dataclass(frozen=True)
class Founding:
    """What the first version needs beyond the election's folder."""

    log_keys: Sequence[LogKey]
    quorum: int
    retained_until: datetime


@dataclass(frozen=True)
class Changes:
    """What a version changes in the one before."""

    requests: Sequence[EnrolmentRequest] = ()
    revoked_publishers: Sequence[str] = ()
    stations: Sequence[StationEnrolment] = ()
    revoked_stations: Sequence[str] = ()
    log_keys: Sequence[LogKey] = ()
    ended_log_keys: Mapping[str, int] = field(default_factory=dict)
    """Last cut that each key may sign."""
    quorum: int | None = None
    retained_until: datetime | None = None


def found(election: Election, founding: Founding) -> TrustData:
    """The first version, with nobody enrolled yet.

    The origin of the log is the name under which the centre signs, and its keys must bear it.

    Raises:
        CeremonyRefused: LOG_NAME.
    """
    window = election.window
    origin = signer_name(election.id)
    _check_names(founding.log_keys, origin)
    policy = Policy(founding.quorum, window.opens, window.closes, founding.retained_until)
    return TrustData(
        schema=SCHEMA,
        election=election.id,
        drill=election.drill,
        election_digest=election.digest,
        rules_digest=rules_digest(election),
        log=LogIdentity(origin, tuple(founding.log_keys)),
        stations=(),
        publishers=(),
        policy=policy,
    )


def _check_names(keys: Iterable[LogKey], origin: str) -> None:
    """A key of another name would be vouched for and sign nothing that publishers accept."""
    for key in keys:
        try:
            name = key.verifier.name
        except NoteError as error:
            raise CeremonyRefused(CeremonyCode.LOG_NAME, "{error}", error=error) from error
        if name != origin:
            raise CeremonyRefused(
                CeremonyCode.LOG_NAME,
                "the key is of {name}, the log of {origin}",
                name=name,
                origin=origin,
            )


def declare_again(data: TrustData, election: Election) -> TrustData:
    """``data`` with the digests and the window of a folder that was corrected.

    Raises:
        CeremonyRefused: OUT_OF_TURN, the folder is of another election; NO_EFFECT, it is as it was.
    """
    if (data.election, data.drill) != (election.id, election.drill):
        raise CeremonyRefused(
            CeremonyCode.OUT_OF_TURN,
            "the trust is of {election} ({drill}), the folder of {id} ({folder_drill})",
            election=data.election,
            drill=_kind(drill=data.drill),
            id=election.id,
            folder_drill=_kind(drill=election.drill),
        )
    if data.election_digest == election.digest:
        raise CeremonyRefused(CeremonyCode.NO_EFFECT, "the folder of {id}", id=election.id)
    window = election.window
    return structs.replace(
        data,
        election_digest=election.digest,
        rules_digest=rules_digest(election),
        policy=structs.replace(data.policy, opens=window.opens, closes=window.closes),
    )


def _kind(*, drill: bool) -> Text:
    return said("a drill") if drill else said("no drill")


def change(data: TrustData, changes: Changes, now: datetime) -> TrustData:
    """``data`` with ``changes``, revocations counting from ``now``.

    Raises:
        CeremonyRefused: REQUEST, NO_REMIT, UNKNOWN, LOG_NAME or NO_EFFECT.
    """
    for request in changes.requests:
        if (request.election, request.drill) != (data.election, data.drill):
            asked = RootIdentity(request.election, request.drill)
            held = RootIdentity(data.election, data.drill)
            raise CeremonyRefused(
                CeremonyCode.REQUEST,
                "{id} asks for {asked}; this ceremony is of {held}",
                id=request.publisher.id,
                asked=asked,
                held=held,
            )
    _check_effects(data, changes)
    check_remits(changes.stations)
    publishers = _enrol(data.publishers, [request.publisher for request in changes.requests])
    stations = _enrol(data.stations, changes.stations)
    policy = data.policy
    if changes.quorum is not None:
        policy = structs.replace(policy, quorum=changes.quorum)
    if changes.retained_until is not None:
        policy = structs.replace(policy, retained_until=changes.retained_until)
    return structs.replace(
        data,
        log=_change_log(data.log, changes),
        publishers=_revoke(publishers, changes.revoked_publishers, now),
        stations=_revoke(stations, changes.revoked_stations, now),
        policy=policy,
    )


def _check_effects(data: TrustData, changes: Changes) -> None:
    """What is asked for and stands already is a mistake: somebody expects it to change something.

    A list of stations may repeat those that stand, as long as any is new.
    """
    publishers = {publisher.id: publisher for publisher in data.publishers}
    asked = [request.publisher for request in changes.requests]
    idle = [
        f"publisher {publisher.id}"
        for publisher in asked
        if publishers.get(publisher.id) == publisher
    ]
    if changes.stations and set(changes.stations) <= set(data.stations):
        idle.append(counted(len(changes.stations), "station"))
    if changes.quorum == data.policy.quorum:
        idle.append(f"quorum {changes.quorum}")
    if changes.retained_until == data.policy.retained_until:
        idle.append(f"kept until {changes.retained_until}")
    if idle:
        raise CeremonyRefused(CeremonyCode.NO_EFFECT, "{idle}", idle=", ".join(idle))


def check_remits(stations: Iterable[StationEnrolment], election: Election | None = None) -> None:
    """See that every station speaks for something, and for areas of the election, where given.

    Raises:
        CeremonyRefused: NO_REMIT or NO_SUCH_AREA, naming the stations.
    """
    stations = list(stations)
    idle = [station.id for station in stations if not station.scopes]
    if idle:
        raise CeremonyRefused(CeremonyCode.NO_REMIT, "{idle}", idle=", ".join(idle[:20]))
    if election is None:
        return
    listed = {scope for station in stations for scope in station.scopes}
    unknown = set(unknown_scopes(listed, election))
    wrong = [
        f"{station.id} {scope}"
        for station in stations
        for scope in station.scopes
        if scope in unknown
    ]
    if wrong:
        raise CeremonyRefused(CeremonyCode.NO_SUCH_AREA, "{wrong}", wrong=", ".join(wrong[:20]))


def nobody_reports(data: TrustData, election: Election, now: datetime) -> list[str]:
    """How many actas of each contest no station may report first, in words."""
    remits = (
        frozenset(station.reports) for station in data.stations if not is_revoked(station, now)
    )
    return [
        f"nobody reports {count} actas of {contest}"
        for contest, count in uncovered_actas(remits, election).items()
    ]


def is_revoked(entry: StationEnrolment | PublisherEnrolment, now: datetime) -> bool:
    """Whether it is believed no longer at ``now``."""
    return entry.revoked is not None and entry.revoked <= now


def _enrol(standing: Sequence[Entry], new: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries in the order of their ids; a new one stands in place of the old of its id."""
    entries: dict[str, Entry] = {entry.id: entry for entry in standing}
    entries.update({entry.id: entry for entry in new})
    return tuple(entries[identity] for identity in sorted(entries))


def _revoke(entries: Sequence[Entry], revoked: Sequence[str], now: datetime) -> tuple[Entry, ...]:
    known = {entry.id for entry in entries if entry.revoked is None}
    for identity in revoked:
        if identity not in known:
            raise CeremonyRefused(
                CeremonyCode.UNKNOWN, "{identity}, or it is revoked already", identity=identity
            )
    at = now.replace(microsecond=0)
    changed: dict[str, Entry] = {entry.id: entry for entry in entries}
    for identity in revoked:
        changed[identity] = structs.replace(changed[identity], revoked=at)
    return tuple(changed.values())


def _change_log(log: LogIdentity, changes: Changes) -> LogIdentity:
    _check_names(changes.log_keys, log.origin)
    standing = {key.key for key in log.keys}
    for text in changes.ended_log_keys:
        if text not in standing:
            raise CeremonyRefused(CeremonyCode.UNKNOWN, "log key {text}", text=text)
    kept = (
        structs.replace(key, until_cut=changes.ended_log_keys.get(key.key, key.until_cut))
        for key in log.keys
    )
    return LogIdentity(log.origin, (*kept, *changes.log_keys))


def from_enrolled(stations: Iterable[Enrolled]) -> list[StationEnrolment]:
    """The stations of a ``stations.json``."""
    return [
        StationEnrolment(
            station.id,
            station.name,
            base64.b64encode(bytes.fromhex(station.public_key)).decode(),
            station.reports,
            station.corrects,
            station.captures,
        )
        for station in stations
    ]
