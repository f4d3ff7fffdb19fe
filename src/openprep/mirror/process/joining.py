"""Joining an election: the root by ear, then the rest of the trust, and the centre asked once."""

import shutil
from datetime import datetime
from pathlib import Path, PurePosixPath

from openprep.clock import Clock, system_clock
from openprep.durable import write_durably
from openprep.hosting import TreeDirectory
from openprep.mirror.codes import MirrorCode, Refused, writing
from openprep.mirror.sources.center import CenterRefused, CenterSource
from openprep.mirror.sources.source import Source
from openprep.mirror.trust.keeper import TrustKeeper
from openprep.mirror.trust.membership import Membership
from openprep.mirror.trust.root import TrustRoot
from openprep.wire.trust import TrustData

SECONDS = 30.0
"""What each of the two questions to the centre may take."""


async def ask_center(folder: Path, clock: Clock) -> None:
    """Fetch what the joined root vouches for, and ask the distribution service as this publisher.

    Raises:
        Refused: NOT_THE_SERVICE, nobody answers as the service there; the root stays joined.
            CenterRefused: it answers, and refuses this publisher.
    """
    membership = Membership(folder)
    member = membership.member
    place = folder / ".joining"
    keeper = TrustKeeper(membership.trust_root, TreeDirectory(folder / "public"), clock)
    try:
        async with Source(member.center, SECONDS) as source:
            await membership.trust_root.refresh_from(source, clock())
        keeper.publish()
        keys = membership.keys
        async with CenterSource(
            member.center, member.publisher, keys, place, system_clock
        ) as center:
            await center.offer(None)
    except CenterRefused:
        raise
    except Refused as refused:
        raise Refused(
            MirrorCode.NOT_THE_SERVICE,
            "{center}: {code} {detail}",
            center=member.center,
            code=refused.code.code,
            detail=refused.text,
        ) from refused
    finally:
        shutil.rmtree(place, ignore_errors=True)


async def join_trust(
    folder: Path, root: bytes, spoken: str, center: str, now: datetime, *, drill: bool
) -> TrustData:
    """Join a root by ear without being a publisher, and fetch what it vouches for.

    ``folder`` is then one for a watch, which renews it, and for an audit: what was verified stands
    in it under the names of a tree's ``trust/``, too. Joining again fetches what is new.

    Raises:
        Refused: as :meth:`TrustRoot.join` and :meth:`TrustRoot.refresh`; NOT_THE_SERVICE where
            nothing of it is at ``center``: the root stays joined.
    """
    trust_root = TrustRoot(folder)
    trust_root.join(root, spoken, drill=drill)
    try:
        async with Source(center, SECONDS) as source:
            trust = await trust_root.refresh_from(source, now)
    except Refused as refused:
        if refused.code not in (MirrorCode.UNREACHABLE, MirrorCode.NOT_FOUND):
            raise
        raise Refused(
            MirrorCode.NOT_THE_SERVICE,
            "{center}: {code} {detail}",
            center=center,
            code=refused.code.code,
            detail=refused.text,
        ) from refused
    with writing():
        for name, data in trust_root.files().items():
            write_durably(folder / PurePosixPath(name).name, data)
    return trust
