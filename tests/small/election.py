"""One small election with every kind of acta, for tests that need a whole tree in a moment."""

from datetime import UTC, datetime, timedelta
from typing import Any

from openprep.election import (
    Acta,
    Area,
    CasillaKind,
    CutPeriods,
    Databases,
    DatabaseShape,
    Election,
    ExpectedActa,
    FieldState,
    Flavour,
    Level,
    Location,
    Observation,
    Party,
    Root,
    RpActas,
    Window,
)
from openprep.election.votes import VoteField
from openprep.record.state import Version
from tabulation.small import COLUMNS, PARTIES, RULES, contest

OPENS = datetime(2024, 6, 3, 2, 0, tzinfo=UTC)


def expected(
    number: int,
    area: str = "001",
    seccion: str = "0001",
    kind: CasillaKind = CasillaKind.BASICA,
    **changes: Any,
) -> ExpectedActa:
    values = {
        "id": f"A{number}",
        "area": area,
        "seccion": seccion,
        "kind": kind,
        "number": 1,
        "extension": 0,
        "location": Location.URBAN,
        "tipo_acta": "4",
        "lista_nominal": 700,
        "representatives": 20,
    }
    return ExpectedActa(**{**values, **changes})


CATALOGUE = (
    expected(0),
    expected(1, kind=CasillaKind.CONTIGUA),
    expected(2, seccion="0002"),
    expected(3, area="002", seccion="0003"),
    expected(
        4,
        area="002",
        seccion="0003",
        kind=CasillaKind.ESPECIAL,
        tipo_acta="4E",
        lista_nominal=0,
        representatives=1000,
    ),
    expected(5, area="002", seccion="", kind=CasillaKind.ANTICIPADO, representatives=None),
    expected(6, area="000", seccion="", kind=CasillaKind.EXTRANJERO, representatives=None),
)


def small_election(**changes: Any) -> Election:
    ayun = contest(RpActas.ENTITY_ONLY)
    shape = DatabaseShape(
        "AYUNTAMIENTOS",
        "CHI_AYUN_2024",
        "CHI_AYUN_Candidaturas_2024",
        "AYUN_CHI",
        "ID_MUNICIPIO",
        "MUNICIPIO",
        ("ID_ENTIDAD", "ID_MUNICIPIO", "PARTIDO_CI", "PROPIETARIA", "SUPLENTE"),
    )
    names = {"000": "VOTO DESDE EL EXTRANJERO", "001": "UNO", "002": "DOS"}
    values = {
        "id": "chica-2024",
        "name": "Elección de prueba",
        "authority": "Instituto de Pruebas",
        "drill": False,
        "root": Root(Level.ENTITY, "21", "CHICA"),
        "window": Window(OPENS, OPENS + timedelta(hours=24), "America/Mexico_City"),
        "cuts": CutPeriods(1, 20),
        "rules": RULES,
        "parties": {
            party: Party(party, party.title(), "#336699") for party in (*PARTIES, "CAND_IND_1")
        },
        "areas": {
            (Level.MUNICIPALITY, path): Area(Level.MUNICIPALITY, path, name)
            for path, name in names.items()
        },
        "contests": {"AYUN": ayun},
        "catalogues": {"AYUN": CATALOGUE},
        "databases": Databases(Flavour.LOCAL_2024, frozenset(), {"AYUN": shape}),
        "digest": "ab" * 32,
    }
    return Election(**{**values, **changes})


def _amounts(field: FieldState) -> dict[str, Any]:
    """The five figures of an acta that are not votes."""
    ballots = ("surplus_ballots", "representatives_voted", "ballots_taken")
    return dict.fromkeys((*ballots, "people_voted", "total_written"), field)


def acta(number: int, votes: tuple[VoteField, ...] | None = None, **changes: Any) -> Acta:
    """A captured acta of the catalogue, with figures that depend on its number."""
    figures = votes or tuple((number + 1) * (7 * column + 3) % 41 for column in range(len(COLUMNS)))
    values: dict[str, Any] = {
        "contest": "AYUN",
        "acta": f"A{number}",
        "votes": figures,
        "surplus_ballots": 100,
        "people_voted": FieldState.SIN_DATO,
        "representatives_voted": 4,
        "ballots_taken": 300,
        "total_written": 301,
        "image_sha256": f"{number:064x}",
        "received_at": OPENS + timedelta(minutes=10 + number),
        "captured_at": OPENS + timedelta(minutes=20 + number),
        "verified_at": OPENS + timedelta(minutes=30 + number),
    }
    return Acta(**{**values, **changes})


def without_acta(number: int) -> Acta:
    return Acta(
        "AYUN",
        f"A{number}",
        (FieldState.SIN_ACTA,) * len(COLUMNS),
        **_amounts(FieldState.SIN_ACTA),
        observations=(Observation.SIN_ACTA_PAQUETE_NO_ENTREGADO,),
    )


def outside() -> Acta:
    return Acta(
        "AYUN",
        None,
        (FieldState.NOT_CAPTURED,) * len(COLUMNS),
        **_amounts(FieldState.NOT_CAPTURED),
        observations=(Observation.FUERA_DE_CATALOGO,),
        received_at=OPENS + timedelta(minutes=5),
    )


def version(
    position: int, told: Acta, reason: str | None = "", previous: Version | None = None
) -> Version:
    at = OPENS + timedelta(minutes=position)
    number = 1 if previous is None else previous.number + 1
    return Version(position, at, "D01", told, reason, number)
