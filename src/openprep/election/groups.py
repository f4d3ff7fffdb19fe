"""Groups of actas that the public asks for apart: where the casilla is, and how its people vote."""

from collections.abc import Mapping
from enum import Enum

from openprep.election.catalogue import CasillaKind, ExpectedActa, Location


class ActaGroup(Enum):
    """A group of actas.

    Every acta is in one of the two of UBICACION_CASILLA, as the official statistics divide them
    (spec E.1: counted actas, urban and not), and at most in one other by its TIPO_CASILLA.
    """

    URBANA = "urbana"
    NO_URBANA = "no_urbana"
    ESPECIAL = "especial"
    EXTRANJERO = "extranjero"
    ANTICIPADO = "anticipado"
    PRISION_PREVENTIVA = "prision_preventiva"
    URNA_ELECTRONICA = "urna_electronica"


LOCATED: Mapping[Location, ActaGroup] = {
    Location.URBAN: ActaGroup.URBANA,
    Location.NOT_URBAN: ActaGroup.NO_URBANA,
}
MODALITIES: Mapping[CasillaKind, ActaGroup] = {
    CasillaKind.ESPECIAL: ActaGroup.ESPECIAL,
    CasillaKind.EXTRANJERO: ActaGroup.EXTRANJERO,
    CasillaKind.ANTICIPADO: ActaGroup.ANTICIPADO,
    CasillaKind.PRISION_PREVENTIVA: ActaGroup.PRISION_PREVENTIVA,
    CasillaKind.URNA_ELECTRONICA: ActaGroup.URNA_ELECTRONICA,
}


def groups_of(expected: ExpectedActa) -> tuple[ActaGroup, ...]:
    """The groups that an acta is in: by its location, then by its kind if that has one."""
    located, modality = LOCATED[expected.location], MODALITIES.get(expected.kind)
    return (located,) if modality is None else (located, modality)
