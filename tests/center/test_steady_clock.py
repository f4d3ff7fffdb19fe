"""One wrong reading of a clock never opens, closes or dates a night."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st

from openprep.center.machine_clock import KEPT, Kept, MachineClock, confirm, last_doubt
from openprep.center.steady_clock import SETTLED, SLEPT, STEP, Believed, Line, SteadyClock
from openprep.cli.main import main
from openprep.cuts.codes import PublicationCode
from openprep.cuts.schedule import ALWAYS
from openprep.cuts.signing_key import KEY_FILE, make_key
from small.election import OPENS

T0 = OPENS - timedelta(hours=1)


class Machine:
    """A machine whose two clocks the test sets, looked at four times a second."""

    def __init__(self, clock=None, wall=T0):
        self.clock = clock or SteadyClock()
        self.wall, self.seconds = wall, 1000.0
        self.reading = self.clock.look(self.wall, self.seconds)

    def run(self, seconds):
        for _ in range(round(seconds * 4)):
            self.wall += timedelta(seconds=0.25)
            self.seconds += 0.25
            self.reading = self.clock.look(self.wall, self.seconds)
        return self.reading

    def set(self, seconds):
        self.wall += timedelta(seconds=seconds)
        self.reading = self.clock.look(self.wall, self.seconds)
        return self.reading

    def hear(self, *ahead):
        self.clock.hear(ahead, self.seconds)

    @property
    def code(self):
        return self.clock.doubt.code if self.clock.doubt else None


def steady_machine(**options):
    machine = Machine(**options)
    machine.run(SETTLED + 1)
    assert machine.reading.believed_from is not None
    return machine


@pytest.mark.parametrize("jump", [2 * 86400, 3600, 31, -31, -3600, -2 * 86400])
def test_a_clock_that_jumps_for_two_seconds_is_doubted_and_time_runs_on(jump):
    machine = steady_machine()
    right = machine.wall
    assert machine.set(jump).believed_from is None
    assert machine.code is PublicationCode.CLOCK_JUMPED
    reading = machine.run(2)
    assert abs((reading.at - right).total_seconds() - 2) < 0.1
    assert machine.set(-jump).believed_from is None, "it must stand for a while first"
    machine.run(SETTLED + 1)
    assert machine.reading.believed_from is not None
    assert abs((machine.reading.at - machine.wall).total_seconds()) < 0.1


def test_a_clock_that_was_set_for_good_is_doubted_for_ever_if_nobody_vouches():
    machine = steady_machine()
    machine.set(7200)
    assert machine.run(3600).believed_from is None


def test_publishers_who_agree_release_a_clock_that_was_set_right():
    machine = steady_machine()
    machine.set(7200)
    machine.run(5)
    machine.hear(0.4, -1.0)
    machine.run(SETTLED)
    assert machine.reading.believed_from == ALWAYS
    assert machine.reading.at == machine.wall


def test_what_publishers_said_of_the_clock_before_it_was_set_is_no_word_on_it():
    machine = steady_machine()
    asked = machine.seconds
    machine.run(1)
    machine.set(7200)
    machine.clock.hear([0.0, 0.0], asked)
    assert machine.run(60).believed_from is None


def test_the_operator_s_word_releases_a_clock():
    machine = steady_machine()
    machine.set(-7200)
    machine.clock.confirm()
    machine.run(SETTLED + 1)
    assert machine.reading.at == machine.wall


def test_most_publishers_against_a_clock_hold_it_though_it_never_jumped():
    machine = steady_machine()
    machine.hear(-7200, -7199, 0)
    assert machine.run(1).believed_from is None
    assert machine.code is PublicationCode.CLOCK_UNLIKE_PUBLISHERS
    machine.hear(0, 1, 7200)
    machine.run(SETTLED)
    assert machine.reading.believed_from is not None


def test_the_operator_s_word_stands_against_publishers():
    machine = steady_machine()
    machine.hear(-7200)
    machine.clock.confirm()
    assert machine.run(1).believed_from is not None


def test_a_fresh_machine_waits_some_seconds_and_for_the_publishers_it_has():
    machine = Machine(SteadyClock(others=True))
    assert machine.run(SETTLED + 5).believed_from is None
    assert machine.code is PublicationCode.CLOCK_UNPROVEN
    machine.hear()
    assert machine.run(1).believed_from == machine.wall - timedelta(seconds=0.75)


def test_a_fresh_machine_that_publishers_contradict_is_not_believed_and_dates_nothing_ahead():
    last = T0 - timedelta(hours=2)
    machine = Machine(SteadyClock(last_event=last, others=True))
    machine.hear(-7200, -7200)
    machine.run(60)
    assert machine.reading.believed_from is None
    assert machine.reading.at == last + timedelta(seconds=60)


def test_a_clock_before_the_record_s_last_event_is_not_believed_and_dates_nothing_before_it():
    last = T0 + timedelta(hours=2)
    machine = Machine(SteadyClock(last_event=last))
    machine.run(3600)
    assert machine.code is PublicationCode.CLOCK_BEHIND_RECORD
    assert machine.clock.date(machine.reading.at) == last
    machine.clock.confirm()
    machine.run(1)
    assert machine.reading.at == machine.wall
    assert machine.clock.date(machine.reading.at) == last


def test_small_corrections_are_followed_and_no_date_goes_back():
    machine = steady_machine()
    before = machine.clock.date(machine.reading.at)
    machine.set(-20)
    assert machine.clock.date(machine.reading.at) >= before
    assert machine.reading.believed_from is not None, "half a minute is no jump"
    machine.run(SETTLED + 1)
    assert machine.reading.at == machine.wall


def test_a_machine_that_slept_is_believed_again_after_a_minute():
    machine = steady_machine()
    machine.seconds += 600
    machine.set(600)
    assert machine.code is PublicationCode.CLOCK_JUMPED
    machine.run(SLEPT - 1)
    assert machine.reading.believed_from is None
    machine.run(2)
    assert machine.reading.at == machine.wall


def test_a_count_of_seconds_that_jumps_with_the_clock_closes_nothing():
    """As under a tool that fakes both clocks: two days ahead for two seconds."""
    machine = steady_machine()
    right = machine.wall
    machine.seconds += 2 * 86400
    machine.set(2 * 86400)
    assert machine.run(2).believed_from is None
    assert machine.reading.at - right < timedelta(seconds=3)
    machine.seconds -= 2 * 86400
    machine.set(-2 * 86400)
    machine.run(SETTLED + 1)
    assert machine.reading.believed_from is not None
    assert abs((machine.reading.at - machine.wall).total_seconds()) < 0.5


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(0, 9.5)), max_size=12))
@example([(0.0, 5.0), *[(0.0, 9.0)] * 5, (1.0, 9.0)])
def test_however_a_clock_is_set_no_jump_that_does_not_stand_is_ever_followed(moves):
    machine = steady_machine()
    right = machine.wall
    for jump, seconds in moves:
        machine.set(jump)
        machine.run(seconds)
        passed = timedelta(seconds=machine.seconds - 1000.0 - SETTLED - 1)
        # Steps of less than a second are smooth corrections, and two may be followed in this time.
        assert abs((machine.reading.at - right - passed).total_seconds()) <= 2 * STEP
        machine.set((right + passed - machine.wall).total_seconds())


# The machine's clock, with its files.


class Clocks:
    def __init__(self, folder, boot="this-start"):
        self.wall, self.seconds = T0, 50.0
        self.clock = MachineClock(folder, lambda: self.wall, lambda: self.seconds, boot)

    def run(self, seconds):
        for _ in range(round(seconds)):
            self.wall += timedelta(seconds=1)
            self.seconds += 1
            self.clock.look()
        return self.clock.look()


def test_a_centre_started_again_goes_on_believing_where_the_machine_did_not_restart(tmp_path):
    first = Clocks(tmp_path)
    first.clock.begin(None, others=False)
    since = first.run(SETTLED + 1).believed_from
    again = Clocks(tmp_path)
    again.wall, again.seconds = first.wall, first.seconds
    again.clock.begin(None, others=False)
    assert again.clock.look().believed_from == since
    again.wall += timedelta(days=2)
    assert again.clock.look().believed_from is None
    restarted = Clocks(tmp_path, boot="another-start")
    restarted.clock.begin(None, others=False)
    assert restarted.clock.look().believed_from is None


def test_a_centre_started_again_while_its_clock_is_doubted_goes_on_doubting(tmp_path):
    first = Clocks(tmp_path)
    first.clock.begin(None, others=False)
    first.run(SETTLED + 1)
    first.wall += timedelta(days=2)
    assert first.clock.look().believed_from is None
    assert last_doubt(tmp_path).startswith("P035")
    again = Clocks(tmp_path)
    again.wall, again.seconds = first.wall, first.seconds
    again.clock.begin(None, others=False)
    assert again.run(3600).believed_from is None


@pytest.mark.parametrize("boot", ["this-start", ""], ids=["named start", "start without a name"])
def test_a_clock_doubted_from_the_first_start_is_told_to_who_asks_beside_the_centre(tmp_path, boot):
    """As of a copy that was restored: nothing was believed before, and the clock is behind."""
    clocks = Clocks(tmp_path, boot)
    clocks.clock.begin(OPENS + timedelta(days=1), others=False)
    assert clocks.run(60).believed_from is None
    assert last_doubt(tmp_path).startswith("P036")
    told = CliRunner().invoke(main, ["center", "clock", "--data", str(a_center(tmp_path))])
    assert "P036" in told.output
    clocks.wall += timedelta(days=2)
    assert clocks.run(60).believed_from is not None
    assert last_doubt(tmp_path) == ""


def test_a_doubt_of_this_start_takes_the_place_of_what_an_earlier_one_believed(tmp_path):
    earlier = Clocks(tmp_path, boot="earlier")
    earlier.clock.begin(None, others=False)
    earlier.run(60)
    assert last_doubt(tmp_path) == ""
    clocks = Clocks(tmp_path)
    clocks.clock.begin(OPENS + timedelta(days=1), others=False)
    assert last_doubt(tmp_path).startswith("P036")


def test_a_doubt_that_the_disk_refused_is_written_when_there_is_room(tmp_path):
    folder = tmp_path / "center"
    clocks = Clocks(folder)
    clocks.clock.begin(OPENS + timedelta(days=1), others=False)
    assert last_doubt(folder) is None
    folder.mkdir()
    clocks.run(10)
    assert last_doubt(folder).startswith("P036")


def a_center(folder):
    make_key(folder / KEY_FILE)
    return folder


def test_a_damaged_file_of_the_clock_is_as_none(tmp_path):
    (tmp_path / KEPT).write_bytes(b"\xff{")
    clocks = Clocks(tmp_path)
    clocks.clock.begin(None, others=False)
    assert clocks.run(SETTLED + 1).believed_from is not None


def test_the_operator_s_word_counts_for_the_clock_it_was_given_for_only(tmp_path):
    machine = MachineClock(tmp_path)
    confirm(tmp_path)
    machine.begin(None, others=True)
    assert machine.look().believed_from is None, "it has not stood for long"
    lines = Kept("", Believed(Line(T0, 0)))
    assert lines.believed.since == ALWAYS
    other = Clocks(tmp_path)
    other.clock.begin(OPENS + timedelta(days=1), others=False)
    assert other.run(60).believed_from is None, "its clock is another one"


def test_a_clock_that_is_believed_is_told_by_what_it_shows_now(tmp_path, caplog):
    caplog.set_level("INFO")
    first = Clocks(tmp_path)
    first.clock.begin(None, others=False)
    first.run(SETTLED + 1)
    caplog.clear()
    again = Clocks(tmp_path)
    again.seconds = first.seconds + 700
    again.wall = first.wall + timedelta(seconds=700)
    again.clock.begin(None, others=False)
    assert f"believed: {again.wall.isoformat()}" in caplog.text


def test_doubt_and_its_end_are_logged_once(tmp_path, caplog):
    caplog.set_level("INFO")
    clocks = Clocks(tmp_path)
    clocks.clock.begin(None, others=False)
    clocks.run(20)
    clocks.wall += timedelta(days=2)
    clocks.run(20)
    clocks.wall -= timedelta(days=2)
    clocks.run(20)
    said = [
        record.getMessage()[:4] for record in caplog.records if record.name == "openprep.center"
    ]
    assert said == ["P038", "this", "P035", "this"]
