"""A mirror that follows through the distribution service, over lines and servers that fail it."""

import asyncio
import os
from dataclasses import replace
from datetime import timedelta

import pyrage
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from mirror.line import PACKAGE, QUICK, source_of
from mirror.night import public_files
from openprep.distribution.deltas import Delta, Extra
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.follow.follower import Follower
from openprep.mirror.keys import make_publisher_keys
from openprep.mirror.sources import staging
from openprep.mirror.sources.center import CenterRefused, Patience
from openprep.wire.distribution.codes import DistributionCode
from openprep.wire.distribution.package import PackageLimits
from small.distribution import NOW, revoke, small_office
from small.publishers import until

HASTY = replace(QUICK, window=0.2)


def follower_of(office, source, data):
    return Follower(source, data, office.center.identity)


@pytest.fixture
async def source(office, tmp_path):
    async with source_of(office, tmp_path) as source:
        yield source


@pytest.fixture
def follower(office, source, tmp_path):
    return follower_of(office, source, tmp_path / "mirror")


async def refusal(awaitable):
    with pytest.raises(Refused) as refused:
        await awaitable
    return refused.value


async def test_every_cut_is_mirrored_byte_for_byte_by_deltas(office, line, follower):
    for cut in range(4):
        office.next_cut()
        assert (await follower.step()).cut == cut
        assert public_files(follower.tree.root) == public_files(office.center.tree.root)
    afters = ["none", "0", "1", "2"]
    assert [target for target, _ in line.packages] == [
        f"{PACKAGE}?after={after}&to={to}" for to, after in enumerate(afters)
    ]


def declared_in(tree):
    return sorted((tree.root / "objects").rglob("*.json"))


async def test_before_the_first_cut_and_after_the_last_there_is_nothing_to_do(office, follower):
    assert await follower.step() is None
    office.next_cut()
    await follower.step()
    assert await follower.step() is None


async def test_a_cut_that_is_waited_for_comes_as_soon_as_it_is_made(office, line, tmp_path):
    patience = Patience(poll=30.0)
    async with source_of(office, tmp_path, patience=patience) as source:
        follower = follower_of(office, source, tmp_path / "mirror")
        office.next_cut()
        await follower.step()
        before = len(office.admitted)
        step = asyncio.create_task(follower.step())
        await until(lambda: len(office.admitted) > before)
        office.next_cut()
        assert (await asyncio.wait_for(step, 20)).cut == 1


async def test_a_mirror_that_slept_takes_one_delta_over_many_cuts(office, line, follower):
    office.next_cut()
    await follower.step()
    for _ in range(3):
        office.next_cut()
    assert (await follower.step()).cut == 3
    assert line.packages[-1][0] == f"{PACKAGE}?after=0&to=3"
    for name in ("1.note", "2.note", "3.note", "1.json"):
        assert follower.tree.read(f"cuts/{name}") == office.center.tree.read(f"cuts/{name}")


async def test_a_restarted_mirror_goes_on_from_the_cut_it_holds(office, line, follower, tmp_path):
    for _ in range(2):
        office.next_cut()
    await follower.step()
    async with source_of(office, tmp_path) as source:
        again = follower_of(office, source, tmp_path / "mirror")
        await again.start()
        assert await again.step() is None
        office.next_cut()
        assert (await again.step()).cut == 2
    assert line.packages[-1][0] == f"{PACKAGE}?after=1&to=2"


async def test_a_tree_that_was_damaged_is_made_whole_by_a_full_package(
    office, line, source, follower, tmp_path
):
    for _ in range(3):
        office.next_cut()
        await follower.step()
    for path in declared_in(follower.tree):
        path.unlink()
    again = follower_of(office, source, tmp_path / "mirror")
    with pytest.raises(Refused):
        await again.start()
    office.next_cut()
    assert (await again.step()).cut == 3
    assert line.packages[-1][0] == f"{PACKAGE}?after=none&to=3"
    assert public_files(again.tree.root) == public_files(office.center.tree.root)


async def test_a_damaged_tree_is_made_whole_though_no_cut_is_new(office, line, follower, tmp_path):
    office.next_cut()
    await follower.step()
    declared_in(follower.tree)[0].unlink()
    async with source_of(office, tmp_path) as source:
        again = follower_of(office, source, tmp_path / "mirror")
        with pytest.raises(Refused):
            await again.start()
        assert (await again.step()).cut == 0
    assert line.packages[-1][0] == f"{PACKAGE}?after=none&to=0"


async def test_nothing_stays_in_staging_once_a_cut_is_up(office, follower, tmp_path):
    office.next_cut()
    await follower.step()
    await follower.step()
    assert not [path for path in (tmp_path / "staging-tec").rglob("*") if path.is_file()]


async def test_a_cut_made_between_the_pointer_and_the_package_does_not_mix(office, source):
    office.next_cut()
    offer = await source.offer(None)
    office.next_cut()
    note = await offer.get(f"cuts/{offer.pointer.cut}.note", 10_000)
    assert note == office.center.tree.read("cuts/0.note")
    assert (await refusal(offer.get("cuts/1.note", 10_000))).code is MirrorCode.NOT_FOUND


async def test_a_centre_that_went_back_is_found_out_at_once(office, follower, source):
    for _ in range(3):
        office.next_cut()
    await follower.step()
    office.center.tree.flip(1, {"current.json": office.center.tree.read("heads/1/current.json")})
    assert (await refusal(follower.step())).code is MirrorCode.ROLLBACK
    assert follower.tree.pointer().cut == 2


async def test_a_broken_download_goes_on_where_it_was(office, line, follower):
    office.next_cut()
    line.break_after = [5, 7]
    assert (await follower.step()).cut == 0
    assert [part for _, part in line.packages] == [None, "bytes=500-", "bytes=1200-"]
    assert len(list(office.center.tree.root.parent.glob("packages/*.age"))) == 1


async def test_a_download_goes_on_at_the_next_step_too(office, line, follower):
    office.next_cut()
    line.break_after = [3, 3, 3]
    broken = await refusal(follower.step())
    assert broken.code is MirrorCode.UNREACHABLE
    assert follower.tree.pointer() is None
    assert (await follower.step()).cut == 0
    assert line.packages[-1][1] == "bytes=900-"


async def test_a_centre_that_forgot_the_answer_gives_another_one_whole(office, line, follower):
    office.next_cut()
    line.break_after = [5]
    office.packages.resumable = lambda *_: None
    assert (await follower.step()).cut == 0
    assert [part for _, part in line.packages] == [None, "bytes=500-"]


async def test_the_centres_refusal_is_told_with_its_code(office, follower):
    office.next_cut()
    revoke(office, "tec")
    refused = await refusal(follower.step())
    assert isinstance(refused, CenterRefused)
    assert refused.answer.code == DistributionCode.REVOKED.code
    assert "S004" in str(refused)


async def test_a_clock_that_is_wrong_by_hours_is_told_by_how_much(office, tmp_path):
    office.next_cut()
    for hours, says in ((-3, "10,800 s before"), (5, "18,000 s ahead")):
        at = NOW + timedelta(hours=hours)
        async with source_of(office, tmp_path, clock=lambda at=at: at) as source:
            assert says in str(await refusal(source.offer(None)))


async def test_keys_that_are_not_enrolled_get_nothing(office, tmp_path):
    office.next_cut()
    keys = make_publisher_keys(tmp_path / "strange")
    async with source_of(office, tmp_path, keys=keys) as source:
        refused = await refusal(source.offer(None))
    assert refused.answer.code == DistributionCode.SIGNATURE.code


async def test_a_package_sealed_to_another_recipient_is_refused(office, follower):
    office.next_cut()
    other = str(pyrage.x25519.Identity.generate().to_public())
    office.publishers["tec"] = replace(office.publishers["tec"], recipient=other)
    refused = await refusal(follower.step())
    assert refused.code is MirrorCode.PACKAGE
    assert "S040 it is sealed to another key" in refused.detail
    assert "kit" not in str(refused)
    assert follower.tree.pointer() is None


async def test_a_cosignature_is_handed_over(office, source):
    await source.cosign(b"a line\n")
    assert office.cosigned == [("tec", b"a line\n")]
    refused = await refusal(source.cosign(b"none"))
    assert refused.answer.code == DistributionCode.COSIGNATURE.code


async def test_a_full_disk_leaves_what_is_up_and_is_named(office, follower, monkeypatch):
    office.next_cut()
    await follower.step()
    office.next_cut()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(staging.FolderSink, "write", full)
    assert (await refusal(follower.step())).code is MirrorCode.DISK
    assert follower.tree.pointer().cut == 0
    monkeypatch.undo()
    assert (await follower.step()).cut == 1


async def test_a_package_that_holds_too_much_is_refused_and_nothing_of_it_stays(office, tmp_path):
    office.next_cut()
    async with source_of(office, tmp_path, limits=PackageLimits(total_bytes=2000)) as source:
        follower = follower_of(office, source, tmp_path / "mirror")
        assert (await refusal(follower.step())).code is MirrorCode.OVERSIZE
    assert not (tmp_path / "staging-tec" / "files").exists()
    assert not (tmp_path / "staging-tec" / "draft").exists()


async def test_a_file_larger_than_was_announced_is_refused(office, source):
    office.next_cut()
    offer = await source.offer(None)
    assert (await refusal(offer.get("cuts/0.json", 10))).code is MirrorCode.OVERSIZE


async def test_staging_is_emptied_at_the_start(office, tmp_path):
    left = tmp_path / "staging-tec" / "files" / "cuts"
    left.mkdir(parents=True)
    (left / "0.note").write_bytes(b"of another life")
    source_of(office, tmp_path)
    assert not left.exists()


class Hostile:
    """A server that admits everybody and answers package requests as a test says."""

    def __init__(self, office, answer):
        self._office = office
        self._answer = answer
        self.asked = 0

    async def handle(self, request):
        if request.path == "/distribution/pointer":
            data = self._office.center.tree.read("current.json")
            return web.Response(body=data)
        self.asked += 1
        return await self._answer(request)


async def hostile(office, tmp_path, answer, patience=QUICK):
    """What a mirror comes to at a hostile server, and how often it asked."""
    office.next_cut()
    server = Hostile(office, answer)
    app = web.Application()
    app.router.add_get("/{path:.*}", server.handle)
    async with (
        TestServer(app) as running,
        source_of(
            office, tmp_path, base=str(running.make_url("")).rstrip("/"), patience=patience
        ) as source,
    ):
        follower = follower_of(office, source, tmp_path / "mirror")
        refused = await refusal(follower.step())
        assert follower.tree.pointer() is None
        return refused, server.asked


async def test_slow_data_is_given_up(office, tmp_path):
    async def drip(request):
        response = web.StreamResponse()
        response.content_length = 10_000_000
        await response.prepare(request)
        while True:
            await response.write(b"x")
            await asyncio.sleep(0.02)

    refused, asked = await hostile(office, tmp_path, drip, HASTY)
    assert refused.code is MirrorCode.UNREACHABLE
    assert asked == QUICK.attempts


async def test_endless_data_is_refused_before_the_first_byte_of_it(office, tmp_path):
    async def endless(request):
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(bytes(1 << 16))

    refused, asked = await hostile(office, tmp_path, endless)
    assert refused.code is MirrorCode.FORMAT
    assert asked == 1


async def test_a_package_that_announces_more_than_any_is_refused(office, tmp_path):
    async def huge(request):
        response = web.StreamResponse()
        response.content_length = 1 << 50
        await response.prepare(request)
        return response

    refused, _ = await hostile(office, tmp_path, huge)
    assert refused.code is MirrorCode.OVERSIZE


@pytest.mark.parametrize("lie", [-1000, +1000])
async def test_a_server_that_lies_about_the_length(office, tmp_path, lie):
    data = os.urandom(5000)

    async def lying(request):
        response = web.StreamResponse()
        response.content_length = len(data) + lie
        await response.prepare(request)
        await response.write(data[: len(data) + lie])
        request.transport.close()
        return response

    refused, _ = await hostile(office, tmp_path, lying)
    assert refused.code is (MirrorCode.PACKAGE if lie < 0 else MirrorCode.UNREACHABLE)


async def test_a_server_that_goes_on_with_other_bytes(office, tmp_path):
    async def other(request):
        if "Range" not in request.headers:
            response = web.StreamResponse(headers={"ETag": '"a"'})
            response.content_length = 5000
            await response.prepare(request)
            await response.write(bytes(1000))
            request.transport.close()
            return response
        headers = {"ETag": '"b"', "Content-Range": "bytes 1000-4999/5000"}
        return web.Response(status=206, body=bytes(4000), headers=headers)

    refused, asked = await hostile(office, tmp_path, other)
    assert refused.code is MirrorCode.UNREACHABLE
    assert asked == QUICK.attempts


@pytest.mark.parametrize("status", [204, 301, 404, 500])
async def test_a_server_that_answers_anything_else(office, tmp_path, status):
    async def other(_):
        return web.Response(status=status, headers={"Location": "/elsewhere"})

    refused, asked = await hostile(office, tmp_path, other)
    assert refused.code is MirrorCode.UNREACHABLE
    assert asked == 1, "a redirection would carry the signed request elsewhere"


async def test_a_package_of_other_cuts_than_asked_for_is_refused(office, tmp_path):
    async def other(_):
        sealed = await office.packages.seal_for(office.publishers["tec"], Delta(0, 1))
        return web.Response(body=sealed.path.read_bytes())

    office.next_cut()
    office.next_cut()
    refused, _ = await hostile(office, tmp_path, other)
    assert refused.code is MirrorCode.PACKAGE
    assert "0 to 1" in refused.detail


async def test_a_server_that_is_not_there(office, tmp_path):
    async with source_of(office, tmp_path, base="http://127.0.0.1:9") as source:
        assert (await refusal(source.offer(None))).code is MirrorCode.UNREACHABLE


async def test_an_endless_or_foreign_pointer_is_refused(office, tmp_path):
    for body, code in (
        (bytes(1 << 20), MirrorCode.OVERSIZE),
        (b"{}", MirrorCode.FORMAT),
        (b'"\xff"', MirrorCode.FORMAT),
    ):

        async def answer(_, body=body):
            return web.Response(body=body)

        app = web.Application()
        app.router.add_get("/{path:.*}", answer)
        async with TestServer(app) as running:
            base = str(running.make_url("")).rstrip("/")
            async with source_of(office, tmp_path, base=base) as source:
                assert (await refusal(source.offer(None))).code is code


async def test_extra_files_of_the_package_reach_the_mirror(tmp_path):
    extra = Extra(lambda *_: ["tile/entries/000"], lambda _: b"a checkpoint")
    async with small_office(tmp_path, extra=extra) as office:
        office.center.tree.place("tile/entries/000", b"t" * 8192)
        office.next_cut()
        async with source_of(office, tmp_path) as source:
            offer = await source.offer(None)
            assert await offer.get("tile/entries/000", 8192) == b"t" * 8192
            assert await offer.get("checkpoint", 100) == b"a checkpoint"
