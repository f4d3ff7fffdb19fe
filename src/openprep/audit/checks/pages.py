"""The pages of a tree: whose they are, what they run, and what they say of the cut.

Scripts, styles, worker and the shell of every page are held against the lists of releases; figures
are read out of the pages by :mod:`openprep.reading`, which knows no template; and where the release
is the one installed here, the pages are rendered again, too.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from openprep.audit.codes import AuditCode
from openprep.audit.counting.composing import NOWHERE, MadeArea, as_read
from openprep.audit.place import Missing, Place
from openprep.audit.report import Findings
from openprep.coded import Text, said
from openprep.election import Level
from openprep.hosting.directory import KEPT_PAGES
from openprep.hosting.rules import CODINGS
from openprep.pages.codes import PageTrouble
from openprep.pages.releases import Known, Releases
from openprep.pages.rendering import TEXT_PAGE, Renderer
from openprep.reading.counted import Counted, CutSaid
from openprep.reading.figures import differences
from openprep.reading.markup import Taken, scripts_in
from openprep.reading.page import PageRead, read_page
from openprep.wire.cut.description import ElectionDescription
from openprep.wire.cut.manifest import (
    INDEX_PATH,
    POINTER_PATH,
    Manifest,
    Pointer,
    decode,
    page_path,
)
from openprep.wire.cut.objects import Area
from openprep.wire.cut.ref import Link
from openprep.wire.cut.results import AreaResults
from openprep.wire.release import INDEX_SHELL, MAX_RELEASE_BYTES, RELEASE_PATH, TEMPLATE_SUFFIX

MAX_PAGE_BYTES = 16 * 1024 * 1024
SHOWN_WHOLE = frozenset({Level.CIRCUNSCRIPCION, Level.ENTITY})
"""Levels whose areas stand with their figures on their contest's page."""

EXECUTABLE = (".html", ".js", ".svg")
"""What of a tree's root a browser runs by itself."""

SMALLEST_LIMIT = 64 * 1024
"""Bytes that a compressed copy of a small file may have: it may be larger than the file."""

COPIES = tuple(CODINGS.values())
"""Ends of the names of compressed copies: a browser sees what they hold, not them."""


@dataclass(frozen=True)
class Shown:
    """The pages of a tree as they were read together, by path."""

    pages: Mapping[str, bytes]
    release: bytes | None
    missing: tuple[str, ...] = ()
    """Pages that a tree with pages has, and this one not."""
    otherwise: tuple[Text, ...] = ()
    """Pages of which a browser that takes compressed ones has another, and in which coding."""
    beside: tuple[str, ...] = ()
    """Other files of a folder that a browser could run; over HTTP nobody can list them."""


def read_shown(place: Place, manifest: Manifest, *, newest: bool) -> Shown:
    """The pages of the cut, those at the root if it is the newest."""
    root = [INDEX_PATH, TEXT_PAGE, *(f"{contest.id}.html" for contest in manifest.contests)]
    paths = [*root, page_path(manifest.cut)] if newest else [page_path(manifest.cut)]
    pages = {path: data for path in paths if (data := _read(place, path)) is not None}
    return Shown(
        pages,
        _read(place, RELEASE_PATH, MAX_RELEASE_BYTES),
        tuple(path for path in paths if newest and path not in pages),
        tuple(
            difference
            for path, data in pages.items()
            for difference in _sent_otherwise(place, path, data)
        ),
        tuple(name for name in _runnable(place) if name not in root),
    )


def _sent_otherwise(place: Place, path: str, data: bytes) -> Iterator[Text]:
    """The codings in which a file is sent as another one."""
    for coding in CODINGS:
        try:
            same = place.as_sent(path, coding, max(len(data), SMALLEST_LIMIT)) == data
        except Missing:
            same = False
        if not same:
            yield said("{path} is another one as sent in {coding}", path=path, coding=coding)


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
    areas: Mapping[str, MadeArea]
    """By contest, what its results must be."""

    def audit(self, shown: Shown, manifest: Manifest, description: ElectionDescription) -> None:
        """Look at every page of the cut and at whatever they run."""
        if not shown.pages and shown.release is None:
            self.findings.note(AuditCode.RELEASE, "the tree has data only: no page is shown")
            self._files(shown, None)
            return
        release = self._release(shown)
        self._files(shown, release)
        for path in shown.missing:
            self.findings.expect(False, AuditCode.PAGE_FILES, "{path} is not there", path=path)
        for otherwise in shown.otherwise:
            self.findings.expect(False, AuditCode.PAGE_FILES, "{otherwise}", otherwise=otherwise)
        roots = dict(self._roots(manifest))
        every = [Counted.of_contest(contest) for contest in manifest.contests]
        for path, data in shown.pages.items():
            areas = roots.get(path.removesuffix(".html"), every)
            cut = CutSaid.of(manifest, description, areas)
            self._figures(path, self._read_page(path, data, release), areas, cut)
        if release is not None and release.kit is not None:
            renderer = Renderer(release.kit, _Composed(description, self.areas))
            self._render_again(shown, manifest, renderer)

    def past(self, manifests: Sequence[Manifest], description: ElectionDescription) -> None:
        """Look at the pages kept of all cuts but the last of ``manifests``: anybody may ask them.

        Over HTTP at those of the newest, as many as a tree keeps.
        """
        listed, last = self.place.names("cuts"), manifests[-1].cut
        kept = manifests[-KEPT_PAGES - 1 : -1] if listed is None else manifests[:-1]
        known = {page_path(manifest.cut): manifest for manifest in kept}
        for path, manifest in known.items():
            self._past_page(path, manifest, description)
        later = {page_path(cut) for cut in range(last, self._newest(last) + 1)}
        for path in listed or ():
            if path.endswith(".html") and path not in known and path not in later:
                self.findings.expect(
                    False, AuditCode.FOREIGN_CODE, "{path} is of no such cut", path=path
                )

    def _past_page(self, path: str, manifest: Manifest, description: ElectionDescription) -> None:
        data = _read(self.place, path)
        if data is None:
            return
        areas = [Counted.of_contest(contest) for contest in manifest.contests]
        page = self._read_page(path, data, None)
        self._figures(path, page, areas, CutSaid.of(manifest, description, areas))
        self._as_sent(path, data)

    def _newest(self, last: int) -> int:
        """The cut that is up: a later one may have been published meanwhile."""
        data = _read(self.place, POINTER_PATH)
        with suppress(msgspec.MsgspecError):
            return last if data is None else decode(data, Pointer).cut
        return last

    def _figures(self, path: str, page: PageRead, areas: Sequence[Counted], cut: CutSaid) -> None:
        """Hold what a page says against what was counted; nobody knows what an unplain one says."""
        if page.more:
            return
        self.findings.looked(AuditCode.PAGE_FIGURES)
        for difference in differences(page.said, areas, cut, shows_all=True):
            self.findings.fail(
                AuditCode.PAGE_FIGURES, "{path}: {difference}", path=path, difference=difference
            )

    def _release(self, shown: Shown) -> Known | None:
        """The release that the tree says it shows, if somebody gave its list."""
        known = None if shown.release is None else self.releases.of(shown.release)
        names = ", ".join(release.name for release in self.releases.known)
        what = said("no list")
        if shown.release is not None:
            what = said("SHA-256 {digest}", digest=_digest(shown.release))
        self.findings.expect(
            known is not None,
            AuditCode.RELEASE,
            "{path}: {what}; known here: {names}",
            path=RELEASE_PATH,
            what=what,
            names=names or said("none"),
        )
        if known is not None:
            self.findings.note(AuditCode.RELEASE, "release {name}", name=known.name)
        return known

    # Files that say nothing of a cut

    def _files(self, shown: Shown, release: Known | None) -> None:
        files = {} if release is None else release.release.files
        for name, file in files.items():
            if name == INDEX_SHELL or name.endswith(TEMPLATE_SUFFIX):
                continue
            data = _read(self.place, name)
            right = data is not None and _digest(data) == file.sha256
            self.findings.expect(
                right,
                AuditCode.PAGE_FILES,
                "{name} is not there" if data is None else "{name} is not the release's",
                name=name,
            )
            if right and data is not None:
                self._as_sent(name, data)
        for name in shown.beside:
            if name not in files:
                self._unlisted(name)

    def _unlisted(self, name: str) -> None:
        """A script or page beside those of the release: of an earlier one, or of nobody's."""
        data = _read(self.place, name)
        listed = data is not None and self.releases.has(name, _digest(data))
        self.findings.expect(
            listed,
            AuditCode.FOREIGN_CODE,
            "{name} is in no release given (of an earlier one? give its list with --release)",
            name=name,
        )
        if listed and data is not None:
            self._as_sent(name, data)

    def _as_sent(self, name: str, data: bytes) -> None:
        """Hold a file against what a browser has of it that takes compressed ones."""
        for otherwise in _sent_otherwise(self.place, name, data):
            self.findings.expect(False, AuditCode.PAGE_FILES, "{otherwise}", otherwise=otherwise)

    # Rendered pages

    def _read_page(self, path: str, data: bytes, release: Known | None) -> PageRead:
        """Read a page, whose shell must be the release's and the rest plain."""
        page = read_page(data, alone=path == TEXT_PAGE)
        if page.taken is not None:
            self._shell(path, page.taken, release)
        elif path != TEXT_PAGE:
            self.findings.expect(
                False, AuditCode.PAGE_FILES, "{path} has not a page's marks", path=path
            )
        self.findings.looked(AuditCode.FOREIGN_CODE)
        for surplus in page.more:
            self.findings.fail(
                AuditCode.FOREIGN_CODE, "{path}: {surplus}", path=path, surplus=surplus
            )
        return page

    def _shell(self, path: str, taken: Taken, release: Known | None) -> None:
        of = path.removesuffix(".html")
        of_contest = path not in (INDEX_PATH, TEXT_PAGE) and "/" not in path
        if taken.route != (of if of_contest else None):
            self.findings.expect(
                False,
                AuditCode.PAGE_FILES,
                "{path} says that it is of {route}",
                path=path,
                route=taken.route,
            )
        digest = _digest(taken.shell.encode())
        if release is None:
            right = self.releases.has(INDEX_SHELL, digest)
        else:
            right = release.release.files[INDEX_SHELL].sha256 == digest
        self.findings.expect(
            right,
            AuditCode.PAGE_FILES,
            "{path} is not the release's page around the figures: it has {scripts}",
            path=path,
            scripts=" ".join(scripts_in(taken.shell)) or said("no script"),
        )

    def _roots(self, manifest: Manifest) -> Iterator[tuple[str, list[Counted]]]:
        """By contest, the areas whose figures its page shows."""
        for cut in manifest.contests:
            root = self.areas.get(cut.id)
            if root is not None:
                below = [Counted.of_area(area) for area in self._below(root)]
                yield cut.id, [Counted.of_area(as_read(root), cut.title), *below]

    def _below(self, area: MadeArea) -> Iterator[AreaResults]:
        for child in area.children:
            own = child.own.object
            if isinstance(own, Area) and own.level in SHOWN_WHOLE:
                yield as_read(child)
                yield from self._below(child)

    def _render_again(self, shown: Shown, manifest: Manifest, renderer: Renderer) -> None:
        try:
            pages = renderer.render(manifest)
        except PageTrouble as trouble:
            self.findings.expect(False, AuditCode.PAGE_BYTES, "{trouble}", trouble=trouble)
            return
        for path, data in shown.pages.items():
            name = INDEX_PATH if path == page_path(manifest.cut) else path
            self.findings.expect(
                pages[name] == data,
                AuditCode.PAGE_BYTES,
                "{path} is not what release {release} makes of cut {cut}",
                path=path,
                release=renderer.kit.name,
                cut=manifest.cut,
            )


class _Composed:
    """The cut as the log gives it, for a renderer that reads one."""

    def __init__(self, description: ElectionDescription, roots: Mapping[str, MadeArea]) -> None:
        self._description = description
        self._roots = roots
        self._areas = {area.own.digest: area for root in roots.values() for area in _within(root)}

    def description(self, _manifest: Manifest) -> ElectionDescription:
        """The election."""
        return self._description

    def roots(self, _manifest: Manifest) -> Mapping[str, Link]:
        """The root of each contest."""
        return {name: Link(root.own.digest, NOWHERE) for name, root in self._roots.items()}

    def area(self, link: Link) -> AreaResults:
        """An area by its digest alone."""
        return as_read(self._areas[link.digest])


def _within(area: MadeArea) -> Iterator[MadeArea]:
    """An area and those below it that a page shows."""
    yield area
    for child in area.children:
        if isinstance(child.own.object, Area) and child.own.object.level in SHOWN_WHOLE:
            yield from _within(child)


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()
