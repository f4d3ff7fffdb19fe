"""One look at one site: what it shows, held against the signed log from the checkpoint downwards.

The order: pointer and checkpoint as readers get them; the log's signature; the last leaf, proven
into the signed root; the place in the history, proven by tiles; the manifest that the leaf names;
then a sample of files (:mod:`openprep.watch.sample`).
"""

import asyncio
import logging
import random
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from time import monotonic

import msgspec

from openprep.clock import Clock
from openprep.coded import Text, said
from openprep.pages.releases import Releases
from openprep.watch.codes import WatchCode
from openprep.watch.history import (
    Beginning,
    CutCheckpoint,
    LogHistory,
    Placement,
    SignedCheckpoint,
)
from openprep.watch.landing import faults_of_landing
from openprep.watch.log_files import LogFiles
from openprep.watch.machine import Fault, Look, Site
from openprep.watch.sample import Comparing, Noting, Sampling, declared_of
from openprep.watch.visit import Answer, Trouble, Visitor
from openprep.wire.cut.description import ElectionDescription, decode_declared
from openprep.wire.cut.manifest import (
    INDEX_PATH,
    POINTER_PATH,
    Manifest,
    Pointer,
    decode,
    manifest_path,
    point_at,
)
from openprep.wire.cut.ref import SCHEMA, Ref
from openprep.wire.log.checkpoint import (
    Checkpoint,
    CheckpointError,
    OpenedCheckpoint,
    open_checkpoint,
)
from openprep.wire.log.leaf import CutLeaf, LeafError, decode_leaf
from openprep.wire.log.tiles import CHECKPOINT_PATH, TileError
from openprep.wire.note import MAX_NOTE_BYTES, NoteError, Verifier, is_line_of, split_note
from openprep.wire.release import MAX_RELEASE_BYTES, RELEASE_PATH
from openprep.wire.trust import TrustData

log = logging.getLogger("openprep.watch")

LOOK_SECONDS = 30.0
"""After this long a look ends with what it has found."""

MAX_POINTER_BYTES = 16 * 1024
MAX_PAGE_BYTES = 8 * 1024 * 1024
MAX_MANIFEST_BYTES = 16 * 1024 * 1024
MOST_FAULTS = 20

HEAD_TRIES = 3
PROOF_TRIES = 3


@dataclass(frozen=True)
class Ground:
    """What every look is held against."""

    trust: TrustData
    history: LogHistory
    visitor: Visitor
    clock: Clock
    chance: random.Random
    sampling: Sampling
    certificate: timedelta
    witnesses: Mapping[Verifier, str]
    """Whose key each cosigner's is, by publisher's id."""
    releases: Releases = field(default_factory=Releases)
    """Whose pages may be shown; with none, only what pages say is looked at."""
    descriptions: dict[str, ElectionDescription] = field(default_factory=dict)
    """The election as it was read already, by digest: it never changes."""


def witnesses_of(trust: TrustData, now: datetime) -> dict[Verifier, str]:
    """The cosigners' keys of the publishers that are enrolled and not revoked at ``now``."""
    return {
        Verifier.parse(publisher.cosigner): publisher.id for publisher in trust.publishers_at(now)
    }


async def look_at(site: Site, ground: Ground, holders: Iterable[Site]) -> Look:
    """Look once at ``site``, for no longer than :data:`LOOK_SECONDS`; whatever it does, a look.

    ``holders`` serve the largest checkpoint known: they are asked for the tiles that prove a
    smaller one, which the site itself cannot have.
    """
    looking = _Looking(site, ground, tuple(holders))
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            await looking.run()
    except TimeoutError:
        late = said("the look was not done in {seconds:.0f} s", seconds=LOOK_SECONDS)
        looking.find(WatchCode.UNREACHABLE, late)
    except Exception as error:
        met = said("{name} {error}", name=type(error).__name__, error=str(error))
        log.exception("%s %s", WatchCode.UNEXPECTED.code, site.id)
        looking.find(WatchCode.UNEXPECTED, met)
    return replace(looking.look, ended=ground.clock())


@dataclass(frozen=True)
class _Head:
    """The files that change with a cut, as they stood together; ``settled`` if surely together."""

    note: bytes
    pointer: bytes
    page: bytes | None
    settled: bool


class _Looking:
    def __init__(self, site: Site, ground: Ground, holders: tuple[Site, ...]) -> None:
        self._site = site
        self._ground = ground
        self._holders = holders
        self._comparing = Comparing(ground.visitor, site.address, ground.chance, ground.sampling)
        now = ground.clock()
        self.look = Look(site, now, now)

    def find(self, code: WatchCode, text: Text) -> None:
        """Note a fault; of a look that finds nothing but faults, the first ones."""
        if len(self.look.faults) < MOST_FAULTS:
            faults = (*self.look.faults, Fault.kept(code, text))
            self.look = replace(self.look, faults=faults)

    def _compared(self) -> None:
        self.look = replace(self.look, compared=self.look.compared + 1)

    async def run(self) -> None:
        try:
            await self._certificate()
            head = await self._head()
            if head is not None:
                await self._follow(head)
        except Trouble as trouble:
            self.find(trouble.code, trouble.text)

    async def _certificate(self) -> None:
        ends = await self._ground.visitor.certificate_ends(self._site.address)
        if ends is not None and ends - self._ground.clock() < self._ground.certificate:
            self.find(WatchCode.TLS, said("the certificate ends at {at}", at=ends.isoformat()))

    # what changes with each cut

    async def _head(self) -> _Head | None:
        """``None`` where nothing is published. A cut may change while its files are asked for."""
        began = monotonic()
        note = await self._get_or_none(CHECKPOINT_PATH, MAX_NOTE_BYTES)
        for _ in range(HEAD_TRIES):
            pointer = await self._get_or_none(POINTER_PATH, MAX_POINTER_BYTES)
            if self.look.seconds is None:
                self.look = replace(self.look, seconds=monotonic() - began)
            page = await self._get_or_none("", MAX_PAGE_BYTES)
            again = await self._get_or_none(CHECKPOINT_PATH, MAX_NOTE_BYTES)
            settled, note = _text_of(note) == _text_of(again), again
            if settled:
                break
        if note is None and pointer is None:
            return None
        self.look = replace(self.look, published=True)
        for path, data in ((CHECKPOINT_PATH, note), (POINTER_PATH, pointer)):
            if data is None:
                raise Trouble(WatchCode.MISSING, "{path}", path=path)
        assert note is not None
        assert pointer is not None
        return _Head(note, pointer, page, settled)

    async def _get_or_none(self, path: str, limit: int) -> bytes | None:
        try:
            answer = await self._ground.visitor.get(self._site.address, path, limit)
        except Trouble as trouble:
            if trouble.code is WatchCode.MISSING or self._waits_for_the_opening(trouble):
                return None
            raise
        self._mind_clock(answer)
        return answer.data

    def _waits_for_the_opening(self, trouble: Trouble) -> bool:
        """Whether a publisher answers as one must before the opening: it is there, and waits."""
        opens = self._ground.trust.policy.opens
        return trouble.status == HTTPStatus.SERVICE_UNAVAILABLE and self._ground.clock() < opens

    def _mind_clock(self, answer: Answer) -> None:
        if answer.dated is not None:
            ahead = answer.dated - self._ground.clock()
            self.look = replace(self.look, clock_ahead=ahead)

    # from the checkpoint downwards

    async def _follow(self, head: _Head) -> None:
        pointer = self._pointer(head.pointer)
        if pointer is None:
            return
        opened = self._open(head.note)
        if opened is None:
            return
        checkpoint = opened.checkpoint
        signed = SignedCheckpoint(checkpoint.size, checkpoint.root, self._evidence(head.note))
        self._ground.history.notice(signed, self._where, self._ground.clock())
        leaf = await self._last_leaf(checkpoint)
        if leaf is None or not self._signed_in_time(opened, leaf):
            return
        await self._place(CutCheckpoint(signed, leaf.cut, leaf.time, leaf.kind))
        manifest = await self._manifest(leaf, checkpoint)
        if manifest is not None:
            self._compare_pointer(head, pointer, manifest, leaf)
            description = await self._description(manifest.description)
            others = await self._look_at_page(head, manifest, description)
            if description is not None:
                others |= declared_of(description)
            entry = partial(self._log_of(self._site).entry, checkpoint)
            noting = Noting(self._compared, self.find)
            await self._comparing.compare(manifest, others, entry, noting)

    @property
    def _where(self) -> str:
        return f"{self._site.id} ({self._site.address})"

    def _pointer(self, data: bytes) -> Pointer | None:
        try:
            pointer = decode(data, Pointer)
        except msgspec.MsgspecError as error:
            self.find(WatchCode.POINTER, said("{path}: {why}", path=POINTER_PATH, why=str(error)))
            return None
        return pointer if self._is_watched(pointer, POINTER_PATH) else None

    def _is_watched(self, shown: Pointer | Manifest, path: str) -> bool:
        trust = self._ground.trust
        if (shown.election, shown.drill) == (trust.election, trust.drill):
            return True
        told = said(
            "{path} is of the drill {name!r}"
            if shown.drill
            else "{path} is of the election {name!r}",
            path=path,
            name=shown.election,
        )
        self.find(WatchCode.OTHER_ELECTION, told)
        return False

    def _open(self, note: bytes) -> OpenedCheckpoint | None:
        log, witnesses = self._ground.trust.log, self._ground.witnesses
        try:
            opened = open_checkpoint(
                note, origin=log.origin, log=log.verifiers, witnesses=witnesses
            )
        except (NoteError, CheckpointError) as error:
            self.find(WatchCode.SIGNATURE, said("{why}", why=str(error)))
            return None
        names = frozenset(witnesses[cosignature.verifier] for cosignature in opened.cosignatures)
        self.look = replace(self.look, cosigners=names)
        return opened

    def _evidence(self, note: bytes) -> bytes:
        """The note without lines that nobody can check, which could make it large."""
        text, lines = split_note(note)
        known = [*self._ground.trust.log.verifiers, *self._ground.witnesses]
        kept = [line for line in lines if any(is_line_of(line, key) for key in known)]
        return "\n".join((text, *kept, "")).encode()

    async def _last_leaf(self, checkpoint: Checkpoint) -> CutLeaf | None:
        """The cut that the log ends in, if it does; and some other entry is looked at too."""
        size, files = checkpoint.size, self._log_of(self._site)
        try:
            leaf = decode_leaf(await files.entry(checkpoint, size - 1))
            await files.entry(checkpoint, self._ground.chance.randrange(size))
        except (LeafError, ValueError) as error:
            self.find(WatchCode.LOG_FILES, said("{why}", why=str(error)))
            return None
        if not isinstance(leaf, CutLeaf):
            self.find(WatchCode.LOG_FILES, said("the log does not end in a cut"))
            return None
        return leaf

    def _signed_in_time(self, opened: OpenedCheckpoint, leaf: CutLeaf) -> bool:
        """Whether a key signed that may sign this cut: a key that ended signs no later one."""
        allowed = self._ground.trust.log.verifiers_at(leaf.cut)
        if any(key in allowed for key in opened.signed_by):
            return True
        names = ", ".join(key.name for key in opened.signed_by)
        told = said("cut {cut} is signed by a key that may not: {names}", cut=leaf.cut, names=names)
        self.find(WatchCode.SIGNATURE, told)
        return False

    async def _place(self, shown: CutCheckpoint) -> None:
        """Find where the checkpoint stands; others may move the history on meanwhile."""
        history = self._ground.history
        placement = Placement.UNPROVEN
        for _ in range(PROOF_TRIES):
            opposite = history.opposite(shown.signed.size)
            beginning = await self._beginning(shown, opposite) if opposite else None
            now = self._ground.clock()
            placement = history.place(shown, beginning, self._where, now)
            if placement is not Placement.UNPROVEN or beginning is None:
                break
        if placement is Placement.WRONG_FILES and self._is_larger(shown):
            told = said("tiles do not prove the history to the signed root")
            self.find(WatchCode.LOG_FILES, told)
        self.look = replace(self.look, checkpoint=shown, placement=placement)

    def _is_larger(self, shown: CutCheckpoint) -> bool:
        highest = self._ground.history.seen.highest
        return highest is None or shown.signed.size > highest.signed.size

    async def _beginning(self, shown: CutCheckpoint, other: CutCheckpoint) -> Beginning | None:
        """Proof of how the larger of two logs begins, from who serves the larger one."""
        low, high = sorted((shown.signed.size, other.signed.size))
        own = shown.signed.size == high
        root = (shown if own else other).signed.root
        beginning = None
        for site in (self._site,) if own else self._holders:
            try:
                beginning = await self._log_of(site).beginning(low, high)
            except (Trouble, TileError) as error:
                if own:
                    self.find(WatchCode.LOG_FILES, said("{why}", why=str(error)))
                continue
            if beginning.is_of(root):
                return beginning
        return beginning

    def _log_of(self, site: Site) -> LogFiles:
        return LogFiles(self._ground.visitor, site.address)

    # what the cut lists

    async def _manifest(self, leaf: CutLeaf, checkpoint: Checkpoint) -> Manifest | None:
        path = manifest_path(leaf.cut)
        if leaf.manifest_size > MAX_MANIFEST_BYTES:
            large = said("{path} would have {size} bytes", path=path, size=leaf.manifest_size)
            self.find(WatchCode.MANIFEST, large)
            return None
        answer = await self._ground.visitor.get(self._site.address, path, leaf.manifest_size + 1)
        if sha256(answer.data).hexdigest() != leaf.manifest_sha256:
            other = said("{path} is not the one that the log names", path=path)
            self.find(WatchCode.MANIFEST, other)
            return None
        try:
            manifest = decode(answer.data, Manifest)
        except msgspec.MsgspecError as error:
            self.find(WatchCode.MANIFEST, said("{path}: {why}", path=path, why=str(error)))
            return None
        return manifest if self._fits(manifest, leaf, checkpoint, path) else None

    def _fits(self, manifest: Manifest, leaf: CutLeaf, checkpoint: Checkpoint, path: str) -> bool:
        if not self._is_watched(manifest, path):
            return False
        if manifest.description.sha256 != self._ground.trust.rules_digest:
            digest = manifest.description.sha256
            told = said("{path} is under rules {digest}", path=path, digest=digest)
            self.find(WatchCode.OTHER_ELECTION, told)
            return False
        shown = (manifest.schema, manifest.cut, manifest.time, manifest.kind, manifest.leaf)
        if shown != (SCHEMA, leaf.cut, leaf.time, leaf.kind, checkpoint.size - 1):
            self.find(WatchCode.MANIFEST, said("{path} says other than the log's leaf", path=path))
            return False
        return True

    def _compare_pointer(
        self, head: _Head, pointer: Pointer, manifest: Manifest, leaf: CutLeaf
    ) -> None:
        """No fault while one cut takes the other's place."""
        if not head.settled:
            return
        if pointer != point_at(manifest, Ref(leaf.manifest_sha256, leaf.manifest_size)):
            told = said(
                "{path} says cut {shown}, the checkpoint cut {signed}",
                path=POINTER_PATH,
                shown=pointer.cut,
                signed=leaf.cut,
            )
            self.find(WatchCode.POINTER, told)

    async def _look_at_page(
        self, head: _Head, manifest: Manifest, description: ElectionDescription | None
    ) -> dict[str, Ref]:
        """Hold the landing page against the signed figures; which files it is made of."""
        if not head.settled:
            return {}
        if head.page is None:
            if await self._get_or_none(RELEASE_PATH, MAX_RELEASE_BYTES) is not None:
                self.find(WatchCode.MISSING, said("{path}", path=INDEX_PATH))
            return {}
        if description is None:
            return {}
        faults, files = await asyncio.to_thread(
            faults_of_landing, head.page, manifest, description, self._ground.releases
        )
        for code, text in faults:
            self.find(code, text)
        self._compared()
        return files

    async def _description(self, ref: Ref) -> ElectionDescription | None:
        """The election's description, from this site the first time; a wrong one is noted."""
        known = self._ground.descriptions.get(ref.sha256)
        if known is not None:
            return known
        data = await self._comparing.right(ref.path, ref, self.find)
        with suppress(msgspec.MsgspecError):
            found = None if data is None else decode_declared(data)
            if isinstance(found, ElectionDescription):
                self._ground.descriptions[ref.sha256] = found
                return found
        return None


def _text_of(note: bytes | None) -> bytes | None:
    """What a note says, without who signed it: cosignatures may come while one looks."""
    return None if note is None else note.partition(b"\n\n")[0]
