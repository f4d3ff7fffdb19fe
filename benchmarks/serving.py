"""The built-in server beside nginx: the page's mix of requests, one core each, while cuts switch.

A tree of real cuts (a federal drill at 1 %) is served by nginx under the configuration that
``openprep mirror nginx`` writes, with one worker, and by ``openprep mirror serve``, each bound to
the first core. ``wrk`` asks from the second one. Meanwhile the tree turns to another cut four times
a second, and a reader takes each pointer and checks that all that it names, by digest, is there.

Needs Debian's nginx, libnginx-mod-http-brotli-static and wrk, and two cores.
"""

import asyncio
import contextlib
import hashlib
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Self

import aiohttp
import msgspec
import psutil
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.telling import command, tell
from openprep.cuts.cutter import CutOrder, Cutter
from openprep.drill.demo.nights import generated_night
from openprep.drill.nation.shape import Shape
from openprep.drill.nights.schedule import read_schedule
from openprep.election.cut import CutKind
from openprep.election.declared.folder import load_election
from openprep.hosting import TreeDirectory
from openprep.hosting.nginx.publisher import Process, Site, whole_configuration
from openprep.pages.kit import Kit
from openprep.record.facts import ActaCorrected
from openprep.record.state import Version
from openprep.wire.cut import manifest as wire
from openprep.wire.cut.objects import Run, decode_object, parts_of
from openprep.wire.cut.pack import PackError, Where, links_to, packed_object
from openprep.wire.cut.ref import Link, Location, pack_path, where_path
from openprep.wire.log.tiles import ENTRIES, WIDTH, Tile
from openprep.wire.note import Signer

SCALE = 0.01
LIVE_CUTS = 12
ROUNDS = 3
SECONDS = 5
CONNECTIONS = 64
TURNS_A_SECOND = 4
HOT = 500
"""Areas and runs, and actas, that readers ask for in the minutes of a benchmark."""
A_LEAF = 1024
"""Bytes that a reader asks for where an acta's leaf begins."""
SERVER_CORE, CLIENT_CORE = 0, 1

Head = dict[str, bytes]
"""What is current with a cut, by name."""
Target = tuple[str, dict[str, str]]
"""A path, and the headers with which it is asked for."""
Command = Sequence[str | Path]
Serving = AbstractContextManager[tuple[int, psutil.Process]]
"""A server while it runs: its port and its process."""
Round = dict[str, float]

BROWSER = {"Accept-Encoding": "gzip, deflate, br", "Accept": "*/*", "User-Agent": "Mozilla/5.0"}

MIX = {
    "pointer, known": 45,
    "pointer, new": 5,
    "page": 4,
    "asset": 10,
    "manifest": 8,
    "where": 4,
    "checkpoint": 2,
    "object of a pack": 14,
    "leaf of a bundle": 4,
    "bundle": 2,
    "tile": 2,
}
"""Requests out of a hundred. A reader who stays asks for the pointer and no more; one who comes
takes the page, its assets, a manifest, some areas, a run and an acta."""

LUA = """
local requests, place = {}, 0
function init(args)
  for request in io.open(args[1]):read("*a"):gmatch("(.-)\\n%.\\n") do
    requests[#requests + 1] = request:gsub("\\n", "\\r\\n") .. "\\r\\n\\r\\n"
  end
end
function request()
  place = place % #requests + 1
  return requests[place]
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    '{"requests": %d, "microseconds": %d, "p50": %.0f, "p99": %.0f, "errors": %d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
"""


def versions_of(folder: Path) -> Iterator[Version]:
    night = generated_night(folder, "federal-2024", 2024, SCALE, Shape.TIED)
    night.prepare()
    schedules = sorted(Path(night.schedules).glob("*.jsonl"))
    arrivals = [arrival for path in schedules for arrival in read_schedule(path)]
    standing: dict[tuple[str, str | None], Version] = {}
    for place, arrival in enumerate(sorted(arrivals, key=lambda arrival: arrival.at), 1):
        fact = arrival.fact
        key = fact.acta.contest, fact.acta.acta
        reason, number = "", 1
        if isinstance(fact, ActaCorrected):
            reason, number = fact.reason, standing[key].number + 1
        standing[key] = Version(place, arrival.at, "D0101", fact.acta, reason, number)
        yield standing[key]


def make_tree(folder: Path) -> tuple[TreeDirectory, list[Head]]:
    """The tree after all cuts, and the head of each."""
    versions = list(versions_of(folder))
    election = load_election(folder / "drill" / "election")
    tree = TreeDirectory(folder / "mirror" / "public")
    cutter = Cutter(
        election, tree, Signer(f"{election.id}/center", Ed25519PrivateKey.generate()), Kit.load()
    )
    heads: list[Head] = []
    previous: str | None = None
    size = len(versions) // LIVE_CUTS
    for cut in range(LIVE_CUTS + 1):
        cutter.learn(versions[(cut - 1) * size : cut * size] if cut else [])
        kind = CutKind.LIVE if cut else CutKind.ZERO
        at = election.window.opens + timedelta(minutes=cut)
        made = cutter.make(CutOrder(cut, kind, at, cut * size, previous))
        cutter.activate(made)
        tree.compress(made.placed)
        previous = made.event.manifest_sha256
        heads.append({path.name: path.read_bytes() for path in heads_on_disk(tree)})
    return tree, heads


def heads_on_disk(tree: TreeDirectory) -> list[Path]:
    return [head for head in (tree.root / "live").iterdir() if head.suffix not in (".br", ".gz")]


def targets(tree: TreeDirectory) -> dict[str, list[Target]]:
    """Paths and headers by kind of request."""
    cuts = range(LIVE_CUTS + 1)
    found = list(objects_of(tree, LIVE_CUTS))
    leaves = [
        (leaf, offset)
        for _, data in found
        if isinstance(run := decode_object(data), Run)
        for leaf, offset in zip(run.leaves, run.offsets, strict=True)
        if leaf >= 0
    ]
    dice = random.Random(7)
    bundles = [Tile(ENTRIES, leaf // WIDTH).path for leaf, _ in leaves]
    whole = [path for path in set(bundles) if tree.path(path).is_file()]
    in_bundles = [
        (path, offset)
        for path, (_, offset) in zip(bundles, leaves, strict=True)
        if path in set(whole)
    ]
    tiles = [path for path in (tree.root / "tile/0").rglob("*") if path.is_file()]
    return {
        "pointer, known": [("current.json", {"If-None-Match": "*"})],
        "pointer, new": [("current.json", {})],
        "page": [("", {})],
        "asset": [(f"assets/{path.name}", {}) for path in plain(tree.root / "assets")],
        "manifest": [(f"cuts/{cut}.json", {}) for cut in cuts],
        "where": [(where_path(cut), {}) for cut in cuts],
        "checkpoint": [("checkpoint", {})],
        "object of a pack": [
            (pack_path(at.pack), part_of(at.offset, at.size))
            for at, _ in dice.sample(found, min(HOT, len(found)))
        ],
        "leaf of a bundle": [
            (path, part_of(offset, A_LEAF))
            for path, offset in dice.sample(in_bundles, min(HOT, len(in_bundles)))
        ],
        "bundle": [(path, {}) for path in sorted(whole)],
        "tile": [(str(path.relative_to(tree.root)), {}) for path in tiles],
    }


def part_of(offset: int, size: int) -> dict[str, str]:
    """What a browser says who asks for a part."""
    return {"Range": f"bytes={offset}-{offset + size - 1}", "Accept-Encoding": "identity"}


def objects_of(tree: TreeDirectory, cut: int) -> Iterator[tuple[Location, bytes]]:
    """Every object of a cut's results, and where it stands."""
    data, where = tree.read(wire.manifest_path(cut)), tree.where(cut)
    assert data is not None
    assert where is not None
    contests = wire.decode(data, wire.Manifest).contests
    waiting = [Link(contest.results, where.roots[contest.id]) for contest in contests]
    while waiting:
        link = waiting.pop()
        entry = tree.read_at(link.at)
        assert entry is not None
        found = packed_object(entry, link.digest)
        yield link.at, found.data
        waiting += links_to(parts_of(decode_object(found.data)), found.parts)


def plain(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.suffix not in (".br", ".gz")]


def write_requests(tree: TreeDirectory, path: Path, count: int = 8000) -> None:
    kinds = [kind for kind, share in MIX.items() for _ in range(share)]
    dice = random.Random(11)
    sources = {kind: cycle(dice.sample(some, len(some))) for kind, some in targets(tree).items()}
    lines = []
    for _ in range(count // len(kinds)):
        dice.shuffle(kinds)
        for kind in kinds:
            target, headers = next(sources[kind])
            all_headers = {"Host": "localhost", **BROWSER, **headers}
            head = "\n".join(f"{name}: {value}" for name, value in all_headers.items())
            lines.append(f"GET /{target} HTTP/1.1\n{head}\n.\n")
    path.write_text("".join(lines))


def pinned(command: Command, port: int) -> Serving:
    return running(["taskset", "-c", str(SERVER_CORE), *command], port)


@contextlib.contextmanager
def running(command: Command, port: int) -> Iterator[tuple[int, psutil.Process]]:
    process = subprocess.Popen([str(word) for word in command], stderr=subprocess.DEVNULL)
    try:
        for _ in range(500):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            time.sleep(0.02)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(10)


def nginx_command(public: Path, own: Path, port: int) -> Command:
    """Command of an nginx of its own, under the configuration that mirrors get, without limits."""
    own.mkdir(exist_ok=True)
    unlimited = 10_000_000
    site = Site(
        public,
        "localhost",
        (f"127.0.0.1:{port}",),
        requests=unlimited,
        burst=unlimited,
        connections=10_000,
        log=str(own),
    )
    user = "root" if os.getuid() == 0 else None
    file = own / "nginx.conf"
    file.write_text(whole_configuration(site, Process(own, workers="1", user=user)))
    return ["/usr/sbin/nginx", "-p", own, "-c", file, "-g", "daemon off;"]


def nginx(folder: Path, port: int) -> Serving:
    return pinned(nginx_command(folder / "mirror" / "public", folder / "nginx", port), port)


def built_in(folder: Path, port: int) -> Serving:
    code = (
        "from pathlib import Path; from openprep.hosting.http.serving import Serving, serve; "
        f"serve(Serving(Path({str(folder / 'mirror' / 'public')!r}), '127.0.0.1', {port}))"
    )
    return pinned([sys.executable, "-c", code], port)


class Turning:
    """Turns the tree to another cut again and again, until the block ends."""

    def __init__(self, tree: TreeDirectory, heads: Sequence[Head]) -> None:
        self._tree, self._heads = tree, heads
        self._stop = threading.Event()
        self.turns = 0

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        for cut in cycle(range(len(self._heads))):
            if self._stop.wait(1 / TURNS_A_SECOND):
                return
            self._tree.flip(cut, self._heads[cut])
            self.turns += 1


class Reader(threading.Thread):
    """Takes the pointer, and what it names; counts what does not fit together."""

    def __init__(self, port: int, heads: Sequence[Head]) -> None:
        super().__init__()
        self._base = f"http://127.0.0.1:{port}/"
        self._known = {name: {head[name] for head in heads} for name in heads[0]}
        self.stopping = threading.Event()
        self.checked = 0
        self.mixed: list[str] = []

    def run(self) -> None:
        asyncio.run(self._read())

    async def _read(self) -> None:
        async with aiohttp.ClientSession(self._base) as session:
            while not self.stopping.is_set():
                await self._check(session)
                await asyncio.sleep(0.02)

    async def _check(self, session: aiohttp.ClientSession) -> None:
        for name, known in self._known.items():
            if await self._get(session, name) not in known:
                self.mixed.append(name)
        pointer = msgspec.json.decode(await self._get(session, "current.json"), type=wire.Pointer)
        path = wire.manifest_path(pointer.cut)
        manifest = await self._named(session, path, pointer.manifest.sha256)
        where = msgspec.json.decode(await self._get(session, where_path(pointer.cut)), type=Where)
        for contest in wire.decode(manifest, wire.Manifest).contests:
            at = where.roots[contest.id]
            headers, path = part_of(at.offset, at.size), pack_path(at.pack)
            try:
                packed_object(await self._get(session, path, headers), contest.results)
            except PackError:
                self.mixed.append(path)
        self.checked += 1

    async def _named(self, session: aiohttp.ClientSession, path: str, sha256: str) -> bytes:
        data = await self._get(session, path)
        if hashlib.sha256(data).hexdigest() != sha256:
            self.mixed.append(path)
        return data

    async def _get(
        self, session: aiohttp.ClientSession, path: str, headers: Mapping[str, str] | None = None
    ) -> bytes:
        async with session.get(path, headers=headers) as answer:
            if answer.status != (206 if headers else 200):
                self.mixed.append(f"{answer.status} {path}")
            return await answer.read()


def load(port: int, script: Path, requests: Path, seconds: int = SECONDS) -> dict[str, float]:
    command: list[str | Path] = ["taskset", "-c", str(CLIENT_CORE), "wrk"]
    command += ["-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", script]
    command += [f"http://127.0.0.1:{port}/", "--", requests]
    done = subprocess.run([str(word) for word in command], check=True, capture_output=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def cpu_seconds(process: psutil.Process) -> float:
    family = [process, *process.children()]
    return float(sum(sum(member.cpu_times()[:2]) for member in family))


def one_round(
    serving: Serving, tree: TreeDirectory, heads: Sequence[Head], script: Path, requests: Path
) -> Round:
    with serving as (port, process), Turning(tree, heads) as turning:
        load(port, script, requests, seconds=2)  # until the hot files are in memory
        before = cpu_seconds(process)
        reader = Reader(port, heads)
        reader.start()
        found = load(port, script, requests)
        spent = cpu_seconds(process) - before
        reader.stopping.set()
        reader.join()
    return {
        "cpu_microseconds": spent / found["requests"] * 1e6,
        "per_second": found["requests"] / found["microseconds"] * 1e6,
        "p99_milliseconds": found["p99"] / 1000,
        "errors": found["errors"],
        "cuts_switched": turning.turns,
        "cuts_checked": reader.checked,
        "mixed_cuts": len(reader.mixed),
    }


def summary(rounds: Sequence[Round]) -> dict[str, float]:
    speeds = [measured["per_second"] for measured in rounds]
    return {
        "requests_per_second": round(statistics.median(speeds)),
        "cpu_microseconds_per_request": round(
            statistics.median(measured["cpu_microseconds"] for measured in rounds), 1
        ),
        "p99_milliseconds": round(
            statistics.median(measured["p99_milliseconds"] for measured in rounds), 2
        ),
        **{
            name: sum(measured[name] for measured in rounds)
            for name in ("errors", "cuts_switched", "cuts_checked", "mixed_cuts")
        },
    }


def measure(folder: Path) -> dict[str, object]:
    tree, heads = make_tree(folder)
    script, requests = folder / "mix.lua", folder / "requests"
    script.write_text(LUA)
    write_requests(tree, requests)
    os.sched_setaffinity(0, {CLIENT_CORE})
    servers = {"nginx": (nginx, 18040), "built_in": (built_in, 18041)}
    rounds: dict[str, list[Round]] = {name: [] for name in servers}
    for name in islice(cycle(servers), ROUNDS * len(servers)):
        make, port = servers[name]
        rounds[name].append(one_round(make(folder, port), tree, heads, script, requests))
    pairs = zip(rounds["built_in"], rounds["nginx"], strict=True)
    ratios = [own["per_second"] / theirs["per_second"] for own, theirs in pairs]
    found = {name: summary(some) for name, some in rounds.items()}
    cpu = [found[name]["cpu_microseconds_per_request"] for name in servers]
    return {
        "connections": CONNECTIONS,
        "cores": 1,
        **found,
        "built_in_to_nginx": round(statistics.median(ratios), 2),
        "built_in_to_nginx_by_cpu": round(cpu[0] / cpu[1], 2),
    }


if __name__ == "__main__":
    command(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as name:
        tell("serving", measure(Path(name)))
