"""`openprep ceremony`: the trust root, kept by several hands."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openprep.bounded import first_of_file
from openprep.cli.options import (
    FILE,
    FOLDER,
    NEW_PATH,
    Function,
    clock_of,
    clock_option,
    election_option,
    fail,
    misused,
    open_election,
    unfit,
)
from openprep.coded import CodedError

if TYPE_CHECKING:
    from openprep.ceremony.folder import Lifetimes, Refreshed
    from openprep.ceremony.proposal import RootTerms
    from openprep.election import Election
    from openprep.wire.distribution.enrolment import EnrolmentRequest
    from openprep.wire.trust import LogKey, StationEnrolment, TrustData


class Moment(click.ParamType[datetime]):
    """A date and time with its offset, as 2024-06-03T20:00:00-06:00."""

    name = "time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """The moment, or a usage error."""
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            raise unfit(
                "{value!r} is not a date and time as 2024-06-03T20:00:00-06:00", value=value
            ) from None
        if moment.tzinfo is None:
            raise unfit("{value!r} needs its offset from UTC, as -06:00", value=value)
        return moment


MOMENT = Moment()


def passphrase_option(function: Function) -> Function:
    """``--passphrase-file FILE``; else ``OPENPREP_PASSPHRASE``; else a prompt."""
    return click.option(
        "--passphrase-file",
        type=FILE,
        help="Take the passphrase from the first line of a file; "
        "else from OPENPREP_PASSPHRASE; else it is asked for.",
    )(function)


def lifetime_option(function: Function) -> Function:
    """``--timestamp-hours``."""
    return click.option(
        "--timestamp-hours",
        default=24,
        show_default=True,
        type=click.IntRange(1, 24 * 14),
        help="Hours for which publishers may go on without hearing of a newer version.",
    )(function)


@click.group()
def ceremony() -> None:
    """Keep the trust root: keys, enrolment, signatures by k of n."""


@ceremony.command()
@click.option("--name", required=True, help="Whose key it is: authority, auditor, notary…")
@click.option("--out", type=NEW_PATH, required=True, help="Where to keep it.")
@click.option(
    "--online", is_flag=True, help="The centre's own key, used unattended: no passphrase."
)
@click.option("--qr", is_flag=True, help="Draw the public half as a QR code, too.")
@click.option(
    "--draw", is_flag=True, help="Have the passphrase drawn: it is shown once, to be written down."
)
@passphrase_option
def key(
    name: str, out: Path, online: bool, qr: bool, draw: bool, passphrase_file: Path | None
) -> None:
    """Make a key on this machine; only OUT.pub, its public half, leaves it."""
    from openprep.ceremony.keys import make_member_key, make_online_key, public_path
    from openprep.ceremony.passphrase import draw_passphrase
    from openprep.cli.qr import print_qr

    if draw and (online or passphrase_file):
        raise misused("--draw makes a member's passphrase: without --online or a file")
    passphrase = ""
    try:
        if online:
            verifier = make_online_key(out, name)
        else:
            passphrase = draw_passphrase() if draw else _passphrase(passphrase_file, confirm=True)
            verifier = make_member_key(out, name, passphrase)
    except CodedError as refused:
        fail(refused)
    if draw:
        click.echo(f"passphrase, shown this once: {passphrase}", err=True)
    click.echo(str(verifier))
    click.echo(f"public half in {public_path(out)}", err=True)
    if qr:
        print_qr(str(verifier).encode())


def _passphrase(file: Path | None, *, confirm: bool = False) -> str:
    import os

    if file is not None:
        return _first_line(file)
    known = os.environ.get("OPENPREP_PASSPHRASE")
    if known is not None:
        return known
    asked: str = click.prompt("passphrase", hide_input=True, confirmation_prompt=confirm)
    return asked


def _first_line(file: Path) -> str:
    from openprep.ceremony.codes import CeremonyCode, CeremonyRefused

    try:
        return file.read_text(encoding="utf-8-sig").split("\n", 1)[0].rstrip("\r")
    except OSError as error:
        raise CeremonyRefused(
            CeremonyCode.PASSPHRASE_FILE, "{file}: {strerror}", file=file, strerror=error.strerror
        ) from error
    except UnicodeDecodeError:
        # Not chained: the error carries the bytes of the passphrase.
        raise CeremonyRefused(CeremonyCode.PASSPHRASE_FILE, "{file}: no UTF-8", file=file) from None


def start_options(function: Function) -> Function:
    """Everything that a version of the trust root may say."""
    options = (
        click.option("--election", "folder", type=FOLDER, help="The election's folder."),
        click.option("--previous", type=FOLDER, help="The trust folder that stands, if any."),
        click.option("--out", type=NEW_PATH, required=True, help="Folder for the proposal."),
        click.option("--member", "members", type=FILE, multiple=True, help="A member's .pub file."),
        click.option("--threshold", type=int, help="How many members must sign."),
        click.option("--online", type=FILE, multiple=True, help="The centre's online .pub file."),
        click.option("--root-expires", type=MOMENT, help="Until when the members hold office."),
        click.option(
            "--enrolment-expires",
            type=MOMENT,
            required=True,
            help="Until when this version is good, if no other follows.",
        ),
        click.option(
            "--log-key",
            "log_keys",
            type=(str, int),
            multiple=True,
            help="A key of the log, and the first cut that it signs.",
        ),
        click.option(
            "--end-log-key",
            "ended",
            type=(str, int),
            multiple=True,
            help="A key of the log, and the last cut that it signs.",
        ),
        click.option("--stations", type=FILE, help="Stations to enrol: a stations.json."),
        click.option(
            "--request",
            "requests",
            type=FILE,
            multiple=True,
            help="A publisher's request to enrol.",
        ),
        click.option(
            "--revoke-publisher", "publishers", multiple=True, help="Id of a publisher to revoke."
        ),
        click.option(
            "--revoke-station", "revoked", multiple=True, help="Id of a station to revoke."
        ),
        click.option("--quorum", type=int, help="Cosignatures after which a cut counts as held."),
        click.option("--retain-until", type=MOMENT, help="Until when mirrors keep the last cut."),
    )
    for option in reversed(options):
        function = option(function)
    return function


@ceremony.command()
@start_options
@clock_option
def start(
    folder: Path | None,
    previous: Path | None,
    out: Path,
    members: tuple[Path, ...],
    threshold: int | None,
    online: tuple[Path, ...],
    root_expires: datetime | None,
    enrolment_expires: datetime,
    log_keys: tuple[tuple[str, int], ...],
    ended: tuple[tuple[str, int], ...],
    stations: Path | None,
    requests: tuple[Path, ...],
    publishers: tuple[str, ...],
    revoked: tuple[str, ...],
    quorum: int | None,
    retain_until: datetime | None,
    clock_file: Path | None,
) -> None:
    """Write a proposal, unsigned: the first version, or changes to the one that stands."""
    from openprep.ceremony.enrolment import (
        Changes,
        change,
        check_remits,
        declare_again,
        nobody_reports,
    )
    from openprep.ceremony.folder import load_standing, write_proposal
    from openprep.ceremony.proposal import propose
    from openprep.wire.trust import LogKey

    now = clock_of(clock_file)()

    def prepare() -> list[str]:
        keys = tuple(LogKey(text, cut) for text, cut in log_keys)
        changes = Changes(
            requests=[_request(path) for path in requests],
            revoked_publishers=publishers,
            stations=_stations(stations),
            revoked_stations=revoked,
            log_keys=keys if previous else (),
            ended_log_keys=dict(ended),
            quorum=quorum if previous else None,
            retained_until=retain_until if previous else None,
        )
        standing = load_standing(previous) if previous else None
        if previous and standing is None:
            raise misused("--previous {folder}: there is no trust in it", folder=previous)
        election = _ready_election(folder) if folder else None
        check_remits(changes.stations, election)
        if standing is None:
            before = _founded(election, keys, quorum, retain_until)
        else:
            before = declare_again(standing.data, election) if election else standing.data
        terms = _terms(members, threshold, online, root_expires)
        data = change(before, changes, now)
        proposal = propose(data, terms, standing, enrolment_expires, now)
        if out.exists() and any(out.iterdir()):
            raise misused("--out {folder}: it is not empty", folder=out)
        write_proposal(out, proposal)
        told = _summary_of(out, standing.data if standing else None)
        return [*told, *(nobody_reports(data, election, now) if election else ())]

    _say(prepare)


def _founded(
    election: "Election | None",
    keys: "tuple[LogKey, ...]",
    quorum: int | None,
    retain_until: datetime | None,
) -> "TrustData":
    """The first version, before anybody is enrolled."""
    from openprep.ceremony.enrolment import Founding, found

    if election is None or not keys or quorum is None or retain_until is None:
        raise misused("the first version needs --election, --log-key, --quorum and --retain-until")
    return found(election, Founding(keys, quorum, retain_until))


def _ready_election(folder: Path) -> "Election":
    """The election, if nothing is missing for it to open."""
    from openprep.ceremony.codes import CeremonyCode, CeremonyRefused
    from openprep.ceremony.readiness import readiness

    election = open_election(folder)
    missing = readiness(election)
    if missing:
        shown = "\n".join(map(str, missing[:20]))
        raise CeremonyRefused(
            CeremonyCode.NOT_READY, "{count} missing:\n{shown}\n", count=len(missing), shown=shown
        )
    return election


def _terms(
    members: tuple[Path, ...],
    threshold: int | None,
    online: tuple[Path, ...],
    expires: datetime | None,
) -> "RootTerms | None":
    from openprep.ceremony.keys import read_public_half
    from openprep.ceremony.proposal import RootTerms

    if not members and threshold is None and not online and expires is None:
        return None
    if not members or threshold is None or not online or expires is None:
        raise misused("a new root needs all of --member, --threshold, --online and --root-expires")
    return RootTerms(
        members=[read_public_half(path) for path in members],
        threshold=threshold,
        online=[read_public_half(path) for path in online],
        expires=expires,
    )


def _request(path: Path) -> "EnrolmentRequest":
    from openprep.ceremony.codes import CeremonyCode, CeremonyRefused
    from openprep.wire.distribution.enrolment import MAX_REQUEST_BYTES, parse_request
    from openprep.wire.trust import TrustError

    try:
        request = parse_request(first_of_file(path, MAX_REQUEST_BYTES + 1))
    except TrustError as error:
        raise CeremonyRefused(
            CeremonyCode.REQUEST, "{path}: {error}", path=path, error=error
        ) from error
    click.echo(f"request of {request.publisher.id}: {request.fingerprint}")
    return request


def _stations(path: Path | None) -> "list[StationEnrolment]":
    from openprep.ceremony.enrolment import from_enrolled
    from openprep.transmission.keys import load_entries

    return from_enrolled(load_entries(path)) if path else []


@ceremony.command()
@click.argument("proposal", type=FOLDER)
@click.option("--previous", type=FOLDER, help="Your own copy of the trust folder that stands.")
@clock_option
def show(proposal: Path, previous: Path | None, clock_file: Path | None) -> None:
    """Say in words what PROPOSAL would vouch for, and what it changes."""
    from openprep.ceremony.folder import load_standing, read_proposal
    from openprep.ceremony.proposal import check_proposal

    def tell() -> list[str]:
        check_proposal(read_proposal(proposal), clock_of(clock_file)())
        standing = load_standing(previous) if previous else None
        return _summary_of(proposal, standing.data if standing else None)

    _say(tell)


def _summary_of(folder: Path, before: "TrustData | None") -> list[str]:
    from openprep.ceremony.folder import read_proposal
    from openprep.ceremony.summary import summary

    return summary(read_proposal(folder), before)


@ceremony.command()
@click.argument("proposal", type=FOLDER)
@click.option("--key", "key_file", type=FILE, required=True, help="Your own key.")
@click.option("--fingerprint", help="The number spoken aloud; asked for if not given.")
@passphrase_option
@clock_option
def sign(
    proposal: Path,
    key_file: Path,
    fingerprint: str | None,
    passphrase_file: Path | None,
    clock_file: Path | None,
) -> None:
    """Add your signature to PROPOSAL, once all agree on its number."""
    from openprep.ceremony.folder import read_proposal, write_proposal
    from openprep.ceremony.keys import load_member_key
    from openprep.ceremony.proposal import sign as sign_proposal

    def add() -> list[str]:
        unsigned = read_proposal(proposal)
        private = load_member_key(key_file, _passphrase(passphrase_file))
        spoken = fingerprint or click.prompt("number spoken aloud")
        write_proposal(proposal, sign_proposal(unsigned, private, spoken, clock_of(clock_file)()))
        lines = _summary_of(proposal, None)
        return lines[lines.index("signatures:") :]

    _say(add)


@ceremony.command()
@click.argument("proposals", type=FOLDER, nargs=-1, required=True)
@click.option("--trust", type=NEW_PATH, required=True, help="The trust folder to publish.")
@click.option("--online-key", type=FILE, required=True, help="The centre's online key.")
@lifetime_option
@clock_option
def finish(
    proposals: tuple[Path, ...],
    trust: Path,
    online_key: Path,
    timestamp_hours: int,
    clock_file: Path | None,
) -> None:
    """Make PROPOSALS (copies of one, signed in turns or apart) the trust that stands."""
    from openprep.ceremony.folder import finish as finish_proposal
    from openprep.ceremony.folder import read_proposal
    from openprep.ceremony.keys import load_online_key
    from openprep.ceremony.proposal import merge
    from openprep.wire.trust import fingerprint

    now = clock_of(clock_file)()

    def accept() -> list[str]:
        merged = merge([read_proposal(folder) for folder in proposals], now)
        online = load_online_key(online_key)
        done = finish_proposal(merged, trust, online, now, _lifetimes(timestamp_hours))
        root = (trust / f"{done.root_version}.root.json").read_bytes()
        return [
            *_refreshed(done),
            f"publishers join root {done.root_version} by {fingerprint(root)}",
        ]

    _say(accept)


@ceremony.command()
@click.option("--trust", type=FOLDER, required=True, help="The trust folder that is published.")
@click.option("--online-key", type=FILE, required=True, help="The centre's online key.")
@lifetime_option
@clock_option
def refresh(trust: Path, online_key: Path, timestamp_hours: int, clock_file: Path | None) -> None:
    """Sign anew that the version that stands is the newest; to be run every hour."""
    from openprep.ceremony.folder import refresh as refresh_trust
    from openprep.ceremony.keys import load_online_key

    def renew() -> list[str]:
        online, now = load_online_key(online_key), clock_of(clock_file)()
        return _refreshed(refresh_trust(trust, online, now, _lifetimes(timestamp_hours)))

    _say(renew)


@ceremony.command()
@election_option
def check(folder: Path) -> None:
    """Say what is missing before the election may open (exit code 1), or that nothing is."""
    from openprep.ceremony.readiness import readiness

    election = open_election(folder)
    missing = readiness(election)
    for code in missing:
        click.echo(str(code))
    actas = sum(len(catalogue) for catalogue in election.catalogues.values())
    if missing:
        click.echo(f"{len(missing)} missing: {election.id} is not ready to open")
        raise SystemExit(1)
    click.echo(f"{election.id} is ready: {actas:,} actas, each with its row, form and zero")


def _lifetimes(hours: int) -> "Lifetimes":
    from openprep.ceremony.folder import Lifetimes

    return Lifetimes(timestamp=timedelta(hours=hours))


def _refreshed(done: "Refreshed") -> list[str]:
    return [
        f"root {done.root_version}, good until {done.root_expires.isoformat()}",
        f"enrolment {done.targets_version}, good until {done.targets_expire.isoformat()}",
        f"timestamp {done.timestamp_version}, good until {done.timestamp_expires.isoformat()}",
    ]


def _say(work: Callable[[], list[str]]) -> None:
    """Do a step and print its lines, or why it is refused (exit code 2)."""
    try:
        lines = work()
    except (CodedError, OSError) as refused:
        fail(refused)
    for line in lines:
        click.echo(line)
