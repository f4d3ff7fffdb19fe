"""The presidential night of 1 July 2012 relived: 143,132 casillas with their real votes.

Votes, lista nominal, districts and sections are real. When each acta arrived is not known, so it is
made, the same on every machine, from the seed that the folder declares:

1. actas arrive as those of 2018 did: the 98 cuts of that night tell how many actas of cities and of
   the country had been counted by when, and that curve, stretched from its 25 hours to the 24 of
   2012, is where every section draws its hour. The actas of a section come within a quarter hour;
2. a station is the CATD of a district;
3. what nobody published stays unknown: an acta has no image, no ballots, no hour of reception or
   capture. It is verified when it arrives.

Every casilla of the file arrives and counts, so the night ends at the totals of the file.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from itertools import groupby, zip_longest
from pathlib import Path

import msgspec
import numpy as np

from openprep.coded import said
from openprep.drill.codes import DrillCode
from openprep.drill.demo.folder import claimed, real_night
from openprep.drill.demo.nights import Night
from openprep.drill.demo.verified import last_cut
from openprep.drill.nation.dice import Dice, Purpose, quantile
from openprep.drill.nights.comparison import Comparison, Figure
from openprep.drill.nights.cuts_of_2018 import PublishedCut, read_cuts
from openprep.drill.nights.puebla_2024 import AnotherNight
from openprep.drill.nights.schedule import Arrival, write_as_they_come
from openprep.drill.nights.shipped import shipped_election
from openprep.drill.nights.votes_of_2012 import (
    COLUMNS,
    CONTEST,
    FOLDER,
    VOTES_FILE,
    CasillaVotes,
    count_plainly,
    read_votes,
)
from openprep.election import (
    Acta,
    Contest,
    Election,
    ExpectedActa,
    FieldState,
    Location,
    VoteField,
)
from openprep.election.declared.folder import load_election
from openprep.record.facts import ActaReported
from openprep.tabulation.layout import Integers

HOUR_OF_OPENING = 20
"""Local time at which the PREP of 2018 opened, on the day of its first cut."""
LAST = 86_340
"""Seconds after the opening of the last arrival: what is ready is published a minute later."""
QUARTER = 900
"""Seconds within which the actas of a section come."""
UNKNOWN = (FieldState.NOT_CAPTURED,) * 5
"""Ballots, people, representatives and the total as written: nobody published them."""

Curve = tuple[tuple[int, int], ...]
"""Seconds after the opening by which a part (of ten thousand) of the actas is verified."""


@dataclass(frozen=True)
class NightOf2012:
    """The replay in a demo's folder, held against a plain count of the file."""

    folder: Path
    station_processes: int | None = 3
    live_seconds: float = 2.0
    longest_step: timedelta = timedelta(hours=6)

    @property
    def election_folder(self) -> Path:
        """The shipped folder."""
        return shipped_election(FOLDER)

    @property
    def schedules(self) -> Path:
        """Made from the shipped votes."""
        return self.folder / "schedules"

    @property
    def images(self) -> None:
        """Nobody published any."""
        return

    def prepare(self) -> None:
        """The schedules, once."""
        with claimed(self.folder, real_night(self.election_folder)):
            if not self.schedules.is_dir():
                write_as_they_come(self.schedules, arrivals_of(self.election_folder))

    def comparisons(self, mirrored: Path) -> Iterator[Comparison]:
        """The 13 figures and the votes by column of the last cut."""
        window = load_election(self.election_folder).window
        must = count_plainly(self.election_folder)
        for ours in last_cut(mirrored):
            theirs = msgspec.structs.asdict(must.figures) | {
                column: must.votes.get(column, 0) for column in ours.votes
            }
            found = msgspec.structs.asdict(ours.summary) | dict(ours.votes)
            figures = tuple(Figure(name, str(theirs[name]), str(found[name])) for name in theirs)
            stamp = f"{window.local(ours.at):%Y%m%d_%H%M}"
            yield Comparison(stamp, ours.contest, figures, len(figures), ())


def night_of_2012(folder: Path) -> Night:
    """The replay, to be prepared and run in ``folder``."""
    return NightOf2012(folder)


def arrivals_of(folder: Path) -> Iterator[tuple[str, list[Arrival]]]:
    """Each station and what it reports, in order of time, from the election in ``folder``.

    Raises:
        AnotherNight: the rows of the votes are not the actas of the catalogue.
        OtherVotes: the file of votes has other columns.
    """
    election: Election = load_election(folder)
    curves = {location: arrival_curve(read_cuts(), location) for location in Location}
    casillas = _matched(election.catalogues[CONTEST], read_votes(folder))
    districts = groupby(casillas, key=lambda casilla: casilla[0].area)
    for number, (area, own) in enumerate(districts, 1):
        actas, votes = zip(*own, strict=True)
        dice = Dice(election.seed or 0, number, Purpose.TIMES)
        instants = _verified(actas, dice, curves)
        arrivals = [
            _arrival(election, expected, row, seconds)
            for expected, row, seconds in zip(actas, votes, instants.tolist(), strict=True)
        ]
        yield f"D{area.replace('/', '')}", sorted(arrivals, key=lambda arrival: arrival.at)


def _matched(
    catalogue: Sequence[ExpectedActa], votes: Iterator[CasillaVotes]
) -> Iterator[tuple[ExpectedActa, CasillaVotes]]:
    """Each acta of the catalogue with its votes, which stand in the same order."""
    for expected, row in zip_longest(catalogue, votes):
        if expected is None or row is None or row.acta != expected.id:
            raise AnotherNight(
                DrillCode.OTHER_ROWS,
                "{file}: votes of {found}, where {must} is expected",
                file=VOTES_FILE,
                found=row.acta if row else said("none"),
                must=expected and expected.id,
            )
        yield expected, row


def arrival_curve(cuts: Sequence[PublishedCut], location: Location) -> Curve:
    """How the actas of ``location`` came in 2018, over the time that 2012 had."""
    opened = cuts[0].at.replace(hour=HOUR_OF_OPENING, minute=0)
    lasted = int((cuts[-1].at - opened).total_seconds())
    counts = [cut.urban if location is Location.URBAN else cut.not_urban for cut in cuts]
    points = {0: 0}
    for cut, count in zip(cuts, counts, strict=True):
        after = int((cut.at - opened).total_seconds())
        points.setdefault(count * 10_000 // counts[-1], after * LAST // lasted)
    return tuple(points.items())


def _verified(
    actas: Sequence[ExpectedActa], dice: Dice, curves: Mapping[Location, Curve]
) -> Integers:
    """Seconds after the opening at which each acta of a district is verified."""
    number = {seccion: at for at, seccion in enumerate(sorted({acta.seccion for acta in actas}))}
    drawn = dice.below(10_000, len(number))[[number[acta.seccion] for acta in actas]]
    urban = np.array([acta.location is Location.URBAN for acta in actas])
    begun = np.where(
        urban, quantile(curves[Location.URBAN], drawn), quantile(curves[Location.NOT_URBAN], drawn)
    )
    return np.minimum(begun + dice.below(QUARTER, len(actas)), LAST)


def _arrival(
    election: Election, expected: ExpectedActa, row: CasillaVotes, seconds: int
) -> Arrival:
    at = election.window.opens.astimezone(UTC) + timedelta(seconds=seconds)
    votes = _votes(election.contests[CONTEST], row)
    return Arrival(at, ActaReported(Acta(CONTEST, expected.id, votes, *UNKNOWN, verified_at=at)))


def _votes(contest: Contest, row: CasillaVotes) -> tuple[VoteField, ...]:
    """Votes by column; one that the file does not have stands as if on no ballot."""
    votes = dict(zip(COLUMNS, row.votes, strict=True))
    return tuple(votes.get(column.id, FieldState.NOT_ON_BALLOT) for column in contest.columns)
