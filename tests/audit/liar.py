"""An honest centre's tree, and a centre that lies: false things, well hashed and well signed.

Whoever holds the log's key can sign anything. So a lie is not an altered byte, which any digest
finds, but a whole cut made anew around one false figure: objects, packs, manifest, leaf, tiles,
signature.
"""

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from msgspec import structs

from openprep.audit.checks.tree import Audit
from openprep.audit.keys import Keys, from_verifiers
from openprep.audit.place import open_place
from openprep.audit.report import Findings, Report
from openprep.cuts.cutter import CutOrder, StagedCut
from openprep.cuts.shelf import DatabaseFile
from openprep.election import CasillaKind
from openprep.election.cut import CutKind
from openprep.hosting import TreeDirectory
from openprep.hosting.log import LogWriter, entries_on_disk
from openprep.pages.releases import Releases
from openprep.record.state import Version
from openprep.wire.cut import manifest as wire
from openprep.wire.cut.description import ElectionDescription, decode_declared
from openprep.wire.cut.objects import (
    Area,
    AreaCatalogue,
    Outside,
    ResultObject,
    Run,
    RunCatalogue,
    decode_object,
    encode_object,
    parts_of,
)
from openprep.wire.cut.pack import PackWriter, Where, links_to, packed_object
from openprep.wire.cut.ref import SCHEMA, Link, digest_of, ref_to
from openprep.wire.cut.results import ResultsReader
from openprep.wire.log.checkpoint import sign_checkpoint
from openprep.wire.log.leaf import CutLeaf, decode_leaf, encode_leaf
from openprep.wire.note import Signer
from served.kits import installed
from small.center import NIGHT, SmallCenter
from small.election import CATALOGUE, OPENS, acta, expected, version
from small.image import digest_of as image_digest_of
from small.image import jpeg

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
BATCHES: tuple[list[Version], ...] = (
    [],
    NIGHT[0],
    NIGHT[1],
    [version(7, acta(7, image_sha256=None))],
    [
        version(8, acta(0, votes=(9,) * 11), "cotejo", version(1, acta(0))),
        version(9, acta(5, image_sha256=image_digest_of(PICTURE))),
    ],
)


Edit = Callable[[Any], ResultObject | bytes]


class HonestCenter(SmallCenter):
    """A night of five cuts as the schedule has it: the database of a cut is listed by the next."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        super().__init__(folder, **{"catalogues": {"AYUN": (*CATALOGUE, PROPORTIONAL)}, **changes})
        self._waiting: list[DatabaseFile] = []

    def next_cut(self, versions: Iterable[Version] | None = None) -> StagedCut:
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

    def night(self, last: int = LAST) -> Self:
        """Every cut up to ``last``."""
        while self.cut < last:
            self.next_cut()
        return self


def audited(
    folder: Path | str,
    *keys: object,
    cut: int | None = None,
    believed: Keys | None = None,
    releases: Releases | None = None,
    places: int = 3,
) -> Report:
    """The report of an audit, by somebody who has the kit of this checkout."""
    believed = believed or from_verifiers([str(key) for key in keys])
    releases = releases or Releases.gather(kit=installed())
    with open_place(str(folder)) as place:
        return Audit(place, believed, Findings(places), releases=releases).cut(cut)


def failed(report: Report) -> set[str]:
    """Codes of the checks that failed."""
    found = {outcome.code for outcome in report.outcomes if outcome.failed}
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
    def after(cls, center: SmallCenter, folder: Path) -> Self:
        """A copy of a centre's tree, without its pages, and its key."""
        shutil.copytree(center.tree.root, folder, symlinks=True)
        pages = (path for path in (folder / "live").iterdir() if path.name not in DATA)
        for path in (*pages, *folder.glob("assets/*"), *folder.glob("cuts/*.html")):
            path.unlink()
        return cls(folder, center.signer, center.tree)

    @property
    def tree(self) -> TreeDirectory:
        return TreeDirectory(self.folder)

    def manifest(self, cut: int | None = None) -> wire.Manifest:
        cut = self.tree.pointer().cut if cut is None else cut
        return wire.decode(self.tree.read(wire.manifest_path(cut)), wire.Manifest)

    def entries(self) -> list[bytes]:
        return list(entries_on_disk(self.tree, self.manifest().leaf + 1))

    def show(self, edit: Edit) -> None:
        """Publish every object of the last cut as ``edit`` changes it."""
        manifest, tree = self.manifest(), self.tree
        where = self.source.where(manifest.cut)
        assert where is not None
        with tree.writing_pack(tree.next_pack()) as pack:
            roots = {
                cut.id: self._rewritten(Link(cut.results, where.roots[cut.id]), edit, pack)
                for cut in manifest.contests
            }
        places = {contest: root.at for contest, root in roots.items()}
        tree.place_where(Where(SCHEMA, manifest.cut, places))
        contests = tuple(self._contest(cut, roots[cut.id]) for cut in manifest.contests)
        self.sign(structs.replace(manifest, contests=contests))

    def _contest(self, cut: wire.ContestCut, root: Link) -> wire.ContestCut:
        """The manifest says of a contest what its root says, whatever that is."""
        changed = structs.replace(cut, results=root.digest)
        try:
            area = ResultsReader(self.tree.read_at).area(root)
        except ValueError:
            return changed
        return structs.replace(changed, votes=area.votes, won=area.won)

    def _rewritten(self, link: Link, edit: Edit, pack: PackWriter) -> Link:
        entry = self.source.read_at(link.at)
        assert entry is not None
        data, at = packed_object(entry, link.digest)
        found = decode_object(data)
        parts = [self._rewritten(part, edit, pack) for part in links_to(parts_of(found), at)]
        digests = [part.digest for part in parts]
        if isinstance(found, Area):
            end = 1 + len(found.children)
            outside = None if found.outside is None else digests[-1]
            found = structs.replace(
                found, catalogue=digests[0], children=tuple(digests[1:end]), outside=outside
            )
        elif isinstance(found, Run):
            found = structs.replace(found, catalogue=digests[0])
        changed = edit(found)
        data = changed if isinstance(changed, bytes) else encode_object(changed)
        known = dict(zip(digests, (part.at for part in parts), strict=True))
        named = () if isinstance(changed, bytes) else parts_of(changed)
        places = [known[digest] for digest in named] or [part.at for part in parts]
        return Link(digest_of(data), pack.add(data, places))

    def declared(self) -> ElectionDescription:
        """The election as the tree declares it."""
        data = self.tree.read_object(self.manifest().description)
        assert data is not None
        found = decode_declared(data)
        assert isinstance(found, ElectionDescription)
        return found

    def sign(self, manifest: wire.Manifest, entries: Sequence[bytes] | None = None) -> None:
        """Publish ``manifest`` as the last cut, over ``entries`` (its own leaf apart)."""
        data = wire.encode(manifest)
        ref = ref_to(data)
        entries = self.entries() if entries is None else entries
        last = decode_leaf(entries[-1])
        assert isinstance(last, CutLeaf)
        leaf = structs.replace(last, manifest_sha256=ref.sha256, manifest_size=ref.size)
        self.log([*entries[:-1], encode_leaf(leaf)], manifest, data)

    def resign(self, changed: wire.Manifest) -> None:
        """Publish another manifest of an earlier cut, and sign all from then on anew."""
        entries, last = self.entries(), self.manifest().cut
        previous = changed.previous
        for cut in range(changed.cut, last + 1):
            manifest = changed if cut == changed.cut else self.manifest(cut)
            data = wire.encode(structs.replace(manifest, previous=previous))
            ref, previous = ref_to(data), ref_to(data).sha256
            leaf = decode_leaf(entries[manifest.leaf])
            assert isinstance(leaf, CutLeaf)
            entries[manifest.leaf] = encode_leaf(
                structs.replace(leaf, manifest_sha256=ref.sha256, manifest_size=ref.size)
            )
            (self.folder / wire.manifest_path(cut)).write_bytes(data)
            writer = LogWriter(TreeDirectory(self.folder / f"of-{cut}"), self.signer.name)
            writer.append(entries[: manifest.leaf + 1])
            note = sign_checkpoint(writer.stage().checkpoint, [self.signer])
            (self.folder / wire.note_path(cut)).write_bytes(note)
        self.log(entries)

    def relog(self, entries: Sequence[bytes]) -> None:
        """Sign a log of these entries, of which the last is that of the last cut."""
        self.sign(structs.replace(self.manifest(), leaf=len(entries) - 1), entries)

    def log(
        self,
        entries: Sequence[bytes],
        manifest: wire.Manifest | None = None,
        data: bytes | None = None,
    ) -> None:
        """Sign a log of these entries, which ends in the last cut."""
        manifest = manifest or self.manifest()
        data = data or wire.encode(manifest)
        shutil.rmtree(self.folder / "tile")
        writer = LogWriter(self.tree, self.signer.name)
        writer.append(entries)
        note = sign_checkpoint(writer.stage().checkpoint, [self.signer])
        (self.folder / wire.manifest_path(manifest.cut)).write_bytes(data)
        (self.folder / wire.note_path(manifest.cut)).write_bytes(note)
        pointer = wire.encode(wire.point_at(manifest, ref_to(data)))
        self.tree.flip(manifest.cut, {"checkpoint": note, "current.json": pointer})


def at(level: str, path: str, change: Callable[[Any], Any]) -> Edit:
    """An edit of the area at one place."""

    def edit(found: Any) -> Any:
        here = isinstance(found, Area) and (found.level.value, found.path) == (level, path)
        return change(found) if here else found

    return edit


def of(kind: type[Any], change: Callable[[Any], Any], **which: object) -> Edit:
    """An edit of the objects of one kind that have these values."""

    def edit(found: Any) -> Any:
        here = isinstance(found, kind) and all(
            getattr(found, name) == value for name, value in which.items()
        )
        return change(found) if here else found

    return edit


def in_run(path: str, change: Callable[[Any], Any]) -> Edit:
    """An edit of one run of sections."""
    return of(Run, change, path=path)


def in_run_catalogue(path: str, change: Callable[[Any], Any]) -> Edit:
    """An edit of what one run expects."""
    return of(RunCatalogue, change, path=path)


def in_catalogue(name: str, change: Callable[[Any], Any]) -> Edit:
    """An edit of what never changes of the area with this name."""
    return of(AreaCatalogue, change, name=name)


def outside(change: Callable[[Any], Any]) -> Edit:
    """An edit of the actas out of catalogue."""
    return of(Outside, change)
