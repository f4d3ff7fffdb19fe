"""A federal night in which every step is a fact: taken, folded, started from cold, and its bytes.

494,000 actas of three contests come from 300 houses. Each acta is received, digitised, captured
twice and checked, one in fifty is arbitrated, and its image is recorded: six events an acta, three
million in all. Houses send all at once, each envelope after the one before was acknowledged, as
they do: a step an envelope. Measured is the centre's side: signature, parsing, judging, the durable
append and the fold; then a start from cold, and from a snapshot. Sealing is the houses', and is
not counted.

``python -m benchmarks.recording --scale 0.01 0.1 --batch 1 10`` measures such parts of a night,
and what it would cost if so many steps stood in one envelope.
"""

import asyncio
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from benchmarks.capturing import AT, election
from benchmarks.telling import command, tell
from openprep.capture.reading import Reading
from openprep.capture.steps import (
    ActaArbitrated,
    ActaCaptured,
    ActaChecked,
    ActaDigitised,
    ActaReceived,
    AnyStep,
    Verdict,
)
from openprep.election import Digitization, DocumentKind, Election, Origin, Window
from openprep.election.remit import Remit
from openprep.record.events import ImageReceived
from openprep.record.facts import Envelope
from openprep.record.ledger import Ledger
from openprep.record.snapshot import make, state_of
from openprep.record.sqlite import Record
from openprep.record.state import empty_state, fold
from openprep.transmission.envelope import seal
from openprep.transmission.inbox.inbox import Inbox
from openprep.transmission.keys import Station

ACTAS = 164_692
"""Of each of the three contests."""
HOUSES = 300
DISPUTED = 50
"""One acta in so many."""
SLICE = 5_000
"""Actas whose envelopes are made at once."""
EVERYTHING = Remit.of(["*"], ["*"], ["*"])
NOW = AT + timedelta(hours=3)


def nation(scale: float) -> Election:
    """Three contests of so much of the nation."""
    of_one = election(round(ACTAS * scale))
    (contest,) = of_one.contests.values()
    ids = [f"{contest.id}{number}" for number in range(3)]
    contests = {one: structs.replace(contest, id=one) for one in ids}
    catalogue = next(iter(of_one.catalogues.values()))
    return structs.replace(
        of_one,
        contests=contests,
        catalogues=dict.fromkeys(ids, catalogue),
        window=Window(AT, AT + timedelta(hours=24), "America/Mexico_City"),
    )


class House:
    """One house, and the envelopes that it seals."""

    def __init__(self, number: int) -> None:
        self.place = f"H{number:03}"
        self.key = Ed25519PrivateKey.from_private_bytes(number.to_bytes(32, "big"))
        self.sequence = 0

    def seal(self, of: Election, steps: Sequence[AnyStep]) -> bytes:
        """The next envelope."""
        self.sequence += 1
        return seal(Envelope(of.id, self.place, self.sequence, NOW, tuple(steps)), self.key)


def steps_of(contest: str, acta: str, columns: int, number: int) -> Iterator[AnyStep]:
    """The way of one acta."""
    image, hour = f"{number:064x}", AT + timedelta(minutes=number % 120)
    read = Reading((3,) * columns, 400, 3 * columns, 0, 3 * columns, 3 * columns)
    slip = structs.replace(read, total_written=7) if number % DISPUTED == 0 else read

    def said(who: int) -> dict[str, Any]:
        person = f"{who:032x}"
        return {"contest": contest, "acta": acta, "by": person, "session": person, "at": hour}

    yield ActaReceived(**said(1), transfer="F")
    yield ActaDigitised(
        **said(2),
        image=image,
        original=image[::-1],
        origin=Origin.CATD,
        digitization=Digitization.ESCANER,
        document=DocumentKind.ACTA_PREP,
    )
    yield ActaCaptured(**said(3), image=image, reading=read)
    yield ActaCaptured(**said(4), image=image, reading=slip)
    if slip is not read:
        yield ActaArbitrated(**said(5), image=image, reading=read)
    yield ActaChecked(**said(6), image=image, verdict=Verdict.ACCEPTED)


def actas_of(of: Election) -> Iterator[tuple[str, str]]:
    for contest, catalogue in of.catalogues.items():
        for expected in catalogue:
            yield contest, expected.id


class Centre:
    """The real inbox, record and state."""

    def __init__(self, path: Path, of: Election, houses: Sequence[House]) -> None:
        self.record = Record.open(path, of.id, of.digest)
        self.ledger = Ledger(self.record, of.rules)
        stations = {one.place: Station(one.key.public_key(), EVERYTHING) for one in houses}
        self.inbox = Inbox(of, stations.get, self.ledger, lambda: NOW)

    async def take(self, envelopes: Sequence[bytes]) -> None:
        """What one house sends, one after the other."""
        for body in envelopes:
            await self.inbox.receive(body)

    async def hold(self, images: Sequence[int]) -> None:
        """The images of actas came: their files are not what is measured."""
        for number in images:
            await self.ledger.append(ImageReceived(NOW, f"{number:064x}", 400_000))


def sealed(
    of: Election, houses: Sequence[House], some: Sequence[tuple[int, tuple[str, str]]], batch: int
) -> tuple[list[list[bytes]], int]:
    """By house, the envelopes of some actas; and how many steps are in them."""
    envelopes, count = [], 0
    for index, house in enumerate(houses):
        steps = [
            step
            for number, (contest, acta) in some[index :: len(houses)]
            for step in steps_of(contest, acta, len(of.contests[contest].columns), number)
        ]
        count += len(steps)
        envelopes.append(
            [house.seal(of, steps[at : at + batch]) for at in range(0, len(steps), batch)]
        )
    return envelopes, count


async def ingest(
    centre: Centre, of: Election, houses: Sequence[House], batch: int
) -> dict[str, object]:
    """Send a night; seconds of wall and of processor at the centre, by fact."""
    actas, facts, wall, processor = enumerate(actas_of(of), 1), 0, 0.0, 0.0
    while some := list(islice(actas, SLICE)):
        envelopes, count = sealed(of, houses, some, batch)
        numbers = [number for number, _ in some]
        began, used = time.perf_counter(), time.process_time()
        await asyncio.gather(*map(centre.take, envelopes))
        each = [numbers[index :: len(houses)] for index in range(len(houses))]
        await asyncio.gather(*map(centre.hold, each))
        wall += time.perf_counter() - began
        processor += time.process_time() - used
        facts += count
    return {
        "facts": facts,
        "ingest_seconds": round(wall, 1),
        "ingest_microseconds_a_fact": round(1e6 * wall / facts),
        "ingest_processor_microseconds_a_fact": round(1e6 * processor / facts),
    }


def cold(path: Path, of: Election) -> dict[str, object]:
    """Start from the record: read and checked alone, and with the fold."""
    record = Record.open(path, of.id, of.digest)
    began = time.process_time()
    events = sum(1 for _ in record.read())
    read = time.process_time() - began
    began = time.process_time()
    state = fold(record.read(), empty_state(of.rules))
    folded = time.process_time() - began
    record.close()
    make(path, of.rules)
    began = time.process_time()
    kept = state_of(path, record.origin, of.rules)
    from_snapshot = time.process_time() - began
    assert kept == state
    standing = sum(len(contest.current) for contest in state.contests.values())
    assert standing == sum(map(len, of.catalogues.values()))
    return {
        "events": events,
        "cold_start_seconds": round(folded, 1),
        "of_which_reading": round(read, 1),
        "from_a_snapshot_seconds": round(from_snapshot, 1),
        "cold_start_microseconds_an_event": round(1e6 * folded / events),
        "record_megabytes": round(path.stat().st_size / 2**20, 1),
        "record_bytes_an_event": round(path.stat().st_size / events),
    }


def measure(scale: float, batch: int) -> dict[str, object]:
    of, houses = nation(scale), [House(number) for number in range(1, HOUSES + 1)]
    with tempfile.TemporaryDirectory(dir=".") as folder:
        path = Path(folder) / "record.sqlite"
        centre = Centre(path, of, houses)
        taken = asyncio.run(ingest(centre, of, houses, batch))
        centre.record.close()
        del centre
        found = cold(path, of)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"scale": scale, "steps_an_envelope": batch, **taken, **found, "peak_megabytes": peak}


if __name__ == "__main__":
    parser = command(__doc__)
    parser.add_argument(
        "--scale", type=float, nargs="+", default=[0.01, 0.1], help="of the night (0.01 0.1)"
    )
    parser.add_argument(
        "--batch", type=int, nargs="+", default=[1, 10], help="steps an envelope (1 10)"
    )
    asked = parser.parse_args()
    for part in asked.scale:
        for steps in asked.batch:
            tell("recording", measure(part, steps))
