"""Following a centre: fetch what is new, verify all of it, then turn the tree in one rename.

From the centre come figures only. The pages that show them are rendered here, by the kit installed
here, from what was counted here.

The order is the promise: what the note says is remembered durably before it is acted upon; nothing
is shown before every digest is right and every figure was counted again; that a cut is trusted is
remembered before it is shown, so that starting again shows it; and whatever goes wrong, the cut
that is up stays up.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

import msgspec

from openprep.clock import Clock, system_clock
from openprep.decoding import decoding
from openprep.durable import make_folder, write_durably
from openprep.hosting.directory import TreeDirectory
from openprep.mirror.codes import MirrorCode, Refused, SplitView, writing
from openprep.mirror.follow.cut_files import CutFiles
from openprep.mirror.follow.past_cuts import MAX_MANIFEST_BYTES, PastCuts
from openprep.mirror.sources.source import TreeSource
from openprep.mirror.verify.log import MirroredLog
from openprep.mirror.verify.recount import Recount
from openprep.mirror.verify.trusted import Identity, Seen, TrustedCut, TrustedCuts
from openprep.pages.codes import PageTrouble
from openprep.pages.kit import Kit
from openprep.pages.rendering import Renderer, place_assets
from openprep.wire.cut import manifest as wire
from openprep.wire.cut.objects import Ref
from openprep.wire.log.checkpoint import (
    Checkpoint,
    CheckpointError,
    OpenedCheckpoint,
    add_cosignature,
    cosign_checkpoint,
    line_of,
)
from openprep.wire.log.leaf import CutLeaf
from openprep.wire.log.tiles import CHECKPOINT_PATH, MAX_BUNDLE_BYTES
from openprep.wire.note import MAX_NOTE_BYTES, Cosigner, NoteError, split_note

FOREIGN_LOG = frozenset({MirrorCode.SIGNATURE, MirrorCode.LOG_FACTS})
"""Refusals after which entries that were read may be of a log that is not the election's."""

MAX_ENTRY_MEAN = 1024
"""Bytes that entries of the log may have on the average: an acta's leaf has about 300."""

MOST_EVIDENCE = 200
"""Files kept as evidence of a log that forked."""


def load_seen(path: Path) -> Seen:
    """What the mirror had seen when it last wrote it down; nothing on its first start.

    Raises:
        Refused: the file is damaged. It is never taken for a first start, or a rollback would pass.
    """
    try:
        with decoding():
            return msgspec.json.decode(path.read_bytes(), type=Seen)
    except FileNotFoundError:
        return Seen()
    except msgspec.MsgspecError as error:
        detail = f"{path} is damaged: restore it from a copy, or join the election anew"
        raise Refused(MirrorCode.TREE_DAMAGED, detail) from error


class Follower:
    """One mirror of one election.

    ``cosigner`` is the publisher's own key as a witness: every log that was verified whole is
    cosigned, and once its cut is up ``on_cosigned`` is handed the line. ``on_images`` is handed the
    images, size by digest, that actas of the cut have and those of earlier ones had not: the cut is
    up without them. ``kit`` is the installed page; without it the tree has data only.
    """

    def __init__(
        self,
        source: TreeSource,
        data: Path,
        identity: Identity,
        *,
        kit: Kit | None = None,
        clock: Clock = system_clock,
        cosigner: Cosigner | None = None,
        on_cosigned: Callable[[Checkpoint, str], None] | None = None,
        on_images: Callable[[Mapping[str, int]], None] | None = None,
    ) -> None:
        make_folder(data)
        self.tree = TreeDirectory(data / "public")
        self._source = source
        self._seen_path = data / "seen.json"
        seen = load_seen(self._seen_path)
        self.trusted = TrustedCuts(identity, seen)
        self._clock = clock
        self._cosigner = cosigner
        self._on_cosigned = on_cosigned
        self._on_images = on_images
        self._log = MirroredLog(self.tree, identity.log.origin)
        self._recount = Recount(self._read)
        self._renderer = None if kit is None else Renderer(kit, self._read)
        self._assets_placed = False
        self._whole = seen.trusted is None
        self._files = CutFiles(self.tree)
        self._past = PastCuts(self.tree, self.trusted, self._files)
        self._one_at_a_time = asyncio.Lock()
        self.announced: int | None = None
        """The cut that a source announced last; nothing of it need be true."""

    def adopt(self, identity: Identity, cosigner: Cosigner | None) -> None:
        """Go on under what the trust root says now: other keys of the log, or no cosigning.

        Raises:
            Refused: TRUST_OTHER, it speaks of another log.
        """
        ours, theirs = self.trusted.identity, identity
        if (ours.election, ours.drill, ours.log.origin) != (
            theirs.election,
            theirs.drill,
            theirs.log.origin,
        ):
            detail = f"the log is {ours.log.origin}, the trust root now names {theirs.log.origin}"
            raise Refused(MirrorCode.TRUST_OTHER, detail)
        self.trusted.identity = identity
        self._cosigner = cosigner

    async def start(self) -> None:
        """Count again what was trusted before, and see that it is up.

        A cut that was trusted when the process died is shown now, with no source at all. Its pages
        are rendered again: what a newer kit brings is shown, and what was altered on this disk is
        put right. What else this disk damaged is fetched anew by the next step. All cuts before
        are looked through: what :attr:`gaps` then names is for :meth:`fill_gaps`.

        Raises:
            Refused: TREE_DAMAGED, PAGE or DISK.
        """
        shown = self.trusted.seen.trusted
        if shown is None:
            return
        self._whole = True
        try:
            manifest = await asyncio.to_thread(self._load, shown)
            pages = await asyncio.to_thread(self._render, manifest)
            await asyncio.to_thread(self._show, manifest, pages)
        except Refused as refused:
            if refused.code not in (MirrorCode.DISK, MirrorCode.PAGE):
                self._distrust_disk()
            raise
        await asyncio.to_thread(self._past.look_through, self._log, range(shown.cut + 1))
        self._tell_cosigned()
        self._tell_images()

    def _load(self, shown: TrustedCut) -> wire.Manifest:
        locked = Checkpoint(self.trusted.origin, shown.size, shown.root)
        self._log = MirroredLog.load(self.tree, locked, self.trusted.origin)
        data = self.tree.read(wire.manifest_path(shown.cut)) or b""
        manifest = self.trusted.parse(shown.cut, shown.manifest, data)
        self._recount.check(manifest, self._log)
        return manifest

    def _distrust_disk(self) -> None:
        """Fetch everything again that does not have its digest."""
        self._whole = False
        self._log = MirroredLog(self.tree, self.trusted.origin)

    async def step(self, source: TreeSource | None = None) -> wire.Manifest | None:
        """Look once for a new cut, in ``source`` if given; the manifest now shown if there was one.

        Raises:
            Refused: the new cut is not shown; the one before stays up.
        """
        async with self._one_at_a_time:
            return await self._step(source or self._source)

    @property
    def gaps(self) -> int:
        """Cuts up to the one that is up of which this disk lacks a file."""
        return len(self._past.gaps)

    async def fill_gaps(self, source: TreeSource | None = None) -> None:
        """Fetch what past cuts lack on this disk; what ``source`` does not have stays lacking.

        Raises:
            Refused: UNREACHABLE, DISK or SPLIT_VIEW; what is up stays up.
        """
        async with self._one_at_a_time:
            if not self._whole:
                return
            with self._keeping_evidence():
                await self._past.fill(source or self._source, self._log)

    async def _step(self, source: TreeSource) -> wire.Manifest | None:
        shown = self.trusted.seen.trusted
        source.holds(shown.cut if shown and self._whole else None)
        pointer = await source.pointer()
        if pointer is not None:
            self.announced = pointer.cut
        if pointer is None or self._is_up(pointer):
            return None
        try:
            with self._keeping_evidence():
                return await self._take(source, pointer)
        except BaseException as error:
            source.forget_pointer()
            if isinstance(error, Refused):
                await self._learn_from(error)
            raise
        finally:
            self._files.let_go()

    async def _learn_from(self, refused: Refused) -> None:
        """Forget what was read before it was found wrong."""
        if refused.code is MirrorCode.TREE_DAMAGED:
            self._distrust_disk()
        elif refused.code in FOREIGN_LOG:
            await asyncio.to_thread(self._reload_log)

    def _is_up(self, pointer: wire.Pointer) -> bool:
        """Whether what ``pointer`` announces is what is trusted and shown."""
        shown = self.trusted.seen.trusted
        if not self._whole or shown is None:
            return False
        return (shown.cut, shown.manifest) == (pointer.cut, pointer.manifest) and self._is_live()

    def _is_live(self) -> bool:
        """Whether the tree shows the cut that is trusted."""
        shown = self.trusted.seen.trusted
        data = self.tree.read(f"live/{wire.POINTER_PATH}") or b""
        with suppress(ValueError):  # msgspec's own is one
            live = wire.decode(data, wire.Pointer)
            return shown is not None and (live.cut, live.manifest) == (shown.cut, shown.manifest)
        return False

    async def _take(self, source: TreeSource, pointer: wire.Pointer) -> wire.Manifest:
        note = await source.get(wire.note_path(pointer.cut), MAX_NOTE_BYTES)
        opened = self._accept_checkpoint(note)
        checkpoint = opened.checkpoint
        await self._grow_log(source, checkpoint)
        leaf = self._log.ending(checkpoint)
        self.trusted.check_signers(opened, leaf)
        manifest, data = await self._announced_manifest(source, pointer, leaf, checkpoint)
        shown = self.trusted.seen.trusted
        after = shown.cut if shown and self._whole else -1
        await self._past.fetch_between(source, self._log, after, manifest)
        await asyncio.to_thread(self._past.keep, manifest, data, note)
        await self._files.fetch_pack(source, manifest)
        await self._files.fetch_databases(source, manifest)
        await asyncio.to_thread(self._recount.check, manifest, self._log)
        pages = await asyncio.to_thread(self._render, manifest)
        self.trusted.trust(leaf, checkpoint)
        self._remember()
        self._whole = True
        await asyncio.to_thread(self._show, manifest, pages)
        self._tell_cosigned()
        self._tell_images()
        since = range(after + 1, manifest.cut + 1)
        await asyncio.to_thread(self._past.look_through, self._log, since)
        return manifest

    async def _announced_manifest(
        self, source: TreeSource, pointer: wire.Pointer, leaf: CutLeaf, checkpoint: Checkpoint
    ) -> tuple[wire.Manifest, bytes]:
        """The manifest that ``leaf`` names, which must be what was announced; and its bytes."""
        own = Ref(leaf.manifest_sha256, leaf.manifest_size)
        if (leaf.cut, own) != (pointer.cut, pointer.manifest):
            detail = f"cut {pointer.cut} is announced, and its note leads to cut {leaf.cut}"
            raise Refused(MirrorCode.MANIFEST, f"{detail}, or to another manifest of it")
        if leaf.manifest_size > MAX_MANIFEST_BYTES:
            raise Refused(MirrorCode.OVERSIZE, f"manifest of {leaf.manifest_size} bytes")
        data = await source.get(wire.manifest_path(leaf.cut), leaf.manifest_size)
        return self.trusted.accept_manifest(leaf, checkpoint, data), data

    def _render(self, manifest: wire.Manifest) -> dict[str, bytes]:
        """The pages of a cut that was counted again, by name; none without a kit.

        Raises:
            Refused: PAGE, or DISK.
        """
        if self._renderer is None:
            return {}
        if not self._assets_placed:
            with writing():
                place_assets(self.tree, self._renderer.kit)
            self._assets_placed = True
        try:
            return self._renderer.render(manifest)
        except PageTrouble as trouble:
            raise Refused(MirrorCode.PAGE, trouble.detail) from trouble

    def _show(self, manifest: wire.Manifest, pages: Mapping[str, bytes]) -> None:
        """Turn the tree to the cut that is trusted, with these pages, unless it shows all of it.

        Raises:
            Refused: TREE_DAMAGED, the cut is not whole on this disk, or DISK.
        """
        shown = self.trusted.seen.trusted
        assert shown is not None
        pointer = wire.encode(wire.point_at(manifest, shown.manifest))
        checkpoint = self._cosigned_before(shown) or self._cosigned(shown)
        head = {wire.POINTER_PATH: pointer, **pages, CHECKPOINT_PATH: checkpoint}
        with writing():
            self.tree.flip(manifest.cut, head)

    def _cosigned_before(self, shown: TrustedCut) -> bytes | None:
        """The note of the cut, with all its cosignatures, if it is up already."""
        note, kept = self._shown_note(), self.tree.read(wire.note_path(shown.cut)) or b""
        if not (self._is_live() and _is_of(note, shown) and _is_of(kept, shown)):
            return None
        signed = set(split_note(kept)[1])
        return note if signed <= set(split_note(note)[1]) else None

    def _cosigned(self, shown: TrustedCut) -> bytes:
        """The note of the cut that is trusted, with this publisher's own cosignature."""
        note = self.tree.read(wire.note_path(shown.cut)) or b""
        if not _is_of(note, shown):
            detail = f"{wire.note_path(shown.cut)} is not the one that was trusted"
            raise Refused(MirrorCode.TREE_DAMAGED, detail)
        if self._cosigner is None:
            return note
        checkpoint = Checkpoint(self.trusted.origin, shown.size, shown.root)
        line = cosign_checkpoint(checkpoint, self._cosigner, int(self._clock().timestamp()))
        return add_cosignature(note, line, [self._cosigner.verifier])

    def _tell_cosigned(self) -> None:
        """Hand on this publisher's own line of the checkpoint that is up."""
        if self._cosigner is None or self._on_cosigned is None:
            return
        note = self._shown_note()
        line = line_of(note, self._cosigner.verifier)
        if line is not None:
            self._on_cosigned(Checkpoint.parse(split_note(note)[0]), line)

    def _tell_images(self) -> None:
        named, self._recount.images = self._recount.images, {}
        if named and self._on_images is not None:
            self._on_images(named)

    def _accept_checkpoint(self, note: bytes) -> OpenedCheckpoint:
        """Remember a signed checkpoint before anything is done about it."""
        before = self.trusted.seen
        opened = self.trusted.accept_checkpoint(note)
        if self.trusted.seen != before:
            still = self.trusted.seen.pending
            self._keep_evidence(*(one.note for one in before.pending if one not in still))
            self._remember()
        return opened

    @contextmanager
    def _keeping_evidence(self) -> Iterator[None]:
        """Notes that cannot both be true are kept side by side, for everybody to see."""
        try:
            yield
        except SplitView as split:
            self._keep_evidence(*split.notes, self._shown_note())
            raise

    def _keep_evidence(self, *notes: bytes) -> None:
        folder = self._seen_path.parent / "evidence"
        with writing():
            if notes:
                make_folder(folder)
            for one in notes:
                if len(list(folder.iterdir())) < MOST_EVIDENCE:
                    write_durably(folder / f"{sha256(one).hexdigest()[:16]}.note", one)

    def _shown_note(self) -> bytes:
        return self.tree.read(f"live/{CHECKPOINT_PATH}") or b""

    async def _grow_log(self, source: TreeSource, checkpoint: Checkpoint) -> None:
        """Fetch the log's new entries and hold them against every root that was signed."""
        try:
            await self._fetch_entries(source, checkpoint)
            self.trusted.accept_growth(checkpoint, self._log.root_at)
        except Refused:
            await asyncio.to_thread(self._reload_log)
            raise
        with writing():
            await asyncio.to_thread(self._log.stage)

    async def _fetch_entries(self, source: TreeSource, checkpoint: Checkpoint) -> None:
        """The entries that are new, no more bytes of them than honest ones have."""
        room = MAX_BUNDLE_BYTES + MAX_ENTRY_MEAN * max(0, checkpoint.size - self._log.size)
        for tile in self._log.missing(checkpoint.size):
            data = await source.get(tile.path, MAX_BUNDLE_BYTES)
            room -= len(data)
            if room < 0:
                raise Refused(MirrorCode.OVERSIZE, f"{tile.path}: entries far larger than actas'")
            await asyncio.to_thread(self._log.extend, {tile: data})

    def _reload_log(self) -> None:
        """Forget entries that were not the signed ones."""
        shown, origin = self.trusted.seen.trusted, self.trusted.origin
        locked = Checkpoint(origin, shown.size, shown.root) if shown and self._whole else None
        self._log = MirroredLog.load(self.tree, locked, origin)

    def _remember(self) -> None:
        with writing():
            write_durably(self._seen_path, msgspec.json.encode(self.trusted.seen))

    def _read(self, ref: Ref) -> bytes:
        """An object on this disk, its digest checked.

        Where every pack was checked in this very look, it is the centre that says something wrong.
        """
        data = self._files.read(ref)
        if data is None or sha256(data).hexdigest() != ref.sha256:
            code = MirrorCode.TREE_DAMAGED if self._whole else MirrorCode.DIGEST
            raise Refused(code, f"object {ref.sha256} in {ref.path}")
        return data


def _is_of(note: bytes, shown: TrustedCut) -> bool:
    """Whether a note is of the checkpoint of the cut that is trusted."""
    try:
        checkpoint = Checkpoint.parse(split_note(note)[0])
    except (NoteError, CheckpointError):
        return False
    return (checkpoint.size, checkpoint.root) == (shown.size, shown.root)
