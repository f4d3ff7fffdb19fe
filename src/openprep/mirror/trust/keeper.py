"""Keeping the trust root fresh, from the centre or from any publisher, and passing it on.

Whatever source is asked, TUF's rules decide. What they accepted is placed into the mirror's own
tree under ``trust/``, so that readers, and publishers that the centre cannot reach, find it there.
"""

import asyncio
import logging
from collections.abc import Sequence

from openprep.clock import Clock
from openprep.hosting import TreeDirectory
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.sources.source import Source
from openprep.mirror.trust.root import TrustRoot
from openprep.wire.trust import FOLDER, TrustData

log = logging.getLogger("openprep.mirror")

PLACES_AT_ONCE = 4
PLACE_SECONDS = 60.0
"""What one place may take altogether."""


class TrustKeeper:
    """The trust root of one mirror.

    ``trouble`` is why the last refresh failed, if it did: what the first place answered, the centre
    as a rule.
    """

    def __init__(self, root: TrustRoot, tree: TreeDirectory, clock: Clock) -> None:
        self._root = root
        self._tree = tree
        self._clock = clock
        self.trouble: Refused | None = None

    async def refresh(self, places: Sequence[str]) -> TrustData:
        """What is vouched for now, from the first of ``places`` that gives it.

        While none does, the mirror goes on with what was vouched for last: a centre that was cut
        off must not take its publishers down with it. No more than some places are asked at a time.

        Raises:
            Refused: nothing was ever vouched for here.
        """
        first: Refused | None = None
        for place in places[:PLACES_AT_ONCE]:
            try:
                trust = await self._refresh_from(place)
            except Refused as refused:
                log.warning("%s does not give a trust root: %s", place, refused)
                first = first or refused
            else:
                self.trouble = None
                return trust
        self.trouble = first
        return self._root.trusted()

    async def _refresh_from(self, place: str) -> TrustData:
        async with Source(place, PLACE_SECONDS) as source:
            trust = await self._root.refresh_from(source, self._clock())
        await asyncio.to_thread(self.publish)
        return trust

    def publish(self) -> None:
        """Put what is trusted into the mirror's own tree.

        Raises:
            Refused: DISK.
        """
        try:
            self._tree.path(FOLDER).mkdir(exist_ok=True)
            for name, data in self._root.files().items():
                self._tree.place(name, data)
        except OSError as error:
            raise Refused(
                MirrorCode.DISK, "{folder}: {error}", folder=FOLDER, error=error
            ) from error
