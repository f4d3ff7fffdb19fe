"""Serving a published tree: files only, each kept for as long as its name allows.

Every path is matched against the shapes that a tree has before the disk is asked, so nothing else
under the folder can be reached. Compressed copies beside a file are used where the reader takes
them; ETag, ranges and conditional requests are answered by the server library.
"""

from collections.abc import Awaitable, Callable

from aiohttp import web

from openprep.hosting.directory import TreeDirectory
from openprep.hosting.rules import (
    IMMUTABLE,
    NOT_KEPT,
    PUBLISHER_FRAME,
    SECURITY_HEADERS,
    caching_of,
    content_type_of,
    head_file,
    security_headers_of,
)

__all__ = ["IMMUTABLE", "Handler", "serve_tree"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def serve_tree(tree: TreeDirectory) -> Handler:
    """A handler for ``/{path}`` that serves ``tree`` and answers 404 to everything else."""

    async def serve(request: web.Request) -> web.StreamResponse:
        name = request.match_info["path"]
        if (file := head_file(name)) is not None:
            path = tree.path(f"live/{file}").resolve()
        elif IMMUTABLE.fullmatch(name) or name == PUBLISHER_FRAME:
            path = tree.path(name)
        else:
            raise web.HTTPNotFound(headers=SECURITY_HEADERS)
        if not path.is_file():
            raise web.HTTPNotFound(headers={**SECURITY_HEADERS, "Cache-Control": NOT_KEPT})
        headers = {
            **security_headers_of(name),
            "Cache-Control": caching_of(name),
            "Vary": "Accept-Encoding",
            "Content-Type": content_type_of(name),
        }
        return web.FileResponse(path, headers=headers)

    return serve
