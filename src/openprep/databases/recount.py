"""The 13 figures counted again from the rows of a file, and compared with its header (spec B.4).

Whether the extra acta of proportional representation in special casillas adds to the totals
differs between authorities, so both ways are counted and the one that agrees is taken. Nothing here
is shared with the tabulation room: this is an outside check.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from openprep.databases import words
from openprep.databases.codes import DatabaseCode
from openprep.databases.database import Database
from openprep.databases.findings import Findings
from openprep.databases.moments import election_day
from openprep.databases.names import Field
from openprep.databases.preamble import Figure
from openprep.election import INCONSISTENCIES, Counting, RpActas, format_share, summable

WHOLE = 1_000_000
"""100 % in ten-thousandths of a percent."""

PUBLICATION_HOURS = 44
"""From the midnight that begins the election day to 20:00 of the next: the last cut."""


@dataclass(frozen=True)
class Recount:
    """The 13 figures as the rows give them.

    ``participation_of_cut`` is the formula that this cut calls for, ``other_participation`` the
    other one; ``figures`` holds the one that the header agrees with, else the first.
    """

    figures: dict[Figure, int]
    rp_actas: RpActas | None
    """Which way of counting RP actas agrees with the header; ``None`` if there are none."""
    other_participation: int


def recount(database: Database) -> Recount:
    """Count the 13 figures again from the rows."""
    rp_rows = [_is_rp(cell) for cell in database.cells(Field.TIPO_ACTA)]
    if not any(rp_rows):
        return _recount(database, [False] * len(rp_rows), None)
    counted = _recount(database, [False] * len(rp_rows), RpActas.COUNTED)
    apart = _recount(database, rp_rows, RpActas.ENTITY_ONLY)
    said = database.preamble.figures
    return max(counted, apart, key=lambda one: _agreeing(one, said))


def _is_rp(tipo_acta: str) -> bool:
    return words.bare(tipo_acta).upper().endswith("RP")


def _agreeing(one: Recount, said: dict[Figure, int]) -> int:
    return sum(one.figures[figure] == value for figure, value in said.items())


def _recount(database: Database, left_out: list[bool], rp_actas: RpActas | None) -> Recount:
    figures = _counts(database)
    lista, with_special, without_special = 0, 0, 0
    rows = zip(
        database.countings,
        database.cells(Field.KIND),
        database.values(Field.LISTA_NOMINAL, words.whole_number),
        database.counts(Field.CALCULATED),
        left_out,
        strict=True,
    )
    for counting, kind, nominal, total, apart in rows:
        if counting is not Counting.COUNTED or apart:
            continue
        votes = summable(total)
        lista += nominal or 0
        with_special += votes
        without_special += 0 if words.spoken(kind) == "S" else votes
    figures[Figure.LISTA_NOMINAL] = lista
    figures[Figure.VOTES_WITH_SPECIAL] = with_special
    figures[Figure.VOTES_WITHOUT_SPECIAL] = without_special
    shares = (truncated(with_special, lista), truncated(without_special, lista))
    of_cut, other = shares if _is_last_cut(database) else shares[::-1]
    figures[Figure.PARTICIPATION] = of_cut
    return Recount(figures, rp_actas, other)


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


def _is_last_cut(database: Database) -> bool:
    """At or after 20:00 of the day after the election, or with every acta captured."""
    countings = database.countings
    return Counting.NOT_CAPTURED not in countings or _at_closing(database.cut)


def _at_closing(cut: datetime | None) -> bool:
    return cut is not None and cut >= election_day(cut) + timedelta(hours=PUBLICATION_HOURS)


def compare(database: Database, counted: Recount, findings: Findings) -> None:
    """Note every figure of the header that the rows do not give."""
    for figure, said in database.preamble.figures.items():
        given = counted.figures[figure]
        if said != given:
            _note(database, counted, figure, said, findings)


def _note(
    database: Database, counted: Recount, figure: Figure, said: int, findings: Findings
) -> None:
    given = counted.figures[figure]
    code = DatabaseCode.HEADER_DISAGREES
    if figure is Figure.PARTICIPATION and said == counted.other_participation:
        code = DatabaseCode.OTHER_PARTICIPATION
    elif figure.is_share and said == given + 1 and _is_rounded(counted, figure, said):
        code = DatabaseCode.SHARE_ROUNDED
    shown = (format_share(said), format_share(given)) if figure.is_share else (said, given)
    value = f"{shown[0]}, rows give {shown[1]}"
    findings.note(code, database.preamble.figures_line, figure.value, value)


def _is_rounded(counted: Recount, figure: Figure, said: int) -> bool:
    """Whether ``said`` is the share to the nearest, where its two counts are in the header too."""
    parts = {
        Figure.CAPTURED_SHARE: (Figure.CAPTURED, Figure.EXPECTED),
        Figure.COUNTED_SHARE: (Figure.COUNTED, Figure.EXPECTED),
    }.get(figure)
    if parts is None:
        return True
    part, whole = (counted.figures[one] for one in parts)
    return bool(whole) and (2 * part * WHOLE + whole) // (2 * whole) == said
