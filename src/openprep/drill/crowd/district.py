"""A district of a nation from a seed, as an election of its own, with what stands on each paper.

Its window opens when it is made: whoever works in it goes by the machine's clock, and so do the
one-time codes of their telephones.
"""

import csv
import lzma
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeAlias

import msgspec

from openprep.drill.crowd.papers import Paper, Papers
from openprep.drill.nation.codes import GenerationRefused, NationCode
from openprep.drill.nation.dice import Dice, Purpose
from openprep.drill.nation.generate import marked
from openprep.drill.nation.night import StationNight
from openprep.drill.nation.pictures import Pictures
from openprep.drill.nation.places import Station, stations_of
from openprep.drill.nation.shape import Shape, weights_of
from openprep.election import Election
from openprep.election.area_path import ids_of
from openprep.election.declared.folder import ELECTION_FILE, load_election

LENGTH = timedelta(hours=24)
"""From opening to closing."""

CONTESTS = 3
"""Of the federal election: a casilla has an acta of each."""


@dataclass(frozen=True)
class DistrictOrder:
    """The district that is asked for: of about so many ``actas``, some ``for_visitor``."""

    source: Path
    """The folder of the national election."""
    seed: int
    actas: int
    for_visitor: int


@dataclass(frozen=True)
class District:
    """A district in a folder."""

    folder: Path

    @property
    def election(self) -> Path:
        """The folder of its election."""
        return self.folder / "election"

    @property
    def papers(self) -> Path:
        """What stands on each paper."""
        return self.folder / "papers.json"


def make_district(order: DistrictOrder, district: District, opens: datetime) -> None:
    """Make a district, whole under its name or not at all.

    Raises:
        GenerationRefused: nothing was left behind.
        FolderRefused: the election's folder is not one.
    """
    making = District(district.folder.with_name(f".{district.folder.name}.partial"))
    try:
        shutil.rmtree(making.folder, ignore_errors=True)
        making.folder.mkdir(parents=True)
        write_part(order.source, order.seed, making.election, opens, partial(_sections, order))
        papers = Papers(order.seed, tuple(_papers(order, load_election(making.election))))
        making.papers.write_bytes(msgspec.json.encode(papers))
        making.folder.rename(district.folder)
    except OSError as error:
        raise GenerationRefused(NationCode.NOT_WRITTEN, "{error}", error=error) from error
    finally:
        shutil.rmtree(making.folder, ignore_errors=True)


Row: TypeAlias = Sequence[str]
"""A line of a catalogue."""

Section: TypeAlias = tuple[tuple[str, ...], str]
"""Entity and district, and the section's number."""


def write_part(
    source: Path,
    seed: int,
    folder: Path,
    opens: datetime,
    choose: Callable[[list[Row]], set[Section]],
) -> None:
    """A part of a national election in ``folder``, whose window begins at ``opens``.

    ``choose`` draws its sections from the catalogue of one contest. Two places capture every acta.
    """
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("catalogue.*"))
    text = marked((folder / ELECTION_FILE).read_text("utf-8"), seed)
    for name, value in (("opens", opens), ("closes", opens + LENGTH)):
        text = re.sub(rf"(?m)^{name} = [^\n]*", f"{name} = {value.isoformat()}", text, count=1)
    text = text.replace("[rules]\n", "[rules]\ncapture_places = 2\n", 1)
    (folder / ELECTION_FILE).write_text(text, "utf-8")
    contests = sorted(path.name for path in (folder / "contests").iterdir())
    catalogues = {contest: list(_rows_of(source, contest)) for contest in contests}
    chosen = choose(catalogues[contests[0]][1:])
    for contest, (header, *rows) in catalogues.items():
        kept = [row for row in rows if section_of(row) in chosen]
        _write(folder / "contests" / contest / "catalogue.csv", [header, *kept])
        _keep_candidacies(folder / "contests" / contest, {row[1] for row in kept})


def section_of(row: Row) -> Section:
    """The section of an acta."""
    return tuple(ids_of(row[1])[-2:]), row[2]


def _rows_of(folder: Path, contest: str) -> Iterator[Row]:
    """The catalogue of a contest, header and all."""
    path = folder / "contests" / contest / "catalogue.csv"
    packed = path.with_suffix(".csv.xz")
    with (lzma.open if packed.is_file() else open)(
        packed if packed.is_file() else path, "rt", encoding="utf-8", newline=""
    ) as stream:
        yield from csv.reader(stream)


def _sections(order: DistrictOrder, rows: list[Row]) -> set[Section]:
    """Sections of one district, drawn until they have as many actas as are asked for."""
    districts = sorted({section_of(row)[0] for row in rows if row[2]})
    if not districts:
        raise GenerationRefused(NationCode.NOT_GENERATED_FROM, "{path}", path=order.source)
    district = districts[order.seed % len(districts)]
    sections = (section_of(row) for row in rows if row[2])
    casillas = Counter(section for section in sections if section[0] == district)
    drawn = Dice(order.seed, 1, Purpose.SECTIONS).below(1_000_000, len(casillas)).tolist()
    chosen: set[Section] = set()
    for _, section in sorted(zip(drawn, casillas, strict=True)):
        if sum(casillas[each] for each in chosen) * CONTESTS < order.actas:
            chosen.add(section)
    return chosen


def _keep_candidacies(folder: Path, areas: set[str]) -> None:
    """Those who run in any of ``areas``, and no column of whoever does not."""
    header, *rows = _read(folder / "candidacies.csv")
    here = [
        row
        for row in rows
        if row[0] == "*" or any(f"{area}/".startswith(f"{row[0]}/") for area in areas)
    ]
    gone = _columns_in(rows) - _columns_in(here)
    _write(folder / "candidacies.csv", [header, *here])
    columns = _read(folder / "columns.csv")
    _write(folder / "columns.csv", [row for row in columns if row[0] not in gone])


def _columns_in(rows: Iterable[Row]) -> set[str]:
    """The columns of candidacies."""
    return {column for row in rows for column in row[4].split()}


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def _write(path: Path, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


def _papers(order: DistrictOrder, election: Election) -> Iterator[Paper]:
    """Every paper in the order in which it comes; the last ones that are there are a visitor's."""
    weights = weights_of(order.source, Shape.TIED)
    found: list[tuple[datetime, Paper]] = []
    for station in stations_of(election):
        night = StationNight(election, station, weights, order.seed, _no_pictures(order, election))
        for contest, expected, arrivals, _ in night.actas(_all_of(station)):
            acta = arrivals[-1].fact.acta if arrivals else None
            at = arrivals[0].at if arrivals else election.window.closes
            found.append((at, Paper(contest, expected.id, acta)))
    found.sort(key=lambda each: each[0])
    there = [paper for _, paper in found if paper.is_there]
    visitors = set(map(id, there[len(there) - order.for_visitor :] if order.for_visitor else ()))
    for _, paper in found:
        yield msgspec.structs.replace(paper, for_visitor=id(paper) in visitors)


def _no_pictures(order: DistrictOrder, election: Election) -> Pictures:
    """The papers of a district are photographed as forms (:class:`.papers.Album`)."""
    return Pictures(Path(), election, order.seed, 0.0)


def _all_of(station: Station) -> frozenset[str]:
    return frozenset(casilla.seccion for casilla in station.casillas)
