"""When a cut is due."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprep.cuts.schedule import Due, Progress, closing_unseen, database_time_of, due
from openprep.election.cut import CutKind
from small.election import OPENS, small_election

ELECTION = small_election()
CLOSES = ELECTION.window.closes
PERIOD = ELECTION.cuts.database_period


def test_nothing_is_visible_before_the_opening_whatever_has_arrived():
    before = OPENS - timedelta(microseconds=1)
    assert due(ELECTION, Progress(), before, news=True) is None


def test_the_first_cut_is_the_zero_even_if_it_comes_late():
    assert due(ELECTION, Progress(), OPENS, news=True) == Due(CutKind.ZERO)
    assert due(ELECTION, Progress(), CLOSES + PERIOD, news=True) == Due(CutKind.ZERO)


@pytest.mark.parametrize("news", [True, False])
def test_live_cuts_follow_only_while_there_is_news(news):
    now = OPENS + timedelta(seconds=30)
    expected = Due(CutKind.LIVE) if news else None
    assert due(ELECTION, Progress(opened=True), now, news=news) == expected


def test_databases_come_at_their_period_with_news_or_without():
    now = OPENS + PERIOD + timedelta(seconds=1)
    assert due(ELECTION, Progress(True), now, news=False) == Due(CutKind.DATABASE, OPENS + PERIOD)
    assert due(ELECTION, Progress(True, False, OPENS + PERIOD), now, news=False) is None


def test_after_downtime_only_the_newest_missed_database_is_made():
    now = OPENS + 5 * PERIOD + timedelta(minutes=3)
    assert due(ELECTION, Progress(True), now, news=True) == Due(
        CutKind.DATABASE, OPENS + 5 * PERIOD
    )


def test_the_closing_cut_comes_once_at_the_end_of_the_window():
    assert due(ELECTION, Progress(True), CLOSES, news=False) == Due(CutKind.CLOSING, CLOSES)
    assert due(ELECTION, Progress(True, True), CLOSES, news=True) is None


@pytest.mark.parametrize("now", [OPENS, OPENS + PERIOD, CLOSES])
@pytest.mark.parametrize("opened", [False, True])
@pytest.mark.parametrize("news", [False, True])
def test_under_a_doubted_clock_only_live_cuts_are_made(now, opened, news):
    expected = Due(CutKind.LIVE) if opened and news else None
    assert due(ELECTION, Progress(opened), now, news=news, believed_from=None) == expected


def test_the_closing_is_made_by_a_clock_that_saw_the_window_s_end_come():
    made, second = Progress(opened=True), timedelta(seconds=1)
    seen = due(ELECTION, made, CLOSES, news=True, believed_from=CLOSES - second)
    assert seen == Due(CutKind.CLOSING, CLOSES)
    for since in (CLOSES, CLOSES + 5 * second):
        now = CLOSES + 5 * second
        unseen = due(ELECTION, made, now, news=True, believed_from=since)
        assert unseen == Due(CutKind.LIVE)
        assert closing_unseen(ELECTION, made, now, since)
    assert not closing_unseen(ELECTION, made, CLOSES, CLOSES - second)
    assert not closing_unseen(ELECTION, made, CLOSES, None)


@given(st.lists(st.integers(0, 26 * 3600), min_size=1, max_size=60), st.data())
def test_any_night_has_one_zero_first_one_closing_last_and_databases_in_order(seconds, data):
    made, kinds, times = Progress(), [], []
    for second in [*sorted(seconds), 27 * 3600, 27 * 3600]:
        now = OPENS + timedelta(seconds=second)
        what = due(ELECTION, made, now, news=data.draw(st.booleans()))
        if what is None:
            continue
        kinds.append(what.kind)
        if what.database_time:
            times.append(what.database_time)
        database = made.database_time
        if what.kind is CutKind.DATABASE:
            database = database_time_of(ELECTION, now)
            assert database == what.database_time
        made = Progress(True, what.kind is CutKind.CLOSING, database)
    assert kinds[0] is CutKind.ZERO
    assert kinds[-1] is CutKind.CLOSING
    assert kinds.count(CutKind.ZERO) == kinds.count(CutKind.CLOSING) == 1
    assert times == sorted(set(times))
