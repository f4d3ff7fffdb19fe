"""A centre under attack: how long an honest station waits, and how long until a cut shows it.

    uv run python -m benchmarks.doors

A real centre with 1,024 files. A courier delivers envelopes of one acta, each over a connection of
its own, while strangers on the same machine (and so from the same address, the worst case) attack
the inbox or the tree as the review did. The same without strangers, first and last, is what each
attack is told against. The strangers share these cores with the centre.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import aiohttp
from msgspec import json as wire

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from benchmarks.attackers import attacked
from benchmarks.telling import command, tell
from hostile.center import INBOX, TREE, real_center
from openprep.record.facts import ActaCorrected, ActaReported
from small.election import acta
from transmission.small_center import sealed

ENVELOPES = 40
ACTAS = 7
EVERY = 0.2
"""Seconds from one envelope to the next."""
BEGUN = 2.0
"""Seconds that strangers attack before the first envelope."""


Strangers = tuple[Any, ...] | None
"""What :func:`attacked` takes after the port, if anybody attacks."""


def envelope(number: int) -> bytes:
    """The seven actas, then corrections of them."""
    told = acta(number % ACTAS, votes=(number,) * 11) if number >= ACTAS else acta(number)
    fact = ActaReported(told) if number < ACTAS else ActaCorrected(told, "cotejo")
    return sealed(number + 1, fact)


async def deliver(inbox: int, body: bytes) -> tuple[float, int]:
    """Seconds until the receipt, however often it takes; and how often."""
    began, tries = time.perf_counter(), 0
    while True:
        tries += 1
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
                answer = await session.post(f"http://127.0.0.1:{inbox}/inbox", data=body)
                if answer.status == 200:
                    return time.perf_counter() - began, tries
        except (aiohttp.ClientError, TimeoutError):
            pass
        await asyncio.sleep(0.1)


async def position(tree: int) -> int:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        pointer = await session.get(f"http://127.0.0.1:{tree}/current.json")
        if pointer.status != 200:
            return -1
        cut = wire.decode(await pointer.read())["cut"]
        manifest = await session.get(f"http://127.0.0.1:{tree}/cuts/{cut}.json")
        return int(wire.decode(await manifest.read())["leaf"])


async def seen_after(tree: int, leaf: int) -> tuple[float, int]:
    """Seconds until a cut shows more than ``leaf`` leaves."""
    began = time.perf_counter()
    while True:
        try:
            if (now := await position(tree)) > leaf:
                return time.perf_counter() - began, now
        except (aiohttp.ClientError, TimeoutError, ValueError):
            pass
        await asyncio.sleep(0.02)


async def night(inbox: int, tree: int, envelopes: int) -> dict[str, float]:
    received: list[float] = []
    shown: list[float] = []
    tries, leaf = 0, -1
    await asyncio.sleep(BEGUN)
    for number in range(envelopes):
        seconds, tried = await deliver(inbox, envelope(number))
        received.append(seconds)
        tries += tried - 1
        seconds, leaf = await seen_after(tree, leaf)
        shown.append(seconds)
        await asyncio.sleep(EVERY)
    return {
        "receipt_p50_ms": _ms(statistics.median(received)),
        "receipt_p95_ms": _ms(_p95(received)),
        "shown_p95_ms": _ms(_p95(shown)),
        "tried_again": tries,
    }


def _p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def under(
    folder: Path, envelopes: int, at_inbox: Strangers = None, at_tree: Strangers = None
) -> dict[str, float]:
    """One night while strangers attack the inbox, the tree, or nothing."""
    with real_center(folder) as (inbox, tree), ExitStack() as strangers:
        for port, attack in ((inbox, at_inbox), (tree, at_tree)):
            if attack is not None:
                strangers.enter_context(attacked(port, *attack))
        return asyncio.run(night(inbox, tree, envelopes))


def measure(envelopes: int) -> dict[str, object]:
    nights: dict[str, dict[str, Strangers]] = {
        "nobody": {},
        **{f"inbox: {name}": {"at_inbox": attack} for name, attack in INBOX.items()},
        **{f"tree: {name}": {"at_tree": attack} for name, attack in TREE.items()},
        "nobody again": {},
    }
    with tempfile.TemporaryDirectory() as folder:
        found = {
            name: under(Path(folder) / str(number), envelopes, **attack)
            for number, (name, attack) in enumerate(nights.items())
        }
    quiet = statistics.mean(found[name]["receipt_p95_ms"] for name in ("nobody", "nobody again"))
    for measured in found.values():
        measured["ratio"] = round(measured["receipt_p95_ms"] / quiet, 1)
    worst = max(measured["ratio"] for measured in found.values())
    return {"worst_ratio_of_p95": worst, "by_attack": found}


if __name__ == "__main__":
    parser = command(__doc__)
    parser.add_argument(
        "envelopes", nargs="?", type=int, default=ENVELOPES, help=f"of each night ({ENVELOPES})"
    )
    tell("doors", measure(parser.parse_args().envelopes))
