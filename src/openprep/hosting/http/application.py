"""A published tree as a part of an aiohttp application: the same answers as the built-in server's.

What is sent is read at each request, piece by piece, and must be taken as fast as it comes.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web

from openprep.hosting.directory import TreeDirectory
from openprep.hosting.http.answers import Answer, answer, read_part
from openprep.hosting.http.cache import FileCache
from openprep.hosting.rules import IMMUTABLE

__all__ = ["IMMUTABLE", "Handler", "serve_tree"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PIECE = 256 * 1024

STALLED = 20.0
"""Seconds in which one piece must be taken."""


def serve_tree(tree: TreeDirectory, prefix: str = "/") -> Handler:
    """A handler for ``{prefix}{path}`` that serves ``tree``, and answers 404 to everything else.

    ``prefix`` is where its route stands in the application, with its last slash.
    """
    files = FileCache(tree.root, budget=0, before_the_first=HTTPStatus.NOT_FOUND)

    async def serve(request: web.Request) -> web.StreamResponse:
        path = request.raw_path.partition("?")[0].removeprefix(prefix[:-1])
        headers = {
            name.lower().encode(): value.encode("utf-8", "surrogateescape")
            for name, value in request.headers.items()
        }
        return await _send(
            request, answer(files, request.method, path.encode("utf-8", "surrogateescape"), headers)
        )

    return serve


async def _send(request: web.Request, found: Answer) -> web.StreamResponse:
    status, *lines = found.head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines if line)
    response = web.StreamResponse(status=int(status.split(" ")[1]), headers=headers)
    await response.prepare(request)
    if found.body:
        await response.write(found.body)
    elif found.file is not None and not await _send_file(request, response, found):
        return response
    await response.write_eof()
    return response


async def _send_file(request: web.Request, response: web.StreamResponse, found: Answer) -> bool:
    """Send a part of a file; False if the reader is gone, or so slow that it is sent away."""
    assert found.file is not None
    descriptor = os.open(found.file, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        for start in range(found.start, found.end, PIECE):
            end = min(start + PIECE, found.end)
            async with asyncio.timeout(STALLED):
                await response.write(read_part(descriptor, start, end))
    except (TimeoutError, ConnectionError):
        if request.transport is not None:
            request.transport.abort()
        return False
    finally:
        os.close(descriptor)
    return True
