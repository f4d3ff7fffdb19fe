"""A person who does literally what a page says, on one machine.

A block runs in bash as it stands, but for what no test can have as it is written: the few kinds of
:class:`Instead`. Nothing is added to a command and nothing is taken away.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar
from urllib.request import urlopen

from documented.blocks import Block

PATIENCE = 120.0
NUMBER = re.compile(r"(?:\d{5} ){7}\d{5}")
"""The number of a trust root, as it is spoken aloud."""


def until(true: Callable[[], object], what: str) -> None:
    """Wait until ``true()``; who waits in vain says for what."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.1)


@dataclass(frozen=True)
class Instead:
    """Where a page has ``written``, this machine has ``here``."""

    written: str
    here: str
    form: ClassVar[str]

    def __post_init__(self) -> None:
        assert re.fullmatch(self.form, self.written), f"{self.written}: no {type(self).__name__}"

    @property
    def found(self) -> str:
        return rf"(?<![\w.-]){re.escape(self.written)}(?![\w-])"


class Address(Instead):
    """An address of somebody in the network, or the name of a host."""

    form = r"(https?://)?[a-z0-9.-]+\.(mx|example)(/[a-z]+)*"


class Port(Instead):
    form = r"\d+"


class Folder(Instead):
    """A folder from the root of the machine."""

    form = r"(/[a-z0-9.]+)+"


class Moment(Instead):
    """A time: that of a page passes."""

    form = r"\d{4}-\d\d-\d\dT[\d:]{8}[-+]\d\d:\d\d"


class Digest(Instead):
    """A SHA-256 of a file that the reader has and the page does not."""

    form = r"[0-9a-f]{64}"


class Person(Instead):
    """Who does the same beside the one that the page names."""

    form = r"[a-z]+"


@dataclass
class Running:
    """A command of a page that goes on until it is stopped."""

    block: Block
    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        return self.log.read_text()


@dataclass
class Reader:
    """Works in a folder, ``place``."""

    place: Path
    instead: tuple[Instead, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    running: list[Running] = field(default_factory=list)

    def here(self, text: str) -> str:
        """A text of a page, as it is on this machine."""
        by_written = {place.written: place.here for place in self.instead}
        longest = sorted(self.instead, key=lambda place: -len(place.written))
        if not longest:
            return text
        return re.sub(
            "|".join(place.found for place in longest), lambda found: by_written[found[0]], text
        )

    def run(
        self, block: Block, typed: str | None = "", code: int = 0, command: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a block, or its ``command``, to its end; it must leave with (one of) ``code``."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", self.here(command or block.text)],
            cwd=self.place,
            env=self._environment(),
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,  # no terminal: what is asked for is read from what is typed
        )
        said = f"{block}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert done.returncode in ((code,) if isinstance(code, int) else code), said
        assert "Traceback" not in done.stderr, said
        return done

    def start(self, block: Block) -> Running:
        """Start a block that goes on until it is stopped."""
        log = self.place / f"{block.page.replace('/', '-')}-{block.line}.log"
        with log.open("wb") as stream:
            process = subprocess.Popen(
                ["bash", "-euo", "pipefail", "-c", self.here(block.text)],
                cwd=self.place,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        started = Running(block, process, log)
        self.running.append(started)
        return started

    def stop(self, running: Running) -> None:
        """Stop what was started, as systemd does, and see that it ends well."""
        self.running.remove(running)
        with suppress(ProcessLookupError):
            os.killpg(running.process.pid, signal.SIGTERM)
        assert running.process.wait(60) == 0, f"{running.block}:\n{running.said()}"

    def stop_all(self) -> None:
        """Stop whatever is still running, well or not."""
        for running in self.running:
            with suppress(ProcessLookupError):
                os.killpg(running.process.pid, signal.SIGTERM)
        for running in self.running:
            running.process.wait(60)

    def wait_for(self, address: str, true: Callable[[bytes], object] = lambda _: True) -> bytes:
        """What an address answers, once it answers something of which ``true`` holds."""
        answers: list[bytes] = []

        def answered() -> bool:
            for running in self.running:
                assert running.process.poll() is None, f"{running.block} ended:\n{running.said()}"
            with suppress(OSError), urlopen(self.here(address), timeout=5) as answer:
                answers[:] = [answer.read()]
                return bool(true(answers[0]))
            return False  # type: ignore[unreachable]  # suppress() is not seen through

        until(answered, address)
        return answers[0]

    def _environment(self) -> dict[str, str]:
        programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}:/usr/sbin"
        return {**os.environ, "PATH": programs, "COLUMNS": "120", **self.environment}
