"""A snapshot: the state as it was folded up to a position, so that a start folds what came after.

It stands beside the record, is made from the record by a process of its own (``python -m
openprep.record.snapshot``), and is believed where nothing speaks against it: made by this very
code, whole, and of the event that the record has at its position, up to which every event was found
to follow the one before. On any doubt the record is folded from its first event, as if there were
none (docs/decisions/0038-start-from-a-snapshot.md).
"""

import gc
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from io import BufferedReader
from pathlib import Path

import msgspec
import zstandard
from msgspec import Struct

import openprep
from openprep.durable import writing_durably
from openprep.election import Rules
from openprep.record.codes import RecordTrouble
from openprep.record.database import owner_of
from openprep.record.kept import decode_state, encode_state
from openprep.record.sqlite import RECORD, chain_at, origin_of, read_after
from openprep.record.state import State, empty_state, fold

log = logging.getLogger("openprep.record")

LEVEL = 1
"""Of zstd: a seventh of the bytes, sooner than they would be on a disk."""
READ_AT_ONCE = 1 << 20
CODE = ("capture", "election", "record")
"""The rooms that decide what the state is, with what is free to all."""
MOST_IN_A_HEAD = 1_000
BEHIND = 10
"""How far behind other processes (``nice``) a snapshot is made."""


class _Head(Struct, frozen=True):
    """The first line of a snapshot: what it must be of to be believed."""

    code: str
    position: int
    chain: bytes
    sha256: str
    """Of what follows the line."""


class Doubt(Exception):
    """A snapshot is not believed, and why."""


def path_of(record: Path) -> Path:
    """Where the snapshot of a record is."""
    return record.with_name(f"{record.name}.snapshot")


def position_of(record: Path) -> int:
    """Up to where a start would believe the snapshot of a record, as its head says; 0 without."""
    try:
        with path_of(record).open("rb") as stream:
            head = msgspec.json.decode(stream.readline(MOST_IN_A_HEAD), type=_Head)
    except (OSError, ValueError):
        return 0
    return head.position if head.code == _code() else 0


def state_of(record: Path, origin: bytes, rules: Rules) -> State:
    """The state of the record at ``record``, of which ``origin`` is the chain's beginning.

    Raises:
        RecordTrouble: CHAIN_BROKEN at the first event that does not follow, or UNREADABLE.
    """
    with _without_collector():
        state = _kept(record, origin, rules) or empty_state(rules)
        return fold(read_after(record, origin, state.position), state)


def make(record: Path, rules: Rules) -> None:
    """Make the snapshot of a record as it stands; the one before stays until it is whole.

    Raises:
        RecordTrouble: the record cannot be read, or a part of it does not follow.
        OSError: the snapshot cannot be written.
    """
    owner = owner_of(record, RECORD)
    origin = origin_of(owner["election"], owner["election_digest"])
    state = state_of(record, origin, rules)
    chain = chain_at(record, origin, state.position)
    if chain is None:
        return  # nothing was recorded yet
    compress = zstandard.ZstdCompressor(LEVEL).compressobj()
    body = b"".join([*map(compress.compress, encode_state(state)), compress.flush()])
    head = _Head(_code(), state.position, chain, sha256(body).hexdigest())
    path = path_of(record)
    for draft in path.parent.glob(f".{path.name}.*.tmp"):
        draft.unlink(missing_ok=True)
    with writing_durably(path) as stream:
        stream.write(msgspec.json.encode(head) + b"\n" + body)


def _kept(record: Path, origin: bytes, rules: Rules) -> State | None:
    """The state of the record's snapshot; ``None`` if there is none that is believed."""
    path = path_of(record)
    try:
        return _believed(path.read_bytes(), record, origin, rules)
    except RecordTrouble:
        raise  # the record itself cannot be used
    except FileNotFoundError:
        return None
    except Exception as doubt:  # noqa: BLE001 - whatever it is, the record says the same
        log.info("%s: %s; the record is folded from its beginning", path, doubt)
        return None


def _believed(data: bytes, record: Path, origin: bytes, rules: Rules) -> State:
    """The state in a snapshot of the record.

    Raises:
        Doubt: it is not of this record, or not whole, or made by other code.
        RecordTrouble: CHAIN_BROKEN at the first event up to it that does not follow.
    """
    head, body = _opened(data)
    if chain_at(record, origin, head.position) != head.chain:
        raise Doubt("it is not of this record")
    with zstandard.ZstdDecompressor().stream_reader(body) as stream:
        state = decode_state(BufferedReader(stream, READ_AT_ONCE), rules)
    if state.position != head.position:
        raise Doubt("it is of another position than it says")
    return state


def _opened(data: bytes) -> tuple[_Head, bytes]:
    """Head and body of a snapshot that is whole, and as this code makes them.

    Raises:
        Doubt: it is not.
        msgspec.DecodeError: it has no head.
    """
    line, _, body = data.partition(b"\n")
    head = msgspec.json.decode(line, type=_Head)
    if head.code != _code():
        raise Doubt("it was made by another version")
    if head.sha256 != sha256(body).hexdigest():
        raise Doubt("it is damaged")
    return head, body


@cache
def _code() -> str:
    """The digest of the code that decides what the state is, down to its last letter."""
    root = Path(openprep.__file__).parent
    files = [*root.glob("*.py"), *(file for room in CODE for file in (root / room).rglob("*.py"))]
    whole = sha256(f"{sys.version}\n{msgspec.__version__}\n".encode())
    for file in sorted(files):
        whole.update(f"{file.relative_to(root)}\n".encode() + sha256(file.read_bytes()).digest())
    return whole.hexdigest()


@contextmanager
def _without_collector() -> Iterator[None]:
    """What is folded stays, and nothing of it refers back: looking for cycles doubles the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


if __name__ == "__main__":
    os.nice(BEHIND)
    make(Path(sys.argv[1]), msgspec.json.decode(sys.argv[2], type=Rules))
