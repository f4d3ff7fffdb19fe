"""The process that writes official databases: told what is new, it answers with what is on disk.

``python -m openprep.center.databases`` reads orders from its standard input until that ends, and
ends with it, whatever it is doing: whoever started it is gone. Orders and answers are MessagePack,
each after its length.
"""

import gc
import os
import struct
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import BinaryIO, Final, TypeAlias

import msgspec
from msgspec import Struct, structs

from openprep.cuts.databases import OfficialDatabases
from openprep.cuts.shelf import DatabaseFile
from openprep.election import Election, ExpectedActa, Summary
from openprep.hosting import TreeDirectory
from openprep.record.state import Version

RUN: Final = 512
"""Most rows or versions in an order: half a millisecond of work for whoever gives it."""
BEHIND: Final = 10
"""How far behind other processes (``nice``) databases are written."""
LENGTH: Final = struct.Struct(">I")
"""What stands before each order and each answer."""


class Begin(Struct, frozen=True, tag=True):
    """The first order: in which tree, and of which election; its catalogues follow."""

    tree: str
    election: Election


class Expect(Struct, frozen=True, tag=True):
    """The next rows of the catalogue of a contest."""

    contest: str
    rows: Sequence[ExpectedActa]


class Learn(Struct, frozen=True, tag=True):
    """The next versions of actas, in the order of the record."""

    versions: Sequence[Version]


class Write(Struct, frozen=True, tag=True):
    """Put the official database of ``time`` on disk, which shows all that was learnt."""

    time: datetime
    summaries: Mapping[str, Summary]


Order: TypeAlias = Begin | Expect | Learn | Write


class Written(Struct, frozen=True, tag=True):
    """The database is on disk, whole under its name."""

    database: DatabaseFile


class Failed(Struct, frozen=True, tag=True):
    """It is not, and why: by the system's number where the system refused."""

    number: int | None
    why: str

    @classmethod
    def by(cls, error: Exception) -> "Failed":
        """What an error is told as."""
        if isinstance(error, OSError) and error.errno is not None:
            return cls(error.errno, f"{error.strerror}: {error.filename!r}")
        return cls(None, "".join(traceback.format_exception(error)))

    @property
    def error(self) -> Exception:
        """The error as it is raised where the order was given."""
        return RuntimeError(self.why) if self.number is None else OSError(self.number, self.why)


Answer: TypeAlias = Written | Failed

_encode = msgspec.msgpack.Encoder().encode
_decode_order: msgspec.msgpack.Decoder[Order] = msgspec.msgpack.Decoder(Order)
_decode_answer: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)
decode_answer = _decode_answer.decode


def framed(said: Order | Answer) -> bytes:
    """An order or an answer, after its length."""
    data = _encode(said)
    return LENGTH.pack(len(data)) + data


def beginning(tree: TreeDirectory, election: Election) -> Iterator[Order]:
    """What a process is told before anything else, in parts that are quickly made."""
    yield Begin(str(tree.root.absolute()), structs.replace(election, catalogues={}))
    for contest, rows in election.catalogues.items():
        for start in range(0, max(1, len(rows)), RUN):
            yield Expect(contest, rows[start : start + RUN])


class _Process:
    """Does as it is ordered, one order after the other."""

    def __init__(self, orders: BinaryIO, answers: BinaryIO) -> None:
        self._orders = orders
        self._answers = answers

    def run(self) -> None:
        """Follow orders until there are no more."""
        orders = self._read()
        begin = next(orders, None)
        if begin is None:
            return
        tree, election, order = _begun(begin, orders)
        databases = OfficialDatabases(election, tree)
        while order is not None:
            match order:
                case Learn():
                    databases.learn(order.versions)
                case Write():
                    # Whoever asked waits for the answer: all that this thread may hear is the end.
                    Thread(target=self._write, args=(databases, order), daemon=True).start()
            order = next(orders, None)

    def _read(self) -> Iterator[Order]:
        """Whole orders: whoever is killed while giving one has given none."""
        while len(head := self._orders.read(LENGTH.size)) == LENGTH.size:
            (size,) = LENGTH.unpack(head)
            data = self._orders.read(size)
            if len(data) < size:
                return
            yield _decode_order.decode(data)

    def _write(self, databases: OfficialDatabases, order: Write) -> None:
        gc.freeze()  # what was learnt stays, and refers to nothing that refers back
        answer: Answer
        try:
            answer = Written(databases.write(order.time, order.summaries))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            answer = Failed.by(error)
        self._answers.write(framed(answer))
        self._answers.flush()


def _begun(begin: Order, orders: Iterator[Order]) -> tuple[TreeDirectory, Election, Order | None]:
    """Tree and election, and the order that follows on what tells of them."""
    assert isinstance(begin, Begin)
    catalogues: dict[str, list[ExpectedActa]] = {}
    order = next(orders, None)
    while isinstance(order, Expect):
        catalogues.setdefault(order.contest, []).extend(order.rows)
        order = next(orders, None)
    whole = {contest: tuple(rows) for contest, rows in catalogues.items()}
    election = structs.replace(begin.election, catalogues=whole)
    return TreeDirectory(Path(begin.tree)), election, order


if __name__ == "__main__":
    os.nice(BEHIND)
    gc.set_threshold(50_000, 20, 20)
    _Process(sys.stdin.buffer, sys.stdout.buffer).run()
    os._exit(0)  # a database that is half written waits for nobody: its draft is swept at a start
