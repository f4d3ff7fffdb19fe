"""The official CSV and ZIP formats, read and written to the digit."""

from openprep.databases.archive import Package, digests_within, read_document, read_package
from openprep.databases.candidates import Candidacies, ListedCandidacy, read_candidacies
from openprep.databases.codes import HABITS, DatabaseCode, UnreadableDatabase
from openprep.databases.database import Database, Dialect, KeyStyle, Row
from openprep.databases.findings import Finding, Place
from openprep.databases.limits import Limits
from openprep.databases.names import Field
from openprep.databases.preamble import Figure
from openprep.databases.reader import read_database
from openprep.databases.report import Report, Told, check_database

__all__ = [
    "HABITS",
    "Candidacies",
    "Database",
    "DatabaseCode",
    "Dialect",
    "Field",
    "Figure",
    "Finding",
    "KeyStyle",
    "Limits",
    "ListedCandidacy",
    "Package",
    "Place",
    "Report",
    "Row",
    "Told",
    "UnreadableDatabase",
    "check_database",
    "digests_within",
    "read_candidacies",
    "read_database",
    "read_document",
    "read_package",
]
