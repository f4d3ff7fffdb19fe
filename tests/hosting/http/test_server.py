"""The built-in server: one answer is one cut, and no client takes more than its share."""

import asyncio
import gzip
import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from itertools import repeat
from pathlib import Path

import brotli
import psutil
import pytest

from hostile.raw_http import exchange, get, parse, request
from openprep.hosting.compression import copies_of, smallest_compressed
from openprep.hosting.directory import TreeDirectory
from openprep.hosting.http import cache as cache_module
from openprep.hosting.http import server as server_module
from openprep.hosting.http.cache import FileCache
from openprep.hosting.http.server import Limits, TreeServer
from openprep.wire.cut import manifest as wire
from openprep.wire.cut.ref import object_path
from served.tree import (
    BIG_OBJECT,
    LARGE,
    built_in,
    digest_path,
    free_port,
    head,
    served_tree,
    turn,
    wait_for,
)


@pytest.fixture
def tree(tmp_path):
    return served_tree(tmp_path / "public")


@pytest.fixture
def quick(monkeypatch):
    """Limits that are reached at once: the sweep looks every 20 ms."""
    monkeypatch.setattr(server_module, "SWEEP", 0.02)
    return Limits(request=0.3, idle=0.3, stalled=0.3)


def received_until_closed(connection, seconds=10, piece=1 << 16):
    connection.settimeout(seconds)
    received = b""
    try:
        while some := connection.recv(piece):
            received += some
    except ConnectionResetError:
        pass
    return received


def is_held(port, connection):
    """Whether the server's end of a connection is open, as the system has it."""
    client = connection.getsockname()[1]
    return any(
        (listed.laddr.port, listed.raddr and listed.raddr.port) == (port, client)
        for listed in psutil.net_connections("tcp4")
        if listed.status == psutil.CONN_ESTABLISHED
    )


def is_cut_off(connection, pieces, pause=0.0):
    """Send piece by piece; whether the server ends it before the last."""
    try:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)
    except OSError:
        return True
    return False


# One answer, one cut.


def test_while_cuts_switch_every_answer_is_of_one_cut_and_cuts_never_go_back(tree):
    known = {name: [head(cut)[name] for cut in range(3, 60)] for name in head(0)}
    stop = threading.Event()

    def switch():
        for cut in range(4, 60):
            turn(tree, cut)
        stop.set()

    with built_in(tree.root) as port:
        switching = threading.Thread(target=switch)
        switching.start()
        latest, answers = -1, 0
        while not stop.is_set() or not answers:
            for name, bodies in known.items():
                for coding in ("identity", "gzip", "br"):
                    answer = get(port, f"/{name}", headers={"Accept-Encoding": coding})
                    assert answer.status == 200
                    body = unpacked(answer)
                    cut = bodies.index(body)
                    assert cut >= latest, f"{name} went back"
                    latest = cut
                    answers += 1
        switching.join()
        assert get(port, "/current.json").body == head(59)["current.json"]


def unpacked(answer):
    unpack = {"gzip": gzip.decompress, "br": brotli.decompress}
    return unpack.get(answer.headers.get("content-encoding"), bytes)(answer.body)


def test_a_cut_shown_again_is_there_at_every_instant(tree):
    """Its head may not be taken away while it is live."""
    missing = []
    stop = threading.Event()
    with built_in(tree.root) as port:

        def read():
            while not stop.is_set():
                if get(port, "/current.json").body != head(3)["current.json"]:
                    missing.append(1)

        reading = threading.Thread(target=read)
        reading.start()
        for again in range(40):
            if again % 2:  # another head under the same number, and then the same once more
                tree.flip(3, {**head(3), "checkpoint": b"%d" % again})
            turn(tree, 3)
        stop.set()
        reading.join()
    assert not missing
    turn(tree, 9)
    assert {path.name for path in (tree.root / "heads").iterdir()} == {"9"}


def test_a_head_that_is_shown_already_needs_no_room(tree, monkeypatch):
    opened = Path.open

    def full(path, mode="r", **how):
        if mode != "rb":
            raise OSError(28, "No space left on device")
        return opened(path, mode, **how)

    monkeypatch.setattr(Path, "open", full)
    turn(tree, 3)
    with pytest.raises(OSError, match="No space"):
        turn(tree, 4)
    assert tree.read("current.json") == head(3)["current.json"]


def test_an_object_half_written_or_damaged_is_not_served_to_be_kept(tree):
    whole = b'{"kind":"area"}' * 50
    path = tree.path(digest_path(whole))
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(whole[:100])
    with built_in(tree.root) as port:
        answer = get(port, "/" + digest_path(whole))
        assert (answer.status, answer.headers["cache-control"]) == (404, "no-store")
        tree.place_object(hashlib.sha256(whole).hexdigest(), whole)
        assert get(port, "/" + digest_path(whole)).body == whole


READER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_a_reader_who_is_lost_is_shown_a_page_and_a_program_a_line_of_text(tree):
    page = b"<!doctype html><h1>Esta direcci\xc3\xb3n no existe</h1>"
    (tree.root / "live" / "404.html").write_bytes(page)
    missing = "objects/ab/" + "ab" * 32 + ".json"
    with built_in(tree.root) as port:
        for path in ("/GUBB.html", "/no/such/place", "/..", "/%2e%2e"):
            lost = get(port, path, headers=READER)
            assert (lost.status, lost.body) == (404, page)
            assert lost.headers["content-type"] == "text/html; charset=utf-8"
            assert lost.headers["cache-control"] == "no-store"
            assert "etag" not in lost.headers
            assert get(port, path).body == b"404 Not Found\n"
        # A file of the tree that is not there is no page, whoever asks.
        for path in (f"/{missing}", "/cuts/99.json", "/packs/99.pack"):
            assert get(port, path, headers=READER).body == b"404 Not Found\n"


def test_an_object_that_is_put_right_is_never_seen_in_parts(tree, monkeypatch):
    """Another publisher may have told its name already."""
    whole = os.urandom(3000)
    digest = hashlib.sha256(whole).hexdigest()
    path = tree.path(object_path(digest))
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"damaged")
    seen = []
    real = os.fsync

    def watched(descriptor):
        real(descriptor)
        seen.append(path.read_bytes())

    monkeypatch.setattr(os, "fsync", watched)
    tree.place_object(digest, whole)
    assert seen[0] == b"damaged"
    assert set(seen) <= {b"damaged", whole}
    assert path.read_bytes() == whole
    assert not list(path.parent.glob(".*"))


def test_a_compressed_copy_does_not_outlive_what_it_was_made_of(tree):
    good, bad = b"let a = 1;\n" * 1000, b"let b = 2;\n" * 1000
    tree.path("assets/x.js").write_bytes(bad)
    tree.compress(["assets/x.js"])
    assert tree.path("assets/x.js.br").is_file()
    tree.place("assets/x.js", good)
    assert not tree.path("assets/x.js.br").exists()
    assert not tree.path("assets/x.js.gz").exists()
    with built_in(tree.root) as port:
        assert unpacked(get(port, "/assets/x.js", headers={"Accept-Encoding": "br"})) == good


BREAKS = {
    "cut short": lambda copy: copy[: len(copy) // 2],
    "nearly whole": lambda copy: copy[:-1],
    "empty": lambda _: b"",
    "zeros": lambda copy: bytes(len(copy)),
    "one bit": lambda copy: copy[:-9] + bytes([copy[-9] ^ 1]) + copy[-8:],
    "more behind": lambda copy: copy + b"x",
    "of another file": None,
}


@pytest.mark.parametrize("how", BREAKS)
@pytest.mark.parametrize(
    "name", ["assets/index-abc.js", digest_path(BIG_OBJECT), "live/index.html"]
)
def test_a_copy_that_is_not_its_files_is_never_sent(tree, how, name):
    path = tree.path(name).resolve()
    whole = path.read_bytes()
    for suffix, pack in ((".br", brotli.compress), (".gz", gzip.compress)):
        copy = path.with_name(path.name + suffix)
        break_it = BREAKS[how] or (lambda _, pack=pack: pack(whole[:-1] + b"?"))
        copy.write_bytes(break_it(copy.read_bytes()))
    target = "/" + name.removeprefix("live/")
    taken = {"Accept-Encoding": "br, gzip"}
    with built_in(tree.root) as port:
        for _ in range(2):
            answer = get(port, target, headers=taken)
            assert (answer.status, answer.body) == (200, whole)
            assert "content-encoding" not in answer.headers
    relative = str(path.relative_to(tree.root.resolve()))
    assert set(tree.mend_copies()) == {relative}
    assert not tree.mend_copies()
    with built_in(tree.root) as port:
        answer = get(port, target, headers=taken)
        assert answer.headers["content-encoding"] == "br"
        assert brotli.decompress(answer.body) == whole


def test_a_copy_broken_while_it_is_served_is_sent_no_more(tree):
    now = [0.0]
    files = FileCache(tree.root, clock=lambda: now[0])
    name = digest_path(BIG_OBJECT)
    assert set(files.get(name).copies) == {"br", "gzip"}
    copy = tree.path(name + ".br")
    copy.write_bytes(copy.read_bytes()[:-3])
    now[0] += cache_module.LOOKED_AT
    assert set(files.get(name).copies) == {"gzip"}


def test_a_mirror_compresses_what_a_cut_brought_and_nothing_else(tree, tmp_path):
    manifest = wire.decode(tree.read("cuts/1.json"), wire.Manifest)
    before = {path for path in tree.root.rglob("*") if path.is_file()}
    tree.compress_cut(manifest)
    tree.compress_cut(manifest)
    made = {path for path in tree.root.rglob("*") if path.is_file()} - before
    for path in made:
        assert path.suffix in (".gz", ".br")
        plain = path.with_suffix("").read_bytes()
        unpack = gzip.decompress if path.suffix == ".gz" else brotli.decompress
        assert unpack(path.read_bytes()) == plain
        assert len(plain) >= smallest_compressed(path.stem)
    assert not [path for path in made if ".pack" in path.name or "databases" in path.parts]


def test_what_does_not_shrink_has_no_copy():
    assert not copies_of("assets/a.js", os.urandom(10_000))
    assert not copies_of("assets/a.js", b"a" * 100)
    assert not copies_of("packs/1.pack", b"a" * 10_000)
    assert not copies_of("tile/0/000", b"a" * 8192)
    assert set(copies_of("tile/entries/000", b"a" * 10_000)) == {".br", ".gz"}


def test_the_page_s_small_scripts_have_copies_and_small_objects_have_none():
    small = b"let a = 1;" * 100
    assert set(copies_of("assets/a.js", small)) == {".br", ".gz"}
    assert not copies_of("objects/aa/b.json", small)


# Memory.


def test_memory_is_bounded_and_what_was_dropped_is_read_again(tree):
    names = []
    for number in range(60):
        data = (b'{"n":%d}' % number) * 800
        tree.place_object(hashlib.sha256(data).hexdigest(), data)
        names.append((digest_path(data), data))
    budget = 100_000
    files = FileCache(tree.root, budget)
    for _ in range(2):
        for name, data in names:
            assert files.get(name).plain.data == data
            assert files.weight <= budget
    for _ in range(50):
        assert files.get("objects/ab/" + "0" * 64 + ".json") is None
    assert files.weight <= budget


def test_what_is_larger_than_all_memory_is_still_served(tree):
    with built_in(tree.root, budget=1000) as port:
        for name in ("/" + digest_path(BIG_OBJECT), "/databases/20240603_2000_PREP.zip", "/"):
            assert get(port, name).status == 200


def test_an_immutable_file_is_looked_at_again_after_a_while(tree):
    now = [0.0]
    files = FileCache(tree.root, clock=lambda: now[0])
    name = digest_path(BIG_OBJECT)
    tree.path(name + ".br").unlink()
    assert set(files.get(name).copies) == {"gzip"}
    tree.compress([name])
    assert set(files.get(name).copies) == {"gzip"}
    now[0] += cache_module.LOOKED_AT
    assert set(files.get(name).copies) == {"gzip", "br"}
    tree.path(name).unlink()
    assert files.get(name) is not None
    now[0] += cache_module.LOOKED_AT
    assert files.get(name) is None


def test_a_link_or_a_folder_or_a_pipe_under_a_trees_name_is_not_there(tree, tmp_path):
    (tmp_path / "secret").write_text("secret")
    tree.path("assets/link.js").symlink_to(tmp_path / "secret")
    tree.path("assets/folder.js").mkdir()
    os.mkfifo(tree.path("assets/pipe.js"))
    with built_in(tree.root) as port:
        for name in ("link", "folder", "pipe"):
            assert get(port, f"/assets/{name}.js").status == 404


# Connections.


def test_requests_in_one_packet_are_answered_in_order(tree):
    names = ["/current.json", "/databases/20240603_2000_PREP.zip", "/checkpoint", "/nothing"]
    data = b"".join(f"GET {name} HTTP/1.1\r\nHost: a\r\n\r\n".encode() for name in names * 4)
    with built_in(tree.root) as port:
        received = exchange(port, data + request("/cuts/2.json"))
    expected = [head(3)["current.json"], LARGE, head(3)["checkpoint"], b"404 Not Found\n"] * 4
    for body in [*expected, tree.read("cuts/2.json")]:
        answer = parse(received)
        assert answer.body[: len(body)] == body
        received = answer.body[int(answer.headers["content-length"]) :]
    assert received == b""


def test_a_large_file_comes_whole_to_a_client_that_reads_slowly(tree):
    data = os.urandom(1_500_000)
    tree.place("databases/large.zip", data)
    with built_in(tree.root) as port, socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", port))
        slow.sendall(request("/databases/large.zip"))
        received = received_until_closed(slow, piece=1000)
        assert parse(received).body == data


def test_a_client_that_sends_its_request_slowly_is_let_go(tree, quick):
    with built_in(tree.root, quick) as port:
        with socket.create_connection(("127.0.0.1", port)) as slow:
            slow.sendall(b"GET / HTTP/1.1\r\n")
            assert is_cut_off(slow, (b"X-%d: a\r\n" % number for number in range(50)), 0.05)
        assert get(port, "/current.json").status == 200


def test_a_client_that_says_nothing_or_no_more_is_let_go(tree, quick):
    with built_in(tree.root, quick) as port:
        for said in (b"", b"GET /current.json HTTP/1.1\r\nHost: a\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", port)) as silent:
                silent.sendall(said)
                received = received_until_closed(silent, 5)
                assert received.startswith(b"HTTP/1.1 200") == bool(said)


def test_a_client_that_does_not_read_is_let_go(tree, quick):
    tree.place("databases/large.zip", bytes(40_000_000))
    with built_in(tree.root, quick) as port, socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", port))
        deaf.sendall(request("/databases/large.zip"))
        assert is_held(port, deaf)
        for _ in range(3000):
            if not is_held(port, deaf):
                break
            time.sleep(0.02)
        assert len(received_until_closed(deaf, 5)) < 40_000_000
        assert get(port, "/current.json").status == 200


def test_a_client_that_asks_for_more_than_it_reads_is_held_back(tree):
    """Neither its requests nor its answers are piled up."""
    with built_in(tree.root) as port, socket.socket() as greedy:
        greedy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        greedy.connect(("127.0.0.1", port))
        greedy.settimeout(2)
        asked = b"GET /databases/20240603_2000_PREP.zip HTTP/1.1\r\nHost: a\r\n\r\n"
        assert is_cut_off(greedy, repeat(asked * 200, 100_000))
        assert get(port, "/current.json").status == 200


def test_one_address_makes_room_among_its_own_connections(tree):
    """A carrier has thousands of phones behind one: the next of them is served, too."""
    with built_in(tree.root, Limits(per_address=3)) as port:
        held = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
        for _ in range(3):
            assert get(port, "/current.json").status == 200
        assert received_until_closed(held[0], 5) == b""
        for connection in held:
            connection.close()


def test_where_all_connections_are_taken_an_idle_one_makes_room(tree):
    with built_in(tree.root, Limits(connections=3)) as port:
        held = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
        assert get(port, "/current.json").status == 200
        assert received_until_closed(held[0], 5) == b""
        for connection in held:
            connection.close()


def test_where_all_connections_are_half_requests_the_oldest_makes_room(tree):
    with built_in(tree.root, Limits(connections=20)) as port:
        held = [socket.create_connection(("127.0.0.1", port)) for _ in range(60)]
        for connection in held:
            connection.sendall(b"GET / HTTP/1.1\r\n")
        for _ in range(10):
            assert get(port, "/current.json").status == 200
        assert received_until_closed(held[0], 5) == b""
        for connection in held:
            connection.close()


@contextmanager
def slow_readers(port, count):
    """Clients that ask for a large file and take a few bytes of it."""
    with ExitStack() as stack:
        readers = [stack.enter_context(socket.socket()) for _ in range(count)]
        for reader in readers:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.connect(("127.0.0.1", port))
            reader.sendall(request("/databases/large.zip"))
            reader.recv(100)
        yield readers


def test_a_download_is_broken_off_for_nobody_before_its_time(tree):
    tree.place("databases/large.zip", bytes(20_000_000))
    with (
        built_in(tree.root, Limits(connections=3)) as port,
        slow_readers(port, 3),
        socket.create_connection(("127.0.0.1", port)) as one_more,
    ):
        assert received_until_closed(one_more, 5) == b""


def test_slow_readers_that_take_all_connections_make_room(tree):
    tree.place("databases/large.zip", bytes(20_000_000))
    with built_in(tree.root, Limits(connections=10, patience=0)) as port, slow_readers(port, 30):
        for _ in range(10):
            assert get(port, "/current.json").status == 200


def test_all_that_came_and_went_is_forgotten(tree):
    async def come_and_go():
        server = TreeServer(tree.root)
        port = await server.start("127.0.0.1", 0)
        for _ in range(30):
            await asyncio.to_thread(exchange, port, request("/current.json"))
        await asyncio.sleep(0.05)
        assert not server.crowd.by_network
        await server.stop()

    asyncio.run(come_and_go())


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\n" + b"".join(b"X%d: a\r\n" % n for n in range(90)) + b"\r\n", b"431"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123456789", b"413"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"413"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"400"),
        (b"GET http://a/current.json HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", b"200"),
        (b"GET /current.json HTTP/1.0\r\n\r\n", b"200"),
        (b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", b"405"),
        (b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", b"405"),
    ],
)
def test_unusual_requests_have_one_answer_and_the_connection_ends(tree, data, status):
    with built_in(tree.root) as port:
        received = exchange(port, data)
        assert received.split(b" ", 2)[1] == status
        assert received.count(b"HTTP/1.1 ") == 1
        assert get(port, "/current.json").status == 200


def test_a_disk_that_fails_is_told_and_not_kept(tree, monkeypatch):
    def failing(*_):
        raise OSError(5, "Input/output error")

    with built_in(tree.root) as port:
        monkeypatch.setattr(cache_module.os, "pread", failing)
        answer = get(port, "/cuts/2.json")
        monkeypatch.undo()
        assert (answer.status, answer.headers["cache-control"]) == (503, "no-store")
        assert get(port, "/cuts/2.json").status == 200


# Processes.


def test_several_processes_share_a_port_and_end_at_a_signal(tree):
    port = free_port()
    code = (
        "import sys\nfrom click.testing import CliRunner\n"
        "from openprep.cli.mirror.serving import serve\n"
        "if __name__ == '__main__': serve(sys.argv[1:])\n"
    )
    script = tree.root.parent / "serve.py"
    script.write_text(code)
    arguments = ["--data", tree.root.parent, "--port", str(port), "--workers", "2"]
    process = subprocess.Popen([sys.executable, script, *arguments])
    try:
        wait_for(port, 20)
        assert get(port, "/current.json").body == head(3)["current.json"]
    finally:
        process.terminate()
    assert process.wait(15) == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 1)


def test_a_tree_may_begin_while_it_is_served(tmp_path):
    (tmp_path / "public").mkdir()
    with built_in(tmp_path / "public") as port:
        assert get(port, "/current.json").status == 503
        turn(TreeDirectory(tmp_path / "public"), 0)
        assert get(port, "/current.json").body == head(0)["current.json"]
