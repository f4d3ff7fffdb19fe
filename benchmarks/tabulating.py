"""Full tabulation of a nation at four levels, against Polars group-by of the same arrays.

170,000 actas by 35 columns; national, entity, district, section. Layouts and frames are made once
and not timed, as in a centre; both sides sum in 64 bits, and their totals are compared.
"""

import statistics
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import polars as pl

from benchmarks.telling import command, tell
from openprep.election import (
    CasillaKind,
    Column,
    ColumnKind,
    Contest,
    ExpectedActa,
    Level,
    Location,
    Participation,
    Rules,
)
from openprep.tabulation import Contributions, lay_out, tabulate
from openprep.tabulation.totals import TALLIES

Given = TypeVar("Given")

ACTAS, COLUMNS, ROUNDS = 170_000, 35, 15
RULES = Rules(Participation.SPECIAL_CASILLAS_IN_LAST_CUT, frozenset())


def nation() -> tuple[Contest, tuple[ExpectedActa, ...]]:
    """A catalogue of 32 entities, 300 districts and about 70,000 sections."""
    parties = [f"P{i}" for i in range(COLUMNS - TALLIES - 2)]
    columns = [Column(party, ColumnKind.PARTY, (party,)) for party in parties]
    columns += [Column("NO_REGISTRADAS", ColumnKind.UNREGISTERED), Column("NULOS", ColumnKind.NULL)]
    levels = (Level.ENTITY, Level.DISTRICT)
    contest = Contest("PRES", "PRESIDENCIA", "", levels, tuple(columns), {})
    areas = [f"{district % 32 + 1:02}/{district // 32 + 1:02}" for district in range(300)]
    catalogue = tuple(
        ExpectedActa(
            f"A{i}",
            areas[i % 300],
            f"{i // 300 // 2.43:04.0f}",
            CasillaKind.BASICA,
            1,
            0,
            Location.URBAN,
            "2",
            700,
            20,
        )
        for i in range(ACTAS)
    )
    return contest, catalogue


def median(work: Callable[[], Given]) -> tuple[float, Given]:
    """Median seconds of ``work`` and what it gave."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - began)
    return statistics.median(times), result


def measure() -> dict[str, object]:
    contest, catalogue = nation()
    layout = lay_out(contest, catalogue, Level.NATIONAL)
    contributions = Contributions(contest, catalogue, RULES)
    contributions.matrix[:] = np.random.default_rng(1).integers(0, 300, contributions.matrix.shape)
    section = layout.section_of
    district = layout.parents[3][layout.parents[4][section]]
    entity = layout.parents[2][district]
    votes = {f"c{i}": contributions.matrix[:, i].copy() for i in range(COLUMNS)}
    frame = pl.DataFrame({"s": section, "d": district, "e": entity, **votes})

    def with_polars() -> pl.DataFrame:
        for level in ("s", "d", "e"):
            frame.group_by(level).agg(pl.col("^c.*$").sum())
        return frame.select(pl.col("^c.*$").sum())

    ours, totals = median(lambda: tabulate(layout, contributions))
    theirs, national = median(with_polars)
    assert totals.matrices[0][0].tolist() == list(national.row(0))
    return {
        "actas": ACTAS,
        "columns": COLUMNS,
        "sections": len(layout.depths[-1].paths),
        "ours_ms": round(ours * 1000, 1),
        "polars_ms": round(theirs * 1000, 1),
        "ratio": round(ours / theirs, 2),
        "aim": 0.5,
    }


if __name__ == "__main__":
    command(__doc__).parse_args()
    tell("tabulating", measure())
