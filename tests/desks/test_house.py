"""A house: what it said is sealed is on disk, and the centre comes to what the house came to."""

import asyncio
import threading
from datetime import timedelta
from random import Random

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from msgspec import structs

from capture.walking import pseudonym
from desks.small_house import (
    OPENED,
    PLACES,
    SmallHouse,
    image_of,
    reading,
    small_house,
    steps_of,
    worker,
)
from openprep.capture.asked import with_excess
from openprep.capture.codes import StepCode
from openprep.capture.paper import NotTaken, Published, Stage
from openprep.capture.steps import Verdict
from openprep.capture.work.tasks import Task
from openprep.desks.codes import DeskCode
from openprep.desks.house import Hours, House, NotSealed
from openprep.desks.journal import Journal
from openprep.desks.serving.leaving import InOrder
from openprep.record.codes import RecordCode, RecordTrouble
from openprep.record.facts import decode_envelope
from openprep.transmission.codes import RefusalCode, Refused
from openprep.transmission.envelope import unwrap
from openprep.transmission.inbox.http import inbox_application
from openprep.transmission.station.delivery import Courier, DeliveryRefused
from transmission.small_center import ELECTION, KEYS, NOW, REMITS, SmallCenter


@pytest.fixture
def small(tmp_path):
    with small_house(tmp_path / "house") as house:
        yield house


async def to_standing(small, acta="A0"):
    steps = await small.digitised(acta)
    image = image_of(acta)
    await small.take(steps.capture("ana", reading(acta), image), "CCV1")
    outcome = await small.take(steps.capture("beto", reading(acta), image), "CCV2")
    assert isinstance(outcome, Published)
    return steps


async def test_what_a_house_was_told_is_there_after_it_was_killed(small):
    await to_standing(small)
    before = small.house.floor
    small.restart()
    assert small.house.floor.papers == before.papers
    assert small.house.paper("AYUN", "A0").stage is Stage.STANDING


async def test_a_step_that_moves_nothing_is_sealed_as_evidence(small):
    steps = await small.digitised()
    await small.take(steps.capture("ana", reading(), image_of("A0")), "CCV1")
    outcome = await small.take(
        steps.capture("ana", reading(), image_of("A0"), session="later"), "CCV1"
    )
    assert outcome == NotTaken(StepCode.SAME_PERSON)
    assert (len(small.steps), small.house.floor.progress.aside.total()) == (3, 1)


@pytest.mark.parametrize(
    ("place", "vote", "code"),
    [
        ("D01", 3, DeskCode.NOT_OF_THIS_PLACE),
        ("CCV1", 90_000, DeskCode.IMPLAUSIBLE),
        ("CCV1", 300, DeskCode.WRONG_EXCESS),
    ],
)
async def test_what_the_centre_would_keep_for_a_person_is_not_sealed(small, place, vote, code):
    steps = await small.digitised()
    figures = reading(vote=vote)
    if code is DeskCode.IMPLAUSIBLE:
        figures = with_excess(figures, ELECTION.expected["AYUN"]["A0"], ELECTION.rules)
    with pytest.raises(NotSealed) as refusal:
        await small.take(steps.capture("ana", figures, image_of("A0")), place)
    assert refusal.value.code is code
    assert len(small.steps) == 1


async def test_what_the_centre_would_refuse_is_not_sealed(small):
    with pytest.raises(Refused) as refusal:
        await small.take(steps_of("B9").receive(), "D01")
    assert refusal.value.code is RefusalCode.UNKNOWN_ACTA
    assert not small.steps


async def test_a_full_disk_seals_nothing_and_the_house_stays_where_it_was(small, monkeypatch):
    steps = await small.digitised()

    def refuse(*_):
        raise RecordTrouble(RecordCode.DISK_FULL, "{path}", path="journal")

    with monkeypatch.context() as patched:
        patched.setattr(small.journal, "seal", refuse)
        with pytest.raises(RecordTrouble):
            await small.take(steps.capture("ana", reading(), image_of("A0")), "CCV1")
    assert small.house.paper("AYUN", "A0").stage is Stage.DIGITISED
    await small.take(steps.capture("ana", reading(), image_of("A0")), "CCV1")
    assert small.house.paper("AYUN", "A0").stage is Stage.CAPTURED_ONCE


async def test_steps_that_come_together_are_sealed_together_and_folded_in_their_order(
    small, monkeypatch
):
    """One flush of the disk for all who wait: a night of 64 captures a second hangs on it."""
    steps = {acta: await small.digitised(acta) for acta in ("A0", "A1", "A2")}
    flushes, seal = [], small.journal.seal

    def counted(*facts):
        flushes.append(len(facts))
        seal(*facts)

    monkeypatch.setattr(small.journal, "seal", counted)
    taken = await asyncio.gather(
        *(
            small.take(steps[acta].capture(by, reading(acta), image_of(acta)), place)
            for by, place in (("ana", "CCV1"), ("beto", "CCV2"))
            for acta in steps
        )
    )
    assert flushes == [6]
    assert [isinstance(outcome, Published) for outcome in taken] == [False] * 3 + [True] * 3
    live = small.house.floor.papers
    small.restart()
    assert small.house.floor.papers == live


async def test_of_steps_that_come_together_none_is_sealed_on_a_full_disk(small, monkeypatch):
    steps = {acta: await small.digitised(acta) for acta in ("A0", "A1")}

    def refuse(*_):
        raise RecordTrouble(RecordCode.DISK_FULL, "{path}", path="journal")

    with monkeypatch.context() as patched:
        patched.setattr(small.journal, "seal", refuse)
        answers = await asyncio.gather(
            *(
                small.take(steps[acta].capture("ana", reading(acta), image_of(acta)), "CCV1")
                for acta in steps
            ),
            return_exceptions=True,
        )
    assert [type(answer) for answer in answers] == [RecordTrouble, RecordTrouble]
    assert small.house.incidents.count[RecordCode.DISK_FULL.code] == 2
    assert {small.house.paper("AYUN", acta).stage for acta in steps} == {Stage.DIGITISED}
    await small.take(steps["A0"].capture("ana", reading("A0"), image_of("A0")), "CCV1")


async def test_a_step_is_done_whole_though_its_browser_went_away(small):
    steps = await small.digitised()
    step = steps.capture("ana", reading(), image_of("A0"))
    asking = asyncio.create_task(small.take(step, "CCV1"))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    second = steps.capture("beto", reading(), image_of("A0"))
    assert isinstance(await small.take(second, "CCV2"), Published)
    live = small.house.floor
    small.restart()
    assert small.house.floor.papers == live.papers


async def test_two_enters_of_one_person_are_one_capture(small):
    steps = await small.digitised()
    step = steps.capture("ana", reading(), image_of("A0"))
    await asyncio.gather(*(small.take(step, "CCV1") for _ in range(2)))
    assert small.house.paper("AYUN", "A0").stage is Stage.CAPTURED_ONCE
    assert small.house.floor.progress.aside.total() == 0


async def test_a_house_that_closed_lends_nothing_new_and_takes_what_it_lent(small):
    steps = await small.digitised("A0")
    await small.digitised("A1")
    await small.digitised("A2")
    ana = worker("ana")
    tickets = small.house.lend(ana, Task.CAPTURE)
    assert [ticket.acta for ticket in tickets] == ["A0", "A1"]
    await small.close_for_work()
    assert small.house.lend(ana, Task.CAPTURE) == tickets
    assert small.house.lend(worker("beto"), Task.CAPTURE) == []
    await small.take(steps.capture("ana", reading(), image_of("A0")), "CCV1")
    assert [ticket.acta for ticket in small.house.lend(ana, Task.CAPTURE)] == ["A1"]


async def test_a_house_starts_closed_and_seals_nothing(tmp_path):
    small = SmallHouse(tmp_path / "house", opened=False)
    with pytest.raises(NotSealed) as refusal:
        await small.take(steps_of().receive(), "D01")
    assert refusal.value.code is DeskCode.NOT_OPEN
    assert not small.steps
    small.journal.close()


async def test_a_sample_is_drawn_in_a_closed_house_and_read_in_none(tmp_path):
    small = SmallHouse(tmp_path / "house", opened=False)
    await small.take(structs.replace(steps_of().draw(), at=NOW), "D01")
    with pytest.raises(NotSealed):
        await small.take(steps_of().sample("eva", reading(), image_of("A0")), "CCV1")
    assert len(small.steps) == 1
    small.journal.close()


async def test_a_closed_house_takes_what_was_begun_for_its_grace_and_no_longer(small):
    await small.close_for_work(grace_seconds=60)
    small.seconds = 59
    await small.take(steps_of("A0").receive(), "D01")
    small.seconds = 61
    with pytest.raises(NotSealed):
        await small.take(steps_of("A1").receive(), "D01")
    small.restart()
    assert small.house.hours is Hours.CLOSING, "by the clock of the wall no time has passed"
    small.seconds += 61
    assert small.house.hours is Hours.CLOSED


@pytest.mark.parametrize(("hours", "expected"), [(1, Hours.CLOSED), (-1, Hours.CLOSING)])
async def test_a_clock_that_jumps_by_an_hour_prolongs_no_grace(small, hours, expected):
    """It is counted by a clock that nobody sets; after a restart, never for longer than it was."""
    await small.close_for_work(grace_seconds=60)
    now = NOW + timedelta(hours=hours)
    house = House(
        ELECTION,
        {place: REMITS[place] for place in PLACES},
        small.journal,
        clock=lambda: now,
        steady=lambda: small.seconds,
    )
    assert house.hours is expected
    small.seconds += 61
    assert house.hours is Hours.CLOSED


async def test_one_person_in_two_sessions_opens_nothing(tmp_path):
    small = SmallHouse(tmp_path / "house", opened=False)
    for alone in ({"agreed_by": OPENED.by}, {"agreed_session": OPENED.session}):
        with pytest.raises(Refused):
            await small.house.act("D01", structs.replace(OPENED, **alone))
    assert small.house.hours is Hours.CLOSED
    assert not list(small.journal)
    small.journal.close()


async def test_who_signed_out_gives_back_what_they_had(small):
    await small.digitised()
    small.house.lend(worker("ana"), Task.CAPTURE)
    small.house.lend(worker("beto"), Task.CAPTURE)
    assert small.house.lend(worker("carla"), Task.CAPTURE) == []
    small.house.end_work_of(pseudonym("ana"))
    assert len(small.house.lend(worker("carla"), Task.CAPTURE)) == 1


async def test_the_centre_comes_to_what_the_house_came_to(small, tmp_path):
    """Random work of two capture centres, delivered: the same papers stand on both sides."""
    random = Random(3)
    for acta in ("A0", "A1", "A2"):
        steps = await small.digitised(acta)
        image = image_of(acta)
        for person in random.sample(["ana", "beto", "carla", "dora"], 4):
            figures = reading(acta, random.choice([2, 3]))
            place = random.choice(["CCV1", "CCV2"])
            await small.take(steps.capture(person, figures, image), place)
            await small.take(steps.arbitrate(person, reading(acta, 2), image), place)
        await small.take(steps.check(random.choice([*Verdict]), "se lee otra", image), "COTEJO")
    center = SmallCenter(tmp_path / "record.sqlite")
    app = inbox_application(center.inbox, center.images)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        url = str(server.make_url(""))
        await Courier(InOrder(small.journal), url, session, random).deliver_all()
    assert center.ledger.state.papers == small.house.floor.papers
    assert small.house.pending == 0
    center.record.close()


@pytest.mark.parametrize("refused", ["D01", "CCV1", "CCV2", "COTEJO"])
async def test_a_place_that_is_refused_holds_up_what_comes_of_it_and_nothing_else(
    small, tmp_path, refused
):
    """Random work, of which one place's is refused for a while: the same papers stand after all."""
    random = Random(refused)
    await small.take(steps_of(None).digitise("ee" * 32), "D01")
    for acta in ("A0", "A1", "A2"):
        image = image_of(acta)
        steps = await small.digitised(acta)
        for place in random.sample(["CCV1", "CCV2", "CCV1"], 3):
            person = random.choice(["ana", "beto", "carla", "dora"])
            await small.take(steps.capture(person, reading(acta), image), place)
        await small.take(steps.check(random.choice([*Verdict]), "se lee otra", image), "COTEJO")
    await small.take(steps_of("A3").identify(image="ee" * 32), "COTEJO")
    await small.digitised("A4")
    keys = {name: key for name, key in KEYS.items() if name != refused}
    center = SmallCenter(tmp_path / "record.sqlite", keys=keys)
    app = inbox_application(center.inbox, center.images)
    outgoing = InOrder(small.journal)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        courier = Courier(outgoing, str(server.make_url("")), session, random)
        with pytest.raises(DeliveryRefused, match="T003"):
            await courier.deliver_all()
        assert outgoing.place == refused
        outgoing.set_back()
        await courier.deliver_all()
        assert ("AYUN", "A4") in center.ledger.state.papers.by_key or refused == "D01"
        assert small.house.pending > 0
    center.keys = KEYS
    center.restart()
    app = inbox_application(center.inbox, center.images)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        outgoing.offer_again()
        await Courier(outgoing, str(server.make_url("")), session, random).deliver_all()
    assert small.house.pending == 0
    assert center.ledger.state.papers == small.house.floor.papers
    center.record.close()


async def test_a_house_whose_clock_is_before_the_day_seals_nothing(small):
    small.now = NOW - timedelta(days=400)
    for sealing in (small.digitised(), small.house.act("D01", structs.replace(OPENED, at=NOW))):
        with pytest.raises(NotSealed) as refusal:
            await sealing
        assert refusal.value.code is DeskCode.CLOCK_BEHIND
    assert len(list(small.journal)) == 1


async def test_envelopes_leave_in_the_order_in_which_the_house_took_them(small):
    """A capture must not come before the image that it is of, though another place sealed that."""
    await to_standing(small)
    order = []
    outgoing = InOrder(small.journal)
    while (pending := outgoing.next_pending()) is not None:
        (fact,) = decode_envelope(unwrap(pending.body).payload).facts
        order.append(type(fact).__name__)
        outgoing.mark_delivered(pending.sequence)
    assert order == ["HouseOpened", "ActaDigitised", "ActaCaptured", "ActaCaptured"]


async def test_a_centre_that_came_back_older_gets_everything_since_again(small):
    await to_standing(small)
    for place, sequence in (("D01", 1), ("D01", 2), ("CCV1", 1), ("CCV2", 1)):
        small.journal.mark(place, sequence)
    assert small.house.pending == 0
    small.journal.rewind("CCV1", 1)
    leaving = small.journal.next_to_leave()
    assert (leaving.place, leaving.pending.sequence) == ("CCV1", 1)
    assert small.house.pending == 2


class Held(dict):
    """Keys of places, of which one is given only when it may be: so long the journal seals."""

    def __init__(self, keys, place):
        super().__init__(keys)
        self.place, self.asked, self.may = place, threading.Event(), threading.Event()

    def __getitem__(self, place):
        if place == self.place:
            self.asked.set()
            assert self.may.wait(60)
        return super().__getitem__(place)


def test_what_is_pending_is_counted_while_the_journal_seals_and_by_what_is_on_disk(tmp_path):
    keys = Held(KEYS, "CCV2")
    journal = Journal(tmp_path / "journal.sqlite", ELECTION.id, keys, lambda: NOW)
    journal.seal(("D01", OPENED))
    sealing = threading.Thread(target=journal.seal, args=(("D01", OPENED), ("CCV2", OPENED)))
    sealing.start()
    try:
        assert keys.asked.wait(60)
        assert journal.pending() == 1, "what may still be undone is not sealed"
    finally:
        keys.may.set()
        sealing.join()
    assert journal.pending() == 3
    journal.close()


async def test_a_journal_of_another_election_is_refused(small, tmp_path):
    with pytest.raises(RecordTrouble) as refusal:
        Journal(tmp_path / "house/journal.sqlite", "otra-2024", KEYS, lambda: NOW)
    assert refusal.value.code is RecordCode.OTHER_ELECTION
