"""The pages that read without JavaScript: a cut's figures rendered into the built page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import DictLoader, Environment, StrictUndefined

from openprep.election import Level, format_share
from openprep.hosting.rules import FRAMED_PAGE
from openprep.publication.codes import PublicationCode
from openprep.tree.manifest import ContestCut, Manifest
from openprep.tree.objects import AreaResults, ElectionDescription, Ref

RESULTS_MARK = "<!--openprep:results-->"
ROUTE_MARK = "<html"
HEAD_MARKS = "<!--openprep:head-->", "<!--/openprep:head-->"
BUILT_PAGE = Path(__file__).parent.parent / "_site"
"""Where ``make site`` puts the built page."""
LANDING, CONTEST, TEXT = "landing.html.j2", "contest.html.j2", "text.html.j2"
HEAD = "head.html.j2"
TEXT_PAGE = "texto.html"
UNFOLDED = frozenset({Level.CIRCUNSCRIPCION, Level.ENTITY})
"""Levels whose areas stand in full on their contest's page."""

ReadArea = Callable[[Ref], AreaResults]


class PageMissing(Exception):
    """The page has not been built, or the build is of another kind."""

    def __init__(self, folder: Path, reason: str) -> None:
        code = PublicationCode.PAGE_MISSING
        super().__init__(f"{code.code} {folder}: {reason}; build it with `make site`")


@dataclass(frozen=True)
class Pages:
    """The pages of one cut: the landing, and by name the files that stand beside it."""

    landing: bytes
    standing: Mapping[str, bytes]


@dataclass(frozen=True)
class Page:
    """The built page: its assets by path in the tree, and where the results of a cut go.

    ``fixed`` are files that stand at the tree's root and say nothing of a cut.
    """

    assets: Mapping[str, bytes]
    fixed: Mapping[str, bytes]
    index: str
    templates: Environment

    @classmethod
    def load(cls, folder: Path = BUILT_PAGE) -> "Page":
        """Read the built page.

        Raises:
            PageMissing: there is no build in ``folder``, or it has no place for the results.
        """
        try:
            index = (folder / "index.html").read_text()
            texts = {path.name: path.read_text() for path in folder.glob("*.j2")}
        except FileNotFoundError as error:
            raise PageMissing(folder, "the page is not there") from error
        for mark in (RESULTS_MARK, *HEAD_MARKS):
            if mark not in index:
                raise PageMissing(folder, f"index.html has no {mark}")
        if missing := {LANDING, CONTEST, TEXT, HEAD} - set(texts):
            raise PageMissing(folder, f"there is no {min(missing)}")
        files = sorted(path for path in (folder / "assets").iterdir() if path.is_file())
        assets = {f"assets/{path.name}": path.read_bytes() for path in files}
        fixed = {
            path.name: path.read_bytes()
            for pattern in ("*.js", "*.html")
            for path in sorted(folder.glob(pattern))
            if path.name != "index.html"
        }
        framed = index.replace(ROUTE_MARK, f"{ROUTE_MARK} data-frame", 1)
        fixed[FRAMED_PAGE] = framed.replace(RESULTS_MARK, "").encode()
        return cls(assets, fixed, index, _environment(texts))

    def render(
        self,
        manifest: Manifest,
        description: ElectionDescription,
        roots: Mapping[str, AreaResults],
        read: ReadArea,
    ) -> Pages:
        """The pages of the cut that ``manifest`` lists, whose contests begin at ``roots``."""
        cut = {"manifest": manifest, "description": description, "roots": roots}
        landing = self.templates.get_template(LANDING).render(cut)
        text = self.templates.get_template(TEXT).render(cut)
        shown = {one.id: one for one in manifest.contests}
        contests = {
            f"{contest.id}.html": self._contest(
                {**cut, "contest": contest, "root": roots[contest.id]},
                shown[contest.id],
                tuple(_unfolded(roots[contest.id], read)),
            )
            for contest in description.contests
        }
        return Pages(
            self._index(cut, None).replace(RESULTS_MARK, landing).encode(),
            {**self.fixed, TEXT_PAGE: text.encode(), **contests},
        )

    def _contest(
        self, cut: Mapping[str, object], own: ContestCut, areas: tuple[AreaResults, ...]
    ) -> bytes:
        results = self.templates.get_template(CONTEST).render(cut, areas=areas)
        index = self._index(cut, own)
        index = index.replace(ROUTE_MARK, f'{ROUTE_MARK} data-route="#/{own.id}"', 1)
        return index.replace(RESULTS_MARK, results).encode()

    def _index(self, cut: Mapping[str, object], contest: ContestCut | None) -> str:
        """The built page with the title and description of the cut, or of one contest of it."""
        head = self.templates.get_template(HEAD).render({**cut, "contest": contest})
        start, end = HEAD_MARKS
        before, _, rest = self.index.partition(start)
        return before + head.strip() + rest.partition(end)[2]


def _unfolded(area: AreaResults, read: ReadArea) -> list[AreaResults]:
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
