"""What a test reads of a published tree, and a real mirror between it and the reader."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from openprep.election import Election
from openprep.hosting import TreeDirectory
from openprep.mirror.follow.follower import Follower
from openprep.mirror.sources.source import Source
from openprep.mirror.verify.trusted import Identity
from openprep.pages.kit import Kit
from openprep.wire.cut import manifest as wire
from openprep.wire.cut.results import AreaResults
from openprep.wire.note import Signer
from openprep.wire.trust import LogIdentity
from small.reading import Reading


class Published:
    """A tree with a page, of which the cut ``cut`` was published last."""

    declared: Election
    signer: Signer
    tree: TreeDirectory
    page: Kit
    cut: int

    @property
    def reading(self) -> Reading:
        """The cut as a reader finds it."""
        return Reading(self.tree, self.cut)

    @property
    def manifest(self) -> wire.Manifest:
        return self.reading.manifest

    def area(self, contest: str, path: str = "") -> AreaResults:
        """An area of the current cut."""
        return self.reading.area(path, contest)


def mirrored(night: Published, center: str, folder: Path) -> TreeDirectory:
    """The tree of a mirror that followed the one at ``center``, verified it and counted again."""
    log = LogIdentity.of_one_key(night.signer.verifier)
    identity = Identity(night.declared.id, night.declared.drill, log)

    async def follow() -> TreeDirectory:
        async with Source(center) as source:
            follower = Follower(source, folder, identity, kit=night.page)
            shown = await follower.step()
        assert shown is not None
        assert shown.cut == night.cut
        return follower.tree

    # A browser may hold this thread's event loop.
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, follow()).result()
