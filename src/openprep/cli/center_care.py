"""`openprep center clock`: what keeps a centre sound."""

from pathlib import Path

import click

from openprep.cli.options import FOLDER, fail

DATA = click.option("--data", type=FOLDER, required=True, help="The centre's own folder.")


@click.command()
@DATA
@click.option("--confirm", is_flag=True, help="Say that this machine's clock is right, as it runs.")
def clock(data: Path, confirm: bool) -> None:
    """Say what time it is here and whether the centre believes it; or confirm it."""
    from openprep.clock import system_clock
    from openprep.publication import machine_clock

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
