"""The files that a cut brings, from any source onto this disk, each held against its digest."""

import asyncio
from functools import partial
from hashlib import sha256

from openprep.hosting.batch import write_batch
from openprep.hosting.directory import TreeDirectory
from openprep.hosting.http.application import IMMUTABLE
from openprep.mirror.codes import MirrorCode, Refused, writing
from openprep.mirror.sources.source import Get
from openprep.wire.cut.manifest import FORMER_KINDS, FileKind, Manifest, TreeFile
from openprep.wire.cut.pack import PackError, files_in
from openprep.wire.cut.ref import Ref, object_path, pack_path

MAX_PACK_BYTES = 1024 * 1024 * 1024
MAX_FILE_BYTES = 512 * 1024 * 1024

MAX_HELD_BYTES = 256 * 1024 * 1024
"""Bytes of the packs just fetched that are held in memory until their objects were counted."""


class CutFiles:
    """Packs and databases of a mirror's tree, and the objects in them."""

    def __init__(self, tree: TreeDirectory) -> None:
        self._tree = tree
        self._packs: dict[int, bytes] = {}

    def let_go(self) -> None:
        """Hold no pack in memory any more."""
        self._packs.clear()

    def read(self, ref: Ref) -> bytes | None:
        """The bytes where ``ref`` says they are, unchecked; ``None`` if there is no such file."""
        pack = None if ref.pack is None else self._packs.get(ref.pack)
        if pack is not None and ref.offset is not None:
            return pack[ref.offset : ref.offset + ref.size]
        return self._tree.read_object(ref)

    async def fetch_pack(self, get: Get, manifest: Manifest) -> None:
        """What stands under ``objects/`` in the pack of a cut onto this disk, then the pack itself.

        In this order, and after the cut's manifest and note: a pack that has its name says that all
        of its cut is here.

        Raises:
            Refused: OVERSIZE, DIGEST, FORMAT, DISK, or what ``get`` does.
        """
        path = pack_path(manifest.cut)
        if manifest.pack.size > MAX_PACK_BYTES:
            raise Refused(
                MirrorCode.OVERSIZE, "{path} of {size} bytes", path=path, size=manifest.pack.size
            )
        file = TreeFile(FileKind.PACK, manifest.pack.sha256, manifest.pack.size)
        pack = await self._fetched(get, path, file)
        await asyncio.to_thread(self._unpack, path, pack)
        await self._place(path, pack)
        if sum(map(len, self._packs.values())) + len(pack) <= MAX_HELD_BYTES:
            self._packs[manifest.cut] = pack

    def _unpack(self, path: str, pack: bytes) -> None:
        try:
            objects = {
                self._tree.path(object_path(digest)): data for digest, data in files_in(pack)
            }
        except PackError as error:
            raise Refused(MirrorCode.FORMAT, "{path}: {error}", path=path, error=error) from error
        with writing():
            write_batch(objects)

    async def fetch_databases(self, get: Get, manifest: Manifest) -> None:
        """The official databases into the tree. A page that is listed is nobody's to take.

        Raises:
            Refused: OVERSIZE, DIGEST, FORMAT, DISK, or what ``get`` does.
        """
        for name, file in manifest.files.items():
            if file.kind in FORMER_KINDS:
                continue
            if file.size > MAX_FILE_BYTES:
                raise Refused(
                    MirrorCode.OVERSIZE, "{name} of {size} bytes", name=name, size=file.size
                )
            is_database = file.kind is FileKind.DATABASE and name.startswith("databases/")
            if not is_database or not IMMUTABLE.fullmatch(name):
                raise Refused(MirrorCode.FORMAT, "a tree has no place for {name!r}", name=name)
            await self._place(name, await self._fetched(get, name, file))

    async def _place(self, path: str, data: bytes) -> None:
        with writing():
            await asyncio.to_thread(partial(self._tree.place, path, data))

    async def _fetched(self, get: Get, path: str, file: TreeFile) -> bytes:
        """A file with its digest, from this disk if it is there."""
        here = self._tree.read(path)
        if here is not None and sha256(here).hexdigest() == file.sha256:
            return here
        data = await get(path, file.size)
        if sha256(data).hexdigest() != file.sha256:
            raise Refused(MirrorCode.DIGEST, "{path} does not match its digest", path=path)
        return data
