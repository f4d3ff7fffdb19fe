"""What a form calls its fields and its casilla, in the words of the law."""

from collections.abc import Iterator, Mapping

from openprep.election import (
    CasillaKind,
    Column,
    ColumnKind,
    Contest,
    Election,
    ExpectedActa,
    Level,
)
from openprep.election.area_path import unit_of

AMOUNT_NAMES: Mapping[str, str] = {
    "surplus_ballots": "Boletas sobrantes",
    "people_voted": "Personas que votaron",
    "representatives_voted": "Representantes que votaron",
    "ballots_taken": "Votos sacados de la urna",
    "total_written": "Total de votos",
}
"""The amounts beside the votes, in the order of the form."""

_LEVELS = {
    Level.ENTITY: "Entidad",
    Level.CIRCUNSCRIPCION: "Circunscripción",
    Level.DISTRICT: "Distrito",
    Level.MUNICIPALITY: "Municipio",
}
_CASILLAS = {
    CasillaKind.BASICA: "Básica",
    CasillaKind.CONTIGUA: "Contigua {number}",
    CasillaKind.EXTRAORDINARIA: "Extraordinaria {number}",
    CasillaKind.ESPECIAL: "Especial {number}",
    CasillaKind.EXTRANJERO: "Mesa del voto en el extranjero {number}",
    CasillaKind.ANTICIPADO: "Mesa de voto anticipado {number}",
    CasillaKind.PRISION_PREVENTIVA: "Mesa de voto en prisión preventiva {number}",
    CasillaKind.URNA_ELECTRONICA: "Urna electrónica {number}",
}


def column_name(column: Column, election: Election) -> str:
    """The name that stands beside a column's amount."""
    if column.kind is ColumnKind.UNREGISTERED:
        return "Candidaturas no registradas"
    if column.kind is ColumnKind.NULL:
        return "Votos nulos"
    if column.kind is ColumnKind.COMBINATION:
        return " + ".join(column.parties)
    return election.parties[column.parties[0]].name


def place_of(
    election: Election, contest: Contest, expected: ExpectedActa
) -> Iterator[tuple[str, str]]:
    """Where an acta is of, from the widest area to its id: what each is called, and which it is."""
    yield from areas_of(election, contest, expected)
    if expected.seccion:
        yield "Sección", expected.seccion
    yield "Casilla", casilla_name(expected)
    yield "Acta", expected.id


def areas_of(
    election: Election, contest: Contest, expected: ExpectedActa
) -> Iterator[tuple[str, str]]:
    """The areas that an acta is of, the widest first: what each is called, and which it is."""
    for depth, level in enumerate(contest.levels, 1):
        area = election.areas.get((level, unit_of(expected.area, depth)))
        if area is not None:
            yield _LEVELS[level], f"{area.id} {area.name}"


def casilla_name(expected: ExpectedActa) -> str:
    """A casilla as people call it."""
    name = _CASILLAS[expected.kind].format(number=expected.number)
    return f"{name} contigua {expected.extension}" if expected.extension else name
