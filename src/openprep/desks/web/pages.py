"""Pages and the few files beside them: rendered here, from here, with nothing of anybody else's."""

from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from openprep.coded import CodedError
from openprep.desks.codes import NotGiven, PageCode
from openprep.desks.house import House
from openprep.desks.web.texts.all import TEXTS, text
from openprep.desks.web.texts.said import Language
from openprep.desks.web.visit import Visit
from openprep.record.codes import RecordTrouble

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy of everything: nothing inline, nothing from elsewhere."""

ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with none at all browsers send `Origin: null`
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NO_CAMERA = {"Permissions-Policy": "camera=(), geolocation=(), microphone=()"}
CAMERA = {"Permissions-Policy": "camera=(self), geolocation=(), microphone=()"}
NOT_KEPT = "no-store"
FOR_EVER = "public, max-age=31536000, immutable"
STATIC = "/static/{digest}/{name}"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class _File(NamedTuple):
    content: bytes
    kind: str
    digest: str


class Pages:
    """What a house's pages are rendered with."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._files = dict(_static())
        self._templates = Environment(
            loader=PackageLoader("openprep.desks.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def give(self, visit: Visit, template: str, status: int = 200, **facts: object) -> web.Response:
        """A page of this visit."""

        def t(key: str, **inside: object) -> str:
            return text(visit.language, key, **inside)

        def why(code: str, otherwise: str = "not_saved", **inside: object) -> str:
            return t(code if code in TEXTS else otherwise, **inside)

        page = self._templates.get_template(f"{template}.html.j2").render(
            t=t,
            why=why,
            visit=visit,
            election=self._house.election,
            hours=self._house.hours.value,
            hours_said=self._hours(visit.language),
            static=self._address,
            languages=Language,
            **facts,
        )
        return web.Response(text=page, status=status, content_type="text/html")

    def _hours(self, language: Language) -> str:
        """Whether the house works now, in a sentence."""
        house = self._house
        closes = house.closes_at
        until = "" if closes is None else f"{house.election.window.local(closes):%H:%M}"
        return text(language, f"hours.{house.hours.value}", until=until)

    async def file(self, visit: Visit) -> web.Response:
        """One of the files beside the pages, under the digest of its content."""
        asked = visit.request.match_info
        found = self._files.get(asked["name"])
        if found is None or found.digest != asked["digest"]:
            raise NotGiven(PageCode.NO_SUCH_PAGE, "no file")
        return web.Response(
            body=found.content,
            content_type=found.kind,
            charset="utf-8",
            headers={"Cache-Control": FOR_EVER},
        )

    def _address(self, name: str) -> str:
        return STATIC.format(digest=self._files[name].digest, name=name)


def _static() -> list[tuple[str, _File]]:
    folder = files("openprep.desks.web") / "static"
    contents = [(one.name, one.read_bytes()) for one in folder.iterdir()]
    return [
        (name, _File(content, _TYPES[PurePosixPath(name).suffix], sha256(content).hexdigest()[:16]))
        for name, content in contents
    ]


def with_camera(page: web.Response) -> web.Response:
    """A page that may use a camera; no other may."""
    page.headers.update(CAMERA)
    return page


def lead_to(path: str) -> web.Response:
    """Lead a browser on with a GET, so that a reload sends nothing twice."""
    return web.Response(status=303, headers={"Location": path})


def status_of(error: CodedError[Any]) -> int:
    """The HTTP status of a step that was not sealed: may it be sent again as it is, or not."""
    if isinstance(error, RecordTrouble):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.UNPROCESSABLE_ENTITY
