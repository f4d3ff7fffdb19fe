"""Following a centre: fetch what is new, verify all of it, then turn the tree in one rename.

The order is the promise: what the note says is remembered durably before it is acted upon; nothing
is shown before every digest is right and every figure was counted again; and whatever goes wrong,
the cut that is up stays up.
"""

import asyncio
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import msgspec

from openprep.election import Level
from openprep.hosting.directory import TreeDirectory, write_durably
from openprep.hosting.http import IMMUTABLE
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.recount import Recount, parse
from openprep.mirror.source import Source
from openprep.mirror.trusted import Seen, TrustedCuts
from openprep.tree import manifest as wire
from openprep.tree.note import MAX_NOTE_BYTES, Verifier
from openprep.tree.objects import AreaResults, Ref
from openprep.tree.pack import MAX_OBJECT_BYTES, PackError, read_pack

MAX_MANIFEST_BYTES = 16 * 1024 * 1024
MAX_PACK_BYTES = 1024 * 1024 * 1024
MAX_FILE_BYTES = 512 * 1024 * 1024
MOST_PACKS = 30
"""Cuts behind after which asking object by object costs less than reading every pack."""


def load_seen(path: Path) -> Seen:
    """What the mirror had seen when it last wrote it down; nothing on its first start.

    Raises:
        Refused: the file is damaged. It is never taken for a first start, or a rollback would pass.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Seen)
    except FileNotFoundError:
        return Seen()
    except msgspec.MsgspecError as error:
        detail = f"{path} is damaged: restore it from a copy, or join the election anew"
        raise Refused(MirrorCode.TREE_DAMAGED, detail) from error


class Follower:
    """One mirror of one election."""

    def __init__(
        self, source: Source, data: Path, election: str, verifiers: list[Verifier], *, drill: bool
    ) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.tree = TreeDirectory(data / "public")
        self._source = source
        self._seen_path = data / "seen.json"
        seen = load_seen(self._seen_path)
        self.trusted = TrustedCuts(election, verifiers, drill=drill, seen=seen)
        self._recount = Recount(self._read)
        self._whole = True
        self._one_at_a_time = asyncio.Lock()
        self._packs: dict[str, bytes] = {}
        self._unpacked: dict[str, bytes] = {}

    async def start(self) -> None:
        """Count again what is up since before; if this disk damaged it, it is fetched anew."""
        shown = self.trusted.seen.trusted
        if shown is None:
            return
        try:
            data = self.tree.read(wire.manifest_path(shown.cut)) or b""
            await asyncio.to_thread(self._recount.check, self.trusted.parse(shown, data))
        except Refused:
            self._whole = False
            raise

    async def step(self) -> wire.Manifest | None:
        """Look once for a new cut; the manifest now shown if there was one.

        Raises:
            Refused: the new cut is not shown; the one before stays up.
        """
        async with self._one_at_a_time:
            return await self._step()

    async def _step(self) -> wire.Manifest | None:
        pointer = await self._source.pointer()
        if pointer is None or self._is_shown(pointer):
            return None
        try:
            return await self._take(pointer)
        except BaseException:
            self._source.forget_pointer()
            raise

    def _is_shown(self, pointer: wire.Pointer) -> bool:
        shown = self.trusted.seen.trusted
        return (
            self._whole
            and shown is not None
            and (shown.cut, shown.manifest) == (pointer.cut, pointer.manifest)
            and self.tree.path(f"live/{wire.POINTER_PATH}").is_file()
        )

    async def _take(self, pointer: wire.Pointer) -> wire.Manifest:
        note = await self._source.get(wire.note_path(pointer.cut), MAX_NOTE_BYTES)
        statement = self.trusted.accept_note(note)
        self._remember()
        if statement.manifest.size > MAX_MANIFEST_BYTES:
            raise Refused(MirrorCode.OVERSIZE, f"manifest of {statement.manifest.size} bytes")
        path = wire.manifest_path(statement.cut)
        data = await self._source.get(path, statement.manifest.size)
        manifest = self.trusted.accept_manifest(statement, data)
        await self._fetch_packs(manifest.cut)
        page = await self._fetch_files(manifest)
        await self._verify(manifest)
        head = {wire.POINTER_PATH: wire.encode(wire.point_at(manifest, statement.manifest))}
        if page is not None:
            head["index.html"] = page
        await asyncio.to_thread(self._write, lambda: self._show(manifest, data, note, head))
        self.trusted.trust(statement)
        self._remember()
        self._whole = True
        return manifest

    def _show(
        self, manifest: wire.Manifest, data: bytes, note: bytes, head: dict[str, bytes]
    ) -> None:
        for path, pack in self._packs.items():
            self.tree.place(path, pack)
        for digest, found in self._unpacked.items():
            self.tree.place_object(digest, found)
        self._forget_packs()
        self.tree.place(wire.manifest_path(manifest.cut), data)
        self.tree.place(wire.note_path(manifest.cut), note)
        self.tree.flip(manifest.cut, head)

    def _remember(self) -> None:
        data = msgspec.json.encode(self.trusted.seen)
        self._write(lambda: write_durably(self._seen_path, data))

    def _write(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            raise Refused(MirrorCode.DISK, str(error)) from error

    async def _verify(self, manifest: wire.Manifest) -> None:
        """Count the cut again; objects that no pack brought are asked for one by one."""
        try:
            await asyncio.to_thread(self._recount.check, manifest)
        except Refused as refusal:
            if refusal.code is not MirrorCode.TREE_DAMAGED:
                raise
            while missing := await asyncio.to_thread(self._missing, manifest):
                await asyncio.gather(*(self._fetch_object(ref) for ref in missing))
            await asyncio.to_thread(self._recount.check, manifest)

    async def _fetch_packs(self, cut: int) -> None:
        shown = self.trusted.seen.trusted
        first = 0 if shown is None else shown.cut + 1
        self._forget_packs()
        if cut - first >= MOST_PACKS:
            return
        for number in range(first, cut + 1):
            path = wire.pack_path(number)
            try:
                pack = await self._source.get(path, MAX_PACK_BYTES)
                await asyncio.to_thread(self._unpack, path, pack)
            except (Refused, PackError):
                return  # every object can still be asked for by itself

    def _unpack(self, path: str, pack: bytes) -> None:
        """Take a pack whose digests are right; it is written when its cut has been counted."""
        self._unpacked.update(read_pack(pack))
        self._packs[path] = pack

    def _forget_packs(self) -> None:
        self._packs, self._unpacked = {}, {}

    def _missing(self, manifest: wire.Manifest) -> list[Ref]:
        """Objects of the cut that are not here and can be named already."""
        missing: dict[str, Ref] = {}
        if not self._has(manifest.description):
            missing[manifest.description.sha256] = manifest.description
        queue = [(cut.id, "", cut.results) for cut in manifest.contests]
        while queue:
            contest, path, ref = queue.pop()
            if self._recount.knows(contest, path, ref.sha256):
                continue
            if not self._has(ref):
                missing[ref.sha256] = ref
            else:
                queue += self._below(contest, ref, missing)
        return list(missing.values())

    def _has(self, ref: Ref) -> bool:
        return ref.sha256 in self._unpacked or self.tree.has_object(ref.sha256, ref.size)

    def _below(self, contest: str, ref: Ref, missing: dict[str, Ref]) -> list[tuple[str, str, Ref]]:
        """Areas inside an area that is here; its sections are only looked for."""
        area = parse(ref, self._read(ref))
        if not isinstance(area, AreaResults):
            raise Refused(MirrorCode.FORMAT, f"object {ref.sha256} is not an area")
        leaves = [child.object for child in area.children if child.level is Level.SECCION]
        if area.out_of_catalogue is not None:
            leaves.append(area.out_of_catalogue)
        missing.update({leaf.sha256: leaf for leaf in leaves if not self._has(leaf)})
        areas = (child for child in area.children if child.level is not Level.SECCION)
        return [(contest, child.path, child.object) for child in areas]

    async def _fetch_object(self, ref: Ref) -> None:
        if ref.size > MAX_OBJECT_BYTES:
            raise Refused(MirrorCode.OVERSIZE, f"object {ref.sha256} of {ref.size} bytes")
        data = await self._source.get(ref.path, ref.size)
        if sha256(data).hexdigest() != ref.sha256:
            raise Refused(MirrorCode.DIGEST, f"{ref.path} does not match its digest")
        self._write(lambda: self.tree.place_object(ref.sha256, data))

    def _read(self, ref: Ref) -> bytes:
        """An object that came in a pack or is on disk, its digest checked.

        A damaged one is dropped from the disk, so that it is fetched again.
        """
        if (unpacked := self._unpacked.get(ref.sha256)) is not None:
            return unpacked
        data = self.tree.read(ref.path)
        if data is None or sha256(data).hexdigest() != ref.sha256:
            self.tree.path(ref.path).unlink(missing_ok=True)
            raise Refused(MirrorCode.TREE_DAMAGED, f"{ref.path} on this disk")
        return data

    async def _fetch_files(self, manifest: wire.Manifest) -> bytes | None:
        """Assets and databases into the tree; the landing page, if the cut has one."""
        page: bytes | None = None
        for name, file in manifest.files.items():
            if file.size > MAX_FILE_BYTES:
                raise Refused(MirrorCode.OVERSIZE, f"{name} of {file.size} bytes")
            if file.kind is wire.FileKind.PAGE and name == "index.html":
                page = await self._fetch_file(wire.page_path(manifest.cut), file)
            elif IMMUTABLE.fullmatch(name) and name.startswith(("assets/", "databases/")):
                await self._fetch_file(name, file)
            else:
                raise Refused(MirrorCode.FORMAT, f"a tree has no place for {name!r}")
        return page

    async def _fetch_file(self, path: str, file: wire.TreeFile) -> bytes:
        here = self.tree.read(path)
        if here is not None and sha256(here).hexdigest() == file.sha256:
            return here
        data = await self._source.get(path, file.size)
        if sha256(data).hexdigest() != file.sha256:
            raise Refused(MirrorCode.DIGEST, f"{path} does not match its digest")
        self._write(lambda: self.tree.place(path, data))
        return data
