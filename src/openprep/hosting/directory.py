"""A published tree on disk.

Immutable files are written once under their final name. What changes with each cut stands together
in ``heads/<cut>/``, and ``live`` is a link to the head that is current, so that one rename turns
the whole tree from one cut to the next: a reader sees all of a cut or all of the one before.
``current.json``, ``checkpoint`` and ``index.html`` are links through ``live``, and so is every file
that stands at the root under its own name: any file server can serve the tree.
"""

import errno
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from openprep.durable import (
    make_folder,
    sweep_drafts,
    sync_folder,
    write_durably,
    writing_durably,
)
from openprep.hosting.compression import (
    compress,
    copies_beside,
    copies_of,
    drop_copies,
    files_of_cut,
    is_whole,
)
from openprep.hosting.copies import drop_broken_copies
from openprep.hosting.rules import CODINGS, PUBLISHER_FRAME, head_file
from openprep.wire.cut.manifest import (
    INDEX_PATH,
    POINTER_PATH,
    Manifest,
    Pointer,
    decode,
    page_path,
)
from openprep.wire.cut.pack import MAX_ENTRY_BYTES, PackWriter, Where, decode_where
from openprep.wire.cut.ref import Location, Ref, hex_digest, object_path, pack_path, where_path
from openprep.wire.log.tiles import CHECKPOINT_PATH

HEAD_FILES = (POINTER_PATH, CHECKPOINT_PATH, INDEX_PATH)
"""Files that change with each cut."""

OF_CUTS = ("cuts", "objects", "packs", "databases", "tile", "actas", "assets")
"""Folders in which nobody writes but who makes or follows cuts."""

KEPT_HEADS = 3

_AGAIN = ".again"

KEPT_PAGES = 30
"""Landing pages kept of past cuts."""


class TreeDirectory:
    """A folder that holds a published tree."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("objects", "cuts", "packs", "databases", "assets", "actas", "heads"):
            make_folder(root / name)
        self._link_through_live(HEAD_FILES)
        frame = root / PUBLISHER_FRAME
        if not frame.exists():
            frame.write_bytes(b"{}\n")  # asked for by every page: most publishers say nothing

    def sweep(self) -> None:
        """Remove what an earlier process left half written, where only who makes cuts writes."""
        for name in OF_CUTS:
            sweep_drafts(self.root / name)

    def _link_through_live(self, names: Iterable[str]) -> None:
        for name in names:
            link = self.root / name
            if not link.is_symlink():
                link.symlink_to(Path("live") / name)

    def path(self, name: str) -> Path:
        """Where the file ``name`` of the tree stands on disk."""
        return self.root / name

    def read(self, name: str) -> bytes | None:
        """The bytes of a file, or ``None`` if the tree does not have it."""
        try:
            return self.path(name).read_bytes()
        except FileNotFoundError:
            return None

    def read_if_whole(self, name: str) -> bytes | None:
        """As :meth:`read`; a file that this disk cannot read any more is not there, either."""
        try:
            return self.read(name)
        except OSError:
            return None

    def size_of(self, name: str) -> int | None:
        """Size of a file in bytes; ``None`` if the tree does not have it."""
        try:
            return self.path(name).stat().st_size
        except FileNotFoundError:
            return None

    def place_object(self, sha256: str, data: bytes) -> None:
        """See that a declared object, whose digest is ``sha256``, is there as it must be; durably.

        It gets its name when it is whole: a reader may know that name from another publisher who
        was quicker, and would keep half an object for ever.
        """
        self.place(object_path(sha256), data)

    def place(self, name: str, data: bytes) -> None:
        """See that an immutable file is as it must be, its compressed copies too; durably."""
        path = self.path(name)
        if not is_whole(path, data):
            make_folder(path.parent)
            drop_copies(path)
            write_durably(path, data)

    def link_files(self, sources: Mapping[str, Path]) -> dict[str, int]:
        """Have immutable files that stand elsewhere on this machine in the tree too, durably.

        ``sources`` are by name. What the tree now has of them, with its size: all but those whose
        source is lost. Where the disk allows it no byte is stored twice.
        """
        found = {}
        for name, source in sources.items():
            path = self.path(name)
            with suppress(FileNotFoundError):
                _link(source, path)
            size = self.size_of(name)
            if size is not None:
                found[name] = size
        for folder in {self.path(name).parent for name in sources}:
            sync_folder(folder)
        return found

    def packs(self) -> list[int]:
        """The numbers of the packs that this tree has, in order."""
        names = (self.root / "packs").glob("*.pack")
        return sorted(int(path.stem) for path in names if path.stem.isdigit())

    def next_pack(self) -> int:
        """The number of the pack that this tree will write next."""
        return max(self.packs(), default=0) + 1

    @contextmanager
    def writing_pack(self, number: int) -> Iterator[PackWriter]:
        """Write a pack; durable, under its name, when the block ends well."""
        with writing_durably(self.path(pack_path(number))) as stream:
            yield PackWriter(number, stream)

    def spare_packs(self, cut: int) -> list[int]:
        """The packs that no reader needs where the results of ``cut``, the newest, are packed anew.

        Those of cuts before reach up to where theirs begin. What came after was packed for this cut
        or for none; the pack to which readers of this moment are sent stays until the next time.
        """
        earlier = (self.where(number) for number in range(cut - 1, -1, -1))
        needed = _packs_in(next((where for where in earlier if where is not None), None))
        kept = _packs_in(self.where(cut))
        return [own for own in self.packs() if own > max(needed, default=0) and own not in kept]

    def drop_packs(self, numbers: Iterable[int]) -> None:
        """Forget packs."""
        for number in numbers:
            self.path(pack_path(number)).unlink(missing_ok=True)

    def read_at(self, location: Location) -> bytes | None:
        """The bytes that stand at a location, unchecked; ``None`` where this tree has no such."""
        if not 0 < location.size <= MAX_ENTRY_BYTES or location.offset < 0:
            return None
        try:
            descriptor = os.open(self.path(pack_path(location.pack)), os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            return os.pread(descriptor, location.size, location.offset)
        finally:
            os.close(descriptor)

    def place_where(self, where: Where) -> None:
        """Say where the results of a cut begin in this tree's packs, in place of what was said."""
        self.place(where_path(where.cut), msgspec.json.encode(where, order="deterministic"))

    def where(self, cut: int) -> Where | None:
        """Where the results of a cut begin; ``None`` if this tree does not say, or is damaged."""
        data = self.read_if_whole(where_path(cut))
        try:
            return None if data is None else decode_where(data)
        except msgspec.MsgspecError:
            return None

    def read_object(self, ref: Ref) -> bytes | None:
        """The bytes of a declared object; ``None`` where it is not whole."""
        data = self.read(ref.path)
        return data if data is not None and hex_digest(data) == ref.sha256 else None

    def pointer(self) -> Pointer | None:
        """The pointer that is live; ``None`` before the first cut, or if this disk damaged it.

        Nothing is lost with it: who made or verified the cut shows it again.
        """
        data = self.read(f"live/{POINTER_PATH}")
        if data is None:
            return None
        try:
            return decode(data, Pointer)
        except msgspec.MsgspecError:
            return None

    def flip(self, cut: int, head: Mapping[str, bytes]) -> None:
        """Make ``head`` (files by name) current, in one rename.

        If all of it is current already, it stays as it is: that needs no room on a disk that is
        full. The landing page is kept as the page of its cut, too.

        Raises:
            ValueError: a name in ``head`` is none of a file that stands at the root.
        """
        for name in head:
            if head_file(name) != name:
                raise ValueError(f"a head has no place for {name!r}")
        if INDEX_PATH in head:
            self.place(page_path(cut), head[INDEX_PATH])
        if self._shows(head):
            sync_folder(self.root)
            return
        folder = self._new_head(cut)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        at = self._next_date()
        for name, data in head.items():
            self._put_in_head(folder, name, data, at)
        sync_folder(folder)
        sync_folder(folder.parent)
        self._link_through_live(head.keys())
        link = self.root / ".live.tmp"
        link.unlink(missing_ok=True)
        link.symlink_to(Path("heads") / folder.name)
        link.replace(self.root / "live")
        sync_folder(self.root)
        self._drop_heads(folder, cut)
        self._drop_page(cut - KEPT_PAGES)

    def _put_in_head(self, folder: Path, name: str, data: bytes, at: int) -> None:
        """A file of a head that is not live yet: what does not change keeps its date and copies."""
        live = self.root / "live" / name
        if is_whole(live, data):
            for path in (live, *copies_beside(live)):
                (folder / path.name).hardlink_to(path)
            return
        for suffix, bytes_ in {"": data, **copies_of(name, data)}.items():
            _write_dated(folder / f"{name}{suffix}", bytes_, at)

    def _drop_page(self, cut: int) -> None:
        """Forget the page of a cut long past."""
        path = self.path(page_path(cut))
        drop_copies(path)
        path.unlink(missing_ok=True)

    def amend_head(self, cut: int, name: str, data: bytes) -> None:
        """Change one file of the live head, in one rename; nothing if that is not of ``cut``."""
        head = (self.root / "live").resolve()
        if head.name.removesuffix(_AGAIN) == str(cut) and (head / name).is_file():
            drop_copies(head / name)
            write_durably(head / name, data)

    def _shows(self, head: Mapping[str, bytes]) -> bool:
        live = self.root / "live"
        try:
            names = {path.name for path in live.iterdir() if path.suffix not in CODINGS.values()}
        except OSError:
            return False
        return names == head.keys() and all(
            is_whole(live / name, data) for name, data in head.items()
        )

    def _new_head(self, cut: int) -> Path:
        """The folder of a head that is not live: a cut that is shown again needs a second one."""
        folder = self.root / "heads" / str(cut)
        live = (self.root / "live").resolve()
        return folder.with_name(f"{cut}{_AGAIN}") if live == folder.resolve() else folder

    def _next_date(self) -> int:
        """Seconds since 1970: now, or a second after the head that is live.

        nginx makes an ETag of a file's size and of its date in whole seconds. Two pointers of one
        second and one size would be the same to it, and a reader would stay at the first.
        """
        now = int(time.time())
        try:
            return max(now, int((self.root / "live" / POINTER_PATH).stat().st_mtime) + 1)
        except OSError:
            return now

    def _drop_heads(self, live: Path, current: int) -> None:
        for folder in (self.root / "heads").iterdir():
            number = folder.name.removesuffix(_AGAIN)
            kept = number.isdigit() and current - KEPT_HEADS < int(number) <= current
            if number.isdigit() and folder.name != live.name and not kept:
                shutil.rmtree(folder, ignore_errors=True)

    def compress(self, names: Iterable[str]) -> None:
        """Put compressed copies beside each file where it helps; a server may use them or not."""
        for name in names:
            compress(self.root, name)

    def mend_copies(self) -> list[str]:
        """Make those compressed copies anew that are not their files'; the files that had one."""
        broken = drop_broken_copies(self.root)
        self.compress(name for name in broken if self.path(name).is_file())
        return broken

    def compress_cut(self, manifest: Manifest) -> None:
        """Put compressed copies beside what a cut brought: after it is shown, off the way.

        What has copies already is left as it is.

        Raises:
            OSError: the disk is full; nothing that is served suffers.
        """
        self.compress(files_of_cut(self.root, manifest))


def _packs_in(where: Where | None) -> set[int]:
    """The packs in which results begin."""
    return set() if where is None else {root.pack for root in where.roots.values()}


def _link(source: Path, path: Path) -> None:
    """A second name for a file; a copy of it, where the two are on different file systems."""
    try:
        path.hardlink_to(source)
    except FileExistsError:
        return
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP):
            raise
        write_durably(path, source.read_bytes())


def _write_dated(path: Path, data: bytes, at: int) -> None:
    """A file of a head that is not live yet: durable, with the date ``at``."""
    with path.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.utime(stream.fileno(), (at, at))
        os.fsync(stream.fileno())
