"""The desks of a house under a night's load: 3,822 capturistas over HTTP, then a storm beside them.

    uv run python -m benchmarks.desks

A real `openprep capture serve` with 8,100 digitised actas. Each of 3,822 people is given an acta
and its image, hands in its 22 fields a minute later, and is given the next: 64 submits a second,
each with the page that follows and the image ahead, over connections of their own. Everybody is
given a first acta within a minute; then half a minute is measured, half a minute beside 100 wrong
passwords a second, and half a minute without them again. Who asks shares the cores with the house.

Sessions are begun in the house's own file before it starts: 3,822 argon2 take over two minutes. The
images of all actas are twelve, each under many names. Nothing leaves for a centre meanwhile.
"""

import asyncio
import html
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Self
from urllib.parse import urlencode

import aiohttp
import psutil

from benchmarks.filled_house import begin_sessions, enlist, fill_house, make_election
from benchmarks.telling import command, tell
from openprep.desks.web.cookies import SESSION, VISIT, bound_to
from openprep.drill.crowd.browser import SIGN_IN, Browser
from openprep.drill.crowd.crowd import open_house
from openprep.people.authority import PUBLIC_FILE

PEOPLE = 3_822
EVERY = 60.0
"""Seconds from one acta of a person to the next."""

MEASURED = 30.0
STORM = 100
"""Wrong passwords a second."""

PORT = 18040
ORIGIN = f"http://127.0.0.1:{PORT}"

HIDDEN = re.compile(r'name="(ficha|boleto)" value="([^"]*)"')
FIELDS = re.compile(r'<input id="([\w.]+)" name="\1"')
IMAGES = re.compile(r'(?:href|src)="(/imagen/[^"]+)"')


@dataclass
class Took:
    """Seconds of each kind of request in one part of the run, and bytes received."""

    submit: list[float] = field(default_factory=list)
    page: list[float] = field(default_factory=list)
    image: list[float] = field(default_factory=list)
    refused: int = 0
    late: int = 0
    received: int = 0


class Line:
    """One connection of a browser."""

    def __init__(self, cookie: str, took: Took) -> None:
        self._cookie = cookie
        self._took = took

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", PORT)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes, float]:
        """Status, body, and the seconds that it took."""
        said = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{PORT}", f"Cookie: {self._cookie}"]
        if method == "POST":
            said += [f"Origin: {ORIGIN}", "Content-Type: application/x-www-form-urlencoded"]
            said.append(f"Content-Length: {len(body)}")
        began = time.perf_counter()
        self._writer.write("\r\n".join([*said, "", ""]).encode() + body)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        answer = await self._reader.readexactly(int(length[1]) if length else 0)
        self._took.received += len(head) + len(answer)
        return int(head[9:12]), answer, time.perf_counter() - began


@dataclass
class Somebody:
    """A capturista: what is on the screen, and which images the browser has."""

    cookie: str
    page: str = ""
    seen: set[str] = field(default_factory=set)

    async def turn(self, took: Took) -> None:
        """Hand in the acta on the screen, if there is one, and be given the next."""
        async with Line(self.cookie, took) as line:
            if self.page:
                body = urlencode(typed_in(self.page)).encode()
                status, _, seconds = await line.ask("POST", "/captura", body)
                took.submit.append(seconds)
                took.refused += status != 303
            status, answer, seconds = await line.ask("GET", "/captura")
            self.page = answer.decode()
            took.page.append(seconds)
            took.refused += status != 200 or "boleto" not in self.page
            for path in IMAGES.findall(self.page):
                if path not in self.seen:
                    status, _, seconds = await line.ask("GET", path)
                    took.image.append(seconds)
                    took.refused += status != 200
                    self.seen.add(path)


def typed_in(page: str) -> dict[str, str]:
    """Threes in every vote, and amounts that fit, so that there is no hint."""
    names = list(dict.fromkeys(FIELDS.findall(page)))
    votes = [name for name in names if name.startswith("votes.")]
    total = str(3 * len(votes))
    amounts = dict.fromkeys(names, "0") | {
        "people_voted": total,
        "ballots_taken": total,
        "total_written": total,
    }
    figures = {name: "3" if name in votes else amounts[name] for name in names}
    return {name: html.unescape(value) for name, value in HIDDEN.findall(page)} | figures


async def night(people: list[Somebody], parts: dict[str, Took], now: dict[str, str]) -> None:
    """Everybody works, each at their own second of the minute, until cancelled."""
    chance = Random(1)

    async def work(one: Somebody, first: float) -> None:
        due = time.monotonic() + first
        while True:
            await asyncio.sleep(due - time.monotonic())
            took = parts[now["part"]]
            took.late += time.monotonic() - due > 1.0
            with suppress(OSError, asyncio.IncompleteReadError):
                await one.turn(took)
            due += EVERY

    async with asyncio.TaskGroup() as tasks:
        for one in people:
            tasks.create_task(work(one, chance.uniform(0, EVERY)))


async def storm(took: Took) -> None:
    """Wrong passwords under names of people, from machines that nobody knows, until cancelled."""
    asking: set[asyncio.Task[None]] = set()
    chance = Random(2)

    async def guess(number: int) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):  # let go, to make room for others
            await try_one(number)

    async def try_one(number: int) -> None:
        visit = f"{number:048x}"
        async with Line(f"openprep-{VISIT}={visit}", took) as line:
            _, page, _ = await line.ask("GET", "/entrar")
            said = dict(HIDDEN.findall(page.decode()))
            said |= {"nombre": f"p{chance.randrange(PEOPLE)}", "clave": "wrong", "lugar": "CCV1"}
            body = urlencode({**said, "codigo": "000000"}).encode()
            status, _, seconds = await line.ask("POST", "/entrar", body)
            took.submit.append(seconds)
            took.refused += status != 403

    due, number = time.monotonic(), 0
    while True:
        due, number = due + 1 / STORM, number + 1
        await asyncio.sleep(due - time.monotonic())
        task = asyncio.create_task(guess(number))
        asking.add(task)
        task.add_done_callback(asking.discard)


@contextmanager
def serving(folder: Path) -> Iterator[psutil.Process]:
    """The house, as an authority runs it."""
    with (folder / "house.log").open("wb") as words:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "openprep", "capture", "serve"),
                *("--election", str(folder / "election"), "--house", str(folder / "house")),
                *("--places", str(folder / "places"), "--roster", str(folder / "house.people")),
                *("--authority", str(folder / "authority" / PUBLIC_FILE), "--port", str(PORT)),
            ],
            stdout=words,
            stderr=words,
        )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


async def opened(tokens: list[str]) -> list[str]:
    """The cookies of everybody once the house answers; two coordinadores, the last, open it.

    For the house all are one browser: what a session is bound to is asked for once.
    """
    visit = f"{0:048x}"
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        while True:
            try:
                page = await Browser(ORIGIN, session, {f"openprep-{VISIT}": visit}).get(SIGN_IN)
            except aiohttp.ClientError:
                await asyncio.sleep(0.2)
            else:
                break
        form = page.form(SIGN_IN)
        assert form is not None
        kept = [bound_to(form.fields["ficha"], token) for token in tokens]
        pairs = [{f"openprep-{SESSION}": one, f"openprep-{VISIT}": visit} for one in kept]
        await open_house([Browser(ORIGIN, session, each) for each in pairs[PEOPLE:]])
    return ["; ".join(f"{name}={value}" for name, value in each.items()) for each in pairs]


async def run(tokens: list[str], house: psutil.Process) -> dict[str, object]:
    """The parts of the run, one after the other."""
    people = [Somebody(cookie) for cookie in (await opened(tokens))[:PEOPLE]]
    parts = {name: Took() for name in ("first", "quiet", "storm", "quiet_again")}
    now = {"part": "first"}
    found: dict[str, object] = {}
    guesses = Took()
    working = asyncio.create_task(night(people, parts, now))
    await asyncio.sleep(EVERY)
    for part in ("quiet", "storm", "quiet_again"):
        now["part"] = part
        storming = asyncio.create_task(storm(guesses)) if part == "storm" else None
        before = cpu_of(house)
        await asyncio.sleep(MEASURED)
        cores = {who: round((cpu_of(house)[who] - before[who]) / MEASURED, 2) for who in before}
        if storming is not None:
            storming.cancel()
        found[part] = {**told(parts[part]), "cores": cores}
    working.cancel()
    found["guesses"] = {"answered": len(guesses.submit), **told(guesses)}
    return found


def cpu_of(house: psutil.Process) -> dict[str, float]:
    """Seconds of CPU of the house and of those who ask."""
    own = psutil.Process()
    return {
        name: sum(process.cpu_times()[:2]) for name, process in (("house", house), ("askers", own))
    }


def told(took: Took) -> dict[str, object]:
    """What one part took."""
    kinds = {"submit": took.submit, "page": took.page, "image": took.image}
    return {
        **{
            f"{name}_p{part}_ms": round(sorted(some)[len(some) * part // 100] * 1000, 1)
            for name, some in kinds.items()
            if some
            for part in (50, 95)
        },
        "submits_per_s": round(len(took.submit) / MEASURED, 1),
        "mbit_per_s": round(took.received * 8 / 1e6 / MEASURED, 1),
        "refused": took.refused,
        "late": took.late,
    }


def measure(folder: Path) -> dict[str, object]:
    election = make_election(folder / "election")
    fill_house(folder, election)
    listed = enlist(folder, election, PEOPLE)
    tokens = asyncio.run(begin_sessions(folder, election, listed))
    assert len(tokens) == len(listed)
    with serving(folder) as house:
        found = asyncio.run(run(tokens, house))
    return {"people": PEOPLE, **found}


if __name__ == "__main__":
    command(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as name:
        tell("desks", measure(Path(name)))
