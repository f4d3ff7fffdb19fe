"""What checking a file gives: its findings, and its header beside what the rows give."""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from openprep.coded import said
from openprep.databases import words
from openprep.databases.check.recount import Recount, compare, recount
from openprep.databases.check.row_checks import check_hashes, check_rows
from openprep.databases.check.time_checks import check_times
from openprep.databases.codes import DatabaseCode
from openprep.databases.findings import Finding, Findings
from openprep.databases.limits import DEFAULT_LIMITS, Limits
from openprep.databases.names import Field
from openprep.databases.read.database import Database
from openprep.databases.told import Told

OF_A_PREP = frozenset(
    {
        DatabaseCode.HEADER_NAMES,
        DatabaseCode.CUT_TIME_MISSING,
        DatabaseCode.MISSING_COLUMN,
        DatabaseCode.UNKNOWN_OBSERVATION,
        DatabaseCode.COUNTED_UNKNOWN,
    }
)
"""Findings that are none in cómputos, which have another header and other words."""
_RECUENTO = re.compile("RECUENTO|COTEJ|GRUPO DE TRABAJO|PLENO|COMPUT|PUNTO DE RECUENTO")


@dataclass(frozen=True)
class Report:
    """A database, what its rows add up to, and every departure found in it."""

    database: Database
    recount: Recount
    findings: tuple[Finding, ...]


def check_database(
    database: Database, limits: Limits = DEFAULT_LIMITS, told: Told | None = None
) -> Report:
    """Everything that ``database`` has and the norm does not, once per kind."""
    told = told or Told()
    findings = Findings(limits.places)
    findings.add(database.findings)
    counted = recount(database, told.participation)
    _note_doubtful(database, told.columns, findings)
    check_rows(database, findings)
    if is_of_computos(database):
        findings.drop(OF_A_PREP)
        findings.note(DatabaseCode.COMPUTOS, value=database.title)
        return Report(database, counted, findings.found())
    _note_unchecked(database, findings)
    compare(database, counted, findings)
    check_hashes(database, findings)
    check_times(database, findings)
    return Report(database, counted, findings.found())


def is_of_computos(database: Database) -> bool:
    """Whether the file is of the cómputos: by its header, its name, or its own observations."""
    preamble = database.preamble
    if preamble.figures:
        return False
    if preamble.is_of_computos or "COMPUTO" in words.spoken(database.name):
        return True
    spoken = map(words.spoken, set(database.cells(Field.OBSERVATIONS)))
    return any(_RECUENTO.search(cell) for cell in spoken)


def _note_doubtful(database: Database, known: AbstractSet[str], findings: Findings) -> None:
    layout, line = database.layout, database.dialect.column_line
    named = dict(zip(layout.votes, layout.vote_names, strict=True))
    for column in layout.doubtful:
        if named.get(column.index) in known:
            continue
        text = said(
            "{reading}: {by}",
            reading=said("read as votes" if column.votes else "not read as votes"),
            by=said(
                "the totals of the rows say so"
                if column.by_totals
                else "by its place, no total tells"
            ),
        )
        name = layout.names[column.index]
        findings.note(DatabaseCode.UNKNOWN_VOTE_COLUMN, line, name, text)


def _note_unchecked(database: Database, findings: Findings) -> None:
    if not database.has(Field.COUNTED):
        findings.note(DatabaseCode.COUNTING_DERIVED, database.dialect.column_line)
    for field in (Field.LISTA_NOMINAL, Field.REPRESENTATIVES):
        if not database.has(field):
            text = said("no {column}", column=field.value)
            findings.note(DatabaseCode.NOT_CHECKED, column="EXCEDE LISTA NOMINAL", value=text)
            return
