"""The commands of the centre's runbook do what it says, as they stand there."""

import re
import shlex
import shutil
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from openprep.ceremony.enrolment import Changes, from_enrolled
from openprep.cuts.signing_key import load_signer, make_key
from openprep.election.cut import CutKind
from openprep.election.declared.folder import load_election
from openprep.record.events import CutMade
from openprep.record.sqlite import Record
from openprep.transmission.keys import Enrolled
from openprep.wire.log.checkpoint import Checkpoint, sign_checkpoint
from small.publishers import free_port
from small.trust import SmallTrust, request
from transmission.small_center import KEYS

REPOSITORY = Path(__file__).parent.parent
RUNBOOK = (REPOSITORY / "docs/runbook.md").read_text().split("# Runbook of the centre")[1]
COMMANDS = [
    [line for line in block.splitlines() if line]
    for block in re.findall(r"```sh\n(.*?)```", RUNBOOK, re.DOTALL)
]
STATIONS = from_enrolled(
    Enrolled(name, name, key.public_key().public_bytes_raw().hex(), reports=("*",))
    for name, key in KEYS.items()
)


@pytest.fixture
def publisher():
    """A publisher's site, which shows ``held``: a note, or nothing yet."""

    class Site(BaseHTTPRequestHandler):
        held = None

        def do_GET(self):
            self.send_response(200 if Site.held else 503)
            self.end_headers()
            self.wfile.write(Site.held or b"")

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Site.url = f"http://127.0.0.1:{server.server_port}"
    yield Site
    server.shutdown()


@pytest.fixture
def place(tmp_path, publisher):
    """An election whose ceremony was held: ELECTION and DATA as in the runbook."""
    opens = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    shutil.copytree(REPOSITORY / "elections/puebla-2019", tmp_path / "ELECTION")
    declared = tmp_path / "ELECTION/election.toml"
    text = declared.read_text()
    for key, at in (("opens", opens), ("closes", opens + timedelta(hours=24))):
        text = re.sub(rf"(?m)^{key} = .*$", f"{key} = {at.isoformat()}", text)
    declared.write_text(text)
    election = load_election(tmp_path / "ELECTION")
    make_key(tmp_path / "DATA/center.key")
    trust = SmallTrust(
        tmp_path / "DATA/public/trust",
        election=election,
        log=load_signer(tmp_path / "DATA/center.key", election.id),
        now=opens - timedelta(days=3),
        expires=opens + timedelta(days=9),
    )
    enrolled = [request("tec", election.id, election.drill, addresses=(publisher.url,))]
    trust.version(Changes(requests=enrolled, stations=STATIONS, quorum=1))
    record = Record.open(tmp_path / "DATA/record.sqlite", election.id, election.digest)
    made = CutMade(opens, 0, CutKind.ZERO, 0, "ab" * 32, 1, 2, b"r" * 32)
    record.append([made])
    publisher.held = sign_checkpoint(Checkpoint(trust.log.name, 2, made.log_root), [trust.log])
    yield tmp_path
    record.close()


def run(place, line):
    """Run a line of the runbook there."""
    words = shlex.split(line)
    if words[0] != "openprep":
        return subprocess.run(words, cwd=place, capture_output=True, text=True, check=False)
    program = [sys.executable, "-m", "openprep", *words[1:]]
    return subprocess.run(program, cwd=place, capture_output=True, text=True, check=False)


def block_with(text):
    return next(block for block in COMMANDS if any(text in line for line in block))


def test_the_commands_before_the_night_make_a_copy_and_say_go(place):
    copy, look = block_with("self-test")
    answer = run(place, copy)
    assert answer.returncode == 0, answer.stderr
    assert "cut 0" in answer.stdout
    answer = run(place, look)
    assert answer.returncode == 0, answer.stdout
    assert answer.stdout.splitlines()[-1] == "GO"


def test_a_lost_record_is_put_back_by_the_commands_of_the_runbook(place):
    assert run(place, block_with("backup")[0]).returncode == 0
    aside, back, start = block_with("mv DATA DATA.damaged")
    assert run(place, aside).returncode == 0
    answer = run(place, back)
    assert answer.returncode == 0, answer.stderr
    assert (place / "DATA/center.key").read_bytes()
    assert (place / "DATA/election/election.toml").exists()
    assert shlex.split(start)[:3] == ["openprep", "center", "run"]


def test_a_copy_that_publishers_are_ahead_of_asks_for_a_key_and_a_ceremony(place, publisher):
    assert run(place, block_with("backup")[0]).returncode == 0
    key = load_signer(place / "DATA/center.key", "puebla-2019")
    publisher.held = sign_checkpoint(Checkpoint(key.name, 9, b"x" * 32), [key])
    shutil.move(place / "DATA", place / "DATA.damaged")
    refused = run(place, block_with("mv DATA DATA.damaged")[1])
    assert refused.returncode == 2
    assert "P042" in refused.stderr
    for line in block_with("--behind"):
        answer = run(place, line)
        assert answer.returncode == 0, answer.stderr
    started = run(place, f"{block_with('center run')[2]} --without-page --tree-port {free_port()}")
    assert started.returncode == 2
    assert "P041" in started.stderr, "the ceremony comes first"


def test_a_stolen_key_is_replaced_and_the_ceremony_comes_before_the_start(place):
    for line in block_with("center.key.stolen"):
        answer = run(place, line)
        assert answer.returncode == 0, answer.stderr
    stolen = (place / "DATA/center.key.stolen").read_bytes()
    assert (place / "DATA/center.key").read_bytes() != stolen
    look = run(place, block_with("self-test")[1])
    assert look.returncode == 1
    assert "P041" in look.stdout


def test_the_clock_is_asked_and_confirmed_by_the_commands_of_the_runbook(place):
    ask, confirm = block_with("--confirm")
    assert "did not look" in run(place, ask).stdout
    assert "confirmed" in run(place, confirm).stdout
    assert (place / "DATA/clock-confirmed.json").exists()


def test_how_it_goes_is_said_by_the_commands_of_the_runbook(place):
    status, conflicts = block_with("center status")
    answer = run(place, status)
    assert answer.returncode == 0, answer.stderr
    assert "7,672 actas expected, 0 received" in answer.stdout
    answer = run(place, conflicts)
    assert (answer.returncode, answer.stdout) == (0, "waiting for a person: 0 facts\n")


def test_every_command_of_the_runbook_is_tried_here():
    tried = (
        *("self-test", "backup", "mv ", "restore", "center run", "center init", "center clock"),
        *("center status", "center conflicts"),
    )
    for line in (line for block in COMMANDS for line in block):
        assert any(word in line for word in tried), line
