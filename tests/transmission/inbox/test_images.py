"""Images on their way: what a station saved reaches the centre, and nothing that nobody signed for.

After every refusal the record and the folder are as they were.
"""

import asyncio
import shutil
import sys
from dataclasses import replace
from random import Random

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from click.testing import CliRunner
from msgspec import structs

from hostile.killing import deaths, deaths_of_a_child, new_folders
from openprep.cli.main import main
from openprep.clock import system_clock
from openprep.election.image import MAX_IMAGE_BYTES, MOST_PIXELS, NotAnImage, picture_in
from openprep.record.codes import RecordCode, RecordTrouble
from openprep.record.events import Closed
from openprep.record.facts import ActaCorrected, ActaReported, encode_fact
from openprep.record.state import fold
from openprep.transmission.codes import RefusalCode, Refused
from openprep.transmission.inbox import http
from openprep.transmission.inbox.http import IMAGES, inbox_application
from openprep.transmission.keys import make_station_key
from openprep.transmission.station.delivery import Courier
from openprep.transmission.station.images import ImageOutbox, ImageUnusable, beside, pending_beside
from openprep.transmission.station.outbox import Outbox
from small.election import acta, outside
from small.image import digest_of, jpeg
from transmission.small_center import ELECTION, KEYS, NOW, SmallCenter, sealed

PICTURE = jpeg(1)
DIGEST = digest_of(PICTURE)


def named(number=0, digest=DIGEST, **changes):
    return ActaReported(acta(number, image_sha256=digest, **changes))


async def report(center, *facts):
    known = center.ledger.state.stations.get("D01")
    sequence = known.sequence + 1 if known else 1
    await center.inbox.receive(sealed(sequence, *facts))


def on_disk(center):
    return sorted(path.name for path in center.folder.root.glob("*"))


async def assert_refused(center, digest, data, code):
    before, files = center.envelopes, on_disk(center)
    with pytest.raises(Refused) as refusal:
        await center.images.receive(digest, data)
    assert refusal.value.code is code
    assert (center.envelopes, on_disk(center)) == (before, files)
    assert center.ledger.state == fold(center.record.read())


# At the centre


async def test_an_image_that_an_acta_names_is_kept_and_recorded_once(center):
    await report(center, named())
    receipt = await center.images.receive(DIGEST, PICTURE)
    assert (receipt.sha256, receipt.size, receipt.duplicate) == (DIGEST, len(PICTURE), False)
    again = await center.images.receive(DIGEST, PICTURE)
    assert (again.position, again.duplicate) == (receipt.position, True)
    (held,) = center.ledger.state.images
    assert held.actas == {("AYUN", "A0")}
    assert center.folder.read(DIGEST) == PICTURE
    center.restart()
    assert [image.sha256 for image in center.ledger.state.images] == [DIGEST]


async def test_an_image_that_no_acta_names_cannot_fill_the_disk(center):
    await report(center, named(0, digest_of(jpeg(2))))
    await assert_refused(center, DIGEST, PICTURE, RefusalCode.IMAGE_UNNAMED)


async def test_a_foreign_image_in_the_place_of_an_actas_own_is_refused(center):
    await report(center, named())
    await assert_refused(center, DIGEST, jpeg(2), RefusalCode.IMAGE_DIGEST)
    await assert_refused(center, DIGEST, PICTURE[:-1], RefusalCode.IMAGE_DIGEST)
    await assert_refused(center, DIGEST, PICTURE + b"\0", RefusalCode.IMAGE_DIGEST)
    await assert_refused(center, DIGEST, b"", RefusalCode.IMAGE_DIGEST)


@pytest.mark.parametrize("path", ["../../public/index.html", "AB" * 32, DIGEST + "\n", ""])
async def test_what_is_no_digest_leads_nowhere(center, path):
    await report(center, named())
    await assert_refused(center, path, PICTURE, RefusalCode.IMAGE_UNNAMED)


async def test_an_image_larger_than_allowed_is_refused_even_where_an_acta_names_it(center):
    huge = PICTURE + bytes(MAX_IMAGE_BYTES + 1 - len(PICTURE))
    await report(center, named(0, digest_of(huge)))
    await assert_refused(center, digest_of(huge), huge, RefusalCode.IMAGE_OVERSIZE)


@pytest.mark.parametrize("data", [b"<script>alert(1)</script>", b"\x89PNG\r\n\x1a\n" + bytes(40)])
async def test_what_is_no_jpeg_is_refused_even_where_an_acta_names_it(center, data):
    await report(center, named(0, digest_of(data)))
    await assert_refused(center, digest_of(data), data, RefusalCode.NOT_AN_IMAGE)


async def test_no_image_is_taken_after_the_closing(center):
    await report(center, named())
    await center.ledger.append(Closed(NOW, "the window ended"))
    await assert_refused(center, DIGEST, PICTURE, RefusalCode.CLOSED)


async def test_an_image_that_comes_while_the_closing_is_written_is_not_recorded_after_it(center):
    await report(center, named())
    closing = asyncio.ensure_future(center.ledger.append(Closed(NOW, "the window ended")))
    await asyncio.sleep(0)
    center.ledger.state.closed = None
    with pytest.raises(Refused) as refusal:
        await center.images.receive(DIGEST, PICTURE)
    assert refusal.value.code is RefusalCode.CLOSED
    await closing
    assert fold(center.record.read()).images == []


async def test_every_acta_that_names_an_image_is_told_with_it(center):
    stray = structs.replace(outside(), image_sha256=DIGEST)
    await report(center, named(0), named(3), ActaReported(stray))
    await report(center, ActaCorrected(acta(0, image_sha256=DIGEST, cotejada=2), "cotejo"))
    await center.images.receive(DIGEST, PICTURE)
    (held,) = center.ledger.state.images
    assert held.actas == {("AYUN", "A0"), ("AYUN", "A3"), ("AYUN", None)}


def test_killed_at_every_call_an_image_is_whole_or_asked_for_again(tmp_path):
    """What was answered for is on the disk and in the record; what was not may be sent again."""

    def take(folder):
        center = SmallCenter(folder / "record.sqlite")
        try:
            return asyncio.run(center.images.receive(DIGEST, PICTURE))
        finally:
            center.record.close()

    new_folder = new_folders(tmp_path)

    def begin():
        folder = new_folder()
        folder.mkdir()
        center = SmallCenter(folder / "record.sqlite")
        asyncio.run(report(center, named()))
        center.record.close()
        return folder

    for folder in deaths_of_a_child(begin, take):
        center = SmallCenter(folder / "record.sqlite")
        recorded = [image.sha256 for image in center.ledger.state.images]
        assert recorded == [] or center.folder.read(DIGEST) == PICTURE
        for name in (path.name for path in center.folder.root.glob("*.jpg")):
            assert center.folder.read(name.removesuffix(".jpg")) == PICTURE
        center.folder.sweep()
        center.record.close()
        assert take(folder).sha256 == DIGEST
        center = SmallCenter(folder / "record.sqlite")
        assert [image.sha256 for image in center.ledger.state.images] == [DIGEST]
        assert on_disk(center) == [f"{DIGEST}.jpg"]
        center.record.close()


# Over HTTP


@pytest.fixture
async def server(center):
    server = TestServer(inbox_application(center.inbox, center.images))
    await server.start_server()
    yield server
    await server.close()


async def put(server, digest, data, **more):
    async with (
        aiohttp.ClientSession() as session,
        session.put(server.make_url(f"/images/{digest}"), data=data, **more) as answer,
    ):
        return answer.status, (await answer.json())


async def test_an_image_arrives_over_http_and_is_answered_for(center, server):
    await report(center, named())
    async with aiohttp.ClientSession() as session:
        asked = await (await session.get(server.make_url(f"/images/{DIGEST}"))).json()
        assert asked == {"sha256": DIGEST, "wanted": True}
        assert (await put(server, DIGEST, PICTURE))[0] == 200
        asked = await (await session.get(server.make_url(f"/images/{DIGEST}"))).json()
        assert asked == {"sha256": DIGEST, "wanted": False}
        status = await (await session.get(server.make_url("/inbox/status"))).json()
    assert status["images"] == 1


@pytest.mark.parametrize(
    ("digest", "data", "status", "code"),
    [
        (digest_of(b"x"), b"x", 404, RefusalCode.IMAGE_UNNAMED),
        (DIGEST, jpeg(2), 422, RefusalCode.IMAGE_DIGEST),
        (DIGEST, bytes(MAX_IMAGE_BYTES + 1), 413, RefusalCode.IMAGE_OVERSIZE),
        ("..%2F..%2Fetc%2Fpasswd", PICTURE, 404, RefusalCode.IMAGE_UNNAMED),
    ],
    ids=["named by nobody", "of another digest", "too large", "a path"],
)
async def test_a_hostile_upload_is_refused_counted_and_leaves_nothing(
    center, server, digest, data, status, code
):
    await report(center, named())
    found, answer = await put(server, digest, data)
    assert (found, answer["code"], answer["kept"]) == (status, code.code, "nothing")
    assert center.inbox.refusals[code.code] == 1
    assert on_disk(center) == []


async def test_an_upload_without_end_is_cut_off_at_the_largest_image(center, server):
    await report(center, named())
    sent = []

    async def endless():
        while True:
            sent.append(1)
            yield bytes(1 << 20)

    try:
        assert (await put(server, DIGEST, endless()))[0] == 413
    except aiohttp.ClientConnectionError:  # it hung up on us, as it may
        assert center.inbox.refusals[RefusalCode.IMAGE_OVERSIZE.code] == 1
    assert len(sent) < 64
    assert on_disk(center) == []


async def test_an_image_that_dribbles_in_is_let_go_and_one_that_breaks_off_leaves_nothing(
    center, monkeypatch
):
    monkeypatch.setattr(http, "IMAGES", replace(IMAGES, seconds=0.05))
    server = TestServer(inbox_application(center.inbox, center.images))
    await server.start_server()
    await report(center, named())

    async def dribble():
        yield PICTURE[:100]
        await asyncio.Event().wait()

    status, answer = await put(server, DIGEST, dribble())
    assert (status, answer["code"], answer["retry"]) == (408, RefusalCode.TOO_SLOW.code, True)
    _, writer = await asyncio.open_connection(server.host, server.port)
    head = f"PUT /images/{DIGEST} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(PICTURE)}\r\n\r\n"
    writer.write(head.encode() + PICTURE[:-1])
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await put(server, DIGEST, PICTURE))[0] == 200
    assert on_disk(center) == [f"{DIGEST}.jpg"]
    await server.close()


async def test_images_that_never_finish_keep_nothing_out(center, server):
    await report(center, named())

    async def dribble():
        yield PICTURE[:10]
        await asyncio.Event().wait()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        url = server.make_url(f"/images/{DIGEST}")
        slow = [asyncio.ensure_future(session.put(url, data=dribble())) for _ in range(40)]
        while not any(task.done() for task in slow):
            await asyncio.sleep(0)
        body = sealed(2, ActaReported(acta(3)))
        assert (await session.post(server.make_url("/inbox"), data=body)).status == 200
        assert (await session.put(url, data=PICTURE)).status == 200
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
    assert center.inbox.refusals[RefusalCode.CROWDED.code] > 0


# At the station


def open_outbox(folder):
    return Outbox(folder / "D01.sqlite", ELECTION.id, "D01", KEYS["D01"], lambda: NOW)


async def deliver(folder, url):
    """One life of a station's courier; its refused images."""
    outbox, images = open_outbox(folder), ImageOutbox(beside(folder / "D01.sqlite"))
    async with aiohttp.ClientSession() as session:
        courier = Courier(outbox, str(url), session, Random(0), images=images)
        await courier.deliver_all()
    outbox.close()
    return courier.refused_images


async def test_an_image_is_delivered_after_its_envelope(center, server, tmp_path):
    outbox, images = open_outbox(tmp_path), ImageOutbox(beside(tmp_path / "D01.sqlite"))
    assert images.put(PICTURE) == DIGEST
    outbox.put([named()])
    outbox.close()
    assert pending_beside(tmp_path / "D01.sqlite") == 1
    assert await deliver(tmp_path, server.make_url("")) == {}
    assert [type(event).__name__ for event in center.envelopes] == [
        "EnvelopeReceived",
        "ImageReceived",
    ]
    assert pending_beside(tmp_path / "D01.sqlite") == 0
    assert images.put(PICTURE) == DIGEST
    assert images.pending() == []


async def test_an_image_that_is_refused_keeps_no_other_from_leaving(center, server, tmp_path):
    images = ImageOutbox(beside(tmp_path / "D01.sqlite"))
    lonely = images.put(jpeg(9))
    images.put(PICTURE)
    outbox = open_outbox(tmp_path)
    outbox.put([named()])
    outbox.close()
    refused = await deliver(tmp_path, server.make_url(""))
    assert {sent: answer.code for sent, answer in refused.items()} == {
        lonely: RefusalCode.IMAGE_UNNAMED.code
    }
    assert [image.sha256 for image in center.ledger.state.images] == [DIGEST]
    assert ImageOutbox(beside(tmp_path / "D01.sqlite")).pending() == [lonely]
    outbox = open_outbox(tmp_path)
    outbox.put([named(3, lonely)])
    outbox.close()
    assert await deliver(tmp_path, server.make_url("")) == {}
    assert len(center.ledger.state.images) == 2


async def test_a_login_page_swallows_no_image(tmp_path):
    """A captive portal answers 200 to everything; a proxy in trouble answers nonsense."""
    said = iter(
        [
            web.json_response({"sha256": DIGEST, "wanted": True}),
            web.Response(text="<h1>Bienvenido</h1>"),
            web.json_response({"sha256": "0" * 64, "wanted": False}),
            web.json_response({"sha256": DIGEST, "wanted": True}),
            web.json_response({"sha256": DIGEST, "size": 1, "position": 1, "duplicate": False}),
            web.Response(status=502, text="Bad Gateway"),
            web.json_response({"sha256": DIGEST, "wanted": True}),
            web.json_response(
                {"sha256": DIGEST, "size": len(PICTURE), "position": 1, "duplicate": False}
            ),
        ]
    )
    images, pending = ImageOutbox(beside(tmp_path / "D01.sqlite")), []

    async def answer(request):
        await request.read()
        pending.append(images.pending())
        return next(said)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    server = TestServer(app)
    await server.start_server()
    images.put(PICTURE)

    async def no_sleep(_):
        pass

    async with aiohttp.ClientSession() as session:
        outbox = open_outbox(tmp_path)
        courier = Courier(outbox, str(server.make_url("")), session, Random(0), no_sleep, images)
        await courier.deliver_all()
        outbox.close()
    assert pending == [[DIGEST]] * 8
    assert images.pending() == []
    await server.close()


async def test_a_centre_that_came_back_from_an_older_copy_is_sent_its_images_again(tmp_path):
    center = SmallCenter(tmp_path / "center" / "record.sqlite")
    center.record.close()
    shutil.copytree(tmp_path / "center", tmp_path / "older")
    center = SmallCenter(tmp_path / "center" / "record.sqlite")
    station = tmp_path / "station"
    images = ImageOutbox(beside(station / "D01.sqlite"))
    images.put(PICTURE)
    outbox = open_outbox(station)
    outbox.put([named()])
    for small in (center, SmallCenter(tmp_path / "older" / "record.sqlite")):
        server = TestServer(inbox_application(small.inbox, small.images))
        await server.start_server()
        await deliver(station, server.make_url(""))
        await server.close()
        assert [held.sha256 for held in small.ledger.state.images] == [DIGEST]
        small.record.close()
        outbox.put([named(3, None)])
    outbox.close()


def test_what_the_centre_would_refuse_is_not_saved(tmp_path):
    images = ImageOutbox(beside(tmp_path / "D01.sqlite"))
    for data in (b"", b"not an image", PICTURE + bytes(MAX_IMAGE_BYTES)):
        with pytest.raises(ImageUnusable, match="T108"):
            images.put(data, "foto.jpg")
    assert images.pending() == []


def test_an_image_that_the_stations_disk_damaged_is_not_sent_as_if_it_were_right(tmp_path):
    images = ImageOutbox(beside(tmp_path / "D01.sqlite"))
    digest = images.put(PICTURE)
    (kept,) = tmp_path.rglob(f"{digest}.jpg")
    kept.write_bytes(PICTURE[:-1] + b"\0")
    with pytest.raises(RecordTrouble) as trouble:
        images.read(digest)
    assert trouble.value.code is RecordCode.UNREADABLE


def test_killed_at_every_call_a_station_saves_an_image_or_says_nothing(tmp_path):
    def save(folder):
        images = ImageOutbox(beside(folder / "D01.sqlite"))
        digest = images.put(PICTURE)
        for pending in images.pending():
            images.mark_delivered(pending)
        return digest

    tried = 0
    for folder in deaths(new_folders(tmp_path), save):
        tried += 1
        images = ImageOutbox(beside(folder / "D01.sqlite"))
        assert all(images.read(pending) == PICTURE for pending in images.pending())
        assert save(folder) == DIGEST
        assert ImageOutbox(beside(folder / "D01.sqlite")).pending() == []
    assert tried > 5


# What is a JPEG


def test_the_size_of_a_picture_is_read_without_decoding_it():
    assert picture_in(jpeg(3, (120, 70))) == (120, 70)
    padded = PICTURE[:2] + b"\xff\xff\xff" + PICTURE[3:]
    assert picture_in(padded) == (24, 32)


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 20, 100, 300])
def test_a_jpeg_that_is_cut_short_before_its_picture_is_none(length):
    with pytest.raises(NotAnImage):
        picture_in(PICTURE[:length])


def test_a_picture_that_no_reader_could_show_is_refused():
    frame = PICTURE.index(b"\xff\xc0") + 5
    huge = PICTURE[:frame] + b"\xff\xff\xff\xff" + PICTURE[frame + 4 :]
    assert MOST_PIXELS < 0xFFFF**2
    for altered in (huge, PICTURE[:frame] + bytes(4) + PICTURE[frame + 4 :]):
        with pytest.raises(NotAnImage, match="pixels"):
            picture_in(altered)


def test_segments_without_end_are_given_up():
    comment = b"\xff\xfe\x00\x02"
    with pytest.raises(NotAnImage, match="without end"):
        picture_in(PICTURE[:2] + comment * 1000 + PICTURE[2:])


# As a station's user types it


async def send(url, folder, *words):
    command = [sys.executable, "-m", "openprep", "station", "send", "--election", ELECTION.id]
    command += ["--station", "D01", "--key", folder / "keys" / "D01.key"]
    command += ["--outbox", folder / "D01.sqlite", "--center", str(url), *words]
    process = await asyncio.create_subprocess_exec(
        *map(str, command), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


async def test_facts_and_images_are_sent_by_one_command(tmp_path):
    key = make_station_key(tmp_path / "keys" / "D01.key")
    center = SmallCenter(tmp_path / "center" / "record.sqlite", keys={"D01": key})
    center.now = system_clock()
    server = TestServer(inbox_application(center.inbox, center.images))
    await server.start_server()
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "CASILLA 1.JPG").write_bytes(PICTURE)
    (tmp_path / "photos" / "nobody's.jpeg").write_bytes(jpeg(8))
    facts = tmp_path / "facts.jsonl"
    facts.write_bytes(encode_fact(named()))
    photos = ("--images", tmp_path / "photos")
    code, said = await send(server.make_url(""), tmp_path, *photos, facts)
    assert (code, "it refused 1 image" in said, RefusalCode.IMAGE_UNNAMED.code in said) == (
        1,
        True,
        True,
    )
    assert [image.sha256 for image in center.ledger.state.images] == [DIGEST]
    status = CliRunner().invoke(main, ["station", "status", "--outbox", f"{tmp_path}/D01.sqlite"])
    assert (status.exit_code, "pending: 1 image\n" in status.output) == (1, True)
    facts.write_bytes(encode_fact(named(3, digest_of(jpeg(8)))))
    code, said = await send(server.make_url(""), tmp_path, facts)
    assert (code, "the centre has everything" in said) == (0, True)
    status = CliRunner().invoke(main, ["station", "status", "--outbox", f"{tmp_path}/D01.sqlite"])
    assert (status.exit_code, "pending: 0 images" in status.output) == (0, True)
    (tmp_path / "photos" / "note.jpg").write_bytes(b"no picture")
    code, said = await send(server.make_url(""), tmp_path, *photos, facts)
    assert (code, "T108" in said, "note.jpg" in said) == (2, True, True)
    facts.write_bytes(encode_fact(ActaReported(acta(3, total_written=9, image_sha256=None))))
    code, said = await send(server.make_url(""), tmp_path, facts)
    assert code == 1
    assert "NOT PUBLISHED: AYUN A3: R024" in said
    assert "waiting for a person at the centre: 1 fact\n" in said
    await server.close()
    center.record.close()
