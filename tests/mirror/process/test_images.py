"""Images at a publisher: the cut is up without them, and no other bytes ever stand for them."""

import asyncio
import logging
from contextlib import asynccontextmanager
from random import Random

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hostile.killing import deaths, new_folders
from mirror.lying import entries_of, refused_and_unmoved, relog
from openprep.election.image import MAX_IMAGE_BYTES
from openprep.hosting import TreeDirectory
from openprep.mirror.codes import MirrorCode
from openprep.mirror.process.report import words_of
from openprep.mirror.sources.images import Images
from openprep.wire.cut.ref import image_path
from openprep.wire.log.leaf import ImageCame, ImagesLeaf, decode_leaf
from small.election import OPENS, acta, version
from small.image import digest_of, jpeg
from small.publishers import hurry, small_network, until

ONE, OTHER = jpeg(1), jpeg(2)
DIGEST = digest_of(ONE)
PATH = image_path(DIGEST)


def pictured(number, position=1, picture=ONE):
    return version(position, acta(number, image_sha256=digest_of(picture)))


@asynccontextmanager
async def giving(answer):
    """A place that gives ``answer`` (bytes, or a handler) for any path; who asked for what."""
    asked = []

    async def handle(request):
        asked.append(request.path)
        return web.Response(body=answer) if isinstance(answer, bytes) else await answer(request)

    app = web.Application()
    app.router.add_get("/{path:.*}", handle)
    async with TestServer(app) as server:
        server.asked = asked
        yield server, str(server.make_url(""))


def missing_at(tree, *places):
    """What fetches the one image for ``tree`` from ``places``, asked in this order."""

    class InOrder(Random):
        def sample(self, population, k, **_):
            return list(population)[:k]

    images = Images(tree, lambda: places, random=InOrder())
    images.want({DIGEST: len(ONE)})
    return images


@pytest.fixture
def tree(tmp_path):
    return TreeDirectory(tmp_path / "public")


def files(tree):
    return sorted(path.name for path in (tree.root / "actas").iterdir())


# The cut first


async def test_a_cut_is_shown_at_once_and_its_images_come_after_it(pair):
    named = {}
    pair.center.closing = 9
    follower = pair.restarted(on_images=named.update)
    images = Images(follower.tree, lambda: [str(pair.server.make_url(""))])
    pair.center.next_cut()
    pair.center.next_cut([pictured(0), pictured(3, 2, OTHER)])
    pair.center.hold(0, ONE)
    pair.center.next_cut([])
    manifest = await follower.step()
    assert (manifest.cut, named) == (2, {DIGEST: len(ONE)})
    assert follower.tree.pointer().cut == 2
    assert follower.tree.read(PATH) is None
    images.want(named)
    assert await images.fetch_missing() == 1
    assert follower.tree.read(PATH) == ONE
    assert images.missing == {}
    named.clear()
    pair.center.hold(3, OTHER)
    pair.center.next_cut([])
    await follower.step()
    assert named == {digest_of(OTHER): len(OTHER)}, "what was told is not told again"


async def test_a_mirror_that_starts_again_goes_on_with_what_is_missing(pair):
    pair.center.next_cut()
    pair.center.next_cut([pictured(0), pictured(3, 2, OTHER)])
    pair.center.hold(0, ONE)
    pair.center.hold(3, OTHER)
    pair.center.next_cut([])
    follower = pair.restarted()
    await follower.step()
    follower.tree.place(PATH, ONE)
    images = Images(follower.tree, tuple)
    again = pair.restarted(on_images=images.want)
    await again.start()
    assert images.missing == {digest_of(OTHER): len(OTHER)}


def test_killed_at_every_call_an_image_is_whole_or_still_missing(tmp_path):
    folder = new_folders(tmp_path)

    async def fetch(tree):
        async with giving(ONE) as (_, place):
            await missing_at(tree, place).fetch_missing()

    async def go_on(tree):
        async with giving(ONE) as (_, place):
            again = missing_at(tree, place)
            assert (DIGEST in again.missing) is (tree.read(PATH) is None)
            await again.fetch_missing()

    found = []
    for tree in deaths(lambda: TreeDirectory(folder()), lambda tree: asyncio.run(fetch(tree))):
        found.append(tree.read(PATH))
        assert found[-1] in (None, ONE)
        asyncio.run(go_on(tree))
        assert tree.read(PATH) == ONE
    assert len(found) > 3
    assert [found[0], found[-1]] == [None, ONE]


# Hostile places


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (OTHER, MirrorCode.DIGEST),
        (ONE[:-1], MirrorCode.DIGEST),
        (b"", MirrorCode.DIGEST),
        (ONE[:-1] + bytes([ONE[-1] ^ 1]), MirrorCode.DIGEST),
        (ONE + b"\0", MirrorCode.OVERSIZE),
        (ONE * 1000, MirrorCode.OVERSIZE),
    ],
    ids=["another", "shorter", "empty", "one bit", "longer", "far longer"],
)
async def test_a_wrong_image_is_not_kept_and_the_right_one_comes_from_another(
    tree, caplog, answer, code
):
    caplog.set_level(logging.WARNING)
    async with giving(answer) as (_, liar), giving(ONE) as (_, honest):
        alone = missing_at(tree, liar)
        assert await alone.fetch_missing() == 0
        assert (files(tree), alone.missing) == ([], {DIGEST: len(ONE)})
        both = missing_at(tree, liar, honest)
        assert await both.fetch_missing() == 1
    assert tree.read(PATH) == ONE
    assert f"{liar}: {code.code}" in caplog.text


async def test_an_image_without_end_is_cut_off_at_the_announced_size(tree):
    sent = []

    async def endless(request):
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            sent.append(1)
            await response.write(bytes(1 << 16))

    async with giving(endless) as (_, place):
        images = missing_at(tree, place)
        assert await images.fetch_missing() == 0
    assert len(sent) < 500
    assert files(tree) == []


async def test_a_place_that_leads_elsewhere_is_not_followed(tree):
    async with giving(ONE) as (elsewhere, address):

        async def lead(_):
            raise web.HTTPFound(f"{address}/{PATH}")

        async with giving(lead) as (_, place):
            assert await missing_at(tree, place).fetch_missing() == 0
        assert elsewhere.asked == []


async def test_what_nobody_has_yet_is_asked_for_again(tree, monkeypatch):
    monkeypatch.setattr("openprep.mirror.sources.images.FIRST_PAUSE", 0.01)
    monkeypatch.setattr("openprep.mirror.sources.images.LONGEST_PAUSE", 0.01)
    tries = []

    async def at_last(_):
        tries.append(1)
        if len(tries) < 4:
            raise web.HTTPNotFound
        return web.Response(body=ONE)

    async with giving(at_last) as (_, place):
        images = missing_at(tree, place)
        running = asyncio.create_task(images.run())
        await until(lambda: not images.missing)
        running.cancel()
    assert tree.read(PATH) == ONE
    assert len(tries) == 4


async def test_a_full_disk_leaves_an_image_missing_and_stops_nothing(tree, monkeypatch, caplog):
    def full(*_):
        raise OSError(28, "No space left on device")

    async with giving(ONE) as (_, place):
        images = missing_at(tree, place)
        monkeypatch.setattr(TreeDirectory, "place", full)
        assert await images.fetch_missing() == 0
        assert MirrorCode.DISK.code in caplog.text
        monkeypatch.undo()
        assert await images.fetch_missing() == 1


# A centre that says something wrong


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        (ImageCame(3, 9), MirrorCode.LOG_FACTS),
        (ImageCame(99, 9), MirrorCode.LOG_FACTS),
        (ImageCame(2, MAX_IMAGE_BYTES + 1), MirrorCode.FORMAT),
    ],
    ids=str,
)
async def test_an_image_that_no_acta_names_is_refused_and_not_fetched(pair, lie, code):
    """Nor is one that is larger than any may be."""
    named = {}
    pair.center.next_cut()
    pair.center.next_cut([pictured(0), version(2, acta(1, image_sha256=None))])
    pair.follower = pair.restarted(on_images=named.update)
    await pair.follower.step()
    pair.center.hold(0, ONE)
    pair.center.next_cut([])
    assert decode_leaf(entries_of(pair.center)[-2]) == ImagesLeaf(2, (ImageCame(2, len(ONE)),))
    relog(pair.center, lambda _: [ImagesLeaf(2, (lie,))])
    await refused_and_unmoved(pair, code)
    assert named == {}


async def test_an_image_of_another_size_than_the_cut_shows_is_found(pair):
    pair.center.next_cut()
    pair.center.next_cut([pictured(0)])
    pair.center.hold(0, ONE)
    pair.center.next_cut([])
    relog(pair.center, lambda _: [ImagesLeaf(2, (ImageCame(2, 1 + len(ONE)),))])
    await refused_and_unmoved(pair, MirrorCode.RECOUNT)


# The whole process


@pytest.fixture
async def network(tmp_path, monkeypatch):
    hurry(monkeypatch)
    monkeypatch.setattr("openprep.mirror.sources.images.FIRST_PAUSE", 0.05)
    monkeypatch.setattr("openprep.mirror.sources.images.LONGEST_PAUSE", 0.05)
    async with small_network(tmp_path) as network:
        yield network


async def test_an_enrolled_mirror_takes_images_from_the_centre_and_tells_how_many_lack(network):
    network.center.next_cut()
    network.center.next_cut([pictured(0)])
    digest = network.center.hold(0, ONE)
    network.center.next_cut([])
    held = network.center.tree.path(image_path(digest))
    kept = held.read_bytes()
    held.unlink()
    tec = network.mirrors["tec"].start()
    await tec.shows(2)
    await until(lambda: tec.status.images_missing == 1)
    assert "1 still to come" in "\n".join(words_of(tec.status, tec.folder, OPENS))
    held.write_bytes(kept)
    await until(lambda: tec.read(PATH) == ONE)
    await until(lambda: tec.status.images_missing == 0)


async def test_with_the_centre_dark_images_come_from_another_publisher(network):
    tec = network.mirrors["tec"].start(serving=True)
    unam = network.mirrors["unam"]
    network.center.next_cut()
    network.center.next_cut([pictured(0)])
    network.center.hold(0, ONE)
    network.center.next_cut([])
    await tec.shows(2)
    await until(lambda: tec.read(PATH) == ONE)
    unam.start()
    await unam.shows(2)
    await until(lambda: unam.read(PATH) == ONE)
    await unam.stop()
    (unam.folder / "public" / PATH).unlink()
    await network.close()
    unam.start()
    await until(lambda: unam.read(PATH) == ONE)


async def test_a_mirror_without_images_serves_figures_only(network):
    tec = network.mirrors["tec"]
    network.center.next_cut()
    network.center.next_cut([pictured(0)])
    network.center.hold(0, ONE)
    network.center.next_cut([])
    tec.start(with_images=False)
    await tec.shows(2)
    assert tec.read(PATH) is None
    assert tec.status.images_missing == 0
