"""A floor of twenty people, driven at random: nothing gets stuck, nothing is lent twice too often.

Events are repeated, come in any order, and the house dies in between.
"""

from collections import Counter
from datetime import timedelta

import pytest
from msgspec import structs

from capture.work.night import (
    CHECKER,
    LEASE,
    MANY,
    PEOPLE,
    REMITS,
    SECOND_PLACE_IN_PART,
    Night,
    image,
)
from openprep.capture.codes import StepCode
from openprep.capture.paper import Known, NotTaken, Stage
from openprep.capture.sample import Draws
from openprep.capture.steps import Verdict
from openprep.capture.work.floor import Floor
from openprep.capture.work.policy import Order, Policy
from openprep.capture.work.tasks import Task
from openprep.election import Rules
from openprep.election.remit import Remit
from small.election import OPENS, small_election
from tabulation.small import RULES


@pytest.mark.parametrize("two_places", [False, True], ids=["one_place", "two_places"])
@pytest.mark.parametrize("seed", range(3))
def test_nothing_gets_stuck_and_a_house_that_died_is_where_it_was(seed, two_places):
    night = Night(seed, two_places=two_places)
    for _ in range(4):
        night.happen(500)
        night.dies()
    night.everything_is_handed_out()
    assert night.reached == set(Stage) - {Stage.EXPECTED}


@pytest.mark.parametrize("order", [(Order.OLDEST,), (Order.LEAST_COVERED_AREA,)])
def test_every_policy_hands_out_everything(order):
    night = Night(7, policy=Policy(order=order, ahead=3, level=0))
    night.happen(1_500)
    night.everything_is_handed_out()


def test_no_acta_is_with_more_people_than_it_waits_for_nor_with_one_who_took_part():
    night = Night(11)
    for _ in range(300):
        night.happen(5)
        night.nothing_is_lent_too_often()


def test_whoever_reloads_gets_the_same_acta_and_the_one_ahead():
    night = Night(1)
    for number in range(4):
        night.take(night.steps(f"A{number}").digitise(image(f"A{number}", 0)), "CATD")
    first = night.floor.lend(PEOPLE[0], Task.CAPTURE, 0.0)
    assert len(first) == 2
    assert night.floor.lend(PEOPLE[0], Task.CAPTURE, LEASE - 1.0) == first
    assert night.floor.lend(PEOPLE[0], Task.CAPTURE, 2 * LEASE - 2.0) == first, "it is renewed"


def test_who_works_in_another_place_now_gives_back_what_was_lent_in_the_one_before():
    """Else a capture of the one place would be signed by the other, which may not make it."""
    night = Night(4)
    night.take(night.steps("A0").digitise(image("A0", 0)), "CATD")
    ana, beto = PEOPLE[0], PEOPLE[2]
    assert [lent.acta for lent in night.floor.lend(ana, Task.CAPTURE, 0.0)] == ["A0"]
    night.floor.lend(beto, Task.CAPTURE, 0.0)
    elsewhere = ana._replace(place="CATD")
    assert night.floor.lend(elsewhere, Task.CAPTURE, 0.0) == []
    assert [lent.acta for lent in night.floor.lend(PEOPLE[4], Task.CAPTURE, 0.0)] == ["A0"]


def test_where_two_places_are_asked_for_an_acta_is_lent_to_one_person_of_each():
    """A second capture of the same place would be set aside: that work is not handed out."""
    night = Night(4, two_places=True)
    night.take(night.steps("A0").digitise(image("A0", 0)), "CATD")
    ana, same, other = PEOPLE[0], PEOPLE[2], PEOPLE[1]
    assert night.floor.lend(ana, Task.CAPTURE, 0.0)
    assert night.floor.lend(same, Task.CAPTURE, 0.0) == []
    assert night.floor.lend(other, Task.CAPTURE, 0.0)
    night.floor.take_back_from(ana.person)
    assert night.floor.lend(same, Task.CAPTURE, 0.0), "given back, it is for anybody of the place"


def test_two_captures_that_differ_cover_an_area_as_two_that_agree_do():
    """Whose turn it is next must tell nobody whether their figures were another's."""
    nights = {}
    for slip in (False, True):
        night = Night(1)
        for number in range(12):
            night.take(night.steps(f"A{number}").digitise(image(f"A{number}", 0)), "CATD")
        steps = night.steps("A1")
        for person, reading in zip(
            PEOPLE[:2], (night.reading("A1"), night.reading("A1", slip)), strict=True
        ):
            night.signed(steps.capture("x", reading, image("A1", 0)), person)
        nights[slip] = night
    assert nights[True].floor.papers.by_key["AYUN", "A1"].stage is Stage.DISPUTED
    given = {
        slip: [night.floor.lend(PEOPLE[0], Task.CAPTURE, float(n)) for n in range(3)]
        for slip, night in nights.items()
    }
    assert given[True] == given[False]


def test_actas_whose_second_capture_no_place_may_make_are_counted_beforehand():
    two = small_election(
        rules=Rules(RULES.participation, RULES.excess_exempt, capture_places=2),
        catalogues={"AYUN": MANY},
    )
    assert Floor(two, REMITS).short_of_places() == Counter()
    assert Floor(two, SECOND_PLACE_IN_PART).short_of_places() == Counter(AYUN=20)


def test_actas_that_another_house_digitises_and_captures_are_not_counted_here():
    two = small_election(
        rules=Rules(RULES.participation, RULES.excess_exempt, capture_places=2),
        catalogues={"AYUN": MANY},
    )
    checking = {"CATD": Remit.of([], ["*"])}
    assert Floor(two, checking).short_of_places() == Counter()
    reporting = {"CATD": Remit.of(["AYUN/001"])}
    assert Floor(two, reporting).short_of_places() == Counter(AYUN=20)


def test_an_arbiter_may_be_of_a_place_that_captured():
    night = Night(1, two_places=True)
    night.take(night.steps("A1").digitise(image("A1", 0)), "CATD")
    for person, slip in zip(PEOPLE[:2], (False, True), strict=True):
        step = night.steps("A1").capture("x", night.reading("A1", slip), image("A1", 0))
        night.signed(step, person)
    assert [lot.acta for lot in night.floor.lend(PEOPLE[2], Task.ARBITRATE, 0.0)] == ["A1"]
    assert not night.floor.lend(PEOPLE[0], Task.ARBITRATE, 0.0)


def test_an_acta_that_was_identified_stands_in_the_queue_of_its_area():
    night = Night(1)
    outside = night.steps(None)
    shown = image("A5", 0)
    night.take(outside.digitise(shown), "CATD")
    assert night.floor.lend(PEOPLE[0], Task.CAPTURE, 0.0)[0].acta is None
    night.take(night.steps("A5").identify(image=shown), "CATD")
    assert [lot.acta for lot in night.floor.lend(PEOPLE[2], Task.CAPTURE, 0.0)] == ["A5"]


def test_what_people_had_of_an_image_when_it_was_identified_goes_with_it():
    night = Night(1)
    outside, shown = night.steps(None), image("A5", 0)
    night.take(outside.digitise(shown), "CATD")
    ana, beto, carla = PEOPLE[0], PEOPLE[1], PEOPLE[2]
    for person in (ana, beto):
        assert night.floor.lend(person, Task.CAPTURE, 0.0)[0].acta is None
    night.signed(outside.capture("x", night.reading("A5"), shown), ana)
    night.take(night.steps("A5").identify(image=shown), "CATD")
    assert night.floor.lend(carla, Task.CAPTURE, 0.0) == [], "beto still has it"
    assert [lot.acta for lot in night.floor.lend(beto, Task.CAPTURE, 0.0)] == ["A5"]
    night.signed(outside.capture("x", night.reading("A5", slip=True), shown), beto)
    paper = night.floor.papers.by_key["AYUN", "A5"]
    assert paper.stage is Stage.DISPUTED
    assert night.floor.lend(beto, Task.CAPTURE, 0.0) == []
    night.signed(outside.arbitrate("x", night.reading("A5"), shown), carla)
    assert (paper.stage, paper.stands.acta) == (Stage.STANDING, "A5")
    assert not night.floor.progress.aside
    night.dies()


def test_an_image_that_was_identified_can_be_sent_back_as_it_was_lent():
    night = Night(1)
    outside, shown = night.steps(None), image("A5", 0)
    digitised = outside.digitise(shown)
    night.take(digitised, "CATD")
    night.take(night.steps("A5").identify(image=shown), "CATD")
    assert night.take(digitised, "CATD") == Known()
    night.signed(outside.send_back("borrosa", shown), PEOPLE[0])
    assert night.floor.papers.by_key["AYUN", "A5"].stage is Stage.REDIGITISE
    assert not night.floor.progress.aside


def test_a_step_without_identity_is_no_way_to_an_acta_that_never_was_without():
    night = Night(1)
    night.take(night.steps("A5").digitise(image("A5", 0)), "CATD")
    step = night.steps(None).capture("x", night.reading("A5"), image("A5", 0))
    assert night.take(step, "CCV1") == NotTaken(StepCode.UNKNOWN_IMAGE)
    elsewhere = structs.replace(step, contest="GUB")
    assert night.take(elsewhere, "CCV1") == NotTaken(StepCode.UNKNOWN_IMAGE)
    check = night.steps(None).check(image=image("A5", 0))
    assert night.take(check, "CATD") == NotTaken(StepCode.UNKNOWN_IMAGE)


def stood(night, *actas):
    """Two people captured these and read the same; then the sample was drawn, and has all."""
    for acta in actas:
        night.take(night.steps(acta).digitise(image(acta, 0)), "CATD")
        for person in PEOPLE[:2]:
            step = night.steps(acta).capture("x", night.reading(acta), image(acta, 0))
            night.signed(step, person)
    draw = structs.replace(night.steps("A0").draw(1), at=OPENS + timedelta(hours=1))
    night.take(draw, "CATD")


def test_a_draw_looks_at_what_stood_since_the_one_before_and_at_nothing_else(monkeypatch):
    """A night has 170,000 papers: a draw that looked at all of them would stop the house."""
    night, looked = Night(1), []
    stood(night, "A1", "A2")
    night.take(night.steps("A3").digitise(image("A3", 0)), "CATD")
    (first,) = night.floor.papers.draws
    deciding = Draws.deciding
    monkeypatch.setattr(
        Draws, "deciding", lambda self, acta: (looked.append(acta.acta), deciding(self, acta))[1]
    )
    again = structs.replace(first, root="5b" * 32, at=first.at + timedelta(hours=1))
    night.take(again, "CATD")
    assert looked == []
    other = structs.replace(first, contest="GUB", root="5c" * 32)
    night.take(other, "CATD")
    assert looked == []
    early = structs.replace(first, root="5d" * 32, at=first.at - timedelta(minutes=30))
    night.take(early, "CATD")
    assert set(looked) == {"A1", "A2"}


def test_what_waits_of_the_sample_is_what_the_draws_have_in_whatever_order_they_came():
    for seed in range(12):
        night = Night(seed)
        random = night.random
        for number in range(12):
            acta = f"A{number}"
            night.take(night.steps(acta).digitise(image(acta, 0)), "CATD")
            for person in PEOPLE[:2]:
                step = night.steps(acta).capture("x", night.reading(acta), image(acta, 0))
                at = OPENS + timedelta(minutes=random.randrange(60))
                night.take(
                    structs.replace(step, by=person.person, session=person.person, at=at),
                    person.place,
                )
            if random.random() < 0.4:
                draw = night.steps("A0").draw(2, f"{number:064x}")
                at = OPENS + timedelta(minutes=random.randrange(90))
                night.take(structs.replace(draw, at=at), "CATD")
        papers = night.floor.papers
        expected = sum(papers.draws.deciding(paper.stands) is not None for paper in papers)
        assert night.floor.to_sample == expected


def test_the_sample_is_lent_one_by_one_to_people_who_had_none_of_its_figures():
    night = Night(1)
    stood(night, "A1", "A2")
    assert night.floor.to_sample == 2
    for reader in PEOPLE[:2]:
        assert night.floor.lend(reader, Task.SAMPLE, 0.0) == []
    (lot,) = night.floor.lend(PEOPLE[2], Task.SAMPLE, 0.0)
    (other,) = night.floor.lend(PEOPLE[3], Task.SAMPLE, 0.0)
    assert {lot.acta, other.acta} == {"A1", "A2"}
    assert lot.image == image(lot.acta, 0)
    assert night.floor.lend(PEOPLE[4], Task.SAMPLE, 0.0) == []
    read = night.steps(lot.acta).sample("x", night.reading(lot.acta), lot.image)
    night.signed(read, PEOPLE[2])
    assert night.floor.to_sample == 1
    assert night.floor.lend(PEOPLE[2], Task.SAMPLE, 2.0) == []
    assert [one.acta for one in night.floor.lend(PEOPLE[2], Task.CHECK, 2.0)] == []
    checked = night.floor.lend(CHECKER, Task.CHECK, 2.0)
    assert {one.acta for one in checked} == {"A1", "A2"}, "the sample takes nothing from cotejo"


@pytest.mark.parametrize("held", [False, True], ids=["in_the_queue", "in_their_hands"])
def test_nothing_of_the_sample_is_lent_while_a_capture_waits(held):
    night = Night(1)
    stood(night, "A1")
    night.take(night.steps("A2").digitise(image("A2", 0)), "CATD")
    person = PEOPLE[2]
    if held:
        assert night.floor.lend(person, Task.CAPTURE, 0.0)
        assert night.floor.lend(PEOPLE[4], Task.CAPTURE, 0.0)
    assert night.floor.lend(person, Task.SAMPLE, 0.0) == []
    for reader in (person, PEOPLE[4]):
        step = night.steps("A2").capture("x", night.reading("A2"), image("A2", 0))
        night.signed(step, reader)
    assert [lot.acta for lot in night.floor.lend(PEOPLE[6], Task.SAMPLE, 0.0)] == ["A1"]


def test_an_acta_of_the_sample_that_is_captured_again_is_read_no_more():
    night = Night(1)
    stood(night, "A1")
    assert night.floor.lend(PEOPLE[2], Task.SAMPLE, 0.0)
    back = night.steps("A1").check(Verdict.RECAPTURE, "no coincide", image("A1", 0))
    night.signed(back, CHECKER)
    assert night.floor.to_sample == 0
    assert night.floor.lend(PEOPLE[2], Task.SAMPLE, 0.0) == []
