"""What is written cannot run in a spreadsheet, and does not change from one writing to the next."""

import csv
import io
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from databases.official import contest_database, night
from openprep.databases import Database, check_database, read_database, read_official_zip
from openprep.databases.write.cells import HARMLESS, protect
from openprep.databases.write.official_zip import OfficialZips, name_at
from openprep.databases.write.writer import write_database
from openprep.election import Election
from openprep.spreadsheets import FORMULA_STARTS

CUT = datetime(2024, 6, 3, 20, tzinfo=ZoneInfo("America/Mexico_City"))


@given(st.text())
def test_no_cell_begins_like_a_formula(cell: str) -> None:
    written = protect(cell)
    assert written in HARMLESS or not written.startswith(FORMULA_STARTS)
    assert written in (cell, f"'{cell}")


@pytest.mark.parametrize(
    "attack", ['=HYPERLINK("http://x","y")', "+1", "@SUM(A1)", "-1+cmd|'/c'!A0"]
)
def test_a_station_cannot_put_a_formula_in_the_database(puebla: Election, attack: str) -> None:
    database = contest_database(puebla, "GUB", read_database(night("20240603_2000", "GUB")))
    first = next(iter(database.actas))
    attacked = msgspec.structs.replace(database.actas[first], transfer=attack)
    actas = {**database.actas, first: attacked}
    data = write_database(puebla, "GUB", msgspec.structs.replace(database, actas=actas), CUT)
    lines = csv.reader(io.StringIO(data.decode("utf-8-sig")))
    cells = {cell for line in lines for cell in line}
    assert f"'{attack}" in cells
    assert attack not in cells


def test_the_package_is_the_same_bytes_and_reads_back(puebla: Election) -> None:
    official = read_database(night("20240603_2000", "GUB"))
    databases = {"GUB": contest_database(puebla, "GUB", official)}
    zips = OfficialZips(puebla)
    data = zips.write(CUT, databases)
    assert name_at(CUT) == "20240603_2000_PREP.zip"
    assert zips.write(CUT, databases) == data == OfficialZips(puebla).write(CUT, databases)
    official_zip = read_official_zip(data)
    inner = "20240603_2000_PREP_GUB_PUE.zip"
    assert list(official_zip.documents) == [
        f"{inner}/PUE_GUB_2024.csv",
        f"{inner}/PUE_GUB_Candidaturas_2024.csv",
    ]
    assert official_zip.others == (f"{inner}/LEEME.txt",)
    read = official_zip.documents[f"{inner}/PUE_GUB_2024.csv"]
    assert isinstance(read, Database)
    assert check_database(read).findings == check_database(official).findings
