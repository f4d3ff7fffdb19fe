"""The list of a release: which files the page of a kit is made of, each with its digest.

Written by the build, inside the kit; published at the root of every tree that shows a page, so that
anybody sees which kit a publisher shows. What stands in a tree vouches for nothing: whoever judges
a tree takes the list from the release itself.
"""

from hashlib import sha256

import msgspec
from msgspec import Struct

from openprep.decoding import decoding

RELEASE_PATH = "release.json"
RELEASE_SCHEMA = 1
MAX_RELEASE_BYTES = 1024 * 1024
INDEX_SHELL = "index.html"
"""The page that cuts are rendered into, in a list: its head and results are empty."""

TEMPLATE_SUFFIX = ".j2"
"""Of the names of templates, in a list: they are in no tree."""

RESULTS_MARKS = "<!--openprep:results-->", "<!--/openprep:results-->"
"""Between them a rendered page has the results; a shell has only the first."""
HEAD_MARKS = "<!--openprep:head-->", "<!--/openprep:head-->"
ROUTE_MARK = "<html"
"""What the contest that a page is of is said after, as ``data-route``."""


class ReleaseFile(Struct, frozen=True):
    """A file of the kit."""

    sha256: str
    size: int


class Release(Struct, frozen=True):
    """What a kit's page is made of: scripts, styles, data, the shell, and the templates too."""

    schema: int
    version: str
    files: dict[str, ReleaseFile]


class ReleaseError(ValueError):
    """The data is no list of a release of a kind known here."""


def parse_release(data: bytes) -> Release:
    """The list in ``data``.

    Raises:
        ReleaseError: it is not one, or of another schema.
    """
    if len(data) > MAX_RELEASE_BYTES:
        raise ReleaseError(f"it has more than {MAX_RELEASE_BYTES} bytes")
    try:
        with decoding():
            release = msgspec.json.decode(data, type=Release)
    except msgspec.MsgspecError as error:
        raise ReleaseError(str(error)) from error
    if INDEX_SHELL not in release.files:
        raise ReleaseError(f"it has no {INDEX_SHELL}")
    if release.schema != RELEASE_SCHEMA:
        raise ReleaseError(f"it is of schema {release.schema}, known here is {RELEASE_SCHEMA}")
    return release


def name_of(release: Release, data: bytes) -> str:
    """How a release is named: its version, and the beginning of the digest of its list ``data``."""
    return f"{release.version} {sha256(data).hexdigest()[:16]}"
