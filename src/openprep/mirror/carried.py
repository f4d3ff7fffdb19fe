"""A package that came by hand: verified like any other source's, with no network at all."""

import asyncio
from pathlib import Path

from openprep.clock import Clock
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.follower import Follower
from openprep.mirror.membership import Membership, identity_of
from openprep.mirror.source import POINTER_LIMIT
from openprep.mirror.staging import Staging
from openprep.tree.manifest import POINTER_PATH, Manifest, Pointer, decode


class CarriedSource:
    """The files of one opened package."""

    def __init__(self, base: str, staging: Staging) -> None:
        self.base = base
        self._staging = staging

    async def pointer(self) -> Pointer | None:
        """The pointer as it stood at the package's cut.

        Raises:
            Refused: NOT_FOUND or FORMAT.
        """
        data = await self.get(POINTER_PATH, POINTER_LIMIT)
        try:
            return decode(data, Pointer)
        except (ValueError, RecursionError) as error:  # msgspec's own is a ValueError, too
            raise Refused(MirrorCode.FORMAT, f"{POINTER_PATH}: {error}") from error

    def forget_pointer(self) -> None:
        """A package says always the same."""

    def holds(self, cut: int | None) -> None:
        """A package has what it has."""

    async def get(self, path: str, limit: int) -> bytes:
        """A file of the package.

        Raises:
            Refused: NOT_FOUND, where the package does not lead on from what is here, or OVERSIZE.
        """
        data = self._staging.read(path, limit)
        if data is None:
            raise Refused(MirrorCode.NOT_FOUND, f"{path} in the package: ask for a full one")
        return data


def show_carried(folder: Path, package: Path, clock: Clock) -> Manifest | None:
    """Open, verify and show a package; the manifest now up, ``None`` if it has nothing newer.

    The mirror must not be running: one process at a time writes its folder.

    Raises:
        Refused: nothing of the package is shown; what was up stays up.
        PublisherKeyTrouble: the keys cannot be used.
    """
    membership = Membership(folder)
    trust = membership.trust_root.trusted()
    staging = Staging(folder / "staging")
    staging.take(package, membership.keys.identity)
    source = CarriedSource(str(package), staging)

    async def show() -> Manifest | None:
        follower = Follower(
            source, folder, identity_of(trust), clock=clock, cosigner=membership.cosigner
        )
        await follower.start()
        return await follower.step()

    try:
        return asyncio.run(show())
    finally:
        staging.clear()
