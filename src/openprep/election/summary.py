"""The 13 figures that head every official database (spec B.4), as exact integers."""

from enum import Enum
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import astuple

Share: TypeAlias = int
"""A percentage in ten-thousandths of a percent, truncated: 991000 is 99.1000 %."""


WHOLE: Share = 1_000_000
"""100.0000 %."""


def share(part: int, whole: int) -> Share:
    """``part`` of ``whole`` in ten-thousandths of a percent, truncated; 0 where ``whole`` is 0.

    Integers all the way, since a float can lose a unit in the fourth decimal (spec B.4, A.8).
    """
    return part * WHOLE // whole if whole else 0


class VotesOverList(Enum):
    """Which votes stand over the lista nominal in a participation (decision 0020)."""

    WITH_SPECIAL = "with_special"
    """TOTAL_VOTOS_C_CS: those of every casilla, special ones too."""
    WITHOUT_SPECIAL = "without_special"
    """TOTAL_VOTOS_S_CS: all but those of special casillas."""
    WITH_LIST = "with_list"
    """Those of the casillas and mesas that have a lista nominal of their own."""


class AboveList(Enum):
    """Why a participation has more votes than people on the lista nominal."""

    WITHOUT_LIST = "without_list"
    """It has votes of casillas or mesas without a list, such as special casillas."""
    BEYOND_LIST = "beyond_list"
    """Counted actas have more votes than their own list: representatives vote where they are
    accredited, and some kinds of casilla have no limit."""


class Basis(Struct, frozen=True):
    """What a participation is made of: ``votes`` over the lista nominal.

    ``above`` says why there are more votes than people on it; ``None`` where there are not.
    """

    of: VotesOverList
    votes: int
    above: AboveList | None


class Summary(Struct, frozen=True):
    """The 13 figures, in the official order; counts are counts, shares are :data:`Share`.

    ``participation`` is ``None`` where no counted acta has a lista nominal to divide by. ``basis``
    is no figure of its own: it says how ``participation`` was made.
    """

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
    participation: Share | None
    basis: Basis

    @property
    def figures(self) -> tuple[int, ...]:
        """The 13 as an official database has them: where nothing is divided, 0 (B.4)."""
        *others, participation, _ = astuple(self)
        return *others, participation or 0


def format_share(share: Share) -> str:
    """The share as the authority writes it, four decimals with their zeros: ``99.1000``."""
    whole, decimals = divmod(share, 10_000)
    return f"{whole}.{decimals:04}"
