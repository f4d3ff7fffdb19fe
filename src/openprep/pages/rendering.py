"""A cut's figures rendered into the installed page: who publishes them, renders them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from html import escape
from typing import Protocol

from jinja2 import DictLoader, Environment, StrictUndefined, TemplateError
from msgspec import MsgspecError

from openprep.election import Level, format_share
from openprep.hosting.directory import TreeDirectory
from openprep.pages.codes import PageCode, PageTrouble
from openprep.pages.kit import CONTEST, HEAD, LANDING, TEXT, Kit
from openprep.wire.cut.description import ElectionDescription, decode_declared
from openprep.wire.cut.manifest import INDEX_PATH, ContestCut, Manifest
from openprep.wire.cut.ref import Link
from openprep.wire.cut.results import AreaResults, ResultsReader
from openprep.wire.release import HEAD_MARKS, RESULTS_MARKS, ROUTE_MARK

TEXT_PAGE = "texto.html"
UNFOLDED = frozenset({Level.CIRCUNSCRIPCION, Level.ENTITY})
"""Levels whose areas stand in full on their contest's page."""


class CutReader(Protocol):
    """Reads what a cut shows."""

    def description(self, manifest: Manifest) -> ElectionDescription:
        """The election, as the cut names it.

        Raises:
            ValueError: it is not to be had whole.
        """

    def roots(self, manifest: Manifest) -> Mapping[str, Link]:
        """Where the results of each contest begin.

        Raises:
            ValueError: nothing says it.
        """

    def area(self, link: Link) -> AreaResults:
        """The area at ``link``.

        Raises:
            ValueError: it is not to be had whole.
        """


class TreeReader:
    """Reads the cuts of a tree on this disk, each object held against its digest."""

    def __init__(self, tree: TreeDirectory) -> None:
        self._tree = tree
        self.area = ResultsReader(tree.read_at).area

    def description(self, manifest: Manifest) -> ElectionDescription:
        """As :meth:`CutReader.description`."""
        ref = manifest.description
        data = self._tree.read_object(ref)
        found = None if data is None else decode_declared(data)
        if not isinstance(found, ElectionDescription):
            what = f"{ref.path} is not whole, or describes no election"
            raise ValueError(what)  # noqa: TRY004 - what the bytes say, no type of a caller's
        return found

    def roots(self, manifest: Manifest) -> Mapping[str, Link]:
        """As :meth:`CutReader.roots`."""
        where = self._tree.where(manifest.cut)
        if where is None:
            raise ValueError(f"the tree does not say where it has the results of {manifest.cut}")
        return {cut.id: Link(cut.results, where.roots[cut.id]) for cut in manifest.contests}


def place_assets(tree: TreeDirectory, kit: Kit) -> None:
    """Have the kit's scripts and styles in a tree, each as it must be, with compressed copies.

    Those of earlier kits stay: a tab that was opened then may still ask for them.
    """
    for name, data in kit.assets.items():
        tree.place(name, data)
    tree.compress(kit.assets)


class Renderer:
    """Renders one cut after the other with one kit; areas that did not change are read once."""

    def __init__(self, kit: Kit, read: CutReader) -> None:
        self.kit = kit
        self._read = read
        self._templates = _environment(kit.templates)
        self._areas: dict[Link, AreaResults] = {}

    def render(self, manifest: Manifest) -> dict[str, bytes]:
        """What stands at the root of a tree that shows the cut, by name: its pages, and the kit's.

        Raises:
            PageTrouble: NOT_RENDERED.
        """
        known, self._areas = self._areas, {}
        try:
            return self._pages(manifest, known)
        except (TemplateError, MsgspecError, LookupError, TypeError, ValueError) as error:
            raise PageTrouble(
                PageCode.NOT_RENDERED,
                "cut {cut} with kit {name}: {error!r}",
                cut=manifest.cut,
                name=self.kit.name,
                error=error,
            ) from error

    def _pages(self, manifest: Manifest, known: Mapping[Link, AreaResults]) -> dict[str, bytes]:
        def area(link: Link) -> AreaResults:
            found = self._areas[link] = known.get(link) or self._read.area(link)
            return found

        description = self._read.description(manifest)
        roots = {name: area(link) for name, link in self._read.roots(manifest).items()}
        cut = {"manifest": manifest, "description": description, "roots": roots}
        shown = {contest.id: contest for contest in manifest.contests}
        pages = {
            f"{contest.id}.html": self._page(
                CONTEST,
                {**cut, "contest": contest, "root": roots[contest.id]},
                shown[contest.id],
                areas=tuple(_unfolded(roots[contest.id], area)),
            )
            for contest in description.contests
        }
        return {
            **pages,
            TEXT_PAGE: self._templates.get_template(TEXT).render(cut).encode(),
            **self.kit.standing,
            INDEX_PATH: self._page(LANDING, cut, None),
        }

    def _page(
        self, template: str, cut: Mapping[str, object], own: ContestCut | None, **more: object
    ) -> bytes:
        """The shell with the head and the results of the cut, or of one contest of it."""
        results = self._templates.get_template(template).render(cut, **more)
        head = self._templates.get_template(HEAD).render({**cut, "contest": own})
        index = self.kit.index
        if own is not None:
            index = index.replace(ROUTE_MARK, f'{ROUTE_MARK} data-route="#/{escape(own.id)}"', 1)
        index = index.replace("".join(HEAD_MARKS), head.strip().join(HEAD_MARKS), 1)
        before, after = RESULTS_MARKS
        return index.replace(before, f"{before}{results}{after}", 1).encode()


def _unfolded(area: AreaResults, read: Callable[[Link], AreaResults]) -> list[AreaResults]:
    """The entities below ``area``, in order, each after the circunscripción that it is of."""
    found = []
    for child in area.children:
        if child.level in UNFOLDED:
            below = read(child.object)
            found += [below, *_unfolded(below, read)]
    return found


def _environment(texts: Mapping[str, str]) -> Environment:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=DictLoader(texts),
    )
    environment.filters["share"] = lambda share: f"{format_share(share)} %"
    environment.filters["number"] = lambda count: f"{count:,}"
    environment.filters["localtime"] = _localtime
    return environment


def _localtime(at: datetime) -> str:
    """``at`` as the authority writes it; it carries the official zone already."""
    hours = at.utcoffset()
    offset = "" if hours is None else f" (UTC{int(hours.total_seconds() // 3600):+d})"
    return f"{at:%d/%m/%Y %H:%M:%S}{offset}"
