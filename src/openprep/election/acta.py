"""The acta de escrutinio y cómputo as PREP captures it, and what may be observed on it."""

from datetime import datetime
from enum import Enum
from hashlib import sha256
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta, Struct

from openprep.election.votes import VoteField


class Observation(Enum):
    """What the capture noted on an acta (spec A.4); the value is its name on the wire."""

    ILEGIBLE = "ilegible"
    SIN_DATO = "sin_dato"
    ALGUN_CAMPO_ILEGIBLE_O_SIN_DATO = "algun_campo_ilegible_o_sin_dato"
    TODOS_ILEGIBLES = "todos_ilegibles"
    TODOS_SIN_DATO = "todos_sin_dato"
    TODOS_ILEGIBLES_O_SIN_DATO = "todos_ilegibles_o_sin_dato"
    EXCEDE_LISTA_NOMINAL = "excede_lista_nominal"
    SIN_ACTA_PAQUETE_NO_ENTREGADO = "sin_acta_paquete_no_entregado"
    SIN_ACTA_CASILLA_NO_INSTALADA = "sin_acta_casilla_no_instalada"
    SIN_ACTA_PAQUETE_SIN_BOLSA = "sin_acta_paquete_sin_bolsa"
    SIN_ACTA_CONTINGENCIA_URNA = "sin_acta_contingencia_urna"
    FUERA_DE_CATALOGO = "fuera_de_catalogo"
    IDENTIFICADA_POR_PTO = "identificada_por_pto"
    LETRA_DISTINTA_DE_NUMERO = "letra_distinta_de_numero"
    SOLO_LETRA = "solo_letra"
    SOLO_NUMERO = "solo_numero"


INCONSISTENCIES = frozenset(
    {
        Observation.ILEGIBLE,
        Observation.SIN_DATO,
        Observation.ALGUN_CAMPO_ILEGIBLE_O_SIN_DATO,
        Observation.TODOS_ILEGIBLES,
        Observation.TODOS_SIN_DATO,
        Observation.TODOS_ILEGIBLES_O_SIN_DATO,
        Observation.EXCEDE_LISTA_NOMINAL,
    }
)
"""Observations that enter PORCENTAJE_ACTAS_INCONSISTENCIAS (B.4 #8)."""

WITHOUT_ACTA = frozenset(
    {
        Observation.SIN_ACTA_PAQUETE_NO_ENTREGADO,
        Observation.SIN_ACTA_CASILLA_NO_INSTALADA,
        Observation.SIN_ACTA_PAQUETE_SIN_BOLSA,
        Observation.SIN_ACTA_CONTINGENCIA_URNA,
    }
)
"""Observations of a casilla whose acta never arrived: captured, never counted (A.4)."""


class Origin(Enum):
    """Where the image was made (ORIGEN)."""

    CASILLA = "casilla"
    CATD = "catd"


class Digitization(Enum):
    """How the image was made (DIGITALIZACION)."""

    MOVIL = "movil"
    ESCANER = "escaner"
    URNA = "urna"


class DocumentKind(Enum):
    """Which copy of the acta was captured (TIPO_DOCUMENTO, wording of 2024)."""

    ACTA_PREP = "acta_prep"
    RPP = "rpp"
    CC = "cc"
    PPC = "ppc"
    ACTA_VMRE = "acta_vmre"
    ACTA_VA = "acta_va"
    ACTA_VPPP = "acta_vppp"
    ACTA_UE = "acta_ue"


class Cotejada(Enum):
    """COTEJADA: whether the figures were held against the original (B.3)."""

    CHECKED = 1
    CHANGED = 2
    NOT_ACCEPTED = 3


Transfer: TypeAlias = Annotated[str, Meta(pattern=r"^([DFI](-[DFI]){0,2})?\Z")]
"""MECANISMOS_TRASLADO: up to three letters of D, F, I joined by ``-``; empty if none."""

ImageDigest: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
"""CODIGO_INTEGRIDAD: SHA-256 of the image file in lower-case hex."""


class Counting(Enum):
    """CONTABILIZADA: what an acta contributes (B.3)."""

    COUNTED = 1
    NOT_COUNTED = 0
    OUT_OF_CATALOGUE = 2
    NOT_CAPTURED = -1


class Acta(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One version of one acta, as captured and verified.

    ``votes`` follows the contest's columns, in ballot order, the last two being non-registered
    candidacies and null votes. Times carry their offset. ``acta`` is the catalogue's identity,
    or ``None`` where the acta is out of catalogue.
    """

    contest: str
    acta: str | None
    votes: tuple[VoteField, ...]
    surplus_ballots: VoteField
    people_voted: VoteField
    representatives_voted: VoteField
    ballots_taken: VoteField
    total_written: VoteField
    observations: tuple[Observation, ...] = ()
    transfer: Transfer = ""
    image_sha256: ImageDigest | None = None
    received_at: datetime | None = None
    captured_at: datetime | None = None
    verified_at: datetime | None = None
    origin: Origin | None = None
    digitization: Digitization | None = None
    document: DocumentKind | None = None
    cotejada: Cotejada | None = None


_encoder = msgspec.json.Encoder(order="deterministic")


def acta_digest(acta: Acta) -> str:
    """How a station names an acta out of catalogue: SHA-256 of its JSON, without a space."""
    return sha256(_encoder.encode(acta)).hexdigest()
