"""The browser of a simulated person: cookies, origin, and forms sent as a browser sends them."""

from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from uuid import uuid4

import aiohttp
import pyotp
from msgspec import Struct

from openprep.clock import Clock
from openprep.coded import CodedError
from openprep.drill.codes import DrillCode
from openprep.drill.crowd.page import Page, PageForm
from openprep.people.roles import Role

URLENCODED = "application/x-www-form-urlencoded"
SIGN_IN = "/entrar"
MOST_STEPS = 10
"""Redirects that are followed, as by a browser."""


class NotAsExpected(CodedError[DrillCode]):
    """A page lacks what a person looks for on it."""

    def __init__(self, template: str, /, **facts: object) -> None:
        super().__init__(DrillCode.CROWD_STUCK, template, **facts)


class SignedOut(NotAsExpected):
    """The session ended: the way leads to the page to sign in."""


class Pass(Struct, frozen=True):
    """What a person of a demo signs in with; ``secret`` is what a telephone would have."""

    sign_in: str
    password: str
    secret: str
    place: str
    role: Role

    def code(self, clock: Clock) -> str:
        """The one-time code of now."""
        return pyotp.TOTP(self.secret).at(clock())

    def __repr__(self) -> str:
        return f"Pass({self.sign_in!r})"


@dataclass
class Browser:
    """One browser at the house of ``origin``."""

    origin: str
    session: aiohttp.ClientSession
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str) -> Page:
        """A page, wherever it leads."""
        return await self._led(*await self._ask("GET", path))

    async def picture(self, path: str) -> bytes:
        """The bytes of a picture of a page.

        Raises:
            NotAsExpected: it is not there.
        """
        status, body, _ = await self._ask("GET", path)
        if status != 200:
            raise NotAsExpected("{path}: {status}", path=path, status=status)
        return body

    async def send(self, form: PageForm, body: bytes, kind: str = URLENCODED) -> Page:
        """Send a form, and look at where that leads."""
        return await self._led(*await self._ask("POST", form.action, body, kind))

    async def _led(self, status: int, body: bytes, where: str | None) -> Page:
        """The page to which an answer leads.

        Raises:
            SignedOut: it is that to sign in.
        """
        for _ in range(MOST_STEPS):
            if where is None:
                return Page(status, body.decode())
            if where.startswith(SIGN_IN):
                raise SignedOut("{path}", path=where)
            status, body, where = await self._ask("GET", where)
        raise NotAsExpected("{path} leads in circles", path=where)

    async def bring(self, form: PageForm, file: bytes) -> Page:
        """Send a form with a file in it (RFC 7578)."""
        boundary = uuid4().hex
        mark = f"--{boundary}\r\n".encode()
        parts = [
            b'%bContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'
            % (mark, name.encode(), value.encode())
            for name, value in form.fields.items()
        ]
        head = b'Content-Disposition: form-data; name="archivo"; filename="acta.jpg"\r\n'
        parts.append(b"%b%bContent-Type: image/jpeg\r\n\r\n%b\r\n" % (mark, head, file))
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        return await self.send(form, body, f"multipart/form-data; boundary={boundary}")

    async def sign_in(self, one: Pass, clock: Clock) -> None:
        """Come in by name, password and the code of now.

        Raises:
            NotAsExpected: they are not let in.
        """
        form = (await self.get(SIGN_IN)).form(SIGN_IN)
        if form is None:
            raise NotAsExpected("{path} has no form", path=SIGN_IN)
        typed = {"nombre": one.sign_in, "clave": one.password, "lugar": one.place}
        page = await self.send(form, form.filled({**typed, "codigo": one.code(clock)}))
        if page.status != 200 or page.form(SIGN_IN) is not None:
            raise NotAsExpected(
                "{name} is not let in: {status}", name=one.sign_in, status=page.status
            )

    async def _ask(
        self, method: str, path: str, body: bytes | None = None, kind: str = ""
    ) -> tuple[int, bytes, str | None]:
        """Status, body, and where it leads."""
        said = {"Accept-Language": "es-MX,es;q=0.9"}
        if self.cookies:
            said["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            said |= {"Origin": self.origin, "Content-Type": kind}
        asking = self.session.request(
            method, self.origin + path, data=body, headers=said, allow_redirects=False
        )
        async with asking as answer:
            read = await answer.read()
        for value in answer.headers.getall("Set-Cookie", ()):
            for name, morsel in SimpleCookie(value).items():
                self.cookies[name] = morsel.value
        where = answer.headers["Location"] if answer.status == 303 else None
        return answer.status, read, where
