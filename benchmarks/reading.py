"""Reading an official CSV against Polars reading the same file as strings.

    uv run python -m benchmarks.reading

Ours does more in its time: it finds the layout, keeps every cell, types every vote, the
observations and what each acta contributes. Both read the same bytes from memory, turn by turn, so
that the machine's moods fall on both; medians are compared.
"""

import gc
import lzma
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

from benchmarks.telling import command, tell
from openprep.databases.check.report import check_database
from openprep.databases.read.reader import read_database

NIGHT = Path(__file__).parent.parent / "elections/puebla-2024/night"
FILE = "20240603_2000/PUE_GUB_2024.csv.xz"
TURNS = 15
LINES_ABOVE_NAMES = 6


def milliseconds(work: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    kept = work()  # until the clock is read: giving memory back is not reading
    took = (time.perf_counter() - start) * 1000
    del kept
    return took


def measure() -> dict[str, object]:
    data = lzma.decompress((NIGHT / FILE).read_bytes())

    def ours() -> object:
        database = read_database(data)
        return database, database.votes, database.observations, database.countings

    def theirs() -> object:
        return pl.read_csv(data, skip_rows=LINES_ABOVE_NAMES, infer_schema=False)

    def checks() -> object:
        return check_database(read_database(data))

    ours(), theirs()
    turns = [(milliseconds(ours), milliseconds(theirs)) for _ in range(TURNS)]
    read, polars_read = (statistics.median(times) for times in zip(*turns, strict=True))
    checked = statistics.median(milliseconds(checks) for _ in range(3))
    return {
        "file": FILE,
        "openprep_ms": round(read, 1),
        "polars_ms": round(polars_read, 1),
        "read_and_checked_ms": round(checked, 1),
        "ratio": round(read / polars_read, 2),
    }


if __name__ == "__main__":
    command(__doc__).parse_args()
    tell("reading", measure())
