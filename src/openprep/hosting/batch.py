"""Many small files made durable together: each whole or as it was, each folder flushed once."""

import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from openprep.durable import make_folder, sync_folder
from openprep.hosting.compression import drop_copies

BATCH = 128
"""Files that are open at once."""


def write_batch(files: Mapping[Path, bytes]) -> None:
    """Write, fsync and rename every file, making folders as needed; then fsync the folders.

    A file that is there with the same bytes is left alone, its name made durable like the others'.
    Killed or failed in between, some of the files are new and the others as they were; doing it
    again finishes it.
    """
    pending = iter([item for item in files.items() if not _holds(*item)])
    for folder in {path.parent for path in files}:
        make_folder(folder)
    while some := dict(islice(pending, BATCH)):
        _write(some)
    for folder in sorted({path.parent for path in files}):
        sync_folder(folder)


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False


def _write(files: Mapping[Path, bytes]) -> None:
    temporary = {path: path.with_name(f".{path.name}.{os.getpid()}.tmp") for path in files}
    try:
        for descriptor in _written((temporary[path], data) for path, data in files.items()):
            os.fsync(descriptor)
        for path, written in temporary.items():
            # A compressed copy of what is replaced would outlive it.
            drop_copies(path)
            written.replace(path)
    except BaseException:
        for written in temporary.values():
            written.unlink(missing_ok=True)
        raise


def _written(files: Iterable[tuple[Path, bytes]]) -> Iterator[int]:
    """Write all files before the first is given back to be flushed: the disk gets them at once."""
    streams = []
    try:
        for path, data in files:
            streams.append(path.open("wb", buffering=0))
            streams[-1].write(data)
        yield from (stream.fileno() for stream in streams)
    finally:
        for stream in streams:
            stream.close()
