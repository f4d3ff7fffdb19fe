"""What stands on the paper of a generated acta. Pure; :mod:`.drawing` makes a picture of it.

The paper is right by definition: where a capture is corrected later, the paper has the corrected
figures from the beginning; a field that nobody could read is smudged, one without data is blank.
"""

from dataclasses import dataclass

from openprep.drill.nation.amounts import in_words
from openprep.election import (
    Acta,
    CasillaKind,
    Column,
    ColumnKind,
    Contest,
    Election,
    ExpectedActa,
    FieldState,
    Level,
    VoteField,
)
from openprep.election.area_path import unit_of

LEVELS = {
    Level.ENTITY: "Entidad",
    Level.CIRCUNSCRIPCION: "Circunscripción",
    Level.DISTRICT: "Distrito",
    Level.MUNICIPALITY: "Municipio",
}
CASILLAS = {
    CasillaKind.BASICA: "Básica",
    CasillaKind.CONTIGUA: "Contigua {number}",
    CasillaKind.EXTRAORDINARIA: "Extraordinaria {number}",
    CasillaKind.ESPECIAL: "Especial {number}",
    CasillaKind.EXTRANJERO: "Mesa del voto en el extranjero {number}",
    CasillaKind.ANTICIPADO: "Mesa de voto anticipado {number}",
    CasillaKind.PRISION_PREVENTIVA: "Mesa de voto en prisión preventiva {number}",
    CasillaKind.URNA_ELECTRONICA: "Urna electrónica {number}",
}
OTHER_FIELDS = (
    ("Boletas sobrantes", "surplus_ballots"),
    ("Personas que votaron", "people_voted"),
    ("Representantes que votaron", "representatives_voted"),
    ("Votos sacados de la urna", "ballots_taken"),
    ("Total de votos", "total_written"),
)


@dataclass(frozen=True)
class Line:
    """A field of the form: its name, and how it was filled in. Empty where it was left blank."""

    name: str
    words: str
    figures: str
    smudged: bool = False


@dataclass(frozen=True)
class Sheet:
    """A filled form. ``place`` and ``votes`` follow the form from top to bottom."""

    title: str
    contest: str
    place: tuple[tuple[str, str], ...]
    votes: tuple[Line, ...]
    others: tuple[Line, ...]
    foot: str


def sheet_of(
    election: Election, seed: int, acta: Acta, expected: ExpectedActa, *, differ: bool
) -> Sheet:
    """The paper that ``acta`` was captured from, in the drill of ``election`` with ``seed``.

    ``differ``: on one line the figures are not what the words say, and the words were captured.
    """
    contest = election.contests[acta.contest]
    lines = [
        _line(_column_name(column, election), vote)
        for column, vote in zip(contest.columns, acta.votes, strict=True)
        if vote is not FieldState.NOT_ON_BALLOT
    ]
    if differ:
        lines = _with_a_slip(lines)
    return Sheet(
        title=election.name,
        contest=contest.title,
        place=tuple(_place(election, contest, expected)),
        votes=tuple(lines),
        others=tuple(
            _line(name, value)
            for name, field in OTHER_FIELDS
            if (value := getattr(acta, field)) is not FieldState.NOT_APPLICABLE
        ),
        foot=f"Acta generada con la semilla {seed}: no es de ninguna casilla.",
    )


def _place(election: Election, contest: Contest, expected: ExpectedActa) -> list[tuple[str, str]]:
    found = []
    for depth, level in enumerate(contest.levels, 1):
        area = election.areas.get((level, unit_of(expected.area, depth)))
        if area is not None:
            found.append((LEVELS[level], f"{area.id} {area.name}"))
    if expected.seccion:
        found.append(("Sección", expected.seccion))
    found.append(("Casilla", _casilla(expected)))
    return [*found, ("Acta", expected.id)]


def _casilla(expected: ExpectedActa) -> str:
    name = CASILLAS[expected.kind].format(number=expected.number)
    return f"{name} contigua {expected.extension}" if expected.extension else name


def _column_name(column: Column, election: Election) -> str:
    if column.kind is ColumnKind.UNREGISTERED:
        return "Candidaturas no registradas"
    if column.kind is ColumnKind.NULL:
        return "Votos nulos"
    if column.kind is ColumnKind.COMBINATION:
        return " + ".join(column.parties)
    return election.parties[column.parties[0]].name


def _line(name: str, value: VoteField) -> Line:
    if isinstance(value, int):
        return Line(name, in_words(value), str(value))
    return Line(name, "", "", smudged=value is FieldState.ILEGIBLE)


def _with_a_slip(lines: list[Line]) -> list[Line]:
    """The first amount that has two different digits, with these exchanged."""
    for index, line in enumerate(lines):
        if line.figures[1:2] not in ("", "0", line.figures[:1]):
            slip = line.figures[1] + line.figures[0] + line.figures[2:]
            lines[index] = Line(line.name, line.words, slip)
            return lines
    return lines
