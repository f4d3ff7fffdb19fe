"""What checking a file gives: its findings, and its header beside what the rows give."""

from dataclasses import dataclass

from openprep.databases.database import Database
from openprep.databases.findings import Finding, Findings
from openprep.databases.limits import DEFAULT_LIMITS, Limits
from openprep.databases.recount import Recount, compare, recount
from openprep.databases.row_checks import check_rows
from openprep.databases.time_checks import check_times


@dataclass(frozen=True)
class Report:
    """A database, what its rows add up to, and every departure found in it."""

    database: Database
    recount: Recount
    findings: tuple[Finding, ...]


def check_database(database: Database, limits: Limits = DEFAULT_LIMITS) -> Report:
    """Everything that ``database`` has and the norm does not, once per kind."""
    findings = Findings(limits.places)
    findings.add(database.findings)
    counted = recount(database)
    compare(database, counted, findings)
    check_rows(database, findings)
    check_times(database, findings)
    return Report(database, counted, findings.found())
