"""The 13 figures that head every official database (spec B.4), as exact integers."""

from typing import TypeAlias

from msgspec import Struct

Share: TypeAlias = int
"""A percentage in ten-thousandths of a percent, truncated: 991000 is 99.1000 %."""


class Summary(Struct, frozen=True):
    """The 13 figures, in the official order; counts are counts, shares are :data:`Share`."""

    expected: int
    registered: int
    out_of_catalogue: int
    captured: int
    captured_share: Share
    counted: int
    counted_share: Share
    inconsistent_share: Share
    not_counted: int
    lista_nominal: int
    votes_with_special: int
    votes_without_special: int
    participation: Share


def format_share(share: Share) -> str:
    """The share as the authority writes it, four decimals with their zeros: ``99.1000``."""
    whole, decimals = divmod(share, 10_000)
    return f"{whole}.{decimals:04}"
