"""The casillas of a nation by station: what one station reports is generated alone."""

from collections.abc import Mapping
from itertools import groupby

from msgspec import Struct

from openprep.drill.nation.codes import GenerationRefused, NationCode
from openprep.election import (
    NO_AREA,
    CasillaKind,
    Contest,
    Election,
    ExpectedActa,
    Level,
    Location,
    RpActas,
)
from openprep.election.area_path import own_id, parent


class Casilla(Struct, frozen=True):
    """One casilla or mesa, and the actas that each contest expects of it.

    ``proportional`` are the extra actas of proportional representation of a special casilla.
    """

    seccion: str
    kind: CasillaKind
    location: Location
    lista_nominal: int
    actas: Mapping[str, ExpectedActa]
    proportional: Mapping[str, ExpectedActa]


class Station(Struct, frozen=True):
    """A CATD: a district's, or the first district's with the mesas of its entity.

    ``number`` tells its chance from that of the others. Casillas stand by section.
    """

    id: str
    number: int
    entity: str
    casillas: tuple[Casilla, ...]


def stations_of(election: Election) -> list[Station]:
    """The stations of a national election, in the order of its districts.

    Raises:
        GenerationRefused: NOT_GENERATED_FROM, the election has no districts in entities.
    """
    found: dict[tuple[str, str], dict[tuple[str, str, int, int], Casilla]] = {}
    for contest in election.contests.values():
        if contest.levels[-2:] != (Level.ENTITY, Level.DISTRICT):
            raise GenerationRefused(
                NationCode.NOT_GENERATED_FROM, "{id} has no districts in entities", id=contest.id
            )
        for acta in election.catalogues[contest.id]:
            entity, district = own_id(parent(acta.area)), own_id(acta.area)
            own = found.setdefault((entity, "01" if district == NO_AREA else district), {})
            key = (acta.seccion, acta.kind.value, acta.number, acta.extension)
            own[key] = _with(own.get(key), contest, acta)
    return [
        Station(f"D{entity}{district}", number, entity, _by_section(own))
        for number, ((entity, district), own) in enumerate(sorted(found.items()))
    ]


def _with(casilla: Casilla | None, contest: Contest, acta: ExpectedActa) -> Casilla:
    if casilla is None:
        casilla = Casilla(acta.seccion, acta.kind, acta.location, acta.lista_nominal, {}, {})
    apart = contest.rp_actas is RpActas.ENTITY_ONLY and acta.tipo_acta in contest.rp_tipos
    actas = {**(casilla.proportional if apart else casilla.actas), contest.id: acta}
    return Casilla(
        casilla.seccion,
        casilla.kind,
        casilla.location,
        casilla.lista_nominal,
        casilla.actas if apart else actas,
        actas if apart else casilla.proportional,
    )


def _by_section(casillas: Mapping[tuple[str, str, int, int], Casilla]) -> tuple[Casilla, ...]:
    return tuple(casilla for _, casilla in sorted(casillas.items()))


def section_numbers(casillas: tuple[Casilla, ...]) -> list[int]:
    """For each casilla, the position of its section among the station's."""
    numbers: list[int] = []
    for number, (_, own) in enumerate(groupby(casillas, key=lambda casilla: casilla.seccion)):
        numbers += [number] * sum(1 for _ in own)
    return numbers
