"""What is set aside: reported, kept as evidence, published nowhere until a person has decided.

Why a fact is held is decided once, by the inbox, under the trust and the rules that stood then, and
recorded with its envelope; so the fold needs neither. That two reports conflict the fold sees by
itself.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

from msgspec import Struct

from openprep.capture.codes import StepCode
from openprep.capture.papers import paper_of
from openprep.capture.steps import ActaArbitrated, ActaCaptured
from openprep.coded import Coded
from openprep.election import Acta, acta_digest
from openprep.record.facts import ActaFact, OfAnActa


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
    NOT_ITS_ROLE = (
        "R025",
        "The place has not the role for this step of this acta: one that has it takes it.",
    )
    CAPTURED_HERE = (
        "R026",
        "Its figures stand by their steps: they change when two people send it back, in cotejo.",
    )


Reason: TypeAlias = Why | StepCode
"""Why a fact changes nothing."""

BY_CODE: Mapping[str, Reason] = {why.code: why for why in (*Why, *StepCode)}

ActaKey = tuple[str, str]
"""An acta by its contest and its id in the catalogue; out of catalogue by its digest, and while it
is captured here by that of its image."""


def key_of(acta: Acta) -> ActaKey:
    """By what a finished acta is known."""
    return acta.contest, acta.acta if acta.acta is not None else acta_digest(acta)


def key_of_fact(fact: OfAnActa) -> ActaKey:
    """By what the acta of a fact is known."""
    if isinstance(fact, ActaFact):
        return key_of(fact.acta)
    return paper_of(fact) or (fact.contest, "")


class SetAside(Struct, frozen=True, gc=False):
    """A fact that changes nothing published, for a person to look at.

    ``position`` and ``at`` are those of its envelope, ``fact`` its number in it, from 1, and
    ``said`` what it says.
    """

    position: int
    at: datetime
    station: str
    fact: int
    said: OfAnActa
    why: Reason

    @property
    def contest(self) -> str:
        """The contest of its acta."""
        return contest_of(self.said)

    @property
    def acta(self) -> str | None:
        """The acta's identity in the catalogue; ``None`` out of it."""
        return acta_of(self.said)

    @property
    def reason(self) -> str:
        """What the place gave as its reason; empty where it gave none."""
        return getattr(self.said, "reason", None) or ""


def contest_of(fact: OfAnActa) -> str:
    """The contest that a fact is of."""
    return fact.acta.contest if isinstance(fact, ActaFact) else fact.contest


def acta_of(fact: OfAnActa) -> str | None:
    """The catalogue's identity of the acta that a fact is of; ``None`` out of catalogue."""
    return fact.acta.acta if isinstance(fact, ActaFact) else fact.acta


def figures_of(fact: OfAnActa) -> Acta | None:
    """The acta with the figures that a fact says it has; ``None`` if it says none."""
    if isinstance(fact, ActaFact):
        return fact.acta
    if isinstance(fact, ActaCaptured | ActaArbitrated):
        return fact.reading.acta(fact.contest, fact.acta)
    return None


def step_of(fact: OfAnActa) -> str:
    """The kind of step that a fact is; empty for an acta that comes finished."""
    finished = isinstance(fact, ActaFact)
    return "" if finished else str(fact.__struct_config__.tag)
