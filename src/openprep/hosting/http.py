"""Serving a published tree: files only, immutable ones for ever, the pointer for a moment.

Every path is matched against the shapes that a tree has before the disk is asked, so nothing else
under the folder can be reached. Compressed copies beside a file are used where the reader takes
them; ETag, ranges and conditional requests are answered by the server library.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path, PurePosixPath

from aiohttp import web

from openprep.hosting.directory import TreeDirectory
from openprep.tree.manifest import POINTER_PATH
from openprep.tree.tiles import CHECKPOINT_PATH

IMMUTABLE = re.compile(
    r"objects/[0-9a-f]{2}/[0-9a-f]{64}\.json|cuts/[0-9]{1,9}\.(json|note|pack|html)"
    r"|databases/[0-9A-Za-z_]{1,80}\.zip|assets/[0-9A-Za-z_-][0-9A-Za-z_.-]{0,120}"
    r"|tile/(entries|[0-7])/(x[0-9]{3}/){0,6}[0-9]{3}(\.p/[1-9][0-9]{0,2})?"
)
MUTABLE: Mapping[str, str] = {
    "": "index.html",
    "index.html": "index.html",
    POINTER_PATH: POINTER_PATH,
    CHECKPOINT_PATH: CHECKPOINT_PATH,
}
STANDING = re.compile(r"[0-9A-Za-z_-]{1,60}\.(html|js)")
"""Files that stand at the root while their cut is current."""
TRUST = re.compile(r"trust/[0-9A-Za-z][0-9A-Za-z.-]{0,100}\.json")
NEWEST_TRUST = "trust/timestamp.json"
"""The one file of the trust root that changes in its place."""
FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_MOMENT = "public, max-age=1, must-revalidate"
SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
FRAMED = "marco.html"
FRAMED_POLICY = SECURITY_HEADERS["Content-Security-Policy"].replace(
    "frame-ancestors 'self'", "frame-ancestors *"
)
"""The one page that other sites may show in a frame."""
PUBLISHER_FRAME = "frame.json"
MAX_FRAME_BYTES = 32 * 1024
CONTENT_TYPES: Mapping[str, str] = {
    ".note": "text/plain; charset=utf-8",
    ".pack": "application/octet-stream",
    ".json": "application/json",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".zip": "application/zip",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


def content_type_of(name: str) -> str:
    """What a file of the tree is served as."""
    if name == CHECKPOINT_PATH:
        return CONTENT_TYPES[".note"]
    return CONTENT_TYPES.get(PurePosixPath(name or "index.html").suffix, "application/octet-stream")


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def serve_tree(tree: TreeDirectory) -> Handler:
    """A handler for ``/{path}`` that serves ``tree`` and answers 404 to everything else.

    ``frame.json``, the publisher's own, stands beside the tree's folder and is no part of it.
    """

    async def serve(request: web.Request) -> web.StreamResponse:
        name = request.match_info["path"]
        if name == PUBLISHER_FRAME:
            return _publisher_frame(tree.root.parent / PUBLISHER_FRAME)
        if name in MUTABLE:
            path = tree.path(f"live/{MUTABLE[name]}").resolve()
            caching = FOR_A_MOMENT
        elif IMMUTABLE.fullmatch(name):
            path, caching = tree.path(name), FOR_EVER
        elif STANDING.fullmatch(name):
            path, caching = tree.path(f"live/{name}").resolve(), FOR_A_MOMENT
        elif TRUST.fullmatch(name):
            path = tree.path(name)
            caching = FOR_A_MOMENT if name == NEWEST_TRUST else FOR_EVER
        else:
            raise web.HTTPNotFound(headers=SECURITY_HEADERS)
        if not path.is_file():
            raise web.HTTPNotFound(headers={**SECURITY_HEADERS, "Cache-Control": "no-store"})
        headers = {**SECURITY_HEADERS, "Cache-Control": caching, "Vary": "Accept-Encoding"}
        headers["Content-Type"] = content_type_of(name)
        if name == FRAMED:
            headers["Content-Security-Policy"] = FRAMED_POLICY
        return web.FileResponse(path, headers=headers)

    return serve


def _publisher_frame(path: Path) -> web.Response:
    """The publisher's frame, or 204: most have none, and that is no error."""
    headers = {**SECURITY_HEADERS, "Cache-Control": FOR_A_MOMENT}
    try:
        data = path.read_bytes()
    except OSError:
        return web.Response(status=204, headers=headers)
    if len(data) > MAX_FRAME_BYTES:
        return web.Response(status=204, headers=headers)
    return web.Response(body=data, content_type="application/json", headers=headers)
