"""A small house with its pages, people without passwords, and a browser that shows every byte."""

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image

from capture.walking import pseudonym
from desks.small_house import SmallHouse, image_of
from openprep.capture.acts import Who
from openprep.capture.asked import asked_of
from openprep.capture.reading import FieldName, Reading
from openprep.capture.steps import SessionId
from openprep.desks.delivery_note import DeliveryNote
from openprep.desks.drafts import Drafts
from openprep.desks.pictures import Pictures
from openprep.desks.web.application import CaptureRoom, capture_application, nowhere
from openprep.desks.web.overview.overview_desk import Note
from openprep.desks.web.paper.scanner import ScannerFolder
from openprep.desks.web.people import Listed
from openprep.desks.web.sheet import FieldPlaces
from openprep.digitising.digitiser import Digitiser
from openprep.election import Election, VoteField
from openprep.people.codes import SignInCode, SignInRefused
from openprep.people.roles import Role
from openprep.people.session_file import Session
from openprep.people.sessions import Begun
from openprep.people.sign_in import Asked
from openprep.record.images import name_of
from openprep.wire.note import Verifier
from transmission.small_center import ELECTION, NOW

ORIGIN = "http://localhost"
SECRET = b"s" * 32


class Trusting:
    """People whose name says all: ``ana-capturista`` is let in where she says that she works."""

    def __init__(self) -> None:
        self.live: dict[str, Session] = {}
        self.refuses: Exception | None = None
        self.known: list[Listed] = []
        self.out: set[tuple[Who, str]] = set()
        self._begun = 0

    def session_of(self, token: str) -> Session | None:
        return self.live.get(token)

    async def sign_in(self, asked: Asked) -> Begun:
        if self.refuses is not None:
            raise self.refuses
        name, _, role = asked.name.partition("-")
        if not self.out.isdisjoint({(Who.PERSON, pseudonym(name)), (Who.PLACE, asked.place)}):
            raise SignInRefused(SignInCode.REFUSED, "not signed in")
        self.known.append(Listed(name, pseudonym(name), Role(role), (asked.place,)))
        self._begun += 1
        token = f"{name}-{self._begun}"
        self.live[token] = Session(
            pseudonym(token), name, pseudonym(name), asked.place, Role(role), "proof", NOW
        )
        return Begun(self.live[token], token, "machine")

    async def sign_out(self, token: str) -> None:
        self.live.pop(token, None)

    def listed(self) -> list[Listed]:
        """Whoever came in once."""
        return self.known

    async def shut_out(self, who: Who, which: str) -> None:
        self.out.add((who, which))
        for token, one in [*self.live.items()]:
            if (who, which) in ((Who.PERSON, one.person), (Who.PLACE, one.place)):
                del self.live[token]

    async def let_in(self, who: Who, which: str) -> None:
        self.out.discard((who, which))

    def everybody(self) -> tuple[Session, ...]:
        return tuple(self.live.values())

    async def revoke_session(self, session: SessionId) -> bool:
        tokens = [token for token, known in self.live.items() if known.id == session]
        for token in tokens:
            del self.live[token]
        return bool(tokens)


@dataclass
class SmallRoom:
    """The pages of a small house, in a folder."""

    folder: Path
    election: Election = ELECTION
    people: Trusting = field(default_factory=Trusting)
    origins: frozenset[str] = frozenset({ORIGIN})
    places: FieldPlaces = nowhere
    digitiser: Digitiser | None = None
    label_key: Ed25519PrivateKey | None = None
    opened: bool = True
    scanners: dict[str, ScannerFolder] = field(default_factory=dict)
    note: Note = DeliveryNote
    log: Sequence[Verifier] = ()

    def __post_init__(self) -> None:
        self.small = SmallHouse(self.folder / "house", election=self.election, opened=self.opened)
        self.open()

    def open(self) -> None:
        self.drafts = Drafts(self.folder / "house" / "drafts.sqlite", self.election.id)
        self.pictures = Pictures(self.folder / "house" / "pictures")

    def app(self, draw: Callable[[int], bytes] = lambda count: b"d" * count) -> web.Application:
        return capture_application(
            CaptureRoom(
                self.small.house,
                self.people,
                self.pictures,
                self.drafts,
                SECRET,
                self.origins,
                self.places,
                digitiser=self.digitiser,
                label_key=self.label_key,
                scanners=self.scanners,
                note=self.note,
                log=self.log,
                draw=draw,
            )
        )

    async def digitised(self, *actas: str) -> None:
        """Images of these actas come in, each with a picture for the screen."""
        for acta in actas:
            path = self.folder / "house/pictures/renditions" / name_of(image_of(acta))
            path.write_bytes(picture(acta))
            await self.small.digitised(acta)

    def restart(self) -> None:
        """As if the house's process had been killed and started again."""
        self.drafts.close()
        self.small.restart()
        self.open()

    def close(self) -> None:
        self.drafts.close()
        self.small.journal.close()


def picture(acta: str) -> bytes:
    stream = BytesIO()
    Image.new("RGB", (200, 300), (240, 240, int(acta[1:]) * 20)).save(stream, "JPEG")
    return stream.getvalue()


@dataclass(frozen=True)
class Got:
    """An answer, whole."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def hidden(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        assert found, f"no {name} in {self.text}"
        return unescape(found[1])

    @property
    def fields(self) -> dict[str, str]:
        """The figure fields of the page, and what stands in them."""
        pairs = re.findall(r'<input id="([\w.]+)" name="\1" value="([^"]*)"', self.text)
        return {unescape(name): unescape(value) for name, value in pairs}

    @property
    def focused(self) -> str:
        found = re.search(r'id="([\w.-]+)"[^>]* autofocus', self.text)
        return found[1] if found else ""


@dataclass
class Browser:
    """One browser: its cookies, and all that it was answered."""

    url: str
    session: aiohttp.ClientSession
    cookies: dict[str, str] = field(default_factory=dict)
    seen: list[Got] = field(default_factory=list)

    async def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str | None
    ) -> Got:
        said = {"Host": "localhost", "Accept-Language": "es-MX,es;q=0.9"}
        if self.cookies:
            said["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            said |= {"Origin": ORIGIN, "Content-Type": "application/x-www-form-urlencoded"}
        changes = {name.replace("_", "-"): value for name, value in headers.items()}
        said = {k: v for k, v in {**said, **changes}.items() if v is not None}
        asking = self.session.request(
            method, self.url + path, data=body, headers=said, allow_redirects=False
        )
        async with asking as answer:
            got = Got(answer.status, tuple(answer.headers.items()), await answer.read())
        for name, value in got.headers:
            if name.lower() == "set-cookie":
                for key, morsel in SimpleCookie(value).items():
                    self.cookies[key] = morsel.value
        self.seen.append(got)
        return got

    async def get(self, path: str, **headers: str | None) -> Got:
        got = await self.ask("GET", path, None, **headers)
        while got.status == 303:
            got = await self.ask("GET", got.header("Location") or "", None, **headers)
        return got

    async def post(self, path: str, form: dict[str, str], **headers: str | None) -> Got:
        """Post, and follow where it leads."""
        got = await self.send(path, form, **headers)
        return await self.get(got.header("Location") or "") if got.status == 303 else got

    async def send(self, path: str, form: dict[str, str], **headers: str | None) -> Got:
        return await self.ask("POST", path, urlencode(form).encode(), **headers)

    async def bring(self, path: str, data: bytes, ficha: str) -> Got:
        """Post a file, as a browser's form does, and follow where it leads."""
        form = aiohttp.MultipartWriter("form-data", boundary="----browser")
        form.append(ficha).set_content_disposition("form-data", name="ficha")
        part = form.append(data, {"Content-Type": "image/jpeg"})
        part.set_content_disposition("form-data", name="archivo", filename="acta.jpg")
        kind = "multipart/form-data; boundary=----browser"
        got = await self.ask("POST", path, bytes(await form.as_bytes()), Content_Type=kind)
        return await self.get(got.header("Location") or "") if got.status == 303 else got

    async def sign_in(self, name: str, place: str = "CCV1", role: str = "capturista") -> Got:
        page = await self.get("/entrar")
        form = {"ficha": page.hidden("ficha"), "nombre": f"{name}-{role}", "lugar": place}
        return await self.post("/entrar", {**form, "clave": "x", "codigo": "1"})

    async def save(self, page: Got, figures: dict[str, str], **more: str) -> Got:
        return await self.post("/captura", {**form_of(page), **figures, **more})


def form_of(page: Got) -> dict[str, str]:
    """What a browser sends back unchanged."""
    return {"ficha": page.hidden("ficha"), "boleto": page.hidden("boleto")} | page.fields


def all_of(page: Got, vote: str = "3") -> dict[str, str]:
    """The same in every field but the amounts, which fit it so that there is no hint."""
    votes = [name for name in page.fields if name.startswith("votes.")]
    total = str(int(vote) * len(votes)) if vote.isdigit() else "-"
    amounts = {
        "surplus_ballots": "0",
        "people_voted": total,
        "representatives_voted": "0",
        "ballots_taken": total,
        "total_written": total,
    }
    return {name: vote if name in votes else amounts[name] for name in page.fields}


def figures_of(acta: str, vote: VoteField) -> Reading:
    """What a page typed by :func:`all_of` amounts to."""
    asked = asked_of(ELECTION.contests["AYUN"], ELECTION.expected["AYUN"][acta])
    total = vote * len(asked.columns) if isinstance(vote, int) else vote
    sums = ("people_voted", "ballots_taken", "total_written")
    typed: dict[FieldName, VoteField] = {f"votes.{column}": vote for column in asked.columns}
    typed |= {name: total if name in sums else 0 for name in asked.amounts}
    return asked.reading(typed)


@asynccontextmanager
async def browsing(room: SmallRoom) -> AsyncIterator[Callable[[], Browser]]:
    """The pages, and a maker of browsers that look at them."""
    async with (
        TestServer(room.app()) as server,
        aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(), skip_auto_headers={"User-Agent", "Accept"}
        ) as session,
    ):
        url = str(server.make_url("")).rstrip("/")
        yield lambda: Browser(url, session)
