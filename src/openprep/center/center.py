"""The centre: takes envelopes in, makes cuts when they are due, and serves the tree.

One event loop owns the record and the state; a cut is computed in a thread from a prefix of the
versions, which never changes under it. Starting is recovering: the record is folded, the results
are rebuilt, and a cut that was recorded but not yet shown is shown.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from openprep.center.steady_clock import Reading
from openprep.clock import Clock
from openprep.coded import CodedError
from openprep.cuts.codes import PublicationCode
from openprep.cuts.cutter import (
    CutOrder,
    Cutter,
    DatabaseFile,
    MadeCut,
    Snapshot,
)
from openprep.cuts.results import CannotAdopt
from openprep.cuts.schedule import Due, Made, closing_unseen, database_time_of, due
from openprep.election import Election
from openprep.election.cut import CutKind
from openprep.hosting import TreeDirectory
from openprep.hosting.log import LogFault, LogTrouble
from openprep.pages.kit import Kit
from openprep.record.codes import RecordCode, RecordTrouble, code_of
from openprep.record.events import Closed, CutMade, Opened
from openprep.record.images import ImageFolder
from openprep.record.ledger import Ledger
from openprep.record.state import HeldImage, Version
from openprep.wire.cut import manifest as wire
from openprep.wire.note import Signer
from openprep.wire.trust import LogIdentity

log = logging.getLogger("openprep.center")

LOG_CODES: Mapping[LogFault, PublicationCode] = {
    LogFault.NOT_AS_LOCKED: PublicationCode.LOG_NOT_AS_RECORDED,
    LogFault.OTHER_THAN_PUBLISHED: PublicationCode.LOG_AHEAD_OF_RECORD,
}

FINAL = frozenset({RecordCode.DISK_FAILED, RecordCode.CLOSED})
"""Trouble after which this process records nothing any more: it ends, and says why."""

TICK = 0.05
"""Seconds between two looks at the clock."""


class TreeTrouble(CodedError[PublicationCode]):
    """The published tree on disk does not belong to this record."""


class Center:
    """Makes the cuts of one election from its ledger."""

    def __init__(
        self,
        election: Election,
        ledger: Ledger,
        tree: TreeDirectory,
        signer: Signer,
        clock: Clock,
        *,
        kit: Kit | None = None,
        images: ImageFolder | None = None,
        identity: LogIdentity | None = None,
        live_seconds: float | None = None,
        look: Callable[[], Reading] | None = None,
    ) -> None:
        """Begin; :meth:`recover` before anything else.

        ``identity`` has the log's keys, those that were replaced among them; without it ``signer``
        signed everything. ``clock`` dates what is recorded. ``look`` says how sure the time is;
        without it ``clock`` is believed, as that of a replay is.
        """
        self.election = election
        self.ledger = ledger
        self.tree = tree
        self._signer = signer
        self._clock = clock
        self._look = look or (lambda: Reading(clock()))
        self._waiting = False
        self._kit = kit
        self._images = images
        self._identity = identity
        self._live_seconds = live_seconds or election.cuts.live_seconds
        self._learned = 0
        self._learned_images = 0
        self._lost: CutKind | None = None
        self._broken = False
        self._cutter = self._new_cutter()
        self._last_live = 0.0
        self._writing: asyncio.Task[DatabaseFile] | None = None
        self._unwritten: Snapshot | None = None
        self._compressing: asyncio.Task[None] | None = None
        self._uncompressed: list[str] = []

    def _new_cutter(self) -> Cutter:
        self._learned = 0
        self._learned_images = 0
        self._unwritten = None
        return Cutter(
            self.election, self.tree, self._signer, self._kit, self._images, self._identity
        )

    def recover(self) -> None:
        """Bring the tree to the last cut of the record, whatever happened before.

        Raises:
            TreeTrouble: the tree is of another election, or shows more than the record knows.
        """
        self._cutter = self._new_cutter()
        self._lost, self._broken = None, False
        cuts = self.ledger.state.cuts
        shown = self.tree.pointer()
        if shown is not None and shown.election != self.election.id:
            code = PublicationCode.TREE_OF_ANOTHER_ELECTION
            raise TreeTrouble(code, f"{self.tree.root} shows {shown.election}")
        if shown is None and not cuts and self.tree.read(f"live/{wire.POINTER_PATH}") is not None:
            detail = f"{self.tree.root} shows a cut, and its {wire.POINTER_PATH} is damaged"
            raise TreeTrouble(PublicationCode.TREE_AHEAD_OF_RECORD, detail)
        if shown is not None and (not cuts or shown.cut > cuts[-1].number):
            detail = f"{self.tree.root} shows cut {shown.cut}"
            raise TreeTrouble(PublicationCode.TREE_AHEAD_OF_RECORD, detail)
        if cuts:
            self._resume(cuts[-1])

    def _resume(self, last: CutMade) -> None:
        promised, unwritten = self._promised_database(), None
        for cut in self.ledger.state.cuts:
            self._learn_until(cut.covers)
            self._cutter.recall(cut)
            if cut is promised:
                unwritten = self._cutter.snapshot(database_time_of(self.election, cut.at))
        self._resume_log()
        data = self.tree.read(wire.manifest_path(last.number))
        if data is None or wire.digest(data) != last.manifest_sha256:
            # The same number may never have two manifests: what was lost is shown as a new cut.
            log.warning("cut %d is not on this disk; it is shown again as a new cut", last.number)
            self._lost = last.kind
            return
        manifest = wire.decode(data, wire.Manifest)
        try:
            self._cutter.resume(manifest)
            self._cutter.show_again(last, manifest, wire.ref_to(data))
        except CannotAdopt as trouble:
            log.warning("%s: cut %d is shown again as a new one", trouble, last.number)
            self._lost = last.kind
            return
        if unwritten is not None and not self._cutter.lists_database(unwritten.time):
            self._unwritten = unwritten

    def _resume_log(self) -> None:
        try:
            self._cutter.resume_log(self.ledger.state)
        except LogTrouble as trouble:
            raise TreeTrouble(LOG_CODES[trouble.fault], trouble.detail) from trouble

    def _promised_database(self) -> CutMade | None:
        """The newest cut whose figures an official database must hold, before the closing one."""
        cuts = self.ledger.state.cuts
        return next((cut for cut in reversed(cuts) if cut.kind is CutKind.DATABASE), None)

    def _learn_until(self, position: int) -> None:
        versions, images = self.ledger.state.versions, self.ledger.state.images
        end = _upto(position, versions, self._learned)
        self._cutter.learn(versions[self._learned : end])
        self._learned = end
        end = _upto(position, images, self._learned_images)
        self._cutter.hold(images[self._learned_images : end])
        self._learned_images = end

    async def run(self) -> None:
        """Make every cut as it falls due, until the closing one is made or it is cancelled."""
        while self._lost is not None or not self._made().closed:
            self._start_writing()
            order = self._due()
            if order is not None:
                await self._cut(order)
            await asyncio.sleep(TICK)
        while self._uncompressed or self._compressing is not None:
            self._start_compressing()
            await self._finish_compressing()

    async def _finish_compressing(self) -> None:
        compressing, self._compressing = self._compressing, None
        if compressing is not None:
            await compressing

    def _start_writing(self) -> None:
        """Have the next official database written while cuts go on."""
        if self._writing is None and self._unwritten is not None:
            snapshot, self._unwritten = self._unwritten, None
            work = asyncio.to_thread(self._cutter.write_database, snapshot)
            self._writing = asyncio.create_task(work)

    async def _finished_databases(self, kind: CutKind) -> list[DatabaseFile]:
        """Databases for a cut of ``kind`` to list: the closing one waits for what is pending."""
        self._start_writing()
        if self._writing is None or not (self._writing.done() or kind is CutKind.CLOSING):
            return []
        writing, self._writing = self._writing, None
        return [await writing]

    def _made(self) -> Made:
        cuts = self.ledger.state.cuts
        newest = next((cut.at for cut in reversed(cuts) if cut.kind is CutKind.DATABASE), None)
        return Made(
            opened=bool(cuts),
            closed=bool(cuts) and cuts[-1].kind is CutKind.CLOSING,
            database_time=database_time_of(self.election, newest) if newest else None,
        )

    def _due(self) -> Due | None:
        if self._lost is CutKind.CLOSING:
            return Due(CutKind.CLOSING, self.election.window.closes)
        if self._lost is not None:
            return Due(CutKind.LIVE)
        now = asyncio.get_running_loop().time()
        rested = now - self._last_live >= self._live_seconds
        written = self._writing is not None and self._writing.done()
        news = rested and (written or self._has_news())
        made, reading = self._made(), self._look()
        since = reading.believed_from
        self._say_if_closing_waits(closing_unseen(self.election, made, reading.at, since))
        return due(self.election, made, reading.at, news=news, believed_from=since)

    def _say_if_closing_waits(self, waits: bool) -> None:
        if waits and not self._waiting:
            code = PublicationCode.CLOSING_NOT_SEEN
            log.warning("%s %s", code.code, code.meaning)
        self._waiting = waits

    def _has_news(self) -> bool:
        state = self.ledger.state
        images = len(state.images) > self._learned_images
        return images or len(state.versions) > self._learned

    async def _cut(self, what: Due) -> None:
        """Make, record and show a cut; if anything fails, begin again from the record."""
        if self._broken and not self._begin_again():
            await asyncio.sleep(self._live_seconds)
            return
        try:
            made = await self._record_cut(what)
            self._cutter.activate(made)
        except Exception as trouble:
            _say_failed(trouble)
            if isinstance(trouble, RecordTrouble) and trouble.code in FINAL:
                raise
            self._begin_again()
            await asyncio.sleep(self._live_seconds)
            return
        self._lost = None
        self._last_live = asyncio.get_running_loop().time()
        cut = made.event
        at = self.election.window.local(cut.at).isoformat()
        log.info("cut %d (%s) at %s", cut.number, cut.kind.value, at)
        self._uncompressed += [name for name in made.placed if ".p/" not in name]
        self._start_compressing()

    async def _record_cut(self, what: Due) -> MadeCut:
        state, now = self.ledger.state, self._clock()
        if what.kind is CutKind.ZERO and state.opened is None:
            await self.ledger.append(Opened(now, self.election.digest))
        if what.kind is CutKind.CLOSING and state.closed is None:
            await self.ledger.append(Closed(now, "the window ended"))
        databases = await self._finished_databases(what.kind)
        order = self._order(what, now)
        made = await asyncio.to_thread(self._make, order, what.database_time, databases)
        await self.ledger.append(made.event)
        return made

    def _begin_again(self) -> bool:
        """Recover as a start does; whether it could. A full disk lets it wait for space."""
        try:
            self.recover()
        except OSError as trouble:
            self._broken = True
            _say_failed(trouble)
            return False
        return True

    def _start_compressing(self) -> None:
        """Compress what is new beside the next cuts, never between two of them."""
        if self._compressing is None or self._compressing.done():
            names, self._uncompressed = self._uncompressed, []
            work = asyncio.to_thread(self.tree.compress, names)
            self._compressing = asyncio.create_task(work)

    def _order(self, what: Due, now: datetime) -> CutOrder:
        state = self.ledger.state
        last = state.cuts[-1] if state.cuts else None
        return CutOrder(
            number=last.number + 1 if last else 0,
            kind=what.kind,
            time=now,
            covers=0 if what.kind is CutKind.ZERO else state.position,
            previous=last.manifest_sha256 if last else None,
        )

    def _make(
        self, order: CutOrder, database_time: datetime | None, databases: list[DatabaseFile]
    ) -> MadeCut:
        """Make a cut. The closing one holds its own database, since no cut comes after it."""
        self._learn_until(order.covers)
        if order.kind is CutKind.CLOSING and database_time is not None:
            snapshot = self._cutter.snapshot(database_time, closing=True)
            databases = [*databases, self._cutter.write_database(snapshot)]
        made = self._cutter.make(replace(order, databases=tuple(databases)))
        if order.kind is CutKind.DATABASE and database_time is not None:
            self._unwritten = self._cutter.snapshot(database_time)
        return made


def _say_failed(trouble: Exception) -> None:
    """Tell the operator why a cut failed: in a line, unless it is a mistake of this program."""
    failed = PublicationCode.CUT_FAILED
    if isinstance(trouble, OSError):
        why = code_of(trouble)
        log.error("%s %s — %s %s %s", failed.code, failed.meaning, why.code, trouble, why.meaning)
    elif isinstance(trouble, RecordTrouble):
        log.error("%s %s — %s", failed.code, failed.meaning, trouble)
    else:
        log.exception("%s %s", failed.code, failed.meaning)


def _upto(position: int, recorded: Sequence[Version] | Sequence[HeldImage], begin: int) -> int:
    """The end of what stands in the record up to ``position``, from index ``begin`` on."""
    end = begin
    while end < len(recorded) and recorded[end].position <= position:
        end += 1
    return end
