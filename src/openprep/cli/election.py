"""`openprep election`: check an election folder."""

import sys
from pathlib import Path

import click

from openprep.cli.options import FOLDER, open_election
from openprep.election.declared.notices import notices_of
from openprep.election.declared.zones import source_of


@click.group()
def election() -> None:
    """Check an election folder."""


@election.command()
@click.argument("folder", type=FOLDER)
@click.option("--strict", is_flag=True, help="Exit 1 if there is any warning (AVISO).")
def check(folder: Path, strict: bool) -> None:
    """Read FOLDER and say what it declares, or every mistake in it (exit code 2).

    Lines that begin with AVISO are of what is allowed and probably not meant.
    """
    found = open_election(folder)
    notices = notices_of(folder, found)
    for notice in notices:
        click.echo(str(notice))
    click.echo(f"{found.id}: {found.name}")
    click.echo(f"digest {found.digest}")
    window = found.window
    opens, closes = window.local(window.opens), window.local(window.closes)
    zone = f"{window.time_zone}, {source_of(window.time_zone)}"
    click.echo(f"public from {opens.isoformat()} to {closes.isoformat()} ({zone})")
    for contest in found.contests.values():
        actas = len(found.catalogues[contest.id])
        levels = ", ".join(level.value for level in (found.root.level, *contest.levels))
        click.echo(
            f"{contest.id}: {actas:,} actas, {len(contest.columns)} columns, "
            f"{len(contest.contenders)} candidacies, by {levels}"
        )
    if strict and notices:
        sys.exit(1)
