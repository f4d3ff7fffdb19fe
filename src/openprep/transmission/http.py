"""The inbox over HTTP.

``POST /inbox`` takes one envelope, ``PUT /images/<sha256>`` one image of an acta (``GET`` says
whether it is wanted), ``GET /inbox/status`` says how it goes. Every answer is JSON: a receipt or a
refusal (:mod:`openprep.transmission.answers`).

What a stranger can make the centre hold is bounded: the size of a body, the time it may take to
arrive, and how many arrive at once. Images have places of their own, so that they never keep an
envelope out.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web
from msgspec import json

from openprep.election.image import MAX_IMAGE_BYTES
from openprep.transmission.answers import ImageWanted, Refusal
from openprep.transmission.codes import RefusalCode, Refused
from openprep.transmission.envelope import MAX_ENVELOPE_BYTES
from openprep.transmission.image_inbox import ImageInbox
from openprep.transmission.inbox import Inbox


@dataclass(frozen=True)
class Bounds:
    """Of what arrives: its bytes, its seconds, and how many may be arriving at the same time."""

    what: str
    size: int
    seconds: float
    at_once: int
    oversize: RefusalCode


ENVELOPES = Bounds("envelope", MAX_ENVELOPE_BYTES, 30.0, 64, RefusalCode.OVERSIZE)
"""2 MiB take 28 s over 600 kbit/s."""

IMAGES = Bounds("image", MAX_IMAGE_BYTES, 120.0, 16, RefusalCode.IMAGE_OVERSIZE)
"""8 MiB take 112 s over 600 kbit/s; all together 128 MiB of memory."""

RETRY_SECONDS = 2

STATUSES: Mapping[RefusalCode, int] = {
    RefusalCode.OVERSIZE: 413,
    RefusalCode.UNKNOWN_STATION: 403,
    RefusalCode.SIGNATURE: 403,
    RefusalCode.REPLAYED: 409,
    RefusalCode.GAP: 409,
    RefusalCode.CLOSED: 410,
    RefusalCode.IMAGE_OVERSIZE: 413,
    RefusalCode.IMAGE_UNNAMED: 404,
    RefusalCode.NOT_AN_IMAGE: 415,
    RefusalCode.NOT_RECORDED: 503,
    RefusalCode.TOO_SLOW: 408,
    RefusalCode.CROWDED: 503,
}
"""HTTP status of a refusal; where none is named 422, or 503 if it may be sent again."""


def inbox_application(inbox: Inbox, images: ImageInbox) -> web.Application:
    """The web application of an inbox."""
    app = web.Application()
    desk = _Desk(inbox, images)
    app.router.add_post("/inbox", desk.receive)
    app.router.add_get("/images/{digest}", desk.say_whether_wanted, allow_head=False)
    app.router.add_put("/images/{digest}", desk.receive_image)
    app.router.add_get("/inbox/status", desk.status)
    return app


class _Desk:
    def __init__(self, inbox: Inbox, images: ImageInbox) -> None:
        self._inbox = inbox
        self._images = images
        self._envelope_door = _Door(ENVELOPES)
        self._image_door = _Door(IMAGES)

    async def receive(self, request: web.Request) -> web.Response:
        try:
            body = await self._envelope_door.take(request)
        except Refused as refusal:
            self._inbox.count(refusal)
            return _refuse(refusal)
        try:
            return _answer(await self._inbox.receive(body), 200)
        except Refused as refusal:
            return _refuse(refusal)

    async def say_whether_wanted(self, request: web.Request) -> web.Response:
        digest = request.match_info["digest"]
        try:
            held = self._images.expect(digest)
        except Refused as refusal:
            return _refuse(refusal)
        return _answer(ImageWanted(digest, wanted=held is None), 200)

    async def receive_image(self, request: web.Request) -> web.Response:
        """Of an image that nobody named not a byte is read."""
        digest = request.match_info["digest"]
        try:
            receipt = self._images.expect(digest)
            if receipt is None:
                data = await self._image_door.take(request)
                receipt = await self._images.receive(digest, data)
        except Refused as refusal:
            self._inbox.count(refusal)
            response = _refuse(refusal)
            response.force_close()
            return response
        return _answer(receipt, 200)

    async def status(self, _: web.Request) -> web.Response:
        return _answer(_status(self._inbox), 200)


class _Door:
    """What arrives through it is bounded."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._arriving = 0

    async def take(self, request: web.Request) -> bytes:
        what, seconds = self._bounds.what, self._bounds.seconds
        if self._arriving >= self._bounds.at_once:
            raise Refused(RefusalCode.CROWDED, f"{self._arriving} {what}s are arriving")
        self._arriving += 1
        try:
            async with asyncio.timeout(seconds):
                return await self._read(request)
        except TimeoutError as error:
            detail = f"the {what} is not whole after {seconds:.0f} s"
            raise Refused(RefusalCode.TOO_SLOW, detail) from error
        finally:
            self._arriving -= 1

    async def _read(self, request: web.Request) -> bytes:
        """The body, never holding more than it may have, whatever the headers promise."""
        most, what = self._bounds.size, self._bounds.what
        if "Content-Encoding" in request.headers:
            raise Refused(RefusalCode.MALFORMED, f"an {what} is sent as it is, without encoding")
        body = bytearray()
        if (request.content_length or 0) <= most:
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > most:
                    break
            else:
                return bytes(body)
        raise Refused(self._bounds.oversize, f"at most {most} bytes")


def _status(inbox: Inbox) -> dict[str, object]:
    state = inbox.ledger.state
    return {
        "election": inbox.election.id,
        "position": state.position,
        "closed": state.closed is not None,
        "cut": state.cuts[-1].number if state.cuts else None,
        "facts": sum(station.facts for station in state.stations.values()),
        "conflicts": len(state.conflicts),
        "images": len(state.images),
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
        retry=refusal.curable,
        expected=refusal.expected,
    )
    response = _answer(body, STATUSES.get(code, 503 if refusal.curable else 422))
    if refusal.curable:
        response.headers["Retry-After"] = str(refusal.again_in or RETRY_SECONDS)
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
