"""The official database of a nation, written and written again, against writing it row by row.

A drill of the nation (three contests) at a scale; the rows of all three, cell by cell with the csv
module and one deflate over each file as an ordinary ZIP has it, and then as the product writes
them: a first time, again with one row in twenty changed, and again with nothing changed. All in
one run, so that what the machine is busy with falls on all.

``python -m benchmarks.databases 0.1`` takes another scale (0.1 if left out). With ``--waiting`` it
tells instead how long envelopes and live cuts of a centre take while such a database is written by
a process of its own, by a thread, and not at all; and the memory of each.
"""

import resource
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from benchmarks.row_by_row import rows_of
from benchmarks.telling import command, tell
from benchmarks.waiting import waiting
from openprep.databases.write.official_zip import OfficialZips
from openprep.databases.write.writer import ContestDatabase
from openprep.drill.nation.generate import Order, generate
from openprep.drill.nights.schedule import read_schedule
from openprep.election import Acta, Basis, Election, Summary, VotesOverList
from openprep.election.declared.folder import load_election

T = TypeVar("T")

FOLDER = Path(__file__).parent.parent / "elections/federal-2024"
SEED = 2024
ORDINARY_LEVEL = 6
NOTHING = Summary(
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, Basis(VotesOverList.WITHOUT_SPECIAL, 0, None)
)


def reported(folder: Path) -> list[Acta]:
    """Everything that the stations of a drill report, in the order of time."""
    paths = sorted((folder / "schedules").glob("*.jsonl"))
    arrivals = [arrival for path in paths for arrival in read_schedule(path)]
    return [arrival.fact.acta for arrival in sorted(arrivals, key=lambda arrival: arrival.at)]


def shown(election: Election, actas: Iterable[Acta]) -> Mapping[str, ContestDatabase]:
    """What the databases show once ``actas`` were reported."""
    standing: dict[str, dict[str, Acta]] = {contest: {} for contest in election.contests}
    outside: dict[str, list[Acta]] = {contest: [] for contest in election.contests}
    for acta in actas:
        if acta.acta is None:
            outside[acta.contest].append(acta)
        else:
            standing[acta.contest][acta.acta] = acta
    return {
        contest: ContestDatabase(standing[contest], outside[contest], NOTHING)
        for contest in election.contests
    }


def timed(work: Callable[[], T]) -> tuple[dict[str, float], T]:
    wall, cpu = time.perf_counter(), time.process_time()
    made = work()
    took = time.perf_counter() - wall, time.process_time() - cpu
    return {"wall": round(took[0], 2), "cpu": round(took[1], 2)}, made


def row_by_row(election: Election, databases: Mapping[str, ContestDatabase]) -> int:
    rows = [rows_of(election, contest, database) for contest, database in databases.items()]
    return sum(len(zlib.compress(data, ORDINARY_LEVEL)) for data in rows)


def drilled(folder: Path, scale: float) -> tuple[Election, list[Acta]]:
    """An election of the nation at a scale, and what is reported of it."""
    generate(Order(FOLDER, SEED, scale), folder)
    return load_election(folder / "election"), reported(folder)


def measure_waiting(scale: float) -> dict[str, object]:
    with tempfile.TemporaryDirectory(dir=".") as name:
        election, actas = drilled(Path(name) / "drill", scale)
        return {"scale": scale, "actas": len(actas), **waiting(Path(name), election, actas)}


def measure(scale: float) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as name:
        election, actas = drilled(Path(name) / "drill", scale)
    whole, most = shown(election, actas), shown(election, actas[: len(actas) * 19 // 20])
    at = election.window.local(election.window.closes)
    before, size = timed(lambda: row_by_row(election, whole))
    zips = OfficialZips(election)
    first, _ = timed(lambda: zips.write(at, most))
    changed, data = timed(lambda: zips.write(at, whole))
    unchanged, _ = timed(lambda: zips.write(at, whole))
    return {
        "scale": scale,
        "rows": sum(map(len, election.catalogues.values())),
        "row_by_row": before,
        "first": first,
        "again_a_twentieth_changed": changed,
        "again_nothing_changed": unchanged,
        "cpu_ratio": round(first["cpu"] / before["cpu"], 2),
        "size_ratio": round(len(data) / size, 3),
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


if __name__ == "__main__":
    parser = command(__doc__)
    parser.add_argument("scale", nargs="?", type=float, default=0.1, help="of the nation (0.1)")
    parser.add_argument("--waiting", action="store_true", help="what waits for it, and its memory")
    asked = parser.parse_args()
    tell("databases", measure_waiting(asked.scale) if asked.waiting else measure(asked.scale))
