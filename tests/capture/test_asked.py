"""What a form asks for, and the reading that what was typed amounts to."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprep.capture.asked import asked_of, with_excess
from openprep.capture.hints import hints_of
from openprep.capture.reading import AMOUNTS, READ_OFF
from openprep.capture.steps import HintCode
from openprep.election import CasillaKind, FieldState, Flavour, Observation
from openprep.election.plausibility import contradiction_of, wrong_excess_of
from small.election import expected, small_election

ELECTION = small_election()
CONTEST = ELECTION.contests["AYUN"]
ORDINARY = ELECTION.expected["AYUN"]["A0"]
ASKED = asked_of(CONTEST, ORDINARY)


def typed(value=0, **other):
    return dict.fromkeys(ASKED.fields, value) | other


def agreeing(vote=3):
    """What is typed from an acta whose figures agree with each other."""
    votes = len(ASKED.columns) * vote
    return typed(
        vote,
        surplus_ballots=720 - votes,
        people_voted=votes - 1,
        representatives_voted=1,
        ballots_taken=votes,
        total_written=votes,
    )


def test_a_form_has_the_columns_that_run_in_its_unit_and_no_other():
    names = [CONTEST.columns[column].id for column in ASKED.columns]
    assert "CAND_IND_1" not in names, "it runs in the second municipality"
    assert names[-2:] == ["NO_REGISTRADAS", "NULOS"]
    second = asked_of(CONTEST, ELECTION.expected["AYUN"]["A3"])
    assert "CAND_IND_1" in [CONTEST.columns[column].id for column in second.columns]


def test_what_is_not_on_the_ballot_is_so_in_the_reading():
    reading = ASKED.reading(typed(2))
    absent = CONTEST.column_index["CAND_IND_1"]
    assert reading.votes[absent] is FieldState.NOT_ON_BALLOT
    assert sum(vote == 2 for vote in reading.votes) == len(ASKED.columns)


def test_the_form_of_a_mesa_has_the_written_total_and_no_other_amount():
    mesa = asked_of(CONTEST, ELECTION.expected["AYUN"]["A6"])
    assert mesa.amounts == ("total_written",)
    reading = mesa.reading(dict.fromkeys(mesa.fields, 4))
    assert reading.people_voted is FieldState.NOT_APPLICABLE
    assert contradiction_of(reading.acta("AYUN", "A6")) is None


def test_the_form_of_proportional_representation_has_no_combination():
    special = expected(4, kind=CasillaKind.ESPECIAL, tipo_acta="4ERP")
    names = [CONTEST.columns[column].id for column in asked_of(CONTEST, special).columns]
    assert names == ["AZUL", "ROJO", "VERDE", "LILA", "NO_REGISTRADAS", "NULOS"]


def test_an_acta_out_of_catalogue_is_asked_for_all():
    outside = asked_of(CONTEST, None)
    assert (len(outside.columns), outside.amounts) == (len(CONTEST.columns), AMOUNTS)


def test_a_field_that_was_left_empty_is_named_and_never_taken_for_zero():
    fields = typed(1)
    del fields["votes.0"], fields["people_voted"]
    assert ASKED.left_empty(fields) == ("votes.0", "people_voted")
    assert ASKED.left_empty(typed()) == ()


@pytest.mark.parametrize(
    ("states", "observed"),
    [
        ({FieldState.ILEGIBLE}, Observation.TODOS_ILEGIBLES),
        ({FieldState.SIN_DATO}, Observation.TODOS_SIN_DATO),
        ({FieldState.ILEGIBLE, FieldState.SIN_DATO}, Observation.TODOS_ILEGIBLES_O_SIN_DATO),
    ],
)
def test_an_acta_without_a_figure_says_how(states, observed):
    states = sorted(states, key=lambda state: state.value)
    fields = typed() | {f"votes.{c}": states[c % len(states)] for c in ASKED.columns}
    assert ASKED.reading(fields).observations == (observed,)


@pytest.mark.parametrize("states", [{"*"}, {"-"}, {"*", "-"}])
def test_the_local_norm_has_one_word_for_what_could_not_be_read(states):
    local = asked_of(CONTEST, ORDINARY, Flavour.LOCAL_2024)
    read = {"*": FieldState.ILEGIBLE, "-": FieldState.SIN_DATO}
    unread = [read[state] for state in sorted(states)]
    some = {f"votes.{number}": state for number, state in enumerate(unread)}
    assert local.reading(typed(3) | some).observations == (
        Observation.ALGUN_CAMPO_ILEGIBLE_O_SIN_DATO,
    )
    every = {f"votes.{c}": unread[c % len(unread)] for c in local.columns}
    assert local.reading(typed(3) | every).observations == (Observation.TODOS_ILEGIBLES_O_SIN_DATO,)
    assert local.reading(typed(3, people_voted=unread[0])).observations == ()


values = st.one_of(st.integers(0, 900), st.sampled_from([FieldState.ILEGIBLE, FieldState.SIN_DATO]))


@given(
    st.lists(values, min_size=len(list(ASKED.fields)), max_size=len(list(ASKED.fields))),
    st.frozensets(st.sampled_from([Observation.LETRA_DISTINTA_DE_NUMERO, Observation.SOLO_LETRA])),
    st.sampled_from(Flavour),
)
def test_whatever_is_typed_is_an_acta_without_contradiction(fields, noted, norm):
    asked = asked_of(CONTEST, ORDINARY, norm)
    reading = asked.reading(dict(zip(ASKED.fields, fields, strict=True)), noted)
    reading = with_excess(reading, ORDINARY, ELECTION.rules)
    acta = reading.acta("AYUN", "A0")
    assert contradiction_of(acta) is None
    assert wrong_excess_of(acta, ORDINARY, ELECTION.rules) is None
    assert READ_OFF.issuperset(reading.observations)
    assert noted.issubset(reading.observations)


def hints(**changed):
    reading = ASKED.reading(agreeing() | changed)
    return [hint.code for hint in hints_of(reading, ORDINARY, ELECTION.rules)]


def test_figures_that_agree_have_no_hint():
    assert hints() == []


def test_each_rule_that_is_not_kept_has_its_hint():
    assert hints(total_written=9) == [HintCode.TOTAL_OTHERWISE]
    assert hints(people_voted=1) == [HintCode.PEOPLE_AND_BALLOTS]
    assert hints(ballots_taken=1) == [HintCode.PEOPLE_AND_BALLOTS, HintCode.BALLOTS_AND_VOTES]
    assert HintCode.FOUR_DIGITS in hints(**{"votes.0": 1000})
    assert HintCode.OVER_THE_LIST in hints(**{"votes.0": 800})
    blank = {f"votes.{column}": FieldState.SIN_DATO for column in ASKED.columns}
    assert HintCode.NOTHING_READ in hints(**blank)


def test_amounts_that_could_not_be_read_are_compared_with_nothing():
    unread = dict.fromkeys(AMOUNTS, FieldState.ILEGIBLE)
    assert hints(**unread) == []


def test_the_docs_name_every_hint():
    docs = (Path(__file__).parents[2] / "docs/capture.md").read_text()
    assert [code for code in HintCode if f"`{code.value}`" not in docs] == []
