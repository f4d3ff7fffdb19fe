"""`election check` warns of what is allowed and probably not meant, each by its line."""

import shutil

import pytest
from click.testing import CliRunner

from election.shipped import CANDIDACIES, CASILLAS, ELECTIONS, append, edit
from hostile.stale_zones import zone_data_before_2022f
from openprep.cli.main import main
from openprep.election.declared.folder import load_election
from openprep.election.declared.notices import notices_of


def codes(folder):
    return {notice.code.code for notice in notices_of(folder, load_election(folder))}


def run(*words):
    return CliRunner().invoke(main, ["election", "check", *map(str, words)])


def test_a_folder_without_slips_has_no_warning(folder):
    assert codes(folder) == set()
    assert run(folder, "--strict").exit_code == 0


@pytest.mark.parametrize("name", sorted(p.parent.name for p in ELECTIONS.glob("*/election.toml")))
def test_no_shipped_election_has_a_warning(name):
    assert codes(ELECTIONS / name) == set()


SLIPS = {
    "E030": ("election.toml", "T20:00:00-05:00", "T20:00:00-06:00"),
    "E034 contests/PRES/catalogue.csv": ("election.toml", "rp_tipos = []", 'rp_tipos = ["3ERP"]'),
    "E035": ("election.toml", "2018-07-02T21:00:00", "2028-07-02T21:00:00"),
    "E036": ("parties.csv", "#009640", "#0045ad"),
    "E037": (CANDIDACIES, "*,PAN_PRD_MC", "*,FRENTE"),
    "E040": ("election.toml", "database_minutes = 15", "database_minutes = 7"),
    "E041": (CASILLAS, "010338B01002", "010338B0102"),
    "E042": (CANDIDACIES, "Ricardo Anaya Cortés", ""),
}


@pytest.mark.parametrize("code", SLIPS)
def test_a_slip_is_a_warning_and_an_error_if_asked(folder, code):
    file, old, new = SLIPS[code]
    edit(folder / file, old, new)
    assert code[:4] in codes(folder)
    said = run(folder)
    assert said.exit_code == 0
    assert f"AVISO {code if ' ' in code else f'{code} {file}'}" in said.stdout
    assert run(folder, "--strict").exit_code == 1


def test_a_folder_of_no_contest_and_a_file_that_is_there_twice(folder):
    (folder / "contests/SINDICO").mkdir()
    shutil.copy(folder / "parties.csv", folder / "parties.csv.xz")
    assert codes(folder) == {"E038", "E039"}


def test_casillas_that_contests_do_not_share(folder):
    text = (folder / "election.toml").read_text()
    contest = text[text.index("[[contest]]") :].replace('"PRES"', '"SEN"', 1)
    contest = contest.replace('package = "', 'package = "SEN_')
    (folder / "election.toml").write_text(f"{text}\n{contest}")
    shutil.copytree(folder / "contests/PRES", folder / "contests/SEN")
    assert codes(folder) == set()
    append(folder / "contests/SEN/catalogue.csv", "010338C01002,01/01,0338,C,1,0,1,2,587,")
    assert codes(folder) == {"E032"}
    append(folder / CASILLAS, "010338C01002,01/01,0338,C,1,0,1,2,588,")
    assert codes(folder) == {"E033"}


def test_zone_data_that_do_not_know_the_end_of_summer_time_are_named(folder, tmp_path):
    with zone_data_before_2022f(tmp_path / "zones"):
        said = run(ELECTIONS / "puebla-2024").stdout
        assert "AVISO E031" in said
        assert "AVISO E030" in said
        assert str(tmp_path / "zones") in said


def test_what_zone_data_are_used_is_said(folder):
    assert "zone data" in run(folder).stdout
