"""An enrolled publisher's mirror: trust, distribution service, verification, cosigning, serving."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import sample

from aiohttp import web

from openprep.clock import Clock, system_clock
from openprep.doors.addresses import telling
from openprep.hosting.directory import TreeDirectory
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.follow.follower import Follower
from openprep.mirror.process.following import (
    SLOWEST_POLL,
    Following,
    application,
    served,
    waiting_application,
)
from openprep.mirror.process.lock import alone_in
from openprep.mirror.process.status import Status
from openprep.mirror.sources.center import CenterRefused, CenterSource
from openprep.mirror.sources.images import Images
from openprep.mirror.sources.source import Source
from openprep.mirror.trust.keeper import TrustKeeper
from openprep.mirror.trust.membership import Membership, identity_of
from openprep.pages.kit import Kit
from openprep.waiting import Latest, happens_within
from openprep.wire.cut.manifest import Manifest
from openprep.wire.distribution.codes import DistributionCode
from openprep.wire.log.checkpoint import Checkpoint, merge_cosignatures
from openprep.wire.log.tiles import CHECKPOINT_PATH
from openprep.wire.note import MAX_NOTE_BYTES, Verifier
from openprep.wire.trust import TrustData

log = logging.getLogger("openprep.mirror")

TRUST_EVERY = 300.0
"""Seconds between two looks at the trust root: enrolment and revocation reach mirrors within it."""

TRUST_SOONEST = 5.0
"""Seconds between two looks where a refusal may come of a trust root that is not the newest."""

TRUST_MATTERS = frozenset(
    {MirrorCode.SIGNATURE, MirrorCode.RULES, MirrorCode.ROLLBACK, MirrorCode.SPLIT_VIEW}
)
"""Refusals that a newer trust root may explain: another key signs, one was ended, or the election
was declared again."""

COSIGNATURES_EVERY = 2.0
"""Seconds between two looks at who else cosigned the cut that is up."""

REFUSED_FOR_GOOD = frozenset(
    code.code
    for code in (
        DistributionCode.COSIGNATURE,
        DistributionCode.REVOKED,
        DistributionCode.UNKNOWN_PUBLISHER,
    )
)
"""Refusals of a cosignature that asking again does not change."""

HAND_OVER_AGAIN = 5.0
"""Seconds until a cosignature that did not reach the centre is handed over again."""

POLL = 0.05
"""Seconds between two long polls; waiting is the centre's part."""


@dataclass(frozen=True)
class PublisherPlan:
    """What an enrolled mirror is started with.

    ``port`` is ``None`` where something else serves. Without ``kit`` the tree has no page, without
    ``with_images`` no images of actas.
    """

    folder: Path
    clock: Clock
    host: str
    port: int | None
    kit: Kit | None = None
    with_images: bool = True


class PublisherMirror:
    """One enrolled mirror, from its folder."""

    def __init__(self, plan: PublisherPlan) -> None:
        self._plan = plan
        self._membership = Membership(plan.folder)
        self._member = self._membership.member
        self._tree = TreeDirectory(plan.folder / "public")
        self._keeper = TrustKeeper(self._membership.trust_root, self._tree, plan.clock)
        self._trust: TrustData | None = None
        self._trust_wanted = asyncio.Event()
        self._cosignature: Latest[bytes] = Latest()
        self._uncompressed: Latest[Manifest] = Latest()
        self._images = Images(self._tree, self._places, self._tell_missing)
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

        What was up before is served at once, whoever answers or does not.

        Raises:
            Refused: the mirror never joined, or another process works in its folder.
            PublisherKeyTrouble: its keys cannot be used.
        """
        with alone_in(self._plan.folder):
            keys = self._membership.keys
            trust = await self._first_trust()
            source = CenterSource(
                self._member.center,
                self._member.publisher,
                keys,
                self._plan.folder / "staging",
                system_clock,
            )
            async with source:
                await self._run(source, trust)

    async def _run(self, source: CenterSource, trust: TrustData) -> None:
        follower = Follower(
            source,
            self._plan.folder,
            identity_of(trust),
            kit=self._plan.kit,
            clock=self._plan.clock,
            cosigner=self._membership.cosigner_under(trust, self._plan.clock()),
            on_cosigned=self._cosigned,
            on_images=self._images.want if self._plan.with_images else None,
        )
        following = Following(
            follower,
            source,
            self.status,
            self._status_path,
            self._plan.clock,
            POLL,
            peers=self._peers,
            on_refusal=self._perhaps_trust,
            after_showing=self._cut_shown,
        )
        app = application(follower, self._plan.clock, self._opens)
        async with self._served(app), asyncio.TaskGroup() as tasks:
            tasks.create_task(following.run())
            tasks.create_task(self._keep_trust(follower))
            tasks.create_task(self._hand_over(source))
            tasks.create_task(self._gather_cosignatures())
            tasks.create_task(self._compress())
            tasks.create_task(self._images.run())

    async def _cut_shown(self, manifest: Manifest) -> None:
        self._uncompressed.put(manifest)

    async def _compress(self) -> None:
        """Put compressed copies beside what a cut brought, for servers that send them as they are.

        Beside the next cuts, never between two of them; what nobody had time for is sent plainly.
        First those are made anew that a crash or a bad disk left broken.
        """
        try:
            for name in await asyncio.to_thread(self._tree.mend_copies):
                log.warning("a compressed copy of %s was broken and is made anew", name)
        except OSError as trouble:
            said = MirrorCode.DISK.of(
                "compressed copies were not looked through: {trouble}", trouble=trouble
            )
            log.warning("%s", said)
        while True:
            manifest = await self._uncompressed.take()
            try:
                await asyncio.to_thread(self._tree.compress_cut, manifest)
            except OSError as trouble:
                said = MirrorCode.DISK.of(
                    "cut {cut} was not compressed: {trouble}", cut=manifest.cut, trouble=trouble
                )
                log.warning("%s", said)

    @asynccontextmanager
    async def _served(self, app: web.Application) -> AsyncIterator[None]:
        """Serve while the block runs."""
        if self._plan.port is None:
            yield
            return
        host, port = self._plan.host, self._plan.port
        async with served(app, host, port):
            with telling(self._plan.folder, host, [port]):
                yield

    def _opens(self) -> datetime | None:
        return self.status.opens

    def _peers(self) -> list[str]:
        """Addresses of the other publishers that stand."""
        if self._trust is None:
            return []
        standing = self._trust.publishers_at(self._plan.clock())
        others = (publisher for publisher in standing if publisher.id != self._member.publisher)
        return [address for publisher in others for address in publisher.addresses]

    def _tell_missing(self, images: int) -> None:
        self.status.images(images, self._status_path)

    def _places(self) -> list[str]:
        """Where images may be: the centre, and every other publisher."""
        return [self._member.center, *self._peers()]

    async def _first_trust(self) -> TrustData:
        """What was vouched for last; on the very first start, as soon as somebody gives it."""
        root = self._membership.trust_root
        root.require_joined()
        try:
            trust = root.trusted()
        except Refused:
            async with self._served(waiting_application(self._why_waiting)):
                trust = await self._fetch_first_trust()
        self._take_trust(trust)
        return trust

    async def _fetch_first_trust(self) -> TrustData:
        pause = POLL
        while True:
            try:
                return await self._keeper.refresh([self._member.center])
            except Refused as refused:
                self._say_trouble(self._keeper.trouble or refused)
                await asyncio.sleep(pause)
                pause = min(2 * pause, SLOWEST_POLL)

    def _why_waiting(self) -> str:
        return f"Aún no hay raíz de confianza. {self.status.trust_trouble or ''}".rstrip()

    def _say_trouble(self, trouble: Refused | None) -> None:
        self.status.trust_trouble = None if trouble is None else str(trouble)
        self.status.looked_at(self._plan.clock())
        self.status.write(self._status_path)

    def _take_trust(self, trust: TrustData) -> None:
        self._trust = trust
        policy, status = trust.policy, self.status
        status.quorum, status.opens = policy.quorum, policy.opens
        status.retained_until = policy.retained_until
        status.peers = len(self._peers())
        own = next(
            (publisher for publisher in trust.publishers if publisher.id == self._member.publisher),
            None,
        )
        gone = own is not None and own.revoked is not None and own.revoked <= self._plan.clock()
        status.revoked = own.revoked if own is not None and gone else None
        if gone:
            log.error("the trust root revoked this publisher: it does not cosign any more")

    def _perhaps_trust(self, refusal: Refused) -> None:
        if refusal.code in TRUST_MATTERS:
            self._trust_wanted.set()

    async def _keep_trust(self, follower: Follower) -> None:
        """Renew the trust root at once, then every few minutes, sooner if a refusal asks for it."""
        while True:
            try:
                await self._renew_trust(follower)
            except Refused as refused:
                log.error("the trust root cannot be gone on with: %s", refused)
                self._say_trouble(refused)
            else:
                self._say_trouble(self._keeper.trouble)
            await asyncio.sleep(TRUST_SOONEST)
            await happens_within(TRUST_EVERY - TRUST_SOONEST, self._trust_wanted)
            self._trust_wanted.clear()

    async def _renew_trust(self, follower: Follower) -> None:
        peers = self._peers()
        places = [self._member.center, *sample(peers, len(peers))]
        trust = await self._keeper.refresh(places)
        cosigner = self._membership.cosigner_under(trust, self._plan.clock())
        follower.adopt(identity_of(trust), cosigner)
        self._take_trust(trust)

    def _cosigned(self, checkpoint: Checkpoint, line: str) -> None:
        note = f"{checkpoint.text()}\n{line.removesuffix(chr(10))}\n"
        self._cosignature.put(note.encode())

    async def _hand_over(self, source: CenterSource) -> None:
        """Hand the newest cosignature to the centre, again until it took or refused it."""
        told = ""
        while True:
            note = await self._cosignature.take()
            try:
                await source.cosign(note)
                told = ""
            except Refused as refused:
                if told != refused.detail:
                    log.warning("the centre does not have a cosignature: %s", refused)
                told = refused.detail
                answer = refused.answer.code if isinstance(refused, CenterRefused) else None
                if answer not in REFUSED_FOR_GOOD:
                    await asyncio.sleep(HAND_OVER_AGAIN)
                    self._cosignature.put_back(note)

    async def _gather_cosignatures(self) -> None:
        """Add what other publishers cosigned to the checkpoint served here."""
        async with Source(self._member.center) as center:
            while True:
                await asyncio.sleep(COSIGNATURES_EVERY)
                try:
                    note = await center.get(CHECKPOINT_PATH, MAX_NOTE_BYTES)
                    await asyncio.to_thread(self._merge, note)
                except (Refused, OSError, ValueError) as trouble:  # malformed is a ValueError
                    log.debug("no cosignatures: %s", trouble)

    def _merge(self, note: bytes) -> None:
        pointer = self._tree.pointer()
        own = self._tree.read(f"live/{CHECKPOINT_PATH}")
        if pointer is None or own is None or self._trust is None:
            return
        if self._tree.pointer() != pointer:  # turned meanwhile: the checkpoint may be of either
            return
        standing = self._trust.publishers_at(self._plan.clock())
        witnesses = [Verifier.parse(publisher.cosigner) for publisher in standing]
        merged, count = merge_cosignatures(own, note, witnesses)
        if merged != own:
            self._tree.amend_head(pointer.cut, CHECKPOINT_PATH, merged)
        self.status.cosigned_by = count
        self.status.write(self._status_path)
