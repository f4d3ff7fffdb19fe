"""`openprep ceremony`: the trust root, kept by several hands."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openprep.cli.ceremony.options import lifetime_option, passphrase_option, start_options
from openprep.cli.options import (
    FILE,
    FOLDER,
    NEW_PATH,
    asked_for,
    clock_of,
    clock_option,
    election_option,
    fail,
    misused,
    open_election,
)
from openprep.coded import CodedError

if TYPE_CHECKING:
    from openprep.ceremony.folder import Lifetimes, Refreshed
    from openprep.wire.trust import TrustData


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
    instead = "--passphrase-file, or OPENPREP_PASSPHRASE"
    return asked_for("passphrase", instead, hidden=True, twice=confirm)


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


@ceremony.command()
@start_options
@clock_option
def start(clock_file: Path | None, **given: Any) -> None:  # noqa: ANN401 - the options of start_options
    """Write a proposal, unsigned: the first version, or changes to the one that stands."""
    from openprep.cli.ceremony.start import StartOptions, write_unsigned

    options, now = StartOptions(**given), clock_of(clock_file)()
    _say(lambda: write_unsigned(options, now))


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
        spoken = fingerprint or asked_for("number spoken aloud", "--fingerprint")
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
