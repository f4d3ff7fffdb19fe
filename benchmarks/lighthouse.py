"""Lighthouse's categories for four views of the page, on a phone and at a desk.

    uv run python -m benchmarks.lighthouse

The closing cut of Puebla 2024 is published by the real centre and served, compressed, by the server
of ``openprep mirror serve``. Lighthouse comes from npm for the occasion and is no dependency of
anything shipped. One JSON line for each view and form: the categories' scores out of 100 (medians
of :data:`TURNS` runs), Lighthouse's own measure of the machine (a quiet desktop has over 1,500;
below that, and on shared cores, blocking time says more of the machine than of the page), and the
audits below 90 in the last run.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from benchmarks.telling import command, tell
from openprep.hosting.http.server import TreeServer
from openprep.pages.kit import Kit
from page.bench.browser import CHROMIUM
from page.bench.puebla import Puebla

LIGHTHOUSE = "lighthouse@13.5.0"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
TURNS = 3
POOR = 0.9


@contextmanager
def published(folder: Path) -> Iterator[tuple[Puebla, str]]:
    """Puebla's night, and the address at which a publisher serves it."""
    night = Puebla(folder, Kit.load()).relive().compress()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = TreeServer(folder)
    port = asyncio.run_coroutine_threadsafe(server.start("127.0.0.1", 0), loop).result()
    try:
        yield night, f"http://localhost:{port}/"
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def views_of(night: Puebla) -> dict[str, str]:
    """Addresses: the landing, a contest, one of its actas, help."""
    contest = night.manifest.contests[0].id
    acta = night.declared.catalogues[contest][1000]
    return {
        "landing": "",
        "contest": f"#/{contest}",
        "acta": f"#/{contest}/{acta.area}/{acta.seccion}/{acta.id}",
        "help": "#/ayuda",
    }


def report_on(url: str, form: str) -> dict[str, Any]:
    """Lighthouse's own report on one visit."""
    tools = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    command = [
        "npx", "--yes", LIGHTHOUSE, url, "--quiet", "--output=json",
        "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
        f"--only-categories={','.join(CATEGORIES)}",
        *(["--preset=desktop"] if form == "desktop" else []),
    ]  # fmt: skip
    environment = {**os.environ, "PATH": tools, "CHROME_PATH": CHROMIUM}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def measure(url: str, form: str) -> dict[str, object]:
    """Median scores of several visits, and what was found wanting in the last."""
    reports = [report_on(url, form) for _ in range(TURNS)]
    scores = {
        name: round(
            100 * statistics.median(report["categories"][name]["score"] for report in reports)
        )
        for name in CATEGORIES
    }
    machine = statistics.median(report["environment"]["benchmarkIndex"] for report in reports)
    audits = reports[-1]["audits"].values()
    poor = {
        audit["id"]: audit.get("displayValue", audit["title"])
        for audit in audits
        if audit["score"] is not None and audit["score"] < POOR
    }
    return {**scores, "index_of_the_machine": round(machine), "poor": poor}


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        published(Path(folder)) as (night, address),
    ):
        for view, hash_ in views_of(night).items():
            for form in ("mobile", "desktop"):
                found = measure(address + hash_, form)
                tell("lighthouse", {"view": view, "form": form, **found})


if __name__ == "__main__":
    command(__doc__).parse_args()
    main()
