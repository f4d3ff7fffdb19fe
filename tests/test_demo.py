"""The demo itself, at full speed: 28 real processes, and every official figure."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from openprep.drill.processes import ask

REPOSITORY = Path(__file__).parent.parent
pytestmark = pytest.mark.xdist_group("demo")


def demo(folder, *options):
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "openprep", "demo", "--speed", "max"),
            *("--data", str(folder), "--port", "18120", *options),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, "COLUMNS": "120"},
    )


def still_running(folder):
    """Processes of this demo that outlived it."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if str(folder).encode() in words and b"openprep" in words:
                found.append(words)
    return found


def test_the_night_of_puebla_interrupted_resumed_and_equal_to_the_last_digit(tmp_path):
    folder = tmp_path / "demo"
    first = demo(folder)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        pointer = ask("http://127.0.0.1:18120/current.json")
        if pointer is not None and pointer["cut"] >= 2:
            break
        time.sleep(0.1)
    first.send_signal(signal.SIGINT)
    words, _ = first.communicate(timeout=60)
    assert first.returncode == 130, words
    assert "goes on from here" in words
    assert not still_running(folder)

    second = demo(folder)
    words, _ = second.communicate(timeout=240)
    assert "78 of 78 official figures equal to the last digit." in words, words[-3000:]
    assert ", 0 differ." in words
    assert second.returncode == 0
    assert not still_running(folder)
