"""A centre that alters what it published and signs it again, and a mirror that is not moved."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec
import pytest

from mirror.pair import Pair
from openprep.durable import write_durably
from openprep.hosting.log import LogWriter, entries_on_disk
from openprep.mirror.codes import MirrorCode, Refused
from openprep.wire.cut import manifest as wire
from openprep.wire.cut.objects import ResultObject, encode_object
from openprep.wire.cut.ref import hex_digest, ref_to
from openprep.wire.log.checkpoint import sign_checkpoint
from openprep.wire.log.leaf import CutLeaf, Leaf, decode_leaf, encode_leaf
from openprep.wire.note import Signer
from small.center import SmallCenter


async def refused_and_unmoved(pair: Pair, code: MirrorCode) -> Refused:
    """The next look is refused with ``code`` and what is shown is as before."""
    before = pair.follower.tree.read("live/current.json")
    with pytest.raises(Refused) as refused:
        await pair.follower.step()
    assert refused.value.code is code, refused.value
    assert pair.follower.tree.read("live/current.json") == before
    return refused.value


def resign(
    center: SmallCenter,
    change: Callable[[wire.Manifest], wire.Manifest],
    signer: Signer | None = None,
) -> None:
    """Change the manifest of the current cut as ``change`` says, and sign a log that ends in it."""
    entries = entries_of(center)
    _sign_cut(center, entries[:-1], decode_leaf(entries[-1]), change, signer)


def relog(center: SmallCenter, change: Callable[[list[Leaf]], Sequence[Leaf | bytes]]) -> None:
    """Sign another log, whose leaves since the last cut are as ``change`` leaves them."""
    *before, last = map(decode_leaf, entries_of(center))
    cuts = [index for index, leaf in enumerate(before) if isinstance(leaf, CutLeaf)]
    known = 1 + cuts[-1] if cuts else 0
    leaves = [*before[:known], *change(before[known:])]
    entries = [leaf if isinstance(leaf, bytes) else encode_leaf(leaf) for leaf in leaves]
    at = len(entries)
    _sign_cut(center, entries, last, lambda manifest: msgspec.structs.replace(manifest, leaf=at))


def _sign_cut(
    center: SmallCenter,
    entries: Sequence[bytes],
    last: Leaf,
    change: Callable[[wire.Manifest], wire.Manifest],
    signer: Signer | None = None,
) -> None:
    """Sign a log of ``entries`` that ends in the current cut with another manifest."""
    path = wire.manifest_path(center.tree.pointer().cut)
    manifest = change(wire.decode(center.tree.read(path), wire.Manifest))
    data = wire.encode(manifest)
    write_durably(center.tree.path(path), data)
    leaf = msgspec.structs.replace(last, manifest_sha256=hex_digest(data), manifest_size=len(data))
    head = {"current.json": wire.encode(wire.point_at(manifest, ref_to(data)))}
    sign_log(center, [*entries, encode_leaf(leaf)], head, signer)


def sign_log(
    center: SmallCenter,
    entries: Sequence[bytes],
    head: dict[str, bytes] | None = None,
    signer: Signer | None = None,
) -> None:
    """Publish another log of the centre's, whatever it published before."""
    signer = signer or center.signer
    log = LogWriter(center.tree, center.signer.name)
    log.append(entries)
    note = sign_checkpoint(log.stage().checkpoint, [signer])
    cut = center.tree.pointer().cut
    write_durably(center.tree.path(wire.note_path(cut)), note)
    head = head or {"current.json": center.tree.read("live/current.json")}
    center.tree.flip(cut, {**head, "checkpoint": note})


def roll_back(center: SmallCenter, cut: int) -> None:
    """Show an old cut again, just as it was."""
    data = center.tree.read(wire.manifest_path(cut))
    manifest = wire.decode(data, wire.Manifest)
    head = {"current.json": wire.encode(wire.point_at(manifest, ref_to(data)))}
    center.tree.flip(cut, {**head, "checkpoint": center.tree.read(wire.note_path(cut))})


def entries_of(center: SmallCenter) -> list[bytes]:
    return list(entries_on_disk(center.tree, center.tree_size()))


Kind = TypeVar("Kind", bound=ResultObject)


def let_the_centre_lie(
    monkeypatch: pytest.MonkeyPatch, kind: type[Kind], lie: Callable[[Kind], ResultObject]
) -> list[Kind]:
    """Results of ``kind`` that it composes from now on are as ``lie`` leaves them.

    The key is right, the digests are right up to the manifest; only the leaves say otherwise. What
    it would have said is returned, as it comes.
    """
    honest: list[Kind] = []

    def lying(published: ResultObject) -> bytes:
        if isinstance(published, kind):
            honest.append(published)
            return encode_object(lie(published))
        return encode_object(published)

    monkeypatch.setattr("openprep.cuts.results.encode_object", lying)
    return honest
