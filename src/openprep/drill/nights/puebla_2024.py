"""The night of Puebla 2024 as a schedule: what each station reported, and when.

The official databases of 18:00 and 20:00 say of every acta when it was received, captured and
verified. An acta was published when it was verified, which the two files confirm: no acta of the
first was verified after 18:00, none that only the second has before. What they do not say is
settled by these rules:

1. an acta out of catalogue has only its reception: it is reported then;
2. a casilla without acta has no time at all: those in the file of 18:00 are spread evenly, in the
   order of the file, from 22:00 to 18:00, when packages without acta are found; the others from
   18:00 to 20:00;
3. an acta that both files have with different figures was corrected in between: corrections are
   spread evenly from 18:00 to 20:00, in the order of the file;
4. a station is the CATD of a district; the actas of a municipality's mesas belong to the district
   that has most of its casillas, the mesa of the vote from abroad and the actas out of catalogue to
   district 1 and to districts in turn.
"""

import lzma
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from openprep.coded import CodedError
from openprep.databases.read.database import Database, Row
from openprep.databases.read.reader import read_database
from openprep.drill.codes import DrillCode
from openprep.drill.nights.schedule import Arrival
from openprep.election import NO_AREA, Acta, Counting, Election, ExpectedActa, Level
from openprep.record.facts import ActaCorrected, ActaFact, ActaReported

FIRST_FILE, LAST_FILE = "20240603_1800", "20240603_2000"
REASON = "Cambio publicado entre la base de datos de las 18:00 y la de las 20:00"
BETWEEN_FILES = timedelta(hours=2)
WITHOUT_ACTA_FROM = timedelta(hours=2)
"""After the opening."""
ABROAD = "001"


class AnotherNight(CodedError[DrillCode]):
    """The files are not those of the election folder."""


def night_of_puebla(election: Election, folder: Path) -> dict[str, list[Arrival]]:
    """What each station reported, from the official files in ``folder/night``.

    Raises:
        AnotherNight: the rows of a file are not the actas of the catalogue.
    """
    districts = Districts.of(election)
    schedules: defaultdict[str, list[Arrival]] = defaultdict(list)
    for contest_id in election.contests:
        stem = election.databases.shapes[contest_id].stem
        first = _Rows.read(election, contest_id, folder / "night" / FIRST_FILE / f"{stem}.csv.xz")
        last = _Rows.read(election, contest_id, folder / "night" / LAST_FILE / f"{stem}.csv.xz")
        for station, arrival in _arrivals(election, districts, first, last):
            schedules[station].append(arrival)
    return dict(schedules)


@dataclass(frozen=True)
class Districts:
    """Which station reports the actas of a section, and of a municipality's mesas."""

    of_section: Mapping[str, str]
    of_municipality: Mapping[str, str]

    @classmethod
    def of(cls, election: Election) -> "Districts":
        """From the contests by district, and those by municipality in the same sections."""
        of_section: dict[str, str] = {}
        counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for contest in election.contests.values():
            if contest.levels == (Level.DISTRICT,):
                for acta in election.catalogues[contest.id]:
                    of_section[acta.seccion] = acta.area
        for contest in election.contests.values():
            if contest.levels == (Level.MUNICIPALITY,):
                for acta in election.catalogues[contest.id]:
                    if acta.seccion:
                        counts[acta.area][of_section[acta.seccion]] += 1
        most = {area: districts.most_common(1)[0][0] for area, districts in counts.items()}
        return cls(of_section, most)

    def station(self, expected: ExpectedActa, level: Level) -> str:
        """The station that reports ``expected``."""
        if expected.seccion:
            district = self.of_section[expected.seccion]
        elif expected.area == NO_AREA:
            district = ABROAD
        elif level is Level.MUNICIPALITY:
            district = self.of_municipality[expected.area]
        else:
            district = expected.area
        return station_name(district)


def station_name(district: str) -> str:
    """Id of the station of a district: ``D01`` for ``001``."""
    return f"D{int(district):02}"


@dataclass(frozen=True)
class _Rows:
    """The captured rows of one official file, by what they are."""

    contest: str
    actas: Mapping[str, Acta]
    outside: Sequence[Acta]

    @classmethod
    def read(cls, election: Election, contest: str, path: Path) -> "_Rows":
        database = read_database(lzma.decompress(path.read_bytes()), name=path.name)
        rows = list(database.rows)
        outside = [row for row in rows if row.counting is Counting.OUT_OF_CATALOGUE]
        listed = [row for row in rows if row.counting is not Counting.OUT_OF_CATALOGUE]
        catalogue = election.catalogues[contest]
        _check(database, listed, catalogue)
        pairs = zip(listed, catalogue, strict=True)
        return cls(
            contest=contest,
            actas={
                expected.id: row.acta(contest, expected.id)
                for row, expected in pairs
                if row.counting is not Counting.NOT_CAPTURED
            },
            outside=[row.acta(contest, None) for row in outside],
        )


def _check(database: Database, rows: Sequence[Row], catalogue: Sequence[ExpectedActa]) -> None:
    """The rows stand in the order of the catalogue; their keys alone would not tell them apart."""
    same = len(rows) == len(catalogue) and all(
        (row.seccion, row.kind, row.tipo_acta) == (acta.seccion, acta.kind, acta.tipo_acta)
        for row, acta in zip(rows, catalogue, strict=True)
    )
    if not same:
        raise AnotherNight(
            DrillCode.OTHER_ROWS,
            "{database} does not have the rows of the catalogue",
            database=database.name,
        )


def _arrivals(
    election: Election, districts: Districts, first: _Rows, last: _Rows
) -> Iterator[tuple[str, Arrival]]:
    opens, closes = election.window.opens, election.window.closes
    between = closes - BETWEEN_FILES
    unit = election.contests[first.contest].levels[-1]

    def arrival(acta_id: str, at: datetime, fact: ActaFact) -> tuple[str, Arrival]:
        expected = election.expected[first.contest][acta_id]
        return districts.station(expected, unit), Arrival(at, fact)

    later = {acta_id: acta for acta_id, acta in last.actas.items() if acta_id not in first.actas}
    spans = ((first.actas, opens + WITHOUT_ACTA_FROM, between), (later, between, closes))
    for actas, begin, end in spans:
        timeless = [acta_id for acta_id, acta in actas.items() if acta.verified_at is None]
        times = dict(zip(timeless, _spread(len(timeless), begin, end), strict=True))
        for acta_id, acta in actas.items():
            at = acta.verified_at or times[acta_id]
            yield arrival(acta_id, at, ActaReported(acta))
    changed = [acta_id for acta_id, acta in first.actas.items() if last.actas[acta_id] != acta]
    for acta_id, at in zip(changed, _spread(len(changed), between, closes), strict=True):
        yield arrival(acta_id, at, ActaCorrected(last.actas[acta_id], REASON))
    names = sorted(set(districts.of_section.values()) - {NO_AREA})
    for index, acta in enumerate(last.outside):
        station = station_name(names[index % len(names)])
        yield station, Arrival(acta.received_at or opens, ActaReported(acta))


def _spread(count: int, begin: datetime, end: datetime) -> list[datetime]:
    """``count`` instants spread evenly inside ``begin`` and ``end``, to the second."""
    step = (end - begin) / (count + 1)
    return [(begin + step * (index + 1)).replace(microsecond=0) for index in range(count)]
