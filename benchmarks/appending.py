"""Durable appends to the record against bare SQLite of the same rows in the same batches.

Both flush to disk once a batch before they go on (WAL, synchronous=FULL). Ours also encodes events,
refuses duplicates and links every row to the one before. Turn by turn on fresh files.
"""

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.telling import command, tell
from openprep.record.events import EnvelopeReceived, digest_of, encode_event, kind_of
from openprep.record.sqlite import Record

BATCHES = (1, 10, 100, 1000)
TURNS = 5
SECONDS_WORTH = {1: 400, 10: 2000, 100: 10_000, 1000: 40_000}
"""Rows appended in each turn, by batch size."""


def events(count: int, turn: int) -> list[EnvelopeReceived]:
    at = datetime(2024, 6, 3, tzinfo=UTC)
    return [
        EnvelopeReceived(at, "D01", number, b"%010d-%d" % (number, turn) * 16, b"s" * 64)
        for number in range(1, count + 1)
    ]


def ours(path: Path, rows: Sequence[EnvelopeReceived], batch: int) -> float:
    record = Record.open(path, "bench", "00" * 32)
    began = time.perf_counter()
    for start in range(0, len(rows), batch):
        record.append(rows[start : start + batch])
    took = time.perf_counter() - began
    record.close()
    return len(rows) / took


def bare(path: Path, rows: Sequence[EnvelopeReceived], batch: int) -> float:
    encoded = [(kind_of(e), digest_of(e), b"c" * 32, encode_event(e)) for e in rows]
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(
        "CREATE TABLE events (position INTEGER PRIMARY KEY, kind TEXT NOT NULL,"
        " digest BLOB NOT NULL UNIQUE, chain BLOB NOT NULL, body BLOB NOT NULL) STRICT"
    )
    began = time.perf_counter()
    for start in range(0, len(encoded), batch):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO events (kind, digest, chain, body) VALUES (?, ?, ?, ?)",
            encoded[start : start + batch],
        )
        connection.execute("COMMIT")
    took = time.perf_counter() - began
    connection.close()
    return len(rows) / took


def measure() -> dict[str, object]:
    by_batch = {}
    with tempfile.TemporaryDirectory() as folder:
        for batch in BATCHES:
            rates: dict[str, list[float]] = {"ours": [], "bare": []}
            for turn in range(TURNS):
                rows = events(SECONDS_WORTH[batch], turn)
                for name, work in (("ours", ours), ("bare", bare)):
                    path = Path(folder) / f"{name}-{batch}-{turn}.sqlite"
                    rates[name].append(work(path, rows, batch))
            mine, theirs = (statistics.median(rates[name]) for name in ("ours", "bare"))
            by_batch[batch] = {
                "ours_per_second": round(mine),
                "bare_per_second": round(theirs),
                "ratio": round(mine / theirs, 2),
            }
    worst = min(measured["ratio"] for measured in by_batch.values())
    return {"ratio": worst, "aim": 0.7, "by_batch": by_batch}


if __name__ == "__main__":
    command(__doc__).parse_args()
    tell("appending", measure())
