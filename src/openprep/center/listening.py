"""The centre's listeners: each behind a door, all of them below the files the process may open."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Self

from aiohttp import web

from openprep.center.start import StartRefused
from openprep.cuts.codes import PublicationCode
from openprep.doors.door import Door, Limits
from openprep.doors.files import FEW, allow_files, connections_within
from openprep.hosting import TreeDirectory
from openprep.hosting.http.server import Limits as TreeLimits
from openprep.hosting.http.server import TreeServer

MEMORY = 64 * 1024 * 1024
"""Bytes of the tree kept in memory: publishers ask for each file a few times."""

PATIENCE = 2.0
"""Seconds after which a slow publisher makes room for the next, where all connections are taken."""

log = logging.getLogger("openprep.center")


class Listeners:
    """What one process listens on; ``count`` of them share its files."""

    def __init__(self, count: int, fronts: Iterable[str] = ()) -> None:
        """Raise the limit on open files, and say so where it stays low."""
        self._limits = Limits(fronts=frozenset(fronts))
        files = allow_files()
        self.most = connections_within(files, count, self._limits.connections)
        self._open: list[Door | TreeServer] = []
        if self.most < FEW:
            few = PublicationCode.FEW_FILES
            log.warning("%s %d files, %d connections — %s", few.code, files, self.most, few.meaning)

    async def serve(self, app: web.Application, host: str, port: int) -> int:
        """Listen for requests to ``app``; the port listened on.

        Raises:
            StartRefused: ADDRESS_TAKEN.
        """
        door = Door(app, self._limits, self.most)
        self._open.append(door)
        with _said(host, port):
            return await door.open(host, port)

    async def serve_tree(self, tree: TreeDirectory, host: str, port: int) -> int:
        """Listen for requests for files of ``tree``; the port listened on.

        Raises:
            StartRefused: ADDRESS_TAKEN.
        """
        limits = TreeLimits(
            connections=self.most, per_address=max(1, self.most // 2), patience=PATIENCE
        )
        server = TreeServer(tree.root, limits, MEMORY, HTTPStatus.NOT_FOUND)
        self._open.append(server)
        with _said(host, port):
            return await server.start(host, port)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening on all of them."""
        for door in self._open:
            await (door.close() if isinstance(door, Door) else door.stop())


@contextmanager
def _said(host: str, port: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StartRefused(
            PublicationCode.ADDRESS_TAKEN,
            "{host}:{port}: {error}",
            host=host,
            port=port,
            error=error,
        ) from error
