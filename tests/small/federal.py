"""A small nation: entities with districts of many sections, and the rules only federal has."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from openprep.election import (
    Acta,
    Area,
    Candidacy,
    CasillaKind,
    Column,
    ColumnKind,
    Contest,
    CutPeriods,
    Databases,
    DatabaseShape,
    Election,
    ExpectedActa,
    FieldState,
    Flavour,
    Level,
    Location,
    Party,
    Root,
    RpActas,
    Seats,
    Window,
)
from openprep.record.state import Version
from tabulation.small import RULES

OPENS = datetime(2024, 6, 3, 2, 0, tzinfo=UTC)
ENTITIES = {"01": ("01", "02", "03"), "02": ("01", "02")}
COLUMNS = (
    Column("PAN", ColumnKind.PARTY, ("PAN",)),
    Column("PRI", ColumnKind.PARTY, ("PRI",)),
    Column("MORENA", ColumnKind.PARTY, ("MORENA",)),
    Column("PAN_PRI", ColumnKind.COMBINATION, ("PAN", "PRI")),
    Column("NO_REGISTRADAS", ColumnKind.UNREGISTERED),
    Column("NULOS", ColumnKind.NULL),
)
MORENA = Candidacy("MORENA", "Mar", "", ("MORENA",))
CANDIDACIES = {
    "01": (Candidacy("PAN_PRI", "Pía", "", ("PAN", "PRI", "PAN_PRI")), MORENA),
    "02": (Candidacy("PAN", "Paz", "", ("PAN",)), Candidacy("PRI", "Pol", "", ("PRI",)), MORENA),
}
SENATORS = Contest(
    id="SEN",
    title="SENADURÍAS",
    office="Senadurías",
    levels=(Level.ENTITY, Level.DISTRICT),
    columns=COLUMNS,
    candidacies=CANDIDACIES,
    rp_tipos=frozenset({"3ERP"}),
    rp_actas=RpActas.ENTITY_ONLY,
    constituency=Level.ENTITY,
    seats=Seats(2, 1, 32),
)


def _catalogue() -> Iterator[ExpectedActa]:
    for entity, districts in ENTITIES.items():
        for district in districts:
            area = f"{entity}/{district}"
            for section in range(1, 20 if district == "01" else 4):
                seccion = f"{section + 100 * int(district):04}"
                kinds = [(CasillaKind.BASICA, "3"), (CasillaKind.CONTIGUA, "3")]
                if section == 2:
                    kinds += [(CasillaKind.ESPECIAL, "3EMR"), (CasillaKind.ESPECIAL, "3ERP")]
                for kind, tipo in kinds:
                    special = kind is CasillaKind.ESPECIAL
                    yield ExpectedActa(
                        id=f"{entity}{seccion}{kind.value}01{tipo}",
                        area=area,
                        seccion=seccion,
                        kind=kind,
                        number=1,
                        extension=0,
                        location=Location.NOT_URBAN if section % 3 else Location.URBAN,
                        tipo_acta=tipo,
                        lista_nominal=0 if special else 700,
                        representatives=1000 if special else 14,
                    )


CATALOGUE = tuple(_catalogue())


def small_nation() -> Election:
    """The election: senators only, which have the rules that no other contest has."""
    shape = DatabaseShape(
        "SENADURÍAS",
        "SEN_2024",
        "SEN_CANDIDATURAS_2024",
        "SEN",
        "ID_DISTRITO_FEDERAL",
        "DISTRITO_FEDERAL",
        ("ID_ENTIDAD", "PARTIDO_CI", "CANDIDATURA_PROPIETARIA", "CANDIDATURA_SUPLENTE"),
    )
    areas = [Area(Level.ENTITY, entity, f"ENTIDAD {entity}") for entity in ENTITIES]
    areas += [
        Area(Level.DISTRICT, f"{entity}/{district}", f"DISTRITO {district}")
        for entity, districts in ENTITIES.items()
        for district in districts
    ]
    return Election(
        id="nacion-2024",
        name="Nación de prueba",
        authority="Instituto de Pruebas",
        drill=True,
        root=Root(Level.NATIONAL, "00", "México"),
        window=Window(OPENS, OPENS + timedelta(hours=24), "America/Mexico_City"),
        cuts=CutPeriods(1, 20),
        rules=RULES,
        parties={party: Party(party, party, "#336699") for party in ("PAN", "PRI", "MORENA")},
        areas={(area.level, area.path): area for area in areas},
        contests={"SEN": SENATORS},
        catalogues={"SEN": CATALOGUE},
        databases=Databases(Flavour.FEDERAL_2024, frozenset(), {"SEN": shape}),
        digest="cd" * 32,
        seed=7,
    )


def versions(seed: int, share: float = 0.8) -> Iterator[Version]:
    """Captured versions of most actas, in an order of their own."""
    random = Random(seed)
    captured = [expected for expected in CATALOGUE if random.random() < share]
    random.shuffle(captured)
    for position, expected in enumerate(captured, 1):
        votes = [random.randrange(90) for _ in COLUMNS]
        off = [3] if expected.area.startswith("02") or expected.tipo_acta == "3ERP" else []
        fields = [FieldState.NOT_ON_BALLOT if i in off else vote for i, vote in enumerate(votes)]
        yield Version(
            position,
            OPENS + timedelta(minutes=position),
            "D01",
            Acta("SEN", expected.id, tuple(fields), 100, 300, 4, 300, sum(votes)),
        )
