"""`openprep trust`: joining an election's trust root without being a publisher."""

from pathlib import Path

import click

from openprep.bounded import first_of_file
from openprep.cli.options import (
    ADDRESS,
    FILE,
    FOLDER,
    NEW_PATH,
    asked_for,
    clock_of,
    clock_option,
    fail,
)
from openprep.coded import CodedError


@click.group()
def trust() -> None:
    """Join an election's trust root by ear, to watch its publishers or to audit them."""


@trust.command()
@click.option("--root", type=FILE, required=True, help="The root, from anywhere: `1.root.json`.")
@click.option("--fingerprint", help="Its number, as the authority speaks it; asked for if absent.")
@click.option(
    "--center", type=ADDRESS, required=True, help="Address of a published tree, or of the centre."
)
@click.option("--to", type=NEW_PATH, required=True, help="Folder to keep it in.")
@click.option("--drill", is_flag=True, help="Join a drill; never an election for real.")
@clock_option
def join(
    root: Path,
    fingerprint: str | None,
    center: str,
    to: Path,
    drill: bool,
    clock_file: Path | None,
) -> None:
    """Keep a root whose number was spoken aloud, and fetch what it vouches for."""
    import asyncio

    from openprep.mirror.process.joining import join_trust
    from openprep.wire.trust import MAX_ROOT_BYTES

    given = first_of_file(root, MAX_ROOT_BYTES + 1)
    try:
        spoken = fingerprint or asked_for("number spoken aloud", "--fingerprint")
        asyncio.run(join_trust(to, given, spoken, center, clock_of(clock_file)(), drill=drill))
    except (CodedError, OSError) as trouble:
        fail(trouble)
    click.echo(f"joined: give --trust {to} to `openprep watch` or `openprep audit`")


@trust.command()
@click.option("--trust", "folder", type=FOLDER, required=True, help="The folder that was joined.")
def show(folder: Path) -> None:
    """Say which root was joined, and whom it vouches for."""
    from openprep.mirror.trust.root import TrustRoot

    root = TrustRoot(folder)
    try:
        number, identity = root.number, root.identity
        vouched = root.trusted()
    except (CodedError, OSError) as trouble:
        fail(trouble)
    click.echo(f"root       {number}")
    click.echo(f"election   {identity}")
    click.echo(f"log        {vouched.log.origin}")
    click.echo(f"opens      {vouched.policy.opens.isoformat()}")
    click.echo(f"quorum     {vouched.policy.quorum}")
    for publisher in vouched.publishers:
        ended = (
            ""
            if publisher.revoked is None
            else f", revoked from {publisher.revoked.isoformat()} on"
        )
        click.echo(
            f"publisher  {publisher.id}: {publisher.name}, {' '.join(publisher.addresses)}{ended}"
        )
