"""A real centre's tree, served over HTTP, and a mirror that follows it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from aiohttp.typedefs import Handler

from mirror.line import PIECE, Line
from mirror.pair import Pair
from openprep.distribution.service import Terms
from openprep.hosting.http.application import serve_tree
from openprep.mirror.readiness import measures, self_test
from openprep.mirror.sources.source import Source
from small.center import SmallCenter
from small.distribution import Office, small_office


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    center = SmallCenter(tmp_path / "center")
    requests = []

    @web.middleware
    async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
        requests.append(request.path)
        return await handler(request)

    app = web.Application(middlewares=[note])
    app.router.add_get("/{path:.*}", serve_tree(center.tree))
    async with TestServer(app) as server, Source(str(server.make_url("/"))) as source:
        pair = Pair(center, server, source, None, tmp_path / "mirror", requests)
        pair.follower = pair.restarted()
        yield pair


@pytest.fixture
def little_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """A self-test that measures so little that it takes no time."""
    monkeypatch.setattr(measures, "WRITTEN", 1 << 20)
    monkeypatch.setattr(measures, "HASHED", 1 << 20)
    monkeypatch.setattr(measures, "FLUSHES", 2)
    monkeypatch.setattr(measures, "SIGNATURES", 5)
    monkeypatch.setattr(self_test, "SECONDS_OF_SERVING", 0.05)


@pytest.fixture
async def line() -> Line:
    return Line()


@pytest.fixture
async def office(tmp_path: Path, line: Line) -> AsyncIterator[Office]:
    terms = Terms(piece=PIECE)
    async with small_office(tmp_path, terms, wrap=line.wrap, prepare=line.prepare) as office:
        yield office
