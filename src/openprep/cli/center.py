"""`openprep center`: the authority's side."""

from pathlib import Path

import click

from openprep.cli.options import (
    FILE,
    NEW_PATH,
    clock_of,
    clock_option,
    election_option,
    fail,
    log_to_stderr,
    open_election,
    run_until_stopped,
)


@click.group()
def center() -> None:
    """Run the centre: receive actas, make cuts, publish them."""


@center.command()
@election_option
@click.option("--data", type=NEW_PATH, required=True, help="The centre's own folder.")
def init(folder: Path, data: Path) -> None:
    """Make the centre's signing key and print the public half that publishers need."""
    from openprep.publication.keys import KeyUnusable, load_signer, make_key

    election = open_election(folder)
    try:
        make_key(data / "center.key")
        click.echo(str(load_signer(data / "center.key", election.id).verifier))
    except KeyUnusable as trouble:
        fail(trouble)


@center.command()
@election_option
@click.option("--data", type=NEW_PATH, required=True, help="The centre's own folder.")
@click.option("--stations", type=FILE, required=True, help="Enrolled stations (JSON).")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--inbox-port", default=8010, show_default=True, help="Port where stations deliver.")
@click.option("--tree-port", default=8011, show_default=True, help="Port of the published tree.")
@click.option(
    "--live-seconds",
    type=click.FloatRange(min=0.05),
    help="Least time between live cuts; the election's own if not given.",
)
@click.option("--without-page", is_flag=True, help="Publish data only, no page.")
@clock_option
def run(
    folder: Path,
    data: Path,
    stations: Path,
    host: str,
    inbox_port: int,
    tree_port: int,
    live_seconds: float | None,
    without_page: bool,
    clock_file: Path | None,
) -> None:
    """Receive envelopes and publish cuts until stopped; start again to go on."""
    from openprep.publication.center import TreeTrouble
    from openprep.publication.keys import KeyUnusable
    from openprep.publication.page import PageMissing
    from openprep.publication.run import Plan, run_center
    from openprep.record.codes import RecordTrouble
    from openprep.transmission.keys import KeyTrouble

    log_to_stderr()
    plan = Plan(
        election=open_election(folder),
        data=data,
        stations=stations,
        clock=clock_of(clock_file),
        host=host,
        inbox_port=inbox_port,
        tree_port=tree_port,
        live_seconds=live_seconds,
        with_page=not without_page,
    )
    try:
        run_until_stopped(lambda: run_center(plan))
    except (RecordTrouble, TreeTrouble, KeyUnusable, KeyTrouble, PageMissing, OSError) as trouble:
        fail(trouble)
