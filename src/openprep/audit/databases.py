"""The official databases beside the tree: the same figures and the same actas, row by row.

A database is that of an official time, whose minute is in its name; its cut is the first of kind
``database`` or ``closing`` made at that time or after. The order of the rows is the catalogue's,
which is not published, so rows are compared as a set in which each row counts.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from openprep.audit.codes import AuditCode
from openprep.audit.log import OUT_OF_CATALOGUE
from openprep.audit.place import Missing, Place
from openprep.audit.report import Findings
from openprep.audit.results import Objects, Unreadable
from openprep.coded import Text, said
from openprep.databases import (
    Database,
    Figure,
    Limits,
    OfficialZip,
    Row,
    UnreadableDatabase,
    read_official_zip,
)
from openprep.databases.names import vote_names
from openprep.election import (
    Acta,
    CasillaKind,
    Counting,
    ExpectedActa,
    FieldState,
    Level,
    VoteField,
)
from openprep.election.area_path import ids_of
from openprep.election.cut import CutKind
from openprep.wire.cut import objects
from openprep.wire.cut.manifest import ContestCut, Manifest, databases_of

NAME = re.compile(r"databases/(\d{8}_\d{4})_PREP\.zip", re.ASCII)
STAMP = "%Y%m%d_%H%M"
LIMITS = Limits()

DASHES = frozenset({FieldState.NOT_CAPTURED, FieldState.NOT_ON_BALLOT})
"""Both are written ``-``; CONTABILIZADA tells them apart."""

OVERFLOW = 10
"""Contiguas numbered 10 and above are written 01 by the generator of some authorities."""

RowFacts = tuple[Hashable, ...]


@dataclass(frozen=True)
class DatabasesAudit:
    """Audits every database that a cut lists."""

    place: Place
    findings: Findings
    description: objects.ElectionDescription

    def audit(self, manifests: Sequence[Manifest], *, newest_only: bool = False) -> None:
        """Hold each database that the last of ``manifests`` lists against its own cut."""
        listed = sorted(databases_of(manifests[-1]))
        for path in listed[-1:] if newest_only else listed:
            cut = self._cut_of(path, manifests)
            if cut is None:
                self.findings.expect(
                    False, AuditCode.DATABASE_FIGURES, "{path}: of no cut", path=path
                )
                continue
            official_zip = self._read(path, manifests[-1].files[path].size)
            if official_zip is not None:
                self._compare(path, official_zip, cut)

    def _cut_of(self, path: str, manifests: Sequence[Manifest]) -> Manifest | None:
        match = NAME.fullmatch(path)
        if match is None:
            return None
        at = self._official_time(match[1])
        kinds = (CutKind.DATABASE, CutKind.CLOSING)
        later = (manifest for manifest in manifests if manifest.time.replace(tzinfo=None) >= at)
        return next((manifest for manifest in later if manifest.kind in kinds), None)

    def _official_time(self, stamp: str) -> datetime:
        """Official times count in whole minutes from the opening; the last is the closing.

        All are as the centre wrote them: an auditor's own zone data, which may be older than the
        end of summer time in 2022, are never asked.
        """
        minute = datetime.strptime(stamp, STAMP)  # noqa: DTZ007 - as written
        window = self.description.window
        opens, closes = window.opens, window.closes.replace(tzinfo=None)
        return min(minute.replace(second=opens.second, microsecond=opens.microsecond), closes)

    def _read(self, path: str, size: int) -> OfficialZip | None:
        try:
            data = self.place.read(path, min(size, LIMITS.file_bytes))
            return read_official_zip(data, LIMITS, path)
        except (Missing, UnreadableDatabase) as error:
            self.findings.expect(
                False, AuditCode.DATABASE_ROWS, "{path}: {error}", path=path, error=error
            )
            return None

    def _compare(self, path: str, official_zip: OfficialZip, cut: Manifest) -> None:
        documents = official_zip.documents.values()
        databases = [document for document in documents if isinstance(document, Database)]
        declared = {contest.id: contest for contest in self.description.contests}
        whole = len(databases) == len(cut.contests)
        self.findings.expect(
            whole, AuditCode.DATABASE_FIGURES, "{path}: not every contest", path=path
        )
        for contest, database in zip(cut.contests, databases, strict=False):
            where = said(
                "{path} {name}, against cut {cut}", path=path, name=database.name, cut=cut.cut
            )
            self._compare_figures(contest, database, where)
            actas = _Actas(self.place, self.description, declared[contest.id], contest.results)
            try:
                self._compare_rows(actas, database, where)
            except Unreadable as error:
                self.findings.expect(
                    False,
                    AuditCode.DATABASE_ROWS,
                    "{where}: {error} cannot be read",
                    where=where,
                    error=error,
                )

    def _compare_figures(self, contest: ContestCut, database: Database, where: Text) -> None:
        figures = database.preamble.figures
        for figure, value in zip(Figure, contest.summary.figures, strict=True):
            self.findings.expect(
                figures.get(figure) == value,
                AuditCode.DATABASE_FIGURES,
                "{where}: {figure} is {shown}, the cut has {value}",
                where=where,
                figure=figure.value,
                shown=figures.get(figure),
                value=value,
            )

    def _compare_rows(self, actas: "_Actas", database: Database, where: Text) -> None:
        names = [_plain(name) for name in vote_names(c.id for c in actas.contest.columns)]
        shown = [_plain(name) for name in database.vote_names]
        self.findings.expect(
            shown == names, AuditCode.DATABASE_ROWS, "{where}: its columns", where=where
        )
        self.findings.looked(AuditCode.DATABASE_ROWS, len(database))
        rows = Counter(_short(_facts_of_row(row)) for row in database.rows)
        must = Counter(_short(_facts_of(acta)) for acta in actas)
        if rows == must:
            return
        if rows == Counter(_short(_facts_of(acta, overflow=True)) for acta in actas):
            self.findings.note(
                AuditCode.DATABASE_ROWS, "contiguas numbered 10 and above are written 01"
            )
            return
        self._note_difference(rows - must, must - rows, actas, database, where)

    def _note_difference(
        self,
        surplus: Counter[bytes],
        lacking: Counter[bytes],
        actas: "_Actas",
        database: Database,
        where: Text,
    ) -> None:
        wrong = [row for row in database.rows if _short(_facts_of_row(row)) in surplus]
        for row in wrong:
            self.findings.fail(
                AuditCode.DATABASE_ROWS,
                "{where}: line {line}, {acta}",
                where=where,
                line=row.line,
                acta=row.clave_acta or OUT_OF_CATALOGUE,
            )
        shown = {row.clave_acta for row in wrong}
        for facts in map(_facts_of, actas):
            if _short(facts) in lacking and facts[0] not in shown:
                self.findings.fail(
                    AuditCode.DATABASE_ROWS,
                    "{where}: no row of {acta}",
                    where=where,
                    acta=facts[0] or said("an acta out of catalogue"),
                )


class _Shown(NamedTuple):
    """An acta as a cut shows it; ``expected`` is ``None`` out of catalogue."""

    entity: str
    expected: ExpectedActa | None
    acta: Acta | None
    counting: Counting


class _Actas:
    """Every acta that a cut shows of a contest, read anew each time it is iterated.

    Raises:
        Unreadable: (while iterated) an object is missing or altered.
    """

    def __init__(
        self,
        place: Place,
        description: objects.ElectionDescription,
        contest: objects.PublishedContest,
        root: objects.Ref,
    ) -> None:
        self.contest = contest
        self._root = root
        self._description = description
        self._objects = Objects(place, Findings())

    def __iter__(self) -> Iterator[_Shown]:
        waiting = [self._root]
        while waiting:
            match self._objects.find(waiting.pop(), said("an object of that cut")):
                case objects.AreaResults(children=children, out_of_catalogue=outside):
                    waiting += [child.object for child in children]
                    waiting += [outside] if outside else []
                case objects.SeccionResults(actas=actas):
                    for placed in actas:
                        entity = self._entity(placed.expected)
                        yield _Shown(entity, placed.expected, placed.acta, placed.counting)
                case objects.OutOfCatalogue(actas=alone):
                    for acta in alone:
                        yield _Shown("", None, acta, Counting.OUT_OF_CATALOGUE)

    def _entity(self, expected: ExpectedActa) -> str:
        if Level.ENTITY not in self.contest.levels:
            return self._description.root.path
        return ids_of(expected.area)[self.contest.levels.index(Level.ENTITY)]


def _plain(name: str) -> str:
    """A column's name without what some dialects put before a coalition's, or after a double."""
    return name.partition("#")[0].removeprefix("C_").upper()


def _short(facts: RowFacts) -> bytes:
    """A digest of what a row says: half a million rows must fit in memory."""
    return hashlib.blake2b(msgspec.json.encode(facts), digest_size=16).digest()


def _facts_of(shown: _Shown, *, overflow: bool = False) -> RowFacts:
    """What the row of an acta of the tree must say."""
    entity, expected, acta, counting = shown
    if expected is None:
        image = acta.image_sha256 if acta else None
        return "", _observed(acta), image, acta and _second(acta)
    number = expected.number
    if overflow and expected.kind is CasillaKind.CONTIGUA and number >= OVERFLOW:
        number = 1
    clave = (
        f"{entity}{expected.seccion or '0000'}{expected.kind.value}"
        f"{number:02}{expected.extension:02}{expected.tipo_acta}"
    )
    return (
        clave,
        expected.lista_nominal,
        expected.representatives,
        expected.location,
        counting,
        *_figures(acta),
    )


def _facts_of_row(row: Row) -> RowFacts:
    """The same of a row of a database."""
    if row.counting is Counting.OUT_OF_CATALOGUE:
        acta = row.acta("", None)
        return "", _observed(acta), acta.image_sha256, _second(acta)
    captured = row.counting is not Counting.NOT_CAPTURED
    return (
        row.clave_acta,
        row.lista_nominal,
        row.representatives,
        row.location,
        row.counting,
        *_figures(row.acta("", None) if captured else None),
    )


def _figures(acta: Acta | None) -> RowFacts:
    """What is compared of a captured acta, in the precision of a database: whole seconds."""
    if acta is None:
        return ()
    fields = (
        *acta.votes,
        acta.surplus_ballots,
        acta.people_voted,
        acta.representatives_voted,
        acta.ballots_taken,
        acta.total_written,
    )
    times = (acta.received_at, acta.captured_at, acta.verified_at)
    return (
        fields if all(type(field) is int for field in fields) else tuple(map(_field, fields)),
        _observed(acta),
        acta.image_sha256,
        tuple(at and at.astimezone(UTC).replace(microsecond=0) for at in times),
        (acta.origin, acta.digitization, acta.document),
    )


def _observed(acta: Acta | None) -> RowFacts:
    """What was observed, in one order: federal files begin with EXCEDE LISTA NOMINAL."""
    return tuple(sorted(observation.value for observation in (acta.observations if acta else ())))


def _field(value: VoteField) -> VoteField:
    return FieldState.NOT_CAPTURED if value in DASHES else value


def _second(acta: Acta) -> datetime | None:
    at = acta.received_at
    return at and at.astimezone(UTC).replace(microsecond=0)
