"""Amounts in Spanish words: each has its own, and they say the amount."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprep.forms.in_words import in_words

SAID = {
    0: "cero",
    1: "uno",
    16: "dieciséis",
    21: "veintiuno",
    30: "treinta",
    31: "treinta y uno",
    100: "cien",
    101: "ciento uno",
    500: "quinientos",
    999: "novecientos noventa y nueve",
    1_000: "mil",
    1_001: "mil uno",
    21_000: "veintiún mil",
    31_000: "treinta y un mil",
    100_000: "cien mil",
    101_101: "ciento un mil ciento uno",
    700_016: "setecientos mil dieciséis",
    999_999: "novecientos noventa y nueve mil novecientos noventa y nueve",
}
WORTH = {in_words(amount): amount for amount in range(30)} | {
    word: 10 * tens
    for tens, word in enumerate(
        ["treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"], 3
    )
}
HUNDREDS = (
    "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos "
    "novecientos"
)
WORTH |= {word: 100 * hundreds for hundreds, word in enumerate(HUNDREDS.split(), 1)}
WORTH |= {"cien": 100, "un": 1, "veintiún": 21, "y": 0}


def amount_of(words):
    """What words say, read one by one."""
    total = 0
    for word in words.split():
        total = 1000 * (total or 1) if word == "mil" else total + WORTH[word]
    return total


@pytest.mark.parametrize(("amount", "words"), SAID.items())
def test_an_amount_is_said_as_people_say_it(amount, words):
    assert in_words(amount) == words


@given(st.integers(0, 999_999))
def test_words_say_their_amount(amount):
    assert amount_of(in_words(amount)) == amount


def test_no_two_amounts_of_a_form_have_the_same_words():
    assert len({in_words(amount) for amount in range(10_000)}) == 10_000


@pytest.mark.parametrize("amount", [-1, 1_000_000])
def test_what_no_acta_has_is_not_said(amount):
    with pytest.raises(ValueError, match="no amount"):
        in_words(amount)
