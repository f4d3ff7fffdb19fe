"""Lines are held against the centre's checks before they are sealed, all of them."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from msgspec import json, to_builtins

from openprep.cli.main import main
from openprep.cli.station.lines import MOST_TOLD, told
from openprep.election import Observation
from openprep.election.acta import Digitization
from openprep.election.declared.folder import load_election
from openprep.record.aside import Why
from openprep.record.facts import ActaCorrected, ActaReported, decode_fact, encode_fact
from openprep.transmission.answers import Refusal
from openprep.transmission.codes import RefusalCode, Refused, StationCode
from openprep.transmission.inbox.checks import check_facts, refusal_of
from openprep.transmission.keys import make_station_key
from openprep.transmission.station.lines import read_lines
from openprep.transmission.station.outbox import contents
from small.election import acta
from transmission.small_center import ELECTION, NOW, envelope

REPOSITORY = Path(__file__).parents[3]
PUEBLA = REPOSITORY / "elections/puebla-2019"
ENVELOPE = (REPOSITORY / "docs/formats/envelope.md").read_text()
EXAMPLES = "\n".join(re.findall(r'```json\n(\{"fact.*?)\n```', ENVELOPE, re.DOTALL)).encode()


def line(**changes):
    return encode_fact(ActaReported(acta(0, **changes)))


def edited(**changes):
    """A line as somebody writes it, with fields that no type would let through."""
    fact = to_builtins(ActaReported(acta(0)))
    fact["acta"].update(changes)
    return json.encode(fact)


def found(*lines, election=ELECTION):
    return read_lines("a.jsonl", b"\n".join(lines), election, NOW)


WRONG = {
    "no contest": (line(contest="DIP"), RefusalCode.UNKNOWN_CONTEST),
    "columns": (line(votes=(1, 2)), RefusalCode.WRONG_COLUMNS),
    "acta": (encode_fact(ActaReported(acta(99))), RefusalCode.UNKNOWN_ACTA),
    "cotejada": (line(cotejada=4), RefusalCode.WRONG_VALUE),
    "time": (edited(received_at="2030-01-01T00:00:00Z"), RefusalCode.WRONG_TIME),
    "words": (
        line(observations=(Observation.FUERA_DE_CATALOGO,)),
        RefusalCode.CONTRADICTION,
    ),
    "reason": (
        encode_fact(ActaCorrected(acta(0), "a\x1b[2J")),
        RefusalCode.UNSEEN_TEXT,
    ),
    "word": (edited(digitization="celular"), StationCode.NOT_A_FACT),
    "excess": (line(observations=(Observation.EXCEDE_LISTA_NOMINAL,)), Why.WRONG_EXCESS),
    "absurd": (line(people_voted=90_000_000), Why.IMPLAUSIBLE),
}


@pytest.mark.parametrize("which", WRONG)
def test_what_is_wrong_with_a_line_is_told_by_its_place_and_code(which):
    wrong, code = WRONG[which]
    (mistake,) = found(line(), wrong, b"", line()).mistakes
    assert (mistake.where, mistake.code) == ("a.jsonl:2", code)
    assert str(mistake).startswith(f"{code.code} a.jsonl:2: ")


def test_all_lines_are_told_and_not_the_first_alone():
    lines = found(*(wrong for wrong, _ in WRONG.values()))
    assert [mistake.code for mistake in lines.mistakes] == [code for _, code in WRONG.values()]


def _read(line):
    """The fact in a line, as the centre reads it."""
    try:
        return decode_fact(line)
    except msgspec.DecodeError as error:
        raise refusal_of(error, "fact 1") from error


def test_what_the_centre_refuses_is_what_is_told_here():
    for wrong, code in WRONG.values():
        if not isinstance(code, RefusalCode):
            continue
        with pytest.raises(Refused) as refused:
            check_facts(envelope(1, _read(wrong)), ELECTION)
        assert refused.value.code is code


def test_a_right_line_of_every_kind_has_nothing_said_of_it():
    election = load_election(PUEBLA)
    lines = read_lines("docs", EXAMPLES, election, election.window.closes)
    assert lines.mistakes == ()
    assert len(lines.facts) == 6
    kinds = {type(fact).__name__ for fact in lines.facts}
    assert kinds == {"ActaReported", "ActaCorrected"}
    assert any(fact.acta.acta is None for fact in lines.facts)


def test_without_the_election_what_needs_none_is_found_all_the_same():
    wrong = [WRONG[name][0] for name in ("no contest", "cotejada", "words", "reason", "word")]
    codes = [mistake.code for mistake in found(*wrong, election=None).mistakes]
    assert codes == [WRONG[name][1] for name in ("cotejada", "words", "reason", "word")]


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        (edited(digitization="celular"), [value.value for value in Digitization]),
        (edited(observations=["nada"]), [value.value for value in Observation]),
        (edited(votes=["nada"]), ["ilegible", "sin_acta"]),
        (b'{"fact":"acta_report"}', ["acta_reported", "acta_corrected"]),
    ],
)
def test_a_word_that_is_not_known_is_told_with_those_that_are(text, valid):
    (mistake,) = found(text).mistakes
    for word in valid:
        assert word in mistake.detail


@pytest.mark.parametrize(
    "text", [b"[]", b"{", b"null", b"\xff", b'{"fact":"acta_reported"}', b"[" * 100_000, b"7"]
)
def test_what_is_no_fact_at_all_is_told_and_the_others_are_read(text):
    lines = found(line(), text, line())
    assert [mistake.code for mistake in lines.mistakes] == [StationCode.NOT_A_FACT]
    assert len(lines.facts) == 2


# As a station's user types it


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def files(tmp_path):
    """A file with three right lines, and one with 70 of which two are wrong."""
    right = EXAMPLES.splitlines()
    (tmp_path / "right.jsonl").write_bytes(b"\n".join(right[:3]) + b"\n")
    many = [right[0]] * 70
    many[40] = right[0].replace(b'"escaner"', b'"celular"')
    many[64] = right[0].replace(b"[61,48,", b"[48,")
    (tmp_path / "wrong.jsonl").write_bytes(b"\n".join(many))
    return tmp_path


def test_the_command_tells_every_wrong_line_and_leaves_with_1(files):
    right = run("station", "check", "--election", PUEBLA, files / "right.jsonl")
    assert (right.exit_code, right.output) == (0, "3 facts: nothing in them would be refused\n")
    both = (files / "right.jsonl", files / "wrong.jsonl")
    answer = run("station", "check", "--election", PUEBLA, *both)
    assert answer.exit_code == 1
    assert f"T110 {files}/wrong.jsonl:41: " in answer.output
    assert "movil, escaner, urna" in answer.output
    assert f"T012 {files}/wrong.jsonl:65: 16 columns, GUB has 17" in answer.output
    assert "2 lines" in answer.output


@pytest.mark.parametrize("data", [b"", b"\n", b" \n\r\n"], ids=repr)
def test_a_file_without_facts_is_told_and_does_not_pass(files, data):
    (files / "cut.jsonl").write_bytes(data)
    answer = run("station", "check", "--election", PUEBLA, files / "cut.jsonl")
    assert answer.exit_code == 1
    assert f"T114 {files}/cut.jsonl: {len(data)} bytes" in answer.output
    assert "nothing in them would be refused" not in answer.output
    both = (files / "right.jsonl", files / "cut.jsonl")
    beside = run("station", "check", "--election", PUEBLA, *both)
    assert beside.exit_code == 1
    assert "lines would be refused" not in beside.output


@pytest.mark.parametrize("line", ["CLAVE_CASILLA,CLAVE_ACTA,PAN", "[]", "GUB 210113B01002"])
def test_a_table_is_told_as_one_that_is_no_file_of_facts(files, line):
    (files / "table.csv").write_text(f"{line}\n")
    answer = run("station", "check", "--election", PUEBLA, files / "table.csv")
    assert answer.exit_code == 1
    assert f"T110 {files}/table.csv:1: it is no JSON object" in answer.output


@pytest.fixture
def center():
    """A centre that refuses for good whatever comes."""

    class Refusing(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            body = json.encode(Refusal("T012", "An acta has other columns.", "fact 65"))
            self.send_response(422)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def send(folder, center, election, *words):
    if not (folder / "keys").exists():
        make_station_key(folder / "keys/D01.key")
    where = ("--key", folder / "keys/D01.key", "--outbox", folder / "D01.outbox")
    who = ("--election", election, "--station", "D01", "--center", center)
    return run("station", "send", *who, *where, *words)


def test_one_wrong_field_keeps_nothing_from_leaving_since_nothing_is_saved(files, center):
    answer = send(files, center, PUEBLA, files / "right.jsonl", files / "wrong.jsonl")
    assert answer.exit_code == 2
    assert f"T012 {files}/wrong.jsonl:65" in answer.output
    assert "T111 2 lines" in answer.output
    assert not (files / "D01.outbox").exists()


def test_told_otherwise_lines_that_would_be_refused_are_saved_and_the_way_out_is_named(
    files, center
):
    text = (files / "wrong.jsonl").read_bytes().replace(b'"celular"', b'"movil"')
    (files / "wrong.jsonl").write_bytes(text)
    answer = send(files, center, PUEBLA, "--unchecked", files / "wrong.jsonl")
    assert answer.exit_code == 2
    assert contents(files / "D01.outbox").pending == 70
    assert "T106" in answer.output
    assert "openprep station withdraw" in answer.output


def test_what_is_no_fact_is_saved_by_no_option(files, center):
    answer = send(files, center, PUEBLA, "--unchecked", files / "wrong.jsonl")
    assert answer.exit_code == 2
    assert "T110" in answer.output
    assert not (files / "D01.outbox").exists()


def test_by_its_id_alone_an_election_s_lines_are_checked_by_what_needs_no_folder(files, center):
    wrong = files / "wrong.jsonl"
    wrong.write_bytes(EXAMPLES.splitlines()[4].replace(b'"cotejada":2', b'"cotejada":7'))
    answer = send(files, center, "puebla-2019", wrong)
    assert answer.exit_code == 2
    assert f"T015 {wrong}:1: cotejada must be 1, 2 or 3" in answer.output


def test_what_waits_for_a_person_is_told_and_sent(files, center):
    absurd = files / "absurd.jsonl"
    first = EXAMPLES.splitlines()[0]
    absurd.write_bytes(first.replace(b'"people_voted":280', b'"people_voted":90000000'))
    answer = send(files, center, PUEBLA, absurd)
    assert f"R022 {absurd}:1" in answer.output
    assert contents(files / "D01.outbox").pending == 1


def test_a_folder_that_is_none_is_told(files, center):
    answer = send(files, center, files / "nothing", files / "right.jsonl")
    assert answer.exit_code == 2
    assert "election.toml" in answer.output


def test_sending_a_file_without_facts_does_not_end_as_if_all_had_left(files, center):
    (files / "cut.jsonl").write_bytes(b"")
    answer = send(files, center, PUEBLA, files / "cut.jsonl")
    assert answer.exit_code == 1
    assert f"T114 {files}/cut.jsonl" in answer.output


def test_a_file_of_another_kind_is_one_mistake():
    picture = b"\xff\xd8\xff\xe0\x00\x10JFIF\n{\n" * 700
    table = b"SECCION,CASILLA\n" * 700
    for data, words in ((picture, "binary"), (table, "nor is any other line")):
        (mistake,) = read_lines("d", data, None, NOW).mistakes
        assert mistake.code is StationCode.NOT_A_FACT
        assert words in str(mistake)


def test_of_many_mistakes_the_first_are_told_and_the_others_counted():
    lines = tuple(told(read_lines("d", b'{"fact":1}\n' * 1432, None, NOW).mistakes))
    assert len(lines) == MOST_TOLD + 1
    assert lines[-1] == "… and 1,412 more"
