"""A reader of a bucket, who believes nothing that its digest does not say.

As a program it polls a folder until cut 3 is there, and says how many cuts it saw.
"""

import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import obstore
from obstore.store import LocalStore

from openprep.wire.cut import manifest as wire
from openprep.wire.cut.description import ElectionDescription, decode_declared
from openprep.wire.cut.objects import decode_object, parts_of
from openprep.wire.cut.pack import Where, links_to, packed_object
from openprep.wire.cut.ref import Link, Location, Ref, pack_path, where_path


def read(store: Any, name: str) -> bytes:
    return bytes(obstore.get(store, name).bytes())


def cut_read_from(store: Any) -> int | None:
    """The cut that a reader finds who begins at the pointer; every digest of it is checked."""
    try:
        pointer = msgspec.json.decode(read(store, "current.json"), type=wire.Pointer)
    except FileNotFoundError:
        return None
    data = read(store, wire.manifest_path(pointer.cut))
    assert sha256(data).hexdigest() == pointer.manifest.sha256
    manifest = wire.decode(data, wire.Manifest)
    for name, file in manifest.files.items():
        assert sha256(read(store, name)).hexdigest() == file.sha256
    description = decode_declared(declared(store, manifest.description))
    assert isinstance(description, ElectionDescription)
    for own in description.contests:
        decode_declared(declared(store, own.running))
        decode_declared(declared(store, own.catalogue))
    where = msgspec.json.decode(read(store, where_path(pointer.cut)), type=Where)
    for contest in manifest.contests:
        read_all_below(store, Link(contest.results, where.roots[contest.id]))
    return pointer.cut


def declared(store: Any, ref: Ref) -> bytes:
    data = read(store, ref.path)
    assert sha256(data).hexdigest() == ref.sha256
    return data


def read_all_below(store: Any, link: Link) -> None:
    """Every object from here down is where the bucket says it is."""
    data, at = packed_object(part(store, link.at), link.digest)
    for child in links_to(parts_of(decode_object(data)), at):
        read_all_below(store, child)


def part(store: Any, at: Location) -> bytes:
    return bytes(obstore.get_range(store, pack_path(at.pack), start=at.offset, length=at.size))


def poll(folder: Path) -> list[int | None]:
    """Every cut that is seen until the third one is, in order."""
    store = LocalStore(folder)
    seen: list[int | None] = []
    print("ready", flush=True)
    while not seen or seen[-1] != 3:
        cut = cut_read_from(store)
        if cut not in seen:
            seen.append(cut)
    assert seen == sorted(seen, key=lambda cut: -1 if cut is None else cut), seen
    return seen


if __name__ == "__main__":
    print(len(poll(Path(sys.argv[1]))))
