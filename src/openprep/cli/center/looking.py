"""`openprep center status` and `conflicts`: a centre looked at from its folder, unchanged."""

from pathlib import Path

import click

from openprep.cli.options import (
    FILE,
    FOLDER,
    clock_of,
    clock_option,
    election_option,
    fail,
    open_election,
)
from openprep.coded import CodedError, counted

DATA = click.option("--data", type=FOLDER, required=True, help="The centre's own folder.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="As JSON, for other programs.")


@click.command()
@election_option
@DATA
@click.option("--stations", type=FILE, help="The file of stations that `run` is given.")
@click.option(
    "--silent-minutes",
    default=60,
    show_default=True,
    type=click.IntRange(1),
    help="Minutes without an envelope after which a station is called silent.",
)
@AS_JSON
@clock_option
def status(
    folder: Path,
    data: Path,
    stations: Path | None,
    silent_minutes: int,
    as_json: bool,
    clock_file: Path | None,
) -> None:
    """Say how it goes: actas, stations, refusals, cuts, trust; exit code 1 if the disk is full."""
    from datetime import timedelta

    import msgspec

    from openprep.center.care.status import Question, status_of_center
    from openprep.center.care.words import words_of
    from openprep.center.start import check_folder

    question = Question(
        election=open_election(folder),
        data=data,
        now=clock_of(clock_file)(),
        silent_after=timedelta(minutes=silent_minutes),
        stations=stations,
    )
    try:
        check_folder(data)
        found = status_of_center(question)
    except (CodedError, OSError) as trouble:
        fail(trouble)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
    else:
        click.echo("\n".join(words_of(found)))
    if found.lacks_room:
        raise SystemExit(1)


@click.command()
@election_option
@DATA
@AS_JSON
def conflicts(folder: Path, data: Path, as_json: bool) -> None:
    """Print every fact that waits for a person beside what stands (exit code 1 if any does)."""
    import msgspec

    from openprep.center.care.status import conflicts_in, read_state
    from openprep.center.care.words import words_of_waiting
    from openprep.center.start import check_folder

    election = open_election(folder)
    try:
        check_folder(data)
        found = conflicts_in(read_state(election, data))
    except (CodedError, OSError) as trouble:
        fail(trouble)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
    else:
        for line in words_of_waiting(found, election):
            click.echo(line)
        click.echo(f"waiting for a person: {counted(len(found), 'fact')}")
    if found:
        raise SystemExit(1)
