"""The sample: how an acta enters it, who may read it, what it says, and that it moves no figure."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from scipy.stats import binomtest

from capture.walking import BEGINS, IMAGES, READ, READ_OTHERWISE, ROOT, Steps, digitised, standing
from openprep.capture.codes import StepCode
from openprep.capture.paper import Known, Noted, NotTaken
from openprep.capture.papers import MAX_DRAWS, Papers
from openprep.capture.sample import Draws, between, estimate_of, is_drawn
from openprep.capture.steps import Verdict
from openprep.election import FieldState

BY_HAND = 0x133A08E5CFC353DC6DC9608F1D953FAE797CE5E40BECFB160EB875DEA897D771
"""``printf 'openprep/sample/v1\\n5a5a…\\nGUB\\n210113B01002\\n' | sha256sum``"""

ACTAS = [f"2101{number:05}B01002" for number in range(20_000)]


def test_an_acta_is_drawn_as_the_page_says_and_one_in_so_many_is():
    for one_in in range(1, 300):
        assert is_drawn(ROOT, one_in, "GUB", "210113B01002") is (BY_HAND % one_in == 0)
    for one_in in (2, 20, 200):
        drawn = sum(is_drawn(ROOT, one_in, "GUB", acta) for acta in ACTAS)
        spread = 5 * (len(ACTAS) / one_in) ** 0.5
        assert abs(drawn - len(ACTAS) / one_in) < spread
    assert all(is_drawn(ROOT, 1, "GUB", acta) for acta in ACTAS[:100])


def test_another_root_or_contest_draws_others():
    def drawn(root, contest):
        return {acta for acta in ACTAS if is_drawn(root, 20, contest, acta)}

    first = drawn(ROOT, "GUB")
    assert len(first & drawn("5b" * 32, "GUB")) < len(first) / 5
    assert len(first & drawn(ROOT, "AYUN")) < len(first) / 5


def draws_of(*taken):
    draws = Draws()
    for one in taken:
        draws.add(one)
    return draws


def night(order, one_in=3):
    """Forty actas that stood, in some order, then the draw."""
    papers = Papers()
    for number in order:
        steps = Steps(f"A{number}")
        image = f"{number:064x}"
        papers.take(steps.digitise(image), "D01")
        papers.take(steps.capture("ana", image=image), "CCV1")
        papers.take(steps.capture("beto", image=image), "CCV2")
    drawn = structs.replace(Steps().draw(one_in), at=BEGINS + timedelta(hours=1))
    assert papers.take(drawn, "D01") == Noted()
    return papers


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_sample_is_the_same_in_whatever_order_actas_came(random):
    def sample(papers):
        return {paper.acta for paper in papers if papers.draws.deciding(paper.stands)}

    order = list(range(40))
    random.shuffle(order)
    assert sample(night(order)) == sample(night(range(40))) != set()


def test_only_what_stood_when_it_was_drawn_is_in_and_the_first_draw_since_decides():
    papers = night([0], one_in=1)
    stands = papers.by_key["AYUN", "A0"].stands
    (first,) = papers.draws
    later = structs.replace(first, root="5b" * 32, at=first.at + timedelta(hours=1))
    early = structs.replace(later, at=stands.verified_at - timedelta(seconds=1))
    assert draws_of(later, first, early).deciding(stands) == first
    assert draws_of(early).deciding(stands) is None
    none = structs.replace(first, one_in=100_000)
    assert draws_of(none, later).deciding(stands) is None
    assert draws_of(structs.replace(first, contest="GUB")).deciding(stands) is None


def test_a_sample_is_drawn_once_by_each_root():
    papers = night([0])
    again = Steps().draw(1)
    assert papers.take(again, "CCV1") == Known()
    for number in range(MAX_DRAWS - 1):
        assert papers.take(Steps().draw(root=f"{number:064x}"), "CCV1") == Noted()
    one_more = Steps().draw(root="ff" * 32)
    assert papers.take(one_more, "CCV1") == NotTaken(StepCode.TOO_MANY_DRAWS)


def test_a_reading_of_the_sample_is_kept_beside_the_figures_and_moves_none():
    walk = standing()
    before = (walk.paper.stands, walk.paper.stage)
    assert walk.sample("eva", READ_OTHERWISE) == Noted()
    assert (walk.paper.stands, walk.paper.stage) == before
    sampled = walk.paper.sampled
    assert sampled.wrong == ("votes.2",)
    assert walk.sample("fito") == Known()
    assert walk.paper.sampled == sampled


def test_it_says_what_stood_when_it_was_read_whatever_comes_later():
    walk = standing()
    walk.sample("eva", READ_OTHERWISE)
    walk.check(Verdict.RECAPTURE, "el 1 es un 4", by="dora")
    walk.capture("ana", READ_OTHERWISE)
    walk.capture("beto", READ_OTHERWISE)
    assert walk.paper.stands.votes == READ_OTHERWISE.votes
    assert walk.paper.sampled.wrong == ("votes.2",)


@pytest.mark.parametrize("who", ["ana", "beto", "carla", "dora"])
def test_nobody_who_had_its_figures_samples_it_whatever_session(who):
    walk = digitised()
    walk.capture("ana")
    walk.capture("beto", READ_OTHERWISE)
    walk.arbitrate("carla")
    walk.check(by="dora")
    assert walk.sample(who, session="another") == NotTaken(StepCode.SAME_PERSON)
    assert walk.sample("eva", session=f"{who}-1") == NotTaken(StepCode.SAME_SESSION)
    assert walk.sample("eva") == Noted()


@pytest.mark.parametrize("who", ["ana", "beto", "dora", "luz"])
def test_nor_does_who_had_them_in_a_round_before(who):
    walk = standing()
    walk.check(Verdict.RECAPTURE, "el 7 es un 1", by="dora")
    walk.capture("gil")
    walk.capture("hugo")
    assert walk.sample(who, session="another") == NotTaken(StepCode.SAME_PERSON)


def test_there_is_nothing_to_sample_where_no_figures_of_that_image_stand():
    walk = digitised()
    assert walk.sample("eva") == NotTaken(StepCode.NOTHING_TO_SAMPLE)
    walk.capture("ana")
    assert walk.sample("eva") == NotTaken(StepCode.NOTHING_TO_SAMPLE)
    walk.capture("beto")
    assert walk.sample("eva", image=IMAGES[1]) == NotTaken(StepCode.NOTHING_TO_SAMPLE)
    other = structs.replace(READ, votes=(1, 2))
    assert walk.sample("eva", other) == NotTaken(StepCode.OTHER_FORM)
    walk.check(Verdict.REDIGITISE, "otra", by="dora")
    assert walk.sample("eva") == NotTaken(StepCode.NOTHING_TO_SAMPLE)


def test_who_names_a_draw_that_lacks_the_acta_is_set_aside():
    papers = night(range(40))
    drawn = {one.acta for one in papers if papers.draws.deciding(one.stands)}
    for number in range(40):
        step = Steps(f"A{number}").sample("eva", image=f"{number:064x}")
        outcome = papers.take(step, "CCV1")
        assert outcome == (Noted() if step.acta in drawn else NotTaken(StepCode.NOT_DRAWN))
    unknown = Steps("A1").sample("eva", image=f"{1:064x}", root="77" * 32)
    assert "A1" not in drawn
    assert papers.take(unknown, "CCV1") == NotTaken(StepCode.NOT_DRAWN)
    nowhere = papers.take(Steps("A99").sample("eva"), "CCV1")
    assert nowhere == NotTaken(StepCode.NOTHING_TO_SAMPLE)
    assert ("AYUN", "A99") not in papers.by_key


def test_of_several_draws_only_the_one_that_decides_takes_a_reading():
    papers = night([0], one_in=1)
    (first,) = papers.draws
    later = structs.replace(first, root="5b" * 32, at=first.at + timedelta(hours=1))
    assert papers.take(later, "D01") == Noted()
    steps = Steps("A0")
    by_later = steps.sample("eva", image=f"{0:064x}", root=later.root)
    assert papers.take(by_later, "CCV1") == NotTaken(StepCode.NOT_DRAWN)
    assert papers.take(steps.sample("eva", image=f"{0:064x}"), "CCV1") == Noted()


def test_an_estimate_counts_the_fields_that_the_form_asks_for():
    walks = [standing() for _ in range(4)]
    for walk, reading in zip(walks, (READ, READ, READ_OTHERWISE, READ), strict=True):
        walk.sample("eva", reading)
    estimate = estimate_of(walk.paper.sampled for walk in walks)
    assert estimate == (4, 4 * 8, 1)
    assert estimate.per_thousand == pytest.approx(1000 / 32)
    low, high = estimate.interval
    assert 0 < low < estimate.per_thousand < high < 1000
    hidden = structs.replace(READ, votes=(3, FieldState.NOT_ON_BALLOT, 3))
    walk = digitised()
    walk.capture("ana", hidden)
    walk.capture("beto", hidden)
    walk.sample("eva", hidden)
    assert walk.paper.sampled.fields == 7
    assert estimate_of([]).per_thousand is None
    assert estimate_of([]).interval == (0, 1000)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 30_000).flatmap(lambda n: st.tuples(st.integers(0, min(n, 400)), st.just(n))))
def test_the_interval_is_that_of_clopper_and_pearson(found):
    wrong, fields = found
    known = binomtest(wrong, fields).proportion_ci(0.95, "exact")
    assert between(wrong, fields) == pytest.approx((known.low, known.high), rel=1e-6, abs=1e-9)
    turned = between(fields - wrong, fields)
    assert turned == pytest.approx((1 - known.high, 1 - known.low), rel=1e-6, abs=1e-9)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    random, truth, fields = Random(1), 0.004, 2_000
    covered = 0
    for _ in range(300):
        wrong = sum(random.random() < truth for _ in range(fields))
        low, high = between(wrong, fields)
        covered += low <= truth <= high
    assert covered >= 0.93 * 300
