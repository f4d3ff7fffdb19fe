"""Which columns of the block of votes are votes, where a name alone does not tell.

A number of a paper or of a line stands among the votes in some files, and so does the one party of
one state. The rows tell them apart: their calculated totals are the sum of the votes and of nothing
else. Where there are no totals, the place does: parties stand between the first one that everybody
knows and the null votes.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from openprep.databases import words
from openprep.databases.names import Field, unique, unknown_votes, vote_names
from openprep.databases.read.layout import Doubtful, Layout
from openprep.databases.read.sheet import Sheet
from openprep.election import summable

MOST_DOUBTFUL = 12
"""More unknown names than this are no slip of a generator: they are all taken for votes."""
ROWS_LOOKED_AT = 2_000
"""Rows whose totals are compared: what holds in the first ones holds in all."""


def settle(layout: Layout, sheet: Sheet) -> Layout:
    """``layout`` with every column that nobody knows either among the votes or out of them."""
    unknown = [layout.votes[p] for p in unknown_votes([layout.names[i] for i in layout.votes])]
    if not unknown:
        return layout
    known = [index for index in layout.votes if index not in unknown]
    telling = [index for index in unknown if any(map(_number, set(sheet.columns[index])))]
    judged = _by_totals(layout, sheet, known, telling)
    doubtful = [
        Doubtful(index, index in judged, by_totals=True)
        if judged is not None and index in telling
        else Doubtful(index, not known or known[0] < index < known[-1], by_totals=False)
        for index in unknown
    ]
    left_out = {column.index for column in doubtful if not column.votes}
    votes = tuple(index for index in layout.votes if index not in left_out)
    named = unique(vote_names(layout.names[index] for index in votes))
    return replace(layout, votes=votes, vote_names=tuple(named), doubtful=tuple(doubtful))


def _by_totals(
    layout: Layout, sheet: Sheet, known: Sequence[int], unknown: Sequence[int]
) -> set[int] | None:
    """Which of ``unknown`` the calculated totals call votes; ``None`` where they do not tell."""
    total = layout.fields.get(Field.CALCULATED)
    if total is None or len(unknown) > MOST_DOUBTFUL:
        return None
    cells = zip(*(sheet.columns[index] for index in (total, *known, *unknown)), strict=True)
    rows = [
        (numbers[0] - sum(numbers[1 : len(known) + 1]), numbers[len(known) + 1 :])
        for numbers in ([*map(_number, row)] for row in islice(cells, ROWS_LOOKED_AT))
        if numbers[0]
    ]
    every = frozenset(range(len(unknown)))
    best = max((every, frozenset[int]()), key=lambda chosen: _agreeing(rows, chosen))
    while better := _better(rows, best, every):
        best = better
    return {unknown[position] for position in best} if _agreeing(rows, best) else None


def _number(cell: str) -> int:
    return summable(words.vote_field(cell))


def _agreeing(rows: Sequence[tuple[int, Sequence[int]]], chosen: frozenset[int]) -> int:
    return sum(left == sum(numbers[column] for column in chosen) for left, numbers in rows)


def _better(
    rows: Sequence[tuple[int, Sequence[int]]], chosen: frozenset[int], every: frozenset[int]
) -> frozenset[int] | None:
    """The choice that differs in one column and agrees with more rows, if there is one."""
    if not every:
        return None
    most = max((chosen ^ {column} for column in every), key=lambda other: _agreeing(rows, other))
    return most if _agreeing(rows, most) > _agreeing(rows, chosen) else None
