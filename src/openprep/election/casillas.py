"""The casillas of a contest by what names them in every contest alike."""

from typing import NamedTuple

from openprep.election.catalogue import MESAS, ExpectedActa
from openprep.election.contest import Contest
from openprep.election.election import Election


class SectionKey(NamedTuple):
    """A section, whatever the contest."""

    entity: str
    """Empty where the election has one only."""
    seccion: str


class CasillaKey(NamedTuple):
    """A casilla, whatever the contest; in the order in which they are told."""

    section: SectionKey
    kind: str
    number: int
    extension: int


def casillas_of(election: Election, contest: Contest) -> dict[CasillaKey, ExpectedActa]:
    """Every casilla of a contest and the first acta expected of it; mesas are none."""
    found: dict[CasillaKey, ExpectedActa] = {}
    for acta in election.catalogues[contest.id]:
        if acta.kind not in MESAS:
            entity, _ = election.entity_of(acta, contest)
            section = SectionKey(entity, acta.seccion)
            casilla = CasillaKey(section, acta.kind.value, acta.number, acta.extension)
            found.setdefault(casilla, acta)
    return found
