"""Column names across years and authorities, brought to those of 2024.

The aliases come from the files of 2012 to 2024 (spec B.3 and ``database-dialects.md``).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum

from openprep.databases.words import AROUND, as_seen


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
    Field.CLAVE_ACTA: (
        "CLAVE_ACTA_PREP",
        "CLAVE_DE_ACTA",
        "CLAVE_DEL_ACTA",
        "CLAVE_DE_LA_ACTA",
        "ID_ACTA",
    ),
    Field.SECCION: (
        "ID_SECCION",
        "CLAVE_SECCION",
        "NUM_SECCION",
        "NO_SECCION",
        "SECCION_ELECTORAL",
        "SECC",
    ),
    Field.TIPO_ACTA: ("ID_TIPO_ACTA", "CLAVE_TIPO_ACTA"),
    Field.CLAVE_CASILLA: ("CLAVE_DE_LA_CASILLA", "ID_CASILLA_CLAVE", "CLAVE"),
    Field.ENTITY_ID: (
        "CLAVE_ESTADO",
        "CLAVE_EDO",
        "NUM_ENTIDAD",
        "NUM_ESTADO",
        "NO_ENTIDAD",
        "ID_ESTADO",
        "CLAVE_ENTIDAD",
        "ID_EDO",
    ),
    Field.ENTITY: ("ESTADO", "NOMBRE_ESTADO", "NOMBRE_ENTIDAD"),
    Field.DISTRICT_ID: (
        "NUM_DISTRITO",
        "NO_DISTRITO",
        "CLAVE_DISTRITO",
        "ID_DISTRITO_LOCAL",
        "ID_DISTRITO_FEDERAL",
        "ID_DTTO",
    ),
    Field.DISTRICT: (
        "DISTRITO_LOCAL",
        "DISTRITO_FEDERAL",
        "NOMBRE_DISTRITO",
        "CABECERA_DISTRITAL",
        "CABECERA_DISTRITAL_LOCAL",
        "CABECERA_DISTRITO_LOCAL",
        "CABECERA_DISTRITAL_FEDERAL",
    ),
    Field.MUNICIPALITY_ID: (
        "NUM_MUNICIPIO",
        "NO_MUNICIPIO",
        "CLAVE_MUNICIPIO",
        "ID_MUNICIPIO_LOCAL",
        "ID_ALCALDIA",
        "ID_DEMARCACION",
    ),
    Field.MUNICIPALITY: ("NOMBRE_MUNICIPIO", "MUNICIPIO_LOCAL", "ALCALDIA", "DEMARCACION"),
    Field.NUMBER: ("NO_CASILLA", "CASILLA", "NUM_CASILLA", "NUMERO_CASILLA"),
    Field.KIND: ("TIPO_DE_CASILLA",),
    Field.EXTENSION: ("EXTENSION", "EXT", "EXTENSION_CONTIGUA", "EXT_CONT"),
    Field.LOCATION: ("ID_UBICACION", "UBICACION", "TIPO_UBICACION"),
    Field.SURPLUS: (
        "SOBRANTES",
        "BOLETAS_INUTILIZADAS",
        "NUM_BOLETAS_SOBRANTES",
        "BOLETAS_SOBRANTES",
        "TOTAL_SOBRES_SOBRANTES",
        "NUMERO_BOLETAS_SOBRANTES",
    ),
    Field.PEOPLE: (
        "TOTAL_VOTANTES",
        "NUM_VOTANTES",
        "NUMERO_VOTANTES",
        "TOTAL_PERSONAS_VOTARON_LN",
        "TOTAL_CIUDADANOS_VOTARON",
        "CIUDADANOS_VOTARON",
        "PERSONAS_VOTARON",
        "TOTAL_CIUDADANOS_VOTARON_LN",
    ),
    Field.REPRESENTATIVES_VOTED: (
        "TOTAL_REPRESENTANTES_PP_CI_VOTARON",
        "TOTAL_REP_PARTIDO_CAND_IND_VOTARON",
        "TOTAL_REP_PARTIDO_VOTARON",
        "TOTAL_REPRESENTANTES_VOTARON",
        "REP_PARTIDO_CI_VOTARON",
        "TOTAL_REP_PP_CI_VOTARON",
        "REPRESENTANTES_P_VOTARON",
    ),
    Field.TAKEN: (
        "BOLETAS_SACADAS",
        "BOLETAS_SACADAS_URNA",
        "BOLETAS_EXTRAIDAS_URNA",
        "BOLETAS_DEPOSITADAS",
        "VOTOS_URNA",
        "TOTAL_SACADOS",
        "TOTAL_SOBRES_SACADOS",
        "NUM_BOLETAS_EXTRAIDAS",
        "BOLETAS_EXTRAIDAS",
        "TOTAL_BOLETAS_SACADAS",
        "VOTOS_SACADOS",
        "TOTAL_VOTOS_SACADOS_URNA",
    ),
    Field.WRITTEN: (
        "RESULTADO_VOTACION_TOTAL",
        "TOTAL_ASENTADOS",
        "TOTAL_VOTOS_ACTA",
        "TOTAL_RESULTADO_VOTACION",
        "TOTAL_VOTOS_RESULTADOS",
        "TOTAL_VOTOS_ASENTADOS",
        "TOTAL_ASENTADO",
        "VOTOS_ASENTADOS",
    ),
    Field.CALCULATED: (
        "TOTAL",
        "VOTACION_TOTAL",
        "TOTAL_VOTACION",
        "VOTACION_TOTAL_EMITIDA",
        "VOTACION_EMITIDA",
        "TOTAL_VOTOS_EMITIDOS",
        "TOTAL_EMITIDO",
        "TOTAL_VOTOS_SUMA",
        "SUMA_VOTOS",
        "VOTOS_TOTALES",
        "TOTAL_DE_VOTOS",
        "TOTAL_VOTOS",
        "TOTAL_VOTOS_CALCULADOS",
        "TOTAL_CALCULADO",
        "VOTOS_CALCULADOS",
    ),
    Field.LISTA_NOMINAL: (
        "LISTA_NOMINAL_ELECTORES",
        "L_NOMINAL",
        "TOTAL_LISTA_NOMINAL",
        "NOMINAL",
        "LISTA_NOMINAL_CASILLA",
        "LISTADO_NOMINAL",
        "LN",
    ),
    Field.REPRESENTATIVES: (
        "NUM_REPRESENTANTES",
        "TOTAL_REPRESENTANTES",
        "REPRESENTANTES_PARTIDOS_CI",
        "REPRESENTANTES_PP",
        "REPRESENTANTES",
        "REPRESENTANTES_PPCI",
    ),
    Field.OBSERVATIONS: ("OBSERVACIONES_ACTA", "OBSERVACION", "OBS"),
    Field.COUNTED: (
        "CONTABILIZADO",
        "ES_CONTABILIZADA",
        "SE_CONTABILIZA",
        "CONTABILIZA",
        "CONTABILIZADAS",
        "ACTA_CONTABILIZADA",
    ),
    Field.TRANSFER: (
        "TRASLADO",
        "TIPO_TRASLADO",
        "MECANISMO_TRASLADO",
        "MECANISMOS_DE_TRASLADO",
        "CRYT",
    ),
    Field.HASH: (
        "SHA_256",
        "HUELLA",
        "CODIGO_HASH",
        "HASH_IMAGEN",
        "HASH_SHA256",
        "CODIGO_INTEGRIDAD_SHA",
        "SHA",
        "SHA256",
        "HASH",
        "CODIGO_DE_INTEGRIDAD",
    ),
    Field.RECEIVED: ("ACOPIO", "HORA_ACOPIO", "FECHA_ACOPIO", "FECHA_HORA", "FECHA_HORA_RECEPCION"),
    Field.CAPTURED: ("FECHA_CAPTURA", "FECHA_HORA_REGISTRO"),
    Field.VERIFIED: ("FECHA_VERIFICACION",),
    Field.DIGITIZATION: (
        "MEDIO_DIGITALIZACION",
        "TIPO_DIGITALIZACION",
    ),
    Field.DOCUMENT: (
        "DOCUMENTO",
        "TIPO_DE_DOCUMENTO",
    ),
    Field.COTEJADA: ("COTEJO",),
    Field.KNOWN_OTHER: (
        "CODIGOS_ENTREGADOS_PMDC",
        "CODIGOS_SOBRANTES",
        "CODIGOS_UTILIZADOS",
        "ID_CIRCUNSCRIPCION",
        "CIRCUNSCRIPCION",
        "CASILLA_INSTALADA",
        "CASILLA_ZONA",
        "ESTATUS_ACTA",
        "ESTATUS_CASILLA",
        "ESTATUS_PAQUETE",
        "ESTATUS",
        "ID_INCIDENTE",
        "ID_TIPO_CANDIDATURA",
        "TIPO_CANDIDATURA",
        "TIPO_ELECCION",
        "BOLETAS_RECIBIDAS",
        "NUM_BOLETAS_RECIBIDAS",
        "BOLETAS_OTRA_ELECCION",
        "NUM_ESCRITOS",
        "ESCRITOS_PROTESTA",
        "NUM_VOTOS_VALIDOS",
        "NUMERO_VOTOS_VALIDOS",
        "VOTOS_VALIDOS",
        "VALIDOS",
        "RECONTADA",
        "RECUENTO",
        "TRIBUNAL",
        "RUTA_ACTA",
        "NO",
        "NUM",
        "ID",
        "ROW",
        "INDEX",
    ),
}
_SERIAL = re.compile(
    r"(^|_)(FOLIO|SERIE|SERIAL|CONSECUTIVO|IMPRES[OA]|PROGRESIV[OA]|REGISTRO|PAQUETE|INDICE)(_|\Z)"
    r"|^(NUM|NUMERO|NO|ID|CLAVE|CODIGO)_(DE_)?(LA_)?(ACTA|FILA|RENGLON|LINEA|SOBRE|BOLSA)S?(_|\Z)"
    r"|^(RENGLON|FILA|LINEA)\Z"
)
"""Names of numbers that tell papers or lines apart, and are votes of nobody."""

_FIELDS = {field.value: field for field in Field} | {
    alias: field for field, aliases in _ALIASES.items() for alias in aliases
}
LEAST_LETTERS = 8
"""A shorter name is known by its own spelling only: many things are called ``ID`` or ``NO``."""
_PARTS = re.compile(r"[^A-Z0-9%]+")
_UNTELLING = frozenset(
    {"", "DE", "DEL", "LA", "EL", "LAS", "LOS", "LO", "QUE", "Y", "E", "EN", "A", "PARA", "POR"}
    | {"AL", "O", "SU", "TOTAL", "TOTALE", "TOT", "NUM", "NUMERO", "CON"}
)
_SYNONYMS = {
    "CVE": "CLAVE",
    "SECC": "SECCION",
    "REP": "REPRESENTANTE",
    "EXT": "EXTENSION",
    "CIUDADANO": "PERSONA",
    "CIUDADANA": "PERSONA",
    "ELECTORE": "PERSONA",
    "VOTANTE": "PERSONA",
    "VOTANTES": "PERSONA",
    "PARTIDO": "PP",
    "CALC": "CALCULADO",
    "CALCULADA": "CALCULADO",
    "ASENT": "ASENTADO",
    "ASENTADA": "ASENTADO",
    "SACADA": "SACADO",
    "EXTRAIDO": "EXTRAIDA",
    "SOB": "SOBRANTE",
    "NOM": "NOMINAL",
    "LISTADO": "LISTA",
    "PORC": "PORCENTAJE",
    "PCT": "PORCENTAJE",
    "%": "PORCENTAJE",
}
_SMALL = r"TOTAL|NUMERO|NUM|NO|VOTOS?|VTOS|VOT|VOTACION|DE|DEL|PARA|POR|EN|A|Y|LAS?|LOS?|V"
_SOMEBODY = (
    r"CAND?|CANDIDAT[OA]S?|CANDIDATURAS?|PERSONAS?|PLANILLAS?|FORMULAS?|INDEPENDIENTES?|AS?|OS?|C"
)
_UNREGISTERED = re.compile(
    rf"((?:{_SMALL}|{_SOMEBODY})_)*"
    r"(CAN)?NO?_?REG(ISTRAD(OS?|AS?|XS?|S)?(_?(OS?|AS?))?)?(_VOTOS)?_?"
    rf"|((?:{_SMALL})_)*(C|V|VC|CAND_|C_)?N_?R"
    r"|CANDIDAT(O|A|URA)SNOREGISTRAD[OA]S"
)
_NULL = re.compile(
    rf"((?:{_SMALL}|BOLETAS?)_)*(V|VOTOS?)?NUL[OA]S?(_VOTOS?|_TOTAL(ES)?)?|((?:{_SMALL})_)*VN"
)
"""NULO, NULOS, VOTOS_NULOS, NUM_VOTOS_NULOS, VN; CNR, NOREG, NO_REGISTRADAS, NUM_VOTOS_CAN_NREG."""
LONGEST_NAME = 120
"""Characters of a column's name within which votes of nobody are looked for."""
_PARTIES = {
    "MOR": "MORENA",
    "PV": "PVEM",
    "NA": "NAP",
    "NAS": "NAP",
    "PANAL": "NAP",
    "FXM": "FXMP",
    "FM": "FXMP",
    "FUERZA_POR_MEXICO": "FXMP",
    "MOVIMIENTO_CIUDADANO": "MC",
    "NUEVA_ALIANZA": "NAP",
    "ES": "PES",
    "ENCUENTRO_SOCIAL": "PES",
    "ENCUENTRO_SOLIDARIO": "PES",
    "REDES_SOCIALES_PROGRESISTAS": "RSP",
}
_NATIONAL = frozenset({"PAN", "PRI", "PRD", "PVEM", "PT", "MC", "MORENA", "PES", "RSP", "PH"}) | {
    *_PARTIES,
    *_PARTIES.values(),
}
_LOCAL = frozenset(
    """
    PSI CPP PCPP NAH NAEM NAM NAO NAC NAT NAQ NAY NAZ PSD PVEG UDC PJ PCP PUP PUM MAS MLN PAC PESH
    PESM PESO PEST PAES HUMANISTA HAGAMOS FUTURO SOMOS UNIDAD VIVA PPCH PMCH PCU RSPT RSPM FXMM
    FXMO FXMN PLM PD PMM PSM
    """.split()  # noqa: SIM905 - a list of words to read
)
"""Parties of one state, as files of 2012 to 2024 call them."""
_PREFIXES = {"CC_": "CC_", "CO_": "C_", "C_": "C_"}
COMBINED = ("C_", "CC_")
"""What the names of combinations begin with in the spelling of 2024."""

MOST_WORDS = 16
"""Words in a combination's name; a longer name is none."""

_INDEPENDENT = re.compile(r"^(?:CAND_IND|CI|IND|INDEPENDIENTE)_?(\d{1,4})\Z")
_UNNAMED = re.compile(r"^(UNNAMED.*|X\d*|V\d+|COLUMNA?_?\d+)?\Z")


def plain(name: str) -> str:
    """``name`` in capitals, without accents, apostrophes or blanks: ``ACTAS_FUERA_DE_CATALOGO``."""
    folded = unicodedata.normalize("NFD", as_seen(name).strip(AROUND).upper())
    letters = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return re.sub(r"[\s.:\-_]+", "_", letters).strip("_")


def field_of(name: str) -> Field | None:
    """The norm's column that ``name`` stands for, or ``None``."""
    spelt = plain(name)
    known = _FIELDS.get(spelt)
    if known is None and not _nobodys(spelt):
        known = _BY_WORDS.get(words_of(spelt)) or _BY_LETTERS.get(spelt)
        if known is None and _SERIAL.search(spelt):
            return Field.KNOWN_OTHER
    return known


def words_of(spelt: str) -> frozenset[str]:
    """The words of a :func:`plain` name that tell what it is, each in one form.

    ``TOTAL_DE_CIUDADANOS_QUE_VOTARON`` and ``PERSONAS_VOTARON`` have the same.
    """
    told = (word.removesuffix("S") if len(word) > 3 else word for word in _PARTS.split(spelt))
    return frozenset(_SYNONYMS.get(word, word) for word in told if word not in _UNTELLING)


_SPELT = [(name, field) for name, field in _FIELDS.items() if len(name) >= LEAST_LETTERS]
_BY_WORDS = {told: field for name, field in _SPELT if len(told := words_of(name)) > 1}
_BY_LETTERS = {name.replace("_", ""): field for name, field in _SPELT}


def _nobodys(spelt: str) -> str | None:
    """Which of the two columns that every acta ends its votes with ``spelt`` is, if it is one."""
    if len(spelt) > LONGEST_NAME:
        return None
    text = "_".join(filter(None, _PARTS.split(spelt)))
    if _UNREGISTERED.fullmatch(text):
        return UNREGISTERED
    return NULL if _NULL.fullmatch(text) else None


def is_unnamed(name: str) -> bool:
    """Whether ``name`` was left by a program, as ``Unnamed: 80`` or nothing."""
    return _UNNAMED.match(plain(name)) is not None


def vote_names(names: Iterable[str]) -> list[str]:
    """The vote columns that ``names`` stand for, told with the parties that they name themselves.

    A local party's name may have several words, as ``NA_HGO``: a name without prefix is a
    combination only where each of its parts is a party of its own.
    """
    listed = list(names)
    spelt = {name: plain(name) for name in listed}
    alone = {name for name in spelt.values() if not _members(name, _NATIONAL)}
    parties = {name for name in alone if not _members(name, _NATIONAL | alone)}
    known = _NATIONAL | parties
    told = {name: vote_name(name, known) for name in spelt}
    return [told[name] for name in listed]


def vote_name(name: str, parties: AbstractSet[str] = _NATIONAL) -> str:
    """The vote column that ``name`` stands for, in the spelling of 2024.

    Combinations of ``parties`` get the prefix ``C_`` (``CC_`` for candidacies in common is kept),
    independents are ``CAND_IND_<n>`` where they are numbered.
    """
    spelt = plain(name)
    if nobodys := _nobodys(spelt):
        return nobodys
    independent = _INDEPENDENT.match(spelt)
    if independent:
        return f"CAND_IND_{int(independent[1])}"
    if spelt.startswith(("CAND_", "CI_", "IND_")):
        return spelt
    written = next((prefix for prefix in _PREFIXES if spelt.startswith(prefix)), "")
    together = spelt.removeprefix(written)
    prefix = _PREFIXES.get(written, "")
    members = _members(together, parties)
    if not members:
        members = together.split("_") if prefix else [together]
    elif not prefix:
        prefix = "C_"
    return prefix + "_".join(_PARTIES.get(member, member) for member in members)


def _members(name: str, parties: AbstractSet[str]) -> list[str]:
    """The ``parties`` that ``name`` joins, the longest names first; none unless two or more."""
    words = name.split("_")
    members: list[str] = []
    start = 0
    while start < len(words) <= MOST_WORDS:
        longest = len(words) if start else len(words) - 1
        ends = range(longest, start, -1)
        end = next((end for end in ends if "_".join(words[start:end]) in parties), None)
        if end is None:
            return []
        members.append("_".join(words[start:end]))
        start = end
    return members


def unknown_votes(names: Sequence[str]) -> list[int]:
    """Positions of those of ``names`` that nobody knows: no national party, no independent.

    A local party is known where a combination of the file names it, or by a national one's name
    before its own, as ``NA_HGO``.
    """
    told = vote_names(names)
    joined = [f"{name}_" for name in told if name.startswith(COMBINED)]
    return [
        position
        for position, name in enumerate(told)
        if name not in (UNREGISTERED, NULL)
        and name.partition("_")[0] not in _NATIONAL | _LOCAL
        and not name.startswith((*COMBINED, "CAND_", "CI_", "IND_"))
        and not any(f"_{name}_" in combination for combination in joined)
    ]


def is_null_or_unregistered(name: str) -> bool:
    """Whether ``name`` is one of the two columns that every acta ends its votes with."""
    return vote_name(name) in (UNREGISTERED, NULL)


def is_national(name: str) -> bool:
    """Whether ``name`` is that of a national party."""
    return plain(name) in _NATIONAL


def unique(names: list[str]) -> list[str]:
    """``names`` with ``#2``, ``#3`` after the second and third of the same."""
    seen: dict[str, int] = {}
    numbered = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        numbered.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return numbered
