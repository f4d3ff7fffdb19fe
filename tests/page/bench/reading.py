"""What a person sees of a page, and the small arithmetic to expect it."""

import re
from collections.abc import Callable, Iterator

from axe_playwright_python.sync_playwright import Axe
from msgspec.structs import astuple
from playwright.sync_api import BrowserContext, Route
from playwright.sync_api import Page as Tab

from openprep.election import CasillaKind, Level, VotesOverList, format_share
from openprep.election.acta import INCONSISTENCIES
from openprep.election.summary import AboveList, Basis, Summary
from openprep.election.summary import share as share_of
from openprep.wire.cut.objects import NOBODY
from openprep.wire.cut.ref import Link, pack_path
from openprep.wire.cut.results import AreaResults, ChildArea
from page.bench.publishing import Published
from small.reading import ShownActa, ShownSection

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
        for area in sorted(night.reading.areas(contest.id), key=lambda area: area.path):
            yield f"#/{contest.id}/{area.path}".rstrip("/"), area


def listed(night: Published, area: AreaResults) -> tuple[ChildArea, ...]:
    """What the page lists below an area: a unit's sections, whatever their runs."""
    if area.children[0].level is not Level.RUN:
        return area.children
    return tuple(row for run in area.children for row in listed_in(night, area.contest, run))


def range_of(link: Link) -> str:
    """How a page asks for an object in a pack."""
    _, offset, size = astuple(link.at)
    return f"bytes={offset}-{offset + size - 1}"


def catch(tab: Tab | BrowserContext, link: Link, caught: Callable[[Route], object]) -> str:
    """Give requests for an object in a pack to ``caught``; the pattern under which it is done."""
    wanted, pack = range_of(link), f"/{pack_path(link.at.pack)}"

    def route(asked: Route) -> None:
        own = asked.request.headers.get("range") == wanted
        if own and asked.request.url.split("?")[0].endswith(pack):
            caught(asked)
        else:
            asked.fallback()

    pattern = "**/packs/*.pack*"
    tab.route(pattern, route)
    return pattern


def listed_in(night: Published, contest: str, run: ChildArea) -> tuple[ChildArea, ...]:
    """The sections that a run lists."""
    contenders = night.declared.contests[contest].contenders
    unit = run.path.rpartition("/")[0]
    first, last = run.path.rpartition("/")[2].split("-")
    return tuple(
        ChildArea(
            Level.SECCION,
            section.path,
            section.path.rpartition("/")[2],
            run.object,
            len(section.actas),
            section.captured,
            section.counted,
            section.total,
            None if section.leader == NOBODY else contenders[section.leader],
            section.leader_votes,
        )
        for section in night.reading.sections(contest)
        if section.path.rpartition("/")[0] == unit
        and first <= section.path.rpartition("/")[2] <= last
    )


def sections(night: Published) -> Iterator[tuple[str, ShownSection]]:
    """Every section, with its address."""
    for contest in night.manifest.contests:
        for section in sorted(night.reading.sections(contest.id), key=lambda own: own.path):
            yield f"#/{contest.id}/{section.path}", section


def summary_of(section: ShownSection) -> Summary:
    """The 13 figures of a section that has no acta of proportional representation."""
    counted = [acta for acta in section.actas if acta.counting.value == 1]
    captured = [acta for acta in section.actas if acta.acta is not None]
    wrong = [acta for acta in captured if INCONSISTENCIES.intersection(_observed(acta))]
    people = sum(_list_of(acta) for acta in counted)
    with_list = sum(acta.total for acta in counted if _list_of(acta))
    special = sum(acta.total for acta in counted if _kind_of(acta) is CasillaKind.ESPECIAL)
    every = len(section.actas)
    total = sum(acta.total for acta in counted)
    return Summary(
        expected=every,
        registered=len(captured),
        out_of_catalogue=0,
        captured=len(captured),
        captured_share=share_of(len(captured), every),
        counted=len(counted),
        counted_share=share_of(len(counted), every),
        inconsistent_share=share_of(len(wrong), every),
        not_counted=len(captured) - len(counted),
        lista_nominal=people,
        votes_with_special=total,
        votes_without_special=total - special,
        participation=share_of(with_list, people) if people else None,
        basis=Basis(
            VotesOverList.WITH_LIST,
            with_list,
            AboveList.BEYOND_LIST if with_list > people else None,
        ),
    )


def _observed(acta: ShownActa) -> frozenset[object]:
    assert acta.acta is not None
    return frozenset(acta.acta.observations)


def _list_of(acta: ShownActa) -> int:
    assert acta.expected is not None
    return acta.expected.lista_nominal


def _kind_of(acta: ShownActa) -> CasillaKind:
    assert acta.expected is not None
    return acta.expected.kind


SOON = "window.dispatchEvent(new Event('online'))"
"""What a browser says when the network is back: the page asks at once, so tests need not wait."""


def until(tab: Tab, true: Callable[[], object]) -> None:
    """Let the browser go on until something holds here."""
    for _ in range(600):
        if true():
            return
        tab.wait_for_timeout(50)
    raise AssertionError("waited in vain")
