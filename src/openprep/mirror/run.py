"""The publisher's process: follow and serve, say plainly what goes wrong, and never stop.

It follows the centre. Where the centre does not answer, it takes what is missing from any other
publisher: what is verified need not come from anybody in particular.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random

from aiohttp import web

from openprep.clock import Clock
from openprep.hosting.http import serve_tree
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.follower import Follower
from openprep.mirror.source import Source, TreeSource
from openprep.mirror.status import Status
from openprep.tree import manifest as wire

log = logging.getLogger("openprep.mirror")

SLOWEST_POLL = 30.0
"""Seconds between two looks at a centre that keeps failing."""

PEERS_AFTER = 2
"""Looks at the centre that fail in a row before other publishers are asked."""

PEERS_AT_ONCE = 3

SILENT = frozenset({MirrorCode.UNREACHABLE, MirrorCode.NOT_FOUND})
"""Failures that say nothing about what is published: somebody else may have it."""

AfterShowing = Callable[[wire.Manifest], Awaitable[None]]


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
    random: Random | None = None

    async def run(self) -> None:
        """Look for new cuts until cancelled, every ``poll`` seconds, more slowly while it fails."""
        try:
            await self.follower.start()
        except Refused as refusal:
            self._complain(refusal)
        while True:
            await self.look()
            failures = min(self.status.failures, 6)
            await asyncio.sleep(min(self.poll * 2**failures, SLOWEST_POLL))

    async def look(self) -> None:
        """Look once at the source; at others, where it is silent."""
        try:
            manifest = await self.follower.step()
        except Refused as refusal:
            self._complain(refusal)
            if refusal.code in SILENT and self.status.failures >= PEERS_AFTER:
                await self._ask_peers()
        else:
            if manifest is not None:
                await self._shown(manifest, self.source.base)
            elif self.status.failures:
                self.status.recovered()
                self.status.write(self.status_path)

    async def _ask_peers(self) -> None:
        random = self.random or Random()  # noqa: S311 - spreads load, keeps no secret
        peers = list(self.peers())
        for address in random.sample(peers, min(PEERS_AT_ONCE, len(peers))):
            try:
                async with Source(address) as peer:
                    manifest = await self.follower.step(peer)
            except Refused as refusal:
                log.warning("%s: %s", address, refusal)
            else:
                if manifest is not None:
                    await self._shown(manifest, address)
                    return

    async def _shown(self, manifest: wire.Manifest, source: str) -> None:
        self.status.shown(manifest.cut, manifest.time, self.clock(), source)
        self.status.log_size = manifest.leaf + 1
        log.info("cut %d of %s verified and shown", manifest.cut, manifest.time)
        self.status.write(self.status_path)
        if self.after_showing is not None:
            await self.after_showing(manifest)

    def _complain(self, refusal: Refused) -> None:
        if self.status.error != str(refusal):
            log.warning("%s; cut %s stays up", refusal, self.status.cut)
        self.status.refused(refusal)
        self.status.write(self.status_path)


def application(
    follower: Follower, clock: Clock | None = None, opens: datetime | None = None
) -> web.Application:
    """The publisher's web server: the tree and nothing else, from the opening on."""
    serve = serve_tree(follower.tree)

    async def from_the_opening_on(request: web.Request) -> web.StreamResponse:
        if clock is not None and opens is not None and clock() < opens:
            words = f"Los resultados se publican a partir de {opens.isoformat()}.\n"
            raise web.HTTPServiceUnavailable(text=words, headers={"Cache-Control": "no-store"})
        return await serve(request)

    app = web.Application()
    app.router.add_get("/{path:.*}", from_the_opening_on)
    return app
