"""Compressed copies beside files, for servers that send them as they are.

A copy never stands under its name before it is whole, and is made of what the file holds then:
whoever replaces a file drops its copies first (:func:`drop_copies`).
"""

import gzip
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import brotli

from openprep.hosting.rules import CODINGS, is_compressed
from openprep.tree.manifest import INDEX_PATH, Manifest, manifest_path, page_path
from openprep.tree.objects import object_path, pack_path
from openprep.tree.pack import entries_of

SMALLEST_COMPRESSED = 4096
"""Bytes below which a file has no compressed copy: it fits in a few packets as it is, and most of a
nation's sections are never asked for between two of their versions."""

_DENSEST_BELOW = 64 * 1024
_SMALL_WINDOW = 16
"""Brotli sets up tables for its window: a large one takes 20 times as long on small files."""


def packed_with_gzip(data: bytes) -> bytes:
    """``data`` in a gzip stream without a date: the same bytes each time."""
    return gzip.compress(data, 6, mtime=0)


def packed_with_brotli(data: bytes) -> bytes:
    """``data`` in a brotli stream: densely while it is small, quickly when it is large."""
    if len(data) <= _DENSEST_BELOW:
        packed = brotli.compress(data, quality=9, lgwin=_SMALL_WINDOW)
    else:
        packed = brotli.compress(data, quality=5, lgwin=20)
    return bytes(packed)


PACKERS: Mapping[str, Callable[[bytes], bytes]] = {
    "br": packed_with_brotli,
    "gzip": packed_with_gzip,
}


def copies_of(name: str, data: bytes) -> dict[str, bytes]:
    """The copies that a file of the tree is to have beside it, by the ends of their names."""
    if len(data) < SMALLEST_COMPRESSED or not is_compressed(name):
        return {}
    packed = {CODINGS[coding]: pack(data) for coding, pack in PACKERS.items()}
    return {suffix: copy for suffix, copy in packed.items() if len(copy) < len(data)}


def compress(root: Path, name: str) -> None:
    """Put its copies beside a file of the tree under ``root``, unless it has them or is gone."""
    path = root / name
    if not is_compressed(name) or _is_served(path):
        return
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return
    for suffix, copy in copies_of(name, data).items():
        temporary = path.with_name(f".{path.name}{suffix}.{os.getpid()}.tmp")
        temporary.write_bytes(copy)
        temporary.replace(path.with_name(path.name + suffix))


def files_of_cut(root: Path, manifest: Manifest) -> list[str]:
    """Files that a cut brought and that readers ask for: what to compress once it is shown.

    Raises:
        PackError: the pack on disk is not whole.
    """
    pack = (root / pack_path(manifest.cut)).read_bytes()
    objects = [object_path(entry.sha256) for entry in entries_of(pack) if entry.is_file]
    files = [name for name in manifest.files if name != INDEX_PATH]  # its copies turn with the head
    return [*files, manifest_path(manifest.cut), page_path(manifest.cut), *objects]


def _is_served(path: Path) -> bool:
    """Whether there is nothing to do, told without reading the file."""
    try:
        small = path.stat().st_size < SMALLEST_COMPRESSED
    except OSError:
        return True
    return small or all(path.with_name(path.name + suffix).is_file() for suffix in CODINGS.values())


def drop_copies(path: Path) -> None:
    """Before a file is replaced: what was made of it goes first."""
    for suffix in CODINGS.values():
        path.with_name(path.name + suffix).unlink(missing_ok=True)
