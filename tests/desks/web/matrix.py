"""Every route asked by every role: each handler only says that it was reached."""

import hmac
import re
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from desks.web.room import SECRET, Browser, Got
from openprep.desks.web import application
from openprep.desks.web.application import routes_of
from openprep.desks.web.cookies import bound_to
from openprep.desks.web.routes import Route, Routes
from openprep.people.roles import Role
from openprep.people.sign_in import Asked


def rows_reached(monkeypatch: pytest.MonkeyPatch) -> list[Route]:
    """All rows of the table of the next application, of which no handler does its work."""
    found: list[Route] = []

    async def reached(_: object) -> web.Response:
        return web.Response(text="reached")

    def of(*parts: Any) -> Routes:
        routes = routes_of(*parts)
        found.extend(routes.rows)
        return Routes(replace(row, handler=reached, left=None) for row in routes.rows)

    monkeypatch.setattr(application, "routes_of", of)
    return found


def typed_by(role: Role) -> Asked:
    return Asked(f"ana-{role.value}", "x", "1", "CCV1", "")


def fits(one: Browser) -> str:
    """What the pages of a browser send back."""
    said = b"openprep/form/v1\n" + one.cookies["openprep-visit"].encode()
    return hmac.digest(SECRET, said, "sha256").hex()


def give_session(one: Browser, token: str) -> None:
    """Let a browser have a session, as if it had signed in."""
    one.cookies["openprep-session"] = bound_to(fits(one), token)


async def asked(one: Browser, row: Route) -> Got:
    """What a route answers: a form of this browser, or a body of a file."""
    path = re.sub(r"\{\w+\}", "x", row.path)
    if row.method == "GET":
        return await one.ask("GET", path)
    if row.takes_file:
        body = (
            f'--b\r\nContent-Disposition: form-data; name="ficha"\r\n\r\n{fits(one)}\r\n--b--\r\n'
        )
        kind = {"Content-Type": "multipart/form-data; boundary=b"}
        return await one.ask("POST", path, body.encode(), **kind)
    return await one.send(path, {"ficha": fits(one)})


def said_by(got: Got) -> str:
    if got.status == 303 and got.header("Location") == "/entrar":
        return "sign in"
    return "K405" if "K405" in got.text else got.text
