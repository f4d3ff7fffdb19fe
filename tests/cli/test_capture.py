"""`openprep capture`: how a house stands by exit code, and options that cannot be."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from capture.walking import pseudonym
from openprep.capture.steps import ActaReceived
from openprep.cli.main import main
from openprep.clock import system_clock
from openprep.desks.journal import Journal
from openprep.election.declared.folder import load_election
from openprep.wire.note import Signer
from small.trust import new_key

ELECTION = Path(__file__).parents[2] / "elections/puebla-2019"


def run(*arguments):
    return CliRunner().invoke(main, ["capture", *map(str, arguments)])


@pytest.fixture
def house(tmp_path):
    """The folder of a house in which one paper came."""
    journal = Journal(
        tmp_path / "house/journal.sqlite", "puebla-2019", {"D01": new_key()}, system_clock
    )
    election = load_election(ELECTION)
    acta = next(iter(election.catalogues["GUB"])).id
    person = pseudonym("ana")
    step = ActaReceived("GUB", acta, person, person, election.window.opens)
    journal.seal(("D01", step))
    yield journal
    journal.close()


def test_status_says_what_is_pending_by_its_exit_code(house, tmp_path):
    said = run("status", "--election", ELECTION, "--house", tmp_path / "house")
    assert said.exit_code == 1
    assert "GUB  received: 1" in said.output
    assert "waiting to digitise: 1" in said.output
    assert "pending: 1 envelope" in said.output
    house.mark("D01", 1)
    assert run("status", "--election", ELECTION, "--house", tmp_path / "house").exit_code == 0


@pytest.mark.usefixtures("house")
def test_status_is_json_for_other_programs(tmp_path):
    said = run("status", "--election", ELECTION, "--house", tmp_path / "house", "--json")
    assert json.loads(said.output)["papers"] == {"GUB": {"received": 1}}


def test_a_folder_that_is_no_house_has_a_code(tmp_path):
    said = run("status", "--election", ELECTION, "--house", tmp_path)
    assert (said.exit_code, "K461" in said.output) == (2, True)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--address", "0.0.0.0"), "K455"),
        (("--origin", "captura.example.mx"), "U003"),
        (("--origin", "https://captura.example.mx/x"), "U003"),
        (("--scanner", "D01"), "U003"),
        (("--scanner", "D01=/nowhere"), "U003"),
        (("--log-key", "no-key"), "U003"),
        (("--log-key", str(Signer("otra/center", new_key()).verifier)), "U003"),
        (("--policy", "none.json"), "K456"),
        (("--certificate", "none.json"), "U002"),
        (("--center", "127.0.0.1:8010"), ""),
    ],
)
def test_a_house_that_cannot_be_opened_so_says_why(tmp_path, options, code):
    shutil.copytree(ELECTION, tmp_path / "election")
    for name in ("house.people", "people.pub", "none.json"):
        (tmp_path / name).write_text("nothing")
    (tmp_path / "places").mkdir()
    options = [str(tmp_path / one) if one == "none.json" else one for one in options]
    said = run(
        *("serve", "--election", tmp_path / "election", "--house", tmp_path / "house"),
        *("--places", tmp_path / "places", "--roster", tmp_path / "house.people"),
        *("--authority", tmp_path / "people.pub", *options),
    )
    assert (said.exit_code, code in said.output) == (2, True), said.output
    assert not (tmp_path / "house").exists()


def test_a_house_without_places_says_how_they_are_made(tmp_path):
    for name in ("house.people", "people.pub"):
        (tmp_path / name).write_text("nothing")
    (tmp_path / "places").mkdir()
    said = run(
        *("serve", "--election", ELECTION, "--house", tmp_path / "house"),
        *("--places", tmp_path / "places", "--roster", tmp_path / "house.people"),
        *("--authority", tmp_path / "people.pub"),
    )
    assert (said.exit_code, "K450" in said.output) == (2, True)
