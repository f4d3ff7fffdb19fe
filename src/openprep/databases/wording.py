"""How the official files of 2024 write what the election room knows as enums (spec A.4, B.3)."""

from collections.abc import Mapping

from openprep.election import (
    Digitization,
    DocumentKind,
    FieldState,
    Flavour,
    Observation,
    Origin,
    VotesOverList,
)

FIELD_STATES: Mapping[FieldState, str] = {
    FieldState.ILEGIBLE: "ILEGIBLE",
    FieldState.SIN_DATO: "SIN DATO",
    FieldState.SIN_ACTA: "SIN ACTA",
    FieldState.NOT_CAPTURED: "-",
    FieldState.NOT_ON_BALLOT: "-",
    FieldState.NOT_APPLICABLE: "N/A",
}
"""A figure that is not a count. Not captured and not on the ballot read the same, as they always
did: CONTABILIZADA tells them apart."""

FEDERAL_FIELD_STATES: Mapping[FieldState, str] = {
    **FIELD_STATES,
    FieldState.ILEGIBLE: "Ilegible",
    FieldState.SIN_DATO: "Sin dato",
    FieldState.SIN_ACTA: "Sin acta",
}

OBSERVATIONS: Mapping[Observation, str] = {
    Observation.ILEGIBLE: "ILEGIBLE",
    Observation.SIN_DATO: "SIN DATO",
    Observation.ALGUN_CAMPO_ILEGIBLE_O_SIN_DATO: "ALGUN CAMPO ILEGIBLE O SIN DATO",
    Observation.TODOS_ILEGIBLES: "TODOS ILEGIBLES",
    Observation.TODOS_SIN_DATO: "TODOS SIN DATO",
    Observation.TODOS_ILEGIBLES_O_SIN_DATO: "TODOS ILEGIBLES O SIN DATO",
    Observation.EXCEDE_LISTA_NOMINAL: "EXCEDE LISTA NOMINAL",
    Observation.SIN_ACTA_PAQUETE_NO_ENTREGADO: "SIN ACTA POR PAQUETE NO ENTREGADO",
    Observation.SIN_ACTA_CASILLA_NO_INSTALADA: "SIN ACTA POR CASILLA NO INSTALADA",
    Observation.SIN_ACTA_PAQUETE_SIN_BOLSA: "SIN ACTA POR PAQUETE ENTREGADO SIN BOLSA",
    Observation.SIN_ACTA_CONTINGENCIA_URNA: "SIN ACTA POR CONTINGENCIA EN URNA ELECTRONICA",
    Observation.FUERA_DE_CATALOGO: "FUERA DE CATALOGO",
    Observation.IDENTIFICADA_POR_PTO: "IDENTIFICACION POR PROCESO TECNICO OPERATIVO",
    Observation.LETRA_DISTINTA_DE_NUMERO: "CANTIDAD CON LETRA DISTINTA A NUMERO",
    Observation.SOLO_LETRA: "CANTIDAD SOLO CON LETRA",
    Observation.SOLO_NUMERO: "CANTIDAD SOLO CON NUMERO",
}
"""Wording of the local norm of 2024."""

FEDERAL_OBSERVATIONS: Mapping[Observation, str] = {
    **{observation: text.capitalize() for observation, text in OBSERVATIONS.items()},
    Observation.TODOS_ILEGIBLES: "Todos los campos ilegibles",
    Observation.TODOS_SIN_DATO: "Todos los campos vacíos",
    Observation.EXCEDE_LISTA_NOMINAL: "Excede Lista Nominal",
}
"""Wording of the federal files, as far as electoral QA tells it by name; the others are [I]."""

ORIGINS: Mapping[Origin, str] = {Origin.CASILLA: "CASILLA", Origin.CATD: "CATD"}

DIGITIZATIONS: Mapping[Digitization, str] = {
    Digitization.MOVIL: "MOVIL",
    Digitization.ESCANER: "ESCANER",
    Digitization.URNA: "URNA",
}

DOCUMENTS: Mapping[DocumentKind, str] = {
    DocumentKind.ACTA_PREP: "ACTA PREP",
    DocumentKind.RPP: "RPP",
    DocumentKind.CC: "CC",
    DocumentKind.PPC: "PPC",
    DocumentKind.ACTA_VMRE: "ACTA VMRE",
    DocumentKind.ACTA_VA: "ACTA VA",
    DocumentKind.ACTA_VPPP: "ACTA VPPP",
    DocumentKind.ACTA_UE: "ACTA UE",
}


PARTICIPATION: Mapping[VotesOverList, str] = {
    VotesOverList.WITH_SPECIAL: "La participación de este corte incluye casillas especiales.",
    VotesOverList.WITHOUT_SPECIAL: "La participación de este corte no incluye casillas especiales.",
}
"""What LEEME says of the participation of a cut, each on a line of its own."""

NOTHING_OBSERVED = "-"


def _after_excess(observation: Observation) -> bool:
    return observation is not Observation.EXCEDE_LISTA_NOMINAL


_FEDERAL_ORDER = sorted(Observation, key=_after_excess)


def write_field(field: int | FieldState, flavour: Flavour) -> str:
    """One figure of an acta."""
    if isinstance(field, int):
        return str(field)
    states = FEDERAL_FIELD_STATES if flavour is Flavour.FEDERAL_2024 else FIELD_STATES
    return states[field]


def write_observations(observations: tuple[Observation, ...], flavour: Flavour) -> str:
    """OBSERVACIONES of a captured acta, joined by commas; a printed list in the federal files.

    Either begins with EXCEDE LISTA NOMINAL, which prevails over all others (A.4).
    """
    if flavour is not Flavour.FEDERAL_2024:
        told = sorted(observations, key=_after_excess)
        return ", ".join(OBSERVATIONS[observation] for observation in told) or " - "
    ordered = sorted(observations, key=_FEDERAL_ORDER.index)
    return (
        str([FEDERAL_OBSERVATIONS[observation] for observation in ordered])
        if ordered
        else NOTHING_OBSERVED
    )
