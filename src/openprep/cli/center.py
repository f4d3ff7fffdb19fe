"""`openprep center`: the authority's side."""

import asyncio
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
    from aiohttp import web

    from openprep.hosting import TreeDirectory
    from openprep.hosting.http import serve_tree
    from openprep.publication.center import Center, TreeTrouble
    from openprep.publication.keys import KeyUnusable, load_signer
    from openprep.publication.page import Page, PageMissing
    from openprep.record.codes import RecordTrouble
    from openprep.record.ledger import Ledger
    from openprep.record.sqlite import Record
    from openprep.transmission.http import inbox_application
    from openprep.transmission.inbox import Inbox
    from openprep.transmission.keys import KeyTrouble, load_enrolment

    log_to_stderr()
    election = open_election(folder)
    clock = clock_of(clock_file)
    tree = TreeDirectory(data / "public")

    async def serve() -> None:
        record = Record.open(data / "record.sqlite", election.id, election.digest)
        try:
            ledger = Ledger(record)
            authority = Center(
                election,
                ledger,
                tree,
                load_signer(data / "center.key", election.id),
                clock,
                page=None if without_page else Page.load(),
                live_seconds=live_seconds,
            )
            authority.recover()
            inbox = Inbox(election, load_enrolment(stations), ledger, clock)
            public = web.Application()
            public.router.add_get("/{path:.*}", serve_tree(tree))
            for app, port in ((inbox_application(inbox), inbox_port), (public, tree_port)):
                runner = web.AppRunner(app, access_log=None)
                await runner.setup()
                await web.TCPSite(runner, host, port).start()
            await authority.run()
            await asyncio.Event().wait()  # after the closing cut the tree stays up
        finally:
            record.close()

    try:
        run_until_stopped(serve)
    except (RecordTrouble, TreeTrouble, KeyUnusable, KeyTrouble, PageMissing) as trouble:
        fail(trouble)
