"""The distribution service, or a publisher's mirror, in a process of its own with few files."""

import asyncio
import resource
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from hostile.center import USUAL_FILES
from openprep.distribution.process import ServicePlan, run_service
from openprep.mirror.process.publisher import PublisherMirror, PublisherPlan
from served.tree import wait_for
from small.publishers import EVENING


def evening() -> datetime:
    return EVENING


def service(folder: Path, port: int) -> Coroutine[Any, Any, None]:
    """As ``openprep center serve`` runs it."""
    names = (f"127.0.0.1:{port}",)
    return run_service(ServicePlan(folder, evening, "127.0.0.1", port, names))


def mirror(folder: Path, port: int) -> Coroutine[Any, Any, None]:
    """As ``openprep mirror run`` runs it."""
    return PublisherMirror(PublisherPlan(folder, evening, "127.0.0.1", port)).run()


@contextmanager
def in_a_process(
    what: Callable[..., Any], folder: Path, port: int, files: int = USUAL_FILES
) -> Iterator[Path]:
    """While the block runs, ``what`` listens at ``port``; it must outlive the block."""
    command = [sys.executable, __file__, what.__name__, str(folder), str(port), str(files)]
    paths = [str(folder) for folder in Path(__file__).parents[1:3]]
    path = folder.parent / f"{what.__name__}.log"
    with path.open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env={"PYTHONPATH": ":".join(paths), "PATH": ""}
        )
        try:
            wait_for(port, 60)
            yield path
            assert process.poll() is None, path.read_text()
        finally:
            process.terminate()
            try:
                process.wait(60)
            finally:
                process.kill()  # nothing, of a process that has ended


if __name__ == "__main__":
    wanted = {command.__name__: command for command in (service, mirror)}[sys.argv[1]]
    most = int(sys.argv[4])
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(wanted(Path(sys.argv[2]), int(sys.argv[3])))
