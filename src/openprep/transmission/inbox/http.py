"""The inbox over HTTP.

``POST /inbox`` takes one envelope, ``PUT /images/<sha256>`` one image of an acta (``GET`` says
whether it is wanted), ``GET /inbox/status`` says how it goes. Every answer is JSON: a receipt or a
refusal (:mod:`openprep.transmission.answers`).

What a stranger can make the centre hold is bounded: the size of a body, the rate at which it must
come and the time it may take, and how many arrive at once. An envelope says in its first bytes
whose it is: of a station that is not enrolled no more is read, and each that is has places of its
own. Small envelopes have them apart from large ones, and images apart from both.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiohttp import web
from msgspec import json

from openprep.doors.bodies import Arrival, GaveWay, Pace, TooLarge, TooSlow
from openprep.doors.door import give_place, network_behind, vouch_for
from openprep.doors.places import Bounds, NoPlace, Places
from openprep.election.image import MAX_IMAGE_BYTES
from openprep.transmission.answers import (
    IMAGES_PATH,
    INBOX_PATH,
    STATUS_PATH,
    ImageWanted,
    Refusal,
)
from openprep.transmission.codes import RefusalCode, Refused
from openprep.transmission.envelope import MAX_ENVELOPE_BYTES, station_in
from openprep.transmission.inbox.images import ImageInbox
from openprep.transmission.inbox.inbox import Inbox
from openprep.transmission.inbox.status import status_of


@dataclass(frozen=True, kw_only=True)
class Kind(Pace):
    """What arrives, how fast it must come, and the code where it is too large."""

    what: str
    oversize: RefusalCode


ENVELOPES = Kind(
    what="envelope", size=MAX_ENVELOPE_BYTES, seconds=30.0, oversize=RefusalCode.OVERSIZE
)
"""2 MiB take 28 s over 600 kbit/s."""

SMALL = 64 * 1024
"""Bytes up to which an envelope has a place apart from large ones: a hundred actas."""

SMALL_PLACES = Bounds(of_owner_and_network=2, of_owner=8)
LARGE_PLACES = Bounds(of_owner_and_network=1, of_owner=2, in_all=64)
"""All together 128 MiB of memory."""

IMAGES = Kind(
    what="image", size=MAX_IMAGE_BYTES, seconds=120.0, oversize=RefusalCode.IMAGE_OVERSIZE
)
IMAGE_PLACES = Bounds(of_owner_and_network=1, of_owner=2, in_all=16)
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


_UNREAD = {
    RefusalCode.OVERSIZE,
    RefusalCode.TOO_SLOW,
    RefusalCode.CROWDED,
    RefusalCode.MALFORMED,
    RefusalCode.UNKNOWN_STATION,
}


def inbox_application(inbox: Inbox, images: ImageInbox) -> web.Application:
    """The web application of an inbox."""
    app = web.Application()
    desk = _Desk(inbox, images)
    image = IMAGES_PATH + "{digest}"
    app.router.add_post(INBOX_PATH, desk.receive)
    app.router.add_get(image, desk.say_whether_wanted, allow_head=False)
    app.router.add_put(image, desk.receive_image)
    app.router.add_get(STATUS_PATH, desk.status)
    return app


class _Desk:
    def __init__(self, inbox: Inbox, images: ImageInbox) -> None:
        self._inbox = inbox
        self._images = images
        self._small, self._large = Places(SMALL_PLACES), Places(LARGE_PLACES)
        self._image_places = Places(IMAGE_PLACES)

    async def receive(self, request: web.Request) -> web.Response:
        length = request.content_length
        small = length is not None and length <= SMALL
        places = self._small if small else self._large
        try:
            body = await self._envelope(request, places)
        except Refused as refusal:
            self._inbox.count(refusal)
            return _refuse(refusal)
        try:
            receipt = await self._inbox.receive(body)
        except Refused as refusal:
            return _refuse(refusal)
        for each in (self._small, self._large):
            each.prove(receipt.station, network_behind(request))
        vouch_for(request)
        return _answer(receipt, 200)

    async def _envelope(self, request: web.Request, places: Places) -> bytes:
        """An envelope, of which no more is read once it is seen to be no station's."""
        with places.arriving(network_behind(request)) as arrival:

            def look(beginning: bytes) -> None:
                if arrival.owner is None and (station := station_in(beginning)) is not None:
                    self._inbox.check_enrolled(station)
                    places.claim(arrival, station)
                    give_place(request)

            return await _take(request, arrival, ENVELOPES, look)

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
                data = await self._image(request, digest)
                receipt = await self._images.receive(digest, data)
        except Refused as refusal:
            self._inbox.count(refusal)
            response = _refuse(refusal)
            response.force_close()
            return response
        return _answer(receipt, 200)

    async def _image(self, request: web.Request, digest: str) -> bytes:
        with self._image_places.arriving(network_behind(request)) as arrival:
            try:
                self._image_places.claim(arrival, digest)
                give_place(request)
            except NoPlace as crowded:
                raise _crowded(IMAGES) from crowded
            return await _take(request, arrival, IMAGES)

    async def status(self, _: web.Request) -> web.Response:
        return _answer(status_of(self._inbox), 200)


async def _take(
    request: web.Request,
    arrival: Arrival,
    kind: Kind,
    look: Callable[[bytes], None] | None = None,
) -> bytes:
    if "Content-Encoding" in request.headers:
        raise Refused(
            RefusalCode.MALFORMED, "an {what} is sent as it is, without encoding", what=kind.what
        )
    try:
        return await arrival.read(request, kind, look)
    except TooLarge as error:
        raise Refused(kind.oversize, "at most {size} bytes", size=kind.size) from error
    except TooSlow as error:
        raise Refused(
            RefusalCode.TOO_SLOW,
            "the {what} does not come at {rate:.0f} bytes a second, or is not whole "
            "after {seconds:.0f} s",
            what=kind.what,
            rate=kind.rate,
            seconds=kind.seconds,
        ) from error
    except (GaveWay, NoPlace) as error:
        raise _crowded(kind) from error


def _crowded(kind: Kind) -> Refused:
    return Refused(RefusalCode.CROWDED, "too many {what}s are arriving from there", what=kind.what)


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
    if code in _UNREAD:
        response.force_close()  # the rest of the body is not worth reading
    return response


def _answer(body: object, status: int) -> web.Response:
    return web.Response(
        body=json.encode(body),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
