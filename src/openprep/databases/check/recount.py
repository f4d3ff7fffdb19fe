"""The 13 figures counted again from the rows of a file, and compared with its header (spec B.4).

Whether the extra acta of proportional representation in special casillas adds to the totals
differs between authorities, so both ways are counted and the one that agrees is taken. Nothing here
is shared with the tabulation room: this is an outside check.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from openprep.coded import said
from openprep.databases import words
from openprep.databases.codes import DatabaseCode
from openprep.databases.findings import Findings
from openprep.databases.names import Field
from openprep.databases.read.database import Database
from openprep.databases.read.moments import election_day
from openprep.databases.read.preamble import Figure
from openprep.election import (
    INCONSISTENCIES,
    CasillaKind,
    Counting,
    Participation,
    RpActas,
    VotesOverList,
    calculated_total,
    format_share,
    summable,
)

WHOLE = 1_000_000
"""100 % in ten-thousandths of a percent."""

EARLIEST_CLOSING, LATEST_CLOSING = timedelta(hours=42), timedelta(hours=44)
"""From the midnight that begins the election day: publication begins between 18:00 and 20:00 and
lasts a day (spec A.1). Between the two a file alone does not tell whether its cut is the last."""


@dataclass(frozen=True)
class Recount:
    """The 13 figures as the rows give them.

    ``figures`` has the participation by the formula that this cut calls for, or by the one that
    the header agrees with where the file does not tell; ``other_participation`` is by the other.
    """

    figures: dict[Figure, int]
    rp_actas: RpActas | None
    """Which way of counting RP actas agrees with the header; ``None`` if there are none."""
    other_participation: int


def recount(database: Database, declared: VotesOverList | None = None) -> Recount:
    """Count the 13 figures again from the rows.

    ``declared`` are the votes that the authority says stand over the lista nominal in this cut.
    """
    rp_rows = [_is_rp(cell) for cell in database.cells(Field.TIPO_ACTA)]
    formula = declared or _formula_of(database)
    if not any(rp_rows):
        return _recount(database, [False] * len(rp_rows), None, formula)
    counted = _recount(database, [False] * len(rp_rows), RpActas.COUNTED, formula)
    apart = _recount(database, rp_rows, RpActas.ENTITY_ONLY, formula)
    header = database.preamble.figures
    return max(counted, apart, key=lambda recount: _agreeing(recount, header))


def _is_rp(tipo_acta: str) -> bool:
    return words.bare(tipo_acta).upper().endswith("RP")


def _agreeing(recount: Recount, header: dict[Figure, int]) -> int:
    return sum(recount.figures[figure] == value for figure, value in header.items())


def _recount(
    database: Database,
    left_out: list[bool],
    rp_actas: RpActas | None,
    formula: VotesOverList | None,
) -> Recount:
    figures = _counts(database)
    lista, with_special, without_special = 0, 0, 0
    rows = zip(
        database.countings,
        database.values(Field.KIND, words.casilla_kind),
        database.values(Field.LISTA_NOMINAL, words.whole_number),
        _totals(database),
        left_out,
        strict=True,
    )
    for counting, kind, nominal, total, apart in rows:
        if counting is not Counting.COUNTED or apart:
            continue
        lista += nominal or 0
        with_special += total
        without_special += 0 if kind is CasillaKind.ESPECIAL else total
    figures[Figure.LISTA_NOMINAL] = lista
    figures[Figure.VOTES_WITH_SPECIAL] = with_special
    figures[Figure.VOTES_WITHOUT_SPECIAL] = without_special
    shares = truncated(with_special, lista), truncated(without_special, lista)
    written = database.preamble.figures.get(Figure.PARTICIPATION)
    with_them = written == shares[0] if formula is None else formula is VotesOverList.WITH_SPECIAL
    figures[Figure.PARTICIPATION], other = shares if with_them else shares[::-1]
    return Recount(figures, rp_actas, other)


def _totals(database: Database) -> Iterable[int]:
    """TOTAL_VOTOS_CALCULADO, or the sum of a row's votes where the file does not have it."""
    if Field.CALCULATED in database.layout.fields:
        return map(summable, database.counts(Field.CALCULATED))
    return (calculated_total(row.votes) for row in database.rows)


def _counts(database: Database) -> dict[Figure, int]:
    countings = database.countings
    out = countings.count(Counting.OUT_OF_CATALOGUE)
    counted = countings.count(Counting.COUNTED)
    not_counted = countings.count(Counting.NOT_COUNTED)
    expected = len(countings) - out
    inconsistent = sum(
        counting in (Counting.COUNTED, Counting.NOT_COUNTED)
        and not INCONSISTENCIES.isdisjoint(observed)
        for counting, observed in zip(countings, database.observations, strict=True)
    )
    captured = counted + not_counted
    return {
        Figure.EXPECTED: expected,
        Figure.REGISTERED: captured + out,
        Figure.OUT_OF_CATALOGUE: out,
        Figure.CAPTURED: captured,
        Figure.CAPTURED_SHARE: truncated(captured, expected),
        Figure.COUNTED: counted,
        Figure.COUNTED_SHARE: truncated(counted, expected),
        Figure.INCONSISTENT_SHARE: truncated(inconsistent, expected),
        Figure.NOT_COUNTED: not_counted,
    }


def truncated(part: int, whole: int) -> int:
    """``part`` of ``whole`` in ten-thousandths of a percent, truncated; 0 of nothing is 0."""
    return part * WHOLE // whole if whole else 0


def _formula_of(database: Database) -> VotesOverList | None:
    """What the rule of the norm calls for in this cut (B.4 #13); ``None`` where it may be either.

    The last cut is that of the closing. A file does not say when that is, and before it a cut may
    have every acta already.
    """
    cut = database.cut
    if cut is None:
        return None
    since = cut - election_day(cut)
    captured = Counting.NOT_CAPTURED not in database.countings
    if since < LATEST_CLOSING and (since >= EARLIEST_CLOSING or captured):
        return None
    rule = Participation.SPECIAL_CASILLAS_IN_LAST_CUT
    return rule.of_whole(closing=since >= LATEST_CLOSING)


_NEEDED = {
    Field.LISTA_NOMINAL: (Figure.LISTA_NOMINAL, Figure.PARTICIPATION),
    Field.KIND: (Figure.VOTES_WITHOUT_SPECIAL, Figure.PARTICIPATION),
    Field.OBSERVATIONS: (Figure.INCONSISTENT_SHARE,),
}
"""Figures that the rows cannot give where the file does not have a column."""


def compare(database: Database, counted: Recount, findings: Findings) -> None:
    """Note every figure of the header that the rows do not give, or cannot."""
    missing = {field: figures for field, figures in _NEEDED.items() if not database.has(field)}
    for figure, written in database.preamble.figures.items():
        lacking = next((field for field, needing in missing.items() if figure in needing), None)
        if lacking is not None:
            text = said("no {column}", column=lacking.value)
            findings.note(DatabaseCode.NOT_CHECKED, column=figure.value, value=text)
            continue
        given = counted.figures[figure]
        if written != given:
            _note(database, counted, figure, written, findings)


def _note(
    database: Database, counted: Recount, figure: Figure, written: int, findings: Findings
) -> None:
    given = counted.figures[figure]
    code = DatabaseCode.HEADER_DISAGREES
    if figure is Figure.PARTICIPATION and written == counted.other_participation:
        code = DatabaseCode.OTHER_PARTICIPATION
    elif figure.is_share and written == given + 1 and _is_rounded(counted, figure, written):
        code = DatabaseCode.SHARE_ROUNDED
    shown: Callable[[int], str] = format_share if figure.is_share else str
    text = said("{written}, rows give {given}", written=shown(written), given=shown(given))
    findings.note(code, database.preamble.figures_line, figure.value, text)


def _is_rounded(counted: Recount, figure: Figure, written: int) -> bool:
    """Whether ``written`` is the share to the nearest, if its two counts are in the header too."""
    parts = {
        Figure.CAPTURED_SHARE: (Figure.CAPTURED, Figure.EXPECTED),
        Figure.COUNTED_SHARE: (Figure.COUNTED, Figure.EXPECTED),
    }.get(figure)
    if parts is None:
        return True
    part, whole = (counted.figures[part] for part in parts)
    return bool(whole) and (2 * part * WHOLE + whole) // (2 * whole) == written
