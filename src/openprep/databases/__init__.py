"""The official CSV and ZIP formats, read and written to the digit."""

from openprep.databases.check.report import Report, check_database
from openprep.databases.codes import HABITS, DatabaseCode, UnreadableDatabase
from openprep.databases.findings import Finding, Place
from openprep.databases.limits import Limits
from openprep.databases.names import Field
from openprep.databases.read.candidates import Candidacies, ListedCandidacy, read_candidacies
from openprep.databases.read.database import Database, Dialect, KeyStyle, Row
from openprep.databases.read.official_zip import (
    OfficialZip,
    ZipReader,
    digests_within,
    read_document,
    read_official_zip,
)
from openprep.databases.read.preamble import Figure
from openprep.databases.read.reader import read_database
from openprep.databases.told import Told

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
    "OfficialZip",
    "Place",
    "Report",
    "Row",
    "Told",
    "UnreadableDatabase",
    "ZipReader",
    "check_database",
    "digests_within",
    "read_candidacies",
    "read_database",
    "read_document",
    "read_official_zip",
]
