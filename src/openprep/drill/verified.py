"""What a publisher's tree shows of a night's end: the figures of the last cut it verified."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from openprep.election import Summary
from openprep.wire.cut import manifest as wire
from openprep.wire.cut.objects import AreaResults, ElectionDescription, decode_object


class Verified(Struct, frozen=True):
    """One contest in the last cut: its 13 figures, and the votes of the root by column."""

    at: datetime
    """Time of the cut."""
    contest: str
    summary: Summary
    votes: Mapping[str, int]


def last_cut(mirrored: Path) -> Iterator[Verified]:
    """Every contest of the last cut in the tree at ``mirrored``."""
    pointer = wire.decode((mirrored / "live/current.json").read_bytes(), wire.Pointer)
    data = (mirrored / wire.manifest_path(pointer.cut)).read_bytes()
    manifest = wire.decode(data, wire.Manifest)
    description = decode_object((mirrored / manifest.description.path).read_bytes())
    assert isinstance(description, ElectionDescription)
    columns = {one.id: [column.id for column in one.columns] for one in description.contests}
    for contest in manifest.contests:
        root = decode_object((mirrored / contest.results.path).read_bytes())
        assert isinstance(root, AreaResults)
        yield Verified(
            at=manifest.time,
            contest=contest.id,
            summary=contest.summary,
            votes=dict(zip(columns[contest.id], root.votes.columns, strict=True)),
        )
