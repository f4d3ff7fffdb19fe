"""What a night asks of a machine, its line and its clock, and how a measure is held against it.

Limits are those of a nation's night (1.5 GB of packages, cuts of 8 MB every few seconds, requests
that may be signed 60 seconds ahead of the centre's clock). Pure: nothing is measured here.
"""

from datetime import timedelta

import msgspec

from openprep.hosting.verdicts import Check, Verdict

LEAST_FREE = 4 * 1024**3
LEAST_WRITING = 20e6
MOST_FLUSHING = 0.1
MOST_LATENCY = 1.0
LEAST_BANDWIDTH = 2e6
CLOCK_WARNING = 5.0
MOST_CLOCK = 30.0
LEAST_SERVING = 200.0
LEAST_HASHING = 100e6
LEAST_SIGNATURES = 2000.0
LEAST_CERTIFICATE = timedelta(days=7)

FAR_BELOW = 4.0
"""Below a limit by so many times, it is no moment's trouble."""


def at_least(name: str, found: float, least: float, unit: str, scale: float = 1.0) -> Check:
    """Go from ``least`` on; ``scale`` is how many of what was measured make one ``unit``."""
    verdict = Verdict.GO if found >= least else Verdict.NO_GO
    return Check(name, verdict, f"{found / scale:,.0f} {unit}", f">= {least / scale:,.0f} {unit}")


def at_most(name: str, found: float, most: float) -> Check:
    """Go up to ``most`` seconds."""
    verdict = Verdict.GO if found <= most else Verdict.NO_GO
    return Check(name, verdict, f"{found * 1000:,.1f} ms", f"<= {most * 1000:,.0f} ms")


def capable(name: str, found: float, least: float, unit: str, scale: float = 1.0) -> Check:
    """A machine that is busy for a moment is looked at; one that is far too slow is no-go."""
    check = at_least(name, found, least, unit, scale)
    slow = check.verdict is Verdict.NO_GO and found >= least / FAR_BELOW
    return msgspec.structs.replace(check, verdict=Verdict.LOOK) if slow else check


def clock_off(ahead: float | None) -> Check:
    """This clock is so many seconds ahead of the centre's; ``None`` where that is not known."""
    limit = f"<= {MOST_CLOCK:.0f} s; requests are refused from 60 s on"
    if ahead is None:
        return Check("clock", Verdict.LOOK, "the centre's answer has no date", limit)
    off = abs(ahead)
    verdict = Verdict.NO_GO if off > MOST_CLOCK else Verdict.GO
    if verdict is Verdict.GO and off > CLOCK_WARNING:
        verdict = Verdict.LOOK
    side = "ahead of" if ahead > 0 else "behind"
    return Check("clock", verdict, f"{off:.0f} s {side} the centre's", limit)


def bandwidth(came: int, rate: float) -> Check:
    """A package that is small is over before the line is full: it says little."""
    name, limit = "centre, bandwidth", f">= {LEAST_BANDWIDTH / 1e6:.0f} MB/s"
    if not came:
        return Check(name, Verdict.LOOK, "nothing is published yet", limit)
    enough = rate >= LEAST_BANDWIDTH
    small = came < LEAST_BANDWIDTH
    verdict = Verdict.GO if enough else Verdict.LOOK if small else Verdict.NO_GO
    return Check(name, verdict, f"{rate / 1e6:,.1f} MB/s of {came:,} bytes", limit)
