"""A cut's figures rendered into the installed page: who publishes them, renders them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

from jinja2 import DictLoader, Environment, StrictUndefined, TemplateError
from msgspec import MsgspecError

from openprep.election import Level, format_share
from openprep.hosting.directory import TreeDirectory
from openprep.pages.codes import PageCode, PageTrouble
from openprep.pages.kit import CONTEST, HEAD, LANDING, TEXT, Kit
from openprep.wire.cut.description import ElectionDescription
from openprep.wire.cut.manifest import INDEX_PATH, ContestCut, Manifest
from openprep.wire.cut.objects import decode_object
from openprep.wire.cut.ref import Ref
from openprep.wire.cut.results import AreaResults
from openprep.wire.release import HEAD_MARKS, RESULTS_MARKS, ROUTE_MARK

TEXT_PAGE = "texto.html"
UNFOLDED = frozenset({Level.CIRCUNSCRIPCION, Level.ENTITY})
"""Levels whose areas stand in full on their contest's page."""

Kind = TypeVar("Kind", AreaResults, ElectionDescription)

ReadObject = Callable[[Ref], bytes | None]
"""The bytes of an object, checked by its digest; ``None`` where it is not to be had whole."""


def reading_whole(tree: TreeDirectory) -> ReadObject:
    """Objects of a tree on this disk that have their digest."""

    def read(ref: Ref) -> bytes | None:
        data = tree.read_object(ref)
        return data if data is not None and sha256(data).hexdigest() == ref.sha256 else None

    return read


def place_assets(tree: TreeDirectory, kit: Kit) -> None:
    """Have the kit's scripts and styles in a tree, each as it must be, with compressed copies.

    Those of earlier kits stay: a tab that was opened then may still ask for them.
    """
    for name, data in kit.assets.items():
        tree.restore(name, data)
    tree.compress(kit.assets)


class Renderer:
    """Renders one cut after the other with one kit; areas that did not change are read once."""

    def __init__(self, kit: Kit, read: ReadObject) -> None:
        self.kit = kit
        self._read = read
        self._templates = _environment(kit.templates)
        self._areas: dict[str, AreaResults] = {}

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

    def _pages(self, manifest: Manifest, known: Mapping[str, AreaResults]) -> dict[str, bytes]:
        def area(ref: Ref) -> AreaResults:
            found = known.get(ref.sha256) or self._load(ref, AreaResults)
            self._areas[ref.sha256] = found
            return found

        description = self._load(manifest.description, ElectionDescription)
        roots = {contest.id: area(contest.results) for contest in manifest.contests}
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

    def _load(self, ref: Ref, kind: type[Kind]) -> Kind:
        data = self._read(ref)
        found = None if data is None else decode_object(data)
        if not isinstance(found, kind):
            raise TypeError(f"object {ref.sha256} is not whole, or no {kind.__name__}")
        return found

    def _page(
        self, template: str, cut: Mapping[str, object], own: ContestCut | None, **more: object
    ) -> bytes:
        """The shell with the head and the results of the cut, or of one contest of it."""
        results = self._templates.get_template(template).render(cut, **more)
        head = self._templates.get_template(HEAD).render({**cut, "contest": own})
        index = self.kit.index
        if own is not None:
            index = index.replace(ROUTE_MARK, f'{ROUTE_MARK} data-route="#/{own.id}"', 1)
        index = index.replace("".join(HEAD_MARKS), head.strip().join(HEAD_MARKS), 1)
        before, after = RESULTS_MARKS
        return index.replace(before, f"{before}{results}{after}", 1).encode()


def _unfolded(area: AreaResults, read: Callable[[Ref], AreaResults]) -> list[AreaResults]:
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
