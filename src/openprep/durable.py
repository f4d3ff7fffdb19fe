"""Files that are whole under their name, whatever is killed or loses its power."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


@contextmanager
def writing_whole(path: Path) -> Iterator[IO[bytes]]:
    """A file that has its name once all of it is on disk; nothing is left if it fails.

    The name itself may be lost with the power: :func:`writing_durably` keeps that too.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_native_id()}.tmp")
    try:
        with temporary.open("wb", buffering=1 << 20) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def writing_durably(path: Path) -> Iterator[IO[bytes]]:
    """As :func:`write_durably`, for a file that comes in parts; nothing is left if it fails."""
    with writing_whole(path) as stream:
        yield stream
    sync_folder(path.parent)


def write_durably(path: Path, data: bytes) -> None:
    """Write, fsync, rename, fsync the folder: afterwards ``path`` is whole or as it was."""
    with writing_durably(path) as stream:
        stream.write(data)


def sweep_drafts(folder: Path) -> None:
    """Remove files that never got their name: whoever wrote them is dead, or they are written anew.

    Where that fails nothing is lost but space.
    """
    for place, _, names in os.walk(folder):
        for name in names:
            if name.startswith(".") and name.endswith(".tmp"):
                with suppress(OSError):
                    Path(place, name).unlink()


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(path: Path) -> None:
    """Have a folder, and those above it, under names that are durable."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    sync_folder(path.parent)
