"""An honest centre's tree, and a centre that lies: false things, well hashed and well signed.

Whoever holds the log's key can sign anything. So a lie is not an altered byte, which any digest
finds, but a whole cut made anew around one false figure: objects, manifest, leaf, tiles, signature.
"""

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from msgspec import structs

from openprep.audit.keys import from_verifiers
from openprep.audit.place import open_place
from openprep.audit.report import Findings
from openprep.audit.tree import Audit
from openprep.cuts.cutter import CutOrder
from openprep.election import CasillaKind
from openprep.election.cut import CutKind
from openprep.hosting import TreeDirectory
from openprep.hosting.log import LogWriter, entries_on_disk
from openprep.pages.releases import Releases
from openprep.wire.cut import manifest as wire
from openprep.wire.cut.objects import (
    AreaResults,
    SeccionResults,
    decode_object,
    encode_object,
    pack_path,
)
from openprep.wire.cut.pack import PackWriter
from openprep.wire.log.checkpoint import sign_checkpoint
from openprep.wire.log.leaf import CutLeaf, decode_leaf, encode_leaf
from openprep.wire.note import Signer
from served.kits import installed
from small.center import NIGHT, SmallCenter
from small.election import CATALOGUE, OPENS, acta, expected, version
from small.image import digest_of, jpeg

PROPORTIONAL = expected(
    7,
    area="002",
    seccion="0003",
    kind=CasillaKind.ESPECIAL,
    tipo_acta="4ERP",
    lista_nominal=0,
    representatives=1000,
)
PICTURE = jpeg(5)
"""The image of acta A5, which comes with the last cut."""
KINDS = (CutKind.ZERO, CutKind.LIVE, CutKind.DATABASE, CutKind.LIVE, CutKind.CLOSING)
LAST = len(KINDS) - 1
BATCHES = (
    [],
    NIGHT[0],
    NIGHT[1],
    [version(7, acta(7, image_sha256=None))],
    [
        version(8, acta(0, votes=(9,) * 11), "cotejo", version(1, acta(0))),
        version(9, acta(5, image_sha256=digest_of(PICTURE))),
    ],
)


class HonestCenter(SmallCenter):
    """A night of five cuts as the schedule has it: the database of a cut is listed by the next."""

    def __init__(self, folder, **changes):
        super().__init__(folder, **{"catalogues": {"AYUN": (*CATALOGUE, PROPORTIONAL)}, **changes})
        self._waiting = []

    def next_cut(self, versions=None):
        self.cut += 1
        kind, at = KINDS[self.cut], OPENS + timedelta(minutes=20 * self.cut, seconds=3)
        self.cutter.learn(BATCHES[self.cut] if versions is None else versions)
        if kind is CutKind.CLOSING:
            self.hold(5, PICTURE)
        listed, self._waiting = self._waiting, []
        official = OPENS + timedelta(minutes=20 * self.cut)
        if kind is CutKind.CLOSING:
            snapshot = self.cutter.snapshot(official, closing=True)
            listed.append(self.cutter.write_database(snapshot))
        order = CutOrder(self.cut, kind, at, 3 * self.cut, self.previous, listed)
        made = self.cutter.make(order)
        self.cutter.activate(made)
        self.previous = made.event.manifest_sha256
        if kind is CutKind.DATABASE:
            snapshot = self.cutter.snapshot(official)
            self._waiting.append(self.cutter.write_database(snapshot))
        return made

    def night(self, last=LAST):
        """Every cut up to ``last``."""
        while self.cut < last:
            self.next_cut()
        return self


def audited(folder, *keys, cut=None, believed=None, releases=None, places=3):
    """The report of an audit, by somebody who has the kit of this checkout."""
    believed = believed or from_verifiers([str(key) for key in keys])
    releases = releases or Releases.gather(kit=installed())
    with open_place(str(folder)) as place:
        return Audit(place, believed, Findings(places), releases=releases).cut(cut)


def failed(report):
    """Codes of the checks that failed."""
    found = {one.code for one in report.outcomes if one.failed}
    assert report.passed is (not found)
    return found


DATA = {"current.json", "checkpoint"}
"""Files of a head that are no page."""


@dataclass
class Liar:
    """Signs the last cut of a tree anew, with something changed."""

    folder: Path
    signer: Signer
    source: TreeDirectory
    """The honest tree, from which objects are read."""

    @classmethod
    def after(cls, center, folder):
        """A copy of a centre's tree, without its pages, and its key."""
        shutil.copytree(center.tree.root, folder, symlinks=True)
        pages = (path for path in (folder / "live").iterdir() if path.name not in DATA)
        for path in (*pages, *folder.glob("assets/*"), *folder.glob("cuts/*.html")):
            path.unlink()
        return cls(folder, center.signer, center.tree)

    @property
    def tree(self):
        return TreeDirectory(self.folder)

    def manifest(self, cut=None):
        cut = self.tree.pointer().cut if cut is None else cut
        return wire.decode(self.tree.read(wire.manifest_path(cut)), wire.Manifest)

    def entries(self):
        return list(entries_on_disk(self.tree, self.manifest().leaf + 1))

    def show(self, edit):
        """Publish every object of the last cut as ``edit`` changes it."""
        manifest = self.manifest()
        number = manifest.cut
        with (self.folder / pack_path(number)).open("wb") as stream:
            pack = PackWriter(number, stream)
            contests = tuple(self._contest(cut, edit, pack) for cut in manifest.contests)
        changed = structs.replace(manifest, contests=contests, pack=pack.ref)
        self.sign(changed)

    def _contest(self, cut, edit, pack):
        """The manifest says of a contest what its root says, whatever that is."""
        ref = self._rewritten(cut.results, edit, pack)
        try:
            root = decode_object(self.tree.read_object(ref))
        except ValueError:
            root = None
        if not isinstance(root, AreaResults):
            return structs.replace(cut, results=ref)
        return structs.replace(cut, results=ref, votes=root.votes, won=root.won)

    def _rewritten(self, ref, edit, pack):
        found = decode_object(self.source.read_object(ref))
        if isinstance(found, AreaResults):
            children = tuple(
                structs.replace(child, object=self._rewritten(child.object, edit, pack))
                for child in found.children
            )
            found = structs.replace(found, children=children)
            if found.out_of_catalogue is not None:
                outside = self._rewritten(found.out_of_catalogue, edit, pack)
                found = structs.replace(found, out_of_catalogue=outside)
        changed = edit(found)
        data = changed if isinstance(changed, bytes) else encode_object(changed)
        own = wire.ref_to(data)
        if ref.pack is not None:
            return pack.add(own.sha256, data)
        self.tree.place_object(own.sha256, data)
        return pack.add_file(own.sha256, data)

    def sign(self, manifest, entries=None):
        """Publish ``manifest`` as the last cut, over ``entries`` (its own leaf apart)."""
        data = wire.encode(manifest)
        own = wire.ref_to(data)
        entries = self.entries() if entries is None else entries
        last = decode_leaf(entries[-1])
        assert isinstance(last, CutLeaf)
        leaf = structs.replace(last, manifest_sha256=own.sha256, manifest_size=own.size)
        self.log([*entries[:-1], encode_leaf(leaf)], manifest, data)

    def log(self, entries, manifest=None, data=None):
        """Sign a log of these entries, which ends in the last cut."""
        manifest = manifest or self.manifest()
        data = data or wire.encode(manifest)
        shutil.rmtree(self.folder / "tile")
        writer = LogWriter(self.tree, self.signer.name)
        writer.append(entries)
        note = sign_checkpoint(writer.stage().checkpoint, [self.signer])
        (self.folder / wire.manifest_path(manifest.cut)).write_bytes(data)
        (self.folder / wire.note_path(manifest.cut)).write_bytes(note)
        pointer = wire.encode(wire.point_at(manifest, wire.ref_to(data)))
        self.tree.flip(manifest.cut, {"checkpoint": note, "current.json": pointer})


def at(level, path, change):
    """An edit of the area or section at one place."""

    def edit(found):
        here = isinstance(found, AreaResults | SeccionResults)
        if here and found.level.value == level and found.path == path:
            return change(found)
        return found

    return edit


def in_acta(identity, change):
    """An edit of one acta that is shown."""

    def edit(found):
        if not isinstance(found, SeccionResults):
            return found
        actas = tuple(change(one) if one.expected.id == identity else one for one in found.actas)
        return structs.replace(found, actas=actas)

    return edit
