"""The distribution service over real HTTP: who is served, with what, and how much of it."""

import asyncio
import io
import json
import os
import subprocess
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprep.distribution import deltas as packing
from openprep.distribution.budget import Budget
from openprep.distribution.deltas import Delta, Extra, Room, files_of, heads_of
from openprep.distribution.service import Terms
from openprep.wire.cut import manifest as wire
from openprep.wire.cut.description import decode_declared
from openprep.wire.cut.ref import hex_digest, object_path, ref_to
from openprep.wire.distribution.codes import DistributionCode
from openprep.wire.distribution.package import PackageLabel, unseal
from openprep.wire.distribution.requests import NotAdmitted
from served.kits import installed
from small.center import SmallCenter
from small.distribution import revoke, small_office
from small.held import words_held_by
from small.publishers import until


class Kept(dict):
    """A sink in memory."""

    def begin(self, path, size):
        self.path = path
        self[path] = b""

    def write(self, data):
        self[self.path] += data

    def end(self):
        """Each member is whole by its size."""


@pytest.fixture
async def office(tmp_path):
    async with small_office(tmp_path) as office:
        yield office


def opened(office, data, who="tec"):
    kept = Kept()
    return unseal(io.BytesIO(data), office.keys[who].identity, kept), kept


async def fetched(office, target, who="tec", **headers):
    async with office.ask(target, who, **headers) as response:
        assert response.status in (200, 206), await response.text()
        return response, await response.read()


async def test_before_the_first_cut_there_is_nothing(office):
    for target in ("/distribution/pointer", "/distribution/package?after=none"):
        async with office.ask(target) as response:
            assert response.status == 204


async def test_a_full_package_is_the_published_tree(office):
    for _ in range(3):
        office.next_cut()
    _, data = await fetched(office, "/distribution/package?after=none")
    label, files = opened(office, data)
    assert label == PackageLabel(2, office.center.election.id, False, None, 2)
    assert list(files)[:2] == ["cuts/2.note", "cuts/2.json"]
    assert list(files)[-1] == "current.json"
    for path, content in files.items():
        assert content == office.center.tree.read(path), path
    on_disk = {
        str(path.relative_to(office.center.tree.root))
        for path in office.center.tree.root.rglob("*")
        if path.is_file() and path.suffix != ".gz" and path.parent.name != "heads"
    }
    made_at_home = (
        "packs/",
        "heads/",
        "live/",
        "tile/",
        "checkpoint",
        "index.html",
        "frame.json",
    )
    left = {p for p in on_disk if not p.startswith(made_at_home) and not p.endswith(".where")}
    assert set(files) == left | {"tile/entries/000.p/10"}


async def test_a_delta_is_what_is_new_and_no_more(office):
    for _ in range(4):
        office.next_cut()
    _, data = await fetched(office, "/distribution/package?after=1&to=3")
    label, files = opened(office, data)
    assert (label.after, label.to) == (1, 3)
    cuts = {name for name in files if name.startswith("cuts/")}
    assert cuts == {f"cuts/{n}.{kind}" for n in (2, 3) for kind in ("json", "note")}
    before = wire.decode(office.center.tree.read("cuts/1.json"), wire.Manifest).files
    after = wire.decode(office.center.tree.read("cuts/3.json"), wire.Manifest).files
    assert {n for n in files if n.startswith("databases/")} == set(after) - set(before)
    _, data = await fetched(office, "/distribution/package?after=2&to=3")
    _, files = opened(office, data)
    before = wire.decode(office.center.tree.read("cuts/2.json"), wire.Manifest).files
    assert before
    assert {n for n in files if n.startswith("databases/")} == set(after) - set(before)


async def test_a_delta_to_an_earlier_cut_has_the_pointer_of_that_cut(office):
    for _ in range(3):
        office.next_cut()
    _, data = await fetched(office, "/distribution/package?after=0&to=1")
    pointer = wire.decode(opened(office, data)[1]["current.json"], wire.Pointer)
    assert pointer.cut == 1
    assert pointer.manifest == ref_to(office.center.tree.read("cuts/1.json"))


async def test_the_log_and_the_trust_data_travel_along(tmp_path):
    asked = []

    def paths(after, to):
        asked.append((after, to))
        return ["tile/entries/000.p/3", "trust/1.root.json"]

    extra = Extra(paths, lambda to: b"checkpoint at %d" % to)
    async with small_office(tmp_path, extra=extra) as office:
        office.center.tree.place("tile/entries/000.p/3", b"tile")
        office.center.tree.place("trust/1.root.json", b"root")
        office.next_cut()
        office.next_cut()
        _, files = opened(office, (await fetched(office, "/distribution/package?after=0"))[1])
    assert asked == [(0, 1)]
    assert files["tile/entries/000.p/3"] == b"tile"
    assert files["trust/1.root.json"] == b"root"
    assert list(files)[-2:] == ["checkpoint", "current.json"]
    assert files["checkpoint"] == b"checkpoint at 1"


async def test_a_package_carries_figures_and_nothing_of_the_page(tmp_path):
    async with small_office(
        tmp_path, center=SmallCenter(tmp_path / "c", kit=installed())
    ) as office:
        for _ in range(3):
            office.next_cut()
        _, files = opened(office, (await fetched(office, "/distribution/package?after=none"))[1])
        manifest = wire.decode(files["cuts/2.json"], wire.Manifest)
    kinds = ("cuts/", "tile/entries/", "databases/", "objects/", "checkpoint", "current.json")
    assert {path for path in files if not path.startswith(kinds)} == set()
    assert not any(path.endswith((".html", ".js")) for path in files)
    assert {file.kind for file in manifest.files.values()} == {wire.FileKind.DATABASE}


async def test_what_is_declared_travels_from_nothing_and_never_again(office):
    office.next_cut()
    office.next_cut()
    _, files = opened(office, (await fetched(office, "/distribution/package?after=none"))[1])
    manifest = wire.decode(files["cuts/0.json"], wire.Manifest)
    objects = [name for name in files if name.startswith("objects/")]
    assert objects[0] == manifest.description.path
    (contest,) = decode_declared(files[objects[0]]).contests
    assert objects[1:] == [contest.running.path, contest.catalogue.path]
    assert all(object_path(hex_digest(files[name])) == name for name in objects)
    _, files = opened(office, (await fetched(office, "/distribution/package?after=0"))[1])
    assert not [name for name in files if name.startswith("objects/")]


async def test_the_standard_age_command_opens_an_answer(office, tmp_path):
    office.next_cut()
    _, data = await fetched(office, "/distribution/package?after=none")
    (tmp_path / "package.age").write_bytes(data)
    key = tmp_path / "keys/tec/recipient.key"
    script = f"age -d -i {key} {tmp_path}/package.age | zstd -d | tar t"
    listed = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script], check=True, capture_output=True
    )
    assert listed.stdout.decode().split()[:2] == ["package.json", "cuts/0.note"]


async def test_only_the_publisher_that_asked_can_open_an_answer(office):
    office.next_cut()
    _, data = await fetched(office, "/distribution/package?after=none", "unam")
    opened(office, data, "unam")
    with pytest.raises(Exception, match="S040"):
        opened(office, data, "tec")


async def test_a_delta_is_packed_once_and_sealed_for_each(office, monkeypatch):
    packed, real = [], packing.pack_delta

    def counted(tree, delta, *rest):
        packed.append(delta)
        real(tree, delta, *rest)

    monkeypatch.setattr(packing, "pack_delta", counted)
    office.next_cut()
    answers = await asyncio.gather(
        *(fetched(office, "/distribution/package?after=none", who) for who in ("tec", "unam") * 2)
    )
    assert packed == [Delta(None, 0)]
    assert len({data for _, data in answers}) == 4
    assert len({response.headers["ETag"] for response, _ in answers}) == 4


async def test_there_is_nothing_after_the_newest_cut_and_nothing_beyond_it(office):
    office.next_cut()
    async with office.ask("/distribution/package?after=0") as response:
        assert response.status == 204
    for query in ("after=1", "after=none&to=7", "after=5&to=0"):
        status, code = await office.code(f"/distribution/package?{query}")
        assert (status, code) == (404, DistributionCode.NO_SUCH_CUT.code)


@pytest.mark.parametrize("query", ["after=-1", "after=x", "after=1e3", "to=1234567890", "after="])
async def test_a_parameter_that_cannot_be_read_is_refused(office, query):
    office.next_cut()
    status, code = await office.code(f"/distribution/package?{query}")
    assert (status, code) == (400, DistributionCode.PARAMETER.code)


async def test_a_broken_download_goes_on_with_the_same_bytes(office):
    office.next_cut()
    target = "/distribution/package?after=none"
    response, whole = await fetched(office, target)
    etag = response.headers["ETag"]
    rest, data = await fetched(office, target, Range="bytes=100-", **{"If-Range": etag})
    assert rest.status == 206
    assert rest.headers["Content-Range"] == f"bytes 100-{len(whole) - 1}/{len(whole)}"
    assert rest.headers["ETag"] == etag
    assert whole[:100] + data == whole


@pytest.mark.parametrize(
    ("who", "target", "etag", "start", "later"),
    [
        ("unam", "after=none", None, 100, 0),
        ("tec", "after=0", None, 100, 0),
        ("tec", "after=none", '"0123"', 100, 0),
        ("tec", "after=none", None, 10**9, 0),
        ("tec", "after=none", None, 100, packing.KEPT_SECONDS + 1),
        ("tec", "after=none", "", 100, 0),
    ],
    ids=["another's", "another delta", "unknown", "beyond", "too late", "no If-Range"],
)
async def test_what_cannot_be_gone_on_with_is_sealed_anew(office, who, target, etag, start, later):
    office.next_cut()
    office.next_cut()
    response, first = await fetched(office, "/distribution/package?after=none")
    office.seconds[0] += later
    headers = {"If-Range": response.headers["ETag"] if etag is None else etag}
    again, data = await fetched(
        office, f"/distribution/package?{target}", who, Range=f"bytes={start}-", **headers
    )
    assert again.status == 200
    assert again.headers["ETag"] != response.headers["ETag"]
    assert data != first
    opened(office, data, who)


async def test_an_earlier_answer_makes_room_for_the_next(office):
    office.next_cut()
    for _ in range(3):
        await fetched(office, "/distribution/package?after=none")
    assert len(list(office.center.tree.root.parent.glob("packages/*.age"))) == 1


async def test_what_finds_no_room_is_refused_and_nothing_is_left(tmp_path):
    async with small_office(tmp_path, room=Room(packed_bytes=1, sealed_bytes=10)) as office:
        office.next_cut()
        status, code = await office.code("/distribution/package?after=none")
        assert (status, code) == (503, DistributionCode.BUSY.code)
        assert not list(tmp_path.glob("packages/*.age"))


async def test_packed_deltas_that_nobody_asked_for_longest_go_first(tmp_path):
    async with small_office(tmp_path, room=Room(packed_bytes=1)) as office:
        office.next_cut()
        office.next_cut()
        for after in ("none", "0", "none"):
            await fetched(office, f"/distribution/package?after={after}")
            (left,) = tmp_path.glob("packages/*.zst")
            assert left.name.startswith("all" if after == "none" else "0")


async def test_a_file_that_is_not_there_is_told_and_tried_again(office):
    office.next_cut()
    manifest = wire.decode(office.center.tree.read("cuts/0.json"), wire.Manifest)
    declared = office.center.tree.path(manifest.description.path)
    data = declared.read_bytes()
    declared.unlink()
    status, code = await office.code("/distribution/package?after=none")
    assert (status, code) == (503, DistributionCode.NOT_READY.code)
    declared.write_bytes(data)
    await fetched(office, "/distribution/package?after=none")


async def test_a_full_disk_at_the_centre_is_told_and_tried_again(office, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    office.next_cut()
    monkeypatch.setattr(packing, "write_package", full)
    status, code = await office.code("/distribution/package?after=none")
    assert (status, code) == (503, DistributionCode.CENTRE_DISK.code)
    monkeypatch.undo()
    monkeypatch.setattr(packing, "seal", full)
    status, code = await office.code("/distribution/package?after=none")
    assert (status, code) == (503, DistributionCode.CENTRE_DISK.code)
    monkeypatch.undo()
    await fetched(office, "/distribution/package?after=none")


async def test_a_new_cut_wakes_those_who_wait(office):
    office.next_cut()
    waiting = [
        asyncio.create_task(fetched(office, "/distribution/pointer?after=0&wait=30", who))
        for who in ("tec", "unam")
    ]
    await until(lambda: len(office.admitted) == 2)
    office.next_cut()
    for response, data in await asyncio.gather(*waiting):
        assert response.headers["Cache-Control"] == "no-store"
        assert wire.decode(data, wire.Pointer).cut == 1
        assert data == office.center.tree.read("current.json")


async def test_who_is_behind_is_answered_at_once_and_who_is_not_gets_nothing(office):
    office.next_cut()
    office.next_cut()
    for after in ("none", "0", "7"):
        await fetched(office, f"/distribution/pointer?after={after}&wait=30")
    async with office.ask("/distribution/pointer?after=1&wait=0") as response:
        assert response.status == 204
    async with office.ask("/distribution/pointer?after=1") as response:
        assert response.status == 204


async def test_events_tell_every_cut(office):
    office.next_cut()
    async with office.ask("/distribution/events") as response:
        assert response.content_type == "text/event-stream"
        for cut in range(3):
            assert await response.content.readline() == b"event: cut\n"
            data = await response.content.readline()
            assert json.loads(data.removeprefix(b"data: "))["cut"] == cut
            assert await response.content.readline() == b"\n"
            office.next_cut()


async def test_a_stranger_is_refused_shortly_and_costs_nothing(office):
    office.next_cut()
    url = f"http://{office.authority}/distribution/package?after=none"
    async with office.session.get(url) as response:
        assert response.status == 401
        assert "Signature" in response.headers["WWW-Authenticate"]
        body = await response.json()
    assert set(body) == {"code", "meaning", "detail"}
    assert body["code"] == DistributionCode.UNSIGNED.code
    office.keys["nobody"] = office.keys["tec"]
    status, code = await office.code("/distribution/package?after=none", "nobody")
    assert (status, code) == (401, DistributionCode.UNKNOWN_PUBLISHER.code)
    assert not list(office.center.tree.root.parent.glob("packages/*"))
    del office.keys["nobody"]
    await fetched(office, "/distribution/pointer")
    held = words_held_by(office.service)
    assert "tec" in held
    assert "nobody" not in held
    assert office.service.refusals == Counter(S002=1, S003=1)


async def test_a_replayed_request_is_refused(office):
    office.next_cut()
    target = "/distribution/pointer"
    signed = office.signed("GET", target)
    url = f"http://{office.authority}{target}"
    async with office.session.get(url, headers=signed) as first:
        assert first.status == 200
    async with office.session.get(url, headers=signed) as again:
        assert again.status == 401
        assert (await again.json())["code"] == DistributionCode.REPLAYED.code


async def test_a_request_taken_to_another_path_or_query_is_refused(office):
    office.next_cut()
    for other in ("/distribution/package", "/distribution/pointer?after=3"):
        signed = office.signed("GET", "/distribution/pointer")
        async with office.session.get(f"http://{office.authority}{other}", headers=signed) as got:
            assert (await got.json())["code"] == DistributionCode.SIGNATURE.code


async def test_a_request_for_a_service_of_another_name_is_refused(office):
    status, code = await office.code("/distribution/pointer", Host="difusion.evil")
    assert (status, code) == (421, DistributionCode.WRONG_AUTHORITY.code)


async def test_revocation_counts_from_the_next_request(office):
    office.next_cut()
    await fetched(office, "/distribution/pointer")
    revoke(office, "tec")
    status, code = await office.code("/distribution/pointer")
    assert (status, code) == (403, DistributionCode.REVOKED.code)
    await fetched(office, "/distribution/pointer", "unam")


async def test_who_is_revoked_while_it_waits_learns_no_cut(office):
    office.next_cut()
    waiting = asyncio.create_task(office.code("/distribution/pointer?after=0&wait=30"))
    async with office.ask("/distribution/events?after=0", "unam") as events:
        await until(lambda: len(office.admitted) == 2)
        revoke(office, "tec")
        del office.publishers["unam"]
        office.next_cut()
        assert await waiting == (403, DistributionCode.REVOKED.code)
        first = await events.content.read()
    assert first.count(b"event") <= 1


async def test_a_cosignature_is_handed_over_with_its_publisher(office):
    lines = "\N{EM DASH} tec xyz\n".encode()
    async with office.ask("/distribution/cosignature", method="POST", body=lines) as response:
        assert response.status == 204
    assert office.cosigned == [("tec", lines)]


async def test_a_cosignature_that_is_not_taken_says_why(office):
    status, code = await office.code("/distribution/cosignature", method="POST", body=b"x")
    assert (status, code) == (422, DistributionCode.COSIGNATURE.code)


async def test_an_altered_or_endless_cosignature_is_refused(office):
    target, url = "/distribution/cosignature", f"http://{office.authority}/distribution/cosignature"
    for body in (b"other\n", b"", b"x" * 5000):
        signed = office.signed("POST", target, body=b"mine\n")
        async with office.session.post(url, data=body, headers=signed) as response:
            assert response.status == 400
            assert (await response.json())["code"] == DistributionCode.BODY.code
    assert not office.cosigned


async def test_a_cosignature_that_does_not_arrive_is_not_waited_for(tmp_path):
    async def never():
        yield b"mine"
        await asyncio.sleep(60)

    async with small_office(tmp_path, Terms(body_seconds=0.05)) as office:
        signed = office.signed("POST", "/distribution/cosignature", body=b"mine\n")
        url = f"http://{office.authority}/distribution/cosignature"
        async with office.session.post(url, data=never(), headers=signed) as response:
            assert response.status == 408


async def test_who_asks_too_often_waits_and_others_do_not(tmp_path):
    async with small_office(tmp_path, Terms(requests=1, requests_at_once=3)) as office:
        office.next_cut()
        answers = [await office.code("/distribution/pointer?after=x") for _ in range(5)]
        assert answers[-1] == (429, DistributionCode.TOO_OFTEN.code)
        await fetched(office, "/distribution/pointer", "unam")
        office.seconds[0] += 60
        await fetched(office, "/distribution/pointer")


async def test_who_holds_too_many_connections_is_refused_another(tmp_path):
    async with small_office(tmp_path, Terms(connections=2)) as office:
        office.next_cut()
        held = [
            asyncio.create_task(fetched(office, "/distribution/pointer?after=0&wait=30"))
            for _ in range(2)
        ]
        await until(lambda: len(office.admitted) == 2)
        status, code = await office.code("/distribution/pointer")
        assert (status, code) == (429, DistributionCode.CROWDED.code)
        await fetched(office, "/distribution/pointer", "unam")
        office.next_cut()
        await asyncio.gather(*held)
        await fetched(office, "/distribution/pointer")


async def test_bandwidth_is_shared_out_by_publisher(tmp_path):
    terms = Terms(bytes_rate=1000, bytes_at_once=1000, piece=500)
    async with small_office(tmp_path, terms) as office:
        office.next_cut()
        _, data = await fetched(office, "/distribution/package?after=none")
        assert sum(office.slept) >= (len(data) - 2000) / 1000
        assert len(data) > 2000


async def test_a_reader_that_does_not_read_is_sent_away(tmp_path):
    terms = Terms(stall_seconds=0.1, connections=1)
    noise = Extra(lambda *_: ["trust/targets/noise.bin"])
    async with small_office(tmp_path, terms, noise) as office:
        office.next_cut()
        office.center.tree.place("trust/targets/noise.bin", os.urandom(30_000_000))
        target = "/distribution/package?after=none"
        reader, writer = await asyncio.open_connection(office.server.host, office.server.port)
        lines = [f"{name}: {value}" for name, value in office.signed("GET", target).items()]
        head = [f"GET {target} HTTP/1.1", f"Host: {office.authority}", *lines, "", ""]
        writer.write("\r\n".join(head).encode())
        assert b"200" in await reader.readline()
        writer.transport.pause_reading()
        await until(lambda: not office.server.runner.server.connections)
        await fetched(office, "/distribution/pointer")
        writer.close()


async def test_nothing_else_is_served(office):
    for path in ("/", "/current.json", "/distribution", "/distribution/../current.json"):
        async with office.session.get(f"http://{office.authority}{path}") as response:
            assert response.status == 404


def test_files_of_a_delta_need_the_manifests(tmp_path):
    center = SmallCenter(tmp_path)
    with pytest.raises(NotAdmitted) as refused:
        files_of(center.tree, Delta(None, 0), Extra())
    assert refused.value.code is DistributionCode.NO_SUCH_CUT
    center.next_cut()
    assert heads_of(center.tree, Delta(None, 0), Extra())["current.json"] == center.tree.read(
        "current.json"
    )
    for damaged in (b"", b"\0" * 300, b"[]", b"[" * 60_000):
        center.tree.path("cuts/0.json").write_bytes(damaged)
        for made_of in (files_of, heads_of):
            with pytest.raises(NotAdmitted) as refused:
                made_of(center.tree, Delta(None, 0), Extra())
            assert refused.value.code is DistributionCode.NOT_READY
    center.tree.path("cuts/0.json").unlink()
    with pytest.raises(NotAdmitted) as refused:
        files_of(center.tree, Delta(None, 0), Extra())
    assert refused.value.code is DistributionCode.NOT_READY


@given(
    rate=st.integers(1, 1000),
    burst=st.integers(1, 1000),
    steps=st.lists(st.tuples(st.integers(0, 500), st.floats(0, 5)), max_size=60),
)
def test_a_budget_never_grants_more_than_its_rate(rate, burst, steps):
    """Whatever the steps: what is granted fits into burst + rate x time, plus the last amount."""
    budget, now, granted, largest = Budget(rate, burst, 0.0), 0.0, 0, 0
    for amount, pause in steps:
        now += pause
        if budget.wait(now) == 0:
            budget.take(amount, now)
            granted += amount
            largest = max(largest, amount)
        assert granted <= burst + rate * now + largest + 1e-6 * (1 + granted)


@given(st.integers(1, 1000), st.integers(1, 1000), st.integers(0, 5000))
def test_a_budget_says_how_long_to_wait(rate, burst, amount):
    budget = Budget(rate, burst, 10.0)
    budget.take(amount, 10.0)
    wait = budget.wait(10.0)
    assert wait == pytest.approx(max(0, amount - burst) / rate)
    assert budget.wait(10.0 + wait + 1e-6) == 0
