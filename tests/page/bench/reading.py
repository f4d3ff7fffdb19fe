"""What a person sees of a page, and the small arithmetic to expect it."""

import re
from collections.abc import Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page as Tab
from playwright.sync_api import Route

from openprep.election import Level, format_share
from openprep.tabulation import share as share_of
from openprep.wire.cut.objects import SeccionResults
from openprep.wire.cut.results import AreaResults, ChildArea
from page.bench.publishing import Published

WIDTHS = (360, 768, 1440)
STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

KEPT = """async () => {
  const names = await caches.keys();
  const all = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
  return all.flat().map(({ url }) => url);
}"""
"""Addresses of what the service worker keeps."""


def keep_strict_policy(tab: Tab) -> None:
    """Serve the page under the strictest policy it must work in, and note what breaks it."""

    def strictly(route: Route) -> None:
        answer = route.fetch()
        headers = {**answer.headers, "content-security-policy": STRICT}
        route.fulfill(response=answer, headers=headers)

    tab.route("**/prensa/prep/", strictly)
    note_broken_policies(tab)


def note_broken_policies(tab: Tab) -> None:
    """Have the page keep what its policy forbade, from its first line on."""
    tab.add_init_script(
        "window.broken = [];"
        "addEventListener('securitypolicyviolation', (e) => window.broken.push(e.blockedURI))"
    )


def broken_policies(tab: Tab) -> object:
    """What the policy forbade since :func:`note_broken_policies`."""
    return tab.evaluate("window.broken")


def check_barriers(tab: Tab, address: str, unfolded: str | None = None) -> None:
    """With everything unfolded, axe finds no barrier, and at no width is anything too wide.

    ``unfolded`` names something that is there once what was unfolded has been fetched.
    """
    for summary in tab.locator("main summary").all():
        summary.click()
    if unfolded is not None:
        tab.locator(unfolded).first.wait_for()
    found = Axe().run(tab)
    assert found.violations_count == 0, f"{address}\n{found.generate_report()}"
    own = tab.viewport_size
    assert own is not None
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": own["height"]})
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert tab.evaluate(wide) <= 0, f"{address} is wider than a window of {width} px"
    tab.set_viewport_size(own)


def text_of(tab: Tab, selector: str = "main") -> str:
    """Visible text with its spaces made single."""
    return squeeze(tab.locator(selector).first.inner_text())


def squeeze(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def number(count: int) -> str:
    return f"{count:,}"


def share(value: int) -> str:
    return f"{format_share(value)} %"


def progress_of(part: int, whole: int) -> str:
    """How the page writes a part of the expected actas in a listing."""
    return f"{part:,} de {whole:,} {share(share_of(part, whole))}"


def open_route(tab: Tab, address: str, heading: str) -> None:
    """Go to an address of the page and wait until its view, with this heading, is there."""
    tab.evaluate(
        "address => location.hash === address || new Promise((done) => {"
        " addEventListener('hashchange', () => setTimeout(done), { once: true });"
        " location.hash = address; })",
        address,
    )
    tab.locator(".view[aria-busy=false] h1", has_text=heading).wait_for()


def areas(night: Published) -> Iterator[tuple[str, AreaResults]]:
    """Every area above the section, with its address."""
    for contest in night.manifest.contests:
        root = night.object(contest.results)
        assert isinstance(root, AreaResults)
        yield f"#/{contest.id}", root
        for child in root.children:
            area = night.object(child.object)
            assert isinstance(area, AreaResults)
            yield f"#/{contest.id}/{child.path}", area


def listed(night: Published, area: AreaResults) -> tuple[ChildArea, ...]:
    """What the page lists below an area: a unit's sections, whatever their runs."""
    if area.children[0].level is not Level.RUN:
        return area.children
    runs = [night.object(run.object) for run in area.children]
    return tuple(child for run in runs if isinstance(run, AreaResults) for child in run.children)


def sections(night: Published) -> Iterator[tuple[str, SeccionResults]]:
    """Every section, with its address."""
    for _, area in areas(night):
        for child in listed(night, area):
            section = night.object(child.object)
            if isinstance(section, SeccionResults):
                yield f"#/{area.contest}/{child.path}", section


SOON = "window.dispatchEvent(new Event('online'))"
"""What a browser says when the network is back: the page asks at once, so tests need not wait."""
