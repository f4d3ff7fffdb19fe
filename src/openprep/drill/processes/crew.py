"""The processes of a replay: a centre, its stations, a publisher, each a real `openprep`."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openprep.coded import CodedError
from openprep.drill.codes import DrillCode

BOUND = (sys.executable, "-m", "openprep.drill.processes.bound")
"""Before the process that it is bound to, and the arguments of `openprep`."""


class ProcessDied(CodedError[DrillCode]):
    """A process of the replay ended by itself."""


@dataclass
class Crew:
    """Processes that are started together and stopped together."""

    logs: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, arguments: Iterable[str | Path]) -> None:
        """Start ``openprep`` with ``arguments``; its words go to ``logs/<name>.log``.

        It ends with the thread that calls this, however that ends.
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(  # noqa: S603 - our own command
                [*BOUND, str(os.getpid()), *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches the conductor only, who stops the others
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )

    def check(self) -> None:
        """See that nobody died.

        Raises:
            ProcessDied: somebody did, with the last words of its log.
        """
        for name, process in self.running.items():
            if process.poll() not in (None, 0):
                words = (self.logs / f"{name}.log").read_text(errors="replace")[-2000:]
                raise ProcessDied(
                    DrillCode.PROCESS_ENDED,
                    "{name} ended with {status}:\n{words}\n",
                    name=name,
                    status=process.returncode,
                    words=words.rstrip("\n"),
                )

    def kill(self, name: str) -> None:
        """End a process without warning, as a power cut would."""
        self.running[name].kill()
        self.running.pop(name).wait()

    def stop(self, patience: float = 10.0) -> None:
        """Ask everybody to end, and end those who do not."""
        for process in self.running.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + patience
        for process in self.running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()


def ask(url: str) -> dict[str, Any] | None:
    """The JSON at ``url`` on this machine, or ``None`` while nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - loopback only
            found = json.load(answer)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
