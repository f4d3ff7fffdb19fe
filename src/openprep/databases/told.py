"""What is known of a file from what was published beside it."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from openprep.election import VotesOverList


@dataclass(frozen=True)
class Told:
    """What is known of a file from beside it.

    ``columns`` are vote columns that a list of candidacies names; ``participation`` are the votes
    that the authority says stand over the lista nominal in this cut.
    """

    columns: AbstractSet[str] = frozenset()
    participation: VotesOverList | None = None
