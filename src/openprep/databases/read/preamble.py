"""What stands above the column names: title, time of the cut, and the 13 figures (spec B.4)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import pairwise

from openprep.coded import said
from openprep.databases.codes import DatabaseCode
from openprep.databases.findings import Findings
from openprep.databases.names import plain, words_of
from openprep.databases.read.moments import LONGEST, CutTime, cut_time
from openprep.databases.read.sheet import DELIMITERS, split_line
from openprep.databases.words import as_seen, without_marks


class Figure(Enum):
    """The 13 figures in the official order; the value is the name of 2024."""

    EXPECTED = "ACTAS_ESPERADAS"
    REGISTERED = "ACTAS_REGISTRADAS"
    OUT_OF_CATALOGUE = "ACTAS_FUERA_CATALOGO"
    CAPTURED = "ACTAS_CAPTURADAS"
    CAPTURED_SHARE = "PORCENTAJE_ACTAS_CAPTURADAS"
    COUNTED = "ACTAS_CONTABILIZADAS"
    COUNTED_SHARE = "PORCENTAJE_ACTAS_CONTABILIZADAS"
    INCONSISTENT_SHARE = "PORCENTAJE_ACTAS_INCONSISTENCIAS"
    NOT_COUNTED = "ACTAS_NO_CONTABILIZADAS"
    LISTA_NOMINAL = "LISTA_NOMINAL_ACTAS_CONTABILIZADAS"
    VOTES_WITH_SPECIAL = "TOTAL_VOTOS_C_CS"
    VOTES_WITHOUT_SPECIAL = "TOTAL_VOTOS_S_CS"
    PARTICIPATION = "PORCENTAJE_PARTICIPACION_CIUDADANA"

    @property
    def is_share(self) -> bool:
        """Whether the figure is a percentage."""
        return self.value.startswith("PORCENTAJE")


_FIGURES = {figure.value: figure for figure in Figure} | {
    "ACTAS_FUERA_DE_CATALOGO": Figure.OUT_OF_CATALOGUE,
    "PORCENTAJE_ACTAS_CON_INCONSISTENCIAS": Figure.INCONSISTENT_SHARE,
    "PORCENTAJE_ACTAS_CON_INCONSISTENCIA": Figure.INCONSISTENT_SHARE,
    "LISTA_NOMINAL_DE_ACTAS_CONTABILIZADAS": Figure.LISTA_NOMINAL,
    "LISTA_NOMINAL": Figure.LISTA_NOMINAL,
    "TOTAL_VOTOS_CON_CASILLAS_ESPECIALES": Figure.VOTES_WITH_SPECIAL,
    "TOTAL_VOTOS_SIN_CASILLAS_ESPECIALES": Figure.VOTES_WITHOUT_SPECIAL,
    "PARTICIPACION_CIUDADANA": Figure.PARTICIPATION,
    "ACTAS_CON_INCONSISTENCIAS_PORCENTAJE": Figure.INCONSISTENT_SHARE,
    "TOTAL_VOTOS_CON_CS": Figure.VOTES_WITH_SPECIAL,
    "TOTAL_VOTOS_SIN_CS": Figure.VOTES_WITHOUT_SPECIAL,
    "PORCENTAJE_PARTICIPACION": Figure.PARTICIPATION,
    "PORCENTAJE_DE_PARTICIPACION_CIUDADANA": Figure.PARTICIPATION,
}
_BY_WORDS = {words_of(name): figure for name, figure in _FIGURES.items()}
_COMPUTO = re.compile(r"(?<!ESCRUTINIO_Y_)COMPUTOS?(_|\Z)")
_TIME = re.compile(r"\d[/\-]\d|\d:\d\d|\d\.\d+\.\d|(?:19|20)\d{6}")
"""What makes a line look like the time of a cut, whether or not it can be read."""
_OF_THE_CUT = re.compile(r"CORTE|ACTUALIZA")
"""What a line says of itself that tells the time of the cut, where others tell other times."""

MOST_CELLS = 100
"""Cells of a line that are looked at for names of figures."""
LEAST_FIGURES = 3
"""Names of figures that make a line the header's names."""

_COUNT = re.compile(r"^(\d{1,15})(\.\d+)?\Z")
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
_GROUPED_OTHERWISE = re.compile(r"\d{1,3}([ '.])\d{3}(\1\d{3})*(?<!\.000)|\d{1,3}(\.\d{3}){2,}")
"""Thousands in other ways; ``51.000`` alone may be a count with decimals too, and is not read."""
_DECIMAL_COMMA = re.compile(r"^(\d{1,3}),(\d+)\Z")
_SHARE = re.compile(r"^(\d{1,18})(?:\.(\d*))?\Z")
"""A participation has no bound: who checks may confirm an acta with far more votes than voters."""


@dataclass(frozen=True)
class Preamble:
    """Title, time of the cut, and the figures that the file itself gives.

    Counts are counts, shares are ten-thousandths of a percent; figures that are absent or cannot be
    read are not in ``figures``.
    """

    title: str
    cut: datetime | None
    figures: dict[Figure, int]
    figures_line: int
    """Line of the figures, from 1; 0 where there are none."""
    lines: tuple[str, ...]
    """Every line above the column names, as it stands."""

    @property
    def is_of_computos(self) -> bool:
        """Whether it heads cómputos, which count the votes for good, and not a PREP."""
        spoken = plain(" ".join(self.lines))
        if self.figures:
            return False
        return "ACTAS_COMPUTADAS" in spoken or _COMPUTO.search(spoken) is not None


def read_preamble(
    lines: Sequence[str], first_line: int, delimiter: str, findings: Findings
) -> Preamble:
    """Title, cut and figures from the lines above the column names; departures are noted.

    ``first_line`` is the number of the first of ``lines``.
    """
    title = ""
    cuts: dict[str, CutTime] = {}
    figures: dict[Figure, int] | None = None
    figures_line = 0
    for index, line in enumerate(lines, first_line):
        text = as_seen(line.strip(f'{delimiter}" \t'))
        if not text:
            continue
        cells = _names_in(line, delimiter)
        if figures is None and are_figure_names(cells):
            below = lines[index - first_line + 1 :]
            values, figures_line = _values_line(below, index, delimiter)
            _note_missing(cells, index, findings)
            figures = _read_figures(cells, values, figures_line, findings)
        elif found := cut_time(text):
            cuts[text] = found
        elif not title and figures is None:
            title = text
    cut = _the_cut(cuts)
    title = title or next((text for text, moment in cuts.items() if moment is not cut), "")
    if not title:
        findings.note(DatabaseCode.TITLE_MISSING)
    if not cuts:
        cut = _cut_in_two_lines(lines, delimiter)
    _note_cut(cut, next(iter(cuts), next(filter(_TIME.search, lines), "")), findings)
    _note_names(figures, findings)
    return Preamble(title, cut.at if cut else None, figures or {}, figures_line, tuple(lines))


def _the_cut(cuts: Mapping[str, CutTime]) -> CutTime | None:
    """The cut among lines that tell a time: the one that says so, or that begins its line.

    ``None`` where several could be it.
    """
    for is_it in (
        lambda _: True,
        lambda text: _OF_THE_CUT.search(plain(text)) is not None,
        lambda text: text[0].isdigit(),
    ):
        at = {cut.at: cut for text, cut in cuts.items() if is_it(text)}
        if len(at) == 1:
            return at.popitem()[1]
    return None


def _cut_in_two_lines(lines: Sequence[str], delimiter: str) -> CutTime | None:
    """The cut whose date stands on one line and whose hour on the next."""
    texts = [text for line in lines if (text := line.strip(f'{delimiter}" \t'))]
    pairs = (cut_time(f"{date} {hour}") for date, hour in pairwise(texts) if len(hour) < LONGEST)
    return next((cut for cut in pairs if cut), None)


def _note_cut(cut: CutTime | None, written: str, findings: Findings) -> None:
    if cut is None:
        findings.note(DatabaseCode.CUT_TIME_MISSING, value=written)
    elif not cut.has_offset:
        findings.note(DatabaseCode.CUT_TIME_WITHOUT_OFFSET)


def _note_names(figures: dict[Figure, int] | None, findings: Findings) -> None:
    if figures is None:
        findings.note(DatabaseCode.HEADER_NAMES, value=said("no header"))


def are_figure_names(cells: Sequence[str]) -> bool:
    """Whether ``cells`` name the figures of a header: enough of them."""
    return _named(cells) >= LEAST_FIGURES


def _figure_of(name: str) -> Figure | None:
    """The figure that ``name`` stands for, whatever small words and numbers it is written with."""
    spelt = plain(name)
    return _FIGURES.get(spelt) or _BY_WORDS.get(words_of(spelt))


def _names_in(line: str, delimiter: str) -> list[str]:
    """Cells of a line above the column names, which may have a delimiter of its own."""
    split = ([part.strip() for part in split_line(line, mark)] for mark in (delimiter, *DELIMITERS))
    return max(split, key=_named)


def _named(cells: Sequence[str]) -> int:
    """How many of the first cells name a figure; a header has 13."""
    return sum(_figure_of(cell) is not None for cell in cells[:MOST_CELLS])


def _note_missing(names: Sequence[str], line: int, findings: Findings) -> None:
    named = {_figure_of(name) for name in names}
    for figure in Figure:
        if figure not in named:
            findings.note(DatabaseCode.HEADER_NAMES, line, figure.value, said("missing"))


def _values_line(below: Sequence[str], line: int, delimiter: str) -> tuple[list[str], int]:
    """Cells of the first line below the names that is not blank, and its number."""
    for number, text in enumerate(below, line + 1):
        if text.strip(f'{delimiter}" \t'):
            marks = (delimiter, *DELIMITERS) if delimiter not in text else (delimiter,)
            return max((_cells(text, mark) for mark in marks), key=len), number
    return [], line + 1


def _read_figures(
    names: Sequence[str], cells: Sequence[str], line: int, findings: Findings
) -> dict[Figure, int]:
    figures = [_figure_of(name) for name in _without_trailing(names)]
    if len(cells) != len(figures):
        text = said("{values} values for {names} names", values=len(cells), names=len(figures))
        findings.note(DatabaseCode.HEADER_VALUE_COUNT, line, value=text)
        if len(cells) > len(figures):
            return {}
    values: dict[Figure, int] = {}
    for figure, cell in zip(figures, cells, strict=False):
        read = _read_value(figure, cell, line, findings) if figure else None
        if figure and read is not None:
            values[figure] = read
    return values


def _cells(text: str, delimiter: str) -> list[str]:
    return _without_trailing([cell.strip() for cell in split_line(text, delimiter)])


def _without_trailing(cells: Sequence[str]) -> list[str]:
    kept = list(cells)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


def _read_value(figure: Figure, cell: str, line: int, findings: Findings) -> int | None:
    text = without_marks(cell).strip('"% \t')
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    elif figure.is_share:
        text = _DECIMAL_COMMA.sub(r"\1.\2", text)
    elif _GROUPED_OTHERWISE.fullmatch(text):
        text = re.sub(r"\D", "", text)
    if text != cell:
        findings.note(DatabaseCode.HEADER_FORMAT, line, figure.value, cell)
    read = _read_share if figure.is_share else _read_count
    value = read(figure, text, line, findings)
    if value is None:
        findings.note(DatabaseCode.HEADER_UNREADABLE, line, figure.value, cell)
    return value


def _read_count(figure: Figure, text: str, line: int, findings: Findings) -> int | None:
    match = _COUNT.match(text)
    if not match or (match[2] and (match[2].strip(".0") or match[2] == ".000")):
        return None
    if match[2]:
        findings.note(DatabaseCode.HEADER_DECIMAL, line, figure.value, text)
    return int(match[1])


def _read_share(figure: Figure, text: str, line: int, findings: Findings) -> int | None:
    match = _SHARE.match(text)
    if not match:
        return None
    decimals = match[2] or ""
    if len(decimals) != 4:
        findings.note(DatabaseCode.SHARE_DECIMALS, line, figure.value, text)
    return int(match[1]) * 10_000 + int(decimals[:4].ljust(4, "0"))
