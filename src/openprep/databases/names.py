"""Column names across years and authorities, brought to those of 2024.

The aliases come from the files of 2012 to 2024 (spec B.3 and ``database-dialects.md``).
"""

import re
import unicodedata
from enum import Enum


class Field(Enum):
    """A column of the norm; the value is its official name of 2024."""

    CLAVE_CASILLA = "CLAVE_CASILLA"
    CLAVE_ACTA = "CLAVE_ACTA"
    ENTITY_ID = "ID_ENTIDAD"
    ENTITY = "ENTIDAD"
    DISTRICT_ID = "ID_DISTRITO"
    DISTRICT = "DISTRITO"
    MUNICIPALITY_ID = "ID_MUNICIPIO"
    MUNICIPALITY = "MUNICIPIO"
    SECCION = "SECCION"
    NUMBER = "ID_CASILLA"
    KIND = "TIPO_CASILLA"
    EXTENSION = "EXT_CONTIGUA"
    LOCATION = "UBICACION_CASILLA"
    TIPO_ACTA = "TIPO_ACTA"
    SURPLUS = "TOTAL_BOLETAS_SOBRANTES"
    PEOPLE = "TOTAL_PERSONAS_VOTARON"
    REPRESENTATIVES_VOTED = "TOTAL_REP_PARTIDO_CI_VOTARON"
    TAKEN = "TOTAL_VOTOS_SACADOS"
    WRITTEN = "TOTAL_VOTOS_ASENTADO"
    CALCULATED = "TOTAL_VOTOS_CALCULADO"
    LISTA_NOMINAL = "LISTA_NOMINAL"
    REPRESENTATIVES = "REPRESENTANTES_PP_CI"
    OBSERVATIONS = "OBSERVACIONES"
    COUNTED = "CONTABILIZADA"
    TRANSFER = "MECANISMOS_TRASLADO"
    HASH = "CODIGO_INTEGRIDAD"
    RECEIVED = "FECHA_HORA_ACOPIO"
    CAPTURED = "FECHA_HORA_CAPTURA"
    VERIFIED = "FECHA_HORA_VERIFICACION"
    ORIGIN = "ORIGEN"
    DIGITIZATION = "DIGITALIZACION"
    DOCUMENT = "TIPO_DOCUMENTO"
    COTEJADA = "COTEJADA"
    KNOWN_OTHER = "*"
    """Known in some year, with no counterpart in 2024; kept as text."""


UNREGISTERED = "NO_REGISTRADAS"
NULL = "NULOS"

_ALIASES: dict[Field, tuple[str, ...]] = {
    Field.CLAVE_CASILLA: ("ID_CASILLA_CLAVE", "CLAVE"),
    Field.ENTITY_ID: ("ID_ESTADO", "CLAVE_ENTIDAD", "ID_EDO"),
    Field.ENTITY: ("ESTADO", "NOMBRE_ESTADO", "NOMBRE_ENTIDAD"),
    Field.DISTRICT_ID: ("ID_DISTRITO_LOCAL", "ID_DISTRITO_FEDERAL", "ID_DTTO"),
    Field.DISTRICT: (
        "DISTRITO_LOCAL",
        "DISTRITO_FEDERAL",
        "NOMBRE_DISTRITO",
        "CABECERA_DISTRITAL",
        "CABECERA_DISTRITAL_LOCAL",
        "CABECERA_DISTRITAL_FEDERAL",
    ),
    Field.MUNICIPALITY_ID: ("ID_MUNICIPIO_LOCAL", "ID_ALCALDIA", "ID_DEMARCACION"),
    Field.MUNICIPALITY: ("NOMBRE_MUNICIPIO", "MUNICIPIO_LOCAL", "ALCALDIA", "DEMARCACION"),
    Field.NUMBER: ("CASILLA", "NUM_CASILLA", "NUMERO_CASILLA"),
    Field.KIND: ("TIPO_DE_CASILLA",),
    Field.EXTENSION: ("EXTENSION_CONTIGUA", "EXT_CONT"),
    Field.LOCATION: ("UBICACION", "TIPO_UBICACION"),
    Field.SURPLUS: (
        "NUM_BOLETAS_SOBRANTES",
        "BOLETAS_SOBRANTES",
        "TOTAL_SOBRES_SOBRANTES",
        "NUMERO_BOLETAS_SOBRANTES",
    ),
    Field.PEOPLE: (
        "TOTAL_CIUDADANOS_VOTARON",
        "CIUDADANOS_VOTARON",
        "PERSONAS_VOTARON",
        "TOTAL_CIUDADANOS_VOTARON_LN",
    ),
    Field.REPRESENTATIVES_VOTED: (
        "TOTAL_REP_PARTIDO_VOTARON",
        "TOTAL_REPRESENTANTES_VOTARON",
        "REP_PARTIDO_CI_VOTARON",
        "TOTAL_REP_PP_CI_VOTARON",
    ),
    Field.TAKEN: (
        "NUM_BOLETAS_EXTRAIDAS",
        "BOLETAS_EXTRAIDAS",
        "TOTAL_BOLETAS_SACADAS",
        "VOTOS_SACADOS",
        "TOTAL_VOTOS_SACADOS_URNA",
    ),
    Field.WRITTEN: ("TOTAL_VOTOS_ASENTADOS", "TOTAL_ASENTADO", "VOTOS_ASENTADOS"),
    Field.CALCULATED: (
        "TOTAL_VOTOS",
        "TOTAL_VOTOS_CALCULADOS",
        "TOTAL_CALCULADO",
        "VOTOS_CALCULADOS",
    ),
    Field.LISTA_NOMINAL: ("LISTA_NOMINAL_CASILLA", "LISTADO_NOMINAL", "LN"),
    Field.REPRESENTATIVES: ("REPRESENTANTES_PP", "REPRESENTANTES", "REPRESENTANTES_PPCI"),
    Field.OBSERVATIONS: ("OBSERVACION", "OBS"),
    Field.COUNTED: ("CONTABILIZADAS", "ACTA_CONTABILIZADA"),
    Field.TRANSFER: ("MECANISMO_TRASLADO", "MECANISMOS_DE_TRASLADO", "CRYT"),
    Field.HASH: ("SHA", "SHA256", "HASH", "CODIGO_DE_INTEGRIDAD"),
    Field.RECEIVED: ("FECHA_ACOPIO", "FECHA_HORA", "FECHA_HORA_RECEPCION"),
    Field.CAPTURED: ("FECHA_CAPTURA", "FECHA_HORA_REGISTRO"),
    Field.VERIFIED: ("FECHA_VERIFICACION",),
    Field.DIGITIZATION: ("TIPO_DIGITALIZACION",),
    Field.DOCUMENT: ("TIPO_DE_DOCUMENTO",),
    Field.COTEJADA: ("COTEJO",),
    Field.KNOWN_OTHER: (
        "CODIGOS_ENTREGADOS_PMDC",
        "CODIGOS_SOBRANTES",
        "CODIGOS_UTILIZADOS",
        "ID_CIRCUNSCRIPCION",
        "CIRCUNSCRIPCION",
    ),
}
_FIELDS = {field.value: field for field in Field} | {
    alias: field for field, aliases in _ALIASES.items() for alias in aliases
}
_UNREGISTERED = frozenset(
    {
        "NO_REGISTRADAS",
        "NO_REGISTRADOS",
        "CNR",
        "NO_REG",
        "CANDIDATURAS_NO_REGISTRADAS",
        "CANDIDATOS_NO_REGISTRADOS",
        "CAND_NO_REGISTRADAS",
        "CAND_NO_REGISTRADOS",
        "CANDIDATO_NO_REGISTRADO",
        "CANDIDATO/A_NO_REGISTRADO/A",
        "NUM_VOTOS_CAN_NREG",
        "NO_VOTOS_CAN_NREG",
    }
)
_NULL = frozenset(
    {"NULOS", "VN", "VOTOS_NULOS", "NUM_VOTOS_NULOS", "NO_VOTOS_NULOS", "TOTAL_NULOS"}
)
_PARTIES = {
    "MOR": "MORENA",
    "PV": "PVEM",
    "NA": "NAP",
    "NAS": "NAP",
    "PANAL": "NAP",
    "FXM": "FXMP",
    "FM": "FXMP",
}
_INDEPENDENT = re.compile(r"^(?:CAND_IND|CI|IND|INDEPENDIENTE)_?0*(\d+)$")
_UNNAMED = re.compile(r"^(UNNAMED.*|X\d*|V\d+|COLUMNA?_?\d+)?$")


def plain(name: str) -> str:
    """``name`` in capitals, without accents, apostrophes or blanks: ``ACTAS_FUERA_DE_CATALOGO``."""
    folded = unicodedata.normalize("NFD", name.strip(" \t\ufeff\"'").upper())
    letters = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return re.sub(r"[\s.:\-]+", "_", letters).strip("_")


def field_of(name: str) -> Field | None:
    """The norm's column that ``name`` stands for, or ``None``."""
    return _FIELDS.get(plain(name))


def is_unnamed(name: str) -> bool:
    """Whether ``name`` was left by a program, as ``Unnamed: 80`` or nothing."""
    return _UNNAMED.match(plain(name)) is not None


def vote_name(name: str) -> str:
    """The vote column that ``name`` stands for, in the spelling of 2024.

    Combinations get the prefix ``C_`` (``CC_`` for candidacies in common is kept), independents are
    ``CAND_IND_<n>`` where they are numbered.
    """
    spelt = plain(name)
    if spelt in _UNREGISTERED:
        return UNREGISTERED
    if spelt in _NULL:
        return NULL
    independent = _INDEPENDENT.match(spelt)
    if independent:
        return f"CAND_IND_{independent[1]}"
    if spelt.startswith(("CAND_", "CI_", "IND_")):
        return spelt
    prefix, parties = _split_prefix(spelt)
    parties = [_PARTIES.get(party, party) for party in parties]
    if len(parties) > 1 and not prefix:
        prefix = "C_"
    return prefix + "_".join(parties)


def _split_prefix(spelt: str) -> tuple[str, list[str]]:
    for prefix in ("CC_", "C_"):
        if spelt.startswith(prefix):
            return prefix, spelt.removeprefix(prefix).split("_")
    return "", spelt.split("_")


def is_null_or_unregistered(name: str) -> bool:
    """Whether ``name`` is one of the two columns that every acta ends its votes with."""
    return vote_name(name) in (UNREGISTERED, NULL)


def unique(names: list[str]) -> list[str]:
    """``names`` with ``#2``, ``#3`` after the second and third of the same."""
    seen: dict[str, int] = {}
    numbered = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        numbered.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return numbered
