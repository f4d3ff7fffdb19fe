"""Commands of pages that need no night: what each prints is what the page says it prints."""

import os
import re

import pytest

from documented.blocks import REPOSITORY, block
from documented.reader import Moment, Reader

CHECK = block("docs/commands/election.md", "openprep election check")
GENERATE = block("docs/commands/drill.md", "openprep drill generate")
CUTS_OF_2018 = block("docs/replays.md", "openprep drill check-2018")
AN_ELECTION = block("CONTRIBUTING.md", "cp -r elections/")
ONE_TEST = block("CONTRIBUTING.md", "pytest -n 0")
FORMS_KEY = block("docs/commands/forms.md", "openprep forms key ")
ACTA = block("docs/commands/forms.md", "openprep forms print")
LABEL = block("docs/commands/forms.md", "openprep forms label")
KEYS = block("docs/commands/forms.md", "openprep forms keys")
REAL_DATABASE = block("docs/commands/database-check.md", "xz -dc")

PEOPLE = [
    block("docs/commands/people.md", words)
    for words in ("people init", "cat > people.csv", "people check", "cat > more.csv")
]


@pytest.fixture
def reader(tmp_path):
    """Somebody in a folder beside the shipped elections."""
    (tmp_path / "elections").symlink_to(REPOSITORY / "elections")
    return Reader(tmp_path)


@pytest.mark.parametrize("shown", [CHECK, GENERATE], ids=str)
def test_a_command_prints_what_the_page_shows(reader, shown):
    command, _, printed = shown.text.partition("\n")
    assert command.startswith("$ ")
    said = reader.run(shown, command=command[2:]).stdout
    parts = [re.escape(part) for part in re.split(r"…\n?", printed)]
    assert re.search(".*?".join(parts), said, re.DOTALL), said


def test_the_cuts_of_2018_hold(reader):
    assert "6,958 of 6,958 checks hold" in reader.run(CUTS_OF_2018).stdout


def test_a_real_database_has_findings_and_says_so_by_its_exit_code(reader):
    assert "D035" in reader.run(REAL_DATABASE, code=1).stdout


def test_the_people_of_a_house_are_listed_as_the_page_says(reader):
    until = Moment("2027-06-08T00:00:00-06:00", "2127-06-08T00:00:00-06:00")
    reader = Reader(reader.place, (until,))
    said = [reader.run(one).stdout for one in PEOPLE]
    assert "puebla-2027, list 1: 4 lines" in said[1]
    assert len(re.findall(r"(?m)^c01[78]\tcapturista\tD01 D02\t[0-9a-f]{32}$", said[2])) == 2
    assert "list 2: 5 lines" in said[3]
    assert "list 3: 4 lines" in said[3]


def test_an_election_begins_as_a_copy_of_a_shipped_one(reader):
    assert "GUB: 8,334 actas" in reader.run(AN_ELECTION).stdout


def test_one_file_and_one_test_are_run_as_contributors_are_told(monkeypatch):
    monkeypatch.setenv("PATH", f"{REPOSITORY / '.tools/bin'}{os.pathsep}{os.environ['PATH']}")
    for name in [name for name in os.environ if name.startswith("PYTEST_")]:
        monkeypatch.delenv(name)
    assert Reader(REPOSITORY).run(ONE_TEST).stdout.count("100%") == 2


def test_actas_labels_and_the_card_of_keys_are_printed_as_the_page_says(reader):
    assert re.fullmatch(r"[0-9a-f]{64}\n", reader.run(FORMS_KEY).stdout)
    for shown, name in ((ACTA, "acta"), (LABEL, "label"), (KEYS, "teclas")):
        reader.run(shown)
        assert (reader.place / f"{name}.pdf").read_bytes().startswith(b"%PDF-1.7")
