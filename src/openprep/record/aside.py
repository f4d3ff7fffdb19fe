"""What is set aside: reported, kept as evidence, published nowhere until a person has decided.

Why a fact is held is decided once, by the inbox, under the trust and the rules that stood then, and
recorded with its envelope; so the fold needs neither. That two reports conflict the fold sees by
itself.
"""

from datetime import datetime

from msgspec import Struct

from openprep.coded import Coded
from openprep.election import Acta, acta_digest


class Why(Coded):
    """Why a fact waits for a person. Nothing of it is published, and the envelope was taken."""

    NOT_RESPONSIBLE = (
        "R020",
        "Another place reports this acta: it does, or one that checks corrects it.",
    )
    NOT_A_CHECKER = (
        "R021",
        "The place neither reports this acta nor checks it: one that does corrects it.",
    )
    IMPLAUSIBLE = (
        "R022",
        "No acta has so large a figure: report it right, or have a place that checks confirm it.",
    )
    WRONG_EXCESS = (
        "R023",
        "EXCEDE LISTA NOMINAL is not said as the rule says it: report it again, right.",
    )
    CONFLICT = (
        "R024",
        "Other figures were reported before and stand: compare the papers, and correct.",
    )


BY_CODE = {why.code: why for why in Why}

ActaKey = tuple[str, str]
"""An acta by its contest and its id in the catalogue; out of catalogue by its digest."""


def key_of(acta: Acta) -> ActaKey:
    """By what an acta is known."""
    return acta.contest, acta.acta if acta.acta is not None else acta_digest(acta)


class SetAside(Struct, frozen=True, gc=False):
    """A fact that changes nothing published, for a person to look at.

    ``position`` and ``at`` are those of its envelope, ``fact`` its number in it, from 1; ``reason``
    is a correction's.
    """

    position: int
    at: datetime
    station: str
    fact: int
    acta: Acta
    why: Why
    reason: str = ""
