"""From a station's disk to the centre's record, over connections that break."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from random import Random

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from openprep.record.facts import ActaReported, decode_envelope
from openprep.record.state import fold
from openprep.transmission.codes import RefusalCode
from openprep.transmission.envelope import MAX_ENVELOPE_BYTES
from openprep.transmission.inbox import http
from openprep.transmission.inbox.http import ENVELOPES, inbox_application
from openprep.transmission.station.delivery import (
    LONGEST_PAUSE,
    Courier,
    DeliveryRefused,
    NotTheInbox,
)
from openprep.transmission.station.outbox import Outbox
from record.engine import full_disk
from served.tree import built_in
from small.center import SmallCenter as PublishedCenter
from small.election import acta
from transmission.small_center import ELECTION, KEYS, NOW, SmallCenter, sealed


@pytest.fixture
def outbox(tmp_path):
    outbox = open_outbox(tmp_path)
    yield outbox
    outbox.close()


def open_outbox(folder, station="D01"):
    path = folder / f"{station}.outbox"
    return Outbox(path, ELECTION.id, station, KEYS[station], lambda: NOW)


@pytest.fixture
async def server(center):
    server = TestServer(inbox_application(center.inbox, center.images))
    await server.start_server()
    yield server
    await server.close()


class Pauses(list):
    """What the courier would have slept."""

    async def __call__(self, seconds):
        self.append(seconds)
        await asyncio.sleep(0)


async def deliver(outbox, url, pauses=None, seed=0):
    async with aiohttp.ClientSession() as session:
        sleep = Pauses() if pauses is None else pauses
        return await Courier(outbox, str(url), session, Random(seed), sleep).deliver_all()


def save(outbox, count, start=0):
    for number in range(start, start + count):
        outbox.put([ActaReported(acta(number % 7, total_written=number))])


def sequences(center):
    return [event.sequence for _, event in center.record.read()]


async def test_what_was_saved_is_recorded_in_order(outbox, center, server):
    save(outbox, 5)
    assert await deliver(outbox, server.make_url("/")) == 5
    assert sequences(center) == [1, 2, 3, 4, 5]
    assert outbox.next_pending() is None


# How a connection can fail: each is a handler around the real one.


async def before(request, handler):
    request.transport.abort()
    raise ConnectionResetError


async def after_recording(request, handler):
    await handler(request)
    request.transport.abort()
    raise ConnectionResetError


async def overloaded(request, handler):
    return web.Response(status=503, headers={"Retry-After": "7"})


async def broken(request, handler):
    raise RuntimeError("a bug of the centre")


async def captive_portal(request, handler):
    return web.Response(text="<h1>Bienvenido al hotel</h1>", content_type="text/html")


async def someone_elses_receipt(request, handler):
    response = await handler(request)
    body = response.body.replace(b'"digest":"', b'"digest":"00')
    return web.Response(body=body, content_type="application/json")


async def proxy_refuses(request, handler):
    return web.Response(status=403, text="blocked")


async def redirect(request, handler):
    raise web.HTTPTemporaryRedirect("http://127.0.0.1:9/inbox")


async def endless(request, handler):
    return web.Response(body=b" " * 200_000)


async def half_an_answer(request, handler):
    answer = await handler(request)
    response = web.StreamResponse(headers={"Content-Length": str(len(answer.body))})
    await response.prepare(request)
    await response.write(answer.body[:10])
    request.transport.abort()
    return response


FAULTS = [
    before,
    after_recording,
    overloaded,
    broken,
    captive_portal,
    someone_elses_receipt,
    proxy_refuses,
    redirect,
    endless,
    half_an_answer,
]


async def faulty_server(center, choose):
    """The real inbox behind a network that ``choose`` breaks, or leaves alone with ``None``."""

    @web.middleware
    async def break_it(request, handler):
        fault = choose()
        return await (fault(request, handler) if fault else handler(request))

    app = inbox_application(center.inbox, center.images)
    app.middlewares.append(break_it)
    server = TestServer(app)
    await server.start_server()
    return server


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
async def test_an_envelope_survives_any_failure_and_is_recorded_once(outbox, center, fault):
    left = [fault, fault, None]
    server = await faulty_server(center, lambda: left.pop(0) if left else None)
    save(outbox, 2)
    pauses = Pauses()
    assert await deliver(outbox, server.make_url("/"), pauses) == 2
    assert len(pauses) == 2
    assert sequences(center) == [1, 2]
    await server.close()


@pytest.mark.parametrize("seed", range(3))
async def test_a_bad_night_with_two_stations_is_recorded_exactly_once(tmp_path, center, seed):
    """Connections break at random, and both ends are started again in the middle."""
    random = Random(seed)

    def choose():
        return random.choice([None, None, *FAULTS])

    for part in range(3):
        server = await faulty_server(center, choose)
        boxes = [open_outbox(tmp_path, station) for station in KEYS]
        for box in boxes:
            save(box, 8, start=8 * part)
        await asyncio.gather(
            *(deliver(box, server.make_url("/"), seed=seed + part) for box in boxes)
        )
        for box in boxes:
            box.close()
        await server.close()
        center.restart()
    events = [event for _, event in center.record.read()]
    for station in KEYS:
        sent = [event for event in events if event.station == station]
        assert [event.sequence for event in sent] == list(range(1, 25))
        facts = [decode_envelope(event.payload).facts[0] for event in sent]
        assert [fact.acta.total_written for fact in facts] == list(range(24))
    assert center.ledger.state == fold(center.record.read())


async def test_pauses_grow_jittered_up_to_a_minute_and_obey_retry_after(outbox, center):
    left = [overloaded] + [before] * 14
    server = await faulty_server(center, lambda: left.pop(0) if left else None)
    save(outbox, 1)
    pauses = Pauses()
    await deliver(outbox, server.make_url("/"), pauses)
    assert pauses[0] >= 7
    bounds = [min(0.2 * 2**tries, LONGEST_PAUSE) for tries in range(1, 15)]
    assert all(pause <= bound for pause, bound in zip(pauses[1:], bounds, strict=True))
    assert len(set(pauses)) == len(pauses)
    await server.close()


async def test_a_courier_whose_clock_is_ahead_of_the_centre_s_goes_on_trying(
    outbox, center, server, caplog
):
    """A centre that is an hour behind must not stop every station of the night for good."""
    save(outbox, 3)
    center.now = NOW - timedelta(hours=1)

    class SetsTheClock(Pauses):
        async def __call__(self, seconds):
            await super().__call__(seconds)
            if len(self) == 4:
                center.now = NOW

    pauses = SetsTheClock()
    assert await deliver(outbox, server.make_url("/"), pauses) == 3
    assert pauses == [60] * 4, "as the centre's Retry-After says"
    assert "3600 s ahead of the centre" in caplog.text
    assert sequences(center) == [1, 2, 3]


async def advice_on_the_clock(tmp_path, center, server, caplog, sealed_at, at_the_station):
    """What a courier says that gave up waiting after one pause."""
    clock = [sealed_at]
    outbox = Outbox(tmp_path / "D01", ELECTION.id, "D01", KEYS["D01"], lambda: clock[0])
    save(outbox, 1)
    clock[0] = at_the_station

    class GivesUp(Exception):
        pass

    async def give_up(_):
        raise GivesUp

    with suppress(GivesUp):
        await deliver(outbox, server.make_url("/"), give_up)
    outbox.close()
    return caplog.text


HOUR = timedelta(hours=1)


async def test_a_clock_that_was_ahead_and_is_right_again_is_told_from_one_that_is_wrong(
    tmp_path, center, server, caplog
):
    """The envelope keeps its time: only taking it out lets the later ones leave before."""
    said = await advice_on_the_clock(tmp_path, center, server, caplog, NOW + HOUR, NOW)
    assert "clock was ahead when it sealed" in said
    assert "openprep station withdraw" in said
    assert "compare it" not in said


async def test_a_clock_that_is_still_ahead_is_to_be_compared_with_a_third(
    tmp_path, center, server, caplog
):
    said = await advice_on_the_clock(tmp_path, center, server, caplog, NOW + HOUR, NOW + HOUR)
    assert "compare it with a telephone" in said
    assert "was ahead when it sealed" not in said


async def test_a_clock_that_stood_before_the_day_is_told_with_the_way_out(
    tmp_path, center, server, caplog
):
    with pytest.raises(DeliveryRefused, match=r"T008 .*clock is at 20.*openprep station withdraw"):
        await advice_on_the_clock(tmp_path, center, server, caplog, NOW - 48 * HOUR, NOW)


async def test_another_kind_of_trouble_is_told_though_one_was_told_already(
    outbox, center, server, caplog
):
    save(outbox, 1)
    center.now = NOW - HOUR
    answers = [before, overloaded, overloaded]
    faulty = await faulty_server(center, lambda: answers.pop(0) if answers else None)

    class SetsTheClock(Pauses):
        async def __call__(self, seconds):
            await super().__call__(seconds)
            if len(self) == 5:
                center.now = NOW

    await deliver(outbox, faulty.make_url("/"), SetsTheClock())
    assert (
        len([message for message in caplog.messages if "T107" in message and "T008" in message])
        == 1
    )
    await faulty.close()


async def test_a_disk_that_is_full_at_the_centre_is_told_without_its_paths_in_one_sentence(
    outbox, center, server, caplog
):
    outbox.put([ActaReported(acta(number % 7)) for number in range(200)])
    with full_disk(center.connections[0]):

        class Leaves(Pauses):
            async def __call__(self, seconds):
                raise asyncio.CancelledError

        with suppress(asyncio.CancelledError):
            await deliver(outbox, server.make_url("/"), Leaves())
    (told,) = [message for message in caplog.messages if "T107" in message]
    assert "T020 the centre cannot write now (R004)" in told
    assert told.count(" — ") == 1
    assert "free space" not in told
    assert str(center.path.parent) not in told
    (at_the_centre,) = [message for message in caplog.messages if message.startswith("T020")]
    assert str(center.path) in at_the_centre
    assert "free space" in at_the_centre


async def test_a_centre_that_is_not_there_yet(outbox, center):
    server = TestServer(inbox_application(center.inbox, center.images))
    await server.start_server()
    url, port = server.make_url("/"), server.port
    await server.close()
    save(outbox, 1)

    class ComesBack(Pauses):
        async def __call__(self, seconds):
            await super().__call__(seconds)
            if len(self) == 3:
                self.server = TestServer(inbox_application(center.inbox, center.images), port=port)
                await self.server.start_server()

    pauses = ComesBack()
    assert await deliver(outbox, url, pauses) == 1
    assert sequences(center) == [1]
    await pauses.server.close()


async def test_a_refusal_for_good_stops_loudly_and_keeps_the_envelope(outbox, center, server):
    outbox.put([ActaReported(acta(0, acta="A99"))])
    save(outbox, 1)
    with pytest.raises(DeliveryRefused, match=r"envelope 1: T011 fact 1.*kept in the outbox"):
        await deliver(outbox, server.make_url("/"))
    assert outbox.next_pending().sequence == 1
    assert sequences(center) == []


async def test_a_centre_back_from_an_older_copy_gets_again_what_it_lacks(outbox, tmp_path, server):
    save(outbox, 4)
    await deliver(outbox, server.make_url("/"))
    older = SmallCenter(tmp_path / "older.sqlite")
    await older.inbox.receive(first_body(outbox))
    save(outbox, 1)
    server = TestServer(inbox_application(older.inbox, older.images))
    await server.start_server()
    await deliver(outbox, server.make_url("/"))
    assert sequences(older) == [1, 2, 3, 4, 5]
    await server.close()
    older.record.close()


def first_body(outbox):
    outbox.rewind(1)
    pending = outbox.next_pending()
    for sequence in range(1, 5):
        outbox.mark_delivered(sequence)
    return pending.body


async def test_a_refusal_over_http_says_what_why_and_what_was_kept(center, server):
    async with aiohttp.ClientSession() as session:
        answer = await session.post(server.make_url("/inbox"), data=sealed(3))
        assert answer.status == 409
        body = await answer.json()
    assert body["code"] == RefusalCode.GAP.code
    assert body["meaning"] == RefusalCode.GAP.meaning
    assert (body["kept"], body["retry"], body["expected"]) == ("nothing", False, 1)


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_without_end_is_cut_off_and_counted(center, server, chunked):
    async def flood():
        yield sealed()[:60]
        for _ in range(MAX_ENVELOPE_BYTES // 65536 + 2):
            yield b"\x00" * 65536

    body = flood() if chunked else b"\x00" * (MAX_ENVELOPE_BYTES + 1)
    async with aiohttp.ClientSession() as session:
        answer = await session.post(server.make_url("/inbox"), data=body)
        assert answer.status == 413
    assert center.inbox.refusals == {"T001": 1}


async def test_a_compressed_bomb_is_not_opened(center, server):
    headers = {"Content-Encoding": "gzip"}
    async with aiohttp.ClientSession() as session:
        answer = await session.post(server.make_url("/inbox"), data=b"\x1f\x8b", headers=headers)
        assert answer.status in {400, 422}
    assert sequences(center) == []


@pytest.mark.parametrize(
    "beginning",
    [b"", b"\x83", sealed()[:12], sealed()[:-1]],
    ids=["nothing", "half a word", "its station", "all but the signature's last byte"],
)
async def test_bodies_that_never_finish_keep_no_envelope_out(center, server, beginning):
    """In the name of the station itself, and from its own network."""

    async def dribble():
        yield beginning
        await asyncio.Event().wait()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        url = server.make_url("/inbox")
        headers = {"Content-Length": str(len(sealed()))}
        slow = [
            asyncio.ensure_future(session.post(url, data=dribble(), headers=kind))
            for kind in ({}, headers)
            for _ in range(150)
        ]
        for number in range(1, 6):
            answer = await session.post(url, data=sealed(number))
            assert answer.status == 200, await answer.text()
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
    assert sequences(center) == [1, 2, 3, 4, 5]


async def test_of_a_stranger_s_envelope_no_more_is_read_than_whose_it_is(center, server):
    sent = []

    async def endless():
        yield sealed().replace(b"D01", b"XYZ", 1)[:40]
        while True:
            sent.append(1)
            yield bytes(4096)
            await asyncio.sleep(0)

    async with aiohttp.ClientSession() as session:
        with suppress(aiohttp.ClientConnectionError):
            answer = await session.post(server.make_url("/inbox"), data=endless())
            assert (answer.status, (await answer.json())["code"]) == (403, "T003")
    assert center.inbox.refusals == {"T003": 1}
    assert len(sent) * 4096 < MAX_ENVELOPE_BYTES


@pytest.mark.parametrize("station", ["", "x" * 33, "x" * 300, b"\xff\xfe"])
async def test_an_envelope_that_names_no_station_is_refused(center, server, station):
    raw = station if isinstance(station, bytes) else station.encode()
    length = bytes([0xA0 + len(raw)]) if len(raw) < 32 else b"\xd9" + bytes([len(raw) & 0xFF])
    body = b"\x83\xa7station" + length + raw + sealed()[13:]
    async with aiohttp.ClientSession() as session:
        answer = await session.post(server.make_url("/inbox"), data=body)
        assert answer.status in (403, 422)
    assert sequences(center) == []


async def test_an_envelope_that_dribbles_in_is_let_go(center, monkeypatch):
    monkeypatch.setattr(http, "ENVELOPES", replace(ENVELOPES, seconds=0.05))
    server = TestServer(inbox_application(center.inbox, center.images))
    await server.start_server()

    async def dribble():
        yield sealed()[:100]
        await asyncio.Event().wait()

    async with aiohttp.ClientSession() as session:
        answer = await session.post(server.make_url("/inbox"), data=dribble())
        assert answer.status == 408
        assert (await answer.json())["retry"]
    await server.close()


async def test_the_status_counts_what_was_recorded_and_refused(center, server):
    async with aiohttp.ClientSession() as session:
        for body in (sealed(), sealed(), sealed(5), b"junk"):
            await session.post(server.make_url("/inbox"), data=body)
        status = await (await session.get(server.make_url("/inbox/status"))).json()
    assert status["position"] == 1
    assert status["stations"] == {"D01": {"sequence": 1, "facts": 1}}
    assert status["refusals"] == {"T002": 1, "T007": 1}


@pytest.mark.parametrize("cuts", [0, 1], ids=["before the opening", "after it"])
def test_at_the_port_of_a_tree_it_stops_at_once_and_keeps_what_was_saved(outbox, tmp_path, cuts):
    save(outbox, 1)
    published = PublishedCenter(tmp_path / "public")
    for _ in range(cuts):
        published.next_cut()
    with built_in(published.tree.root) as port, pytest.raises(NotTheInbox, match="HTTP 413"):
        asyncio.run(deliver(outbox, f"http://127.0.0.1:{port}"))
    assert outbox.next_pending() is not None


@pytest.mark.parametrize("status", [404, 405])
async def test_at_a_server_without_an_inbox_it_stops_at_once(outbox, status):
    async def answer(_):
        return web.Response(status=status)

    save(outbox, 1)
    app = web.Application()
    app.router.add_post("/inbox", answer)
    async with TestServer(app) as server:
        with pytest.raises(NotTheInbox, match=f"HTTP {status}"):
            await deliver(outbox, server.make_url("/"))
