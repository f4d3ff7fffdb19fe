"""Percentages as the authority writes them: truncated to four decimals, in integers only."""

from openprep.election import Share

WHOLE: Share = 1_000_000
"""100.0000 %."""


def share(part: int, whole: int) -> Share:
    """``part`` of ``whole`` in ten-thousandths of a percent, truncated; 0 where ``whole`` is 0.

    Integers all the way, since a float can lose a unit in the fourth decimal (spec B.4, A.8).
    """
    return part * WHOLE // whole if whole else 0
