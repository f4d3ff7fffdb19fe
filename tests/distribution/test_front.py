"""nginx under the generated configuration before a real centre: who comes through, and who not."""

import socket
import ssl
import time
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from hostile.raw_http import parse
from openprep.cli.main import main
from openprep.distribution.front import Front, Side, front_configuration, whole_configuration
from openprep.election.image import MAX_IMAGE_BYTES
from openprep.hosting.nginx.parts import Certificate, NotForNginx, Process
from openprep.transmission.envelope import MAX_ENVELOPE_BYTES
from openprep.wire.distribution.protocol import MAX_COSIGNATURE_BYTES
from served.certificates import certificate
from served.fronted_center import fronted_center
from served.tree import free_port, own_process, running_nginx, stock_nginx_takes
from small.image import digest_of, jpeg

PATIENCE = 90


@pytest.fixture(scope="module")
def center(tmp_path_factory):
    with (
        pytest.MonkeyPatch.context() as patch,
        fronted_center(tmp_path_factory.mktemp("fronted"), patch) as center,
    ):
        yield center


@pytest.fixture
def pair(tmp_path):
    pem = certificate(tmp_path, datetime.now(UTC) + timedelta(days=30))
    return Certificate(pem, pem)


def connect(port, timeout=PATIENCE):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    plain = socket.create_connection(("127.0.0.1", port), timeout)
    return context.wrap_socket(plain)


def ask(port, target, method="GET", headers=(), body=b""):
    lines = [f"{method} {target} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in dict(headers).items()]
    with connect(port) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        return parse(everything(connection))


def asked_at_once(port, times):
    """Answers to requests that go out together, however long it takes to connect."""
    with ExitStack() as stack:
        opened = [stack.enter_context(connect(port)) for _ in range(times)]
        for connection in opened:
            connection.sendall(b"GET /checkpoint HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return [parse(everything(connection)) for connection in opened]


def everything(connection):
    received = b""
    with suppress(ConnectionError, ssl.SSLEOFError):
        while some := connection.recv(1 << 16):
            received += some
    return received


def until(done, what):
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end, f"in vain: {what}"
        time.sleep(0.1)


def status_of(center):
    """What the centre itself says, past nginx."""
    port = int(center.front.inbox.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(b"GET /inbox/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return msgspec.json.decode(parse(everything(connection)).body)


def test_a_station_delivers_through_it_acta_and_image(center, tmp_path):
    image = jpeg(1)
    (tmp_path / "1.jpg").write_bytes(image)
    answer = center.send([center.fact(0, digest_of(image))], "--images", tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert "the centre has everything" in answer.stdout
    assert status_of(center)["images"] == 1


def test_a_publisher_joins_and_runs_through_it(center):
    root = center.folder / "root.json"
    root.write_bytes(center.trust.root_bytes)
    joined = center.run(
        *("mirror", "join", "--data", center.folder / "tec", "--center", center.url),
        *("--root", root, "--fingerprint", center.trust.fingerprint),
    )
    assert joined.returncode == 0, joined.stderr
    assert "refuses" not in joined.stdout + joined.stderr
    center.crew.start(
        "tec", ["mirror", "run", "--data", center.folder / "tec", "--no-serve", "--without-page"]
    )
    shown = center.folder / "tec/public/live/current.json"

    def has_cut():
        center.crew.check()
        return shown.exists()

    until(has_cut, "the publisher shows a cut")
    asked = (center.folder / "nginx/127.0.0.1.center.log").read_text
    until(lambda: "POST /distribution/cosignature" in asked(), "it hands over its cosignature")
    assert "204 127.0.0.1 POST /distribution/cosignature" in asked()


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/inbox/status",
        "/inbox/",
        "/inbox/../inbox/status",
        "/inbox%2fstatus",
        "/current.json",
        "/cuts/0.json",
        f"/images/{'0' * 63}",
        f"/images/{'0' * 64}%0a",
        "/center.key",
        "/trust/../current.json",
        "/distribution/../inbox/status",
    ],
)
def test_nothing_else_of_the_centre_is_reached(center, target):
    assert ask(center.port, target).status in (400, 404)


def test_anybody_may_read_trust_and_checkpoint_there(center):
    assert ask(center.port, "/trust/1.root.json").body == center.trust.root_bytes
    assert ask(center.port, "/trust/timestamp.json").status == 200


@pytest.mark.parametrize(
    ("method", "target", "most"),
    [
        ("POST", "/inbox", MAX_ENVELOPE_BYTES),
        ("PUT", f"/images/{'0' * 64}", MAX_IMAGE_BYTES),
        ("POST", "/distribution/cosignature", MAX_COSIGNATURE_BYTES),
        ("GET", "/checkpoint", 1),
    ],
)
def test_a_body_that_is_too_large_is_refused_before_it_is_read(center, method, target, most):
    answer = ask(center.port, target, method, {"Content-Length": most + 1})
    assert answer.status == 413


def test_a_body_without_end_is_cut_off(center):
    head = b"POST /inbox HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    piece = b"10000\r\n" + bytes(0x10000) + b"\r\n"
    with connect(center.port) as connection, suppress(ConnectionError, ssl.SSLError):
        connection.sendall(head)
        for _ in range(200):
            connection.sendall(piece)
        received = everything(connection)
        assert received.split(b" ", 2)[1] in (b"413", b"422")
    assert center.send([center.fact(2)]).returncode == 0


def test_half_requests_are_let_go_and_keep_no_station_out(center):
    with ExitStack() as stack:
        slow = [stack.enter_context(connect(center.port)) for _ in range(300)]
        for connection in slow:
            connection.sendall(b"POST /inbox HTTP/1.1\r\nHost: x\r\n")
        silent = [
            stack.enter_context(socket.create_connection(("127.0.0.1", center.port)))
            for _ in range(300)
        ]
        answer = center.send([center.fact(3)])
        assert answer.returncode == 0, answer.stderr
        for connection in (*slow, *silent):
            connection.settimeout(PATIENCE)
            everything(connection)  # ends when nginx closes it


def test_bodies_that_trickle_in_a_station_s_name_are_let_go_and_keep_it_not_out(center):
    beginning = b"\x83\xa7station\xa3D01"
    head = b"POST /inbox HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n" + beginning
    with ExitStack() as stack:
        slow = [stack.enter_context(connect(center.port)) for _ in range(40)]
        for connection in slow:
            connection.sendall(head)
        answer = center.send([center.fact(4)])
        assert answer.returncode == 0, answer.stderr
        ends = [everything(connection).split(b" ", 2)[1:2] for connection in slow]
    assert set(map(tuple, ends)) <= {(b"408",), (b"503",), (b"502",)}
    assert [b"408"] in ends


def test_who_asks_too_often_is_told_when_to_come_again_and_others_are_not(center, tmp_path):
    port = free_port()
    front = replace(center.front, listen=(f"127.0.0.1:{port}",), requests=1, log=str(tmp_path))
    with running_nginx(whole_configuration(front, own_process(tmp_path)), tmp_path, port):
        answers = asked_at_once(port, 20)
        refused = [answer for answer in answers if answer.status == 429]
        assert refused
        assert {answer.headers["retry-after"] for answer in refused} == {"2"}
        answer = center.send([center.fact(5)], url=f"https://127.0.0.1:{port}")
        assert answer.returncode == 0, "a station goes on trying"


def test_while_the_centre_is_away_a_station_is_told_to_come_again(center, tmp_path):
    port = free_port()
    front = replace(
        center.front,
        listen=(f"127.0.0.1:{port}",),
        inbox=f"127.0.0.1:{free_port()}",
        log=str(tmp_path),
    )
    with running_nginx(whole_configuration(front, own_process(tmp_path)), tmp_path, port):
        answer = ask(port, "/inbox", "POST", {"Content-Length": 0})
    assert (answer.status, answer.headers["retry-after"]) == (502, "2")


# What is written.


@pytest.mark.parametrize("length", [4, 12, 15, 40, 41, 60, 100, 253])
def test_a_name_of_any_length_is_taken_by_the_systems_own_nginx(tmp_path, pair, length):
    name = ("centro.iee-" + "puebla." * 40)[: length - 3].strip(".-") + ".mx"
    both = Front(name, pair, ("127.0.0.1:8443",), log=str(tmp_path))
    stations = replace(both, listen=("127.0.0.1:8444",), sides=(Side.STATIONS,))
    publishers = replace(both, listen=("127.0.0.1:8445",), sides=(Side.PUBLISHERS,))
    stock_nginx_takes(tmp_path, map(front_configuration, (both, stations, publishers)))


def test_it_says_how_the_centre_behind_it_is_started(tmp_path, pair):
    text = front_configuration(Front("prep.iee.mx", pair, ("8443",)))
    assert "openprep center run ... --front 127.0.0.1\n" in text
    assert "center serve ... --front 127.0.0.1 --authority prep.iee.mx:8443\n" in text
    written = front_configuration(Front("prep.iee.mx", pair))
    assert "--authority prep.iee.mx\n" in written
    elsewhere = front_configuration(Front("prep.iee.mx", pair, inbox="10.0.0.4:8010"))
    assert "center run ... --front (address of this nginx)" in elsewhere


def test_one_side_has_nothing_of_the_other(pair):
    stations = front_configuration(Front("a.mx", pair, sides=(Side.STATIONS,)))
    assert "/inbox" in stations
    assert "/distribution" not in stations
    assert "center serve" not in stations
    publishers = front_configuration(Front("a.mx", pair, sides=(Side.PUBLISHERS,)))
    assert "/inbox" not in publishers


@pytest.mark.parametrize(
    "changes",
    [
        {"server_name": "a; root /"},
        {"listen": ("443; include /etc/passwd",)},
        {"inbox": "127.0.0.1:8010; return 200"},
        {"service": "unix:/run/x"},
        {"service": "8012"},
        {"service": "127.0.0.1:65536"},
        {"inbox": "127.0.0.1:0"},
        {"listen": ("70000",)},
        {"listen": ("[::]:443", "0.0.0.0:0")},
        {"log": "/x{}"},
        {"certificate": Certificate(Path('/x"'), Path("/y"))},
    ],
    ids=str,
)
def test_what_would_be_read_as_configuration_is_refused(pair, changes):
    front = replace(Front("a.mx", pair), **changes)
    with pytest.raises(NotForNginx):
        front_configuration(front)
    with pytest.raises(NotForNginx):
        whole_configuration(front, Process(Path("/x")))


def test_the_command_writes_it_and_asks_for_a_certificate(tmp_path, pair):
    asked = ["center", "nginx", "--server-name", "prep.iee.mx"]
    refused = CliRunner().invoke(main, asked)
    assert refused.exit_code == 2
    assert "--certificate" in refused.output
    given = ["--certificate", str(pair.chain), "--key", str(pair.key), "--only", "stations"]
    out = tmp_path / "front.conf"
    answer = CliRunner().invoke(main, [*asked, *given, "--output", str(out)])
    assert answer.exit_code == 0, answer.output
    assert "location = /inbox" in out.read_text()
    assert "/distribution" not in out.read_text()
