"""The distribution service's process: beside the centre's own, so that publishers never slow it.

It reads the tree that the centre writes, notices every turn of it, and answers publishers. It keeps
nothing that would be missed: killed at any instruction, it starts again.
"""

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.center.listening import Listeners
from openprep.center.refusal_counts import SERVICE, keeping
from openprep.center.start import check_log, check_origin
from openprep.ceremony.codes import CeremonyRefused
from openprep.ceremony.folder import Lifetimes, refresh
from openprep.ceremony.keys import load_online_key
from openprep.ceremony.standing import StandingTrust
from openprep.clock import Clock, system_clock
from openprep.coded import Text, said
from openprep.cuts.signing_key import KEY_FILE, load_signer, signer_name
from openprep.distribution.deltas import Packages
from openprep.distribution.requests_ahead import FILE as AHEAD_FILE
from openprep.distribution.requests_ahead import Ahead
from openprep.distribution.service import Distribution, Terms
from openprep.distribution.witnesses import Witnessing
from openprep.hosting import TreeDirectory
from openprep.hosting.http.application import serve_tree
from openprep.wire.cut.manifest import Pointer
from openprep.wire.cut.ref import image_path
from openprep.wire.distribution.codes import DistributionCode
from openprep.wire.distribution.requests import Admission
from openprep.wire.log.tiles import CHECKPOINT_PATH
from openprep.wire.trust import FOLDER as TRUST

log = logging.getLogger("openprep.distribution")

LOOK = 0.02
"""Seconds between two looks at the tree's pointer, a small file that is in memory."""

REFRESH = 3600.0
"""Seconds between two refreshes of the trust root's timestamp."""


@dataclass(frozen=True)
class ServicePlan:
    """What the service is started with. ``authorities`` are the names publishers call it by."""

    data: Path
    clock: Clock
    host: str
    port: int
    authorities: tuple[str, ...]
    online_key: Path | None = None
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    terms: Terms | None = None
    fronts: tuple[str, ...] = ()


class Service:
    """One distribution service over the centre's tree."""

    def __init__(self, plan: ServicePlan) -> None:
        """Read the trust that stands.

        Raises:
            CeremonyRefused: there is none, or the online key cannot be used.
        """
        self._plan = plan
        self._tree = TreeDirectory(plan.data / "public")
        self.trust = StandingTrust(self._tree.path(TRUST), plan.clock)
        self._online = load_online_key(plan.online_key) if plan.online_key else None
        self._witnessing = Witnessing(self._tree, self.trust, plan.clock)
        packages = Packages(self._tree, plan.data / "packages", time.monotonic)
        # Requests are fresh by the machine's clock, also where a night is replayed by another.
        ahead = Ahead(plan.data / AHEAD_FILE, system_clock())
        admission = Admission(self.trust.find, plan.authorities, system_clock(), ahead)
        self.distribution = Distribution(
            self._tree,
            admission,
            self.trust.find,
            packages,
            self._witnessing.take,
            system_clock,
            time.monotonic,
            plan.terms,
        )

    def application(self) -> web.Application:
        """The service, and beside it what anybody may read: trust, checkpoint, images."""
        app = self.distribution.application()
        public = serve_tree(self._tree)
        for path in (CHECKPOINT_PATH, f"{TRUST}/[^/]+", image_path("[^/]+")):
            app.router.add_get(f"/{{path:{path}}}", public)
        return app

    async def watch(self) -> None:
        """Announce every turn of the tree, until cancelled."""
        shown: Pointer | None = None
        while True:
            with _going_on(said("the tree cannot be read")):
                pointer = self._tree.pointer()
                if pointer is not None and pointer != shown:
                    self._witnessing.cut_shown(pointer.cut)
                    shown = pointer
                    self.distribution.news.announce()
            await asyncio.sleep(LOOK)

    async def keep_fresh(self) -> None:
        """Sign the timestamp anew every hour, where the online key is here."""
        while self._online is not None:
            with _going_on(said("the trust root was not refreshed")):
                await asyncio.to_thread(self._refresh, self._online)
            await asyncio.sleep(REFRESH)

    def _refresh(self, online: Ed25519PrivateKey) -> None:
        refresh(self.trust.folder, online, self._plan.clock(), self._plan.lifetimes)


@contextmanager
def _going_on(what: Text) -> Iterator[None]:
    """Say what went wrong and go on: publishers are served by what there is."""
    try:
        yield
    except CeremonyRefused as refused:
        log.error("%s: %s", what, refused)
    except (OSError, ValueError) as trouble:  # what is malformed is a ValueError
        told = DistributionCode.NOT_GONE_ON.of("{what}: {trouble}", what=what, trouble=trouble)
        log.error("%s", told)


async def run_service(plan: ServicePlan) -> None:
    """Serve publishers until cancelled.

    Raises:
        CeremonyRefused: there is no trust to serve by, or the online key cannot be used.
        StartRefused: the address cannot be had, or the trust root is not of this centre's log.
    """
    await _next_second()
    service = Service(plan)
    check_log_of_service(plan, service.trust)
    refusals = service.distribution.refusals
    async with (
        Listeners(1, plan.fronts) as listeners,
        keeping(refusals, plan.data / SERVICE, plan.clock),
    ):
        await listeners.serve(service.application(), plan.host, plan.port)
        for line in _started(plan, service.trust):
            log.info("%s", line)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(service.watch())
            tasks.create_task(service.keep_fresh())


async def _next_second() -> None:
    """Signatures have whole seconds: a service before this one admitted none of the next."""
    await asyncio.sleep(1 - time.time() % 1)


def check_log_of_service(plan: ServicePlan, trust: StandingTrust) -> None:
    """See that publishers will believe what the centre beside signs; its key, where it is here.

    Raises:
        StartRefused: LOG_NOT_OF_TRUST.
        KeyUnusable: the key is here and cannot be used.
    """
    data, key = trust.data, plan.data / KEY_FILE
    check_origin(data, signer_name(data.election))
    if key.exists():
        shown = TreeDirectory(plan.data / "public").pointer()
        check_log(load_signer(key, data.election), data, shown.cut + 1 if shown else 0)


def _started(plan: ServicePlan, trust: StandingTrust) -> Iterator[str]:
    """What an operator wants to see once."""
    data = trust.data
    yield f"{'DRILL' if data.drill else 'election'} {data.election}, log {data.log.origin}"
    yield f"publishers ask at http://{plan.host}:{plan.port}, as {', '.join(plan.authorities)}"
    names = ", ".join(publisher.id for publisher in data.publishers_at(plan.clock()))
    yield f"trust root version {trust.version}, publishers enrolled: {names or 'none'}"
    online = "every hour" if plan.online_key else "not by this process: it has no --online-key"
    yield f"the trust root's timestamp is signed anew {online}"
