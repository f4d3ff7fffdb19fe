"""What a field of an acta adds: its number, or nothing, whatever the reason that it has none."""

import msgspec
import pytest

from openprep.election import FieldState, VoteField, calculated_total, counts_of, summable
from openprep.election.votes import MAX_COUNT


@pytest.mark.parametrize("state", FieldState)
def test_a_field_without_a_count_adds_nothing(state):
    assert summable(state) == 0
    assert list(counts_of([3, state, 0])) == [3, 0, 0]
    assert calculated_total([3, state, 4]) == 7


def test_a_count_adds_itself():
    assert [summable(0), summable(7)] == [0, 7]
    assert list(counts_of([0, 7, 120])) == [0, 7, 120]


@pytest.mark.parametrize(
    ("count", "holds"), [(0, True), (MAX_COUNT, True), (MAX_COUNT + 1, False), (-1, False)]
)
def test_a_count_has_at_most_eight_digits(count, holds):
    """Wide enough for any written total, and no sum of a nation's comes near 64 bits."""
    assert MAX_COUNT == 99_999_999
    if holds:
        assert msgspec.convert(count, VoteField) == count
    else:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(count, VoteField)
