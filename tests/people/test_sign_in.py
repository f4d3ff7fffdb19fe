"""The whole way in: who is on the list gets in, and whoever is not learns nothing."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from msgspec import structs

from openprep.people.codes import RosterCode, RosterRefused, SignInCode, SignInRefused
from openprep.people.lockout import FREE
from openprep.people.passwords import PasswordChecks, hash_of
from openprep.people.roster import open_roster, seal_roster
from openprep.people.sessions import Sessions
from openprep.people.sign_in import Asked, SignIn
from people.small_house import ELECTION, KEY, NOW, PASSWORD, SECRET, SIGNER, person, roster

OTHER_SECRET = "A" * 32


def signed(one):
    return open_roster(seal_roster(one, SIGNER), KEY)


class Counting(PasswordChecks):
    """Counts the checks of each lane."""

    def __init__(self):
        super().__init__(waiting=10)
        self.made = []

    async def is_right(self, kept, typed, *, known_machine=False):
        self.made.append(known_machine)
        return await super().is_right(kept, typed, known_machine=known_machine)


class House:
    def __init__(self, path):
        self.now = NOW
        self.counted = 0.0
        self.checks = Counting()
        clocks = {"clock": lambda: self.now, "counter": lambda: self.counted}
        self.sessions = Sessions(path, ELECTION, **clocks)
        self.door = SignIn(self.sessions, self.checks, **clocks)

    def passes(self, seconds):
        self.now += timedelta(seconds=seconds)
        self.counted += seconds

    def asked(self, name="c017", **changed):
        code = pyotp.TOTP(SECRET).at(self.now)
        return replace(Asked(name, PASSWORD, code, "D01"), **changed)

    async def enters(self, name="c017", **changed):
        return await self.door.sign_in(self.asked(name, **changed))

    async def is_refused(self, name="c017", why=SignInCode.REFUSED, **changed):
        with pytest.raises(SignInRefused) as refused:
            await self.enters(name, **changed)
        assert refused.value.code is why
        return refused.value


@pytest.fixture
async def house(tmp_path):
    made = House(tmp_path / "sessions")
    await made.door.take(signed(roster()))
    yield made
    made.checks.close()
    made.sessions.close()


async def test_who_is_on_the_list_gets_a_session_of_the_place_and_the_role(house):
    begun = await house.enters("v001", place="D02")
    session = house.sessions.find(begun.token)
    entry = person("v001")
    assert (session.person, session.role, session.place) == (entry.person, entry.role, "D02")
    assert len(session.id) == 32


@pytest.mark.parametrize("typed", [" C017 ", "c017\n", "C017"])
async def test_a_name_is_the_same_with_capitals_and_blanks(house, typed):
    assert await house.enters(typed)


WRONG = [
    {"name": "x999"},
    {"name": ""},
    {"name": "no name, but a long text with blanks"},
    {"name": "c017\x00"},
    {"name": "\ud800"},
    {"password": "wrong"},
    {"password": ""},
    {"password": "\ud800"},
    {"code": "000000"},
    {"code": ""},
    {"place": "D99"},
    {"place": ""},
    {"name": "x999", "password": "", "code": "", "place": ""},
]


@pytest.mark.parametrize("changed", WRONG, ids=range(len(WRONG)))
async def test_whatever_is_wrong_the_words_and_the_work_are_the_same(house, changed):
    refused = await house.is_refused(**changed)
    assert str(refused) == SignInCode.REFUSED.of("not signed in")
    assert refused.again_in == 0.0
    assert house.checks.made == [False]
    assert house.sessions.everybody() == ()


async def test_who_works_elsewhere_is_told_what_everybody_is(house):
    listed = roster(structs.replace(person("c017"), places=("D02",)), number=2)
    await house.door.take(signed(listed))
    assert str(await house.is_refused()) == SignInCode.REFUSED.of("not signed in")
    assert await house.enters(place="D02")


async def test_a_code_is_good_once_also_after_a_restart(house, tmp_path):
    await house.enters()
    await house.is_refused()
    house.sessions.close()
    house.sessions = Sessions(tmp_path / "sessions", ELECTION, clock=lambda: house.now)
    house.door = SignIn(house.sessions, house.checks, clock=lambda: house.now)
    await house.door.take(signed(roster()))
    await house.is_refused()
    house.passes(30)
    assert await house.enters()


async def test_a_wrong_password_does_not_use_the_code_up(house):
    await house.is_refused(password="wrong")
    assert await house.enters()


async def test_the_pause_is_the_same_for_a_name_that_is_listed_and_one_that_is_not(house):
    told = []
    for name in ("c017", "x999"):
        for _ in range(FREE + 1):
            await house.is_refused(name, password="wrong")
        told.append(await house.is_refused(name, SignInCode.WAIT, password="wrong"))
    assert str(told[0]) == str(told[1])
    assert told[0].again_in == told[1].again_in == 1.0
    assert len(house.checks.made) == 2 * (FREE + 1)
    house.passes(1)
    assert await house.enters()


async def test_the_right_person_at_a_known_machine_is_not_kept_out_by_strangers(house):
    machine = (await house.enters("c018")).machine
    for _ in range(FREE + 1):
        await house.is_refused(password="wrong")
    await house.is_refused(why=SignInCode.WAIT)
    begun = await house.enters(machine=machine)
    assert begun.machine is None
    assert house.checks.made[-1]


async def test_a_machine_that_is_known_elsewhere_is_a_stranger_here(house):
    machine = (await house.enters("c018", place="D02")).machine
    await house.is_refused(password="wrong", machine=machine)
    assert house.checks.made[-1] is False


async def test_a_storm_is_shed_without_being_counted_and_known_machines_come_in(house):
    machine = (await house.enters("c018")).machine
    storm = [
        asyncio.ensure_future(house.enters(f"x{number}", password="wrong")) for number in range(200)
    ]
    await asyncio.sleep(0)
    begun = await house.enters(machine=machine)
    ended = await asyncio.gather(*storm, return_exceptions=True)
    codes = [one.code for one in ended]
    assert codes.count(SignInCode.BUSY) >= 180
    assert set(codes) == {SignInCode.BUSY, SignInCode.REFUSED}
    assert house.sessions.find(begun.token)
    shed = next(n for n, code in enumerate(codes) if code is SignInCode.BUSY)
    assert not any(key[2] == f"x{shed}" for key in house.door.lockout.by_key)


async def test_many_at_once_under_one_name_are_not_one_attempt(house):
    storm = [house.enters(password="wrong") for _ in range(30)]
    ended = await asyncio.gather(*storm, return_exceptions=True)
    assert [one.code for one in ended].count(SignInCode.WAIT) == 30 - FREE - 1


async def test_who_is_revoked_is_told_what_everybody_is(house):
    await house.sessions.revoke("person", person("c017").person)
    assert str(await house.is_refused()) == SignInCode.REFUSED.of("not signed in")


async def test_an_older_list_and_another_of_its_number_are_not_taken(house):
    await house.door.take(signed(roster(number=5)))
    for older in (roster(number=4), roster(person("c018"), number=5)):
        with pytest.raises(RosterRefused, match=RosterCode.OLDER.code):
            await house.door.take(signed(older))
    assert await house.enters()


async def test_a_list_that_ran_out_lets_nobody_in_and_says_so(house):
    house.passes(2 * 24 * 3600)
    with pytest.raises(RosterRefused, match=RosterCode.EXPIRED.code):
        await house.enters()
    with pytest.raises(RosterRefused, match=RosterCode.EXPIRED.code):
        await house.door.take(signed(roster(number=2)))
    assert house.checks.made == []


async def test_before_there_is_a_list_nobody_gets_in(tmp_path):
    empty = House(tmp_path / "sessions")
    await empty.is_refused()
    assert empty.checks.made == [False]
    empty.checks.close()
    empty.sessions.close()


@pytest.mark.parametrize(
    "changed", [{"code": OTHER_SECRET}, {"password": hash_of("another")}, {"sign_in": "c099"}]
)
async def test_who_was_listed_anew_while_signing_in_by_what_was_before_is_not_in(house, changed):
    entering = asyncio.ensure_future(house.enters())
    await asyncio.sleep(0)
    newer = roster(structs.replace(person("c017"), **changed), number=2)
    await house.door.take(signed(newer))
    with pytest.raises(SignInRefused):
        await entering
    assert house.sessions.everybody() == ()


async def test_neither_what_is_typed_nor_a_secret_is_in_logs_or_errors(house, caplog):
    caplog.set_level(logging.DEBUG, "openprep.people")
    typed = {"name": "mi-contraseña-123", "password": "María Peña", "code": "999999"}
    refused = await house.is_refused(**typed)
    begun = await house.enters()
    said = f"{caplog.text} {refused} {refused!r} {begun!r} {house.asked()!r}"
    for secret in (*typed.values(), PASSWORD, SECRET, begun.token, begun.machine, "argon2"):
        assert secret not in said
    assert begun.session.id in caplog.text


async def test_who_leaves_before_the_answer_was_not_counted(house):
    for _ in range(3 * FREE):
        leaving = asyncio.ensure_future(house.enters(password="wrong"))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
    assert not house.door.lockout.by_key
