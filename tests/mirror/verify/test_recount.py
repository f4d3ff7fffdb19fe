"""What a cut that is refused leaves: the count as it was, and packs no reader needs for a while."""

import pytest
from msgspec import structs

from openprep.hosting import TreeDirectory
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.verify.log import MirroredLog
from openprep.mirror.verify.recount import Recount
from openprep.wire.cut import manifest as wire
from openprep.wire.log.checkpoint import open_checkpoint
from small.center import SmallCenter


class Recounted:
    """A centre's cuts, counted again into packs of a tree of their own."""

    def __init__(self, folder):
        self.center = SmallCenter(folder / "center")
        self.tree = TreeDirectory(folder / "mirror")
        self.recount = self.restarted()
        for _ in range(2):
            self.recount.check(*self.next_cut())

    def restarted(self):
        return Recount(self.tree, self.center.tree.read_object)

    def next_cut(self):
        """The next cut's manifest, and the log up to it."""
        made = self.center.next_cut()
        return self.manifest(made.event.number), self.log()

    def manifest(self, cut):
        return wire.decode(self.center.tree.read(wire.manifest_path(cut)), wire.Manifest)

    def log(self):
        note, verifier = self.center.tree.read("checkpoint"), self.center.signer.verifier
        opened = open_checkpoint(note, origin=verifier.name, log=[verifier])
        return MirroredLog.load(self.center.tree, opened.checkpoint, verifier.name)

    def objects_in(self, pack):
        return self.tree.read(f"packs/{pack}.pack").count(b'{"kind":')


@pytest.fixture
def recounted(tmp_path):
    return Recounted(tmp_path)


def renamed(manifest):
    (contest,) = manifest.contests
    return structs.replace(manifest, contests=(structs.replace(contest, title="Otra"),))


def elsewhere(manifest):
    description = structs.replace(manifest.description, sha256="ab" * 32)
    return structs.replace(manifest, description=description)


@pytest.mark.parametrize(
    ("lie", "code"), [(renamed, MirrorCode.RECOUNT), (elsewhere, MirrorCode.LOG_FACTS)]
)
def test_a_cut_refused_by_what_it_shows_does_not_throw_the_count_away(
    recounted, tmp_path, lie, code
):
    honest = Recounted(tmp_path / "honest")
    for each in (honest, recounted):
        manifest, log = each.next_cut()
        if each is recounted:
            with pytest.raises(Refused) as refused:
                each.recount.check(lie(manifest), log)
            assert refused.value.code is code
        each.recount.check(manifest, log)
    assert recounted.tree.packs() == honest.tree.packs() == [1, 2, 3]
    assert recounted.objects_in(3) == honest.objects_in(3) < recounted.objects_in(1)


def test_spare_packs_go_once_a_cut_is_packed_anew_whatever_was_refused_before(
    recounted, monkeypatch
):
    manifest, log = recounted.manifest(1), recounted.log()
    for _ in range(2):
        recounted.restarted().check(manifest, log)
    kept = len(recounted.tree.packs())
    recount = recounted.restarted()
    wrong = structs.replace(manifest.contests[0], results=manifest.contests[0].results[::-1])
    with pytest.raises(Refused):
        recount.check(structs.replace(manifest, contests=(wrong,)), log)
    recount.check(manifest, log)
    assert len(recounted.tree.packs()) == kept


def test_a_pack_of_this_process_is_never_spare(recounted, monkeypatch):
    """It was written, and where it is could not be said."""
    manifest, log = recounted.manifest(1), recounted.log()
    recount = recounted.restarted()

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(TreeDirectory, "place_where", full)
        with pytest.raises(Refused):
            recount.check(manifest, log)
    recount.check(manifest, log)
    packs = {root.pack for root in recounted.tree.where(1).roots.values()}
    assert packs <= set(recounted.tree.packs())
