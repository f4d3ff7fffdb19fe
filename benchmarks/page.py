"""The landing on a cheap phone: Chromium with its processor slowed ×4 over slow 4G.

    uv run python -m benchmarks.page

A tree of Puebla 2024 (opening and closing cut, three contests) is published by the real centre and
served compressed. One JSON line: bytes of the first view as transferred, largest contentful paint,
layout shift, and the time until the script has taken over. Medians of :data:`TURNS` visits.
"""

import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from benchmarks.telling import command, tell
from openprep.pages.kit import Kit
from page.bench.browser import CHROMIUM, CHROMIUM_ARGUMENTS
from page.bench.puebla import Puebla
from page.bench.serving import serving

TURNS = 5
PHONE: ViewportSize = {"width": 360, "height": 740}
SLOWER = 4
SLOW_4G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1.6e6 / 8,
    "uploadThroughput": 750e3 / 8,
}
"""Lighthouse's slow 4G: 150 ms, 1.6 Mb/s down, 750 kb/s up."""
WATCH = """
window.seen = { lcp: 0, cls: 0 };
new PerformanceObserver((list) => { seen.lcp = list.getEntries().at(-1).startTime; })
  .observe({ type: 'largest-contentful-paint', buffered: true });
new PerformanceObserver((list) => { for (const move of list.getEntries()) seen.cls += move.value; })
  .observe({ type: 'layout-shift', buffered: true });
"""


def visit(browser: Browser, url: str) -> dict[str, float]:
    context = browser.new_context(viewport=PHONE, service_workers="block")
    tab = context.new_page()
    transferred = [0]
    devtools = context.new_cdp_session(tab)
    devtools.send("Network.enable")
    devtools.on(
        "Network.loadingFinished",
        lambda done: transferred.append(int(done["encodedDataLength"])),
    )
    devtools.send("Network.emulateNetworkConditions", SLOW_4G)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    tab.add_init_script(WATCH)
    tab.goto(url)
    tab.locator(".status[data-state]").wait_for()
    taken_over = tab.evaluate("performance.now()")
    first_view = sum(transferred)
    tab.wait_for_timeout(1500)
    seen = tab.evaluate("window.seen")
    context.close()
    return {
        "first_view_bytes": first_view,
        "lcp_ms": seen["lcp"],
        "layout_shift": seen["cls"],
        "taken_over_ms": taken_over,
    }


def measure() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        night = Puebla(Path(folder), Kit.load()).relive().compress()
        with serving(night) as site, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM, args=list(CHROMIUM_ARGUMENTS)
            )
            visits = [visit(browser, site.url) for _ in range(TURNS)]
            browser.close()
    medians = {name: statistics.median(visit[name] for visit in visits) for name in visits[0]}
    return {name: round(median, 4) for name, median in medians.items()}


if __name__ == "__main__":
    command(__doc__).parse_args()
    tell("page", measure())
