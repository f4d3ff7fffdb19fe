"""A real centre of the small election, in a process of its own, with as few files as is usual."""

import asyncio
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from benchmarks.attackers import post

from openprep.center.process import Plan, run_center
from openprep.cuts.signing_key import make_key
from openprep.transmission.keys import Enrolled
from served.tree import free_port, wait_for
from small.election import small_election
from transmission.small_center import KEYS, NOW, sealed

USUAL_FILES = 1024

ENROLLED = sealed()[:60]
STRANGER = sealed().replace(b"D01", b"XYZ", 1)[:60]

INBOX = {
    "bodies that trickle": ("trickle", 200),
    "bodies in a station's name": ("trickle", 200, ENROLLED),
    "large ones in a station's name": ("large trickle", 200, ENROLLED),
    "bodies of no station": ("trickle", 200, STRANGER),
    "half requests": ("half request", 1200),
    "idle connections": ("idle", 1200),
    "a flood that no station signed": ("flood", 20, post(STRANGER)),
    "a flood with a wrong signature": ("flood", 20, post(sealed()[:-1] + b"x")),
    "a flood that is not HTTP": ("flood", 20, b"\x16\x03\x01 nonsense\r\n\r\n"),
}
TREE = {
    "half requests": ("half request", 1200),
    "idle connections": ("idle", 1200),
    "readers that do not read": ("slow reader", 300),
}
"""Attacks on its inbox and on its tree: a kind, how many at once, and with what they begin."""


def run(folder: Path, inbox: int, tree: int, files: int) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    began = time.monotonic()

    def clock() -> datetime:
        return NOW + timedelta(seconds=time.monotonic() - began)

    plan = Plan(
        small_election(),
        folder,
        folder / "stations.json",
        clock,
        "127.0.0.1",
        inbox,
        tree,
        live_seconds=0.05,
        with_page=False,
    )
    asyncio.run(run_center(plan))


@contextmanager
def real_center(folder: Path, files: int = USUAL_FILES) -> Iterator[tuple[int, int]]:
    """The ports of its inbox and tree, while it runs."""
    folder.mkdir(exist_ok=True)
    make_key(folder / "center.key")
    raw = {name: key.public_key().public_bytes_raw().hex() for name, key in KEYS.items()}
    stations = [Enrolled(name, "CATD", public, reports=("*",)) for name, public in raw.items()]
    (folder / "stations.json").write_bytes(msgspec.json.encode(stations))
    ports = free_port(), free_port()
    command = [sys.executable, __file__, str(folder), *map(str, (*ports, files))]
    paths = [str(folder) for folder in Path(__file__).parents[1:3]]
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        command, stdout=log, stderr=log, env={"PYTHONPATH": ":".join(paths), "PATH": ""}
    )
    try:
        wait_for(ports[1], 20)
        yield ports
        assert process.poll() is None, (folder / "log").read_text()
    finally:
        process.terminate()
        process.wait(10)
        log.close()


if __name__ == "__main__":
    run(Path(sys.argv[1]), *map(int, sys.argv[2:5]))
