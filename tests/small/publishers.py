"""A small network in one event loop: centre, ceremony, distribution service, enrolled mirrors.

Everything is the real part, over loopback HTTP; only the centre's cuts are made when a test says.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from openprep.ceremony.enrolment import Changes
from openprep.ceremony.folder import load_standing
from openprep.distribution.process import Service, ServicePlan
from openprep.mirror.process import publisher as publisher_module
from openprep.mirror.process.publisher import PublisherMirror, PublisherPlan
from openprep.mirror.process.status import Status
from openprep.mirror.trust.membership import Member, Membership
from openprep.wire.cut import manifest as wire
from openprep.wire.note import Signer, split_note, verify_line
from openprep.wire.trust import LogKey, TrustData
from small.center import SmallCenter
from small.election import OPENS
from small.trust import NOW, SmallTrust, new_key

EVENING = OPENS + timedelta(hours=1)
PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def until(true: Callable[[], object], what: str = "it") -> None:
    """Wait until ``true()``; a test that waits in vain fails."""
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.01)


@dataclass
class Mirror:
    """An enrolled publisher's folder, and its process while it runs."""

    id: str
    folder: Path
    port: int
    now: list
    process: PublisherMirror | None = None
    task: asyncio.Task | None = None

    @property
    def membership(self) -> Membership:
        return Membership(self.folder)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def status(self) -> Status:
        return self.process.status

    def read(self, name: str) -> bytes | None:
        try:
            return (self.folder / "public" / name).read_bytes()
        except FileNotFoundError:
            return None

    @property
    def cut(self) -> int | None:
        """The cut that a reader sees."""
        data = self.read("current.json")
        return None if data is None else wire.decode(data, wire.Pointer).cut

    def start(self, serving: bool = False, **options: Any) -> "Mirror":
        port = self.port if serving else None
        plan = PublisherPlan(self.folder, lambda: self.now[0], "127.0.0.1", port, **options)
        self.process = PublisherMirror(plan)
        self.task = asyncio.create_task(self.process.run())
        return self

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.task
            self.task = None

    async def shows(self, cut: int) -> None:
        def shown() -> bool:
            if self.task.done():
                self.task.result()
            return self.cut == cut

        await until(shown)


@dataclass
class Network:
    """``port`` is where the distribution service listens while it is up."""

    folder: Path
    center: SmallCenter
    trust: SmallTrust
    port: int
    now: list
    mirrors: dict = field(default_factory=dict)
    genuine: dict = field(default_factory=dict)
    service: Service | None = None
    runner: web.AppRunner | None = None
    watching: asyncio.Task | None = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def open(self, *other_names: str) -> None:
        """Start the distribution service, as `openprep center serve` does."""
        names = (f"127.0.0.1:{self.port}", *other_names)
        plan = ServicePlan(self.folder, lambda: self.now[0], "127.0.0.1", self.port, names)
        self.service = Service(plan)
        self.runner = web.AppRunner(
            self.service.application(), access_log=None, shutdown_timeout=0.1
        )
        await self.runner.setup()
        await web.TCPSite(self.runner, plan.host, plan.port).start()
        self.watching = asyncio.create_task(self.service.watch())

    async def close(self) -> None:
        """The centre goes dark."""
        if self.runner is not None:
            self.watching.cancel()
            await self.runner.cleanup()
            self.runner = None

    def change(self, **changes: Any) -> None:
        """Hold a ceremony this evening."""
        self.trust.version(Changes(**changes), now=self.now[0])

    def trust_data(self) -> TrustData:
        """What the trust root vouches for at present."""
        return load_standing(self.trust.folder).data

    def rotate(self, last_cut: int) -> Signer:
        """End the log's key at a cut; another signs from the next one on."""
        old, new = self.center.signer, Signer(self.center.signer.name, new_key())
        key = LogKey(str(new.verifier), from_cut=last_cut + 1)
        self.change(log_keys=[key], ended_log_keys={str(old.verifier): last_cut})
        self.center.restart(signer=new)
        return old

    def cosigners(self, note: bytes) -> set[str]:
        """Publishers whose cosignatures a checkpoint carries."""
        text, lines = split_note(note)
        found = set()
        for name, mirror in self.mirrors.items():
            verifier = mirror.membership.cosigner.verifier
            for line in lines:
                with suppress(ValueError):
                    verify_line(text, line, [verifier])
                    found.add(name)
        return found


@asynccontextmanager
async def small_network(
    folder: Path, names: Sequence[str] = ("tec", "unam"), **election: Any
) -> AsyncIterator[Network]:
    """A network whose publishers are enrolled and have joined; nothing of it runs but the service.

    Requests are signed by the machine's clock; all else is of the election's evening.
    """
    center = SmallCenter(folder / "center" / "public", name="log", **election)
    trust = SmallTrust(center.tree.path("trust"), election=center.election)
    center.signer = trust.log
    center.cutter = center.new_cutter()
    now = [EVENING]
    network = Network(folder / "center", center, trust, free_port(), now)
    requests = []
    for name in names:
        mirror = Mirror(name, folder / name, free_port(), now)
        own = center.election
        member = Member(own.id, own.drill, name, name.upper(), (mirror.base,))
        requests.append(mirror.membership.init(member, NOW))
        network.mirrors[name] = mirror
    trust.version(Changes(requests=requests))
    trust.refresh(EVENING)
    for mirror in network.mirrors.values():
        mirror.membership.join(network.base, trust.root_bytes, trust.fingerprint)
    await network.open()
    try:
        yield network
    finally:
        for mirror in network.mirrors.values():
            await mirror.stop()
        await network.close()


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses of a mirror that a test need not sit through."""
    for name in ("TRUST_SOONEST", "COSIGNATURES_EVERY", "HAND_OVER_AGAIN"):
        monkeypatch.setattr(publisher_module, name, 0.05)
