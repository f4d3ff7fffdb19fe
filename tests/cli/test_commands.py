"""The command as its users type it, rightly and wrongly."""

import json
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from openprep.cli.main import COMMANDS, main
from openprep.coded import counted
from openprep.wire.note import Verifier

REPOSITORY = Path(__file__).parent.parent.parent
PUEBLA = REPOSITORY / "elections/puebla-2019"


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_help_lists_every_command_in_one_line_each():
    listed = run("--help").output
    for name, line in COMMANDS.items():
        assert name in listed
        assert line.split(".")[0].split(":")[0] in " ".join(listed.split())


def test_an_unknown_command_is_refused_by_name():
    answer = run("centre")
    assert answer.exit_code == 2
    assert "centre" in answer.output


def test_a_station_does_not_load_the_arithmetic_of_the_centre():
    code = (
        "import sys; import openprep.cli.station.commands, openprep.transmission.station.delivery,"
        " openprep.transmission.station.outbox, openprep.drill.nights.station;"
        "print(sorted({'numpy', 'scipy', 'polars'} & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert answer.stdout.strip() == "[]"


def test_election_check_says_what_a_folder_declares():
    answer = run("election", "check", PUEBLA)
    assert answer.exit_code == 0
    assert "GUB: 7,672 actas" in answer.output
    assert re.search(r"digest [0-9a-f]{64}", answer.output)


def test_election_check_prints_every_mistake_with_file_and_line_and_leaves_with_2(tmp_path):
    folder = tmp_path / "election"
    shutil.copytree(PUEBLA, folder)
    parties = folder / "parties.csv"
    parties.write_text(parties.read_text().replace("#0045ad", "azul").replace("#009640", "verde"))
    answer = run("election", "check", folder)
    assert answer.exit_code == 2
    assert "E005 parties.csv:2" in answer.output
    assert "E005 parties.csv:3" in answer.output
    assert "nothing was used" in answer.output


def test_center_init_makes_a_private_key_once_and_prints_its_public_half(tmp_path):
    answer = run("center", "init", "--election", PUEBLA, "--data", tmp_path / "center")
    assert answer.exit_code == 0
    verifier = Verifier.parse(answer.stdout)
    assert verifier.name == "puebla-2019/center"
    key = tmp_path / "center" / "center.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    again = run("center", "init", "--election", PUEBLA, "--data", tmp_path / "center")
    assert again.exit_code == 2
    assert "P002" in again.output
    assert "openprep center show" in again.output
    shown = run("center", "show", "--election", PUEBLA, "--data", tmp_path / "center")
    assert shown.exit_code == 0
    assert shown.stdout == answer.stdout
    assert f"--log-key '{verifier}' 0" in shown.output


def test_center_run_refuses_a_key_that_others_may_read(tmp_path):
    run("center", "init", "--election", PUEBLA, "--data", tmp_path)
    (tmp_path / "center.key").chmod(0o644)
    (tmp_path / "stations.json").write_text("[]")
    answer = run(
        *("center", "run", "--election", PUEBLA, "--data", tmp_path, "--without-page"),
        *("--stations", tmp_path / "stations.json", "--inbox-port", 0, "--tree-port", 0),
    )
    assert answer.exit_code == 2
    assert "chmod 600" in answer.output


def test_mirror_follow_refuses_what_is_not_a_key(tmp_path):
    answer = run(
        *("mirror", "follow", "--from", "http://127.0.0.1:9", "--election", "puebla-2019"),
        *("--key", "nonsense", "--data", tmp_path, "--port", 0),
    )
    assert answer.exit_code == 2
    assert "not a verifier key" in answer.output


def test_mirror_run_and_join_need_a_folder_that_was_initialised(tmp_path):
    root = tmp_path / "root.json"
    root.write_text("{}")
    joining = ("--center", "http://127.0.0.1:9", "--root", root, "--fingerprint", "1")
    for command in (("run",), ("join", *joining)):
        answer = run("mirror", *command, "--data", tmp_path)
        assert answer.exit_code == 2
        assert "M023" in answer.output


def test_mirror_init_says_what_cannot_stand_in_a_request_and_keeps_nothing(tmp_path):
    data = tmp_path / "mirror"
    wanted = ("--election", "puebla-2024", "--id", "tec", "--name", "Tec", "--data", data)
    answer = run("mirror", "init", *wanted, "--address", "http://prep.example")
    assert answer.exit_code == 2
    assert "not an https address" in answer.output
    assert not (data / "keys").exists()
    answer = run("mirror", "init", *wanted, "--address", "https://prep.example")
    assert answer.exit_code == 0
    assert "read it this number" in answer.output
    again = run("mirror", "show", "--data", data)
    assert again.exit_code == 0
    assert "read it this number" in again.output
    assert "id tec" in again.output


def test_mirror_status_tells_the_cut_and_the_last_trouble(tmp_path):
    status = tmp_path / "status.json"
    status.write_text(json.dumps({"cut": 4, "cut_time": None, "failures": 0}))
    assert run("mirror", "status", "--data", tmp_path).exit_code == 0
    status.write_text(json.dumps({"cut": 4, "failures": 3, "error": "M001 nobody answers"}))
    answer = run("mirror", "status", "--data", tmp_path)
    assert answer.exit_code == 1
    assert "3 failures in a row: M001" in answer.output


def test_mirror_status_of_a_process_that_was_not_heard_of_is_to_be_looked_at(tmp_path):
    for minutes, code in ((1, 0), (3, 1)):
        heard = datetime.now(UTC) - timedelta(minutes=minutes)
        (tmp_path / "status.json").write_text(json.dumps({"cut": 4, "heard": heard.isoformat()}))
        for form in ((), ("--json",)):
            answer = run("mirror", "status", "--data", tmp_path, *form)
            assert (answer.exit_code, "M057 since" in answer.output) == (code, bool(code))
        metrics = run("mirror", "status", "--data", tmp_path, "--metrics")
        assert metrics.exit_code == code
        assert f"openprep_mirror_trouble {code:.1f}" in metrics.output


@pytest.mark.parametrize("speed", ["0", "-1", "fast", "1e12", "nan", ""])
def test_the_demo_takes_a_speed_or_max_and_nothing_else(speed, tmp_path):
    answer = run("demo", "--speed", speed, "--data", tmp_path)
    assert answer.exit_code == 2
    assert "not a factor above 0, nor 'max'" in answer.output


LISTENING = [
    ("center", "run", "--inbox-port"),
    ("center", "run", "--tree-port"),
    ("center", "serve", "--port"),
    ("center", "self-test", "--tree-port"),
    ("mirror", "run", "--port"),
    ("mirror", "follow", "--port"),
    ("mirror", "serve", "--port"),
    ("mirror", "self-test", "--port"),
    ("demo", "--port"),
]


@pytest.mark.parametrize("words", LISTENING, ids=" ".join)
@pytest.mark.parametrize("port", [65536, 81211, -1])
def test_a_port_that_there_is_not_is_refused_at_once(words, port):
    answer = run(*words, port)
    assert answer.exit_code == 2
    assert "65535" in answer.output


ASKING = [
    ("station", "send", "--center"),
    ("station", "replay", "--center"),
    ("drill", "stations", "--center"),
    ("watch", "--center"),
    ("mirror", "follow", "--from"),
]


@pytest.mark.parametrize("words", ASKING, ids=" ".join)
@pytest.mark.parametrize(
    "address", ["127.0.0.1:8010", "prep.example", "ftp://prep.example", "http://", "http://a:99999"]
)
def test_what_is_no_address_is_refused_at_once_and_not_asked_for_ever(words, address):
    answer = run(*words, address)
    assert answer.exit_code == 2
    assert repr(address) in answer.output


def test_a_folder_that_is_no_centre_is_not_told_as_a_centre_where_nothing_waits(tmp_path):
    for command in ("status", "conflicts"):
        answer = run("center", command, "--election", PUEBLA, "--data", tmp_path)
        assert answer.exit_code == 2
        assert f"P050 {tmp_path}" in answer.output
    answer = run("center", "clock", "--data", tmp_path, "--confirm")
    assert answer.exit_code == 2
    assert "P050" in answer.output
    assert not list(tmp_path.iterdir())


def test_a_centre_is_not_begun_in_a_folder_without_its_key(tmp_path):
    answer = run("center", "run", "--election", PUEBLA, "--data", tmp_path / "centre")
    assert answer.exit_code == 2
    assert "center init" in answer.output
    assert not (tmp_path / "centre").exists()


def test_mirror_status_of_a_folder_where_nothing_runs_says_what_to_look_at(tmp_path):
    answer = run("mirror", "status", "--data", tmp_path)
    assert answer.exit_code == 2
    assert f"M055 {tmp_path}" in answer.output


@pytest.mark.parametrize("workers", [1, 2])
def test_a_port_that_is_taken_ends_mirror_serve_with_its_code(tmp_path, workers):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = (sys.executable, "-m", "openprep", "mirror", "serve", "--data", str(tmp_path))
        answer = subprocess.run(
            [*command, "--port", str(port), "--workers", str(workers)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert answer.returncode == 2
    assert f"M054 127.0.0.1:{port}" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_port_that_is_taken_ends_mirror_follow_with_its_code(tmp_path):
    run("center", "init", "--election", PUEBLA, "--data", tmp_path / "center")
    key = run("center", "show", "--election", PUEBLA, "--data", tmp_path / "center").stdout.strip()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = run(
            *("mirror", "follow", "--from", "http://127.0.0.1:9", "--election", "puebla-2019"),
            *("--key", key, "--data", tmp_path / "copy", "--port", port, "--without-page"),
        )
    assert answer.exit_code == 2
    assert f"M054 127.0.0.1:{port}" in answer.output


WRONG_CLOCKS = {
    "empty": b"",
    "cut short": b'{"replayed":"2024-06-02T20:00:00-06:00","real":1,',
    "no text": b"\xff\xfe",
    "nested": b"[" * 60_000,
    "without a zone": b'{"replayed":"2024-06-02","real":1,"speed":1,"limit":"2024-06-03"}',
    "another thing": b'{"election":"puebla-2024"}',
    "not there": None,
}


@pytest.mark.parametrize("wrong", WRONG_CLOCKS)
def test_a_file_that_is_no_clock_of_a_replay_is_a_wrong_use_and_no_traceback(tmp_path, wrong):
    path = tmp_path / "clock.json"
    if WRONG_CLOCKS[wrong] is not None:
        path.write_bytes(WRONG_CLOCKS[wrong])
    member = ("--election", "puebla-2019", "--id", "tec", "--name", "Tec")
    said = run("mirror", "init", "--data", tmp_path / "m", *member, "--replay-clock", path)
    assert said.exit_code == 2, said.output
    assert f"--replay-clock {path}: " in said.output


@pytest.mark.parametrize(
    "words",
    [
        ("center", "run", "--data", "center"),
        ("--nosuch",),
        ("nosuch",),
        ("station", "send", "--nosuch"),
        ("station", "nosuch"),
        ("mirror", "serve", "--port", "many"),
        ("audit", "tree"),
        ("ceremony", "start", "--out"),
    ],
)
def test_a_command_that_is_misspelt_or_lacks_something_is_told_under_a_code(words):
    answer = CliRunner().invoke(main, words)
    assert answer.exit_code == 2
    assert re.search(r"^Error: .*\b[A-Z]\d{3} ", answer.output, re.MULTILINE), answer.output


@pytest.mark.parametrize("group", ["station", "center", "ceremony"])
def test_a_group_without_a_command_still_shows_its_help(group):
    answer = CliRunner().invoke(main, [group])
    assert "Commands:" in answer.output
    assert "U005" not in answer.output


def test_a_passphrase_without_a_terminal_is_refused_with_the_way_to_give_it(tmp_path):
    """Run apart from any terminal: Python's own prompt would warn, and read what comes in."""
    words = ("ceremony", "key", "--name", "Ana", "--out", str(tmp_path / "ana"))
    told = subprocess.run(
        [sys.executable, "-m", "openprep", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
        env={key: value for key, value in os.environ.items() if key != "OPENPREP_PASSPHRASE"},
    )
    assert told.returncode == 2
    assert "U006 passphrase: give --passphrase-file, or OPENPREP_PASSPHRASE" in told.stderr
    assert "GetPassWarning" not in told.stderr
    assert "Aborted" not in told.stderr


def test_a_passphrase_that_is_piped_in_is_taken_without_a_warning(tmp_path):
    words = ("ceremony", "key", "--name", "Ana", "--out", str(tmp_path / "ana"))
    told = subprocess.run(
        [sys.executable, "-m", "openprep", *words],
        input="una frase larga y larga\n" * 2,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
        env={key: value for key, value in os.environ.items() if key != "OPENPREP_PASSPHRASE"},
    )
    assert told.returncode == 0, told.stderr
    assert "GetPassWarning" not in told.stderr


def test_a_number_that_nobody_can_be_asked_for_names_its_option(tmp_path):
    (tmp_path / "1.root.json").write_text("{}")
    words = ("trust", "join", "--root", str(tmp_path / "1.root.json"))
    words += ("--center", "https://x.example", "--to", str(tmp_path / "trust"))
    answer = CliRunner().invoke(main, words)
    assert answer.exit_code == 2
    assert "U006 number spoken aloud: give --fingerprint" in answer.output


def test_what_a_first_version_lacks_is_named_alone_and_before_the_election_is_read(tmp_path):
    words = ["ceremony", "start", "--election", str(tmp_path), "--out", str(tmp_path / "new")]
    words += ["--enrolment-expires", "2099-01-01T00:00:00-06:00", "--quorum", "1"]
    answer = CliRunner().invoke(main, words)
    assert answer.exit_code == 2
    assert "the first version lacks --log-key, --retain-until" in answer.output
    assert "checking that" not in answer.output


def test_a_folder_for_a_proposal_that_is_used_is_a_wrong_value(tmp_path):
    (tmp_path / "old").write_text("")
    words = ["ceremony", "start", "--out", str(tmp_path)]
    words += ["--enrolment-expires", "2099-01-01T00:00:00-06:00"]
    answer = CliRunner().invoke(main, words)
    assert answer.exit_code == 2
    assert "U003 --out" in answer.output
    assert "make a command together" not in answer.output


@pytest.mark.parametrize(("count", "words"), [(0, "0 facts"), (1, "1 fact"), (1432, "1,432 facts")])
def test_one_of_a_thing_is_not_called_many(count, words):
    assert counted(count, "fact") == words
