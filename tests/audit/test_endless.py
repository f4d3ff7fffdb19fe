"""Servers that send without end: an audit and a receipt take no more than a bounded part of it."""

import json
import tracemalloc
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from audit.liar import audited, failed
from openprep.audit import place as places
from openprep.audit.checks.search import Wanted, make_receipt
from openprep.audit.codes import AuditCode, AuditRefused
from openprep.audit.keys import from_verifiers
from openprep.audit.place import Missing, open_place
from openprep.wire.cut.ref import where_path

MIB = 1024 * 1024
SENT = 96
"""MiB that what is endless sends before it gives up, so that a test ends in any case."""
MOST_IN_MEMORY = 24 * MIB


class Endless(BaseHTTPRequestHandler):
    """Sends what ``given`` has by path, endless bytes where that is ``None``; knows no ranges."""

    protocol_version = "HTTP/1.1"

    def __init__(self, root, given, asked, *request):
        self.root, self.given, self.asked = root, given, asked
        super().__init__(*request)

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = self.path.lstrip("/")
        self.asked.append(path)
        given = self.given.get(path, b"")
        if callable(given):
            given = given()
        if given is None:
            self.without_end()
        else:
            found = [given] if given else [f.read_bytes() for f in self.files(path)]
            self.whole(found[0] if found else None)

    def files(self, path):
        return [file for file in (self.root / "live" / path, self.root / path) if file.is_file()]

    def whole(self, data):
        self.send_response(404 if data is None else 200)
        self.send_header("Content-Length", str(len(data or b"")))
        self.end_headers()
        self.wfile.write(data or b"")

    def without_end(self):
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        try:
            for _ in range(SENT):
                self.wfile.write(bytes(MIB))
        except OSError:
            pass


@contextmanager
def serving(center, given):
    """The address of a tree with something else in it, and the paths that are asked for."""
    asked = []
    handler = partial(Endless, center.tree.root, given, asked)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def where(center, at):
    """That the results begin at this place."""
    said = {"schema": 2, "cut": center.cut, "roots": {"AYUN": at}}
    return {where_path(center.cut): json.dumps(said).encode()}


def astray(center, number, offset):
    """A pack with the root of the results, whose parts are said to stand in another."""
    root = center.tree.where(center.cut).roots["AYUN"]
    line, _, data = center.tree.read_at(root).partition(b"\n")
    places = [[number, offset + k, 100] for k in range(len(json.loads(line)))]
    pack = json.dumps(places).encode() + b"\n" + data
    return {"packs/7.pack": pack + b"\n", **where(center, [7, 0, len(pack)])}


@contextmanager
def little_memory():
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < MOST_IN_MEMORY
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("offset", [8 * MIB, 2**40, 2**53 - 1])
def test_a_receipt_does_not_take_what_stands_before_a_place_into_memory(
    honest, monkeypatch, offset
):
    monkeypatch.setattr(places, "MOST_PASSED_BYTES", 48 * MIB)
    given = {"packs/9.pack": None, **where(honest, [9, offset, 100])}
    keys = from_verifiers([str(honest.signer.verifier)])
    with (
        serving(honest, given) as (address, _),
        open_place(address) as place,
        little_memory(),
        pytest.raises(AuditRefused) as refused,
    ):
        make_receipt(place, keys, Wanted("AYUN", "A0"))
    assert refused.value.code is AuditCode.OBJECTS


def test_a_pack_that_could_not_be_held_is_not_read_by_range(honest):
    """Not there when it is asked for whole, and endless when it is asked for in parts."""
    answers = iter([b""])
    given = {"packs/9.pack": lambda: next(answers, None), **astray(honest, 9, 2**40)}
    with serving(honest, given) as (address, asked), little_memory():
        assert failed(audited(address, honest.signer.verifier)) == {"X020"}
    assert asked.count("packs/9.pack") == 1


def test_what_is_held_is_bounded_for_all_packs_together(honest, monkeypatch):
    monkeypatch.setattr(places, "MOST_HELD_BYTES", 8 * MIB)
    given = {"packs/8.pack": None, "packs/9.pack": None, **astray(honest, 9, 0)}
    with serving(honest, given) as (address, asked), little_memory():
        assert failed(audited(address, honest.signer.verifier)) == {"X020"}
        assert asked.count("packs/9.pack") == 1
        with open_place(address) as place:
            for _ in range(2):
                with pytest.raises(Missing, match="too much"):
                    place.hold("packs/8.pack")
    assert asked.count("packs/8.pack") == 1


def test_a_server_without_ranges_is_read_as_far_as_an_object_reaches(honest):
    root = honest.tree.where(honest.cut).roots["AYUN"]
    keys = from_verifiers([str(honest.signer.verifier)])
    with serving(honest, {}) as (address, _), open_place(address) as place:
        whole = place.read_range(f"packs/{root.pack}.pack", root.offset, root.size)
        assert whole == honest.tree.read_at(root)
        assert make_receipt(place, keys, Wanted("AYUN", "A0")).election == honest.election.id
