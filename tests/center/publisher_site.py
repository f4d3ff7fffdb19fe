"""A publisher's site as a centre that starts asks it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from aiohttp import web
from aiohttp.test_utils import TestServer

from openprep.center.publishers import Address
from openprep.election.cut import CutKind
from openprep.record.events import CutMade
from openprep.wire.log.checkpoint import Checkpoint, sign_checkpoint
from openprep.wire.note import Signer
from small.election import OPENS, small_election
from small.trust import new_key

ELECTION = small_election()


CENTER = Signer(f"{ELECTION.id}/center", new_key())


def cut(number: int, size: int, root: bytes = b"r" * 32) -> CutMade:
    return CutMade(OPENS, number, CutKind.LIVE, 0, "ab" * 32, 1, size, root)


@asynccontextmanager
async def publisher(
    size: int | None = None,
    root: bytes = b"r" * 32,
    signer: Signer = CENTER,
    ahead: float = 0.0,
    cut: int = 7,
    age: int | None = None,
) -> AsyncIterator[Address]:
    """A publisher's site, whose clock is ``ahead`` seconds ahead of ours."""

    async def answer(request: web.Request) -> web.Response:
        dated = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead - (age or 0)), True)
        headers = {"Date": dated} | ({"Age": str(age)} if age else {})
        if size is None:
            return web.Response(status=503, headers=headers)
        if request.path.endswith("current.json"):
            return web.Response(text=f'{{"cut":{cut}}}', headers=headers)
        note = sign_checkpoint(Checkpoint(CENTER.name, size, root), [signer])
        return web.Response(body=note, headers=headers)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    async with TestServer(app) as server:
        yield Address("tec", str(server.make_url("/")).rstrip("/"))
