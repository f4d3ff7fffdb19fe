"""Whether the times of the rows can be, against the election day, the cut and each other.

Reception must fall within the operating period (``LEEME-CDMX24`` #41), and casillas close at 18:00
(LGIPE 285); a recapture asked by a cotejador can put capture or verification out of order.
"""

from collections import Counter
from datetime import datetime, timedelta

from openprep.coded import Text, said
from openprep.databases import words
from openprep.databases.codes import DatabaseCode
from openprep.databases.findings import Findings
from openprep.databases.names import Field
from openprep.databases.read import moments
from openprep.databases.read.database import Database

CLOSING_OF_CASILLAS = timedelta(hours=18)
A_MINUTE = timedelta(minutes=1)
TIMES = (Field.RECEIVED, Field.CAPTURED, Field.VERIFIED)


def check_times(database: Database, findings: Findings) -> None:
    """Note times that cannot be read, and times that cannot be."""
    for field in TIMES:
        if field in database.layout.fields:
            _check_formats(database, field, findings)
    if database.cut is not None:
        _check_reception(database, database.cut, findings)
    _check_order(database, findings)


def _check_formats(database: Database, field: Field, findings: Findings) -> None:
    name = database.layout.names[database.layout.fields[field]]
    shapes: Counter[str] = Counter()
    first: dict[str, tuple[int, str]] = {}
    rows = zip(database.sheet.lines, database.cells(field), database.times(field), strict=True)
    for line, cell, at in rows:
        if at is not None:
            shape = moments.shape(cell)
            shapes[shape] += 1
            first.setdefault(shape, (line, cell))
        elif words.spoken(cell) not in words.NOTHING:
            findings.note(DatabaseCode.TIME_UNREADABLE, line, name, cell)
    for shape, count in shapes.most_common()[1:]:
        line, cell = first[shape]
        text = said("{cell} ({count} like it)", cell=cell, count=count)
        findings.note(DatabaseCode.TIME_FORMATS, line, name, text)


def _check_reception(database: Database, cut: datetime, findings: Findings) -> None:
    day = moments.election_day(cut)
    closing = day + CLOSING_OF_CASILLAS
    after = _after(cut)
    for line, at, cell in zip(
        database.sheet.lines,
        database.times(Field.RECEIVED),
        database.cells(Field.RECEIVED),
        strict=True,
    ):
        if at is None or closing <= at < after:
            continue
        code = DatabaseCode.RECEIVED_AFTER_CUT
        if at < day:
            code = DatabaseCode.RECEIVED_BEFORE_ELECTION
        elif at < closing and at < after:
            code = DatabaseCode.RECEIVED_BEFORE_CLOSING
        findings.note(code, line, Field.RECEIVED.value, cell)


def _after(cut: datetime) -> datetime:
    """The first moment that is after ``cut``; one written to its minute may be of all of it."""
    return cut + (timedelta(seconds=1) if cut.second else A_MINUTE)


def _check_order(database: Database, findings: Findings) -> None:
    times = (database.times(field) for field in TIMES)
    for line, received, captured, verified in zip(database.sheet.lines, *times, strict=True):
        if received and captured and captured < received:
            code = DatabaseCode.CAPTURED_BEFORE_RECEIVED
            findings.note(code, line, Field.CAPTURED.value, _before(captured, received))
        if captured and verified and verified < captured:
            code = DatabaseCode.VERIFIED_BEFORE_CAPTURED
            findings.note(code, line, Field.VERIFIED.value, _before(verified, captured))


def _before(first: datetime, second: datetime) -> Text:
    return said("{first:%d/%m %H:%M:%S} before {second:%d/%m %H:%M:%S}", first=first, second=second)
