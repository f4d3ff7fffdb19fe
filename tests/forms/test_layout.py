"""The layout of every shipped contest's acta: each field has a place of its own on the page."""

from itertools import combinations

import pytest
from msgspec import structs

from forms.shipped import CONTESTS
from openprep.capture.reading import AMOUNTS, MAX_VOTES, Reading
from openprep.election import Column, ColumnKind
from openprep.forms.codes import FormCode, FormTrouble
from openprep.forms.layout import DIGITS, LETTER, QUIET, TABLOID, form_of
from small.election import small_election

SMALL = small_election()


def widened(columns):
    """The small election's contest with so many columns."""
    (contest, *_) = SMALL.contests.values()
    more = [
        Column(f"X{number}", ColumnKind.PARTY, contest.columns[0].parties)
        for number in range(columns)
    ]
    return structs.replace(contest, columns=(*more, *contest.columns)[-columns:])


@pytest.fixture(params=CONTESTS, ids="/".join)
def form(request, elections):
    name, contest = request.param
    election = elections[name]
    return form_of(election, election.contests[contest]), election.contests[contest]


def check_places(form):
    codes = [form.identity, *(mark.place for mark in form.marks)]
    headings = [panel.heading for panel in form.panels]
    apart = [*(field.row for field in form.fields), *headings, form.head, form.foot]
    apart += [code.grown(QUIET - 0.01) for code in codes]
    assert all(one.within(form.paper) for one in apart)
    assert not [pair for pair in combinations(apart, 2) if pair[0].overlaps(pair[1])]
    for field in form.fields:
        parts = [field.letters, *field.boxes]
        assert len(field.boxes) == DIGITS
        assert all(part.within(field.row) for part in parts)
        assert not [pair for pair in combinations(parts, 2) if pair[0].overlaps(pair[1])]
        assert all(part.width > 3.5 and part.height > 3.5 for part in parts)
        assert field.label


def test_every_field_of_every_shipped_contest_has_a_place_of_its_own(form):
    laid, contest = form
    reading = Reading(tuple([0] * len(contest.columns)), *([0] * len(AMOUNTS)))
    assert [field.name for field in laid.fields] == [name for name, _ in reading.fields()]
    assert laid.page == LETTER
    check_places(laid)


@pytest.mark.parametrize("columns", [3, 19, 20, 61, 62, MAX_VOTES])
def test_any_contest_that_can_be_captured_has_a_form(columns):
    contest = widened(columns)
    form = form_of(SMALL, contest)
    assert len(form.fields) == columns + len(AMOUNTS)
    assert form.page == (LETTER if columns <= 61 else TABLOID)
    check_places(form)


def test_a_contest_that_cannot_be_captured_has_none():
    with pytest.raises(FormTrouble) as caught:
        form_of(SMALL, widened(MAX_VOTES + 1))
    assert caught.value.code is FormCode.TOO_MANY_FIELDS
