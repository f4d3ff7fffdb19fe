"""A package that came by hand: verified like any other source's, with no network at all."""

import asyncio
import logging
from pathlib import Path

import msgspec

from openprep.clock import Clock
from openprep.hosting import TreeDirectory
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.follow.follower import Follower
from openprep.mirror.process.lock import alone_in
from openprep.mirror.process.status import Status, read_status
from openprep.mirror.sources.source import POINTER_LIMIT, Offer, read_pointer
from openprep.mirror.sources.staging import Staging
from openprep.mirror.trust.keeper import TrustKeeper
from openprep.mirror.trust.membership import Membership, identity_of
from openprep.mirror.verify.trusted import TrustedCut
from openprep.pages.kit import Kit
from openprep.wire.cut.manifest import POINTER_PATH, Manifest
from openprep.wire.trust import TrustData

log = logging.getLogger("openprep.mirror")


class CarriedSource:
    """The files of one opened package."""

    def __init__(self, base: str, staging: Staging) -> None:
        self.base = base
        self._staging = staging

    async def offer(
        self,
        _: TrustedCut | None,
        *,
        again: bool = False,  # noqa: ARG002 - as every source
    ) -> Offer | None:
        """The package's cut: it has what it has.

        Raises:
            Refused: NOT_FOUND or FORMAT.
        """
        data = await self.get(POINTER_PATH, POINTER_LIMIT)
        return Offer(read_pointer(data, POINTER_PATH), self.get)

    async def get(self, path: str, limit: int) -> bytes:
        """A file of the package.

        Raises:
            Refused: NOT_FOUND, where the package does not lead on from what is here, or OVERSIZE.
        """
        data = self._staging.read(path, limit)
        if data is None:
            raise Refused(
                MirrorCode.NOT_FOUND, "{path} in the package: ask for a full one", path=path
            )
        return data


def show_carried(
    folder: Path, package: Path, clock: Clock, kit: Kit | None = None
) -> Manifest | None:
    """Open, verify and show a package; the manifest now up, ``None`` if it has nothing newer.

    What the package carries of the trust root is taken first, by TUF's rules: it may name the key
    that signed the cuts. The mirror must not be running.

    Raises:
        Refused: nothing of the package is shown, and what was up stays up; IN_USE.
        PublisherKeyTrouble: the keys cannot be used.
    """
    with alone_in(folder):
        membership = Membership(folder)
        staging = Staging(folder / "staging")
        try:
            staging.take(package, membership.keys.identity)
            trust = _carried_trust(membership, staging, clock)
            source = CarriedSource(str(package), staging)
            return asyncio.run(_show(membership, source, trust, clock, kit))
        finally:
            staging.clear()


def _carried_trust(membership: Membership, staging: Staging, clock: Clock) -> TrustData:
    """What is vouched for: newly, if the package says so rightly, else what was before."""

    def fetch(path: str, limit: int) -> bytes:
        data = staging.read(path, limit)
        if data is None:
            raise Refused(MirrorCode.NOT_FOUND, "{path}", path=path)
        return data

    root = membership.trust_root
    try:
        trust = root.refresh(fetch, clock())
    except Refused as refused:
        log.warning("the package does not renew the trust root: %s", refused)
        return root.trusted()
    TrustKeeper(root, TreeDirectory(membership.folder / "public"), clock).publish()
    return trust


async def _show(
    membership: Membership,
    source: CarriedSource,
    trust: TrustData,
    clock: Clock,
    kit: Kit | None,
) -> Manifest | None:
    cosigner = membership.cosigner_under(trust, clock())
    follower = Follower(
        source, membership.folder, identity_of(trust), kit=kit, clock=clock, cosigner=cosigner
    )
    try:
        await follower.start()
    except Refused as refused:  # a full package mends the disk
        log.warning("%s", refused)
    manifest = await follower.step()
    if follower.gaps:
        await follower.fill_gaps()
    if manifest is not None:
        _tell(membership, follower, manifest, source.base)
    return manifest


def _tell(membership: Membership, follower: Follower, manifest: Manifest, base: str) -> None:
    path = membership.folder / "status.json"
    member = membership.member
    try:
        status = read_status(path)
    except (OSError, msgspec.MsgspecError):
        status = Status(member.publisher, member.election, member.drill)
    status.shown(manifest, base)
    status.announced = follower.announced
    status.write(path)
