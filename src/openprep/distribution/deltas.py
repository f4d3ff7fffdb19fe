"""Packages for publishers: which files a publisher lacks, packed once, sealed to each.

The compressed tar of a delta is the same for everyone who asks for it: it is made once and kept
while there is room. Sealing is each publisher's own, and costs a tenth of packing. What was sealed
for an answer is kept for some minutes, so that a publisher whose line broke goes on where it was;
after that it gets a package that is sealed anew. Nothing here is durable, nor need it be.
"""

import asyncio
import io
import os
import secrets
import shutil
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import msgspec

from openprep.hosting import TreeDirectory
from openprep.wire.cut.description import ElectionDescription, decode_declared
from openprep.wire.cut.manifest import (
    POINTER_PATH,
    Manifest,
    databases_of,
    decode,
    encode,
    manifest_path,
    note_path,
    point_at,
)
from openprep.wire.cut.ref import ref_to
from openprep.wire.distribution.codes import DistributionCode
from openprep.wire.distribution.package import (
    CHECKPOINT,
    SCHEMA,
    Member,
    PackageLabel,
    PackageRefused,
    seal,
    write_package,
)
from openprep.wire.distribution.requests import NotAdmitted, Publisher
from openprep.wire.log.tiles import ENTRIES, tiles_between

KEPT_SECONDS = 600.0
"""How long the sealed bytes of an answer may be resumed."""

DELTAS_AT_ONCE = 4
FULL_AT_ONCE = 1
"""Full packages have a queue of their own: a publisher that joins must not delay a live cut."""


class Delta(NamedTuple):
    """From the cut ``after`` (``None``: from nothing) to the cut ``to``."""

    after: int | None
    to: int


@dataclass(frozen=True)
class Room:
    """Bytes on disk: of packed deltas, and of what is sealed and not yet fetched."""

    packed_bytes: int = 8 * 1024**3
    sealed_bytes: int = 16 * 1024**3


@dataclass(frozen=True)
class Extra:
    """What a package carries beside the cuts and the log's entries.

    ``paths`` names the immutable files of the tree that a publisher with ``after`` lacks at ``to``;
    ``checkpoint`` gives the log's checkpoint as it stood at ``to``, if there is one.
    """

    paths: Callable[[int | None, int], Sequence[str]] = lambda _after, _to: ()
    checkpoint: Callable[[int], bytes | None] = lambda _to: None


def files_of(tree: TreeDirectory, delta: Delta, extra: Extra) -> list[str]:
    """The immutable files of a package, in the order in which a publisher needs them.

    Raises:
        NotAdmitted: NO_SUCH_CUT, or NOT_READY where the tree lacks a manifest or what is declared.
    """
    newest = _manifest(tree, delta.to)
    first = 0 if delta.after is None else delta.after + 1
    if not first <= delta.to:
        raise NotAdmitted(
            DistributionCode.NO_SUCH_CUT,
            "{to} is not after {after}",
            to=delta.to,
            after=delta.after,
        )
    before = None if delta.after is None else _manifest(tree, delta.after)
    known = {} if before is None else databases_of(before)
    cuts = range(first, delta.to + 1)
    names = [note_path(delta.to), manifest_path(delta.to)]
    names += [path for cut in cuts[:-1] for path in (note_path(cut), manifest_path(cut))]
    names += _bundles(0 if before is None else before.leaf + 1, newest.leaf + 1)
    names += extra.paths(delta.after, delta.to)
    if before is None:
        names += _declared(tree, newest)
    databases = databases_of(newest)
    return [*names, *(path for path, file in databases.items() if known.get(path) != file)]


def _declared(tree: TreeDirectory, manifest: Manifest) -> list[str]:
    """What is declared of the election: its description, and the objects that this names.

    Results are not here: who holds the log and these makes every one of them.
    """
    data = tree.read_object(manifest.description)
    try:
        description = None if data is None else decode_declared(data)
    except msgspec.DecodeError:
        description = None
    if not isinstance(description, ElectionDescription):
        path = manifest.description.path
        raise NotAdmitted(DistributionCode.NOT_READY, "{path} is damaged", path=path)
    parts = (ref for each in description.contests for ref in (each.running, each.catalogue))
    return [manifest.description.path, *(ref.path for ref in parts)]


def _bundles(held: int, size: int) -> list[str]:
    """The log's new entries. Tiles of hashes are left out: who holds every entry makes them."""
    return [tile.path for tile in tiles_between(held, size) if tile.level == ENTRIES]


def heads_of(tree: TreeDirectory, delta: Delta, extra: Extra) -> dict[str, bytes]:
    """The mutable files as they stood at the package's cut: they come last, like a flip."""
    data = tree.read(manifest_path(delta.to)) or b""
    pointer = point_at(_decoded(data, delta.to), ref_to(data))
    heads = {POINTER_PATH: encode(pointer)}
    checkpoint = extra.checkpoint(delta.to)
    return heads if checkpoint is None else {CHECKPOINT: checkpoint, **heads}


def _manifest(tree: TreeDirectory, cut: int) -> Manifest:
    shown = tree.pointer()
    if shown is None or not 0 <= cut <= shown.cut:
        raise NotAdmitted(DistributionCode.NO_SUCH_CUT, "cut {cut}", cut=cut)
    data = tree.read(manifest_path(cut))
    if data is None:
        raise NotAdmitted(DistributionCode.NOT_READY, "{path}", path=manifest_path(cut))
    return _decoded(data, cut)


def _decoded(data: bytes, cut: int) -> Manifest:
    try:
        return decode(data, Manifest)
    except msgspec.MsgspecError as error:
        raise NotAdmitted(
            DistributionCode.NOT_READY,
            "{path} is damaged: {error}",
            path=manifest_path(cut),
            error=error,
        ) from error


def pack_delta(tree: TreeDirectory, delta: Delta, extra: Extra, path: Path) -> None:
    """Write the compressed tar of a delta to ``path``.

    Raises:
        NotAdmitted: NO_SUCH_CUT or NOT_READY; nothing is left at ``path``.
    """
    files = files_of(tree, delta, extra)
    heads = heads_of(tree, delta, extra)
    newest = _manifest(tree, delta.to)
    label = PackageLabel(SCHEMA, newest.election, newest.drill, delta.after, delta.to)
    draft = path.with_suffix(".tmp")
    try:
        with draft.open("wb") as out:
            write_package(label, _members(tree, files, heads), out)
        draft.replace(path)
    except (FileNotFoundError, PackageRefused) as error:
        raise NotAdmitted(DistributionCode.NOT_READY, "{error}", error=error) from error
    except OSError as error:
        raise NotAdmitted(DistributionCode.CENTRE_DISK, "{error}", error=error) from error
    finally:
        draft.unlink(missing_ok=True)


def _members(
    tree: TreeDirectory, files: Sequence[str], heads: Mapping[str, bytes]
) -> Iterator[Member]:
    for name in files:
        with tree.path(name).open("rb") as stream:
            yield Member(name, os.fstat(stream.fileno()).st_size, stream)
    for name, data in heads.items():
        yield Member(name, len(data), io.BytesIO(data))


@dataclass
class Sealed:
    """The sealed bytes of one answer. ``etag`` names these bytes and no others."""

    etag: str
    publisher: str
    delta: Delta
    path: Path
    size: int
    until: float
    readers: int = 0
    superseded: bool = False


class Packages:
    """Packs deltas of one tree and seals them; all methods are called on one event loop.

    ``folder`` is emptied: nothing in it outlives the process. ``clock`` gives seconds.
    """

    def __init__(
        self,
        tree: TreeDirectory,
        folder: Path,
        clock: Callable[[], float],
        extra: Extra | None = None,
        room: Room | None = None,
    ) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._tree = tree
        self._folder = folder
        self._clock = clock
        self._extra = extra or Extra()
        self._room = room or Room()
        self._shelf: OrderedDict[Delta, asyncio.Task[Path]] = OrderedDict()
        self._sealed: dict[str, Sealed] = {}
        self._sealing: set[asyncio.Task[Sealed]] = set()
        self._queues = {
            True: asyncio.Semaphore(FULL_AT_ONCE),
            False: asyncio.Semaphore(DELTAS_AT_ONCE),
        }

    def newest(self) -> int | None:
        """The cut that is up; ``None`` before the first."""
        pointer = self._tree.pointer()
        return None if pointer is None else pointer.cut

    async def seal_for(self, publisher: Publisher, delta: Delta) -> Sealed:
        """A package for one publisher, sealed under a file key of its own.

        Raises:
            NotAdmitted: NO_SUCH_CUT, NOT_READY, BUSY or CENTRE_DISK.
        """
        work = asyncio.create_task(self._seal(publisher, delta))
        self._sealing.add(work)
        work.add_done_callback(self._sealing.discard)
        return await asyncio.shield(work)  # who goes away finds it when it comes back

    def resumable(self, publisher: str, delta: Delta, etag: str) -> Sealed | None:
        """The bytes that ``etag`` names, if they are here and were this publisher's answer."""
        sealed = self._sealed.get(etag)
        mine = sealed is not None and (sealed.publisher, sealed.delta) == (publisher, delta)
        return sealed if sealed is not None and mine and sealed.until >= self._clock() else None

    @contextmanager
    def reading(self, sealed: Sealed) -> Iterator[io.BufferedReader]:
        """The sealed bytes, kept on disk for as long as they are read.

        Raises:
            NotAdmitted: BUSY, they had to make room for others.
        """
        try:
            stream = sealed.path.open("rb")
        except FileNotFoundError as error:
            raise NotAdmitted(DistributionCode.BUSY, "no room to keep the package") from error
        sealed.readers += 1
        try:
            with stream:
                yield stream
        finally:
            sealed.readers -= 1
            if sealed.superseded:
                self._drop(sealed)

    async def _packed(self, delta: Delta) -> Path:
        making = self._shelf.get(delta)
        if making is None:
            making = asyncio.create_task(self._pack(delta))
            self._shelf[delta] = making
        self._shelf.move_to_end(delta)
        return await asyncio.shield(making)

    async def _pack(self, delta: Delta) -> Path:
        path = self._folder / f"{'all' if delta.after is None else delta.after}-{delta.to}.tar.zst"
        try:
            async with self._queues[delta.after is None]:
                await asyncio.to_thread(pack_delta, self._tree, delta, self._extra, path)
        except BaseException:
            del self._shelf[delta]
            raise
        self._clear_shelf(keep=delta)
        return path

    def _clear_shelf(self, keep: Delta) -> None:
        """Drop what was not asked for longest, while there is too much."""
        packed = [delta for delta, making in self._shelf.items() if making.done()]
        paths = {delta: self._shelf[delta].result() for delta in packed}
        total = sum(path.stat().st_size for path in paths.values())
        for delta, path in paths.items():
            if total <= self._room.packed_bytes:
                return
            if delta != keep:
                total -= path.stat().st_size
                path.unlink()
                del self._shelf[delta]

    async def _seal(self, publisher: Publisher, delta: Delta) -> Sealed:
        packed = await self._packed(delta)
        with packed.open("rb") as compressed:  # before anything may drop it from the shelf
            etag = secrets.token_hex(16)
            sealed = Sealed(
                etag=etag,
                publisher=publisher.id,
                delta=delta,
                path=self._folder / f"{etag}.age",
                size=os.fstat(compressed.fileno()).st_size,
                until=self._clock() + KEPT_SECONDS,
                readers=1,
            )
            self._make_room(sealed)
            try:
                async with self._queues[delta.after is None]:
                    await asyncio.to_thread(_seal_into, compressed, sealed.path, publisher)
            except BaseException:
                sealed.readers = 0
                self._drop(sealed)
                raise
        sealed.readers = 0
        sealed.size = sealed.path.stat().st_size
        return sealed

    def _make_room(self, coming: Sealed) -> None:
        """Take ``coming`` in; earlier answers to its publisher go, then the oldest, if idle."""
        now = self._clock()
        for sealed in list(self._sealed.values()):
            if sealed.publisher == coming.publisher or sealed.until < now:
                sealed.superseded = True
                self._drop(sealed)
        for sealed in list(self._sealed.values()):
            if self._held() + coming.size <= self._room.sealed_bytes:
                break
            self._drop(sealed)
        if self._held() + coming.size > self._room.sealed_bytes:
            raise NotAdmitted(
                DistributionCode.BUSY,
                "{held} bytes are being sent; {size} more find no room",
                held=self._held(),
                size=coming.size,
            )
        self._sealed[coming.etag] = coming

    def _held(self) -> int:
        return sum(sealed.size for sealed in self._sealed.values())

    def _drop(self, sealed: Sealed) -> None:
        if not sealed.readers:
            sealed.path.unlink(missing_ok=True)
            self._sealed.pop(sealed.etag, None)


def _seal_into(compressed: io.BufferedReader, path: Path, publisher: Publisher) -> None:
    try:
        with path.open("wb") as out:
            seal(compressed, out, publisher.recipient)
    except PackageRefused as error:
        raise NotAdmitted(
            error.code, "{id}: {detail}", id=publisher.id, detail=error.text
        ) from error
    except OSError as error:
        raise NotAdmitted(DistributionCode.CENTRE_DISK, "{error}", error=error) from error
