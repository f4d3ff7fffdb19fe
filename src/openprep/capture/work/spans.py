"""How long an acta stays at each stage of its way, and how often something happened of late.

Times are kept by how often each came, to one part in 32: the median of three million is as quick
to find as that of three.
"""

from collections import Counter
from collections.abc import Hashable, Mapping
from enum import Enum
from math import ceil
from typing import Generic, TypeVar

from msgspec import Struct

from openprep.capture.paper import Stage
from openprep.capture.work.waits import MINUTE

Kind = TypeVar("Kind", bound=Hashable)


class Span(Enum):
    """A part of an acta's way; the value is its name in status pages and files."""

    DIGITISED = "digitised"
    """From received, or from another image asked for, to its image."""
    FIRST_CAPTURE = "first_capture"
    SECOND_CAPTURE = "second_capture"
    """From one capture to the other; two that agree stand at once."""
    DECIDED = "decided"
    """From two captures that differ to the arbiter's word, with which they stand."""
    CHECKED = "checked"
    """From standing figures to their check against the paper."""
    WHOLE = "whole"
    """From the paper or its first image to the first figures that stand."""


SPAN_BETWEEN: Mapping[tuple[Stage, Stage], Span] = {
    (Stage.RECEIVED, Stage.DIGITISED): Span.DIGITISED,
    (Stage.REDIGITISE, Stage.RECAPTURE): Span.DIGITISED,
    (Stage.DIGITISED, Stage.CAPTURED_ONCE): Span.FIRST_CAPTURE,
    (Stage.RECAPTURE, Stage.CAPTURED_ONCE): Span.FIRST_CAPTURE,
    (Stage.CAPTURED_ONCE, Stage.DISPUTED): Span.SECOND_CAPTURE,
    (Stage.CAPTURED_ONCE, Stage.STANDING): Span.SECOND_CAPTURE,
    (Stage.DISPUTED, Stage.STANDING): Span.DECIDED,
    (Stage.STANDING, Stage.ACCEPTED): Span.CHECKED,
    (Stage.STANDING, Stage.RECAPTURE): Span.CHECKED,
    (Stage.STANDING, Stage.REDIGITISE): Span.CHECKED,
}
"""The part of the way that ends with each step forward; what is sent back ends none."""


class Quantiles(Struct, frozen=True):
    """How many times there were, and the seconds that half and 95 % of them did not exceed."""

    count: int
    median: int | None
    p95: int | None


def rounded(seconds: float) -> int:
    """Seconds to one part in 32, downwards; a clock that was set back makes no time negative."""
    whole = max(0, int(seconds))
    shift = max(0, whole.bit_length() - 6)
    return whole >> shift << shift


def quantiles_of(times: Mapping[int, int]) -> Quantiles:
    """The quantiles (nearest rank) of times by how often each came."""
    count = sum(times.values())
    if not count:
        return Quantiles(0, None, None)
    ranks, reached = [ceil(count * part / 100) for part in (50, 95)], 0
    found: list[int] = []
    for time in sorted(times):
        reached += times[time]
        while len(found) < len(ranks) and reached >= ranks[len(found)]:
            found.append(time)
    return Quantiles(count, *found)


class OfLate(Generic[Kind]):
    """How often each kind of thing happened in the last hour, by whole minutes."""

    KEPT = 240
    """Minutes that are kept: more than an hour, since a clock may be set back by one."""

    def __init__(self) -> None:
        self._minutes: dict[int, Counter[Kind]] = {}

    def add(self, at: float, kind: Kind) -> None:
        """Something happened at ``at`` (seconds of the wall's clock)."""
        minute = int(at // MINUTE)
        if minute not in self._minutes:
            if len(self._minutes) >= self.KEPT:
                del self._minutes[next(iter(self._minutes))]
            self._minutes[minute] = Counter()
        self._minutes[minute][kind] += 1

    def hour(self, now: float) -> Counter[Kind]:
        """What happened in the minute of ``now`` and the 59 before it."""
        last = int(now // MINUTE)
        found: Counter[Kind] = Counter()
        for minute in range(last - 59, last + 1):
            found.update(self._minutes.get(minute, ()))
        return found
