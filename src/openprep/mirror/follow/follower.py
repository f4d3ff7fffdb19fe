"""Following a centre: fetch what is new, verify all of it, then turn the tree in one rename.

From the centre come figures only. The pages that show them are rendered here, by the kit installed
here, from what was counted here.

The order is the promise: what the note says is remembered durably before it is acted upon; nothing
is shown before every digest is right and every figure was counted again; that a cut is trusted is
remembered before it is shown, so that starting again shows it; and whatever goes wrong, the cut
that is up stays up.
"""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from openprep.clock import Clock, system_clock
from openprep.durable import make_folder
from openprep.hosting.directory import TreeDirectory
from openprep.mirror.codes import MirrorCode, Refused, reading, writing
from openprep.mirror.follow.cosigning import Cosigning, OnCosigned
from openprep.mirror.follow.cut_files import CutFiles
from openprep.mirror.follow.evidence import Evidence
from openprep.mirror.follow.past_cuts import MAX_MANIFEST_BYTES, PastCuts
from openprep.mirror.follow.seen import keep_seen, load_seen
from openprep.mirror.follow.showing import Showing
from openprep.mirror.sources.source import Get, Offer, TreeSource, announces
from openprep.mirror.verify.log import MirroredLog
from openprep.mirror.verify.recount import Recount
from openprep.mirror.verify.trusted import Identity, TrustedCut, TrustedCuts
from openprep.pages.kit import Kit
from openprep.wire.cut.manifest import Manifest, manifest_path, note_path
from openprep.wire.cut.ref import Ref
from openprep.wire.log.checkpoint import (
    Checkpoint,
    OpenedCheckpoint,
)
from openprep.wire.log.leaf import CutLeaf
from openprep.wire.log.tiles import MAX_BUNDLE_BYTES
from openprep.wire.note import MAX_NOTE_BYTES, Cosigner

FOREIGN_LOG = frozenset({MirrorCode.SIGNATURE, MirrorCode.LOG_FACTS})
"""Refusals after which entries that were read may be of a log that is not the election's."""

MAX_ENTRY_MEAN = 2048
"""Bytes that entries of the log may have on the average: an acta's leaf has about 500."""

BUNDLES_AT_ONCE = 4
"""Bundles of entries that are held as they came."""


class _Taken(NamedTuple):
    """A manifest, its bytes, and the note that vouches for it."""

    manifest: Manifest
    data: bytes
    note: bytes


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
        on_cosigned: OnCosigned | None = None,
        on_images: Callable[[Mapping[str, int]], None] | None = None,
    ) -> None:
        make_folder(data)
        self.tree = TreeDirectory(data / "public")
        self._source = source
        self._seen_path = data / "seen.json"
        seen = load_seen(self._seen_path)
        self.trusted = TrustedCuts(identity, seen)
        self._evidence = Evidence(data / "evidence")
        self._cosigning = Cosigning(cosigner, clock, on_cosigned)
        self._on_images = on_images
        self._log = MirroredLog(self.tree, identity.log.origin)
        self._files = CutFiles(self.tree)
        self._recount = Recount(self.tree, self._files.read)
        self._showing = Showing(self.tree, identity.log.origin, kit, self._cosigning)
        self._whole = seen.trusted is None
        self._past = PastCuts(self.tree, self.trusted)
        self._one_at_a_time = asyncio.Lock()
        self.announced: int | None = None
        """The cut that a source announced last; nothing of it need be true."""

    def adopt(self, identity: Identity, cosigner: Cosigner | None) -> None:
        """Go on under what the trust root says now: other keys or rules, or no cosigning.

        Raises:
            Refused: TRUST_OTHER, it speaks of another log.
        """
        ours, theirs = self.trusted.identity, identity
        if (ours.election, ours.drill, ours.log.origin) != (
            theirs.election,
            theirs.drill,
            theirs.log.origin,
        ):
            raise Refused(
                MirrorCode.TRUST_OTHER,
                "the log is {origin}, the trust root now names {theirs}",
                origin=ours.log.origin,
                theirs=theirs.log.origin,
            )
        self.trusted.identity = identity
        self._cosigning.cosigner = cosigner

    async def start(self) -> None:
        """Count again what was trusted before, and see that it is up.

        A cut that was trusted when the process died is shown now, with no source at all. Its
        results are composed anew from the log, into a pack of their own, and its pages rendered:
        what a newer kit brings is shown, and what was altered on this disk is put right. What else
        this disk damaged is fetched anew by the next step. All cuts before are looked through: what
        :attr:`gaps` then names is for :meth:`fill_gaps`.

        Raises:
            Refused: TREE_DAMAGED, PAGE, RULES or DISK.
        """
        shown = self.trusted.seen.trusted
        if shown is None:
            return
        self._whole = True
        try:
            with reading():
                manifest = await asyncio.to_thread(self._load, shown)
                pages = await asyncio.to_thread(self._showing.render, manifest)
                await asyncio.to_thread(self._showing.show, shown, manifest, pages)
        except Refused as refused:
            if refused.code not in (MirrorCode.DISK, MirrorCode.PAGE, MirrorCode.RULES):
                self._distrust_disk()
            raise
        await asyncio.to_thread(self._past.look_through, self._log, range(shown.cut + 1))
        self._tell()

    def _load(self, shown: TrustedCut) -> Manifest:
        locked = Checkpoint(self.trusted.origin, shown.size, shown.root)
        self._log = MirroredLog.load(self.tree, locked, self.trusted.origin)
        self.trusted.check_rules(self._log.rules)
        data = self.tree.read(manifest_path(shown.cut)) or b""
        manifest = self.trusted.parse(shown.cut, shown.manifest, data)
        self._recount.check(manifest, self._log)
        return manifest

    def _distrust_disk(self) -> None:
        """Fetch everything again that does not have its digest."""
        self._whole = False
        self._files.distrust()
        self._log = MirroredLog(self.tree, self.trusted.origin)

    async def step(self, source: TreeSource | None = None) -> Manifest | None:
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
            with self._evidence.keeping(lambda: self._showing.note):
                await self._past.fill((source or self._source).get, self._log)

    async def _step(self, source: TreeSource) -> Manifest | None:
        held = self.trusted.seen.trusted if self._whole else None
        is_up = held is not None and self._showing.shows(held)
        offer = await source.offer(held, again=not is_up)
        if offer is None:
            return None
        self.announced = offer.pointer.cut
        if is_up and announces(offer.pointer, held):
            return None
        try:
            with self._evidence.keeping(lambda: self._showing.note):
                return await self._take(offer)
        except Refused as refused:
            await self._learn_from(refused)
            raise

    async def _learn_from(self, refused: Refused) -> None:
        """Forget what was read before it was found wrong."""
        if refused.code is MirrorCode.TREE_DAMAGED:
            self._distrust_disk()
        elif refused.code in FOREIGN_LOG:
            await asyncio.to_thread(self._reload_log)

    async def _take(self, offer: Offer) -> Manifest:
        note = await offer.get(note_path(offer.pointer.cut), MAX_NOTE_BYTES)
        opened = self._accept_checkpoint(note)
        checkpoint = opened.checkpoint
        await self._grow_log(offer.get, checkpoint)
        leaf = self._log.ending(checkpoint)
        self.trusted.check_signers(opened, leaf)
        manifest, data = await self._announced_manifest(offer, leaf, checkpoint)
        shown = self.trusted.seen.trusted
        after = shown.cut if shown and self._whole else -1
        await self._past.fetch_between(offer.get, self._log, after, manifest)
        await self._files.fetch_declared(offer.get, manifest.description)
        await self._files.fetch_databases(offer.get, manifest)
        taken = _Taken(manifest, data, note)
        pages = await asyncio.to_thread(self._count_and_render, taken)
        trusted = self.trusted.trust(leaf, checkpoint)
        self._remember()
        self._whole = True
        await asyncio.to_thread(self._show, trusted, manifest, pages, after)
        self._tell()
        return manifest

    @reading()
    def _count_and_render(self, taken: "_Taken") -> dict[str, bytes]:
        """Count a cut again, keep what vouches for it, and render its pages."""
        self._recount.check(taken.manifest, self._log)
        self._past.keep(*taken)
        return self._showing.render(taken.manifest)

    @reading()
    def _show(
        self, trusted: TrustedCut, manifest: Manifest, pages: Mapping[str, bytes], after: int
    ) -> None:
        """Show a cut that is trusted, and see which of those that were missed are not whole."""
        self._showing.show(trusted, manifest, pages)
        self._past.look_through(self._log, range(after + 1, manifest.cut))

    async def _announced_manifest(
        self, offer: Offer, leaf: CutLeaf, checkpoint: Checkpoint
    ) -> tuple[Manifest, bytes]:
        """The manifest that ``leaf`` names, which must be what was announced; and its bytes."""
        pointer = offer.pointer
        own = Ref(leaf.manifest_sha256, leaf.manifest_size)
        if (leaf.cut, own) != (pointer.cut, pointer.manifest):
            raise Refused(
                MirrorCode.MANIFEST,
                "cut {announced} is announced, and its note leads to cut {cut}, or to another "
                "manifest of it",
                announced=pointer.cut,
                cut=leaf.cut,
            )
        if leaf.manifest_size > MAX_MANIFEST_BYTES:
            raise Refused(
                MirrorCode.OVERSIZE,
                "manifest of {manifest_size} bytes",
                manifest_size=leaf.manifest_size,
            )
        data = await offer.get(manifest_path(leaf.cut), leaf.manifest_size)
        return self.trusted.accept_manifest(leaf, checkpoint, data), data

    def _tell(self) -> None:
        """Hand on what the cut that is up brought: this publisher's own line, and images."""
        self._cosigning.tell(self._showing.note)
        named, self._recount.images = self._recount.images, {}
        if named and self._on_images is not None:
            self._on_images(named)

    def _accept_checkpoint(self, note: bytes) -> OpenedCheckpoint:
        """Remember a signed checkpoint before anything is done about it."""
        before = self.trusted.seen
        opened = self.trusted.accept_checkpoint(note)
        if self.trusted.seen != before:
            still = self.trusted.seen.pending
            self._evidence.keep(
                *(checkpoint.note for checkpoint in before.pending if checkpoint not in still)
            )
            self._remember()
        return opened

    async def _grow_log(self, get: Get, checkpoint: Checkpoint) -> None:
        """Fetch the log's new entries and hold them against every root that was signed."""
        try:
            await self._fetch_entries(get, checkpoint)
            self.trusted.accept_growth(checkpoint, self._log.root_at, self._log.rules)
        except Refused:
            await asyncio.to_thread(self._reload_log)
            raise
        with writing():
            await asyncio.to_thread(self._log.stage)

    async def _fetch_entries(self, get: Get, checkpoint: Checkpoint) -> None:
        """The entries that are new, no more bytes of them than honest ones have."""
        room = MAX_BUNDLE_BYTES + MAX_ENTRY_MEAN * max(0, checkpoint.size - self._log.size)
        missing = self._log.missing(checkpoint.size)
        for start in range(0, len(missing), BUNDLES_AT_ONCE):
            bundles = {}
            for tile in missing[start : start + BUNDLES_AT_ONCE]:
                bundles[tile] = data = await get(tile.path, MAX_BUNDLE_BYTES)
                room -= len(data)
                if room < 0:
                    raise Refused(
                        MirrorCode.OVERSIZE,
                        "{path}: entries far larger than actas'",
                        path=tile.path,
                    )
            await asyncio.to_thread(self._log.extend, bundles)

    def _reload_log(self) -> None:
        """Forget entries beyond the cut that is trusted: they may not be the signed ones."""
        shown, origin = self.trusted.seen.trusted, self.trusted.origin
        locked = Checkpoint(origin, shown.size, shown.root) if shown and self._whole else None
        if self._log.size > (locked.size if locked else 0):
            self._log = MirroredLog.load(self.tree, locked, origin)

    def _remember(self) -> None:
        keep_seen(self._seen_path, self.trusted.seen)
