"""Compressed copies beside files, for servers that send them as they are.

A copy never stands under its name before it is whole, and is made of what the file holds then:
whoever replaces a file drops its copies first (:func:`drop_copies`).
"""

import gzip
import zlib
from pathlib import Path, PurePosixPath

import brotli
import msgspec

from openprep.durable import writing_whole
from openprep.hosting.rules import CODINGS, is_compressed
from openprep.wire.cut.description import ElectionDescription, decode_declared
from openprep.wire.cut.manifest import Manifest, manifest_path, page_path

SMALLEST_COMPRESSED = 4096
"""Bytes below which a file has no compressed copy: it fits in a few packets as it is."""

SMALLEST_OF_THE_PAGE = 512
"""The same for the page's own scripts and styles, which every reader fetches."""

_OF_THE_PAGE = {".js", ".css"}
_DENSEST_BELOW = 64 * 1024
_UNPACKED = {CODINGS["br"]: brotli.decompress, CODINGS["gzip"]: gzip.decompress}
_SMALL_WINDOW = 16
"""Brotli sets up tables for its window: a large one takes 20 times as long on small files."""


def is_of_the_page(name: str) -> bool:
    """Whether a file is the page's own code, which is packed once for a whole election."""
    return PurePosixPath(name).suffix in _OF_THE_PAGE


def packed_with_gzip(data: bytes, *, densest: bool = False) -> bytes:
    """``data`` in a gzip stream without a date: the same bytes each time."""
    return gzip.compress(data, 9 if densest else 6, mtime=0)


def packed_with_brotli(data: bytes, *, densest: bool = False) -> bytes:
    """``data`` in a brotli stream: densely while it is small, quickly when it is large."""
    if densest:
        packed = brotli.compress(data, quality=11, lgwin=20)
    elif len(data) <= _DENSEST_BELOW:
        packed = brotli.compress(data, quality=9, lgwin=_SMALL_WINDOW)
    else:
        packed = brotli.compress(data, quality=5, lgwin=20)
    return bytes(packed)


def copies_of(name: str, data: bytes) -> dict[str, bytes]:
    """The copies that a file of the tree is to have beside it, by the ends of their names."""
    if len(data) < smallest_compressed(name) or not is_compressed(name):
        return {}
    densest = is_of_the_page(name)
    packed = {
        CODINGS["br"]: packed_with_brotli(data, densest=densest),
        CODINGS["gzip"]: packed_with_gzip(data, densest=densest),
    }
    return {suffix: copy for suffix, copy in packed.items() if len(copy) < len(data)}


def smallest_compressed(name: str) -> int:
    """Bytes below which a file has no copies."""
    return SMALLEST_OF_THE_PAGE if is_of_the_page(name) else SMALLEST_COMPRESSED


def compress(root: Path, name: str) -> None:
    """Put its copies beside a file of the tree under ``root``, unless it has them or is gone."""
    path = root / name
    if not is_compressed(name) or _is_served(path, smallest_compressed(name)):
        return
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return
    for suffix, copy in copies_of(name, data).items():
        with writing_whole(path.with_name(path.name + suffix)) as stream:
            stream.write(copy)


def files_of_cut(root: Path, manifest: Manifest) -> list[str]:
    """Files of a cut that readers ask for: what to compress once it is shown."""
    return [
        manifest_path(manifest.cut),
        page_path(manifest.cut),
        manifest.description.path,
        *_declared_by(root / manifest.description.path),
    ]


def _declared_by(description: Path) -> list[str]:
    """The objects that a description names; none where it is not there whole."""
    try:
        found = decode_declared(description.read_bytes())
    except (OSError, msgspec.MsgspecError):
        return []
    if not isinstance(found, ElectionDescription):
        return []
    return [ref.path for own in found.contests for ref in (own.running, own.catalogue)]


def copies_beside(path: Path) -> list[Path]:
    """The copies that stand beside a file."""
    copies = (path.with_name(path.name + suffix) for suffix in CODINGS.values())
    return [copy for copy in copies if copy.is_file()]


def is_whole(path: Path, data: bytes) -> bool:
    """Whether a file, and every copy that stands beside it, gives a reader ``data``."""
    try:
        return path.read_bytes() == data and all(
            unpacked(copy.read_bytes()) == data
            for suffix, unpacked in _UNPACKED.items()
            if (copy := path.with_name(path.name + suffix)).exists()
        )
    except (OSError, EOFError, zlib.error, brotli.error):
        return False


def _is_served(path: Path, smallest: int) -> bool:
    """Whether there is nothing to do, told without reading the file."""
    try:
        small = path.stat().st_size < smallest
    except OSError:
        return True
    return small or all(path.with_name(path.name + suffix).is_file() for suffix in CODINGS.values())


def drop_copies(path: Path) -> None:
    """Before a file is replaced: what was made of it goes first."""
    for suffix in CODINGS.values():
        path.with_name(path.name + suffix).unlink(missing_ok=True)
