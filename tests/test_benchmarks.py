"""Each benchmark says what it is, on which machine, and how busy that was; all end in time."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from benchmarks import __main__ as all_of_them
from benchmarks.__main__ import BENCHES, LONGEST, Bench, lacks, run
from benchmarks.telling import command, tell

REPOSITORY = Path(__file__).parent.parent
FOLDER = REPOSITORY / "benchmarks"
COMMANDS = sorted(
    path.stem
    for path in FOLDER.glob("*.py")
    if "\nif __name__ ==" in path.read_text() and path.stem not in ("__main__", "attackers")
)
"""Modules that are run: all but what benchmarks share, and the attackers' own processes."""


@pytest.mark.parametrize("name", COMMANDS)
def test_a_benchmark_takes_help_and_tells_in_one_manner(name):
    text = (FOLDER / f"{name}.py").read_text()
    own = text[text.index("\nif __name__ ==") :] + text.partition("\ndef main()")[2]
    assert "command(__doc__)" in own
    assert f'tell("{name}", ' in own
    assert "json.dumps" not in own


def test_what_is_told_is_a_line_of_json_with_machine_and_load(capsys):
    tell("reading", {"milliseconds": 3})
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert (told["bench"], told["milliseconds"]) == ("reading", 3)
    assert {"cores", "processor", "gigabytes", "system", "python"} == told["machine"].keys()
    assert told["load"] >= 0


def test_help_is_what_the_module_says():
    assert "One thing." in command("One thing.\n\n  Another.\n").format_help()
    said = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--help"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(bench.name in said.stdout for bench in BENCHES)


def test_all_that_are_run_by_default_are_there_and_end_within_half_an_hour():
    assert {bench.name for bench in BENCHES} == set(COMMANDS) - {"lighthouse"}
    assert sum(bench.seconds for bench in BENCHES) <= LONGEST < 30 * 60


def test_every_benchmark_is_in_the_page_with_its_figures():
    page = (REPOSITORY / "docs/benchmarks.md").read_text()
    named = set(re.findall(r"`(\w+)\.py`", page))
    assert set(COMMANDS) <= named


def test_what_a_machine_lacks_is_said_first_and_left_out(monkeypatch, capsys):
    there, not_there = Bench("reading", 10), Bench("serving", 10, ("no-such-program",))
    assert list(lacks([there, not_there])) == [(not_there, "no-such-program")]
    ran = []
    monkeypatch.setattr(all_of_them, "BENCHES", (not_there, there))
    monkeypatch.setattr(all_of_them, "run", lambda bench, _: ran.append(bench) or True)
    monkeypatch.setattr(sys, "argv", ["benchmarks"])
    assert all_of_them.main() == 0
    assert ran == [there]
    assert capsys.readouterr().err == "without serving: no-such-program is not here\n"


def test_one_that_goes_on_for_too_long_is_ended_with_what_it_started(tmp_path, monkeypatch, capsys):
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks/slow.py").write_text(
        "import subprocess\n"
        "try:\n    subprocess.run(['sleep', '60'])\n"
        "finally:\n    open('ended', 'w').close()\n"
    )
    monkeypatch.chdir(tmp_path)
    began = time.monotonic()
    assert not run(Bench("slow", 1), 1)
    assert time.monotonic() - began < 20
    assert (tmp_path / "ended").exists()
    assert json.loads(capsys.readouterr().out)["ended_after_seconds"] == 1
