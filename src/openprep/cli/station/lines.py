"""Files of facts as `openprep station` reads them: held against the centre's checks first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from openprep.cli.options import fail, open_election, unfit
from openprep.clock import system_clock
from openprep.coded import counted
from openprep.election import Election
from openprep.record.facts import Fact
from openprep.transmission.codes import StationCode
from openprep.transmission.station.lines import Mistake, read_lines

MOST_TOLD = 20
"""Mistakes that are told one by one: more say nothing new, and the first would leave the screen."""


class Named(NamedTuple):
    """An election by its id, and what its folder declares where that was given."""

    id: str
    declared: Election | None


class Found(NamedTuple):
    """The facts of each file, and the mistakes of all of them."""

    facts: Mapping[Path, tuple[Fact, ...]]
    mistakes: tuple[Mistake, ...]


def named_election(text: str) -> Named:
    """The election in the folder ``text``, or of that id where no election's folder is so called.

    Ends the command where the folder has mistakes.
    """
    folder = Path(text)
    if (folder / "election.toml").is_file():
        declared = open_election(folder)
        return Named(declared.id, declared)
    if "/" in text:
        raise unfit("--election {folder}: there is no election.toml in it", folder=text)
    return Named(text, None)


def told(mistakes: Sequence[Mistake]) -> Iterator[str]:
    """A line for each of the first mistakes, and how many there are beyond."""
    yield from map(str, mistakes[:MOST_TOLD])
    if len(mistakes) > MOST_TOLD:
        yield f"… and {len(mistakes) - MOST_TOLD:,} more"


def read_files(files: Iterable[Path], election: Election | None) -> Found:
    """All facts, and what is wrong with any line; ends the command where a file is unread."""
    now = system_clock()
    try:
        read = {file: read_lines(str(file), file.read_bytes(), election, now) for file in files}
    except OSError as trouble:
        fail(trouble)
    mistakes = tuple(mistake for lines in read.values() for mistake in lines.mistakes)
    return Found({file: lines.facts for file, lines in read.items()}, mistakes)


def facts_to_save(
    files: Iterable[Path], election: Election | None, *, unchecked: bool
) -> Mapping[Path, tuple[Fact, ...]]:
    """The facts of all files, once nothing in them would be refused; else ends the command.

    What the centre would take and keep unpublished is told, and saved: that is for it to decide. A
    file without facts is told, and keeps no other from being saved.
    ``unchecked``: only a line that is no fact at all ends it.
    """
    found = read_files(files, election)
    for line in told(found.mistakes):
        click.echo(line, err=True)
    refused = [
        mistake
        for mistake in found.mistakes
        if mistake.code is StationCode.NOT_A_FACT
        or not (unchecked or mistake.is_held or mistake.is_empty)
    ]
    if refused:
        code = StationCode.NOT_SAVED
        click.echo(code.of("{lines}", lines=counted(len(refused), "line")), err=True)
        raise SystemExit(2)
    return found.facts
