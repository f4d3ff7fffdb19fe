"""What a published tree is over HTTP: its paths, and how each file is cached, typed and packed.

Pure. The centre's server, the mirror's, the generated nginx configuration and the upload to a
bucket all take these facts from here, so that a tree is the same wherever it is served.
"""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from openprep.wire.cut.manifest import INDEX_PATH, POINTER_PATH
from openprep.wire.log.tiles import CHECKPOINT_PATH
from openprep.wire.release import RELEASE_PATH

_ASSET = r"assets/[0-9A-Za-z_-][0-9A-Za-z_.-]{0,120}"

BY_DIGEST: tuple[str, ...] = (
    r"objects/[0-9a-f]{2}/[0-9a-f]{64}\.json",
    # A build's hash of eight characters, never one plain word.
    _ASSET + r"-(?=[a-z]{0,7}[0-9A-Z_-])[0-9A-Za-z_-]{8}\.[0-9a-z]{1,16}",
)
"""Files whose name changes with what they hold: the only ones that anybody may keep for ever."""

_TILE_NUMBER = r"(x[0-9]{3}/){0,6}[0-9]{3}(\.p/[1-9][0-9]{0,2})?"

BY_NUMBER: tuple[str, ...] = (
    r"cuts/[0-9]{1,9}\.(json|note|html)",
    _ASSET,
    r"tile/[0-7]/" + _TILE_NUMBER,
    r"trust/[0-9A-Za-z][0-9A-Za-z.-]{0,100}\.json",
)
"""Files that never change in one election (a cut's page does, with its publisher's kit) and have
the same name in the next: after a rehearsal at the same address, cut 1 is another. Whoever keeps
them asks again after a minute."""

LEADING: tuple[str, ...] = (r"cuts/[0-9]{1,9}\.where",)
"""Where a cut's results stand in this tree's packs. At a start it may be written anew, and packs
go to which nothing leads any more: kept for a moment only, so that whoever was led to one that is
gone asks again. It is a few bytes for each contest, asked for once in a cut."""

RANGED_BY_DIGEST: tuple[str, ...] = (r"actas/[0-9a-f]{64}\.jpg",)
RANGED_BY_NUMBER: tuple[str, ...] = (
    r"packs/[1-9][0-9]{0,8}\.pack",
    r"databases/[0-9A-Za-z_]{1,80}\.zip",
)
"""Files that are read by range (packs) or resumed (databases, images): never compressed, since a
range of a compressed copy is no range of the file."""

BUNDLES: tuple[str, ...] = (r"tile/entries/" + _TILE_NUMBER,)
"""Entries of the log, by number too: who follows the log reads them whole and compressed, who looks
at one acta a leaf of them by range. A range is of the file, whatever codings are taken with it."""

IMMUTABLE_SHAPES = (*BY_DIGEST, *BY_NUMBER, *LEADING)
"""Immutable files that are read whole; valid for Python's ``re`` and for PCRE alike."""

RANGED_SHAPES = (*RANGED_BY_DIGEST, *RANGED_BY_NUMBER, *BUNDLES)
"""Immutable files of which parts are given."""

IMMUTABLE = re.compile("|".join((*IMMUTABLE_SHAPES, *RANGED_SHAPES)))
RANGED = re.compile("|".join(RANGED_SHAPES))
_BY_DIGEST = re.compile("|".join((*BY_DIGEST, *RANGED_BY_DIGEST)))
LEADS = re.compile("|".join(LEADING))

MUTABLE: Mapping[str, str] = {
    "": INDEX_PATH,
    INDEX_PATH: INDEX_PATH,
    POINTER_PATH: POINTER_PATH,
    CHECKPOINT_PATH: CHECKPOINT_PATH,
    RELEASE_PATH: RELEASE_PATH,
}
"""Paths that change with each cut, and the file of the live head that stands there."""

STANDING_SHAPE = r"[0-9A-Za-z_-]{1,60}\.(html|js)"
"""Files that stand at the root while their cut is current, as a contest's page."""

_STANDING = re.compile(STANDING_SHAPE)

NEWEST_TRUST = "trust/timestamp.json"
"""The one file of the trust root that changes in its place."""

FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_MINUTE = "public, max-age=60, must-revalidate"
"""Long enough for a CDN to carry the rush of a cut, short enough to outlive no rehearsal."""

FOR_A_MOMENT = "public, max-age=1, must-revalidate"
NOT_KEPT = "no-store"
"""For refusals: a file that is not there yet may be there in a second."""

RETRY_SECONDS = 30
"""``Retry-After`` of a tree that shows no cut yet."""

STRICT_TRANSPORT = "Strict-Transport-Security"
FOR_A_YEAR = "max-age=31536000"
"""Said over TLS only, where it means something: who came once comes by TLS ever after."""

SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
DOCUMENT_HEADERS = frozenset(("Content-Security-Policy", "Referrer-Policy", "Permissions-Policy"))
"""Security headers of what a browser shows or runs by itself. On data and styles, which it can do
neither with (``nosniff``), they mean nothing and would weigh on every answer."""

DATA_HEADERS: Mapping[str, str] = {
    name: value for name, value in SECURITY_HEADERS.items() if name not in DOCUMENT_HEADERS
}

DOCUMENT_SUFFIXES = (".html", ".js", ".svg")
"""Pages; scripts, since a worker's policy is its own file's; images that may hold scripts."""

FRAMED_PAGE = "marco.html"
"""The one page that other sites may show in a frame."""

NOT_FOUND_PAGE = "404.html"
"""What a reader is shown where there is no such page. Whoever asks for data gets a line of text."""

PUBLISHER_FRAME = "frame.json"
"""The publisher's own name, logo and links: the operator's file, no part of the verified tree."""

CONTENT_TYPES: Mapping[str, str] = {
    ".note": "text/plain; charset=utf-8",
    ".pack": "application/octet-stream",
    ".where": "application/json",
    ".json": "application/json",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".zip": "application/zip",
    ".jpg": "image/jpeg",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
OTHER_TYPE = "application/octet-stream"
METHODS = ("GET", "HEAD")

CODINGS: Mapping[str, str] = {"br": ".br", "gzip": ".gz"}
"""Content codings by preference, and what the name of the copy beside a file ends in."""

_COMPRESSED_SUFFIXES = {".json", ".note", ".js", ".css", ".html", ".svg"}


def shows_not_found_page(name: str, accepted: bytes) -> bool:
    """Whether a reader who accepts these types, and finds nothing at ``name``, is shown a page."""
    return b"text/html" in accepted and not (name in MUTABLE or IMMUTABLE.fullmatch(name))


def content_type_of(name: str) -> str:
    """What a file of the tree is served as."""
    if name == CHECKPOINT_PATH:
        return CONTENT_TYPES[".note"]
    return CONTENT_TYPES.get(PurePosixPath(name or INDEX_PATH).suffix, OTHER_TYPE)


def head_file(name: str) -> str | None:
    """The file of the live head that stands at path ``name``; ``None`` where none can."""
    return MUTABLE.get(name) or (name if _STANDING.fullmatch(name) else None)


def security_headers_of(name: str) -> Mapping[str, str]:
    """What tells browsers to do nothing with a file but show it."""
    if name and not name.endswith(DOCUMENT_SUFFIXES):
        return DATA_HEADERS
    if name != FRAMED_PAGE:
        return SECURITY_HEADERS
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    anywhere = policy.replace("frame-ancestors 'self'", "frame-ancestors *")
    return {**SECURITY_HEADERS, "Content-Security-Policy": anywhere}


def caching_of(name: str) -> str:
    """The ``Cache-Control`` of a file of the tree."""
    changes = head_file(name) is not None or name in (NEWEST_TRUST, PUBLISHER_FRAME)
    if changes or LEADS.fullmatch(name):
        return FOR_A_MOMENT
    return FOR_EVER if _BY_DIGEST.fullmatch(name) else FOR_A_MINUTE


def is_compressed(name: str) -> bool:
    """Whether compressed copies of a file are made and looked for.

    The hashes of a tile do not shrink; its entries do.
    """
    return PurePosixPath(name or INDEX_PATH).suffix in _COMPRESSED_SUFFIXES or name.startswith(
        (CHECKPOINT_PATH, "tile/entries/")
    )
