"""`openprep mirror`: a publisher's side."""

from pathlib import Path

import click

from openprep.cli.options import (
    FILE,
    NEW_PATH,
    clock_of,
    clock_option,
    fail,
    log_to_stderr,
    run_until_stopped,
)


@click.group()
def mirror() -> None:
    """Run a publisher: follow a centre, verify, serve."""


@mirror.command()
@click.option("--center", required=True, help="Address of the centre's published tree.")
@click.option("--election", required=True, help="Id of the election to follow.")
@click.option("--key", required=True, help="The centre's public key, as `center init` printed it.")
@click.option("--data", type=NEW_PATH, required=True, help="The mirror's own folder.")
@click.option("--drill", is_flag=True, help="Follow a drill; never an election for real.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8020, show_default=True, help="Port of the mirrored tree.")
@click.option(
    "--poll",
    default=1.0,
    show_default=True,
    type=click.FloatRange(min=0.05),
    help="Seconds between two looks for a new cut.",
)
@clock_option
def run(
    center: str,
    election: str,
    key: str,
    data: Path,
    drill: bool,
    host: str,
    port: int,
    poll: float,
    clock_file: Path | None,
) -> None:
    """Follow the centre, verify every cut from its actas, serve the last good one."""
    from aiohttp import web

    from openprep.mirror import Follower, Identity, Refused, Source
    from openprep.mirror.run import Status, application, follow
    from openprep.tree.note import NoteError, Verifier

    log_to_stderr()
    clock = clock_of(clock_file)

    async def serve() -> None:
        async with Source(center) as source:
            verifier = Verifier.parse(key)
            identity = Identity(election, verifier.name, (verifier,), drill)
            follower = Follower(source, data, identity)
            runner = web.AppRunner(application(follower), access_log=None)
            await runner.setup()
            await web.TCPSite(runner, host, port).start()
            shown = follower.trusted.seen.trusted
            status = Status(shown.cut, shown.time) if shown else Status()
            await follow(follower, clock, data / "status.json", poll, status)

    try:
        run_until_stopped(serve)
    except (Refused, NoteError, OSError) as trouble:
        fail(trouble)


@mirror.command()
@click.argument("file", type=FILE)
def status(file: Path) -> None:
    """Read a mirror's status.json: the cut that is up, and any trouble (exit code 1)."""
    import msgspec

    from openprep.mirror.run import Status

    found = msgspec.json.decode(file.read_bytes(), type=Status)
    click.echo(f"cut {found.cut} of {found.cut_time}, shown since {found.shown_since}")
    if found.error:
        click.echo(f"{found.failures} failures in a row: {found.error}")
        raise SystemExit(1)
