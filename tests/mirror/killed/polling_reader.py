"""A reader that looks at a served tree again and again, and writes down whatever it finds wrong.

A process of its own, with nothing of the project's but the published format: current.json, then the
manifest, then every object from the roots down, then the checkpoint; each by its digest.

    python polling_reader.py PUBLIC REPORT STOP

looks at the folder PUBLIC until the file STOP is there, then writes REPORT.
"""

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


def named(public: Path, ref: dict[str, Any]) -> bytes:
    """The bytes of an object, which must have their digest."""
    if "pack" in ref:
        pack = read(public, f"cuts/{ref['pack']}.pack")
        data = pack[ref["offset"] : ref["offset"] + ref["size"]]
    else:
        data = read(public, f"objects/{ref['sha256'][:2]}/{ref['sha256']}.json")
    if digest(data) != ref["sha256"]:
        raise Wrong(f"object {ref['sha256']} is not whole")
    return data


def walk(public: Path, ref: dict[str, Any], seen: set[str]) -> None:
    """Count the objects of a cut, each once looked at."""
    if ref["sha256"] in seen:
        return
    found = json.loads(named(public, ref))
    seen.add(ref["sha256"])
    for child in found.get("children", ()):
        walk(public, child["object"], seen)


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
    if digest(read(public, f"cuts/{cut}.pack")) != listed["pack"]["sha256"]:
        raise Wrong(f"the pack of cut {cut} is not whole")
    objects: set[str] = set()
    for contest in listed["contests"]:
        walk(public, contest["results"], objects)
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
