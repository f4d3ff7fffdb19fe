"""Joining an election: the root by ear, then the rest of the trust, and the centre asked once."""

import shutil
from pathlib import Path

from yarl import URL

from openprep.clock import Clock, system_clock
from openprep.hosting import TreeDirectory
from openprep.mirror.center import CenterRefused, CenterSource
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.membership import Membership
from openprep.mirror.source import Source
from openprep.mirror.trust_keeping import TrustKeeper

SECONDS = 30.0
"""What each of the two questions to the centre may take."""


def check_address(address: str) -> None:
    """See that ``address`` is one that can be asked.

    Raises:
        Refused: ADDRESS.
    """
    try:
        url = URL(address)
    except ValueError as error:
        raise Refused(MirrorCode.ADDRESS, f"{address!r}: {error}") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise Refused(MirrorCode.ADDRESS, repr(address))


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
            await center.pointer()
    except CenterRefused:
        raise
    except Refused as refused:
        detail = f"{member.center}: {refused.code.code} {refused.detail}"
        raise Refused(MirrorCode.NOT_THE_SERVICE, detail) from refused
    finally:
        shutil.rmtree(place, ignore_errors=True)
