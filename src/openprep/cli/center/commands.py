"""`openprep center`: the authority's side."""

from ipaddress import ip_address
from pathlib import Path

import click

from openprep.cli.center.care import INBOX_PORT, TREE_PORT, backup, clock, restore, self_test
from openprep.cli.center.looking import conflicts, status
from openprep.cli.nginx import center_nginx
from openprep.cli.options import (
    FILE,
    FOLDER,
    NEW_PATH,
    PORT,
    clock_of,
    clock_option,
    election_option,
    fail,
    log_to_stderr,
    open_election,
    run_until_stopped,
    unfit,
)
from openprep.coded import CodedError


def _addresses(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(str(ip_address(text)) for text in given)
    except ValueError as mistake:
        raise unfit("{mistake}", mistake=mistake) from mistake


front_option = click.option(
    "--front",
    "fronts",
    multiple=True,
    callback=_addresses,
    help="Address of a server in front, whose X-Real-IP is believed; may be repeated.",
)


@click.group()
def center() -> None:
    """Run the centre: receive actas, make cuts, publish them."""


@center.command()
@election_option
@click.option("--data", type=NEW_PATH, required=True, help="The centre's own folder.")
def init(folder: Path, data: Path) -> None:
    """Make the centre's signing key and print the public half that publishers need."""
    from openprep.cuts.signing_key import KEY_FILE, make_key

    election = open_election(folder)
    try:
        make_key(data / KEY_FILE)
    except CodedError as trouble:
        fail(trouble)
    _tell_public_half(data, election.id)


@center.command()
@election_option
@click.option("--data", type=FOLDER, required=True, help="The centre's own folder.")
def show(folder: Path, data: Path) -> None:
    """Print the public half again, of the key that was made: nothing in it is secret."""
    _tell_public_half(data, open_election(folder).id)


def _tell_public_half(data: Path, election: str) -> None:
    from openprep.cuts.signing_key import KEY_FILE, load_signer

    try:
        public = str(load_signer(data / KEY_FILE, election).verifier)
    except CodedError as trouble:
        fail(trouble)
    click.echo(public)
    click.echo(f"For the ceremony: openprep ceremony start --log-key '{public}' 0 …", err=True)


@center.command()
@election_option
@click.option("--data", type=NEW_PATH, required=True, help="The centre's own folder.")
@click.option(
    "--stations", type=FILE, help="Enrolled stations (JSON); else those that the trust root enrols."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@INBOX_PORT
@TREE_PORT
@click.option(
    "--live-seconds",
    type=click.FloatRange(min=0.05),
    help="Least time between live cuts; the election's own if not given.",
)
@click.option("--without-page", is_flag=True, help="Publish data only, no page.")
@click.option(
    "--without-database-process",
    is_flag=True,
    help="Write official databases in the centre's own process, to save memory.",
)
@front_option
@clock_option
def run(
    folder: Path,
    data: Path,
    stations: Path | None,
    host: str,
    inbox_port: int,
    tree_port: int,
    live_seconds: float | None,
    without_page: bool,
    without_database_process: bool,
    fronts: tuple[str, ...],
    clock_file: Path | None,
) -> None:
    """Receive envelopes and publish cuts until stopped; start again to go on."""
    from openprep.center.machine_clock import MachineClock
    from openprep.center.process import Plan, run_center

    log_to_stderr()
    plan = Plan(
        election=open_election(folder),
        data=data,
        stations=stations,
        clock=clock_of(clock_file) if clock_file else MachineClock(data),
        host=host,
        inbox_port=inbox_port,
        tree_port=tree_port,
        live_seconds=live_seconds,
        with_page=not without_page,
        databases_apart=not without_database_process,
        fronts=fronts,
    )
    try:
        run_until_stopped(lambda: run_center(plan))
    except (CodedError, OSError) as trouble:
        fail(trouble)


@center.command()
@click.option("--data", type=FOLDER, required=True, help="The centre's own folder.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8012, show_default=True, type=PORT, help="Port where publishers ask."
)
@click.option(
    "--authority",
    "authorities",
    multiple=True,
    required=True,
    help="Name (host or host:port) by which publishers know the service; may be repeated.",
)
@click.option(
    "--online-key", type=FILE, help="The trust root's online key, to sign its timestamp every hour."
)
@click.option(
    "--timestamp-hours",
    default=24,
    show_default=True,
    type=click.IntRange(1, 24 * 14),
    help="Hours for which publishers may go on without hearing of a newer timestamp.",
)
@front_option
@clock_option
def serve(
    data: Path,
    host: str,
    port: int,
    authorities: tuple[str, ...],
    online_key: Path | None,
    timestamp_hours: int,
    fronts: tuple[str, ...],
    clock_file: Path | None,
) -> None:
    """Hand every cut to the enrolled publishers, sealed to each of them."""
    from datetime import timedelta

    from openprep.ceremony.folder import Lifetimes
    from openprep.distribution.process import ServicePlan, run_service

    log_to_stderr()
    hours = timedelta(hours=timestamp_hours)
    plan = ServicePlan(
        data=data,
        clock=clock_of(clock_file),
        host=host,
        port=port,
        authorities=authorities,
        online_key=online_key,
        lifetimes=Lifetimes(timestamp=hours, snapshot=max(hours, timedelta(days=7))),
        fronts=fronts,
    )
    try:
        run_until_stopped(lambda: run_service(plan))
    except (CodedError, OSError) as trouble:
        fail(trouble)


@center.command()
@click.option("--data", type=FOLDER, required=True, help="The centre's own folder.")
@click.option("--publisher", required=True, help="Id of the enrolled publisher it is for.")
@click.option("--after", type=int, help="Cut that the publisher holds; all of them if left out.")
@click.option("--out", type=NEW_PATH, required=True, help="File to write.")
@clock_option
def package(
    data: Path, publisher: str, after: int | None, out: Path, clock_file: Path | None
) -> None:
    """Seal a package for one publisher into a file, to be carried by hand."""
    from openprep.distribution.export import seal_into_file

    try:
        delta = seal_into_file(data, publisher, after, out, clock_of(clock_file))
    except (CodedError, OSError) as trouble:
        fail(trouble)
    click.echo(f"cuts up to {delta.to} for {publisher} in {out}")


for command in (backup, center_nginx, clock, conflicts, restore, self_test, status):
    center.add_command(command)
