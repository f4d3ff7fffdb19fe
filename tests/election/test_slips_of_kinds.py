"""Slips in an election folder of the kinds that people make: refused or told, the cause first."""

import shutil

import pytest
from click.testing import CliRunner

from election.shipped import CANDIDACIES, CASILLAS, COLUMNS, append, edit
from openprep.cli.main import main
from openprep.election.declared.folder import folder_digest

FILES = ("parties.csv", "areas.csv", COLUMNS, CANDIDACIES, CASILLAS)
ROW = "010338B01002,01/01,0338,B,1,0,1,2,587,"


def check(folder):
    """Mistakes and warnings that `election check --strict` prints, and its exit code."""
    said = CliRunner().invoke(main, ["election", "check", str(folder), "--strict"])
    assert said.exception is None or isinstance(said.exception, SystemExit), said.exception
    lines = said.output.splitlines()
    return [line for line in lines if line.startswith(("E0", "AVISO"))], said.exit_code


def codes(folder):
    lines, _ = check(folder)
    return {line.removeprefix("AVISO ")[:4] for line in lines}


def first(folder):
    lines, code = check(folder)
    assert code == 2
    return lines[0]


@pytest.mark.parametrize("file", FILES)
def test_a_file_without_rows_is_the_one_mistake(folder, file):
    path = folder / file
    path.write_text(path.read_text().splitlines()[0] + "\n")
    lines, code = check(folder)
    assert (code, len(lines)) == (2, 1)
    assert lines[0].startswith(f"E010 {file}: it has no row")


@pytest.mark.parametrize("file", FILES)
def test_a_folder_in_place_of_a_file_is_called_one(folder, file):
    (folder / file).unlink()
    (folder / file).mkdir()
    assert first(folder) == f"E001 {file}: this is a folder, not a file"


@pytest.mark.parametrize("file", [*FILES, "election.toml"])
def test_lines_of_old_macs_are_called_so(folder, file):
    path = folder / file
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r"))
    assert "CR alone" in first(folder)


@pytest.mark.parametrize("file", FILES)
def test_a_quote_that_is_never_closed_is_told_where_it_begins(folder, file):
    path = folder / file
    header, row, *rest = path.read_text().split("\n")
    path.write_text("\n".join([header, row.replace(",", ',"', 1), *rest]))
    assert first(folder).startswith(f"E002 {file}:2:")


@pytest.mark.parametrize("file", FILES)
def test_a_row_of_commas_is_told_before_what_follows_from_it(folder, file):
    path = folder / file
    append(path, "," * path.read_text().splitlines()[0].count(","))
    assert "a row of nothing but commas" in first(folder)


@pytest.mark.parametrize("file", ["parties.csv", "areas.csv", COLUMNS])
def test_blanks_around_an_id_are_told_and_not_what_does_not_find_it(folder, file):
    path = folder / file
    header, row, *rest = path.read_text().split("\n")
    path.write_text("\n".join([header, row.replace(",", " , "), *rest]))
    assert "E009" not in codes(folder)
    assert first(folder)[5:].startswith(f"{file}:2:")


def test_levels_that_are_not_those_of_the_areas_are_told_once_for_each_area(folder):
    edit(folder / "election.toml", 'levels = ["entity", "district"]', 'levels = ["district"]')
    append(folder / CASILLAS, ROW.replace("0338", "0339"))
    lines, _ = check(folder)
    told = [line for line in lines if CASILLAS in line]
    assert len(told) == 1
    assert "as the levels of the contest" in told[0]


def test_a_contest_that_is_declared_twice_is_told_first(folder):
    text = (folder / "election.toml").read_text()
    (folder / "election.toml").write_text(text + "\n" + text[text.index("[[contest]]") :])
    assert first(folder).startswith("E008 election.toml")


@pytest.mark.parametrize(
    ("file", "row"),
    [
        ("parties.csv", "pan,Otro,#123456"),
        ("areas.csv", "district,01/aa,Uno\ndistrict,01/AA,Otro"),
        (CASILLAS, ROW.replace("B01002", "b01002").replace(",B,1,", ",B,2,")),
    ],
)
def test_ids_that_differ_in_case_only_are_one_to_some_disks(folder, file, row):
    append(folder / file, row)
    assert first(folder).startswith(f"E008 {file}")


@pytest.mark.parametrize("year", ["0001", "1019", "9999"])
@pytest.mark.parametrize("key", ["opens = 2018", "closes = 2018"])
def test_a_window_in_no_year_of_any_prep_is_refused(folder, key, year):
    edit(folder / "election.toml", key, key.replace("2018", year))
    assert "E005" in codes(folder)


@pytest.mark.parametrize("zone", ["localtime", "posixrules", "CST6CDT", "Factory"])
def test_a_zone_that_is_of_no_place_is_refused(folder, zone):
    edit(folder / "election.toml", "America/Mexico_City", zone)
    assert codes(folder) == {"E005"}


def test_a_window_that_is_no_night_of_an_election_is_told(folder):
    edit(folder / "election.toml", "2018-07-02T21:00:00", "2018-07-01T21:00:00")
    assert codes(folder) == {"E045"}
    edit(folder / "election.toml", "opens = 2018-07-01T20", "opens = 2018-07-01T08")
    assert codes(folder) == {"E045"}


@pytest.mark.parametrize("name", ["ID", "PARTIDO_CI", "PARTIDO_CI A", "A B C PARTIDO_CI D", "A A"])
def test_columns_of_candidacies_that_cannot_be_written_are_refused(folder, name):
    text = (folder / "election.toml").read_text()
    line = next(line for line in text.splitlines() if line.startswith("candidacy_columns"))
    names = ", ".join(f'"{column}"' for column in name.split())
    edit(folder / "election.toml", line, f"candidacy_columns = [{names}]")
    assert codes(folder) == {"E010"}


@pytest.mark.parametrize("name", ["PAN", "SECCION", "LISTA_NOMINAL"])
def test_a_unit_s_column_has_the_name_of_no_other(folder, name):
    text = (folder / "election.toml").read_text()
    line = next(line for line in text.splitlines() if line.startswith("unit_id_column"))
    edit(folder / "election.toml", line, f'unit_id_column = "{name}"')
    assert codes(folder) == {"E015"}


@pytest.mark.parametrize("colour", ["#0045ad", "#0045AE", "#0347b0"])
def test_colours_that_nobody_tells_apart_are_told(folder, colour):
    edit(folder / "parties.csv", "#009640", colour)
    assert codes(folder) == {"E036"}


def test_a_combination_that_is_not_called_after_its_parties_is_told(folder):
    edit(folder / COLUMNS, "PAN_PRD,combination,PAN PRD", "PAN_PRD,combination,PAN MC")
    assert "E044" in codes(folder)


def test_a_file_that_is_no_part_is_told_and_changes_no_digest(folder):
    digest = folder_digest(folder)
    shutil.copy(folder / CASILLAS, folder / "contests/PRES/catalogue (1).csv")
    (folder / "contests/PRES/.DS_Store").write_bytes(b"\0")
    (folder / "parties.csv.bak").write_text("x")
    assert codes(folder) == {"E043"}
    assert folder_digest(folder) == digest


@pytest.mark.parametrize("file", ["parties.csv", "areas.csv"])
def test_a_party_and_an_area_have_a_name(folder, file):
    path = folder / file
    header, row, *rest = path.read_text().split("\n")
    cells = row.split(",")
    cells[1 if file == "parties.csv" else 2] = " "
    path.write_text("\n".join([header, ",".join(cells), *rest]))
    assert first(folder) == f"E005 {file}:2: name must not be blank"
