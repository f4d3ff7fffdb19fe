"""Rows of the catalogue by the block, kept as they were compressed: what did not change stands."""

from array import array
from collections.abc import Callable, Sequence
from itertools import accumulate
from operator import is_not

from openprep.databases.write.deflated import Deflated, deflate
from openprep.election import Acta, ExpectedActa

ROWS = 2048
"""Rows of a block: enough to compress well, few enough that a handful of them fits anywhere."""

WriteRows = Callable[[Sequence[ExpectedActa], Sequence[Acta | None]], Sequence[str]]
"""The lines of rows without their ends, from what is expected and what is captured of it."""


class Block:
    """Rows that stand together, and how they were written last."""

    def __init__(self, expected: Sequence[ExpectedActa]) -> None:
        self.expected = expected
        self.ids = tuple(row.id for row in expected)
        self._kept: _Kept | None = None

    def write(self, actas: Sequence[Acta | None], write_rows: WriteRows) -> Callable[[], Deflated]:
        """Write the rows of ``actas`` that are others than last time.

        What is left, joining and compressing, is returned to be called, in another thread if need
        be, before the block is written again.
        """
        kept = self._kept
        if kept is None:
            lines = write_rows(self.expected, actas)
            return lambda: self._keep(actas, lines)
        changed = [row for row, other in enumerate(map(is_not, actas, kept.actas)) if other]
        if not changed:
            return lambda: kept.deflated
        fresh = write_rows([self.expected[row] for row in changed], [actas[row] for row in changed])
        return lambda: self._keep(actas, kept.lines_with(dict(zip(changed, fresh, strict=True))))

    def _keep(self, actas: Sequence[Acta | None], lines: Sequence[str]) -> Deflated:
        deflated = deflate("\n".join([*lines, ""]).encode())
        self._kept = _Kept(actas, array("I", map(len, lines)), deflated)
        return deflated


class _Kept:
    """A block as it was written: no line of it is kept but compressed."""

    def __init__(
        self, actas: Sequence[Acta | None], lengths: "array[int]", deflated: Deflated
    ) -> None:
        self.actas = actas
        self.deflated = deflated
        self._lengths = lengths

    def lines_with(self, fresh: dict[int, str]) -> list[str]:
        """Its lines, ``fresh`` ones in the place of those before."""
        text = self.deflated.text().decode()
        starts = accumulate((length + 1 for length in self._lengths), initial=0)
        return [
            fresh.get(row) or text[start : start + length]
            for row, (start, length) in enumerate(zip(starts, self._lengths, strict=False))
        ]
