"""A shipped election folder that tests may spoil, and what is said of it."""

from pathlib import Path

import pytest

from openprep.election.declared.folder import load_election
from openprep.election.declared.mistakes import FolderCode, FolderRefused

ELECTIONS = Path(__file__).parent.parent.parent / "elections"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def refusals(folder: Path) -> list[tuple[FolderCode, str, int | None]]:
    with pytest.raises(FolderRefused) as refused:
        load_election(folder)
    return [(m.code, m.file, m.line) for m in refused.value.mistakes]


COLUMNS = "contests/PRES/columns.csv"


CANDIDACIES = "contests/PRES/candidacies.csv"


CASILLAS = "contests/PRES/catalogue.csv"


def append(path: Path, line: str) -> None:
    with path.open("a") as stream:
        stream.write(f"{line}\n")


def before_the_last_two(path: Path, line: str) -> None:
    rows = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*rows[:-2], f"{line}\n", *rows[-2:]]))
