"""The official CSV and ZIP formats, read and written to the digit."""

from openprep.databases.codes import DatabaseCode, UnreadableDatabase
from openprep.databases.database import Database, Dialect, KeyStyle, Row
from openprep.databases.findings import Finding, Place
from openprep.databases.limits import Limits
from openprep.databases.names import Field
from openprep.databases.preamble import Figure
from openprep.databases.reader import read_database

__all__ = [
    "Database",
    "DatabaseCode",
    "Dialect",
    "Field",
    "Figure",
    "Finding",
    "KeyStyle",
    "Limits",
    "Place",
    "Row",
    "UnreadableDatabase",
    "read_database",
]
