"""A small network: a real centre's tree, copies of it at publishers, and the trust over both."""

import asyncio
import random
import shutil
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from openprep.ceremony.enrolment import Changes, Founding, found
from openprep.cuts.cutter import Cutter
from openprep.hosting import TreeDirectory
from openprep.hosting.http.application import serve_tree
from openprep.mirror.trust.root import TrustRoot
from openprep.record.state import Version
from openprep.watch.machine import Limits
from openprep.watch.process import Plan, Watching
from openprep.watch.report import NetworkReport, SiteReport
from openprep.watch.sample import Sampling
from openprep.watch.visit import Visitor
from openprep.wire.log.checkpoint import Checkpoint, add_cosignature, cosign_checkpoint
from openprep.wire.note import Cosigner, Signer, split_note
from openprep.wire.trust import LogKey, TrustData
from small.center import SmallCenter
from small.election import OPENS
from small.trust import RETAINED, SmallTrust, cosigner_text, new_key, request

EVERYTHING = Sampling(files=1000, most_bytes=1 << 30)
"""So that one look finds any file that was altered."""


class NetworkTrust(SmallTrust):
    """A trust root whose log is the centre's."""

    def __init__(self, folder: Path, signer: Signer, **options: Any) -> None:
        self._signer = signer
        super().__init__(folder, **options)

    def found(self) -> TrustData:
        keys = [LogKey(str(self._signer.verifier))]
        return found(self.election, Founding(keys, 2, RETAINED))


class Host:
    """A tree served over real HTTP, which may misbehave.

    ``instead`` has, by path, bytes to serve in place of the file, ``None`` for a 404, or a handler.
    """

    def __init__(self, folder: Path, trust_folder: Path, clock: Callable[[], datetime]) -> None:
        self.folder = folder
        self.instead: dict[str, Any] = {}
        self.before: Any = None
        self.clock = clock
        self.clock_ahead = timedelta(0)
        self.asked: list[str] = []
        self._trust_folder = trust_folder
        self.server: Any = None

    @property
    def address(self) -> str:
        return str(self.server.make_url("/")).rstrip("/")

    def application(self) -> web.Application:
        app = web.Application(middlewares=[self._meddle])
        app.router.add_get("/trust/{name}", self._trust)
        app.router.add_get("/{path:.*}", serve_tree(TreeDirectory(self.folder)))
        app.on_response_prepare.append(self._date)
        return app

    @web.middleware
    async def _meddle(self, request: web.Request, handler: Any) -> Any:
        path = request.path.removeprefix("/")
        self.asked.append(path)
        if self.before is not None:
            await self.before(request)
        if path not in self.instead:
            return await handler(request)
        given = self.instead[path]
        if given is None:
            raise web.HTTPNotFound
        return web.Response(body=given) if isinstance(given, bytes) else await given(request)

    async def _trust(self, asked: web.Request) -> web.FileResponse:
        return web.FileResponse(self._trust_folder / asked.match_info["name"])

    async def _date(self, asked: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_datetime(self.clock() + self.clock_ahead, usegmt=True)

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()


class Publisher(Host):
    """A host with a key of its own, whose tree is a copy of the centre's."""

    def __init__(self, identity: str, *host: Any) -> None:
        super().__init__(*host)
        self.id = identity
        self.cosigner = Cosigner(f"{identity}.example/witness", new_key())

    def request(self) -> Any:
        key = cosigner_text(self.cosigner.name, self.cosigner.private)
        return request(self.id, addresses=(self.address,), cosigner=key)

    def copy(self, tree: TreeDirectory) -> None:
        """Take the centre's cut and cosign it."""
        shutil.rmtree(self.folder)
        shutil.copytree(tree.root, self.folder, symlinks=True)
        self.cosign()

    def cosign(self) -> None:
        path = self.folder / "checkpoint"
        note = path.read_bytes()
        checkpoint = Checkpoint.parse(split_note(note)[0])
        line = cosign_checkpoint(checkpoint, self.cosigner, int(self.clock().timestamp()))
        path.resolve().write_bytes(add_cosignature(note, line, [self.cosigner.verifier]))


class Network:
    """Three publishers of one centre, and what a watch over them says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = OPENS - timedelta(hours=1)
        self.center = SmallCenter(folder / "center", name="center")
        self.trust = NetworkTrust(folder / "trust", self.center.signer)
        self.host = Host(folder / "center", self.trust.folder, self.clock)
        self.publishers = [
            Publisher(name, folder / name, self.trust.folder, self.clock)
            for name in ("tec", "unam", "uv")
        ]
        self.tec, self.unam, self.uv = self.publishers
        self.root = TrustRoot(folder / "joined")
        self.watching: Any = None

    def clock(self) -> datetime:
        return self.now

    async def start(self, stack: AsyncExitStack) -> None:
        for host in (self.host, *self.publishers):
            host.server = await stack.enter_async_context(TestServer(host.application()))
        self.trust.version(Changes(requests=[publisher.request() for publisher in self.publishers]))
        self.root.join(self.trust.root_bytes, self.trust.fingerprint, drill=False)
        self.trust.refresh(self.now)
        self.root.refresh(self.trust.fetch, self.now)
        self.visitor = await stack.enter_async_context(Visitor())
        self.restart()

    def plan(self, **changes: Any) -> Plan:
        values: dict[str, Any] = {
            "trust": self.root,
            "folder": self.folder / "watch",
            "center": self.host.address,
            "clock": self.clock,
            "sampling": EVERYTHING,
            "limits": Limits(trust=timedelta(days=300)),
            "chance": random.Random(20240602),
        }
        return Plan(**{**values, **changes})

    def restart(self, **changes: Any) -> None:
        """The watch's process started again on the same disk."""
        self.watching = Watching(self.plan(**changes), self.visitor)

    def cut(self, *takers: Publisher) -> None:
        """The centre's next cut, at its time; ``takers`` have it, all publishers by default."""
        self.center.next_cut()
        self.now = OPENS + timedelta(minutes=20 * self.center.cut, seconds=2)
        for publisher in takers or self.publishers:
            publisher.copy(self.center.tree)

    async def look(self, after: timedelta = timedelta(0)) -> Any:
        self.now += after
        return await self.watching.once()

    async def codes(self, after: timedelta = timedelta(0)) -> dict[str, set[str]]:
        return codes(await self.look(after))


def codes(report: NetworkReport) -> dict[str, set[str]]:
    """Codes by who is meant, ``network`` for all; only those who have one."""
    found = {"network": {alarm.code for alarm in report.alarms}}
    for site in report.sites:
        found.setdefault(site.publisher, set()).update(alarm.code for alarm in site.alarms)
    return {who: which for who, which in found.items() if which}


def only(publisher: Publisher, *expected: Any) -> dict[str, set[str]]:
    """What :func:`codes` gives where nobody else has any."""
    return {publisher.id: {code.code for code in expected}}


def site_of(report: NetworkReport, identity: str) -> SiteReport:
    return next(site for site in report.sites if site.publisher == identity)


@asynccontextmanager
async def small_network(folder: Path) -> AsyncIterator[Network]:
    async with AsyncExitStack() as stack:
        network = Network(folder)
        await network.start(stack)
        yield network


async def never(asked: web.Request) -> None:
    """A handler that does not answer while the test runs."""
    await asyncio.Event().wait()


def impostor(network: Network, cuts: int, versions: Iterable[Version] | None = None) -> SmallCenter:
    """Another history under the log's own key: who stole it, or a centre that lies to some."""
    other = SmallCenter(network.folder / f"impostor-{cuts}", name="center")
    other.signer = network.center.signer
    other.cutter = Cutter(other.election, other.tree, other.signer)
    for number in range(cuts + 1):
        other.next_cut(versions if number == cuts else None)
    return other
