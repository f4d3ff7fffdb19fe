"""`openprep election`: check an election folder."""

import sys
from pathlib import Path

import click

from openprep.cli.options import FOLDER, open_election
from openprep.coded import said
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
    click.echo(said("digest {digest}", digest=found.digest))
    window = found.window
    opens, closes = window.local(window.opens), window.local(window.closes)
    text = said(
        "public from {opens} to {closes} ({zone}, {data})",
        opens=opens.isoformat(),
        closes=closes.isoformat(),
        zone=window.time_zone,
        data=source_of(window.time_zone),
    )
    click.echo(text)
    for contest in found.contests.values():
        text = said(
            "{contest}: {actas:,} actas, {columns} columns, {candidacies} candidacies, by {levels}",
            contest=contest.id,
            actas=len(found.catalogues[contest.id]),
            columns=len(contest.columns),
            candidacies=len(contest.contenders),
            levels=", ".join(level.value for level in (found.root.level, *contest.levels)),
        )
        click.echo(text)
    if strict and notices:
        sys.exit(1)
