"""`openprep center clock`, `backup`, `restore`, `self-test`: what keeps a centre sound."""

from pathlib import Path

import click

from openprep.cli.options import (
    FILE,
    FOLDER,
    NEW_PATH,
    PORT,
    election_option,
    fail,
    open_election,
    tell_verdicts,
)
from openprep.coded import CodedError

DATA = click.option("--data", type=FOLDER, required=True, help="The centre's own folder.")
INBOX_PORT = click.option(
    "--inbox-port", default=8010, show_default=True, type=PORT, help="Port where stations deliver."
)
TREE_PORT = click.option(
    "--tree-port", default=8011, show_default=True, type=PORT, help="Port of the published tree."
)


@click.command()
@DATA
@click.option("--confirm", is_flag=True, help="Say that this machine's clock is right, as it runs.")
def clock(data: Path, confirm: bool) -> None:
    """Say what time it is here and whether the centre believes it; or confirm it."""
    from openprep.center import machine_clock
    from openprep.center.start import check_folder
    from openprep.clock import system_clock

    try:
        check_folder(data)
    except CodedError as trouble:
        fail(trouble)
    doubt = machine_clock.last_doubt(data)
    at = system_clock()
    if confirm:
        try:
            at = machine_clock.confirm(data)
        except OSError as trouble:
            fail(trouble)
        doubt = "confirmed: the centre believes it once it has run on for 10 seconds"
    click.echo(f"{at.isoformat()} (UTC) on this machine's clock")
    click.echo(doubt or ("the centre did not look at it yet" if doubt is None else "believed"))


@click.command()
@DATA
@click.option("--to", type=NEW_PATH, required=True, help="Folder of copies, each in its own.")
@click.option("--election", "folder", type=FOLDER, help="The election's folder, to be copied too.")
def backup(data: Path, to: Path, folder: Path | None) -> None:
    """Copy the whole centre while it runs: record, images, key, trust, tree."""
    from openprep.center.care.backup import back_up
    from openprep.clock import system_clock

    try:
        made = back_up(data, to, folder, system_clock())
    except CodedError as trouble:
        fail(trouble)
    listed = made.listed
    cut = "no cut" if listed.cut is None else f"cut {listed.cut}"
    click.echo(
        f"{made.folder}: {listed.position} events, {cut}, {len(listed.files)} files, "
        f"{made.written:,} bytes of them new; verified. It holds the centre's key."
    )


@click.command()
@click.option("--from", "source", type=FOLDER, required=True, help="A copy, or a folder of copies.")
@click.option("--data", type=NEW_PATH, required=True, help="Folder of the centre; empty, or new.")
@click.option("--publisher", "publishers", multiple=True, help="Address of a publisher to ask too.")
@click.option("--nobody-answers", is_flag=True, help="Go on though no publisher can be asked.")
@click.option("--behind", is_flag=True, help="Give up what publishers hold more: see the runbook.")
def restore(
    source: Path, data: Path, publishers: tuple[str, ...], nobody_answers: bool, behind: bool
) -> None:
    """Put a centre back from a copy, unless publishers hold more than the copy."""
    import asyncio

    from openprep.center.care.restore import Restoring
    from openprep.center.care.restore import restore as put_back

    plan = Restoring(source, data, publishers, nobody_answers, behind)
    try:
        done = asyncio.run(put_back(plan))
    except CodedError as trouble:
        fail(trouble)
    listed = done.listed
    cut = "no cut" if listed.cut is None else f"cut {listed.cut}"
    click.echo(f"{data}: {listed.election}, copied {listed.made_at.isoformat()}, up to {cut}")
    click.echo(f"publishers that hold no more: {', '.join(done.heard) or 'nobody was heard'}")


@click.command(name="self-test")
@election_option
@DATA
@click.option("--stations", type=FILE, help="The file of stations that `run` is given.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@INBOX_PORT
@TREE_PORT
@click.option("--authority", "authorities", multiple=True, help="Name publishers call it by.")
@click.option("--without-page", is_flag=True, help="Publish data only, no page.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for other programs.")
def self_test(
    folder: Path,
    data: Path,
    stations: Path | None,
    host: str,
    inbox_port: int,
    tree_port: int,
    authorities: tuple[str, ...],
    without_page: bool,
    as_json: bool,
) -> None:
    """Look at clock, disk, key, trust, record, page, publishers: go, or no-go (exit code 1)."""
    import asyncio

    from openprep.center.care.self_test import Subject
    from openprep.center.care.self_test import self_test as run_checks

    subject = Subject(
        election=open_election(folder),
        data=data,
        stations=stations,
        host=host,
        ports=(inbox_port, tree_port),
        authorities=authorities,
        with_page=not without_page,
    )
    tell_verdicts(asyncio.run(run_checks(subject)), as_json=as_json)
