"""The files that a cut brings, from any source onto this disk, each held against its digest."""

import asyncio

from openprep.hosting.directory import TreeDirectory
from openprep.hosting.http.application import IMMUTABLE
from openprep.mirror.codes import MirrorCode, Refused, reading, writing
from openprep.mirror.sources.source import Get
from openprep.mirror.verify.declared import described, parts_declared
from openprep.wire.cut.description import MAX_DECLARED_BYTES
from openprep.wire.cut.manifest import FileKind, Manifest
from openprep.wire.cut.ref import Ref, hex_digest

MAX_FILE_BYTES = 512 * 1024 * 1024


class CutFiles:
    """Declared objects and databases of a mirror's tree."""

    def __init__(self, tree: TreeDirectory) -> None:
        self._tree = tree
        self._whole: dict[str, str] = {}
        """What was found or fetched whole, by path; its digest."""
        self._declared: str | None = None
        """The description all of whose parts are here."""

    def distrust(self) -> None:
        """Look at every file again: this disk may have damaged it."""
        self._whole.clear()
        self._declared = None

    def read(self, ref: Ref) -> bytes:
        """A declared object on this disk.

        Raises:
            Refused: TREE_DAMAGED.
        """
        with reading():
            data = self._tree.read_object(ref)
        if data is None:
            raise Refused(MirrorCode.TREE_DAMAGED, "{path} is not whole", path=ref.path)
        return data

    async def fetch_declared(self, get: Get, description: Ref) -> None:
        """What is declared of the election: the same for all cuts, looked at once.

        Raises:
            Refused: OVERSIZE, DIGEST, FORMAT, DISK, or what ``get`` does.
        """
        if self._declared == description.sha256:
            return
        await self._fetch_object(get, description)
        declared = await asyncio.to_thread(described, description, self.read)
        for ref in parts_declared(declared):
            await self._fetch_object(get, ref)
        self._declared = description.sha256

    async def _fetch_object(self, get: Get, ref: Ref) -> None:
        if ref.size > MAX_DECLARED_BYTES:
            raise Refused(
                MirrorCode.OVERSIZE, "{path} of {size} bytes", path=ref.path, size=ref.size
            )
        await self._fetch(get, ref.path, ref)

    async def fetch_databases(self, get: Get, manifest: Manifest) -> None:
        """The official databases into the tree.

        Raises:
            Refused: OVERSIZE, DIGEST, FORMAT, DISK, or what ``get`` does.
        """
        for name, file in manifest.files.items():
            if file.size > MAX_FILE_BYTES:
                raise Refused(
                    MirrorCode.OVERSIZE, "{name} of {size} bytes", name=name, size=file.size
                )
            is_database = file.kind is FileKind.DATABASE and name.startswith("databases/")
            if not is_database or not IMMUTABLE.fullmatch(name):
                raise Refused(MirrorCode.FORMAT, "a tree has no place for {name!r}", name=name)
            await self._fetch(get, name, Ref(file.sha256, file.size))

    async def _fetch(self, get: Get, path: str, file: Ref) -> None:
        """Have a file with its digest on this disk."""
        if self._whole.get(path) == file.sha256:
            return
        here = await asyncio.to_thread(self._tree.read_if_whole, path)
        if here is None or hex_digest(here) != file.sha256:
            data = await get(path, file.size)
            if hex_digest(data) != file.sha256:
                raise Refused(MirrorCode.DIGEST, "{path} does not match its digest", path=path)
            with writing():
                await asyncio.to_thread(self._tree.place, path, data)
        self._whole[path] = file.sha256
