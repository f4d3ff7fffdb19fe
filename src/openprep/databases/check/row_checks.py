"""What the rows of a database say against the norm and against each other (spec A.4, B.3)."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from openprep.coded import said
from openprep.databases import words
from openprep.databases.codes import DatabaseCode
from openprep.databases.findings import Findings
from openprep.databases.names import Field
from openprep.databases.read.database import Database, Row
from openprep.election import (
    WITHOUT_ACTA,
    CasillaKind,
    Counting,
    Observation,
    VoteField,
    calculated_total,
)
from openprep.election.votes import MAX_COUNT

CAPTURED = frozenset({Counting.COUNTED, Counting.NOT_COUNTED})
COUNT_FIELDS = (
    Field.SURPLUS,
    Field.PEOPLE,
    Field.REPRESENTATIVES_VOTED,
    Field.TAKEN,
    Field.WRITTEN,
    Field.CALCULATED,
    Field.LISTA_NOMINAL,
    Field.REPRESENTATIVES,
)
_SHA256 = re.compile(r"^[0-9a-fA-F]{64}\Z")
_CLAVE = re.compile(r"^(\d{1,2})(\d{4})([A-Za-z])(\d{2})(\d{2})")
_NUMBER = re.compile(r"^-?\d+([.,]\d+)*\Z")


def check_rows(database: Database, findings: Findings) -> None:
    """Note what the rows have that the norm does not."""
    for check in (_check_identity, _check_keys, _check_counts, _check_words, _check_sums):
        check(database, findings)


IDENTITY_FIELDS = (
    Field.ENTITY_ID,
    Field.DISTRICT_ID,
    Field.MUNICIPALITY_ID,
    Field.SECCION,
    Field.NUMBER,
    Field.EXTENSION,
)


def _check_identity(database: Database, findings: Findings) -> None:
    """Every id is a number, or says that there is none; out of catalogue anything may stand."""
    for field in IDENTITY_FIELDS:
        column = database.cells(field)
        wrong = {cell for cell in set(column) if not _is_identity(cell)}
        if not wrong:
            continue
        name = database.layout.names[database.layout.fields[field]]
        rows = zip(database.sheet.lines, column, database.countings, strict=True)
        for line, cell, counting in rows:
            if cell in wrong and counting is not Counting.OUT_OF_CATALOGUE:
                findings.note(DatabaseCode.IDENTITY_UNREADABLE, line, name, cell)


def _is_identity(cell: str) -> bool:
    text = words.identifier(cell)
    return not text or (text.isascii() and text.isdigit() and len(text) <= 9)


def _check_keys(database: Database, findings: Findings) -> None:
    keys = database.values(Field.CLAVE_ACTA, words.identifier)
    if Field.CLAVE_ACTA not in database.layout.fields:
        return
    times = Counter(keys)
    mended: set[tuple[str, ...]] = set()
    for row, key in zip(database.rows, keys, strict=True):
        if not key:
            outside = row.counting is Counting.OUT_OF_CATALOGUE
            blank, keyless = DatabaseCode.KEY_BLANK, DatabaseCode.KEYLESS_OUT_OF_CATALOGUE
            findings.note(keyless if outside else blank, row.line, "CLAVE_ACTA")
            continue
        if times[key] > 1 and not _is_overflow(row, mended, findings):
            findings.note(DatabaseCode.KEY_SHARED, row.line, "CLAVE_ACTA", key)
        if not _agrees(row):
            value = row.clave_casilla or key
            findings.note(DatabaseCode.KEY_MISMATCH, row.line, "CLAVE_CASILLA", value)


def _is_overflow(row: Row, seen: set[tuple[str, ...]], findings: Findings) -> bool:
    """Whether a shared key is the first contigua of its seccion, or one from 10 up written 01."""
    if row.kind is not CasillaKind.CONTIGUA or row.number != 1:
        return False
    place = (row.seccion, row.cell(Field.EXTENSION), row.tipo_acta)
    if place in seen:
        findings.note(DatabaseCode.CONTIGUA_AS_01, row.line, "CLAVE_ACTA", row.clave_acta)
    seen.add(place)
    return True


def _agrees(row: Row) -> bool:
    """Whether the keys hold the row's own entity, seccion, kind, number and extension."""
    casilla, acta = row.clave_casilla, row.clave_acta
    match = _CLAVE.match(casilla or acta)
    if not match:
        return not casilla
    if casilla and acta and not acta.upper().startswith(casilla.upper()):
        return False
    entity, seccion, kind, number, extension = match.groups()
    parts = (
        (words.whole_number(row.entity_id), entity),
        (words.whole_number(row.seccion), seccion),
        (row.number, number),
        (row.extension, extension),
    )
    same = all(own is None or own == int(text) for own, text in parts)
    written = words.spoken(row.cell(Field.KIND))
    return same and (kind.upper() == written or words.casilla_kind(kind) is row.kind is not None)


def _check_counts(database: Database, findings: Findings) -> None:
    indexes = [database.layout.fields[f] for f in COUNT_FIELDS if f in database.layout.fields]
    for index in (*indexes, *database.layout.votes):
        column = database.sheet.columns[index]
        wrong = {cell: code for cell in set(column) if (code := _count_trouble(cell))}
        if not wrong:
            continue
        name = database.layout.names[index]
        for line, cell in zip(database.sheet.lines, column, strict=True):
            if cell in wrong:
                findings.note(wrong[cell], line, name, cell)


def _count_trouble(cell: str) -> DatabaseCode | None:
    if words.is_decimal_count(cell):
        return DatabaseCode.DECIMAL_IN_COUNT
    text = words.without_marks(cell)
    if words.is_grouped_count(cell):
        beyond = int(text.replace(",", "")[:12]) > MAX_COUNT
        return DatabaseCode.COUNT_OUT_OF_BOUNDS if beyond else DatabaseCode.THOUSANDS_IN_COUNT
    if not words.is_known_count(cell):
        negative = _NUMBER.match(text) and text.startswith("-")
        return DatabaseCode.COUNT_OUT_OF_BOUNDS if negative else DatabaseCode.TEXT_IN_COUNT
    if text.isdigit() and (len(text) > 12 or int(text) > MAX_COUNT):
        return DatabaseCode.COUNT_OUT_OF_BOUNDS
    return None


def _known_in(vocabulary: Callable[[str], object]) -> Callable[[str], bool]:
    return lambda cell: words.spoken(cell) in words.NOTHING or bool(vocabulary(words.spoken(cell)))


_WORDS: dict[Field, Callable[[str], bool]] = {
    Field.KIND: _known_in(lambda word: word in words.KINDS),
    Field.LOCATION: _known_in(lambda word: word in words.LOCATIONS),
    Field.TIPO_ACTA: _known_in(words.TIPO_ACTA.match),
    Field.TRANSFER: _known_in(words.TRANSFER_MECHANISMS.match),
    Field.ORIGIN: _known_in(lambda word: word in words.ORIGINS),
    Field.DIGITIZATION: _known_in(lambda word: word in words.DIGITIZATIONS),
    Field.DOCUMENT: _known_in(lambda word: word in words.DOCUMENTS),
    Field.COTEJADA: _known_in(lambda word: word in ("0", "1", "2", "3")),
    Field.COUNTED: lambda cell: words.spoken(cell) in words.COUNTINGS,
    Field.OBSERVATIONS: lambda cell: words.observations(cell)[1],
}
_WORD_CODES = {
    Field.COUNTED: DatabaseCode.COUNTED_UNKNOWN,
    Field.OBSERVATIONS: DatabaseCode.UNKNOWN_OBSERVATION,
}
_FREE_OUT_OF_CATALOGUE = frozenset({Field.KIND, Field.LOCATION, Field.TIPO_ACTA, Field.COTEJADA})
"""Columns where rows out of catalogue may hold anything."""


def _check_words(database: Database, findings: Findings) -> None:
    for field, is_known in _WORDS.items():
        column = database.cells(field)
        unknown = {cell for cell in set(column) if not is_known(cell)}
        if not unknown:
            continue
        code = _WORD_CODES.get(field, DatabaseCode.UNKNOWN_WORD)
        name = database.layout.names[database.layout.fields[field]]
        rows = zip(database.sheet.lines, column, database.countings, strict=True)
        for line, cell, counting in rows:
            free = counting is Counting.OUT_OF_CATALOGUE and field in _FREE_OUT_OF_CATALOGUE
            if cell in unknown and not free:
                findings.note(code, line, name, cell)


def _captured(database: Database) -> Iterator[tuple[Row, tuple[VoteField, ...]]]:
    for row, counting in zip(database.rows, database.countings, strict=True):
        if counting in CAPTURED:
            yield row, row.votes


def _check_sums(database: Database, findings: Findings) -> None:
    """Sums, the flag EXCEDE LISTA NOMINAL, and CONTABILIZADA, by the rows' own figures (A.4)."""
    has_total = Field.CALCULATED in database.layout.fields
    for row, votes in _captured(database):
        total = calculated_total(votes)
        written = row.total_calculated
        if has_total and isinstance(written, int) and written != total:
            text = said("{written}, columns give {total}", written=written, total=total)
            findings.note(DatabaseCode.NOT_ADDING_UP, row.line, Field.CALCULATED.value, text)
        _check_rule(row, votes, total, findings)


def _check_rule(row: Row, votes: Sequence[VoteField], total: int, findings: Findings) -> None:
    ceiling = row.ceiling
    exceeds = ceiling is not None and total > ceiling
    flagged = Observation.EXCEDE_LISTA_NOMINAL in row.observations
    if ceiling is not None and exceeds is not flagged:
        text = said("{total} votes, at most {ceiling}", total=total, ceiling=ceiling)
        code = DatabaseCode.EXCESS_FLAG_WRONG if flagged else DatabaseCode.EXCESS_NOT_FLAGGED
        findings.note(code, row.line, "OBSERVACIONES", text)
    without_acta = not WITHOUT_ACTA.isdisjoint(row.observations)
    has_votes = any(isinstance(vote, int) for vote in votes)
    should = has_votes and not without_acta and not (exceeds if ceiling is not None else flagged)
    if row.database.has(Field.COUNTED) and should != (row.counting is Counting.COUNTED):
        cell = row.cell(Field.COUNTED)
        findings.note(DatabaseCode.COUNTED_AGAINST_RULE, row.line, "CONTABILIZADA", cell)


def check_hashes(database: Database, findings: Findings) -> None:
    """Note image digests that are missing, none, or of several rows."""
    if Field.HASH not in database.layout.fields:
        return
    digests = database.values(Field.HASH, words.image_digest)
    name = database.layout.names[database.layout.fields[Field.HASH]]
    seen: set[str] = set()
    rows = zip(
        database.sheet.lines, digests, database.countings, database.observations, strict=True
    )
    for line, digest, counting, observed in rows:
        if digest is None:
            if counting in CAPTURED and WITHOUT_ACTA.isdisjoint(observed):
                findings.note(DatabaseCode.HASH_MISSING, line, name)
            continue
        if not _SHA256.match(digest):
            findings.note(DatabaseCode.HASH_MALFORMED, line, name, digest)
        elif digest in seen:
            findings.note(DatabaseCode.HASH_REPEATED, line, name, digest)
        seen.add(digest)
