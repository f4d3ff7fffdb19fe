"""The presidential votes of 2012 as the shipped file has them, and a plain count of them.

``night/votes.csv.xz`` has a row for each acta of the catalogue, in its order: the final count by
coalition, ``otros`` being the votes for candidates not registered and the null votes together.
The count knows nothing of the arithmetic of the centre: it reads both files with the standard CSV
module and adds, so that a replay can be held against it.
"""

import csv
import lzma
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from openprep.coded import CodedError
from openprep.drill.codes import DrillCode
from openprep.drill.nation.final import FinalContest

FOLDER = "federal-2012-presidencia"
CONTEST = "PRES"
VOTES_FILE = Path("night/votes.csv.xz")
CATALOGUE_FILE = Path("contests/PRES/catalogue.csv.xz")
COLUMNS = {
    "PAN": "pan",
    "PRI_PVEM": "pri_pvem",
    "PRD_PT_MC": "prd_pt_mc",
    "PANAL": "panal",
    "NULOS": "otros",
}
"""Columns of the contest by the name that the file has for them; it has none for the others."""


class CasillaVotes(Struct, frozen=True):
    """One row: votes in the order of :data:`COLUMNS`, and the total that the file has for them."""

    acta: str
    votes: tuple[int, ...]
    total: int


class OtherVotes(CodedError[DrillCode]):
    """The file of votes does not have the columns that it must."""


def read_votes(folder: Path) -> Iterator[CasillaVotes]:
    """Every row of the file, in the order of the catalogue.

    Raises:
        OtherVotes: its header is another.
    """
    must = ["acta", *COLUMNS.values(), "total"]
    with lzma.open(folder / VOTES_FILE, "rt", encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        if next(rows, None) != must:
            raise OtherVotes(
                DrillCode.OTHER_COLUMNS,
                "{file}: the columns must be {columns}",
                file=folder / VOTES_FILE,
                columns=",".join(must),
            )
        for acta, *votes, total in rows:
            yield CasillaVotes(acta, tuple(map(int, votes)), int(total))


class PlainCount(Struct, frozen=True):
    """What the replay must end at: the 13 figures of the last cut, and votes by column."""

    figures: FinalContest
    votes: Mapping[str, int]


def count_plainly(folder: Path) -> PlainCount:
    """Add up the shipped files: every casilla counts, special ones enter participation.

    Raises:
        OtherVotes: the file of votes has other columns.
    """
    figures, votes = FinalContest(), [0] * len(COLUMNS)
    with lzma.open(folder / CATALOGUE_FILE, "rt", encoding="utf-8", newline="") as stream:
        for expected, row in zip(csv.DictReader(stream), read_votes(folder), strict=True):
            figures.expected += 1
            figures.lista_nominal += int(expected["lista_nominal"])
            figures.votes_with_special += row.total
            figures.votes_without_special += 0 if expected["kind"] == "S" else row.total
            votes = [counted + other for counted, other in zip(votes, row.votes, strict=True)]
    figures.registered = figures.captured = figures.counted = figures.expected
    figures.captured_share = figures.counted_share = 1_000_000
    figures.participation = figures.votes_with_special * 1_000_000 // figures.lista_nominal
    return PlainCount(figures, dict(zip(COLUMNS, votes, strict=True)))
