"""A real tree with everything that a server may be asked for, and servers of it."""

import asyncio
import hashlib
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvloop

from openprep.hosting import TreeDirectory
from openprep.hosting.http.server import TreeServer
from openprep.hosting.nginx.publisher import Process, Site, whole_configuration
from openprep.wire.cut.ref import image_path
from small.center import SmallCenter
from small.image import digest_of, jpeg

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
PAGE = b"<!doctype html><title>PREP</title>" + b"<p>acta computada</p>" * 900
SCRIPT = b"export const texto = 'casilla';\n" * 600
LARGE = bytes(range(256)) * 5000
SMALL = b'{"a":1}'
IMAGE = jpeg(7, (600, 800))
IMAGE_PATH = image_path(digest_of(IMAGE))
BIG_OBJECT = b'{"votos":[' + b"120," * 5000 + b"0]}"
PACK = b'[[1,0,5120]]\n{"kind":"run"}\n' * 400
BUNDLE_PATH = "tile/entries/000"
BUNDLE = (b"\0\xf0" + b'["acta",2,"gubernatura"'.ljust(240)) * 256


def digest_path(data: bytes) -> str:
    digest = hashlib.sha256(data).hexdigest()
    return f"objects/{digest[:2]}/{digest}.json"


def served_tree(folder: Path) -> TreeDirectory:
    """Cuts 0 to 2 of a real centre, with a page, an asset, a full bundle, and large files."""
    center = SmallCenter(folder)
    for _ in range(3):
        center.next_cut()
    tree = center.tree
    tree.place("assets/index-abc.js", SCRIPT)
    tree.place("assets/icon.svg", b"<svg/>")
    tree.place(IMAGE_PATH, IMAGE)
    tree.place("databases/20240603_2000_PREP.zip", LARGE)
    tree.place("packs/900.pack", PACK)
    tree.place(BUNDLE_PATH, BUNDLE)
    for data in (SMALL, BIG_OBJECT):
        tree.place_object(hashlib.sha256(data).hexdigest(), data)
    packed = ("assets/index-abc.js", digest_path(BIG_OBJECT), "cuts/2.json", "packs/900.pack")
    tree.compress([*packed, BUNDLE_PATH])
    turn(tree, 3)
    return tree


def head(cut: int) -> dict[str, bytes]:
    """Heads whose files all say which cut they are of, of one size."""
    mark = b"%06d" % cut
    return {
        "current.json": b'{"schema":1,"cut":"%s"}' % mark,
        "checkpoint": b"origin\n%s\nroot\n" % mark,
        "index.html": PAGE + mark,
    }


def turn(tree: TreeDirectory, cut: int) -> None:
    tree.flip(cut, head(cut))


@contextmanager
def built_in(root: Path, limits: Any = None, tls: Any = None, **options: Any) -> Iterator[int]:
    """The built-in server in a thread; its port."""
    loop = uvloop.new_event_loop()
    server = TreeServer(root, limits, **options)
    port = loop.run_until_complete(server.start("127.0.0.1", 0, tls=tls))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield port
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def real_nginx(public: Path, folder: Path, **options: Any) -> Iterator[int]:
    """Debian's nginx under the generated configuration, in its own folder; its port."""
    if not os.access(NGINX, os.X_OK):
        pytest.fail("nginx is not installed: .ci/system-packages")
    folder.mkdir()
    port = free_port()
    listen = options.pop("listen", (f"127.0.0.1:{port}",))
    site = Site(public, options.pop("name", "localhost"), listen, log=str(folder), **options)
    with running_nginx(whole_configuration(site, own_process(folder)), folder, port):
        yield port


def own_process(folder: Path) -> Process:
    """An nginx in its own folder, as whoever runs the tests."""
    return Process(folder, workers="1", user="root" if os.getuid() == 0 else None)


@contextmanager
def running_nginx(configuration: str, folder: Path, port: int) -> Iterator[None]:
    """nginx under a whole configuration, once it takes it without a warning."""
    file = folder / "nginx.conf"
    file.write_text(configuration)
    command = [NGINX, "-p", str(folder), "-e", str(folder / "start.log"), "-c", str(file)]
    checked = subprocess.run([*command, "-t"], capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr.decode()
    assert b"warn" not in checked.stderr, checked.stderr.decode()
    process = subprocess.Popen([*command, "-g", "daemon off;"])
    try:
        wait_for(port)
        yield
    finally:
        process.terminate()
        process.wait(10)


def stock_nginx_takes(folder: Path, configurations: Any) -> None:
    """See that nginx, configured as Debian ships it, takes these as files of ``conf.d``."""
    for number, text in enumerate(configurations):
        (folder / f"{number}.site.conf").write_text(text)
    main = folder / "nginx.conf"
    main.write_text(
        f"include /etc/nginx/modules-enabled/*.conf; pid {folder}/pid;\n"
        "events { worker_connections 768; }\n"
        "http { sendfile on; tcp_nopush on; types_hash_max_size 2048;\n"
        "include /etc/nginx/mime.types; default_type application/octet-stream;\n"
        f"ssl_protocols TLSv1.2 TLSv1.3; gzip on; include {folder}/*.site.conf; }}"
    )
    command = [NGINX, "-t", "-e", str(folder / "e"), "-c", str(main)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "[warn]" not in checked.stderr, checked.stderr


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(port: int, seconds: float = 10) -> None:
    for _ in range(int(seconds / 0.02)):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError(f"nothing listens on {port}")
