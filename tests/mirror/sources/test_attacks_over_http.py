"""The attacks again, over real HTTP: a real distribution service, and whoever stands before it."""

import asyncio
import random
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from mirror.night import files_of
from openprep.ceremony.enrolment import declare_again
from openprep.clock import system_clock
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.follow.follower import Follower
from openprep.mirror.process import following as run
from openprep.mirror.sources.center import CenterRefused, CenterSource, Patience
from openprep.mirror.sources.source import Source
from openprep.mirror.trust.membership import identity_of
from openprep.wire.distribution.codes import DistributionCode
from small.election import small_election
from small.publishers import hurry, small_network, until

QUICK = Patience(poll=0.2, attempts=2, pause=0.0)
POINTER, PACKAGE = "/distribution/pointer", "/distribution/package"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    hurry(monkeypatch)


@pytest.fixture
async def network(tmp_path):
    async with small_network(tmp_path) as network:
        yield network


@asynccontextmanager
async def following(network, who="tec", base=None):
    """A mirror's follower over the distribution service at ``base``."""
    mirror = network.mirrors[who]
    keys = mirror.membership.keys
    place = mirror.folder / "staging"
    source = CenterSource(base or network.base, who, keys, place, system_clock, patience=QUICK)
    async with source:
        identity = identity_of(network.trust_data())
        yield Follower(source, mirror.folder, identity)


async def refusal(awaitable):
    with pytest.raises(Refused) as refused:
        await awaitable
    return refused.value


def genuine(follower, network):
    """What the mirror shows is the centre's own, byte for byte."""
    tree, cut = follower.tree, follower.tree.pointer().cut
    for name in (f"cuts/{cut}.json", f"cuts/{cut}.note"):
        assert tree.read(name) == network.genuine[name]
    return cut


async def test_rules_of_a_later_ceremony_are_followed_from_then_on(network):
    before, again = network.trust_data(), small_election(name="Otra", digest="0" * 64)
    network.center.restart(election=again)
    network.center.next_cut()
    async with following(network) as follower:
        assert (await refusal(follower.step())).code is MirrorCode.RULES
        follower.adopt(identity_of(declare_again(before, again)), None)
        assert (await follower.step()).cut == 0
        network.center.next_cut()
        follower.adopt(identity_of(before), None)
        assert (await refusal(follower.step())).code is MirrorCode.RULES
        assert follower.tree.pointer().cut == 0
        assert (await refusal(follower.start())).code is MirrorCode.RULES
        follower.adopt(identity_of(declare_again(before, again)), None)
        assert (await follower.step()).cut == 1


@pytest.mark.parametrize("path", ["cuts/2.note", "cuts/2.json", "tile/entries/000.p", "databases"])
@pytest.mark.parametrize("how", ["altered", "arbitrary", "of the cut before", "endless"])
async def test_a_corrupted_file_of_a_cut_is_refused_and_the_next_cut_is_shown(network, path, how):
    """The centre's disk, or whoever holds it, gives something else under the right name."""
    async with following(network) as follower:
        for _ in range(2):
            network.center.next_cut()
            await follower.step()
        network.center.next_cut()
        tree = network.center.tree
        victim = tree.path(path)
        if victim.is_dir():
            victim = max(victim.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        data = bytearray(victim.read_bytes())
        saved = bytes(data)
        choose = random.Random(5)
        if how == "altered":
            data[-10 if "tile" in path else len(data) // 3] ^= 1
        elif how == "arbitrary":
            data = bytearray(choose.randbytes(len(data)))
        elif how == "of the cut before":
            data = bytearray(tree.read(path.replace("2", "1")) if path[:4] == "cuts" else b"")
        else:
            data += bytes(5_000_000)
        victim.write_bytes(bytes(data))
        refused = await refusal(follower.step())
        assert refused.code is not MirrorCode.UNEXPECTED
        victim.write_bytes(saved)
        network.genuine = files_of(tree.root)
        assert genuine(follower, network) == 1
        network.center.next_cut()
        network.genuine = files_of(tree.root)
        await follower.step()
        assert genuine(follower, network) == 3


class Between:
    """A proxy before the service, that does to its traffic what a test says."""

    def __init__(self, network):
        self.network = network
        self.answer = None
        """Given the request and what the service answered, what is answered instead."""
        self.seen = []

    async def handle(self, request):
        body = await request.read()
        self.seen.append((request.method, request.raw_path, dict(request.headers), body))
        status, headers, data = await self.ask(*self.seen[-1])
        response = web.Response(status=status, headers=headers, body=data)
        return response if self.answer is None else await self.answer(request, response)

    async def ask(self, method, path, headers, body):
        """The service's own answer to a request."""
        url = f"{self.network.base}{path}"
        headers = {k: v for k, v in headers.items() if k.lower() != "content-length"}
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(method, url, headers=headers, data=body or None) as answer,
        ):
            kept = ("content-type", "etag", "accept-ranges", "content-range")
            found = {k: v for k, v in answer.headers.items() if k.lower() in kept}
            return answer.status, found, await answer.read()


@asynccontextmanager
async def between(network):
    proxy = Between(network)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", proxy.handle)
    async with TestServer(app) as server:
        name = f"{server.host}:{server.port}"
        await network.close()
        await network.open(name)
        proxy.base = f"http://{name}"
        yield proxy


async def test_a_shield_in_between_sees_requests_and_sealed_bytes_and_changes_nothing(network):
    network.center.next_cut()
    async with between(network) as proxy, following(network, base=proxy.base) as follower:
        assert (await follower.step()).cut == 0
        assert PACKAGE in proxy.seen[-1][1]


async def test_a_replayed_request_is_refused_by_the_service_and_the_mirror_goes_on(network):
    network.center.next_cut()
    async with between(network) as proxy, following(network, base=proxy.base) as follower:
        await follower.step()
        for request in list(proxy.seen):
            status, _, data = await proxy.ask(*request)
            assert status == 401
            assert DistributionCode.REPLAYED.code.encode() in data
        network.center.next_cut()
        assert (await follower.step()).cut == 1


async def test_a_request_taken_over_for_another_package_is_refused(network):
    """Who sees a request cannot ask for anything with it."""
    network.center.next_cut()
    async with between(network) as proxy, following(network, base=proxy.base) as follower:
        seen = []

        async def take(request, response):
            method, path, headers, body = proxy.seen[-1]
            other = f"{PACKAGE}?after=none" if POINTER in path else POINTER
            seen.append((await proxy.ask(method, other, headers, body))[0])
            return response

        proxy.answer = take
        await follower.step()
        assert set(seen) == {401}


async def test_another_publishers_package_is_not_opened(network):
    network.center.next_cut()
    async with between(network) as proxy, following(network, base=proxy.base) as follower:
        sealed = {}

        async def keep(request, response):
            sealed[request.path] = response.body
            return response

        async def swap(request, response):
            swapped = request.path == PACKAGE
            body = sealed[PACKAGE]
            return web.Response(body=body, headers={"ETag": '"x"'}) if swapped else response

        proxy.answer = keep
        async with following(network, "unam", base=proxy.base) as other:
            assert (await other.step()).cut == 0
        proxy.answer = swap
        refused = await refusal(follower.step())
        assert DistributionCode.UNSEALING.code in str(refused)
        proxy.answer = None
        assert (await follower.step()).cut == 0


async def test_a_sealed_package_with_any_byte_altered_is_not_opened(network):
    network.center.next_cut()
    async with between(network) as proxy, following(network, base=proxy.base) as follower:
        where = iter([0.0, 0.1, 0.5, 0.99])

        async def spoil(request, response):
            if request.path != PACKAGE:
                return response
            data = bytearray(response.body)
            data[int(next(where) * len(data))] ^= 1
            return web.Response(body=bytes(data), headers={"ETag": '"x"'})

        proxy.answer = spoil
        for _ in range(4):
            assert (await refusal(follower.step())).code is MirrorCode.PACKAGE
        assert follower.tree.pointer() is None
        proxy.answer = None
        assert (await follower.step()).cut == 0


async def test_an_older_package_and_pointer_played_again_is_a_rollback(network):
    async with between(network) as proxy, following(network, base=proxy.base) as follower:
        network.center.next_cut()
        network.center.next_cut()
        kept = {}

        async def keep(request, response):
            kept[request.path] = response.body
            return response

        proxy.answer = keep
        await follower.step()
        network.center.next_cut()
        proxy.answer = None
        await follower.step()

        async def again(request, response):
            return web.Response(body=kept[request.path], headers={"ETag": '"x"'})

        proxy.answer = again
        refused = await refusal(follower.step())
        assert refused.code in (MirrorCode.ROLLBACK, MirrorCode.PACKAGE)
        assert follower.tree.pointer().cut == 2


async def test_a_mirror_kept_alone_at_an_old_cut_learns_of_the_new_one_from_another(
    network, monkeypatch
):
    """An indefinite freeze: everything that is said to this mirror is genuine, and old."""
    monkeypatch.setattr(run, "QUIET", 0.2)
    tec, unam = network.mirrors["tec"], network.mirrors["unam"]
    async with between(network) as proxy:
        frozen = {}

        async def freeze(request, response):
            if request.path != POINTER:
                return response
            if "body" in frozen and response.status == 200:
                await asyncio.sleep(0.05)
                return web.Response(body=frozen["body"])
            frozen.setdefault("body", response.body)
            return response

        tec.membership.join(proxy.base, network.trust.root_bytes, network.trust.fingerprint)
        network.center.next_cut()
        unam.start(serving=True)
        await unam.shows(0)
        proxy.answer = freeze
        tec.start()
        await tec.shows(0)
        network.center.next_cut()
        await unam.shows(1)
        await tec.shows(1)
        await until(lambda: tec.status.source == unam.base)


async def test_a_revoked_publisher_is_refused_at_its_next_request(network):
    network.center.next_cut()
    async with following(network) as follower:
        await follower.step()
        network.change(revoked_publishers=["tec"])
        network.center.next_cut()
        refused = await refusal(follower.step())
        assert isinstance(refused, CenterRefused)
        assert refused.answer.code == DistributionCode.REVOKED.code
    async with following(network, "unam") as other:
        assert (await other.step()).cut == 1


@asynccontextmanager
async def hostile(handler, port=None):
    app = web.Application()
    app.router.add_get("/{path:.*}", handler)
    async with TestServer(app, port=port) as server:
        yield str(server.make_url("/"))


async def test_endless_data_of_another_publisher_is_cut_off():
    sent = []

    async def endless(request):
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(bytes(1 << 16))
            sent.append(1 << 16)

    async with hostile(endless) as base, Source(base) as source:
        assert (await refusal(source.offer(None))).code is MirrorCode.OVERSIZE
        assert (await refusal(source.get("cuts/0.json", 1 << 20))).code is MirrorCode.OVERSIZE
    assert sum(sent) < 64 << 20


async def test_slow_data_of_another_publisher_does_not_hold_the_mirror(network, monkeypatch):
    """A peer that drips is left when its time is over, and the centre is looked at again."""
    monkeypatch.setattr(run, "PEER_SECONDS", 0.3)

    dripped = []

    async def drip(request):
        dripped.append(request.path)
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.01)

    tec, unam = network.mirrors["tec"], network.mirrors["unam"]
    async with hostile(drip, unam.port):
        network.center.next_cut()
        tec.start()
        await tec.shows(0)
        await network.close()
        await until(lambda: tec.status.failures >= run.PEERS_AFTER + 1)
        assert "/current.json" in dripped
        network.center.next_cut()
        await network.open()
        await tec.shows(1)


async def test_another_publisher_cannot_send_the_mirror_elsewhere():
    """A redirection could make it ask inside of its own network."""
    inside = []

    async def elsewhere(request):
        if request.path == "/secret":
            inside.append(request.path)
            return web.Response(body=b"{}")
        raise web.HTTPFound("/secret")

    async with hostile(elsewhere) as base, Source(base) as source:
        assert (await refusal(source.get("checkpoint", 1000))).code is MirrorCode.UNREACHABLE
    assert not inside


async def test_a_peer_of_another_election_or_of_a_drill_gives_nothing(network, tmp_path):
    network.center.next_cut()
    async with following(network) as follower:
        await follower.step()
        network.center.next_cut()
        async with small_network(tmp_path / "drill", ("tec",), drill=True) as drill:
            for _ in range(3):
                drill.center.next_cut()
            there = drill.mirrors["tec"].start(serving=True)
            await there.shows(2)
            async with Source(there.base) as peer:
                refused = await refusal(follower.step(peer))
        assert refused.code is MirrorCode.SIGNATURE
        assert follower.tree.pointer().cut == 0
        assert (await follower.step()).cut == 1
