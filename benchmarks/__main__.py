"""Run every benchmark, or those named, one line of JSON each: `make bench`.

Says first what this machine lacks for some of them, which are left out. Each has a bound of
seconds, after which it is ended and told as such; all together end within half an hour.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.telling import command, tell

LONGEST = 29 * 60
"""Seconds of all benchmarks together."""

ENDING = 20
"""Seconds in which one that is ended ends what it started."""

PAGE = Path(__file__).parent.parent / "src/openprep/_site/index.html"

_PAGE = f"the built page, {PAGE}: make site"
_CHROMIUM = "chromium"
_BROWSERS = (_CHROMIUM, "chromium-headless-shell")
"""The same engine: one of them is enough."""
_NGINX = "nginx"


@dataclass(frozen=True)
class Bench:
    """A benchmark: within how many seconds, what it needs beside us, and how it is asked here."""

    name: str
    seconds: int
    needs: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()


BENCHES = (
    Bench("reading", 30),
    Bench("tabulating", 30),
    Bench("databases", 80),
    Bench("appending", 50),
    Bench("recording", 100, arguments=("--scale", "0.01")),
    Bench("capturing", 130),
    Bench("digitising", 60, arguments=("100",)),
    Bench("desks", 240),
    Bench("doors", 200, arguments=("10",)),
    Bench("mirroring", 50),
    Bench("network", 200),
    Bench("serving", 120, ("wrk", _NGINX, "taskset", _PAGE)),
    Bench("page", 40, (_CHROMIUM, _PAGE)),
    Bench("browser_recount", 110, (_CHROMIUM, _NGINX, _PAGE)),
    Bench("night", 50),
    Bench("auditing", 80),
    Bench("nation", 170, arguments=("0.01", "0.1")),
)
assert sum(bench.seconds for bench in BENCHES) <= LONGEST


def is_here(needed: str) -> bool:
    """Whether this machine has it."""
    if needed == _PAGE:
        return PAGE.is_file()
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    names = _BROWSERS if needed == _CHROMIUM else (needed,)
    return any(shutil.which(name, path=path) for name in names)


def lacks(benches: Sequence[Bench]) -> Iterator[tuple[Bench, str]]:
    """Each benchmark that cannot run here, and what for."""
    for bench in benches:
        missing = [needed for needed in bench.needs if not is_here(needed)]
        if missing:
            yield bench, ", ".join(missing)


def run(bench: Bench, seconds: float) -> bool:
    """Run one; whether it ended well, and in time."""
    words = [sys.executable, "-m", f"benchmarks.{bench.name}", *bench.arguments]
    process = subprocess.Popen(words, start_new_session=True)
    try:
        return process.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        tell(bench.name, {"ended_after_seconds": round(seconds)})
        return False
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a benchmark that goes on, and whatever it started and left."""
    with suppress(subprocess.TimeoutExpired):
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(ENDING)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def main() -> int:
    """Run those that are asked for; 1 if one did not end well."""
    parser = command(__doc__)
    known = {bench.name: bench for bench in BENCHES}
    parser.add_argument("bench", nargs="*", help=f"only these, of {', '.join(known)}")
    asked = parser.parse_args().bench
    if unknown := [name for name in asked if name not in known]:
        parser.error(f"there is no {', '.join(unknown)}")
    benches = [known[name] for name in asked] or BENCHES
    without = dict(lacks(benches))
    for bench, missing in without.items():
        print(f"without {bench.name}: {missing} is not here", file=sys.stderr)
    until = time.monotonic() + LONGEST
    failed = [
        bench.name
        for bench in benches
        if bench not in without and not run(bench, min(bench.seconds, until - time.monotonic()))
    ]
    if failed:
        print(f"not ended well: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
