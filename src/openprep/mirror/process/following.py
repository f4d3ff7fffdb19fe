"""The publisher's process: follow and serve, say plainly what goes wrong, and never stop.

It follows the centre. Where the centre does not answer, or has nothing new for long, it takes what
is missing from any other publisher: what is verified need not come from anybody in particular.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from time import monotonic
from typing import TypeVar

from aiohttp import web

from openprep.clock import Clock
from openprep.doors.door import Door, Limits
from openprep.doors.files import allow_files, connections_within
from openprep.doors.noise import Turns
from openprep.hosting.http.application import serve_tree
from openprep.hosting.rules import NOT_KEPT, RETRY_SECONDS
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.follow.follower import Follower
from openprep.mirror.process.status import Status
from openprep.mirror.sources.source import Source, TreeSource
from openprep.wire.cut.manifest import Manifest

log = logging.getLogger("openprep.mirror")

SLOWEST_POLL = 30.0
"""Seconds between two looks at a centre that keeps failing."""

PEERS_AFTER = 2
"""Looks at the centre that fail in a row before other publishers are asked."""

PEERS_AT_ONCE = 3

PEER_SECONDS = 60.0
"""What one peer may take before the centre is looked at again."""

QUIET = 60.0
"""Seconds without a new cut after which another publisher is asked, though the centre answers: it,
or who stands between, may be keeping this mirror alone at an old cut."""

FILL_FIRST = 15.0
"""Seconds until gaps in the past that nobody could fill are tried again; it doubles each time: from
the centre it is a full package that is fetched for them."""

SAID_AGAIN = 300.0
"""Seconds after which the log tells again of a refusal that lasts: few read it from its start."""

_NOT_YET = {"Cache-Control": NOT_KEPT, "Retry-After": str(RETRY_SECONDS)}

SILENT = frozenset({MirrorCode.UNREACHABLE, MirrorCode.NOT_FOUND})
"""Failures that say nothing about what is published: somebody else may have it."""

Result = TypeVar("Result")
AfterShowing = Callable[[Manifest], Awaitable[None]]


@dataclass
class Following:
    """One mirror that follows ``source``, and where that is silent, its ``peers``."""

    follower: Follower
    source: TreeSource
    status: Status
    status_path: Path
    clock: Clock
    poll: float
    peers: Callable[[], Sequence[str]] = tuple
    after_showing: AfterShowing | None = None
    on_refusal: Callable[[Refused], None] | None = None
    random: Random | None = None
    _news: float = field(default_factory=monotonic, init=False)
    _fill_pause: float = field(default=FILL_FIRST, init=False)
    _fill_again: float = field(default=0.0, init=False)
    _told: float = field(default=0.0, init=False)
    _turns: Turns = field(default_factory=Turns, init=False)

    async def run(self) -> None:
        """Look for new cuts until cancelled, every ``poll`` seconds, more slowly while it fails."""
        self.status.started = self.clock()
        self.status.resume(self.follower.trusted.seen.trusted)
        try:
            await self._guarded(self.follower.start())
        except Refused as refusal:
            self._complain(refusal)
        while True:
            await self.look()
            failures = min(self.status.failures, 6)
            await asyncio.sleep(min(self.poll * 2**failures, SLOWEST_POLL))

    async def look(self) -> None:
        """Look once at the source; at others, where it is silent."""
        try:
            manifest = await self._guarded(self.follower.step())
        except Refused as refusal:
            self._complain(refusal)
            if refusal.code in SILENT and self.status.failures >= PEERS_AFTER:
                await self._ask_peers()
        else:
            self.status.recovered(self.clock())
            if manifest is not None:
                await self._shown(manifest, self.source.base)
            elif monotonic() - self._news > QUIET:
                self._news = monotonic()
                await self._ask_peers()
        await self._fill_gaps()
        self._report()

    async def _fill_gaps(self) -> None:
        """Ask others, then the source, for what past cuts lack on this disk; no new cut waits."""
        if not self.follower.gaps:
            self._fill_pause, self._fill_again = FILL_FIRST, 0.0
            return
        if monotonic() < self._fill_again:
            return
        for address in self._some_peers():
            async with Source(address, PEER_SECONDS) as peer:
                await self._fill_from(peer)
        if self.follower.gaps:
            await self._fill_from(self.source)
        self._fill_again = monotonic() + self._fill_pause
        self._fill_pause *= 2

    async def _fill_from(self, source: TreeSource) -> None:
        before = self.follower.gaps
        try:
            await self._guarded(self.follower.fill_gaps(source))
        except Refused as refusal:
            log.info("%s does not fill gaps in the past: %s", source.base, refusal)
        filled = before - self.follower.gaps
        if filled:
            log.info("gaps in %d past cuts filled from %s", filled, source.base)

    async def _guarded(self, work: Awaitable[Result]) -> Result:
        """What nobody thought of is a refusal, too: the mirror goes on serving what is up."""
        try:
            return await work
        except Refused:
            raise
        except Exception as error:
            log.exception("unexpected")
            raise Refused(MirrorCode.UNEXPECTED, "{error!r}", error=error) from error

    async def _ask_peers(self) -> None:
        """Look at some other publishers; before the opening none has anything to give."""
        if self.status.opens is not None and self.clock() < self.status.opens:
            return
        for address in self._some_peers():
            try:
                async with Source(address, PEER_SECONDS) as peer:
                    manifest = await self._guarded(self.follower.step(peer))
            except Refused as refusal:
                if refusal.code is MirrorCode.ROLLBACK:  # it may lag, with no ill will
                    log.info("%s is behind: %s", address, refusal.detail)
                else:
                    log.warning("%s: %s", address, refusal)
                    self._tell(refusal)
            else:
                if manifest is not None:
                    await self._shown(manifest, address)
                    return

    def _some_peers(self) -> list[str]:
        random = self.random or Random()  # noqa: S311 - spreads load, keeps no secret
        peers = list(self.peers())
        return random.sample(peers, min(PEERS_AT_ONCE, len(peers)))

    async def _shown(self, manifest: Manifest, source: str) -> None:
        self._news = monotonic()
        self.status.shown(manifest, source)
        log.info("cut %d of %s verified and shown", manifest.cut, manifest.time)
        if self.after_showing is not None:
            await self._guarded(self.after_showing(manifest))

    def _complain(self, refusal: Refused) -> None:
        line = f"{refusal}; {self._what_stays()}"
        if self.status.error != str(refusal):
            self._told = monotonic()
            self._turns.say(log, logging.WARNING, refusal.code.code, line)
        elif monotonic() - self._told > SAID_AGAIN:
            self._told = monotonic()
            log.warning("%s", line)
        self.status.refused(refusal)
        self._tell(refusal)
        self._report()

    def _what_stays(self) -> str:
        cut = self.status.cut
        return "nothing was shown yet" if cut is None else f"cut {cut} stays up"

    def _tell(self, refusal: Refused) -> None:
        if self.on_refusal is not None:
            self.on_refusal(refusal)

    def _report(self) -> None:
        self.status.looked_at(self.clock())
        self.status.announced = self.follower.announced
        self.status.gaps = self.follower.gaps
        self.status.write(self.status_path)


@asynccontextmanager
async def served(app: web.Application, host: str, port: int) -> AsyncIterator[None]:
    """Serve ``app`` while the block runs; strangers leave the mirror the files that it works with.

    Raises:
        Refused: ADDRESS_TAKEN, the address is taken, or not of this machine.
    """
    limits = Limits()
    door = Door(app, limits, connections_within(allow_files(), 1, limits.connections))
    try:
        try:
            await door.open(host, port)
        except OSError as error:
            raise Refused(
                MirrorCode.ADDRESS_TAKEN,
                "{host}:{port}: {error}",
                host=host,
                port=port,
                error=error,
            ) from error
        yield
    finally:
        await door.close()


def waiting_application(reason: Callable[[], str]) -> web.Application:
    """What is served while there is nothing to believe yet: 503, and why."""

    async def wait(_: web.Request) -> web.StreamResponse:
        raise web.HTTPServiceUnavailable(text=f"{reason()}\n", headers=_NOT_YET)

    app = web.Application()
    app.router.add_get("/{path:.*}", wait)
    return app


def application(
    follower: Follower,
    clock: Clock | None = None,
    opens: Callable[[], datetime | None] = lambda: None,
) -> web.Application:
    """The publisher's web server: the tree and nothing else, from the opening on.

    ``opens`` is asked at each request: the trust root may name another time.
    """
    serve = serve_tree(follower.tree)

    async def from_the_opening_on(request: web.Request) -> web.StreamResponse:
        opening = opens()
        if clock is not None and opening is not None and clock() < opening:
            words = f"Los resultados se publican a partir de {opening.isoformat()}.\n"
            raise web.HTTPServiceUnavailable(text=words, headers=_NOT_YET)
        return await serve(request)

    app = web.Application()
    app.router.add_get("/{path:.*}", from_the_opening_on)
    return app
