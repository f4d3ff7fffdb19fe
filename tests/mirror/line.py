"""The line between a distribution service and its publishers, which may break."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from openprep.mirror.sources.center import CenterSource, Patience
from small.distribution import Office

QUICK = Patience(poll=0.2, answer=60.0, window=20.0, floor=64 * 1024, attempts=3, pause=0.0)


PACKAGE = "/distribution/package"


PIECE = 100
"""Bytes that the service of these tests sends at a time."""


class Line:
    """Between the service and its publishers: notes what is asked, and breaks when told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.break_after: list[int] = []
        """Of the coming answers to package requests: after how many pieces each breaks off."""
        self._left: int | None = None

    async def wrap(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.asked.append((request.path_qs, request.headers.get("Range")))
        if request.path == PACKAGE:
            self._left = self.break_after.pop(0) if self.break_after else None
        return await handler(request)

    async def prepare(self, request: web.Request, response: web.StreamResponse) -> None:
        """Stand between the service and what it writes of an answer."""
        if request.path == PACKAGE:
            setattr(response, "write", partial(self._write, request, response.write))  # noqa: B010 - for mypy a method

    async def _write(
        self, request: web.Request, write: Callable[[bytes], Awaitable[None]], piece: bytes
    ) -> None:
        if self._left == 0:
            request.transport.close()
            raise ConnectionResetError
        self._left = None if self._left is None else self._left - 1
        await write(piece)

    @property
    def packages(self) -> list[tuple[str, str | None]]:
        return [(target, part) for target, part in self.asked if target.startswith(PACKAGE)]


def source_of(office: Office, tmp_path: Path, who: str = "tec", **changes: Any) -> CenterSource:
    values = {"clock": lambda: office.now[0], "patience": QUICK, **changes}
    base = values.pop("base", f"http://{office.authority}")
    keys = values.pop("keys", office.keys[who])
    return CenterSource(base, who, keys, tmp_path / f"staging-{who}", **values)
