"""The words of official files and the facts they stand for, across years (spec A.4, B.3)."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from openprep.election import (
    CasillaKind,
    Counting,
    Digitization,
    DocumentKind,
    FieldState,
    Location,
    Observation,
    Origin,
    VoteField,
)
from openprep.election.votes import MAX_COUNT

K = TypeVar("K")
T = TypeVar("T")

APOSTROPHES = "'\u2018\u2019\u201b`\u00b4\u02bc"
"""What keeps a cell from spreadsheets, also as editors write it."""
AROUND = f' \t"\u201c\u201d{APOSTROPHES}'
""":data:`APOSTROPHES`, quotes and blanks."""

NOTHING = frozenset({"", "-", "--", "N/A", "NA", "N.A.", "NO APLICA"})
"""Cells that say nothing, in capitals and without blanks around them."""

STATES: Mapping[str, FieldState] = {
    "": FieldState.NOT_CAPTURED,
    "-": FieldState.NOT_ON_BALLOT,
    "N/A": FieldState.NOT_APPLICABLE,
    "N.A.": FieldState.NOT_APPLICABLE,
    "NA": FieldState.NOT_APPLICABLE,
    "NO APLICA": FieldState.NOT_APPLICABLE,
    "ILEGIBLE": FieldState.ILEGIBLE,
    "ILEGIBLES": FieldState.ILEGIBLE,
    "SIN DATO": FieldState.SIN_DATO,
    "SIN DATOS": FieldState.SIN_DATO,
    "SIN ACTA": FieldState.SIN_ACTA,
}
"""A dash means "not on this ballot" in a captured row and "not captured" in any other."""

OBSERVATIONS: Mapping[str, Observation] = {
    "ILEGIBLE": Observation.ILEGIBLE,
    "ILEGIBLES": Observation.ILEGIBLE,
    "CAMPO ILEGIBLE": Observation.ILEGIBLE,
    "CAMPOS ILEGIBLES": Observation.ILEGIBLE,
    "ALGUN CAMPO ILEGIBLE": Observation.ILEGIBLE,
    "ALGUNOS CAMPOS ILEGIBLES": Observation.ILEGIBLE,
    "SIN DATO": Observation.SIN_DATO,
    "SIN DATOS": Observation.SIN_DATO,
    "CAMPO SIN DATO": Observation.SIN_DATO,
    "ALGUN CAMPO SIN DATO": Observation.SIN_DATO,
    "CAMPOS ILEGIBLES O SIN DATO": Observation.ALGUN_CAMPO_ILEGIBLE_O_SIN_DATO,
    "ALGUNOS CAMPOS ILEGIBLES O SIN DATO": Observation.ALGUN_CAMPO_ILEGIBLE_O_SIN_DATO,
    "ALGUN CAMPO ILEGIBLE O SIN DATO": Observation.ALGUN_CAMPO_ILEGIBLE_O_SIN_DATO,
    "ALGUN CAMPO ILEGIBLE O SIN DATOS": Observation.ALGUN_CAMPO_ILEGIBLE_O_SIN_DATO,
    "CAMPO ILEGIBLE O SIN DATO": Observation.ALGUN_CAMPO_ILEGIBLE_O_SIN_DATO,
    "TODOS LOS CAMPOS ILEGIBLES": Observation.TODOS_ILEGIBLES,
    "TODO ILEGIBLE": Observation.TODOS_ILEGIBLES,
    "TODOS ILEGIBLES": Observation.TODOS_ILEGIBLES,
    "TODOS LOS CAMPOS VACIOS": Observation.TODOS_SIN_DATO,
    "TODOS VACIOS": Observation.TODOS_SIN_DATO,
    "TODOS SIN DATO": Observation.TODOS_SIN_DATO,
    "TODOS LOS CAMPOS SIN DATO": Observation.TODOS_SIN_DATO,
    "TODOS ILEGIBLES O SIN DATO": Observation.TODOS_ILEGIBLES_O_SIN_DATO,
    "TODOS LOS CAMPOS ILEGIBLES O SIN DATO": Observation.TODOS_ILEGIBLES_O_SIN_DATO,
    "TODOS LOS CAMPOS ILEGIBLES O VACIOS": Observation.TODOS_ILEGIBLES_O_SIN_DATO,
    "EXCEDE LISTA NOMINAL": Observation.EXCEDE_LISTA_NOMINAL,
    "EXCEDE LA LISTA NOMINAL": Observation.EXCEDE_LISTA_NOMINAL,
    "EXCEDE LN": Observation.EXCEDE_LISTA_NOMINAL,
    "SIN ACTA POR PAQUETE NO ENTREGADO": Observation.SIN_ACTA_PAQUETE_NO_ENTREGADO,
    "SIN ACTA POR CASILLA NO INSTALADA": Observation.SIN_ACTA_CASILLA_NO_INSTALADA,
    "SIN ACTA POR PAQUETE ENTREGADO SIN BOLSA": Observation.SIN_ACTA_PAQUETE_SIN_BOLSA,
    "SIN ACTA POR PAQUETE ENTREGADO SIN SOBRE": Observation.SIN_ACTA_PAQUETE_SIN_BOLSA,
    "SIN ACTA POR CONTINGENCIA EN URNA ELECTRONICA": Observation.SIN_ACTA_CONTINGENCIA_URNA,
    "SIN ACTA POR CONTINGENCIA EN URNA ELECRONICA": Observation.SIN_ACTA_CONTINGENCIA_URNA,
    "PAQUETE NO ENTREGADO": Observation.SIN_ACTA_PAQUETE_NO_ENTREGADO,
    "CASILLA NO INSTALADA": Observation.SIN_ACTA_CASILLA_NO_INSTALADA,
    "SIN ACTA": Observation.SIN_ACTA_PAQUETE_NO_ENTREGADO,
    "SIN ACTA(1)": Observation.SIN_ACTA_PAQUETE_NO_ENTREGADO,
    "SIN ACTA(2)": Observation.SIN_ACTA_CASILLA_NO_INSTALADA,
    "SIN ACTA(3)": Observation.SIN_ACTA_PAQUETE_SIN_BOLSA,
    "SIN ACTA(4)": Observation.SIN_ACTA_CONTINGENCIA_URNA,
    "FUERA DE CATALOGO": Observation.FUERA_DE_CATALOGO,
    "FUERA CATALOGO": Observation.FUERA_DE_CATALOGO,
    "FUERA DEL CATALOGO": Observation.FUERA_DE_CATALOGO,
    "NO IDENTIFICADA": Observation.FUERA_DE_CATALOGO,
    "NO IDENTIFICADA(FUERA DE CATALOGO)": Observation.FUERA_DE_CATALOGO,
    "NO IDENTFICADA(FUERA DE CATALOGO)": Observation.FUERA_DE_CATALOGO,
    "NO IDENTIFICADAS": Observation.FUERA_DE_CATALOGO,
    "NO IDENTIFICADA - FUERA DE CATALOGO": Observation.FUERA_DE_CATALOGO,
    "NO IDENTIFICADA - FUERA DEL CATALOGO": Observation.FUERA_DE_CATALOGO,
    "NO IDENTIFICADAS - FUERA DE CATALOGO": Observation.FUERA_DE_CATALOGO,
    "NO IDENTIFICADAS - FUERA DEL CATALOGO": Observation.FUERA_DE_CATALOGO,
    "IDENTIFICACION FORZADA": Observation.IDENTIFICADA_POR_PTO,
    "IDENTIFICACION POR PROCESO TECNICO OPERATIVO": Observation.IDENTIFICADA_POR_PTO,
    "IDENTIFICADA POR PROCESO TECNICO OPERATIVO": Observation.IDENTIFICADA_POR_PTO,
    "LETRA DISTINTA DE NUMERO": Observation.LETRA_DISTINTA_DE_NUMERO,
    "LETRA DIFERENTE DE NUMERO": Observation.LETRA_DISTINTA_DE_NUMERO,
    "LETRA DIFERENTE AL NUMERO": Observation.LETRA_DISTINTA_DE_NUMERO,
    "CANTIDAD CON LETRA DISTINTA A NUMERO": Observation.LETRA_DISTINTA_DE_NUMERO,
    "CANTIDAD SOLO CON LETRA": Observation.SOLO_LETRA,
    "CANTIDAD SOLO EN LETRA": Observation.SOLO_LETRA,
    "CANTIDAD SOLO EN NUMERO": Observation.SOLO_NUMERO,
    "CANTIDAD SOLO CON NUMERO": Observation.SOLO_NUMERO,
    "SOLO LETRA": Observation.SOLO_LETRA,
    "SOLO NUMERO": Observation.SOLO_NUMERO,
}
NO_OBSERVATION = NOTHING | {"NINGUNA", "NINGUNO", "SIN OBSERVACION", "SIN OBSERVACIONES"}
COUNTINGS: Mapping[str, Counting] = {
    "1": Counting.COUNTED,
    "0": Counting.NOT_COUNTED,
    "2": Counting.OUT_OF_CATALOGUE,
} | dict.fromkeys(NOTHING, Counting.NOT_CAPTURED)
SPOKEN_COUNTINGS: Mapping[str, Counting] = {
    **dict.fromkeys(
        ("SI", "S", "TRUE", "VERDADERO", "CONTABILIZADA", "01", "1.0"), Counting.COUNTED
    ),
    **dict.fromkeys(
        ("NO", "N", "FALSE", "FALSO", "NO CONTABILIZADA", "00", "0.0"), Counting.NOT_COUNTED
    ),
    **dict.fromkeys(("FUERA DE CATALOGO", "02", "2.0"), Counting.OUT_OF_CATALOGUE),
}
"""CONTABILIZADA as programs and people write it: read, and found (D047)."""
ORIGINS: Mapping[str, Origin] = {"CASILLA": Origin.CASILLA, "CATD": Origin.CATD}
DIGITIZATIONS: Mapping[str, Digitization] = {
    "MOVIL": Digitization.MOVIL,
    "M": Digitization.MOVIL,
    "ESCANER": Digitization.ESCANER,
    "E": Digitization.ESCANER,
    "URNA": Digitization.URNA,
    "URNA ELECTRONICA": Digitization.URNA,
    "U": Digitization.URNA,
}
DOCUMENTS: Mapping[str, DocumentKind] = {
    "ACTA PREP": DocumentKind.ACTA_PREP,
    "RPP": DocumentKind.RPP,
    "COPIA RPPCI": DocumentKind.RPP,
    "CC": DocumentKind.CC,
    "ACTA CONSEJO": DocumentKind.CC,
    "ACTA CONSEJO S": DocumentKind.CC,
    "PPC": DocumentKind.PPC,
    "COPIA PE": DocumentKind.PPC,
    "ACTA VMRE": DocumentKind.ACTA_VMRE,
    "ACTA EXTRANJERO": DocumentKind.ACTA_VMRE,
    "ACTA VE": DocumentKind.ACTA_VMRE,
    "ACTA VA": DocumentKind.ACTA_VA,
    "ACTA VPPP": DocumentKind.ACTA_VPPP,
    "ACTA PRISION": DocumentKind.ACTA_VPPP,
    "ACTA UE": DocumentKind.ACTA_UE,
    "REPRESENTACION DE ACTA": DocumentKind.ACTA_UE,
}
KINDS: Mapping[str, CasillaKind] = {kind.value: kind for kind in CasillaKind} | {
    "V": CasillaKind.PRISION_PREVENTIVA,
    "BASICA": CasillaKind.BASICA,
    "CONTIGUA": CasillaKind.CONTIGUA,
    "EXTRAORDINARIA": CasillaKind.EXTRAORDINARIA,
    "ESPECIAL": CasillaKind.ESPECIAL,
}
LOCATIONS: Mapping[str, Location] = {
    text: member for member in Location for text in (f"{member.value}", f"{member.value:02}")
}
TRANSFER_MECHANISMS = re.compile(r"^[DFI](-[DFI]){0,2}\Z")
TIPO_ACTA = re.compile(r"^A?\d{1,2}(E|EMR|ERP|MR|RP|P?VE|P?VA|PVPP|V?PPP|UE|V1|V2)?\Z")
NOTE = re.compile(
    r"^\W*((SUB ?|GRAN ?)?TOTAL(ES)?|SUMAS?|ACUMULAD[OA]S?|PROMEDIOS?|PORCENTAJES?|NOTAS?"
    r"|FUENTE|ELABORACION|CORTE|\*+)\b",
    re.ASCII,
)
"""How a line of a total or a note begins, as :func:`spoken`."""
_JOINED = re.compile(r" ?[;|/] ?| - | Y ")
"""What joins observations in one cell, beside commas."""
_REASON_CODE = re.compile(r"^[A-Z]{2}(-[A-Z]{2})?: ?")
"""Letters that Mexico City's generator writes before a reason, as ``NP: SIN ACTA POR …``."""

_DASHES = re.compile("[\u2010-\u2015\u2212]+")
_DECIMAL_COUNT = re.compile(r"^(\d{1,9})\.(0{1,2}|0{4,})\Z")
"""Not three zeros: ``1.000`` is a thousand where people write it so."""
_GROUPED_COUNT = re.compile(r"^\d{1,3}(,\d{3})+\Z")
_FORMULA = re.compile(
    r"""^=\s*(?:T\()?(?:"((?:[^"]|"")*)"|'([^']*)'|([\w.\-]+))\)?\s*\Z""", re.IGNORECASE
)
"""A cell that keeps a spreadsheet from changing it, as ``="0523"``."""

_UNSEEN = dict.fromkeys(
    (
        *(0xAD, 0x61C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F)),
        *(*range(0x2060, 0x2070), *range(0xFE00, 0xFE10), *range(0x7F, 0xA0)),
    )
)
_SPACES = dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")
_AS_SEEN: Mapping[int, str | None] = {**_UNSEEN, **_SPACES}
SPOILED = re.compile(
    "\ufffd|\u00c3[\u0080-\u00bf\u2018-\u203a]|\u00c2[\u00a1-\u00bf]"
    "|(?<=[^\\W\\d_])[?\u00a1-\u00a9\u00ab-\u00b3\u00b5\u00b6\u00b8\u00b9\u00bb-\u00bf\u00d7\u00f7"
    "\u0152\u0153\u0160\u0178\u017d\u017e\u0192\u02c6\u201a\u201e\u2020-\u2022\u2026\u2030]"
    "(?=[^\\W\\d_])"
)
"""Signs within words that another encoding's letters, read as this one's, turn into."""
INVISIBLE = re.compile(f"[{''.join(map(chr, _AS_SEEN))}]")
"""Characters that nobody sees, and blanks that are not the ordinary one."""


class Memo(dict[K, T], Generic[K, T]):
    """Decodes each distinct cell once: official files repeat few words many times."""

    def __init__(self, decode: Callable[[K], T]) -> None:
        super().__init__()
        self._decode = decode

    def __missing__(self, cell: K) -> T:
        value = self._decode(cell)
        self[cell] = value
        return value


def as_seen(cell: str) -> str:
    """``cell`` as a person sees it: no formula around it, no blanks, nothing that is invisible."""
    text = cell if cell.isascii() else cell.translate(_AS_SEEN)
    text = text.strip()
    if not text.startswith("="):
        return text
    match = _FORMULA.match(text)
    if not match:
        return text
    return next(group for group in match.groups() if group is not None).replace('""', '"').strip()


def is_formula(cell: str) -> bool:
    """Whether ``cell`` is kept from spreadsheets by a formula, as ``="0523"``."""
    return cell.lstrip().startswith("=") and _FORMULA.match(cell.strip()) is not None


def has_unseen(cell: str) -> bool:
    """Whether ``cell`` has characters that nobody sees, or blanks of another kind."""
    return not cell.isascii() and INVISIBLE.search(cell) is not None


def without_marks(cell: str) -> str:
    """``cell`` :func:`as_seen`, without apostrophes, quotes and blanks around it."""
    return as_seen(cell).strip(AROUND)


def is_spoiled(cell: str) -> bool:
    """Whether ``cell`` has letters that were lost, or read in an encoding that was not theirs."""
    return (not cell.isascii() or "?" in cell) and SPOILED.search(cell) is not None


def spoken(cell: str) -> str:
    """``cell`` in capitals, without accents or underscores, with single blanks."""
    text = without_marks(cell)
    if not text.isascii():
        text = _DASHES.sub("-", text)
    folded = text if text.isascii() else unicodedata.normalize("NFD", text)
    letters = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return " ".join(letters.upper().replace("_", " ").split())


def bare(cell: str) -> str:
    """A key without blanks and without what keeps spreadsheets off it: apostrophes, a formula."""
    return as_seen(without_marks(cell)).strip(AROUND)


def identifier(cell: str) -> str:
    """A key without apostrophes; empty where the cell says nothing."""
    key = bare(cell)
    return "" if key.upper() in NOTHING else key


def vote_field(cell: str) -> VoteField:
    """A count or its state; text that no norm knows counts as illegible, as it adds no votes."""
    if cell.isascii() and cell.isdigit() and len(cell) <= 8:
        return int(cell)
    text = without_marks(cell)
    if text.isascii() and text.isdigit() and len(text) <= 12 and int(text) <= MAX_COUNT:
        return int(text)
    if _GROUPED_COUNT.match(text):
        text = text.replace(",", "")
        return int(text) if int(text) <= MAX_COUNT else FieldState.ILEGIBLE
    decimal = _DECIMAL_COUNT.match(text)
    if decimal and int(decimal[1]) <= MAX_COUNT:
        return int(decimal[1])
    return STATES.get(spoken(cell), FieldState.ILEGIBLE)


def is_decimal_count(cell: str) -> bool:
    """Whether ``cell`` is a whole number written with decimals, as ``330.0``."""
    return _DECIMAL_COUNT.match(without_marks(cell)) is not None


def is_grouped_count(cell: str) -> bool:
    """Whether ``cell`` is a whole number with commas between its thousands, as ``1,234``."""
    return _GROUPED_COUNT.match(without_marks(cell)) is not None


def is_known_count(cell: str) -> bool:
    """Whether ``cell`` is what a count's column may hold, decimals apart."""
    text = without_marks(cell)
    return (text.isascii() and text.isdigit()) or spoken(cell) in STATES


def observations(cell: str) -> tuple[tuple[Observation, ...], bool]:
    """What ``cell`` of OBSERVACIONES says, and whether every word of it was known.

    Comma-joined words, printed lists as ``['Ilegible', 'Sin dato']`` and EXCEDE LISTA NOMINAL CON …
    are taken apart.
    """
    found: list[Observation] = []
    known = True
    text = spoken(cell).strip("[]").replace(" CON CAMPO ", ", CAMPO ").replace(" ELECTORAL ", " ")
    for part in text.split(","):
        read = _observed(part)
        known &= read is not None
        found += [observation for observation in read or () if observation not in found]
    return tuple(found), known


def _observed(part: str) -> tuple[Observation, ...] | None:
    """What one part of OBSERVACIONES says, which may join several; ``None`` if it is not known."""
    word = _REASON_CODE.sub("", part.strip(" '\"")).rstrip(". ")
    if word.startswith("(") and word.endswith(")"):
        word = word[1:-1]
    if word in NO_OBSERVATION:
        return ()
    known = OBSERVATIONS.get(re.sub(r"\s*\((\d)\)\Z", r"(\1)", word))
    if known is not None:
        return (known,)
    joined = [_observed(part) for part in _JOINED.split(word)] if _JOINED.search(word) else [None]
    if None in joined:
        return None
    return tuple(observation for parts in joined for observation in parts or ())


def whole_number(cell: str) -> int | None:
    """The number in a bare identity cell, or ``None`` where there is none."""
    text = bare(cell)
    if decimal := _DECIMAL_COUNT.match(text):
        return int(decimal[1])
    if _GROUPED_COUNT.match(text):
        text = text.replace(",", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def casilla_kind(cell: str) -> CasillaKind | None:
    """TIPO_CASILLA, or ``None`` where the cell names none."""
    return KINDS.get(spoken(cell))


def counting(cell: str) -> Counting:
    """CONTABILIZADA; what nobody can read is "not captured"."""
    word = spoken(cell)
    return COUNTINGS.get(word) or SPOKEN_COUNTINGS.get(word, Counting.NOT_CAPTURED)


def transfer(cell: str) -> str:
    """MECANISMOS_TRASLADO as letters joined by ``-``; empty where there is none."""
    text = spoken(cell)
    return "" if text in NOTHING else text


def image_digest(cell: str) -> str | None:
    """CODIGO_INTEGRIDAD in lower case, or ``None`` where there is none."""
    text = bare(cell)
    return None if text.upper() in NOTHING else text.lower()
