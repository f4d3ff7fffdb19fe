"""What a row of an official database says, as one digest: from the log, and from the file.

Both sides write the same facts of a row as JSON, many rows at a time, and digest it: half a million
rows must fit in memory, and are compared as a set in which each counts. Times are compared in whole
seconds, and a dash is a dash, as in a database.

Databases follow each other, and most of each was in the one before: a version of an acta is
digested once for all of them, and so is a row that stands there as it stood.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from openprep.databases import Database, Field
from openprep.databases.words import (
    DIGITIZATIONS,
    DOCUMENTS,
    LOCATIONS,
    ORIGINS,
    Memo,
    identifier,
    image_digest,
    spoken,
    whole_number,
)
from openprep.election import (
    CasillaKind,
    Counting,
    ExpectedActa,
    FieldState,
    Observation,
    VoteField,
)
from openprep.wire.log.leaf import ActaLeaf

OVERFLOW = 10
"""Contiguas numbered 10 and above are written 01 by the generator of some authorities."""

_encoder = msgspec.json.Encoder()
_NOT_CAPTURED = msgspec.json.encode(FieldState.NOT_CAPTURED)
_NOT_ON_BALLOT = msgspec.json.encode(FieldState.NOT_ON_BALLOT)
"""Both are written ``-``; CONTABILIZADA tells them apart."""

Facts = tuple[object, ...]


class Shown(NamedTuple):
    """An acta as a cut has it; ``expected`` is ``None`` out of catalogue."""

    entity: str
    expected: ExpectedActa | None
    acta: ActaLeaf | None
    counting: Counting

    def clave(self, *, overflow: bool = False) -> str:
        """CLAVE_ACTA; empty out of catalogue."""
        expected = self.expected
        if expected is None:
            return ""
        number = 1 if overflow and self.overflows else expected.number
        return (
            f"{self.entity}{expected.seccion or '0000'}{expected.kind.value}"
            f"{number:02}{expected.extension:02}{expected.tipo_acta}"
        )

    @property
    def overflows(self) -> bool:
        """Whether some authorities' generator would write the acta as the first contigua."""
        expected = self.expected
        return (
            expected is not None
            and expected.kind is CasillaKind.CONTIGUA
            and expected.number >= OVERFLOW
        )


def digests_of_shown(shown: Iterable[Shown], *, overflow: bool = False) -> list[bytes]:
    """What the rows of actas must say, in their order."""
    figures: list[Sequence[VoteField]] = []
    rest: list[Facts] = []
    for each in shown:
        acta = each.acta
        figures.append(_figures_of(acta) if acta and each.expected else ())
        rest.append(_facts_of(each, overflow=overflow))
    return _digests(figures, rest)


Digests = NDArray[np.uint64]
"""Digests of rows, two numbers each."""


def as_numbers(digests: Sequence[bytes]) -> Digests:
    """Digests, to be compared many at a time."""
    return np.frombuffer(b"".join(digests), np.uint64).reshape(-1, 2)


def as_digests(numbers: Digests) -> list[bytes]:
    """Digests one by one again."""
    return [row.tobytes() for row in np.ascontiguousarray(numbers)]


def are_the_same(rows: Digests, others: Digests) -> bool:
    """Whether there are the same digests in both, each as often."""
    return len(rows) == len(others) and bool(np.array_equal(_in_order(rows), _in_order(others)))


def _in_order(rows: Digests) -> Digests:
    return rows[np.lexsort((rows[:, 1], rows[:, 0]))]


class RowsRead:
    """The rows of one contest's databases, one after the other.

    What a row says follows from its cells, the names of their columns and the offset of its times:
    a row that stood in the database before is not read again.
    """

    def __init__(self) -> None:
        self._told: object = None
        self._known: dict[bytes, bytes] = {}
        """What rows of the last database say, by a digest of their cells."""

    def digests(self, database: Database) -> list[bytes]:
        """What the rows of a database say, in their order."""
        told = database.layout, database.zone
        known = self._known if self._told == told else {}
        cells = list(map(_digest_cells, zip(*database.sheet.columns, strict=True)))
        fresh = [row for row, digest in enumerate(cells) if digest not in known]
        read = dict(zip(fresh, digests_of_rows(database.only(fresh)), strict=True))
        digests = [read.get(row) or known[digest] for row, digest in enumerate(cells)]
        self._told, self._known = told, dict(zip(cells, digests, strict=True))
        return digests


_BETWEEN = "\x1f"
"""Set between cells that are digested together: it is in hardly any."""


def _digest_cells(cells: Sequence[str]) -> bytes:
    joined = _BETWEEN.join(cells)
    if joined.count(_BETWEEN) != len(cells) - 1:
        joined = _BETWEEN * len(cells) + _encoder.encode(cells).decode()
    return hashlib.blake2b(joined.encode(), digest_size=16).digest()


def digests_of_rows(database: Database) -> list[bytes]:
    """What the rows of a database say, in their order."""
    figures = list(zip(*_figures_in(database), strict=True))
    rest = list(_facts_in(database))
    read = zip(figures, database.countings, strict=True)
    shown = [row if counting in _WITH_FIGURES else () for row, counting in read]
    return _digests(shown, rest)


_WITH_FIGURES = (Counting.COUNTED, Counting.NOT_COUNTED)


def _digests(figures: Sequence[Sequence[VoteField]], rest: Sequence[Facts]) -> list[bytes]:
    """One digest a row; only among figures is a dash a dash, whatever it stands for."""
    lines = _encoder.encode_lines(figures).replace(_NOT_ON_BALLOT, _NOT_CAPTURED).split(b"\n")
    others = _encoder.encode_lines(rest).split(b"\n")
    both = zip(lines, others, strict=True)
    return _digest_lines(b"".join(b"%b%b\n" % row for row in both if row[0]))


def _digest_lines(lines: bytes) -> list[bytes]:
    """A digest of each line; JSON has no line end within."""
    return [hashlib.blake2b(line, digest_size=16).digest() for line in lines.split(b"\n") if line]


# Of the log


def _facts_of(shown: Shown, *, overflow: bool) -> Facts:
    _, expected, acta, counting = shown
    if expected is None:
        if acta is None:
            return ("",)
        return "", _noted(acta.observations), acta.image_sha256, _second(acta.received_at)
    facts = (
        shown.clave(overflow=overflow),
        expected.lista_nominal,
        expected.representatives,
        expected.location,
        counting,
    )
    if acta is None:
        return facts
    return (
        *facts,
        _noted(acta.observations),
        acta.image_sha256,
        _second(acta.received_at),
        _second(acta.captured_at),
        _second(acta.verified_at),
        acta.origin,
        acta.digitization,
        acta.document,
    )


def _figures_of(acta: ActaLeaf) -> Sequence[VoteField]:
    return (
        *acta.votes,
        acta.surplus_ballots,
        acta.people_voted,
        acta.representatives_voted,
        acta.ballots_taken,
        acta.total_written,
    )


def _noted(observations: Iterable[Observation]) -> list[str]:
    """What was observed, in one order: federal files begin with EXCEDE LISTA NOMINAL."""
    return sorted(observation.value for observation in observations)


def _second(at: datetime | None) -> int | None:
    """The second since 1970 in which a time is."""
    return None if at is None else int(at.timestamp() // 1)


# Of a file, by its columns

_COUNTS = (
    Field.SURPLUS,
    Field.PEOPLE,
    Field.REPRESENTATIVES_VOTED,
    Field.TAKEN,
    Field.WRITTEN,
)
_TIMES = (Field.RECEIVED, Field.CAPTURED, Field.VERIFIED)


def _figures_in(database: Database) -> Iterator[Sequence[VoteField]]:
    yield from database.votes
    yield from map(database.counts, _COUNTS)


def _facts_in(database: Database) -> Iterator[Facts]:
    noted = Memo(_noted)
    seconds = Memo(_second)
    times = [list(map(seconds.__getitem__, database.times(time))) for time in _TIMES]
    columns = zip(
        database.values(Field.CLAVE_ACTA, identifier),
        database.values(Field.LISTA_NOMINAL, whole_number),
        database.values(Field.REPRESENTATIVES, whole_number),
        database.values(Field.LOCATION, lambda cell: LOCATIONS.get(spoken(cell))),
        database.countings,
        map(noted.__getitem__, database.observations),
        database.values(Field.HASH, image_digest),
        *times,
        database.values(Field.ORIGIN, lambda cell: ORIGINS.get(spoken(cell))),
        database.values(Field.DIGITIZATION, lambda cell: DIGITIZATIONS.get(spoken(cell))),
        database.values(Field.DOCUMENT, lambda cell: DOCUMENTS.get(spoken(cell))),
        strict=True,
    )
    for row in columns:
        match row[_COUNTING]:
            case Counting.OUT_OF_CATALOGUE:
                yield ("", *row[_COUNTING + 1 : _COUNTING + 4])
            case Counting.NOT_CAPTURED:
                yield row[: _COUNTING + 1]
            case _:
                yield row


_COUNTING = 4
"""Place of CONTABILIZADA among the facts; what was observed, the image and the reception follow."""
