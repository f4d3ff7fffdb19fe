"""A presidential election of about 170,000 actas counted again in the reader's own browser.

The tree is published by the real centre in as many cuts as given (20), actas in random order, so
that sections are spread over packs as on a night. Served by an nginx of its own under the generated
configuration, counted by the built page in Chromium. Told: seconds from the button to the answer,
CPU of the processes that run the page, bytes read, how far their memory grew meanwhile, and how
busy the machine was before.

``python -m benchmarks.browser_recount 1 20`` measures with one live cut and with twenty.
"""

import asyncio
import json
import os
import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from shutil import which
from urllib.request import urlopen

import psutil
from aiohttp import ClientSession, ClientWebSocketResponse
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from benchmarks.serving import nginx_command, running
from benchmarks.telling import command, tell
from openprep.cuts.cutter import CutOrder, Cutter
from openprep.drill.nights.shipped import shipped_election
from openprep.election import Acta, Election, ExpectedActa
from openprep.election.cut import CutKind
from openprep.election.declared.folder import load_election
from openprep.hosting import TreeDirectory
from openprep.pages.kit import Kit
from openprep.record.state import Version
from openprep.wire.note import Signer

CONTEST = "PRES"
CUTS = (20,)
CHROMIUM = next(filter(None, map(which, ("chromium", "chromium-headless-shell"))), "chromium")
PORT = 18042


def publish(folder: Path, cuts: int) -> tuple[TreeDirectory, int]:
    """The whole election in ``cuts`` live cuts; how many actas it has."""
    declared = load_election(shipped_election("federal-2024"))
    election = replace(
        declared,
        contests={CONTEST: declared.contests[CONTEST]},
        catalogues={CONTEST: declared.catalogues[CONTEST]},
    )
    signer = Signer(f"{election.id}/center", Ed25519PrivateKey.generate())
    tree = TreeDirectory(folder)
    cutter = Cutter(election, tree, signer, Kit.load())
    versions = versions_of(election)
    size, previous, position = -(-len(versions) // cuts), None, 0
    for number in range(cuts + 1):
        new = versions[position : position + size] if number else []
        cutter.learn(new)
        position += len(new)
        kind = CutKind.LIVE if number else CutKind.ZERO
        at = election.window.opens + timedelta(minutes=number)
        made = cutter.make(CutOrder(number, kind, at, position, previous))
        cutter.activate(made)
        previous = made.event.manifest_sha256
    return tree, len(versions)


def versions_of(election: Election) -> list[Version]:
    chance = random.Random(2024)
    width = len(election.contests[CONTEST].columns)
    catalogue = list(election.catalogues[CONTEST])
    chance.shuffle(catalogue)
    at = election.window.opens
    return [
        Version(
            position, at + timedelta(seconds=position / 10), "D01", acta_of(expected, width, chance)
        )
        for position, expected in enumerate(catalogue, 1)
    ]


def acta_of(expected: ExpectedActa, width: int, chance: random.Random) -> Acta:
    votes = tuple(chance.randrange(40) for _ in range(width))
    total = sum(votes)
    digest = f"{chance.getrandbits(256):064x}"
    return Acta(CONTEST, expected.id, votes, 300, total, 4, total, total, image_sha256=digest)


@contextmanager
def chromium() -> Iterator[tuple[psutil.Process, str]]:
    """A browser, and the address at which its first page is spoken to.

    Not through Playwright, which would have the page keep a copy of every body that it fetched.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
        command = [CHROMIUM, *options, f"--user-data-dir={profile}", "about:blank"]
        running = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        port = Path(profile, "DevToolsActivePort")
        while not (port.exists() and port.read_text()):
            time.sleep(0.05)
        listing = f"http://127.0.0.1:{port.read_text().split()[0]}/json/list"
        pages = [target for target in json.load(urlopen(listing)) if target["type"] == "page"]
        try:
            yield psutil.Process(running.pid), pages[0]["webSocketDebuggerUrl"]
        finally:
            # The command may be a script that started the browser, and ends without it.
            browser = psutil.Process(running.pid)
            for process in (*browser.children(recursive=True), browser):
                with suppress(psutil.NoSuchProcess):
                    process.terminate()
            running.wait()


class Tab:
    """A page that evaluates; nothing else of it is watched."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._asked = 0

    async def evaluate(self, expression: str) -> object:
        """What the page says of an expression."""
        self._asked += 1
        params = {"expression": expression, "returnByValue": True}
        await self._socket.send_json(
            {"id": self._asked, "method": "Runtime.evaluate", "params": params}
        )
        while (answer := await self._socket.receive_json()).get("id") != self._asked:
            pass
        # While the page changes there is nobody to answer.
        return answer.get("result", {}).get("result", {}).get("value")

    async def until(self, expression: str, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Wait for an expression to hold."""
        while not await self.evaluate(expression):
            meanwhile()
            await asyncio.sleep(0.05)


def renderers(browser: psutil.Process) -> list[psutil.Process]:
    """Processes that run pages."""
    children = browser.children(recursive=True)
    return [process for process in children if "--type=renderer" in " ".join(process.cmdline())]


def memory(browser: psutil.Process) -> int:
    """Bytes of memory that are no file's; the kernel tells them without stopping a process."""
    infos = [process.memory_info() for process in renderers(browser)]
    return sum(info.rss - info.shared for info in infos)


def cpu(browser: psutil.Process) -> float:
    times = [process.cpu_times() for process in renderers(browser)]
    return float(sum(spent.user + spent.system for spent in times))


SECTION = "document.querySelector('[data-check=recount]')"


async def count_again(url: str) -> dict[str, object]:
    with chromium() as (browser, address):
        async with ClientSession() as session, session.ws_connect(address) as socket:
            tab = Tab(socket)
            await tab.evaluate(f"location.href = '{url}#/comprobar/{CONTEST}'")
            await tab.until(f"{SECTION} !== null")
            await tab.until("navigator.serviceWorker.controller !== null")
            before, busy, began = memory(browser), cpu(browser), time.perf_counter()
            most = [before]
            await tab.evaluate(f"{SECTION}.querySelector('button').click()")
            settled = f"['good', 'bad'].includes({SECTION}.dataset.verdict)"
            await tab.until(settled, lambda: most.append(memory(browser)))
            seconds = time.perf_counter() - began
            said = str(await tab.evaluate(f"{SECTION}.querySelector('.outcome').innerText"))
            assert await tab.evaluate(f"{SECTION}.dataset.verdict") == "good", said
            return {
                "seconds": round(seconds, 1),
                "page_cpu_seconds": round(cpu(browser) - busy, 1),
                "grown_mb": round((max(most) - before) / 2**20),
                "said": " ".join(said.split()),
            }


def measure(cuts: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        public = Path(folder, "public")
        tree, actas = publish(public, cuts)
        busy = os.getloadavg()[0]
        with running(nginx_command(tree.root, Path(folder, "nginx"), PORT), PORT):
            found = asyncio.run(count_again(f"http://127.0.0.1:{PORT}/"))
    return {"actas": actas, "cuts": cuts, "load_when_asked": round(busy, 1), **found}


if __name__ == "__main__":
    parser = command(__doc__)
    parser.add_argument("cuts", nargs="*", type=int, default=CUTS, help="live cuts of a tree (20)")
    for cuts in parser.parse_args().cuts:
        tell("browser_recount", measure(cuts))
