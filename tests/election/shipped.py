"""A shipped election folder that tests may spoil, and what is said of it."""

from pathlib import Path

import pytest

from openprep.election.declared.folder import load_election
from openprep.election.declared.mistakes import FolderRefused

ELECTIONS = Path(__file__).parent.parent.parent / "elections"


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def refusals(folder):
    with pytest.raises(FolderRefused) as refused:
        load_election(folder)
    return [(m.code, m.file, m.line) for m in refused.value.mistakes]


COLUMNS = "contests/PRES/columns.csv"


CANDIDACIES = "contests/PRES/candidacies.csv"


CASILLAS = "contests/PRES/catalogue.csv"


def append(path, line):
    with path.open("a") as stream:
        stream.write(f"{line}\n")


def before_the_last_two(path, line):
    rows = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*rows[:-2], f"{line}\n", *rows[-2:]]))
