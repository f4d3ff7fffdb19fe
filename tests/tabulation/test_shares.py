"""Percentages: truncated, never rounded, never a float."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprep.election import format_share
from openprep.tabulation import share


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (2, 3, "66.6666"),
        (1, 1, "100.0000"),
        (0, 5, "0.0000"),
        (7, 0, "0.0000"),
        (8259, 8334, "99.1000"),
        (146_744, 156_840, "93.5628"),
        (45_557_790, 71_801_425, "63.4497"),
        (999_999, 1_000_000, "99.9999"),
    ],
)
def test_shares_are_truncated_to_four_decimals(part, whole, text):
    assert format_share(share(part, whole)) == text


@given(st.integers(0, 10**12), st.integers(1, 10**12))
def test_a_share_is_the_greatest_that_does_not_exceed_the_truth(part, whole):
    truth = Fraction(part * 100, whole)
    shown = Fraction(share(part, whole), 10_000)
    assert shown <= truth < shown + Fraction(1, 10_000)
