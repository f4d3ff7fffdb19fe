"""The casilla catalogue: every acta that is expected, before the first one arrives."""

from enum import Enum

from msgspec import Struct

NO_AREA = "000"
"""Unit of actas that belong to no unit, as those of the vote from abroad."""

WITHOUT_SECCION = "0000"
"""Section under which the actas of a unit's mesas stand, which have none."""


class CasillaKind(Enum):
    """TIPO_CASILLA (B.3)."""

    BASICA = "B"
    CONTIGUA = "C"
    EXTRAORDINARIA = "E"
    ESPECIAL = "S"
    EXTRANJERO = "M"
    ANTICIPADO = "A"
    PRISION_PREVENTIVA = "P"
    URNA_ELECTRONICA = "U"


MESAS = frozenset({CasillaKind.EXTRANJERO, CasillaKind.ANTICIPADO, CasillaKind.PRISION_PREVENTIVA})
"""Kinds whose actas are counted at a mesa, not at a casilla: they have no section."""


class Location(Enum):
    """UBICACION_CASILLA (B.3)."""

    URBAN = 1
    NOT_URBAN = 2


class ExpectedActa(Struct, frozen=True, gc=False):
    """One acta that a contest expects.

    ``id`` is unique within the contest; ``area`` is the path of its unit below the contest's root
    (``"001"``, ``"21/001"``, ``""`` where the root is the unit); ``seccion`` is empty for mesas.
    ``representatives`` is the number of accredited representatives, or in special casillas the
    ballot ceiling; ``None`` where it does not apply.
    """

    id: str
    area: str
    seccion: str
    kind: CasillaKind
    number: int
    extension: int
    location: Location
    tipo_acta: str
    lista_nominal: int
    representatives: int | None
