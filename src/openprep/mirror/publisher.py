"""An enrolled publisher's mirror: trust, distribution service, verification, cosigning, serving."""

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from openprep.clock import Clock, system_clock
from openprep.hosting.directory import TreeDirectory
from openprep.mirror.center import CenterSource
from openprep.mirror.codes import Refused
from openprep.mirror.follower import Follower
from openprep.mirror.membership import Membership, identity_of
from openprep.mirror.run import Following, application
from openprep.mirror.source import Source
from openprep.mirror.status import Status
from openprep.mirror.trust_keeping import TrustKeeper
from openprep.tree.checkpoint import Checkpoint, merge_cosignatures
from openprep.tree.note import MAX_NOTE_BYTES, NoteError, Verifier
from openprep.tree.tiles import CHECKPOINT_PATH
from openprep.tree.trust import TrustData

log = logging.getLogger("openprep.mirror")

TRUST_EVERY = 300.0
"""Seconds between two looks at the trust root: enrolment and revocation reach mirrors within it."""

COSIGNATURES_EVERY = 2.0
"""Seconds between two looks at who else cosigned the cut that is up."""

POLL = 0.05
"""Seconds between two long polls; waiting is the centre's part."""


@dataclass(frozen=True)
class PublisherPlan:
    """What an enrolled mirror is started with. ``port`` is ``None`` where something else serves."""

    folder: Path
    clock: Clock
    host: str
    port: int | None


class PublisherMirror:
    """One enrolled mirror, from its folder."""

    def __init__(self, plan: PublisherPlan) -> None:
        self._plan = plan
        self._membership = Membership(plan.folder)
        self._member = self._membership.member
        self._tree = TreeDirectory(plan.folder / "public")
        self._keeper = TrustKeeper(self._membership.trust_root, self._tree, plan.clock)
        self._trust: TrustData | None = None
        self._lines: asyncio.Queue[bytes] = asyncio.Queue()
        self.status = Status(
            publisher=self._member.publisher,
            election=self._member.election,
            drill=self._member.drill,
        )

    @property
    def _status_path(self) -> Path:
        return self._plan.folder / "status.json"

    async def run(self) -> None:
        """Follow, verify, cosign and serve, until cancelled.

        Raises:
            Refused: the mirror never joined, or nothing was ever vouched for.
            PublisherKeyTrouble: its keys cannot be used.
        """
        keys, cosigner = self._membership.keys, self._membership.cosigner
        trust = await self._refresh_trust()
        source = CenterSource(
            self._member.center,
            self._member.publisher,
            keys,
            self._plan.folder / "staging",
            system_clock,
        )
        async with source:
            follower = Follower(
                source,
                self._plan.folder,
                identity_of(trust),
                clock=self._plan.clock,
                cosigner=cosigner,
                on_cosigned=self._cosigned,
            )
            shown = follower.trusted.seen.trusted
            if shown is not None:
                self.status.cut, self.status.cut_time = shown.cut, shown.time
            following = Following(
                follower,
                source,
                self.status,
                self._status_path,
                self._plan.clock,
                POLL,
                peers=self._peers,
            )
            await self._serve(follower, trust)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(following.run())
                tasks.create_task(self._keep_trust(follower))
                tasks.create_task(self._hand_over(source))
                tasks.create_task(self._gather_cosignatures())

    async def _serve(self, follower: Follower, trust: TrustData) -> None:
        if self._plan.port is None:
            return
        app = application(follower, self._plan.clock, trust.policy.opens)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, self._plan.host, self._plan.port).start()

    def _peers(self) -> list[str]:
        """Addresses of the other publishers that stand."""
        if self._trust is None:
            return []
        standing = self._trust.publishers_at(self._plan.clock())
        others = (one for one in standing if one.id != self._member.publisher)
        return [address for one in others for address in one.addresses]

    async def _refresh_trust(self) -> TrustData:
        trust = await self._keeper.refresh([self._member.center, *self._peers()])
        self._trust = trust
        self.status.quorum = trust.policy.quorum
        trouble = self._keeper.trouble
        self.status.trust_trouble = None if trouble is None else str(trouble)
        return trust

    async def _keep_trust(self, follower: Follower) -> None:
        while True:
            await asyncio.sleep(TRUST_EVERY)
            follower.trusted.identity = identity_of(await self._refresh_trust())

    def _cosigned(self, checkpoint: Checkpoint, line: str) -> None:
        self._lines.put_nowait(f"{checkpoint.text()}\n{line}".encode())

    async def _hand_over(self, source: CenterSource) -> None:
        """Hand each cosignature to the centre; only the newest, where it fell behind."""
        while True:
            note = await self._lines.get()
            while not self._lines.empty():
                note = self._lines.get_nowait()
            try:
                await source.cosign(note)
            except Refused as refusal:
                log.warning("the centre did not take a cosignature: %s", refusal)

    async def _gather_cosignatures(self) -> None:
        """Add what other publishers cosigned to the checkpoint served here."""
        async with Source(self._member.center) as center:
            while True:
                await asyncio.sleep(COSIGNATURES_EVERY)
                try:
                    note = await center.get(CHECKPOINT_PATH, MAX_NOTE_BYTES)
                    await asyncio.to_thread(self._merge, note)
                except (Refused, NoteError, OSError) as trouble:
                    log.debug("no cosignatures: %s", trouble)

    def _merge(self, note: bytes) -> None:
        pointer = self._tree.pointer()
        own = self._tree.read(f"live/{CHECKPOINT_PATH}")
        if pointer is None or own is None or self._trust is None:
            return
        standing = self._trust.publishers_at(self._plan.clock())
        witnesses = [Verifier.parse(one.cosigner) for one in standing]
        merged, self.status.cosigned_by = merge_cosignatures(own, note, witnesses)
        if merged != own:
            self._tree.amend_head(pointer.cut, CHECKPOINT_PATH, merged)
        self.status.write(self._status_path)
