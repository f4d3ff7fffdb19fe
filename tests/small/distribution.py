"""The distribution service of a small centre, over real HTTP, and publishers who know it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import aiohttp
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer
from aiohttp.typedefs import Handler

from openprep.cuts.cutter import StagedCut
from openprep.distribution.deltas import Extra, Packages, Room
from openprep.distribution.service import CosignatureRefused, Distribution, Terms
from openprep.mirror.keys import PublisherKeys, make_publisher_keys
from openprep.wire.distribution.requests import Admission, Publisher, RequestParts, sign_request
from small.center import SmallCenter

NOW = datetime(2024, 6, 3, 3, 0, tzinfo=UTC)


def enrolled(name: str, keys: PublisherKeys) -> Publisher:
    return Publisher(name, keys.request_key.public_key(), keys.public.recipient)


@dataclass
class Office:
    """A centre that publishes, its service, and the keys of the publishers that it enrolled."""

    center: SmallCenter
    keys: dict
    publishers: dict
    service: Distribution
    packages: Packages
    server: BaseTestServer
    session: aiohttp.ClientSession
    now: list
    seconds: list
    slept: list
    cosigned: list
    admitted: list
    """Who was admitted, in order; a place among the connections is given without a pause after."""

    nonces: int = 0

    @property
    def authority(self) -> str:
        return f"{self.server.host}:{self.server.port}"

    def next_cut(self) -> StagedCut:
        made = self.center.next_cut()
        self.service.news.announce()
        return made

    def signed(
        self, method: str, target: str, who: str = "tec", body: bytes | None = None
    ) -> dict[str, str]:
        self.nonces += 1
        parts = RequestParts(method, self.authority, target)
        nonce = f"{self.nonces:022}"
        return sign_request(parts, self.keys[who].request_key, who, nonce, self.now[0], body)

    def ask(
        self,
        target: str,
        who: str = "tec",
        method: str = "GET",
        body: bytes | None = None,
        **headers: str,
    ) -> Any:
        signed = self.signed(method, target, who, body)
        url = f"http://{self.authority}{target}"
        return self.session.request(method, url, data=body, headers={**signed, **headers})

    async def code(self, target: str, who: str = "tec", **how: Any) -> tuple[int, str]:
        async with self.ask(target, who, **how) as response:
            return response.status, (await response.json())["code"]


@asynccontextmanager
async def small_office(
    folder: Path,
    terms: Terms | None = None,
    extra: Extra | None = None,
    room: Room | None = None,
    wrap: Callable[..., Any] | None = None,
    prepare: Callable[..., Any] | None = None,
    center: SmallCenter | None = None,
    names: Sequence[str] = ("tec", "unam"),
) -> AsyncIterator[Office]:
    """An office whose clock stands still.

    ``wrap`` may put something around every handler, and ``prepare`` look at every answer.
    """
    center = center or SmallCenter(folder / "center")
    keys = {name: make_publisher_keys(folder / "keys" / name) for name in names}
    publishers = {name: enrolled(name, of_publisher) for name, of_publisher in keys.items()}
    now, seconds, slept, cosigned, names_of_service = [NOW], [0.0], [], [], []
    let_in: list[str] = []
    packages = Packages(
        center.tree,
        folder / "packages",
        lambda: seconds[0],
        extra or Extra(),
        room or Room(),
    )

    async def take(publisher: Publisher, body: bytes) -> None:
        if b"\n" not in body:
            raise CosignatureRefused("it is no line")
        cosigned.append((publisher.id, body))

    async def sleep(span: float) -> None:
        slept.append(span)
        seconds[0] += span
        await asyncio.sleep(0)

    class Anyhow:
        """The names of the service are known once it listens."""

        def claimed(self, parts: RequestParts) -> Any:
            return admission.claimed(parts)

        def admit(self, parts: RequestParts, at: datetime) -> Any:
            return admission.admit(parts, at)

        async def remember(self, admitted: Any) -> None:
            await admission.remember(admitted)
            let_in.append(admitted.publisher.id)

    service = Distribution(
        center.tree,
        cast("Admission", Anyhow()),
        publishers.get,
        packages,
        take,
        lambda: now[0],
        lambda: seconds[0],
        terms or Terms(),
        sleep,
    )
    app = service.application()
    if wrap is not None:

        @web.middleware
        async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await wrap(request, handler)

        app.middlewares.append(around)
    if prepare is not None:
        app.on_response_prepare.append(prepare)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        names_of_service.append(f"{server.host}:{server.port}")
        admission = Admission(publishers.get, names_of_service, NOW - timedelta(hours=1))
        yield Office(
            center,
            keys,
            publishers,
            service,
            packages,
            server,
            session,
            now,
            seconds,
            slept,
            cosigned,
            let_in,
        )


def revoke(office: Office, who: str) -> None:
    office.publishers[who] = replace(office.publishers[who], revoked=True)
