"""The inbox over HTTP: ``POST /inbox`` takes one envelope, ``GET /inbox/status`` says how it goes.

Every answer is JSON. A refusal carries its code, its meaning, what was kept (nothing) and whether
sending the same bytes again can help.
"""

from collections.abc import Mapping

from aiohttp import web
from msgspec import json, to_builtins

from openprep.transmission.codes import RefusalCode, Refused
from openprep.transmission.envelope import MAX_ENVELOPE_BYTES
from openprep.transmission.inbox import Inbox

STATUSES: Mapping[RefusalCode, int] = {
    RefusalCode.OVERSIZE: 413,
    RefusalCode.UNKNOWN_STATION: 403,
    RefusalCode.SIGNATURE: 403,
    RefusalCode.REPLAYED: 409,
    RefusalCode.GAP: 409,
    RefusalCode.CLOSED: 410,
    RefusalCode.NOT_RECORDED: 503,
}
"""HTTP status of a refusal; 422 where none is named."""


def inbox_application(inbox: Inbox) -> web.Application:
    """The web application of ``inbox``."""
    app = web.Application(client_max_size=MAX_ENVELOPE_BYTES + 1)

    async def receive(request: web.Request) -> web.Response:
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            inbox.refusals[RefusalCode.OVERSIZE.code] += 1
            detail = f"at most {MAX_ENVELOPE_BYTES} bytes"
            return _refuse(Refused(RefusalCode.OVERSIZE, detail))
        try:
            receipt = await inbox.receive(body)
        except Refused as refusal:
            return _refuse(refusal)
        return _answer(to_builtins(receipt), 200)

    async def status(_: web.Request) -> web.Response:
        return _answer(_status(inbox), 200)

    app.router.add_post("/inbox", receive)
    app.router.add_get("/inbox/status", status)
    return app


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
        "refusals": dict(inbox.refusals),
    }


def _refuse(refusal: Refused) -> web.Response:
    status = STATUSES.get(refusal.code, 422)
    body = {
        "code": refusal.code.code,
        "meaning": refusal.code.meaning,
        "detail": refusal.detail,
        "kept": "nothing",
        "retry": status == 503,
    }
    return _answer(body, status)


def _answer(body: object, status: int) -> web.Response:
    return web.Response(
        body=json.encode(body),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
