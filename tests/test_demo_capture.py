"""The demo of a capture room through real processes: a crowd at work, and a visitor beside it."""

import asyncio
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import aiohttp
import pytest

from openprep.clock import system_clock
from openprep.drill.crowd.browser import Browser
from openprep.drill.demo.staffed_house import passes_of
from small.demo import REPOSITORY, still_running

pytestmark = pytest.mark.xdist_group("demo")

HOUSE = 18140
HELD = "fields of the finished actas held against their papers."


def demo(folder: Path, words: Path, *options: str) -> "subprocess.Popen[bytes]":
    with words.open("ab") as out:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "openprep", "demo", "--capture", "--speed", "max"),
                *("--actas", "3", "--for-you", "1", "--people", "2", "--seed", "11"),
                *("--mistakes", "1", "--data", str(folder)),
                *("--port", "18120", "--house-port", str(HOUSE), *options),
            ],
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=REPOSITORY,
        )


def until(said, process, words):
    deadline = time.monotonic() + 240
    while not said(words.read_text()):
        assert process.poll() is None, words.read_text()
        assert time.monotonic() < deadline, words.read_text()
        time.sleep(0.2)


async def bring(folder: Path) -> str:
    """As a visitor who signs in as ``digital`` and uploads the photograph that is left to them."""
    (own,) = (one for one in passes_of(folder).visitor if one.sign_in == "digital")
    (photo,) = (folder / "photographs").glob("*.jpg")
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        browser = Browser(f"http://127.0.0.1:{HOUSE}", session)
        await browser.sign_in(own, system_clock)
        page = await browser.get("/digitalizacion")
        page = await browser.bring(page.form("/digitalizacion/archivo"), photo.read_bytes())
        form = page.form("/digitalizacion/guardar")
        page = await browser.send(form, form.filled({"medio": "movil"}))
        return page.text


def test_a_crowd_and_a_visitor_end_at_the_figures_of_the_papers(tmp_path):
    folder, words = tmp_path / "demo", tmp_path / "words"
    shown = demo(folder, words)
    until(lambda said: HELD in said, shown, words)
    first = words.read_text()
    figures = re.search(r"(\d+) of (\d+) expected figures equal to the last digit", first)
    assert figures is not None, first
    assert figures[1] == figures[2]
    assert "≠" not in first
    assert re.search(r"arbitrated [1-9]", first), "everybody types wrong, so there are disputes"
    for role in ("acopio", "digital", "captura1", "captura2", "verifica", "coteja", "coordina"):
        assert role in first

    assert "guardada" in asyncio.run(bring(folder))
    until(lambda said: said.count(HELD) == 2, shown, words)
    assert "≠" not in words.read_text()

    shown.send_signal(signal.SIGINT)
    assert shown.wait(timeout=60) == 130
    assert "goes on from here" in words.read_text()
    assert not still_running(folder)


def test_what_a_demo_of_a_capture_room_has_not_is_refused(tmp_path):
    words = tmp_path / "words"
    told = demo(tmp_path / "demo", words, "--scale", "0.1")
    assert told.wait(timeout=60) == 2
    assert "--scale" in words.read_text()
    assert not (tmp_path / "demo").exists()
