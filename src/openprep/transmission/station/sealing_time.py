"""Which clock a station must look at, where the centre refuses an envelope for its sealing time.

The envelope keeps the time at which it was sealed, also after the clock was set: this tells a clock
that is wrong from one that was.
"""

from datetime import datetime

from openprep.coded import Text, said
from openprep.record.facts import decode_envelope
from openprep.transmission.envelope import unwrap
from openprep.transmission.inbox.checks import CLOCK_SKEW
from openprep.transmission.station.outbox import Pending

WITHDRAW = "`openprep station withdraw`"


def clock_to_look_at(
    pending: Pending, now: datetime, *, for_good: bool, withdraws: bool = True
) -> Text:
    """What the sealing time and this station's clock, which says ``now``, show together.

    Where nothing ``withdraws`` an envelope, as in a house, it waits. ``for_good``: the centre will
    never take it, because it was sealed before the day.
    """
    sealed = decode_envelope(unwrap(pending.body).payload).sealed_at
    if not withdraws:
        return said(
            "sealed at {sealed}, and this machine's clock is at {now}: compare it with a "
            "telephone, and set it; what was sealed ahead is taken at that hour",
            sealed=sealed.isoformat(),
            now=now.isoformat(),
        )
    if for_good:
        return said(
            "this station's clock is at {now}: set it where that is wrong, then {withdraw}",
            now=now.isoformat(),
            withdraw=WITHDRAW,
        )
    if sealed > now + CLOCK_SKEW:
        return said(
            "this station's clock was ahead when it sealed, at {sealed}, and is at {now} now: "
            "{withdraw} takes the envelope out, to be sealed anew; else all waits for that hour",
            sealed=sealed.isoformat(),
            now=now.isoformat(),
            withdraw=WITHDRAW,
        )
    return said(
        "this station's clock is at {now}: compare it with a telephone; if it is ahead, set it, "
        "then {withdraw}; if it is right, the centre's is behind, and it is sent again",
        now=now.isoformat(),
        withdraw=WITHDRAW,
    )
