"""Keeping the trust root fresh, from the centre or from any publisher, and passing it on.

Whatever source is asked, TUF's rules decide. What they accepted is placed into the mirror's own
tree under ``trust/``, so that readers, and publishers that the centre cannot reach, find it there.
"""

import asyncio
import logging
from collections.abc import Sequence

from openprep.clock import Clock
from openprep.hosting import TreeDirectory
from openprep.hosting.directory import write_durably
from openprep.mirror.codes import Refused
from openprep.mirror.source import Source
from openprep.mirror.trust_root import Fetch, TrustRoot, from_source
from openprep.tree.trust import FOLDER, TrustData

log = logging.getLogger("openprep.mirror")


class TrustKeeper:
    """The trust root of one mirror. ``trouble`` is why the last refresh failed, if it did."""

    def __init__(self, root: TrustRoot, tree: TreeDirectory, clock: Clock) -> None:
        self._root = root
        self._tree = tree
        self._clock = clock
        self.trouble: Refused | None = None

    async def refresh(self, places: Sequence[str]) -> TrustData:
        """What is vouched for now, from the first of ``places`` that gives it.

        While none does, the mirror goes on with what was vouched for last: a centre that was cut
        off must not take its publishers down with it.

        Raises:
            Refused: nothing was ever vouched for here.
        """
        for place in places:
            try:
                trust = await self._refresh_from(place)
            except Refused as refused:
                log.warning("%s does not give a trust root: %s", place, refused)
                self.trouble = refused
            else:
                self.trouble = None
                return trust
        return self._root.trusted()

    async def _refresh_from(self, place: str) -> TrustData:
        loop = asyncio.get_running_loop()
        async with Source(place) as source:
            fetched: dict[str, bytes] = {}
            fetch = _recording(from_source(source, loop), fetched)
            trust = await asyncio.to_thread(self._root.refresh, fetch, self._clock())
        await asyncio.to_thread(self._publish, fetched)
        return trust

    def _publish(self, files: dict[str, bytes]) -> None:
        self._tree.path(FOLDER).mkdir(exist_ok=True)
        for name, data in files.items():
            write_durably(self._tree.path(name), data)


def _recording(fetch: Fetch, fetched: dict[str, bytes]) -> Fetch:
    def record(path: str, limit: int) -> bytes:
        data = fetch(path, limit)
        fetched[path] = data
        return data

    return record
