"""The publisher's process: follow and serve, say plainly what goes wrong, and never stop."""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec
from aiohttp import web

from openprep.clock import Clock
from openprep.hosting.directory import write_durably
from openprep.hosting.http import serve_tree
from openprep.mirror.codes import Refused
from openprep.mirror.follower import Follower

log = logging.getLogger("openprep.mirror")

SLOWEST_POLL = 30.0
"""Seconds between two looks at a centre that keeps failing."""


@dataclass
class Status:
    """What the operator wants to know; written to ``status.json`` at every change."""

    cut: int | None = None
    cut_time: datetime | None = None
    shown_since: datetime | None = None
    failures: int = 0
    code: str | None = None
    error: str | None = None
    refusals: dict[str, int] = field(default_factory=dict)

    def shown(self, cut: int, cut_time: datetime, now: datetime) -> None:
        """A cut was verified and is up."""
        self.cut, self.cut_time, self.shown_since = cut, cut_time, now
        self.recovered()

    def recovered(self) -> None:
        """The centre answers again and has nothing new."""
        self.failures, self.code, self.error = 0, None, None

    def refused(self, refusal: Refused) -> None:
        """The last look ended in ``refusal``; what was up stays up."""
        code = refusal.code.code
        self.failures += 1
        self.code, self.error = code, str(refusal)
        self.refusals[code] = self.refusals.get(code, 0) + 1


async def follow(
    follower: Follower, clock: Clock, status_path: Path, poll: float, status: Status
) -> None:
    """Look for new cuts until cancelled, every ``poll`` seconds, more slowly while it fails."""
    try:
        await follower.start()
    except Refused as refusal:
        _complain(refusal, status, status_path)
    while True:
        try:
            manifest = await follower.step()
        except Refused as refusal:
            _complain(refusal, status, status_path)
        else:
            if manifest is not None:
                status.shown(manifest.cut, manifest.time, clock())
                log.info("cut %d of %s verified and shown", manifest.cut, manifest.time)
                write_durably(status_path, msgspec.json.encode(status))
            elif status.failures:
                status.recovered()
                write_durably(status_path, msgspec.json.encode(status))
        await asyncio.sleep(min(poll * 2 ** min(status.failures, 6), SLOWEST_POLL))


def _complain(refusal: Refused, status: Status, path: Path) -> None:
    if status.error != str(refusal):
        log.warning("%s; cut %s stays up", refusal, status.cut)
    status.refused(refusal)
    write_durably(path, msgspec.json.encode(status))


def application(follower: Follower) -> web.Application:
    """The publisher's web server: the tree and nothing else."""
    app = web.Application()
    app.router.add_get("/{path:.*}", serve_tree(follower.tree))
    return app
