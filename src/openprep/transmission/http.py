"""The inbox over HTTP: ``POST /inbox`` takes one envelope, ``GET /inbox/status`` says how it goes.

Every answer is JSON: a :class:`~openprep.transmission.answers.Receipt` or a
:class:`~openprep.transmission.answers.Refusal`. What a stranger can make the centre hold is
bounded: the size of a body, the time it may take to arrive, and how many arrive at once.
"""

import asyncio
from collections.abc import Mapping

from aiohttp import web
from msgspec import json

from openprep.transmission.answers import Refusal
from openprep.transmission.codes import RefusalCode, Refused
from openprep.transmission.envelope import MAX_ENVELOPE_BYTES
from openprep.transmission.inbox import Inbox

READ_SECONDS = 30.0
"""Longest time for one envelope to arrive: 2 MiB take 28 s over 600 kbit/s."""

MOST_AT_ONCE = 64
"""Envelopes that may be arriving at the same time; more are asked to come back."""

RETRY_SECONDS = 2

STATUSES: Mapping[RefusalCode, int] = {
    RefusalCode.OVERSIZE: 413,
    RefusalCode.UNKNOWN_STATION: 403,
    RefusalCode.SIGNATURE: 403,
    RefusalCode.REPLAYED: 409,
    RefusalCode.GAP: 409,
    RefusalCode.CLOSED: 410,
    RefusalCode.NOT_RECORDED: 503,
    RefusalCode.TOO_SLOW: 408,
    RefusalCode.CROWDED: 503,
}
"""HTTP status of a refusal; 422 where none is named."""


def inbox_application(inbox: Inbox) -> web.Application:
    """The web application of ``inbox``."""
    app = web.Application()
    door = _Door(inbox)
    app.router.add_post("/inbox", door.receive)
    app.router.add_get("/inbox/status", door.status)
    return app


class _Door:
    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._arriving = 0

    async def receive(self, request: web.Request) -> web.Response:
        try:
            body = await self._take(request)
        except Refused as refusal:
            self._inbox.count(refusal)
            return _refuse(refusal)
        try:
            return _answer(await self._inbox.receive(body), 200)
        except Refused as refusal:
            return _refuse(refusal)

    async def status(self, _: web.Request) -> web.Response:
        return _answer(_status(self._inbox), 200)

    async def _take(self, request: web.Request) -> bytes:
        if self._arriving >= MOST_AT_ONCE:
            raise Refused(RefusalCode.CROWDED, f"{self._arriving} envelopes are arriving")
        self._arriving += 1
        try:
            async with asyncio.timeout(READ_SECONDS):
                return await _read(request)
        except TimeoutError as error:
            detail = f"not whole after {READ_SECONDS:.0f} s"
            raise Refused(RefusalCode.TOO_SLOW, detail) from error
        finally:
            self._arriving -= 1


async def _read(request: web.Request) -> bytes:
    """The body, never holding more than an envelope may have, whatever the headers promise."""
    if "Content-Encoding" in request.headers:
        raise Refused(RefusalCode.MALFORMED, "an envelope is sent as it is, without encoding")
    body = bytearray()
    if (request.content_length or 0) <= MAX_ENVELOPE_BYTES:
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > MAX_ENVELOPE_BYTES:
                break
        else:
            return bytes(body)
    raise Refused(RefusalCode.OVERSIZE, f"at most {MAX_ENVELOPE_BYTES} bytes")


def _status(inbox: Inbox) -> dict[str, object]:
    state = inbox.ledger.state
    return {
        "election": inbox.election.id,
        "position": state.position,
        "closed": state.closed is not None,
        "cut": state.cuts[-1].number if state.cuts else None,
        "facts": sum(station.facts for station in state.stations.values()),
        "conflicts": len(state.conflicts),
        "stations": {
            name: {"sequence": station.sequence, "facts": station.facts}
            for name, station in sorted(state.stations.items())
        },
        "refusals": dict(sorted(inbox.refusals.items())),
    }


def _refuse(refusal: Refused) -> web.Response:
    code = refusal.code
    body = Refusal(
        code=code.code,
        meaning=code.meaning,
        detail=refusal.detail,
        retry=code.curable,
        expected=refusal.expected,
    )
    response = _answer(body, STATUSES.get(code, 422))
    if code.curable:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    if code in {RefusalCode.OVERSIZE, RefusalCode.TOO_SLOW, RefusalCode.CROWDED}:
        response.force_close()  # the rest of the body is not worth reading
    return response


def _answer(body: object, status: int) -> web.Response:
    return web.Response(
        body=json.encode(body),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
