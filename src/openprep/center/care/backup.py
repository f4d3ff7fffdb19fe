"""A copy of a centre, whole, made while it runs: record, images, key, trust, published tree.

Every copy is a folder of its own, under its own name once all of it is on disk. Files that did not
change since the copy before are links to that one's; each copy reads a share of these again, so
that what the copies' disk damaged does not go on from copy to copy. The record is copied by SQLite
itself, with what stands in its write-ahead log, and before the images: so every image that it names
is there. The copy holds the centre's key: keep it as the key is kept.
"""

import errno
import fcntl
import logging
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import file_digest, sha256
from io import BufferedReader
from pathlib import Path
from typing import Annotated
from zlib import crc32

import msgspec
from msgspec import Meta, Struct

from openprep.center.start import RECORD_FILE, StartRefused
from openprep.cuts.codes import PublicationCode
from openprep.cuts.signing_key import KEY_FILE
from openprep.decoding import decoding
from openprep.durable import sync_folder
from openprep.private import open_private
from openprep.record.codes import RecordCode, RecordTrouble, reporting
from openprep.record.database import owner_of
from openprep.record.events import CutMade
from openprep.record.sqlite import RECORD, read_file

LIST = "copy.json"
FORMAT = 1
PRIVATE = frozenset({RECORD_FILE, KEY_FILE})
"""What only its owner may read."""

TURNING = frozenset({"live", "heads"})
"""Parts of the tree that turn with every cut: a start makes them again from the record."""

SPARE = 64 * 1024**2
"""Bytes that must stay free beside what is copied."""

SHARES = 60
"""A file that is linked is read again in one of so many copies, each in its turn."""

PIECE = 1 << 20
LARGEST = 1 << 62
MAX_LIST_BYTES = 1 << 28
"""A nation's night has some hundred thousand files."""

log = logging.getLogger("openprep.center")


class CopiedFile(Struct, frozen=True):
    """A file of a copy; ``modified`` is that of the original, in nanoseconds."""

    sha256: str
    size: Annotated[int, Meta(ge=0, le=LARGEST)]
    modified: int


class CopyList(Struct, frozen=True):
    """``copy.json``: what is in a copy. ``position`` and ``cut`` are the record's last.

    ``turn`` is the share of the links, of :data:`SHARES`, that was read again.
    """

    format: int
    election: str
    election_digest: str
    made_at: datetime
    position: int
    cut: int | None
    files: dict[str, CopiedFile]
    turn: int = 0


@dataclass(frozen=True)
class Made:
    """A copy that was made, and how many bytes of it are no links."""

    folder: Path
    listed: CopyList
    written: int


def back_up(data: Path, to: Path, election: Path | None, now: datetime) -> Made:
    """Copy the centre in ``data``, and the ``election``'s folder, into a new folder in ``to``.

    Raises:
        StartRefused: LITTLE_SPACE.
        RecordTrouble: IN_USE, another copy is being made there; CHAIN_BROKEN or UNREADABLE, the
            record is damaged; or what the disk refuses. Nothing is left of the copy.
    """
    with reporting(to):
        to.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _alone_in(to):
            draft = to / ".copy.tmp"
            shutil.rmtree(draft, ignore_errors=True)
            try:
                return _Copy(data, draft, newest_copy(to), election).make(now)
            except BaseException:
                shutil.rmtree(draft, ignore_errors=True)
                raise


def newest_copy(folder: Path) -> Path | None:
    """The newest whole copy in ``folder``; ``folder`` itself, if it is one."""
    if (folder / LIST).is_file():
        return folder
    found = [path.parent for path in folder.glob(f"[0-9]*/{LIST}")]
    return max(found, key=lambda path: path.name, default=None)


def read_list(copy: Path) -> CopyList:
    """What the copy says that it holds, nothing of it verified.

    Raises:
        StartRefused: COPY_DAMAGED.
    """
    try:
        with _open_file(copy / LIST) as stream, decoding():
            listed = msgspec.json.decode(stream.read(MAX_LIST_BYTES), type=CopyList)
    except (OSError, msgspec.DecodeError) as error:
        raise StartRefused(
            PublicationCode.COPY_DAMAGED, "{path}: {error}", path=copy / LIST, error=error
        ) from error
    if listed.format != FORMAT:
        raise StartRefused(
            PublicationCode.COPY_DAMAGED,
            "{path}: its format is {format}, this version knows {expected}",
            path=copy / LIST,
            format=listed.format,
            expected=FORMAT,
        )
    return listed


class _Copy:
    def __init__(self, data: Path, draft: Path, before: Path | None, election: Path | None) -> None:
        self._data = data
        self._draft = draft
        last = _list_of(before)
        self._known = last.files if last else {}
        self._turn = (last.turn + 1) % SHARES if last else 0
        self._before = before if last else None
        self._election = election
        self._files: dict[str, CopiedFile] = {}
        self._written = 0

    def make(self, now: datetime) -> Made:
        owner = owner_of(self._data / RECORD_FILE, RECORD)
        if not owner:
            raise RecordTrouble(
                RecordCode.UNREADABLE,
                "{path}: there is no record to copy",
                path=self._data / RECORD_FILE,
            )
        self._check_space()
        self._draft.mkdir(mode=0o700)
        self._take_all(tree_files(self._data))
        self._take_record()
        copied = self._draft / RECORD_FILE
        last, cuts = read_through(copied, owner["election"], owner["election_digest"])
        self._take_all(image_files(self._data))
        self._take(KEY_FILE, self._data / KEY_FILE)
        self._take_all(election_files(self._election))
        listed = CopyList(
            FORMAT,
            owner["election"],
            owner["election_digest"],
            now,
            last,
            cuts[-1].number if cuts else None,
            self._files,
            self._turn,
        )
        return Made(self._name(listed), listed, self._written)

    def _name(self, listed: CopyList) -> Path:
        """Give the draft its name, all of it on disk before."""
        (self._draft / LIST).write_bytes(msgspec.json.format(msgspec.json.encode(listed)))
        stamp = listed.made_at.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        target = self._draft.with_name(f"{stamp}-{listed.position}")
        os.sync()
        self._draft.rename(target)
        sync_folder(target.parent)
        return target

    def _check_space(self) -> None:
        files = [*tree_files(self._data), *image_files(self._data)]
        records = [(path.name, path) for path in self._data.glob(f"{RECORD_FILE}*")]
        needed = sum(self._bytes_of(name, path) for name, path in (*files, *records))
        check_space(self._draft.parent, needed)

    def _bytes_of(self, name: str, path: Path) -> int:
        """What it takes to copy a file; nothing, if it was dropped meanwhile."""
        try:
            return 0 if self._is_known(name, path) else path.stat().st_size
        except FileNotFoundError:
            return 0

    def _is_known(self, name: str, path: Path) -> bool:
        known, found = self._known.get(name), path.stat()
        return known is not None and (known.size, known.modified) == (
            found.st_size,
            found.st_mtime_ns,
        )

    def _take_all(self, files: Iterator[tuple[str, Path]]) -> None:
        for name, path in files:
            try:
                self._take(name, path)
            except FileNotFoundError:
                continue  # what a centre that runs has dropped meanwhile is needed by nobody

    def _take(self, name: str, path: Path) -> None:
        target = self._draft / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if self._before is not None and self._is_known(name, path):
            earlier = self._before / name
            if self._is_whole(name, earlier) and _linked(earlier, target):
                self._files[name] = self._known[name]
                return
        modified = path.stat().st_mtime_ns
        self._files[name] = copy_file(path, target, modified)
        self._written += self._files[name].size

    def _is_whole(self, name: str, earlier: Path) -> bool:
        """Whether what is linked is what was copied: its size each time, its bytes in its turn."""
        known = self._known[name]
        try:
            with _open_file(earlier) as stream:
                whole = os.fstat(stream.fileno()).st_size == known.size
                if whole and crc32(name.encode()) % SHARES == self._turn:
                    whole = file_digest(stream, "sha256").hexdigest() == known.sha256
        except OSError:
            whole = False
        if not whole:
            log.warning("%s is damaged: the centre's is copied anew", earlier)
        return whole

    def _take_record(self) -> None:
        path, target = self._data / RECORD_FILE, self._draft / RECORD_FILE
        open_private(target).close()
        with closing(sqlite3.connect(path, timeout=30)) as source:
            source.execute("PRAGMA query_only=ON")
            with closing(sqlite3.connect(target)) as copy:
                source.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        self._files[RECORD_FILE] = describe_file(target)
        self._written += self._files[RECORD_FILE].size


def _list_of(before: Path | None) -> CopyList | None:
    """What the copy before says that it holds; a damaged one keeps nobody from making the next."""
    if before is None:
        return None
    try:
        return read_list(before)
    except StartRefused as refused:
        log.warning("nothing of the copy before is gone on with: %s", refused)
        return None


def _linked(earlier: Path, target: Path) -> bool:
    """Link a file; not to another file system, nor where there are too many links: then copied."""
    try:
        os.link(earlier, target)
    except OSError:
        target.unlink(missing_ok=True)
        return False
    return True


def read_through(path: Path, election: str, digest: str) -> tuple[int, list[CutMade]]:
    """The last position and the cuts of a record's file, its whole chain verified.

    Raises:
        RecordTrouble: CHAIN_BROKEN or UNREADABLE.
    """
    last, cuts = 0, []
    for position, event in read_file(path, election, digest):
        last = position
        if isinstance(event, CutMade):
            cuts.append(event)
    return last, cuts


def tree_files(data: Path) -> Iterator[tuple[str, Path]]:
    """The published tree, trust included, without what turns and what is half written."""
    root = data / "public"
    for folder, folders, names in os.walk(root):
        if Path(folder) == root:
            folders[:] = [name for name in folders if name not in TURNING]
        for name in sorted(names):
            path = Path(folder, name)
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path.relative_to(data).as_posix(), path


def image_files(data: Path) -> Iterator[tuple[str, Path]]:
    """The images beside the record."""
    for path in sorted((data / "images").glob("[0-9a-f]*.jpg")):
        yield f"images/{path.name}", path


def election_files(folder: Path | None) -> Iterator[tuple[str, Path]]:
    """The election's folder."""
    if folder is not None:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield f"election/{path.relative_to(folder).as_posix()}", path


def copy_file(source: Path, target: Path, modified: int = 0, most: int = LARGEST) -> CopiedFile:
    """Copy one file for its owner only; its digest is that of the bytes that were written.

    Raises:
        FileNotFoundError: it is gone, is no file (a pipe, a device), or has more bytes than
            ``most``.
    """
    digest, size = sha256(), 0
    with open_private(target) as out, _open_file(source) as stream:
        while piece := stream.read(min(PIECE, most - size + 1)):
            if size + len(piece) > most:
                raise FileNotFoundError(errno.ENOENT, f"more than {most} bytes", str(source))
            digest.update(piece)
            size += len(piece)
            out.write(piece)
    return CopiedFile(digest.hexdigest(), size, modified)


def _open_file(path: Path) -> BufferedReader:
    """Open what must be a file, without waiting for whoever should write into a pipe."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise FileNotFoundError(errno.ENOENT, "it is a link in a circle", str(path)) from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError(errno.ENOENT, "it is no file", str(path))
    return os.fdopen(descriptor, "rb")


def describe_file(path: Path) -> CopiedFile:
    """Digest and size of a file as it stands."""
    with path.open("rb") as stream:
        digest = file_digest(stream, "sha256").hexdigest()
    found = path.stat()
    return CopiedFile(digest, found.st_size, found.st_mtime_ns)


def check_space(folder: Path, needed: int) -> None:
    """See that a copy of ``needed`` bytes fits.

    Raises:
        StartRefused: LITTLE_SPACE.
    """
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE:
        raise StartRefused(
            PublicationCode.LITTLE_SPACE,
            "{folder} has {free:,.1f} MB free; the copy takes {needed:,.1f}, "
            "and {spare:,.1f} must stay free beside it",
            folder=folder,
            free=free / 1e6,
            needed=needed / 1e6,
            spare=SPARE / 1e6,
        )


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RecordTrouble(
                RecordCode.IN_USE, "{folder}: another copy is being made there", folder=folder
            ) from error
        yield
    finally:
        os.close(descriptor)
