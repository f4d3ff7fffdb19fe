"""The official databases beside the tree: the same figures and the same actas, row by row.

A database is that of an official time, whose minute is in its name; its cut is the first of kind
``database`` or ``closing`` made at that time or after. The order of the rows is the catalogue's,
which is not published, so rows are compared as a set in which each row counts.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from openprep.audit.checks.log import OUT_OF_CATALOGUE
from openprep.audit.codes import AuditCode
from openprep.audit.counting.rows import (
    RowsRead,
    are_the_same,
    as_digests,
    as_numbers,
    digests_of_rows,
)
from openprep.audit.counting.versions import ContestVersions
from openprep.audit.place import Missing, Place
from openprep.audit.report import Findings
from openprep.coded import Text, said
from openprep.databases import (
    Database,
    Figure,
    Limits,
    OfficialZip,
    UnreadableDatabase,
    ZipReader,
)
from openprep.databases.names import vote_names
from openprep.election.cut import CutKind
from openprep.wire.cut.description import ElectionDescription
from openprep.wire.cut.manifest import ContestCut, Manifest, databases_of

NAME = re.compile(r"databases/(\d{8}_\d{4})_PREP\.zip", re.ASCII)
STAMP = "%Y%m%d_%H%M"
LIMITS = Limits()


@dataclass(frozen=True)
class DatabasesAudit:
    """Audits every database that a cut lists, against the log as it was at the database's cut."""

    place: Place
    findings: Findings
    description: ElectionDescription
    versions: Mapping[str, ContestVersions]
    _zips: ZipReader = field(default_factory=lambda: ZipReader(LIMITS))
    _rows_read: defaultdict[str, RowsRead] = field(default_factory=lambda: defaultdict(RowsRead))

    def listed(
        self, manifests: Sequence[Manifest], *, newest_only: bool
    ) -> list[tuple[str, Manifest]]:
        """The databases that the last of ``manifests`` lists, each with its own cut."""
        paths = sorted(databases_of(manifests[-1]))
        cuts = [(path, self._cut_of(path, manifests)) for path in paths]
        for path, cut in cuts:
            if cut is None:
                self.findings.expect(
                    False, AuditCode.DATABASE_FIGURES, "{path}: of no cut", path=path
                )
        found = [(path, cut) for path, cut in cuts if cut is not None]
        return found[-1:] if newest_only else found

    def audit(self, path: str, size: int, cut: Manifest) -> None:
        """Hold a database against its cut."""
        official_zip = self._read(path, size)
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
            return self._zips.read(data, path)
        except (Missing, UnreadableDatabase) as error:
            self.findings.expect(
                False, AuditCode.DATABASE_ROWS, "{path}: {error}", path=path, error=error
            )
            return None

    def _compare(self, path: str, official_zip: OfficialZip, cut: Manifest) -> None:
        documents = official_zip.documents.values()
        databases = [document for document in documents if isinstance(document, Database)]
        whole = len(databases) == len(cut.contests)
        self.findings.expect(
            whole, AuditCode.DATABASE_FIGURES, "{path}: not every contest", path=path
        )
        for contest, database in zip(cut.contests, databases, strict=False):
            where = said(
                "{path} {name}, against cut {cut}", path=path, name=database.name, cut=cut.cut
            )
            self._compare_figures(contest, database, where)
            versions = self.versions.get(contest.id)
            if versions is None:  # noted, where it was read
                continue
            self._compare_rows(versions, cut.leaf, database, where)

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

    def _compare_rows(
        self, versions: ContestVersions, size: int, database: Database, where: Text
    ) -> None:
        contest = versions.declared.contest
        names = [_plain(name) for name in vote_names(c.id for c in contest.columns)]
        shown = [_plain(name) for name in database.vote_names]
        self.findings.expect(
            shown == names, AuditCode.DATABASE_ROWS, "{where}: its columns", where=where
        )
        self.findings.looked(AuditCode.DATABASE_ROWS, len(database))
        found, must = self._rows_read[contest.id].digests(database), versions.rows(size)
        numbers = as_numbers(found)
        if are_the_same(numbers, must):
            return
        if are_the_same(numbers, versions.rows(size, overflow=True)):
            self.findings.note(
                AuditCode.DATABASE_ROWS, "contiguas numbered 10 and above are written 01"
            )
            return
        digests = as_digests(must)
        rows, own = Counter(found), Counter(digests)
        wrong = self._note_wrong(rows - own, database, where)
        lacking = own - rows
        for digest, clave in zip(digests, versions.claves(size), strict=True):
            if digest in lacking and clave not in wrong:  # but for those whose row is wrong
                self.findings.fail(
                    AuditCode.DATABASE_ROWS,
                    "{where}: no row of {acta}",
                    where=where,
                    acta=clave or said("an acta out of catalogue"),
                )

    def _note_wrong(self, surplus: Counter[bytes], database: Database, where: Text) -> set[str]:
        """Note the rows that the cut does not have; their keys."""
        keys = set()
        for row, digest in zip(database.rows, digests_of_rows(database), strict=True):
            if digest in surplus:
                keys.add(row.clave_acta)
                self.findings.fail(
                    AuditCode.DATABASE_ROWS,
                    "{where}: line {line}, {acta}",
                    where=where,
                    line=row.line,
                    acta=row.clave_acta or OUT_OF_CATALOGUE,
                )
        return keys


def _plain(name: str) -> str:
    """A column's name without what some dialects put before a coalition's, or after a double."""
    return name.partition("#")[0].removeprefix("C_").upper()
