"""The trust root taken from any site that a watch looks at, with the watch's own limits."""

import asyncio
from datetime import datetime

from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.trust.root import Fetch, TrustRoot
from openprep.watch.codes import WatchCode
from openprep.watch.machine import Site
from openprep.watch.visit import Trouble, Visitor
from openprep.wire.trust import TrustData

RENEW_SECONDS = 40.0
"""After this long no renewal is waited for."""

_MEANINGS = {
    WatchCode.UNREACHABLE: MirrorCode.UNREACHABLE,
    WatchCode.TLS: MirrorCode.UNREACHABLE,
    WatchCode.MISSING: MirrorCode.NOT_FOUND,
    WatchCode.ALTERED: MirrorCode.OVERSIZE,
}
"""What a file that is not to be had means to the trust root."""


async def renew_trust(root: TrustRoot, visitor: Visitor, site: Site, now: datetime) -> TrustData:
    """What ``site`` has that is new in the trust root, if it is believed.

    Raises:
        Refused: as :meth:`TrustRoot.refresh`; what was trusted before is kept.
    """
    fetch = _fetch_from(visitor, site, asyncio.get_running_loop())
    return await asyncio.to_thread(root.refresh, fetch, now)


def _fetch_from(visitor: Visitor, site: Site, loop: asyncio.AbstractEventLoop) -> Fetch:
    def fetch(path: str, limit: int) -> bytes:
        asking = visitor.get(site.address, path, limit)
        try:
            return asyncio.run_coroutine_threadsafe(asking, loop).result(RENEW_SECONDS).data
        except Trouble as trouble:
            raise Refused(_MEANINGS[trouble.code], "{trouble}", trouble=trouble) from trouble
        except TimeoutError as error:
            raise Refused(MirrorCode.UNREACHABLE, "{address}", address=site.address) from error

    return fetch
