"""A reader that looks at a served tree again and again, and writes down whatever it finds wrong.

A process of its own, with nothing of the project's but the published format: current.json, then the
manifest, then where its results stand, and every object from the roots down, then the checkpoint;
each by its digest.

    python polling_reader.py PUBLIC REPORT STOP

looks at the folder PUBLIC until the file STOP is there, then writes REPORT.
"""

import base64
import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any


class Wrong(Exception):
    """What a reader must never see."""


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def read(public: Path, name: str) -> bytes:
    try:
        return (public / name).read_bytes()
    except FileNotFoundError as error:
        raise Wrong(f"{name} is not there") from error


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest())[:43].decode()


def at(public: Path, place: list[int]) -> tuple[list[list[int]], bytes]:
    """What stands at a place of a pack: where its parts are, and the object."""
    pack, offset, size = place
    with (public / f"packs/{pack}.pack").open("rb") as stream:
        stream.seek(offset)
        entry = stream.read(size)
    line, _, data = entry.partition(b"\n")
    return json.loads(line), data


def named(found: dict[str, Any]) -> list[str]:
    """The digests of an object's parts, in the order in which their places are told."""
    digests = [found["catalogue"]] if "catalogue" in found else []
    digests += found.get("children", ())
    return [*digests, *([found["outside"]] if "outside" in found else [])]


def walk(public: Path, digest_of_object: str, place: list[int], seen: set[str]) -> None:
    """Look at the objects of a cut, each once."""
    if digest_of_object in seen:
        return
    places, data = at(public, place)
    if base64url(data) != digest_of_object:
        raise Wrong(f"object {digest_of_object} is not whole")
    seen.add(digest_of_object)
    for part, there in zip(named(json.loads(data)), places, strict=True):
        walk(public, part, there, seen)


def look(public: Path, known: set[bytes]) -> int | None:
    """The cut that is up, looked through from top to bottom; None if it turned meanwhile."""
    pointer = read(public, "current.json")
    checkpoint = read(public, "checkpoint")
    if read(public, "current.json") != pointer:
        return None
    announced = json.loads(pointer)
    cut: int = announced["cut"]
    manifest = read(public, f"cuts/{cut}.json")
    if digest(manifest) != announced["manifest"]["sha256"]:
        raise Wrong(f"the manifest of cut {cut} is another one")
    note = read(public, f"cuts/{cut}.note")
    if checkpoint.split(b"\n\n")[0] != note.split(b"\n\n")[0]:
        raise Wrong(f"the checkpoint beside cut {cut} is of another one")
    if pointer in known:
        return cut
    listed = json.loads(manifest)
    roots = json.loads(read(public, f"cuts/{cut}.where"))["roots"]
    objects: set[str] = set()
    for contest in listed["contests"]:
        walk(public, contest["results"], roots[contest["id"]], objects)
    sha256 = listed["description"]["sha256"]
    if digest(read(public, f"objects/{sha256[:2]}/{sha256}.json")) != sha256:
        raise Wrong("what is declared is not whole")
    for path, file in listed["files"].items():
        if digest(read(public, path)) != file["sha256"]:
            raise Wrong(f"{path} is not whole")
    known.add(pointer)
    return cut


def main(public: Path, report: Path, stop: Path) -> None:
    looks = 0
    cuts: list[int] = []
    wrong: list[str] = []
    known: set[bytes] = set()
    while not stop.exists():
        time.sleep(0.001)
        try:
            cut = look(public, known)
        except (Wrong, ValueError, KeyError, OSError) as error:
            wrong.append(f"{type(error).__name__} {error}")
            continue
        looks += 1
        if cut is not None and (not cuts or cuts[-1] != cut):
            if cuts and cut < cuts[-1]:
                wrong.append(f"cut {cut} after cut {cuts[-1]}")
            cuts.append(cut)
    report.write_text(json.dumps({"looks": looks, "cuts": cuts, "wrong": wrong[:20]}))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
