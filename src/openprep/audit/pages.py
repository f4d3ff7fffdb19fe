"""The pages of a tree: whose they are, what they run, and what they say of the cut.

Scripts, styles, worker and the shell of every page are held against the lists of releases; figures
are read out of the pages by :mod:`openprep.reading`, which knows no template; and where the release
is the one installed here, the pages are rendered again, too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from openprep.audit.codes import AuditCode
from openprep.audit.place import Missing, Place
from openprep.audit.report import Findings
from openprep.audit.results import Objects, Unreadable
from openprep.election import Level
from openprep.pages.codes import PageTrouble
from openprep.pages.releases import Known, Releases
from openprep.pages.rendering import TEXT_PAGE, Renderer
from openprep.reading.counted import Counted, CutSaid
from openprep.reading.figures import differences
from openprep.reading.markup import Taken, scripts_in
from openprep.reading.page import PageRead, read_page
from openprep.tree import manifest as wire
from openprep.tree.objects import AreaResults, ElectionDescription
from openprep.tree.release import INDEX_SHELL, MAX_RELEASE_BYTES, RELEASE_PATH, TEMPLATE_SUFFIX

MAX_PAGE_BYTES = 16 * 1024 * 1024
SHOWN_WHOLE = frozenset({Level.CIRCUNSCRIPCION, Level.ENTITY})
"""Levels whose areas stand with their figures on their contest's page."""

EXECUTABLE = (".html", ".js", ".svg")
"""What of a tree's root a browser runs by itself."""

COPIES = (".br", ".gz")
"""Ends of the names of compressed copies: a browser sees what they hold, not them."""


@dataclass(frozen=True)
class Shown:
    """The pages of a tree as they were read together, by path."""

    pages: Mapping[str, bytes]
    release: bytes | None
    beside: tuple[str, ...]
    """Other files of a folder that a browser could run; over HTTP nobody can list them."""


def read_shown(place: Place, manifest: wire.Manifest, *, newest: bool) -> Shown:
    """The pages of the cut, those at the root if it is the newest."""
    root = [wire.INDEX_PATH, TEXT_PAGE, *(f"{one.id}.html" for one in manifest.contests)]
    paths = [*(root if newest else ()), wire.page_path(manifest.cut)]
    pages = {path: data for path in paths if (data := _read(place, path)) is not None}
    beside = tuple(name for name in _runnable(place) if name not in root)
    return Shown(pages, _read(place, RELEASE_PATH, MAX_RELEASE_BYTES), beside)


def _read(place: Place, path: str, limit: int = MAX_PAGE_BYTES) -> bytes | None:
    try:
        return place.read(path, limit)
    except Missing:
        return None


def _runnable(place: Place) -> Iterator[str]:
    """Every asset, since a page may load it, and what stands at the root and runs by itself."""
    yield from (path for path in place.names("assets") or () if not path.endswith(COPIES))
    for path in place.names("live") or ():
        if path.endswith(EXECUTABLE):
            yield path.removeprefix("live/")


@dataclass(frozen=True)
class PagesAudit:
    """Holds the pages of one cut; everything is noted, nothing raised."""

    place: Place
    findings: Findings
    releases: Releases
    objects: Objects

    def audit(
        self, shown: Shown, manifest: wire.Manifest, description: ElectionDescription
    ) -> None:
        """Look at every page of the cut and at whatever they run."""
        if not shown.pages and shown.release is None:
            self.findings.note(AuditCode.RELEASE, "the tree has data only: no page is shown")
            self._files(shown, None)
            return
        release = self._release(shown)
        self._files(shown, release)
        roots = dict(self._roots(manifest))
        counted = {one.id: Counted.of_contest(one) for one in manifest.contests}
        everything = CutSaid.of(manifest, description, counted.values())
        for path, data in shown.pages.items():
            page = self._read_page(path, data, release)
            if page.more:
                continue
            own = roots.get(path.removesuffix(".html"))
            areas = [*counted.values()] if own is None else own
            cut = everything if own is None else CutSaid.of(manifest, description, own)
            self.findings.looked(AuditCode.PAGE_FIGURES)
            for one in differences(page.said, areas, cut, shows_all=True):
                self.findings.fail(AuditCode.PAGE_FIGURES, f"{path}: {one}")
        if release is not None and release.kit is not None:
            self._render_again(shown, manifest, Renderer(release.kit, self.objects.whole))

    def _release(self, shown: Shown) -> Known | None:
        """The release that the tree says it shows, if somebody gave its list."""
        known = None if shown.release is None else self.releases.of(shown.release)
        names = ", ".join(one.name for one in self.releases.known) or "none"
        what = "no list" if shown.release is None else f"SHA-256 {_digest(shown.release)}"
        where = f"{RELEASE_PATH}: {what}; known here: {names}"
        self.findings.expect(known is not None, AuditCode.RELEASE, where)
        if known is not None:
            self.findings.note(AuditCode.RELEASE, f"release {known.name}")
        return known

    # Files that say nothing of a cut

    def _files(self, shown: Shown, release: Known | None) -> None:
        files = {} if release is None else release.release.files
        for name, file in files.items():
            if name == INDEX_SHELL or name.endswith(TEMPLATE_SUFFIX):
                continue
            data = _read(self.place, name)
            where = f"{name} is not there" if data is None else f"{name} is not the release's"
            right = data is not None and _digest(data) == file.sha256
            self.findings.expect(right, AuditCode.PAGE_FILES, where)
        for name in shown.beside:
            if name not in files:
                self._unlisted(name)

    def _unlisted(self, name: str) -> None:
        """A script or page beside those of the release: of an earlier one, or of nobody's."""
        data = _read(self.place, name)
        listed = data is not None and self.releases.has(name, _digest(data))
        where = f"{name} is in no release given (of an earlier one? give its list with --release)"
        self.findings.expect(listed, AuditCode.FOREIGN_CODE, where)

    # Rendered pages

    def _read_page(self, path: str, data: bytes, release: Known | None) -> PageRead:
        """Read a page, whose shell must be the release's and the rest plain."""
        page = read_page(data, alone=path == TEXT_PAGE)
        if page.taken is not None:
            self._shell(path, page.taken, release)
        elif path != TEXT_PAGE:
            self.findings.expect(False, AuditCode.PAGE_FILES, f"{path} has not a page's marks")
        self.findings.looked(AuditCode.FOREIGN_CODE)
        for one in page.more:
            self.findings.fail(AuditCode.FOREIGN_CODE, f"{path}: {one}")
        return page

    def _shell(self, path: str, taken: Taken, release: Known | None) -> None:
        of = path.removesuffix(".html")
        of_contest = path not in (wire.INDEX_PATH, TEXT_PAGE) and "/" not in path
        if taken.route != (of if of_contest else None):
            where = f"{path} says that it is of {taken.route}"
            self.findings.expect(False, AuditCode.PAGE_FILES, where)
        digest = _digest(taken.shell.encode())
        if release is None:
            right = self.releases.has(INDEX_SHELL, digest)
        else:
            right = release.release.files[INDEX_SHELL].sha256 == digest
        scripts = " ".join(scripts_in(taken.shell)) or "no script"
        where = f"{path} is not the release's page around the figures: it has {scripts}"
        self.findings.expect(right, AuditCode.PAGE_FILES, where)

    def _roots(self, manifest: wire.Manifest) -> Iterator[tuple[str, list[Counted]]]:
        """By contest, the areas whose figures its page shows."""
        for cut in manifest.contests:
            try:
                root = self.objects.load(cut.results, AreaResults, cut.id)
                below = [Counted.of_area(area) for area in self._below(root)]
            except Unreadable:
                continue  # noted; nothing says what the page should show
            yield cut.id, [Counted.of_area(root, cut.title), *below]

    def _below(self, area: AreaResults) -> Iterator[AreaResults]:
        for child in area.children:
            if child.level in SHOWN_WHOLE:
                where = f"{area.contest} {child.path}"
                found = self.objects.load(child.object, AreaResults, where)
                yield found
                yield from self._below(found)

    def _render_again(self, shown: Shown, manifest: wire.Manifest, renderer: Renderer) -> None:
        try:
            pages = renderer.render(manifest)
        except PageTrouble as trouble:
            self.findings.expect(False, AuditCode.PAGE_BYTES, str(trouble))
            return
        for path, data in shown.pages.items():
            name = wire.INDEX_PATH if path == wire.page_path(manifest.cut) else path
            where = f"{path} is not what release {renderer.kit.name} makes of cut {manifest.cut}"
            self.findings.expect(pages[name] == data, AuditCode.PAGE_BYTES, where)


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()
