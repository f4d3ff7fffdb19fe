"""Sessions: found by their token only, over in time, revoked at once and for good."""

import asyncio
import errno
import shutil
import stat
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec import structs

from hostile.killing import deaths_of_a_child, new_folders
from openprep.people import session_file
from openprep.people.roster import Seen
from openprep.people.sessions import Limits, Sessions
from openprep.record import database
from openprep.record.codes import RecordCode, RecordTrouble
from people.small_house import ELECTION, NOW, person, pseudonym

HOUR = timedelta(hours=1)
LIMITS = Limits(idle=HOUR, whole=8 * HOUR, of_one=3, machines=3)
ANA, BETO = person("c017"), person("c018", ("D02",))


class Time:
    """The wall's clock and the machine's counter, each of which a test may move."""

    def __init__(self):
        self.wall = NOW
        self.counted = 1000.0

    def passes(self, time):
        self.wall += time
        self.counted += time.total_seconds()


class House:
    """Sessions over restarts; steps of one-time codes grow by themselves."""

    def __init__(self, path):
        self.path = path
        self.time = Time()
        self.step = 0
        self.runner = asyncio.Runner()
        self.sessions = self.opened()

    def opened(self):
        return Sessions(
            self.path,
            ELECTION,
            limits=LIMITS,
            clock=lambda: self.time.wall,
            counter=lambda: self.time.counted,
        )

    def does(self, work):
        return self.runner.run(work)

    def begins(self, who=ANA, place="D01", machine="", step=None):
        self.step += 1
        given = self.step if step is None else step
        return self.does(self.sessions.begin(who, place, given, machine))

    def restarts(self):
        self.sessions.close()
        self.time.counted = 7.0
        self.sessions = self.opened()

    def closes(self):
        self.sessions.close()
        self.runner.close()


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path / "sessions")
    yield made
    made.closes()


def test_a_session_is_found_by_its_token_and_by_nothing_else(house):
    begun = house.begins()
    session = house.sessions.find(begun.token)
    assert session == begun.session
    assert (session.person, session.place, session.role) == (ANA.person, "D01", ANA.role)
    for other in ("", session.id, begun.token[:-1], begun.token + "A", begun.machine, "\ud800"):
        assert house.sessions.find(other) is None


def test_tokens_are_neither_in_the_file_nor_in_what_is_printed(house):
    begun = house.begins()
    house.restarts()
    kept = b"".join(path.read_bytes() for path in house.path.parent.iterdir())
    for secret in (begun.token, begun.machine, ANA.code, ANA.password):
        assert secret.encode() not in kept
        assert secret not in repr(begun)
    for path in house.path.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_restart_keeps_sessions_revocations_machines_codes_and_the_newest_list(house):
    begun, other = house.begins(), house.begins(BETO, "D02")
    house.does(house.sessions.revoke("person", BETO.person))
    house.does(house.sessions.keep_only(Seen(3, "ab"), [ANA]))
    house.restarts()
    assert house.sessions.find(begun.token) == begun.session
    assert house.sessions.find(other.token) is None
    assert house.sessions.known_machine(begun.machine, "D01")
    assert house.sessions.seen == Seen(3, "ab")
    assert house.begins(BETO, "D02") is None
    assert house.begins(step=1) is None
    assert house.begins() is not None


def test_it_is_over_after_so_long_without_a_request_and_stays_so(house):
    begun = house.begins()
    house.time.passes(HOUR - timedelta(seconds=1))
    assert house.sessions.find(begun.token)
    house.time.passes(HOUR)
    assert house.sessions.everybody() == ()
    assert house.sessions.find(begun.token) is None
    house.restarts()
    assert house.sessions.find(begun.token) is None


def test_it_is_over_at_its_hour_however_much_it_is_used(house):
    begun = house.begins()
    for _ in range(15):
        house.time.passes(HOUR / 2)
        assert house.sessions.find(begun.token)
    house.time.passes(HOUR / 2)
    assert house.sessions.find(begun.token) is None


def test_it_is_over_at_its_hour_on_a_machine_whose_counter_stood_still_as_it_slept(house):
    begun = house.begins()
    house.time.wall += LIMITS.whole
    assert house.sessions.find(begun.token) is None


@pytest.mark.parametrize("jump", [HOUR, -HOUR, -365 * 24 * HOUR])
def test_a_clock_that_jumps_ends_nothing_that_has_time_left(house, jump):
    begun = house.begins()
    house.time.wall += jump
    house.time.passes(HOUR / 2)
    assert house.sessions.find(begun.token)
    house.restarts()
    assert house.sessions.find(begun.token)


@pytest.mark.parametrize("restarted", [False, True])
def test_a_clock_that_is_set_back_prolongs_nothing_for_ever(house, restarted):
    begun = house.begins()
    house.time.wall -= 365 * 24 * HOUR
    if restarted:
        house.restarts()
    for _ in range(16):
        house.sessions.find(begun.token)
        house.time.passes(HOUR / 2)
    assert house.sessions.find(begun.token) is None


def test_signing_out_ends_that_session_and_no_other(house):
    first, second = house.begins(), house.begins()
    house.does(house.sessions.end(first.token))
    house.restarts()
    assert house.sessions.find(first.token) is None
    assert house.sessions.find(second.token)


def test_a_session_that_is_revoked_is_gone_and_the_person_may_come_again(house):
    begun = house.begins()
    assert house.does(house.sessions.revoke_session(begun.session.id))
    assert not house.does(house.sessions.revoke_session(begun.session.id))
    assert house.sessions.find(begun.token) is None
    assert house.begins()


@pytest.mark.parametrize(("kind", "which"), [("person", ANA.person), ("place", "D01")])
def test_who_is_revoked_is_out_until_readmitted_and_nobody_else_is(house, kind, which):
    begun, other = house.begins(), house.begins(BETO, "D02")
    assert house.does(house.sessions.revoke(kind, which)) == 1
    assert house.sessions.is_shut_out(ANA.person, "D01")
    assert house.sessions.find(begun.token) is None
    assert house.sessions.find(other.token)
    assert house.begins() is None
    house.does(house.sessions.readmit(kind, which))
    house.restarts()
    assert house.sessions.find(begun.token) is None
    assert house.begins()


def test_revoking_one_s_pseudonym_ends_the_sessions_of_every_role(house):
    second_role = structs.replace(ANA, sign_in="v017")
    tokens = [house.begins(one).token for one in (ANA, second_role)]
    assert house.does(house.sessions.revoke("person", ANA.person)) == 2
    assert not any(map(house.sessions.find, tokens))


def test_who_is_revoked_while_signing_in_is_not_in(house):
    async def both():
        beginning = asyncio.ensure_future(house.sessions.begin(ANA, "D01", 5, ""))
        await asyncio.sleep(0)
        await house.sessions.revoke("person", ANA.person)
        return await beginning

    begun = house.does(both())
    assert begun is None or house.sessions.find(begun.token) is None
    assert house.sessions.everybody() == ()
    house.restarts()
    assert house.sessions.everybody() == ()


def test_who_leaves_while_something_is_revoked_does_not_keep_it_from_being_kept(house):
    house.begins()

    async def impatient():
        begun = [house.sessions.begin(BETO, "D02", step, "") for step in range(100, 120)]
        before = [asyncio.ensure_future(one) for one in begun]
        revoking = asyncio.ensure_future(house.sessions.revoke("place", "D01"))
        await asyncio.sleep(0)
        revoking.cancel()
        await asyncio.gather(revoking, *before, return_exceptions=True)

    house.does(impatient())
    house.restarts()
    assert house.sessions.is_shut_out(ANA.person, "D01")
    assert {one.place for one in house.sessions.everybody()} == {"D02"}


def test_a_code_is_used_once_and_none_before_it_after_it(house):
    assert house.begins(step=7)
    for step in (7, 6, 0):
        assert house.begins(step=step) is None
    assert house.begins(BETO, "D02", step=7)
    assert house.begins(step=8)


def test_one_code_sent_twice_at_once_signs_in_once(house):
    async def twice():
        return await asyncio.gather(*(house.sessions.begin(ANA, "D01", 9, "") for _ in range(2)))

    assert [begun is None for begun in house.does(twice())].count(False) == 1


def test_one_person_has_so_many_sessions_and_the_oldest_ends(house):
    other = house.begins(BETO, "D02")
    tokens = [house.begins().token for _ in range(LIMITS.of_one + 1)]
    for _ in range(2):
        assert [bool(house.sessions.find(token)) for token in tokens] == [False, True, True, True]
        assert house.sessions.find(other.token)
        house.restarts()


def test_a_machine_is_known_at_its_place_and_not_named_anew(house):
    begun = house.begins()
    assert house.sessions.known_machine(begun.machine, "D02") == ""
    again = house.begins(BETO, "D01", begun.machine)
    assert again.machine is None
    assert house.begins(machine="made up").machine


def test_machines_are_forgotten_that_were_used_longest_ago(house):
    machines = []
    for _ in range(LIMITS.machines):
        machines.append(house.begins().machine)
        house.time.passes(timedelta(seconds=1))
    house.begins(machine=machines[0])
    house.time.passes(timedelta(seconds=1))
    machines.append(house.begins().machine)
    for _ in range(2):
        known = [bool(house.sessions.known_machine(one, "D01")) for one in machines]
        assert known == [True, False, True, True]
        house.restarts()


@pytest.mark.parametrize(
    ("changed", "ends"),
    [
        ({}, False),
        ({"places": ("D01", "D03")}, False),
        ({"places": ("D02",)}, True),
        ({"person": pseudonym("x")}, True),
        ({"role": person("v001").role}, True),
        ({"code": "A" * 32}, True),
        ({"sign_in": "c099"}, True),
    ],
)
def test_a_newer_list_ends_what_it_does_not_provide_for(house, changed, ends):
    begun = house.begins()
    listed = [structs.replace(ANA, **changed)]
    assert house.does(house.sessions.keep_only(Seen(2, "x"), listed)) == ends
    house.restarts()
    assert (house.sessions.find(begun.token) is None) is ends


def test_what_ended_by_itself_is_swept(house):
    house.begins()
    house.time.passes(HOUR)
    assert house.does(house.sessions.sweep()) == 1
    assert house.does(house.sessions.sweep()) == 0


def test_another_process_does_not_take_up_what_one_has(house, monkeypatch):
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    with pytest.raises(RecordTrouble) as refused:
        house.opened()
    assert refused.value.code is RecordCode.BUSY
    assert house.begins()


def test_the_file_of_another_election_or_of_something_else_is_left_as_it_is(tmp_path):
    path = tmp_path / "sessions"
    Sessions(path, ELECTION).close()
    with pytest.raises(RecordTrouble, match=RecordCode.OTHER_ELECTION.code):
        Sessions(path, "another")
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(RecordTrouble, match=RecordCode.UNREADABLE.code):
        Sessions(path, ELECTION)


def test_where_the_disk_refuses_nobody_signs_in_and_who_is_revoked_is_out(house, monkeypatch):
    begun, other = house.begins(), house.begins(BETO, "D02")

    def refuse(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(session_file, "transaction", refuse)
    with pytest.raises(RecordTrouble, match=RecordCode.DISK_FULL.code):
        house.begins()
    with pytest.raises(RecordTrouble, match=RecordCode.DISK_FULL.code):
        house.does(house.sessions.revoke("place", "D01"))
    assert house.sessions.find(begun.token) is None
    assert house.sessions.everybody() == (other.session,)
    monkeypatch.undo()
    assert house.begins() is None


def test_a_revocation_that_was_answered_is_kept_whatever_kills_the_process(tmp_path):
    fresh = new_folders(tmp_path)

    def begin():
        folder = fresh()
        folder.mkdir()
        house = House(folder / "sessions")
        (folder / "token").write_text(house.begins().token)
        house.closes()
        return folder

    def act(folder):
        house = House(folder / "sessions")
        house.does(house.sessions.revoke("place", "D01"))
        (folder / "answered").touch()
        house.closes()

    answers = set()
    for folder in deaths_of_a_child(begin, act):
        house = House(folder / "sessions")
        answered = (folder / "answered").exists()
        answers.add(answered)
        there = house.sessions.find((folder / "token").read_text()) is not None
        assert there is not house.sessions.is_shut_out(ANA.person, "D01")
        assert not (answered and there)
        house.closes()
    assert answers == {False, True}


class Night(RuleBasedStateMachine):
    """People come and go, clocks jump, the process restarts; who is in is who ought to be."""

    people = st.sampled_from([ANA, structs.replace(BETO, places=("D01", "D02"))])
    places = st.sampled_from(["D01", "D02"])

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.house = House(self.folder / "sessions")
        self.tokens = {}
        self.shut = set()

    def teardown(self):
        self.house.closes()
        shutil.rmtree(self.folder)

    @rule(who=people, place=places)
    def somebody_signs_in(self, who, place):
        begun = self.house.begins(who, place)
        out = {("person", who.person), ("place", place)} & self.shut
        assert (begun is None) is bool(out)
        if begun is not None:
            own = [token for token, one in self.tokens.items() if one.person == who.person]
            for token in own[: max(0, len(own) - LIMITS.of_one + 1)]:
                del self.tokens[token]
            self.tokens[begun.token] = begun.session

    @precondition(lambda self: self.tokens)
    @rule(data=st.data())
    def a_session_is_revoked(self, data):
        token = data.draw(st.sampled_from(sorted(self.tokens)))
        self.house.does(self.house.sessions.revoke_session(self.tokens.pop(token).id))

    @rule(place=places)
    def a_place_is_revoked(self, place):
        self.shut.add(("place", place))
        self.house.does(self.house.sessions.revoke("place", place))
        self.tokens = {token: one for token, one in self.tokens.items() if one.place != place}

    @rule(who=people)
    def a_person_is_revoked(self, who):
        self.shut.add(("person", who.person))
        self.house.does(self.house.sessions.revoke("person", who.person))
        self.tokens = {t: one for t, one in self.tokens.items() if one.person != who.person}

    @precondition(lambda self: self.shut)
    @rule(data=st.data())
    def somebody_is_readmitted(self, data):
        kind, which = data.draw(st.sampled_from(sorted(self.shut)))
        self.shut.discard((kind, which))
        self.house.does(self.house.sessions.readmit(kind, which))

    @rule()
    def the_process_restarts(self):
        self.house.restarts()

    @rule(hours=st.sampled_from([-2, -1, 1, 2]))
    def the_clock_jumps(self, hours):
        self.house.time.wall = max(NOW - 2 * HOUR, min(NOW + 2 * HOUR, NOW + hours * HOUR))

    @invariant()
    def who_is_in_is_who_ought_to_be(self):
        for token, session in self.tokens.items():
            assert self.house.sessions.find(token) == session
        assert len(self.house.sessions.everybody()) == len(self.tokens)


Night.TestCase.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
TestNight = Night.TestCase
