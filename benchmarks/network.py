"""Thirty publishers follow one centre on this machine, each a real `openprep mirror run`.

Actas of a drill arrive at a steady rate, in signed envelopes. For each envelope: the time from its
receipt (recorded, durable) until every one of the publishers has verified a cut that holds it and
shows it. Then what it costs: the centre's and the distribution service's CPU, and the bytes that
crossed the loopback, by publisher and cut.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import msgspec
import psutil

from benchmarks.telling import command, tell
from openprep.cuts.signing_key import load_signer, make_key
from openprep.drill.demo.ceremony import Attendance, hold_ceremony
from openprep.drill.nation.generate import Order, generate
from openprep.drill.nights.replay_clock import Conductor, ReplayClock
from openprep.drill.nights.schedule import Arrival, read_schedule
from openprep.drill.nights.shipped import shipped_election
from openprep.drill.processes import Crew, ask
from openprep.election.declared.folder import load_election
from openprep.mirror.trust.membership import Member, Membership
from openprep.record.facts import ActaReported
from openprep.transmission.answers import Receipt
from openprep.transmission.keys import Enrolled, make_station_key, public_half
from openprep.transmission.station.outbox import Outbox
from openprep.wire.cut import manifest as wire
from openprep.wire.trust import fingerprint

PUBLISHERS = 30
RATE = 200
"""Actas a second."""
ENVELOPES_A_SECOND = 10
SECONDS = 40
LIVE_SECONDS = "0.3"
INBOX, TREE, DISTRIBUTION = 18110, 18111, 18112

Receipted = tuple[float, int]
"""When an envelope was receipted, and its position in the record."""


@dataclass
class Network:
    """A centre, its distribution service and its publishers, in one folder."""

    folder: Path
    publishers: int

    def __post_init__(self) -> None:
        generate(Order(shipped_election("federal-2024"), 30, 0.02), self.folder / "drill")
        self.election = load_election(self.folder / "drill" / "election")
        opens, closes = self.election.window.opens, self.election.window.closes
        self.clock_file = self.folder / "clock.json"
        # Late in the night, so that no acta is from the future.
        self.conductor = Conductor(self.clock_file, closes - timedelta(minutes=110), 1.0)
        self.clock = ReplayClock(self.clock_file)
        self.crew = Crew(self.folder / "logs")
        self.station = make_station_key(self.folder / "station.key")
        self.mirrors = [self.folder / f"mirror-{n:02}" for n in range(self.publishers)]
        self._enrol(opens - timedelta(days=1))

    def _enrol(self, now: datetime) -> None:
        make_key(self.folder / "center" / "center.key")
        memberships, requests = [], []
        for number, folder in enumerate(self.mirrors):
            folder.mkdir()
            membership = Membership(folder)
            name = f"difusor-{number:02}"
            membership.init(Member(self.election.id, True, name, name, ()), now)
            memberships.append(membership)
            requests.append(membership.request(now)[0])
        log = load_signer(self.folder / "center" / "center.key", self.election.id).verifier
        stations = [Enrolled("D0101", "CATD", public_half(self.station), ("*",))]
        root = hold_ceremony(
            self.election,
            Attendance(log, stations, requests),
            self.folder / "center" / "public" / "trust",
            self.folder / "center" / "online.key",
            now,
        )
        for membership in memberships:
            membership.join(f"http://127.0.0.1:{DISTRIBUTION}", root, fingerprint(root))

    def fits(self, arrival: Arrival) -> bool:
        """Whether it is the first report of an acta of the catalogue, from before the beginning."""
        acta, now = arrival.fact.acta, self.clock() - timedelta(minutes=1)
        times = (arrival.at, acta.received_at, acta.captured_at, acta.verified_at)
        early = all(at is None or at < now for at in times)
        return early and isinstance(arrival.fact, ActaReported) and acta.acta is not None

    def start(self) -> None:
        """Every process; the clock stands still."""
        clock = ("--replay-clock", self.clock_file)
        center = ("--data", self.folder / "center")
        self.crew.start(
            "center",
            [
                *("center", "run", "--election", self.folder / "drill" / "election", *center),
                *("--inbox-port", str(INBOX), "--tree-port", str(TREE)),
                *("--live-seconds", LIVE_SECONDS, "--without-page", *clock),
            ],
        )
        self.crew.start(
            "distribution",
            [
                *("center", "serve", *center, "--port", str(DISTRIBUTION)),
                *("--authority", f"127.0.0.1:{DISTRIBUTION}", *clock),
            ],
        )
        for folder in self.mirrors:
            self.crew.start(folder.name, ["mirror", "run", "--data", folder, "--no-serve", *clock])

    def shown(self, folder: Path) -> int:
        """The cut that a publisher shows."""
        try:
            return int((folder / "public" / "live").readlink().name)
        except OSError:
            return -1

    def cpu(self, *names: str) -> float:
        """Seconds of CPU that processes have used so far."""
        total = 0.0
        for name in names:
            times = psutil.Process(self.crew.running[name].pid).cpu_times()
            total += times.user + times.system
        return total


class Watch:
    """Notes when the slowest publisher came to show each cut."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._shown = dict.fromkeys(network.mirrors, -1)
        self.all_show: list[tuple[float, int]] = []

    async def run(self) -> None:
        """Look until cancelled."""
        everywhere = -1
        while True:
            for folder in self._shown:
                self._shown[folder] = self._network.shown(folder)
            slowest = min(self._shown.values())
            now = time.monotonic()
            if slowest > everywhere:
                everywhere = slowest
                self.all_show.append((now, slowest))
            await asyncio.sleep(0.01)


async def report(
    network: Network, arrivals: Iterator[Arrival], seconds: int, receipts: list[Receipted]
) -> None:
    """Deliver the actas at a steady rate; when each envelope was receipted, and its position."""
    each = RATE // ENVELOPES_A_SECOND
    outbox = Outbox(
        network.folder / "outbox.sqlite",
        network.election.id,
        "D0101",
        network.station,
        network.clock,
    )
    start = time.monotonic()
    async with aiohttp.ClientSession() as session:
        for number in range(int(seconds * ENVELOPES_A_SECOND)):
            await asyncio.sleep(max(0.0, start + number / ENVELOPES_A_SECOND - time.monotonic()))
            outbox.put([next(arrivals).fact for _ in range(each)], cursor=number + 1)
            pending = outbox.next_pending()
            assert pending is not None
            url = f"http://127.0.0.1:{INBOX}/inbox"
            async with session.post(url, data=pending.body) as answer:
                body = await answer.read()
                assert answer.status == 200, body
            receipt = msgspec.json.decode(body, type=Receipt)
            outbox.mark_delivered(pending.sequence)
            receipts.append((time.monotonic(), receipt.position))


def positions(network: Network) -> dict[int, int]:
    """Record position that each cut covers."""
    found = {}
    for path in (network.folder / "center" / "public" / "cuts").glob("*.json"):
        manifest = wire.decode(path.read_bytes(), wire.Manifest)
        found[manifest.cut] = manifest.record_position
    return found


def latencies(network: Network, watch: Watch, receipts: list[Receipted]) -> Iterator[float]:
    covers = positions(network)
    for at, position in receipts:
        shown = next((when for when, cut in watch.all_show if covers[cut] >= position), None)
        if shown is not None:
            yield shown - at


async def measure(publishers: int, seconds: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory(dir=".") as name:
        network = Network(Path(name).resolve(), publishers)
        schedules = sorted((network.folder / "drill" / "schedules").glob("*.jsonl"))
        arrivals = (
            arrival
            for path in schedules
            for arrival in read_schedule(path)
            if network.fits(arrival)
        )
        network.start()
        try:
            return await _measure(network, arrivals, seconds)
        finally:
            network.conductor.stop()
            network.crew.stop()


async def _measure(
    network: Network, arrivals: Iterator[Arrival], seconds: int
) -> dict[str, object]:
    closes = network.election.window.closes
    while ask(f"http://127.0.0.1:{INBOX}/inbox/status") is None:
        await asyncio.sleep(0.2)
    network.conductor.run_until(closes - timedelta(hours=1))
    while min(map(network.shown, network.mirrors)) < 0:
        network.crew.check()
        await asyncio.sleep(0.2)
    await asyncio.sleep(3)
    watch = Watch(network)
    receipts: list[Receipted] = []
    watching = asyncio.create_task(watch.run())
    before = network.cpu("center"), network.cpu("distribution")
    cuts, sent = (
        network.shown(network.mirrors[0]),
        psutil.net_io_counters(pernic=True)["lo"].bytes_sent,
    )
    began = time.monotonic()
    mirrors_before = network.cpu(*(folder.name for folder in network.mirrors))
    await report(network, arrivals, seconds, receipts)
    await asyncio.sleep(4)
    took = time.monotonic() - began
    cuts = network.shown(network.mirrors[0]) - cuts
    sent = psutil.net_io_counters(pernic=True)["lo"].bytes_sent - sent
    watching.cancel()
    found = sorted(latencies(network, watch, receipts))
    publishers = len(network.mirrors)
    mirrors = network.cpu(*(folder.name for folder in network.mirrors)) - mirrors_before
    quantiles = statistics.quantiles(found, n=100)
    return {
        "publishers": publishers,
        "actas_per_second": RATE,
        "envelopes": len(receipts),
        "seen_everywhere": len(found),
        "recorded_to_visible_everywhere_seconds": {
            "p50": round(quantiles[49], 2),
            "p95": round(quantiles[94], 2),
            "p99": round(quantiles[98], 2),
        },
        "cuts": cuts,
        "center_cpu_share": round((network.cpu("center") - before[0]) / took, 2),
        "distribution_cpu_share": round((network.cpu("distribution") - before[1]) / took, 2),
        "publishers_cpu_share": round(mirrors / took, 2),
        "loopback_bytes_per_publisher_and_cut": round(sent / publishers / max(cuts, 1)),
    }


if __name__ == "__main__":
    parser = command(__doc__)
    parser.add_argument(
        "publishers", nargs="?", type=int, default=PUBLISHERS, help=f"how many ({PUBLISHERS})"
    )
    tell("network", asyncio.run(measure(parser.parse_args().publishers, SECONDS)))
