"""A centre whose machine's clock goes wrong, whole: record, cuts and inbox."""

import asyncio
from datetime import timedelta

import pytest

from center.bench import ELECTION, LIVE_SECONDS, SIGNER, Bench
from openprep.center.center import Center
from openprep.center.machine_clock import MachineClock
from openprep.center.steady_clock import SETTLED
from openprep.election.cut import CutKind
from openprep.record.facts import ActaReported
from openprep.transmission.inbox.inbox import Inbox
from openprep.transmission.keys import Station
from small.election import OPENS, acta
from transmission.small_center import KEYS, REMITS, sealed

CLOSES = ELECTION.window.closes


class Night(Bench):
    """A bench whose centre goes by a watched clock; the test sets the wall and lets time pass."""

    def __init__(self, folder, wall):
        self.seconds, self.wall = 5000.0, wall
        self.boot = "first"
        super().__init__(folder)

    def start(self):
        super().start()
        self.clock = MachineClock(self.folder, lambda: self.wall, lambda: self.seconds, self.boot)
        last = self.record.last_event()
        self.clock.begin(last.at if last else None, others=False)
        self.center = Center(
            ELECTION,
            self.ledger,
            self.tree,
            SIGNER,
            self.clock,
            live_seconds=LIVE_SECONDS,
            look=self.clock.look,
        )
        self.center.recover()
        stations = {name: Station(key.public_key(), REMITS[name]) for name, key in KEYS.items()}
        self.inbox = Inbox(ELECTION, stations.get, self.ledger, self.clock)

    def restart(self, *, of_the_machine=False):
        self.stop()
        if of_the_machine:
            self.boot, self.seconds = "second", 10.0
        self.start()

    async def run(self, seconds):
        """Let time pass, making whatever is due, looking every ten seconds at least."""
        while seconds > 0:
            step = min(seconds, 10)
            self.wall += timedelta(seconds=step)
            self.seconds += step
            seconds -= step
            await self.step()

    async def step(self):
        await self.rest()
        await self.center.step()

    async def receive(self, number):
        when = dict.fromkeys(("received_at", "captured_at", "verified_at"))
        fact = ActaReported(acta(number, **when))
        await self.inbox.receive(sealed(number + 1, fact, sealed_at=OPENS))

    @property
    def kinds(self):
        return [cut.kind for cut in self.ledger.state.cuts]


async def publishers_say(night, ahead):
    """What publishers' clocks say is heard: it is, once their answer is waited for no longer."""
    answered = asyncio.Event()

    async def clocks():
        answered.set()
        return ahead

    asking = asyncio.create_task(night.clock.ask(clocks))
    await answered.wait()
    asking.cancel()


@pytest.fixture
async def night(tmp_path):
    night = Night(tmp_path, OPENS - timedelta(seconds=60))
    yield night
    night.stop()


async def test_two_days_ahead_for_two_seconds_the_night_goes_on(night):
    """The attack B5: reception closed for ever, a signed closing cut of the day after tomorrow."""
    await night.run(120)
    assert night.kinds == [CutKind.ZERO]
    night.wall += timedelta(days=2)
    await night.receive(0)
    for _ in range(2):
        await night.run(1)
    night.wall -= timedelta(days=2)
    assert CutKind.CLOSING not in night.kinds
    await night.receive(1)
    await night.run(60)
    assert CutKind.CLOSING not in night.kinds
    assert night.ledger.state.closed is None
    times = [event.at for _, event in night.record.read()]
    assert times == sorted(times)
    assert max(times) <= night.wall


async def test_a_clock_that_jumps_before_the_opening_does_not_open(night):
    night.wall += timedelta(hours=2)
    await night.run(5)
    assert night.tree.pointer() is None
    night.wall -= timedelta(hours=2)
    await night.run(54)
    assert night.tree.pointer() is None, "a second is missing"
    await night.run(2)
    assert night.kinds == [CutKind.ZERO]


async def test_a_clock_an_hour_back_dates_no_cut_before_another(night):
    await night.run(120)
    night.wall -= timedelta(hours=1)
    for number in range(3):
        await night.receive(number)
        await night.run(10)
    times = [cut.at for cut in night.ledger.state.cuts]
    assert len(times) > 1
    assert times == sorted(times)
    assert CutKind.LIVE in night.kinds


async def test_the_closing_comes_at_its_minute_where_the_clock_is_right(tmp_path):
    night = Night(tmp_path, CLOSES - timedelta(seconds=95))
    await night.run(94)
    assert night.kinds[0] is CutKind.ZERO
    assert CutKind.CLOSING not in night.kinds
    await night.run(2)
    assert night.kinds[-1] is CutKind.CLOSING
    night.stop()


async def test_a_machine_that_starts_after_the_end_waits_for_a_word_before_it_closes(night, caplog):
    await night.run(120)
    night.wall = CLOSES + timedelta(hours=1)
    night.restart(of_the_machine=True)
    await night.run(600)
    assert CutKind.CLOSING not in night.kinds
    assert "P039" in caplog.text
    await publishers_say(night, [0.0, 0.3])
    await night.run(1)
    assert night.kinds[-1] is CutKind.CLOSING


async def test_a_process_that_was_down_over_the_end_closes_at_once(night):
    await night.run(120)
    night.wall, night.seconds = CLOSES + timedelta(hours=1), night.seconds + 25 * 3600 - 60
    night.restart()
    await night.run(SETTLED + 1)
    assert night.kinds[-1] is CutKind.CLOSING
