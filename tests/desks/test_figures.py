"""What is typed into a field: four kinds of it, and nothing else."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprep.desks.figures import MOST_SIGNS, NotAFigure, key_of, read_figure
from openprep.election import FieldState


def test_empty_zero_sin_dato_and_ilegible_are_four():
    read = [read_figure(typed) for typed in ("", "0", "-", "*")]
    assert read == [None, 0, FieldState.SIN_DATO, FieldState.ILEGIBLE]


@given(st.integers(0, 999_999), st.integers(0, MOST_SIGNS))
def test_leading_zeros_change_nothing(count, zeros):
    typed = ("0" * zeros + str(count))[-MOST_SIGNS:]
    if int(typed) == count:
        assert read_figure(typed) == count


@given(st.one_of(st.integers(0, 999_999), st.sampled_from([*map(read_figure, "*-")])))
def test_a_figure_is_typed_as_it_is_read(figure):
    assert read_figure(key_of(figure)) == figure


@given(st.text(max_size=8))
def test_whatever_else_is_typed_is_no_figure(typed):
    with suppress(NotAFigure):
        figure = read_figure(typed)
        assert figure is None or typed.strip(" ") in "*-" or typed.strip(" ").isascii()


@pytest.mark.parametrize("typed", ["٣", "１", "²", "+1", "1_0", " 1 2", "\t1", "1e2", "0" * 7])
def test_digits_of_elsewhere_and_signs_are_no_figure(typed):
    with pytest.raises(NotAFigure):
        read_figure(typed)
