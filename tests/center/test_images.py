"""Images of actas at the centre: in the tree before a cut names them, and after any death."""

import shutil
from datetime import timedelta

import pytest
from msgspec import structs

from center.bench import ELECTION, Bench
from openprep.cuts.codes import PublicationCode
from openprep.election.acta import acta_digest
from openprep.election.cut import CutKind
from openprep.record.events import ImageReceived
from openprep.record.facts import ActaCorrected, ActaReported
from openprep.wire.cut.objects import Identified
from openprep.wire.cut.ref import image_path
from openprep.wire.log.leaf import ImageCame, ImagesLeaf
from small.election import OPENS, acta, outside
from small.image import digest_of, jpeg

ONE, OTHER = jpeg(1), jpeg(2)


def pictured(number, picture=ONE, **changes):
    return ActaReported(acta(number, image_sha256=digest_of(picture), **changes))


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.stop()


async def receive(bench, picture=ONE):
    """What the inbox does with an image that an acta names."""
    bench.images.keep(picture)
    await bench.ledger.append(ImageReceived(bench.now, digest_of(picture), len(picture)))


def objects(bench):
    """Every area and run that the current cut shows of the contest, by path."""
    return bench.reading().objects()


def images(bench):
    """Images that the current cut says the tree has."""
    return bench.reading().images()


def told(bench):
    """The leaves that tell of images, in the order of the log."""
    return [leaf.images for leaf in bench.reading().leaves() if isinstance(leaf, ImagesLeaf)]


async def opened(bench):
    bench.now = OPENS
    await bench.cut()
    bench.now = OPENS + timedelta(minutes=1)


async def test_an_acta_is_published_at_once_and_again_when_its_image_comes(bench):
    await opened(bench)
    await bench.report(pictured(0), pictured(3, OTHER))
    first = await bench.cut()
    before = objects(bench)
    assert images(bench) == {}
    await receive(bench)
    second = await bench.cut()
    after = objects(bench)
    assert (second.cut, second.kind) == (first.cut + 1, CutKind.LIVE)
    assert images(bench) == {digest_of(ONE): len(ONE)}
    changed = {path for path in after if after[path] != before[path]}
    assert changed == {"", "001", "001/0001-0002"}
    assert told(bench) == [(ImageCame(2, len(ONE)),)]
    assert bench.tree.read(image_path(digest_of(ONE))) == ONE
    assert second.contests[0].votes == first.contests[0].votes
    assert await bench.cut() == second, "an image comes once"


async def test_an_image_is_in_the_tree_before_any_cut_names_it(bench, monkeypatch):
    await opened(bench)
    await bench.report(pictured(0))
    await receive(bench)
    there = []
    writing = bench.tree.writing_pack

    def write(number):
        there.append(bench.tree.read(image_path(digest_of(ONE))) == ONE)
        return writing(number)

    monkeypatch.setattr(bench.tree, "writing_pack", write)
    await bench.cut()
    assert there == [True]


async def test_an_acta_out_of_catalogue_has_its_image(bench):
    await opened(bench)
    await bench.report(ActaReported(structs.replace(outside(), image_sha256=digest_of(ONE))))
    await bench.cut()
    await receive(bench)
    await bench.cut()
    assert images(bench) == {digest_of(ONE): len(ONE)}
    assert bench.reading().outside_actas()[0].image == len(ONE)


async def test_a_corrected_capture_keeps_the_image_and_a_new_scan_has_its_own(bench):
    await opened(bench)
    await bench.report(pictured(0))
    await receive(bench)
    await bench.report(ActaCorrected(pictured(0, votes=(9,) * 11).acta, "cotejo"))
    await bench.cut()
    assert images(bench) == {digest_of(ONE): len(ONE)}
    await bench.report(ActaCorrected(pictured(0, OTHER).acta, "cotejo"))
    await bench.cut()
    assert images(bench) == {}, "the new image has not come"
    await receive(bench, OTHER)
    await bench.cut()
    assert images(bench) == {digest_of(OTHER): len(OTHER)}


async def test_an_acta_that_names_an_image_that_is_there_already_shows_it(bench):
    await opened(bench)
    await bench.report(pictured(0))
    await receive(bench)
    await bench.cut()
    await bench.report(pictured(4))
    await bench.cut()
    section = bench.reading().section("002/0003")
    assert [shown.image for shown in section.actas] == [None, len(ONE)]


async def test_a_restart_goes_on_with_the_same_objects(bench):
    await opened(bench)
    await bench.report(pictured(0))
    await receive(bench)
    await bench.cut()
    before = bench.manifest(), objects(bench)
    bench.stop()
    bench.start()
    assert (bench.manifest(), objects(bench)) == before
    assert not await bench.is_anything_due()
    await bench.report(pictured(3, OTHER))
    await bench.cut()
    assert images(bench) == {digest_of(ONE): len(ONE)}


async def test_an_image_recorded_before_the_centre_died_is_published_by_the_next(bench):
    await opened(bench)
    await bench.report(pictured(0))
    await bench.cut()
    await receive(bench)
    bench.stop()
    bench.start()
    await bench.cut()
    assert images(bench) == {digest_of(ONE): len(ONE)}


async def test_a_lost_tree_is_made_again_with_its_images(bench):
    await opened(bench)
    await bench.report(pictured(0))
    await receive(bench)
    await bench.cut()
    bench.stop()
    shutil.rmtree(bench.folder / "public")
    bench.start()
    await bench.cut()
    assert images(bench) == {digest_of(ONE): len(ONE)}
    assert bench.tree.read(image_path(digest_of(ONE))) == ONE


async def test_an_image_whose_file_is_lost_is_not_shown_and_is_told(bench, caplog):
    await opened(bench)
    await bench.report(pictured(0), pictured(3, OTHER))
    await receive(bench)
    await receive(bench, OTHER)
    bench.images.path(digest_of(ONE)).unlink()
    await bench.cut()
    assert images(bench) == {digest_of(OTHER): len(OTHER)}
    assert PublicationCode.IMAGE_LOST.code in caplog.text
    assert digest_of(ONE) in caplog.text


async def test_an_image_that_was_lost_is_told_of_once_its_file_is_there_again(bench, caplog):
    await opened(bench)
    await bench.report(pictured(0))
    await receive(bench)
    lost = bench.images.path(digest_of(ONE))
    lost.rename(lost.with_suffix(".away"))
    await bench.cut()
    await bench.report(pictured(3, OTHER))
    await bench.cut()
    assert [cut.strayed for cut in bench.ledger.state.cuts] == [(), (digest_of(ONE),), ()]
    assert caplog.text.count(PublicationCode.IMAGE_LOST.code) == 1
    lost.with_suffix(".away").rename(lost)
    assert not await bench.is_anything_due()
    await bench.report(pictured(4, jpeg(4)))
    await bench.cut()
    assert images(bench) == {digest_of(ONE): len(ONE)}
    assert told(bench) == [(ImageCame(2, len(ONE)),)]
    assert bench.ledger.state.cuts[-1].strayed == (digest_of(ONE),)


async def test_a_log_made_again_from_the_record_tells_of_the_same_images(bench):
    """Whatever the disk has by then of an image that a cut found lost, or that it told of."""
    await opened(bench)
    await bench.report(pictured(0), pictured(3, OTHER), pictured(4, jpeg(4)))
    for picture in (ONE, OTHER):
        await receive(bench, picture)
    bench.images.path(digest_of(OTHER)).unlink()
    await bench.cut()
    await receive(bench, jpeg(4))
    await bench.cut()
    before = bench.manifest(), bench.reading().leaves()
    bench.stop()
    shutil.rmtree(bench.folder / "public" / "tile")
    bench.images.path(digest_of(ONE)).unlink()
    bench.images.keep(OTHER)
    bench.start()
    assert (bench.manifest(), bench.reading().leaves()) == before
    assert told(bench) == [(ImageCame(2, len(ONE)),), (ImageCame(4, len(jpeg(4))),)]
    await bench.report(pictured(1, jpeg(5)))
    await bench.cut()
    assert digest_of(OTHER) in images(bench)


async def test_an_image_that_came_before_its_acta_waits_for_a_leaf_that_names_it(bench):
    await opened(bench)
    await receive(bench)
    await bench.cut()
    assert not await bench.is_anything_due()
    assert images(bench) == {}
    assert told(bench) == []
    bench.stop()
    bench.start()
    await bench.report(pictured(0))
    await bench.cut()
    assert images(bench) == {digest_of(ONE): len(ONE)}
    assert told(bench) == [(ImageCame(2 + 1, len(ONE)),)]


async def test_an_image_that_two_actas_name_is_told_of_once_and_shown_by_both(bench):
    await opened(bench)
    await bench.report(pictured(0), pictured(3))
    await bench.cut()
    await receive(bench)
    await bench.cut()
    await bench.report(pictured(4))
    await bench.cut()
    assert told(bench) == [(ImageCame(2, len(ONE)),)]
    shown = [acta.image for section in bench.reading().sections() for acta in section.actas]
    assert [size for size in shown if size] == [len(ONE)] * 3


async def test_an_acta_that_is_identified_takes_its_image_along(bench):
    await opened(bench)
    paper = structs.replace(outside(), image_sha256=digest_of(ONE))
    await bench.report(ActaReported(paper))
    await receive(bench)
    await bench.cut()
    found = acta(3, image_sha256=digest_of(ONE))
    await bench.report(ActaCorrected(found, "identificada", acta_digest(paper)))
    await bench.cut()
    reading = bench.reading()
    assert reading.outside_actas() == ()
    assert reading.outside().identified == (Identified(2, 5),)
    assert reading.section("002/0003").actas[0].image == len(ONE)


async def test_more_images_than_a_leaf_can_hold_take_several(bench, monkeypatch):
    monkeypatch.setattr("openprep.cuts.leaves.IMAGES_IN_A_LEAF", 2)
    await opened(bench)
    await bench.report(*(pictured(number, jpeg(number)) for number in range(5)))
    for number in range(5):
        await receive(bench, jpeg(number))
    await bench.cut()
    assert [len(images) for images in told(bench)] == [2, 2, 1]
    assert len(images(bench)) == 5


async def test_an_image_is_copied_where_the_disk_cannot_give_it_a_second_name(bench, monkeypatch):
    import errno
    from pathlib import Path

    def refuse(self, target):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    await opened(bench)
    await bench.report(pictured(0))
    await receive(bench)
    monkeypatch.setattr(Path, "hardlink_to", refuse)
    await bench.cut()
    assert bench.tree.read(image_path(digest_of(ONE))) == ONE
    inodes = {path.stat().st_ino for path in bench.folder.rglob(f"{digest_of(ONE)}.jpg")}
    assert len(inodes) == 2


async def test_the_closing_cut_has_the_last_image(bench):
    await opened(bench)
    await bench.report(pictured(0))
    await bench.cut()
    await receive(bench)
    bench.now = ELECTION.window.closes
    last = await bench.cut()
    assert last.kind is CutKind.CLOSING
    assert images(bench) == {digest_of(ONE): len(ONE)}
