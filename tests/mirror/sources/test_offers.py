"""What a source offers depends on what the mirror holds, and on nothing that it was told before."""

import pytest
from msgspec import structs

from mirror.line import source_of
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.sources.download import MAX_SEALED_BYTES, Broken, Download, Head
from openprep.mirror.verify.trusted import TrustedCut
from small.election import OPENS


def held_of(offer):
    """The cut of an offer, as a mirror that shows it holds it."""
    return TrustedCut(offer.pointer.cut, OPENS, offer.pointer.manifest, 1, b"r" * 32)


@pytest.fixture(params=["any tree", "the centre"])
async def place(request, pair, office, tmp_path):
    """A centre, and a source that follows it."""
    if request.param == "any tree":
        yield pair.center, pair.source
        return
    async with source_of(office, tmp_path) as source:
        yield office, source


async def test_what_the_mirror_does_not_hold_is_offered_until_it_does(place):
    center, source = place
    center.next_cut()
    first = await source.offer(None)
    again = await source.offer(None)
    assert first.pointer == again.pointer
    held = held_of(first)
    assert await source.offer(held) is None
    assert (await source.offer(held, again=True)).pointer == first.pointer
    assert await source.offer(held) is None
    center.next_cut()
    second = await source.offer(held)
    assert second.pointer.cut == 1
    assert (await source.offer(held)).pointer == second.pointer
    assert await source.offer(held_of(second)) is None


async def test_another_manifest_of_the_cut_that_is_held_is_offered(place):
    center, source = place
    center.next_cut()
    offer = await source.offer(None)
    manifest = structs.replace(offer.pointer.manifest, sha256="ab" * 32)
    other = structs.replace(held_of(offer), manifest=manifest)
    for _ in range(2):
        assert (await source.offer(other)).pointer == offer.pointer


async def test_files_of_an_offer_and_of_all_cuts_before_are_had(place):
    center, source = place
    center.next_cut()
    held = held_of(await source.offer(None))
    center.next_cut()
    offer = await source.offer(held)
    for get, cut in ((offer.get, 1), (source.get, 0), (source.get, 1), (offer.get, 0)):
        assert b'"cut":%d' % cut in await get(f"cuts/{cut}.json", 1 << 20)


FIRST = Head(partial=False, etag="a", length=10, content_range=None)


def begun(have=4):
    download = Download("/package")
    download.take_head(FIRST)
    download.have = have
    return download


def test_a_download_asks_for_the_rest_of_what_it_has():
    assert Download("/package").headers == {}
    assert begun().headers == {"Range": "bytes=4-", "If-Range": '"a"'}


def test_the_rest_goes_on_where_it_broke_off():
    download = begun()
    download.take_head(Head(partial=True, etag="a", length=6, content_range="bytes 4-9/10"))
    assert (download.have, download.total) == (4, 10)
    download.have = 10
    assert download.whole


@pytest.mark.parametrize(
    "head",
    [
        Head(partial=True, etag="b", length=6, content_range="bytes 4-9/10"),
        Head(partial=True, etag="a", length=6, content_range="bytes 3-9/10"),
        Head(partial=True, etag="a", length=6, content_range="bytes 4-9/11"),
        Head(partial=True, etag="a", length=6, content_range=None),
    ],
)
def test_other_bytes_than_the_rest_begin_it_anew(head):
    download = begun()
    with pytest.raises(Broken):
        download.take_head(head)
    assert download.headers == {}
    assert not download.whole


def test_another_whole_answer_takes_the_place_of_what_came():
    download = begun()
    download.take_head(Head(partial=False, etag="b", length=7, content_range=None))
    assert (download.etag, download.have, download.total) == ("b", 0, 7)


@pytest.mark.parametrize(
    ("length", "code"),
    [(None, MirrorCode.FORMAT), (MAX_SEALED_BYTES + 1, MirrorCode.OVERSIZE)],
)
def test_what_is_too_long_or_does_not_say_is_refused(length, code):
    with pytest.raises(Refused) as refused:
        begun().take_head(FIRST._replace(length=length))
    assert refused.value.code is code
