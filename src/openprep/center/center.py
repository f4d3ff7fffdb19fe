"""The centre: takes envelopes in, makes cuts when they are due, and serves the tree.

One event loop owns the record and the state; a cut is computed in a thread from a prefix of the
versions, which never changes under it. Starting is recovering: the record is folded, the results
are rebuilt, and a cut that was recorded but not yet shown is shown.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from openprep.center.beside import CopiesBeside, DatabaseProcess, DatabasesBeside
from openprep.center.steady_clock import Reading
from openprep.center.troubles import say_failed
from openprep.clock import Clock
from openprep.coded import CodedError
from openprep.cuts.codes import PublicationCode
from openprep.cuts.cutter import CutOrder, Cutter, StagedCut
from openprep.cuts.results import CannotAdopt
from openprep.cuts.schedule import Due, Progress, closing_unseen, database_time_of, due
from openprep.cuts.shelf import DatabaseFile, Snapshot
from openprep.election import Election
from openprep.election.cut import CutKind
from openprep.hosting import TreeDirectory
from openprep.hosting.log import LogFault, LogTrouble
from openprep.pages.kit import Kit
from openprep.record.codes import RecordCode, RecordTrouble
from openprep.record.events import Closed, CutMade, Opened
from openprep.record.images import ImageFolder
from openprep.record.ledger import Ledger
from openprep.wire.cut.manifest import POINTER_PATH, Manifest, decode, manifest_path
from openprep.wire.cut.ref import Ref, hex_digest
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
        databases_apart: bool = False,
    ) -> None:
        """Begin; :meth:`recover` before anything else.

        ``identity`` has the log's keys, those that were replaced among them; without it ``signer``
        signed everything. ``clock`` dates what is recorded. ``look`` says how sure the time is;
        without it ``clock`` is believed, as that of a replay is. ``databases_apart`` has official
        databases written by a process of their own, which ends with :meth:`run`.
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
        self._lost: CutKind | None = None
        self._broken = False
        self._last_live = 0.0
        self._process = DatabaseProcess(election, tree) if databases_apart else None
        self._databases = DatabasesBeside(self._write_database, self._live_seconds)
        self._copies = CopiesBeside(tree.compress)

    def _new_cutter(self) -> Cutter:
        return Cutter(
            self.election, self.tree, self._signer, self._kit, self._images, self._identity
        )

    def recover(self) -> None:
        """Bring the tree to the last cut of the record, whatever happened before.

        Raises:
            TreeTrouble: the tree is of another election, or shows more than the record knows.
        """
        self._cutter = self._new_cutter()
        self._databases.want(None)
        self._lost, self._broken = None, False
        cuts = self.ledger.state.cuts
        shown = self.tree.pointer()
        if shown is not None and shown.election != self.election.id:
            code = PublicationCode.TREE_OF_ANOTHER_ELECTION
            raise TreeTrouble(
                code, "{root} shows {election}", root=self.tree.root, election=shown.election
            )
        if shown is None and not cuts and self.tree.read(f"live/{POINTER_PATH}") is not None:
            raise TreeTrouble(
                PublicationCode.TREE_AHEAD_OF_RECORD,
                "{root} shows a cut, and its {pointer_path} is damaged",
                root=self.tree.root,
                pointer_path=POINTER_PATH,
            )
        if shown is not None and (not cuts or shown.cut > cuts[-1].number):
            raise TreeTrouble(
                PublicationCode.TREE_AHEAD_OF_RECORD,
                "{root} shows cut {cut}",
                root=self.tree.root,
                cut=shown.cut,
            )
        if cuts:
            self._resume(cuts[-1])

    def _resume(self, last: CutMade) -> None:
        promised = self._replay()
        try:
            self._show_again(last)
        except CannotAdopt as trouble:
            # The same number may never have two manifests: what was lost is shown as a new cut.
            said = PublicationCode.SHOWN_AGAIN.of(
                "{trouble}: cut {number}", trouble=trouble, number=last.number
            )
            log.warning("%s", said)
            self._lost = last.kind
        if promised is not None and not self._cutter.lists_database(promised.time):
            self._databases.want(promised)

    def _show_again(self, last: CutMade) -> None:
        manifest = self._manifest_of(last)
        if manifest is None:
            whole = filter(None, map(self._manifest_of, reversed(self.ledger.state.cuts)))
            if (before := next(whole, None)) is not None:
                self._cutter.list_databases(before)
            raise CannotAdopt("it is not on this disk")
        self._cutter.resume(manifest)
        self._cutter.show_again(last, manifest, Ref(last.manifest_sha256, last.manifest_size))

    def _manifest_of(self, cut: CutMade) -> Manifest | None:
        """The manifest of a cut of the record, if this disk has it as it was recorded."""
        data = self.tree.read(manifest_path(cut.number))
        if data is None or hex_digest(data) != cut.manifest_sha256:
            return None
        return decode(data, Manifest)

    def _replay(self) -> Snapshot | None:
        """Have the cutter where the record's last cut left it; what its newest database promised.

        Raises:
            TreeTrouble: the log is not that of the record.
        """
        try:
            return self._cutter.replay(self.ledger.state, self._newest_with_database())
        except LogTrouble as trouble:
            raise TreeTrouble(LOG_CODES[trouble.fault], "{trouble}", trouble=trouble) from trouble

    def _newest_with_database(self) -> CutMade | None:
        """The newest cut whose figures an official database must hold, before the closing one."""
        cuts = self.ledger.state.cuts
        return next((cut for cut in reversed(cuts) if cut.kind is CutKind.DATABASE), None)

    async def run(self) -> None:
        """Make every cut as it falls due, until the closing one is made or it is cancelled."""
        try:
            while self._lost is not None or not self._progress().closed:
                await self.step()
                await asyncio.sleep(TICK)
        finally:
            await self.end()
        await self._copies.finish()

    async def end(self) -> None:
        """Give up the official database that is being written; a start writes it anew."""
        await self._databases.end()
        if self._process is not None:
            await self._process.end()

    async def _write_database(self, snapshot: Snapshot) -> DatabaseFile:
        if self._process is not None:
            return await self._process.write(snapshot)
        return await asyncio.to_thread(self._cutter.write_database, snapshot)

    async def step(self) -> bool:
        """Make the cut that is due now, if one is; whether one was."""
        order = self._due()
        if order is not None:
            await self._cut(order)
        self._databases.start()
        return order is not None

    def _progress(self) -> Progress:
        cuts, newest = self.ledger.state.cuts, self._newest_with_database()
        return Progress(
            opened=bool(cuts),
            closed=bool(cuts) and cuts[-1].kind is CutKind.CLOSING,
            database_time=database_time_of(self.election, newest.at) if newest else None,
        )

    def _due(self) -> Due | None:
        if self._lost is CutKind.CLOSING:
            return Due(CutKind.CLOSING, self.election.window.closes)
        if self._lost is not None:
            return Due(CutKind.LIVE)
        now = asyncio.get_running_loop().time()
        rested = now - self._last_live >= self._live_seconds
        news = rested and (self._databases.ready or self._cutter.lacks(self.ledger.state))
        progress, reading = self._progress(), self._look()
        since = reading.believed_from
        waits = closing_unseen(self.election, progress, reading.at, since)
        self._say_if_closing_waits(waits=waits)
        return due(self.election, progress, reading.at, news=news, believed_from=since)

    def _say_if_closing_waits(self, *, waits: bool) -> None:
        if waits and not self._waiting:
            code = PublicationCode.CLOSING_NOT_SEEN
            log.warning("%s %s", code.code, code.meaning)
        self._waiting = waits

    async def _cut(self, what: Due) -> None:
        """Make, record and show a cut; if anything fails, begin again from the record."""
        if self._broken and not await self._begin_again():
            await asyncio.sleep(self._live_seconds)
            return
        try:
            staged = await self._record_cut(what)
            self._cutter.activate(staged)
        except Exception as trouble:
            say_failed(PublicationCode.CUT_FAILED, trouble)
            if isinstance(trouble, RecordTrouble) and trouble.code in FINAL:
                raise
            await self._begin_again()
            await asyncio.sleep(self._live_seconds)
            return
        self._lost = None
        self._last_live = asyncio.get_running_loop().time()
        cut = staged.event
        at = self.election.window.local(cut.at).isoformat()
        log.info("cut %d (%s) at %s", cut.number, cut.kind.value, at)
        self._copies.add(name for name in staged.placed if ".p/" not in name)

    async def _record_cut(self, what: Due) -> StagedCut:
        state, now = self.ledger.state, self._clock()
        if what.kind is CutKind.ZERO and state.opened is None:
            await self.ledger.append(Opened(now, self.election.digest))
        if what.kind is CutKind.CLOSING and state.closed is None:
            await self.ledger.append(Closed(now, "the window ended"))
        databases = await self._databases.finished(last=what.kind is CutKind.CLOSING)
        order = self._order(what, now)
        if what.kind is CutKind.CLOSING and what.database_time is not None:
            # It lists its own database, since no cut comes after it.
            own = await asyncio.to_thread(self._closing_snapshot, order, what.database_time)
            databases.append(await self._write_database(own))
        order = replace(order, databases=tuple(databases))
        staged = await asyncio.to_thread(self._make, order, what.database_time)
        await self.ledger.append(staged.event)
        return staged

    def _closing_snapshot(self, order: CutOrder, time: datetime) -> Snapshot:
        self._cutter.learn_until(self.ledger.state, order.covers)
        return self._cutter.snapshot(time, closing=True)

    async def _begin_again(self) -> bool:
        """Recover as a start does; whether it could. A full disk lets it wait for space.

        In a thread, as a cut is made, so that the inbox goes on: nothing else uses the cutter until
        it ends, and of the state it reads what cuts of the record cover, which never changes.
        """
        try:
            await asyncio.to_thread(self.recover)
        except OSError as trouble:
            self._broken = True
            say_failed(PublicationCode.CUT_FAILED, trouble)
            return False
        return True

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

    def _make(self, order: CutOrder, database_time: datetime | None) -> StagedCut:
        """Stage a cut, and have the official database that it promises written."""
        self._cutter.learn_until(self.ledger.state, order.covers)
        staged = self._cutter.make(order)
        if order.kind is CutKind.DATABASE and database_time is not None:
            self._databases.want(self._cutter.snapshot(database_time))
        return staged
