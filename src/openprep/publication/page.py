"""The landing page with the figures of a cut in it, so that it reads without JavaScript."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template

from openprep.election import format_share
from openprep.publication.codes import PublicationCode
from openprep.tree.manifest import Manifest
from openprep.tree.objects import AreaResults, ElectionDescription

RESULTS_MARK = "<!--openprep:results-->"
BUILT_PAGE = Path(__file__).parent.parent / "_site"
"""Where ``make site`` puts the built page."""


class PageMissing(Exception):
    """The page has not been built, or the build is of another kind."""

    def __init__(self, folder: Path, reason: str) -> None:
        code = PublicationCode.PAGE_MISSING
        super().__init__(f"{code.code} {folder}: {reason}; build it with `make site`")


@dataclass(frozen=True)
class Page:
    """The built page: its assets by path in the tree, and its landing with a place for results."""

    assets: Mapping[str, bytes]
    index: str
    landing: Template

    @classmethod
    def load(cls, folder: Path = BUILT_PAGE) -> "Page":
        """Read the built page.

        Raises:
            PageMissing: there is no build in ``folder``, or it has no place for the results.
        """
        try:
            index = (folder / "index.html").read_text()
            landing = (folder / "landing.html.j2").read_text()
        except FileNotFoundError as error:
            raise PageMissing(folder, "the page is not there") from error
        if RESULTS_MARK not in index:
            raise PageMissing(folder, f"index.html has no {RESULTS_MARK}")
        files = sorted(path for path in (folder / "assets").iterdir() if path.is_file())
        assets = {f"assets/{path.name}": path.read_bytes() for path in files}
        return cls(assets, index, _environment().from_string(landing))

    def render(
        self,
        manifest: Manifest,
        description: ElectionDescription,
        roots: Mapping[str, AreaResults],
    ) -> bytes:
        """The landing of the cut that ``manifest`` lists, whose contests begin at ``roots``."""
        results = self.landing.render(manifest=manifest, description=description, roots=roots)
        return self.index.replace(RESULTS_MARK, results).encode()


def _environment() -> Environment:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
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
