"""A small election whose actas hold every state a reader may meet, published by the real centre.

Two contests: one by districts with a coalition, a mesa abroad and special casillas; one by
municipalities, where who runs differs. ``Night`` publishes it cut by cut into a folder.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from openprep.cuts.cutter import CutOrder, Cutter
from openprep.election import (
    ANYWHERE,
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
    Digitization,
    DocumentKind,
    Election,
    ExpectedActa,
    FieldState,
    Flavour,
    Level,
    Location,
    Observation,
    Origin,
    Participation,
    Party,
    Root,
    Rules,
    Window,
)
from openprep.election.cut import CutKind
from openprep.hosting import TreeDirectory
from openprep.pages.kit import Kit
from openprep.record.state import Version
from openprep.wire.note import Signer
from page.bench.publishing import Published

OPENS = datetime(2024, 6, 2, 20, 0, tzinfo=timezone(timedelta(hours=-6)))
PARTIES = {
    "PAN": Party("PAN", "Partido Acción Nacional", "#0045ad"),
    "PRI": Party("PRI", "Partido Revolucionario Institucional", "#009640"),
    "PRD": Party("PRD", "Partido de la Revolución Democrática", "#eac52f"),
    "MORENA": Party("MORENA", "Morena", "#8a1538"),
    "CAND_IND_1": Party("CAND_IND_1", "Candidatura independiente 1", "#8aa89d"),
}
COLUMNS = (
    *(Column(party, ColumnKind.PARTY, (party,)) for party in ("PAN", "PRI", "PRD", "MORENA")),
    Column("C_PAN_PRI_PRD", ColumnKind.COMBINATION, ("PAN", "PRI", "PRD")),
    Column("C_PAN_PRI", ColumnKind.COMBINATION, ("PAN", "PRI")),
    Column("CAND_IND_1", ColumnKind.INDEPENDENT, ("CAND_IND_1",)),
    Column("NO_REGISTRADAS", ColumnKind.UNREGISTERED),
    Column("NULOS", ColumnKind.NULL),
)
ALLIED = ("PAN", "PRI", "PRD", "C_PAN_PRI_PRD", "C_PAN_PRI")
GUB = Contest(
    "GUB",
    "GUBERNATURA",
    "Gubernatura del Estado",
    (Level.DISTRICT,),
    COLUMNS,
    {
        ANYWHERE: (
            Candidacy("PAN_PRI_PRD", "ANA LAURA RÍOS PEÑA", "", ALLIED),
            Candidacy("MORENA", "BRUNO <b>DÍAZ</b> & CÍA", "", ("MORENA",)),
            Candidacy("CAND_IND_1", "CARMEN OCHOA ÑÚÑEZ", "", ("CAND_IND_1",)),
        )
    },
)
AYUN = Contest(
    "AYUN",
    "AYUNTAMIENTOS",
    "Presidencias municipales",
    (Level.MUNICIPALITY,),
    COLUMNS,
    {
        "034": (
            Candidacy("PAN_PRI_PRD", "DORA LUZ", "EVA RUIZ", ALLIED),
            Candidacy("MORENA", "FELIPE SOL", "GIL MAR", ("MORENA",)),
        ),
        "114": (
            Candidacy("PAN", "HUGO PAZ", "IRMA VEGA", ("PAN",)),
            Candidacy("PRI", "JUAN LEÓN", "KARLA TOVAR", ("PRI",)),
            Candidacy("MORENA", "LUIS RÍO", "MARÍA LAGO", ("MORENA",)),
            Candidacy("CAND_IND_1", "NORA FLOR", "OMAR CRUZ", ("CAND_IND_1",)),
        ),
    },
    constituency=Level.MUNICIPALITY,
)
AREAS = (
    Area(Level.DISTRICT, "000", "VOTO DESDE EL EXTRANJERO"),
    Area(Level.DISTRICT, "001", "XICOTEPEC DE JUÁREZ"),
    Area(Level.DISTRICT, "002", "HUAUCHINANGO DE DEGOLLADO"),
    Area(Level.MUNICIPALITY, "034", "COYOMEAPAN"),
    Area(Level.MUNICIPALITY, "114", "PUEBLA"),
)


def _expected(
    area: str, seccion: str, kind: str, number: int = 1, extension: int = 0, **changes: object
) -> ExpectedActa:
    values: dict[str, Any] = {
        "id": f"21{seccion or '0000'}{kind}{number:02}{extension:02}"
        + ("" if seccion else "@")
        + ("" if seccion else area),
        "area": area,
        "seccion": seccion,
        "kind": CasillaKind(kind),
        "number": number,
        "extension": extension,
        "location": Location.URBAN,
        "tipo_acta": "2",
        "lista_nominal": 700,
        "representatives": 20,
    }
    return ExpectedActa(**{**values, **changes})


CATALOGUES = {
    "GUB": (
        _expected("000", "", "M", 0, lista_nominal=12113, representatives=None),
        _expected("001", "", "A", lista_nominal=5, representatives=None),
        _expected("001", "0101", "B"),
        _expected("001", "0101", "C"),
        _expected("001", "0102", "B", location=Location.NOT_URBAN),
        _expected("001", "0102", "E", location=Location.NOT_URBAN),
        _expected("001", "0102", "E", 1, 2, location=Location.NOT_URBAN),
        _expected("002", "0201", "B"),
        _expected("002", "0201", "C"),
        _expected("002", "0201", "S", tipo_acta="2E", lista_nominal=0, representatives=1000),
        _expected("002", "0202", "B"),
    ),
    "AYUN": (
        _expected("034", "0101", "B"),
        _expected("034", "0101", "C"),
        _expected("114", "0201", "B"),
    ),
}
SHAPES = {
    contest: DatabaseShape(
        heading=contest,
        stem=f"PUE_{contest}_2024",
        candidacies_stem=f"PUE_{contest}_CAND_2024",
        package=f"{contest}_PUE",
        unit_id_column="ID",
        unit_name_column="NOMBRE",
        candidacy_columns=("ID_ENTIDAD", "PARTIDO_CI", "CANDIDATURA"),
    )
    for contest in CATALOGUES
}


def crowded(declared: Election, municipalities: Mapping[str, str]) -> Election:
    """The election with these municipalities, by id, and one casilla in each."""
    areas = {
        (Level.MUNICIPALITY, path): Area(Level.MUNICIPALITY, path, name)
        for path, name in municipalities.items()
    }
    catalogue = tuple(_expected(path, f"0{path}", "B") for path in municipalities)
    candidacies = dict.fromkeys(municipalities, AYUN.candidacies["034"])
    contest = replace(AYUN, candidacies=candidacies)
    return replace(
        declared,
        areas={**declared.areas, **areas},
        contests={"AYUN": contest},
        catalogues={"AYUN": catalogue},
    )


def election(*, name: str = "prueba-2024", drill: bool = False) -> Election:
    return Election(
        id=name,
        name="Elección de prueba de Puebla 2024",
        authority="Instituto Electoral de Prueba",
        drill=drill,
        root=Root(Level.ENTITY, "21", "PUEBLA"),
        window=Window(OPENS, OPENS + timedelta(hours=24), "America/Mexico_City"),
        cuts=CutPeriods(5, 20),
        rules=Rules(
            Participation.SPECIAL_CASILLAS_IN_LAST_CUT,
            frozenset({CasillaKind.EXTRANJERO, CasillaKind.ANTICIPADO}),
        ),
        parties=PARTIES,
        areas={(area.level, area.path): area for area in AREAS},
        contests={"GUB": GUB, "AYUN": AYUN},
        catalogues=CATALOGUES,
        databases=Databases(Flavour.LOCAL_2024, frozenset(), SHAPES),
        digest="ab" * 32,
    )


ILEGIBLE, SIN_DATO = FieldState.ILEGIBLE, FieldState.SIN_DATO
NO_ACTA, NO_BALLOT = FieldState.SIN_ACTA, FieldState.NOT_ON_BALLOT
NO_APLICA = FieldState.NOT_APPLICABLE


def acta_of(contest: str, acta: str | None, votes: tuple[object, ...], **changes: object) -> Acta:
    values: dict[str, Any] = {
        "contest": contest,
        "acta": acta,
        "votes": votes,
        "surplus_ballots": 310,
        "people_voted": 396,
        "representatives_voted": 4,
        "ballots_taken": 400,
        "total_written": 400,
        "transfer": "D-F",
        "image_sha256": "c0ffee" * 10 + "0123",
        "received_at": OPENS + timedelta(minutes=5),
        "captured_at": OPENS + timedelta(minutes=9),
        "verified_at": OPENS + timedelta(minutes=11, seconds=7),
        "origin": Origin.CASILLA,
        "digitization": Digitization.MOVIL,
        "document": DocumentKind.ACTA_PREP,
        "cotejada": 1,
    }
    return Acta(**{**values, **changes})


def _nothing(state: FieldState) -> dict[str, object]:
    """The fields beside the votes of an acta where there is nothing to read."""
    fields = ("surplus_ballots", "people_voted", "representatives_voted", "ballots_taken")
    return dict.fromkeys((*fields, "total_written"), state)


BEFORE_CORRECTION = acta_of("GUB", "210101C0100", (100, 20, 5, 150, 3, 2, 10, 1, 9))
CORRECTED = acta_of("GUB", "210101C0100", (120, 20, 5, 150, 3, 2, 10, 1, 9), total_written=320)
ABROAD = acta_of(
    "GUB",
    "210000M0000@000",
    (1500, 300, 40, 4321, 25, 11, 60, 7, 33),
    **{**_nothing(NO_APLICA), "total_written": 6297},
    document=DocumentKind.ACTA_VMRE,
)
FIRST = (
    ABROAD,
    acta_of("GUB", "210000A0100@001", (1, 0, 0, 2, 0, 0, 0, 0, 0), document=DocumentKind.ACTA_VA),
    acta_of("GUB", "210101B0100", (90, 30, 7, 201, 4, 3, 12, 0, 8), total_written=355),
    acta_of(
        "GUB",
        "210102B0100",
        (NO_ACTA,) * 9,
        observations=(Observation.SIN_ACTA_PAQUETE_NO_ENTREGADO,),
        **_nothing(NO_ACTA),
        image_sha256=None,
        received_at=None,
        captured_at=None,
        origin=None,
        digitization=None,
        document=None,
        transfer="",
    ),
    acta_of(
        "GUB",
        "210102E0100",
        (80, ILEGIBLE, SIN_DATO, 95, 1, 0, 4, 0, 5),
        observations=(Observation.ALGUN_CAMPO_ILEGIBLE_O_SIN_DATO,),
        surplus_ballots=ILEGIBLE,
    ),
    acta_of(
        "GUB",
        "210102E0102",
        (400, 200, 50, 300, 0, 0, 0, 0, 10),
        observations=(Observation.EXCEDE_LISTA_NOMINAL,),
        total_written=960,
    ),
    acta_of(
        "GUB",
        "210201B0100",
        (60, 25, 6, 180, 2, 1, 9, 0, 7),
        observations=(Observation.SOLO_LETRA,),
        received_at=(OPENS + timedelta(minutes=5)).astimezone(UTC),
        origin=Origin.CATD,
        digitization=Digitization.ESCANER,
    ),
    acta_of(
        "GUB",
        "210201C0100",
        (ILEGIBLE,) * 4 + (SIN_DATO,) * 5,
        observations=(Observation.TODOS_ILEGIBLES_O_SIN_DATO,),
        **_nothing(SIN_DATO),
    ),
    acta_of("GUB", "210201S0100", (150, 60, 12, 420, 5, 4, 30, 2, 15), total_written=698),
    acta_of(
        "GUB",
        None,
        (33, 1, 0, 44, 0, 0, 0, 0, 2),
        observations=(Observation.FUERA_DE_CATALOGO,),
    ),
    acta_of("AYUN", "210101B0100", (70, 20, 5, 190, 3, 1, NO_BALLOT, 1, 6)),
    acta_of("AYUN", "210201B0100", (99, 77, NO_BALLOT, 101, NO_BALLOT, NO_BALLOT, 66, 0, 4)),
)
SECOND = (acta_of("GUB", "210202B0100", (55, 15, 3, 333, 1, 0, 8, 0, 6), total_written=421),)


class Night(Published):
    """Publishes the election into ``folder``: cut 0 at zero, 1 and 2 live, 3 the closing one."""

    def __init__(
        self,
        folder: Path,
        page: Kit,
        *,
        name: str = "prueba-2024",
        drill: bool = False,
        municipalities: Mapping[str, str] | None = None,
    ) -> None:
        declared = election(name=name, drill=drill)
        if municipalities is not None:
            declared = crowded(declared, municipalities)
        self.tree = TreeDirectory(folder)
        self.page = page
        self.declared = declared
        self.signer = Signer(
            f"{declared.id}/center", Ed25519PrivateKey.from_private_bytes(b"1" * 32)
        )
        self.cutter = Cutter(declared, self.tree, self.signer, page)
        self.cut = -1
        self.previous: str | None = None
        self._position = 0

    def next_cut(self) -> None:
        self.cut += 1
        if self.cut == 1:
            self._learn(*FIRST)
            first = self._learn(BEFORE_CORRECTION)
            self._learn(CORRECTED, reason="El total con letra dice 320", previous=first)
        if self.cut == 2:
            self._learn(*SECOND)
        kind = {0: CutKind.ZERO, 3: CutKind.CLOSING}.get(self.cut, CutKind.LIVE)
        at = OPENS + timedelta(minutes=15 * self.cut, seconds=self.cut)
        order = CutOrder(self.cut, kind, at, self._position, self.previous)
        made = self.cutter.make(order)
        self.cutter.activate(made)
        self.previous = made.event.manifest_sha256

    def to(self, cut: int) -> "Night":
        while self.cut < cut:
            self.next_cut()
        return self

    def _learn(self, *actas: Acta, reason: str = "", previous: Version | None = None) -> Version:
        for acta in actas:
            self._position += 1
            at = OPENS + timedelta(minutes=12, seconds=self._position)
            version = Version(
                self._position, at, "D01", acta, reason, previous.number + 1 if previous else 1
            )
            self.cutter.learn([version])
        return version
