"""What a proposal is made of, from the options of `openprep ceremony start`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from openprep.bounded import first_of_file
from openprep.ceremony.codes import CeremonyCode, CeremonyRefused
from openprep.ceremony.enrolment import (
    Changes,
    Founding,
    change,
    check_remits,
    declare_again,
    found,
    from_enrolled,
    nobody_reports,
)
from openprep.ceremony.folder import load_standing, read_proposal, write_proposal
from openprep.ceremony.keys import read_public_half
from openprep.ceremony.proposal import RootTerms, Standing, propose
from openprep.ceremony.readiness import readiness
from openprep.ceremony.summary import summary
from openprep.cli.options import misused, open_election, unfit
from openprep.election import Election
from openprep.transmission.keys import load_entries
from openprep.wire.distribution.enrolment import (
    MAX_REQUEST_BYTES,
    EnrolmentRequest,
    parse_request,
)
from openprep.wire.trust import LogKey, StationEnrolment, TrustData, TrustError


@dataclass(frozen=True)
class StartOptions:
    """The options as they were given, under the names of :func:`start_options`."""

    folder: Path | None
    previous: Path | None
    out: Path
    members: tuple[Path, ...]
    threshold: int | None
    online: tuple[Path, ...]
    root_expires: datetime | None
    enrolment_expires: datetime
    log_keys: tuple[tuple[str, int], ...]
    ended: tuple[tuple[str, int], ...]
    stations: Path | None
    requests: tuple[Path, ...]
    publishers: tuple[str, ...]
    revoked: tuple[str, ...]
    quorum: int | None
    retain_until: datetime | None

    @property
    def keys(self) -> tuple[LogKey, ...]:
        """The keys of the log, each with the first cut that it signs."""
        return tuple(LogKey(text, cut) for text, cut in self.log_keys)


def write_unsigned(options: StartOptions, now: datetime) -> list[str]:
    """Write the proposal, and say what it would vouch for.

    What is read in an instant is refused before the election is, which takes a while.

    Raises:
        click.UsageError: options that do not go together.
        CeremonyRefused: what they name cannot be vouched for.
    """
    if options.out.exists() and any(options.out.iterdir()):
        raise unfit("--out {folder}: it is not empty: name a new one", folder=options.out)
    standing = _standing(options.previous)
    terms, changes = _terms(options), _changes(options)
    if options.previous is None:
        _check_founding(options)
    election = _ready_election(options.folder) if options.folder else None
    check_remits(changes.stations, election)
    if standing is None:
        before = _founded(options, election)
    else:
        before = declare_again(standing.data, election) if election else standing.data
    data = change(before, changes, now)
    proposal = propose(data, terms, standing, options.enrolment_expires, now)
    write_proposal(options.out, proposal)
    told = summary(read_proposal(options.out), standing.data if standing else None)
    return [*told, *(nobody_reports(data, election, now) if election else ())]


def _standing(folder: Path | None) -> Standing | None:
    standing = load_standing(folder) if folder else None
    if folder and standing is None:
        raise unfit("--previous {folder}: there is no trust in it", folder=folder)
    return standing


def _changes(options: StartOptions) -> Changes:
    later = options.previous is not None
    return Changes(
        requests=[_request(path) for path in options.requests],
        revoked_publishers=options.publishers,
        stations=_stations(options.stations),
        revoked_stations=options.revoked,
        log_keys=options.keys if later else (),
        ended_log_keys=dict(options.ended),
        quorum=options.quorum if later else None,
        retained_until=options.retain_until if later else None,
    )


def _founded(options: StartOptions, election: Election | None) -> TrustData:
    """The first version, before anybody is enrolled."""
    _check_founding(options)
    assert election is not None
    assert options.quorum is not None
    assert options.retain_until is not None
    return found(election, Founding(options.keys, options.quorum, options.retain_until))


def _check_founding(options: StartOptions) -> None:
    """See that the first version has all that it needs, before anything of it is read."""
    missing = _lacking(
        {
            "--election": options.folder,
            "--log-key": options.log_keys,
            "--quorum": options.quorum,
            "--retain-until": options.retain_until,
        }
    )
    if missing:
        raise misused("the first version lacks {missing}", missing=missing)


def _lacking(given: Mapping[str, object]) -> str:
    """Names of the options that were not given."""
    return ", ".join(name for name, value in given.items() if value in (None, ()))


def _terms(options: StartOptions) -> RootTerms | None:
    members, online = options.members, options.online
    threshold, expires = options.threshold, options.root_expires
    if not members and threshold is None and not online and expires is None:
        return None
    if not members or threshold is None or not online or expires is None:
        given = {
            "--member": members,
            "--threshold": threshold,
            "--online": online,
            "--root-expires": expires,
        }
        raise misused("a new root lacks {missing}", missing=_lacking(given))
    return RootTerms(
        members=[read_public_half(path) for path in members],
        threshold=threshold,
        online=[read_public_half(path) for path in online],
        expires=expires,
    )


def _ready_election(folder: Path) -> Election:
    """The election, if nothing is missing for it to open; that takes a nation half a minute."""
    click.echo(f"checking that {folder} is ready to open…", err=True)
    election = open_election(folder)
    missing = readiness(election)
    if missing:
        shown = "\n".join(map(str, missing[:20]))
        raise CeremonyRefused(
            CeremonyCode.NOT_READY, "{count} missing:\n{shown}\n", count=len(missing), shown=shown
        )
    return election


def _request(path: Path) -> EnrolmentRequest:
    try:
        request = parse_request(first_of_file(path, MAX_REQUEST_BYTES + 1))
    except TrustError as error:
        raise CeremonyRefused(
            CeremonyCode.REQUEST, "{path}: {error}", path=path, error=error
        ) from error
    click.echo(f"request of {request.publisher.id}: {request.fingerprint}")
    return request


def _stations(path: Path | None) -> list[StationEnrolment]:
    return from_enrolled(load_entries(path)) if path else []
