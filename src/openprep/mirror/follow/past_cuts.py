"""The cuts so far on a mirror's disk: note and manifest of each, and how a gap is filled.

Whoever audits a tree, or joins from it, reads all of them from the opening on. A process that died
at the wrong instant, a disk, or a source that had not kept something may have left a gap: it is
looked for at the start and filled from whoever has the files. No new cut waits for that.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256

from openprep.hosting.directory import TreeDirectory
from openprep.mirror.codes import MirrorCode, Refused, writing
from openprep.mirror.sources.source import Get
from openprep.mirror.verify.log import MirroredLog
from openprep.mirror.verify.trusted import TrustedCuts
from openprep.wire.cut.manifest import Manifest, manifest_path, note_path
from openprep.wire.cut.ref import Ref
from openprep.wire.note import MAX_NOTE_BYTES

MAX_MANIFEST_BYTES = 16 * 1024 * 1024

NOT_HAD = frozenset({MirrorCode.NOT_FOUND, MirrorCode.DIGEST, MirrorCode.MANIFEST})
"""Refusals after which a gap stays, and the next one is tried."""


class PastCuts:
    """Cuts up to the one that is trusted."""

    def __init__(self, tree: TreeDirectory, trusted: TrustedCuts) -> None:
        self._tree = tree
        self._trusted = trusted
        self.gaps: set[int] = set()
        """Cuts of which this disk lacks a file."""

    def keep(self, manifest: Manifest, data: bytes, note: bytes) -> None:
        """What vouches for a cut, durably.

        Raises:
            Refused: DISK.
        """
        with writing():
            self._tree.place(manifest_path(manifest.cut), data)
            self._tree.place(note_path(manifest.cut), note)
        self.gaps = self.gaps - {manifest.cut}

    async def fetch_between(
        self, get: Get, log: MirroredLog, after: int, manifest: Manifest
    ) -> None:
        """What vouches for the cuts that come after ``after`` and before ``manifest``.

        Each is named by the digest in the one after it, so that all rest on the signed one.

        Raises:
            Refused: a file is not what it must be, or not to be had; a note that nobody kept leaves
                a gap, and no more: the log vouches for the cut.
        """
        between: list[Manifest] = []
        later = manifest
        while later.previous is not None and later.cut - 1 > after:
            later = await self._manifest_before(get, log, later)
            between.insert(0, later)
        for earlier in between:
            with suppress(_NotKept):
                await self._fetch_note(get, log, earlier)

    async def _manifest_before(self, get: Get, log: MirroredLog, later: Manifest) -> Manifest:
        path = manifest_path(later.cut - 1)
        data = self._tree.read_if_whole(path) or b""
        if sha256(data).hexdigest() != later.previous:
            data = await get(path, MAX_MANIFEST_BYTES)
        if later.previous != log.cuts[later.cut - 1].manifest_sha256:
            raise Refused(
                MirrorCode.LOG_FACTS,
                "cut {cut} follows another manifest than the log has",
                cut=later.cut,
            )
        manifest = self._trusted.parse_previous(later, data)
        with writing():
            self._tree.place(path, data)
        return manifest

    async def _fetch_note(self, get: Get, log: MirroredLog, manifest: Manifest) -> None:
        """What was signed at a cut that was never shown here, for whoever audits this tree."""
        path = note_path(manifest.cut)
        note = self._tree.read_if_whole(path)
        if note is None or not self._is_signed(note, log, manifest):
            try:
                note = await get(path, MAX_NOTE_BYTES)
            except Refused as refused:
                if refused.code is MirrorCode.NOT_FOUND:
                    raise _NotKept(refused.code, "{detail}", detail=refused.text) from refused
                raise
        self._accept_note(note, log, manifest)
        with writing():
            self._tree.place(path, note)

    def _accept_note(self, note: bytes, log: MirroredLog, manifest: Manifest) -> None:
        leaf, size = log.cuts[manifest.cut], manifest.leaf + 1
        self._trusted.accept_earlier(note, leaf, size, log.root_at)

    def _is_signed(self, note: bytes, log: MirroredLog, manifest: Manifest) -> bool:
        try:
            self._accept_note(note, log, manifest)
        except Refused:
            return False
        return True

    def look_through(self, log: MirroredLog, cuts: Iterable[int]) -> None:
        """See which of ``cuts`` are not whole on this disk.

        Manifests are held against the log, notes against its roots and keys.
        """
        for cut in cuts:
            whole = self._is_whole(log, cut)
            self.gaps = self.gaps - {cut} if whole else self.gaps | {cut}

    def _is_whole(self, log: MirroredLog, cut: int) -> bool:
        manifest = self._manifest_here(log, cut)
        if manifest is None:
            return False
        note = self._tree.read_if_whole(note_path(cut))
        return note is not None and self._is_signed(note, log, manifest)

    def _manifest_here(self, log: MirroredLog, cut: int) -> Manifest | None:
        data = self._tree.read_if_whole(manifest_path(cut)) or b""
        try:
            return self._parse(log, cut, data)
        except Refused:
            return None

    def _parse(self, log: MirroredLog, cut: int, data: bytes) -> Manifest:
        leaf = log.cuts[cut]
        return self._trusted.parse(cut, Ref(leaf.manifest_sha256, leaf.manifest_size), data)

    async def fill(self, get: Get, log: MirroredLog) -> None:
        """Fetch what the gaps lack; what is not to be had, or wrong, stays lacking.

        Raises:
            Refused: UNREACHABLE, DISK, or a note of another history: SPLIT_VIEW.
        """
        for cut in sorted(self.gaps):
            try:
                await self._fill(get, log, cut)
            except Refused as refused:
                if refused.code not in NOT_HAD:
                    raise
            await asyncio.to_thread(self.look_through, log, [cut])

    async def _fill(self, get: Get, log: MirroredLog, cut: int) -> None:
        manifest = self._manifest_here(log, cut)
        if manifest is None:
            path = manifest_path(cut)
            data = await get(path, min(log.cuts[cut].manifest_size, MAX_MANIFEST_BYTES))
            manifest = self._parse(log, cut, data)
            with writing():
                self._tree.place(path, data)
        await self._fetch_note(get, log, manifest)


class _NotKept(Refused):
    """A source does not have the note of a cut."""
