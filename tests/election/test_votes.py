"""What a field of an acta adds: its number, or nothing, whatever the reason that it has none."""

import pytest

from openprep.election import FieldState, calculated_total, counts_of, summable


@pytest.mark.parametrize("state", FieldState)
def test_a_field_without_a_count_adds_nothing(state):
    assert summable(state) == 0
    assert list(counts_of([3, state, 0])) == [3, 0, 0]
    assert calculated_total([3, state, 4]) == 7


def test_a_count_adds_itself():
    assert [summable(0), summable(7)] == [0, 7]
    assert list(counts_of([0, 7, 120])) == [0, 7, 120]
