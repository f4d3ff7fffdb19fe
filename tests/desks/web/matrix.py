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


async def asked(one: Browser, row: Route) -> Got:
    """What a route answers: a form of this browser, or a body of a file."""
    path = re.sub(r"\{\w+\}", "x", row.path)
    fits = hmac.digest(
        SECRET, b"openprep/form/v1\n" + one.cookies["openprep-visit"].encode(), "sha256"
    )
    if row.method == "GET":
        return await one.ask("GET", path)
    if row.takes_file:
        body = (
            f'--b\r\nContent-Disposition: form-data; name="ficha"\r\n\r\n{fits.hex()}\r\n--b--\r\n'
        )
        kind = {"Content-Type": "multipart/form-data; boundary=b"}
        return await one.ask("POST", path, body.encode(), **kind)
    return await one.send(path, {"ficha": fits.hex()})


def said_by(got: Got) -> str:
    if got.status == 303 and got.header("Location") == "/entrar":
        return "sign in"
    return "K405" if "K405" in got.text else got.text
