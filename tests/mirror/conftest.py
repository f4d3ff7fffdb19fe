"""A real centre's tree, served over HTTP, and a mirror that follows it."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from mirror.line import PIECE, Line
from openprep.distribution.service import Terms
from openprep.hosting.http.application import serve_tree
from openprep.mirror.follow.follower import Follower
from openprep.mirror.readiness import measures, self_test
from openprep.mirror.sources.source import Source
from small.center import SmallCenter
from small.distribution import small_office


@dataclass
class Pair:
    center: SmallCenter
    server: TestServer
    source: Source
    follower: Follower
    data: Path
    requests: list

    def restarted(self, **options):
        """The mirror's process started again on the same disk."""
        return Follower(self.source, self.data, self.center.identity, **options)


@pytest.fixture
async def pair(tmp_path):
    center = SmallCenter(tmp_path / "center")
    requests = []

    @web.middleware
    async def note(request, handler):
        requests.append(request.path)
        return await handler(request)

    app = web.Application(middlewares=[note])
    app.router.add_get("/{path:.*}", serve_tree(center.tree))
    async with TestServer(app) as server, Source(str(server.make_url("/"))) as source:
        pair = Pair(center, server, source, None, tmp_path / "mirror", requests)
        pair.follower = pair.restarted()
        yield pair


@pytest.fixture
def little_measured(monkeypatch):
    """A self-test that measures so little that it takes no time."""
    monkeypatch.setattr(measures, "WRITTEN", 1 << 20)
    monkeypatch.setattr(measures, "HASHED", 1 << 20)
    monkeypatch.setattr(measures, "FLUSHES", 2)
    monkeypatch.setattr(measures, "SIGNATURES", 5)
    monkeypatch.setattr(self_test, "SECONDS_OF_SERVING", 0.05)


@pytest.fixture
async def line():
    return Line()


@pytest.fixture
async def office(tmp_path, line):
    terms = Terms(piece=PIECE)
    async with small_office(tmp_path, terms, wrap=line.wrap, prepare=line.prepare) as office:
        yield office
