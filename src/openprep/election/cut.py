"""Why a cut (*corte*) is made: the word that the record, the tree and the publisher share."""

from enum import Enum


class CutKind(Enum):
    """Why a cut was made."""

    ZERO = "zero"
    """The opening: every expected acta, none captured."""
    LIVE = "live"
    DATABASE = "database"
    """A cut at the set period, with official databases."""
    CLOSING = "closing"
    """The last one: special casillas enter participation (B.4 #13)."""
