"""The demo itself, at full speed: 28 real processes, and every official figure."""

import os
import signal
import subprocess
import sys
import time

import pytest

from openprep.drill.processes import ask
from small.demo import REPOSITORY, still_running

pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture(autouse=True)
def _hanging_up_ends_what_is_started():
    """Whatever the tests themselves were started by: under `nohup` nothing heeds it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


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


def until(condition, what):
    deadline = time.monotonic() + 180
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def words_of(folder, *words):
    """Whether a process of this demo runs with these words."""
    return any(all(word.encode() in found for word in words) for found in still_running(folder))


MOMENTS = {
    "at the start": lambda folder: (folder / "logs/center.log").exists(),
    "at the night": lambda _: ask("http://127.0.0.1:18120/current.json") is not None,
    "at the last process": lambda folder: words_of(folder, "mirror", "run"),
}


@pytest.mark.parametrize(
    ("number", "moment"),
    [*((signal.SIGTERM, moment) for moment in MOMENTS), (signal.SIGHUP, "at the start")],
)
def test_a_demo_that_is_told_to_end_ends_its_processes(tmp_path, number, moment):
    folder = tmp_path / "demo"
    told = demo(folder)
    until(lambda: MOMENTS[moment](folder), moment)
    told.send_signal(number)
    words, _ = told.communicate(timeout=120)
    assert told.returncode == 128 + number, words
    assert "goes on from here" in words
    assert not still_running(folder)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_that_is_told_to_end_while_it_generates_leaves_nothing_half_made(tmp_path, number):
    folder = tmp_path / "demo"
    told = demo(folder, "--election", "federal-2024")
    until((folder / ".drill.partial").exists, "it generates")
    told.send_signal(number)
    words, _ = told.communicate(timeout=120)
    assert told.returncode == 128 + number, words
    assert [path.name for path in folder.iterdir()] == ["demo.json"]
    other = demo(folder)
    words, _ = other.communicate(timeout=120)
    assert other.returncode == 2
    assert "N010" in words
    assert [path.name for path in folder.iterdir()] == ["demo.json"]


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells a process of its parent's end"
)
@pytest.mark.parametrize("moment", ["at the start", "at the last process"])
def test_processes_of_a_demo_that_was_killed_end_with_it(tmp_path, moment):
    folder = tmp_path / "demo"
    killed = demo(folder)
    until(lambda: MOMENTS[moment](folder), moment)
    killed.kill()
    killed.communicate(timeout=60)
    until(lambda: not still_running(folder), "they end")


def test_a_signal_that_whoever_starts_a_demo_has_ignored_stays_ignored(tmp_path):
    """As `nohup` does."""
    folder = tmp_path / "demo"
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        told = demo(folder)
    finally:
        signal.signal(signal.SIGHUP, before)
    until(lambda: MOMENTS["at the last process"](folder), "it runs")
    told.send_signal(signal.SIGHUP)
    until(lambda: MOMENTS["at the night"](folder), "it goes on")
    told.send_signal(signal.SIGTERM)
    told.communicate(timeout=120)
    assert told.returncode == 128 + signal.SIGTERM
    assert not still_running(folder)
