"""What a publisher's tree shows of a night's end: the figures of the last cut it verified."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from openprep.election import Acta, Level, Summary
from openprep.hosting import TreeDirectory
from openprep.hosting.log import entries_on_disk
from openprep.wire.cut.description import ElectionDescription, decode_declared
from openprep.wire.cut.manifest import Manifest, Pointer, decode, manifest_path
from openprep.wire.cut.objects import NOBODY
from openprep.wire.cut.ref import Link
from openprep.wire.cut.results import ResultsReader
from openprep.wire.log.leaf import ActaLeaf, decode_leaf


class Verified(Struct, frozen=True):
    """One contest in the last cut: its 13 figures, and the votes of the root by column."""

    at: datetime
    """Time of the cut."""
    contest: str
    summary: Summary
    votes: Mapping[str, int]


def actas_shown(mirrored: Path) -> Iterator[Acta]:
    """Every acta of the catalogue that the last cut in the tree shows."""
    tree = TreeDirectory(mirrored)
    manifest = _last_manifest(mirrored)
    where = tree.where(manifest.cut)
    assert where is not None
    results = ResultsReader(tree.read_at)
    entries = list(entries_on_disk(tree, manifest.leaf + 1))
    queue = [Link(contest.results, where.roots[contest.id]) for contest in manifest.contests]
    while queue:
        for child in results.area(queue.pop()).children:
            if child.level is not Level.RUN:
                queue.append(child.object)
                continue
            for leaf in results.run(child.object).run.leaves:
                if leaf != NOBODY:
                    found = decode_leaf(entries[leaf])
                    assert isinstance(found, ActaLeaf)
                    yield found.captured


def last_cut(mirrored: Path) -> Iterator[Verified]:
    """Every contest of the last cut in the tree at ``mirrored``."""
    manifest = _last_manifest(mirrored)
    description = decode_declared((mirrored / manifest.description.path).read_bytes())
    assert isinstance(description, ElectionDescription)
    columns = {
        contest.id: [column.id for column in contest.columns] for contest in description.contests
    }
    for contest in manifest.contests:
        yield Verified(
            at=manifest.time,
            contest=contest.id,
            summary=contest.summary,
            votes=dict(zip(columns[contest.id], contest.votes.columns, strict=True)),
        )


def _last_manifest(mirrored: Path) -> Manifest:
    pointer = decode((mirrored / "live/current.json").read_bytes(), Pointer)
    return decode((mirrored / manifest_path(pointer.cut)).read_bytes(), Manifest)
