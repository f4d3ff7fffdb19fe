"""What a publisher's tree shows of a night's end: the figures of the last cut it verified."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from openprep.election import Acta, Summary
from openprep.hosting import TreeDirectory
from openprep.wire.cut.description import ElectionDescription
from openprep.wire.cut.manifest import Manifest, Pointer, decode, manifest_path
from openprep.wire.cut.objects import SeccionResults, decode_object
from openprep.wire.cut.results import AreaResults


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
    pointer = decode((mirrored / "live/current.json").read_bytes(), Pointer)
    manifest = decode((mirrored / manifest_path(pointer.cut)).read_bytes(), Manifest)
    queue = [contest.results for contest in manifest.contests]
    while queue:
        area = decode_object(tree.read_object(queue.pop()) or b"")
        if isinstance(area, SeccionResults):
            yield from (shown.acta for shown in area.actas if shown.acta is not None)
        else:
            assert isinstance(area, AreaResults)
            queue += [child.object for child in area.children]


def last_cut(mirrored: Path) -> Iterator[Verified]:
    """Every contest of the last cut in the tree at ``mirrored``."""
    pointer = decode((mirrored / "live/current.json").read_bytes(), Pointer)
    data = (mirrored / manifest_path(pointer.cut)).read_bytes()
    manifest = decode(data, Manifest)
    description = decode_object((mirrored / manifest.description.path).read_bytes())
    assert isinstance(description, ElectionDescription)
    columns = {
        contest.id: [column.id for column in contest.columns] for contest in description.contests
    }
    for contest in manifest.contests:
        root = decode_object((mirrored / contest.results.path).read_bytes())
        assert isinstance(root, AreaResults)
        yield Verified(
            at=manifest.time,
            contest=contest.id,
            summary=contest.summary,
            votes=dict(zip(columns[contest.id], root.votes.columns, strict=True)),
        )
