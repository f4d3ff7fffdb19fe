"""The proof of a replay: our databases beside the official ones, cell by cell.

Deliberately plain: both files are read with the standard CSV module and compared as text, with no
part of the rooms that wrote them.
"""

import csv
import io
import lzma
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NAMES_LINE, VALUES_LINE = 3, 4
"""Where the 13 names and values stand in the files of 2024, counting from 0."""


@dataclass(frozen=True)
class Figure:
    """One official figure beside ours, as both files write it."""

    name: str
    official: str
    ours: str

    @property
    def equal(self) -> bool:
        """Equal to the last digit."""
        return self.official == self.ours


@dataclass(frozen=True)
class Comparison:
    """One contest at one official time."""

    stamp: str
    contest: str
    figures: tuple[Figure, ...]
    cells: int
    different: tuple[str, ...]
    """The first cells that differ, each with its place."""

    @property
    def equal(self) -> bool:
        """Every figure and every cell."""
        return not self.different and all(figure.equal for figure in self.figures)


def compare_all(night: Path, databases: Path) -> Iterator[Comparison]:
    """Compare the official files under ``night`` with the official ZIPs in ``databases``.

    ``night`` has a folder for each official time (``20240603_1800``) with ``<stem>.csv.xz`` files.
    """
    for folder in sorted(path for path in night.iterdir() if path.is_dir()):
        for official in sorted(folder.glob("*.csv.xz")):
            stem = official.name.removesuffix(".csv.xz")
            if "Candidaturas" not in stem:
                ours = _ours(databases / f"{folder.name}_PREP.zip", f"{stem}.csv")
                theirs = lzma.decompress(official.read_bytes())
                yield _compare(folder.name, stem, _cells(theirs), _cells(ours))


def _ours(official_zip: Path, name: str) -> bytes:
    """The file ``name`` from whichever inner ZIP holds it; empty if none does."""
    if not official_zip.is_file():
        return b""
    with zipfile.ZipFile(official_zip) as outer:
        for inner_name in outer.namelist():
            with zipfile.ZipFile(io.BytesIO(outer.read(inner_name))) as inner:
                if name in inner.namelist():
                    return inner.read(name)
    return b""


def _cells(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def _compare(stamp: str, stem: str, official: list[list[str]], ours: list[list[str]]) -> Comparison:
    blank = [""] * len(official[VALUES_LINE])
    values = ours[VALUES_LINE] if len(ours) > VALUES_LINE else blank
    names = official[NAMES_LINE]
    figures = map(Figure, names, official[VALUES_LINE], values)
    different = []
    for line in range(max(len(official), len(ours))):
        theirs = official[line] if line < len(official) else []
        mine = ours[line] if line < len(ours) else []
        if theirs != mine:
            different.append(f"line {line + 1}: {_first_difference(theirs, mine)}")
    cells = sum(map(len, official))
    return Comparison(stamp, stem, tuple(figures), cells, tuple(different[:10]))


def _first_difference(official: list[str], ours: list[str]) -> str:
    for column, (theirs, mine) in enumerate(zip(official, ours, strict=False), 1):
        if theirs != mine:
            return f"column {column} is {mine!r}, officially {theirs!r}"
    return f"{len(ours)} cells, officially {len(official)}"
