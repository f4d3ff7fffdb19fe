"""`openprep election`: check an election folder."""

from pathlib import Path

import click

from openprep.cli.options import FOLDER, open_election


@click.group()
def election() -> None:
    """Check an election folder."""


@election.command()
@click.argument("folder", type=FOLDER)
def check(folder: Path) -> None:
    """Read FOLDER and say what it declares, or every mistake in it (exit code 2)."""
    found = open_election(folder)
    click.echo(f"{found.id}: {found.name}")
    click.echo(f"digest {found.digest}")
    window = found.window
    opens, closes = window.local(window.opens), window.local(window.closes)
    click.echo(f"public from {opens.isoformat()} to {closes.isoformat()} ({window.time_zone})")
    for contest in found.contests.values():
        actas = len(found.catalogues[contest.id])
        levels = ", ".join(level.value for level in (found.root.level, *contest.levels))
        click.echo(
            f"{contest.id}: {actas:,} actas, {len(contest.columns)} columns, "
            f"{len(contest.contenders)} candidacies, by {levels}"
        )
