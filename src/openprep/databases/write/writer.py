"""The official CSV of 2024, local and federal, written from actas (spec B.2, B.3).

Rows stand in the order of the catalogue, actas out of catalogue last by the time of their
reception. Ids keep a leading apostrophe (local) or stand between two (federal), as the authorities
write them so that a spreadsheet keeps their zeros. The generators' own habits are written only
where the election declares them (:class:`openprep.election.Quirk`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import compress

from msgspec import Struct

from openprep.databases.write.blocks import ROWS, Block
from openprep.databases.write.captured import CapturedRows, WaitingRows
from openprep.databases.write.columns import Times
from openprep.databases.write.deflated import Deflated, deflate
from openprep.databases.write.head import Head
from openprep.databases.write.identity import Identities
from openprep.databases.write.outside import OutsideRows
from openprep.databases.write.side_by_side import side_by_side
from openprep.election import Acta, Election, ExpectedActa, Summary


class ContestDatabase(Struct, frozen=True):
    """What one contest's database shows at a cut: actas by catalogue id, and the 13 figures."""

    actas: Mapping[str, Acta]
    out_of_catalogue: Sequence[Acta]
    summary: Summary


def write_database(
    election: Election, contest_id: str, database: ContestDatabase, cut_time: datetime
) -> bytes:
    """The CSV of one contest at the official time ``cut_time``, which carries its offset."""
    parts = DatabaseWriter(election, contest_id).write(database, cut_time)
    return b"".join(part.text() for part in parts)


class DatabaseWriter:
    """Writes the databases of one contest, cut after cut; rows that did not change are kept.

    Cells of free text are protected from spreadsheets; all others are numbers, keys, or words of a
    closed set.
    """

    def __init__(self, election: Election, contest_id: str, times: Times | None = None) -> None:
        """``times`` are those that writers of other contests wrote: the same seconds come back."""
        times = times or Times(election.window.local)
        contest = election.contests[contest_id]
        catalogue = election.catalogues[contest_id]
        self.head = Head(election, contest_id)
        self._identities = Identities(election, contest)
        self._captured = CapturedRows(election, times)
        self._waiting = WaitingRows(contest, election.databases.flavour)
        self._outside = OutsideRows(election, contest, times)
        self._blocks = [
            Block(catalogue[start : start + ROWS]) for start in range(0, len(catalogue), ROWS)
        ]

    def write(self, database: ContestDatabase, cut_time: datetime) -> list[Deflated]:
        """The CSV at the official time ``cut_time``, which carries its offset, in its parts."""
        return list(side_by_side(self._work(database, cut_time)))

    def _work(
        self, database: ContestDatabase, cut_time: datetime
    ) -> Iterator[Callable[[], Deflated]]:
        yield partial(deflate, self.head.write(database.summary, cut_time).encode())
        for block in self._blocks:
            actas = list(map(database.actas.get, block.ids))
            yield block.write(actas, self._rows)
        yield partial(deflate, self._outside.write(database.out_of_catalogue).encode())

    def _rows(
        self, expected: Sequence[ExpectedActa], actas: Sequence[Acta | None]
    ) -> Sequence[str]:
        identities = self._identities.write(expected)
        there = [acta is not None for acta in actas]
        absent = [acta is None for acta in actas]
        captured = self._captured.write(
            list(compress(identities, there)),
            list(compress(expected, there)),
            [acta for acta in actas if acta is not None],
        )
        waiting = self._waiting.write(
            compress(identities, absent), list(compress(expected, absent))
        )
        return [next(captured if is_there else waiting) for is_there in there]
