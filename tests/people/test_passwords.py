"""Passwords are checked beside the loop in two lanes; a storm in one leaves the other alone."""

import asyncio

import pytest

from openprep.people.codes import SignInCode, SignInRefused
from openprep.people.passwords import PasswordChecks, draw_password, hash_of, is_right
from people.small_house import PASSWORD, password_hash


@pytest.fixture
def checks():
    made = PasswordChecks(workers=1, waiting=2)
    yield made
    made.close()


@pytest.mark.parametrize("typed", [PASSWORD, PASSWORD.upper(), "abcd efgh jkmn", " abcdefghjkmn\n"])
def test_a_password_is_right_however_it_was_copied_from_paper(typed):
    assert is_right(password_hash(), typed)


@pytest.mark.parametrize(
    "typed", ["", "abcd-efgh-jkmp", PASSWORD + "x", PASSWORD + "-" * 200, "\ud800"]
)
def test_another_text_is_not(typed):
    assert not is_right(password_hash(), typed)


def test_drawn_passwords_are_all_different_and_read_without_doubt():
    drawn = {draw_password() for _ in range(200)}
    assert len(drawn) == 200
    assert not set("".join(drawn)) & set("ilo01")


def test_a_hash_has_the_parameters_that_lists_are_held_to():
    assert hash_of("abcd").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_nobody_s_password_is_never_right(checks):
    assert await checks.is_right(password_hash(), PASSWORD)
    assert not await checks.is_right(None, PASSWORD)


async def test_a_storm_is_shed_and_known_machines_sign_in_meanwhile(checks):
    storm = [asyncio.ensure_future(checks.is_right(password_hash(), "x")) for _ in range(40)]
    assert await checks.is_right(password_hash(), PASSWORD, known_machine=True)
    ended = await asyncio.gather(*storm, return_exceptions=True)
    shed = [one for one in ended if isinstance(one, SignInRefused)]
    assert len(shed) == 37
    assert {one.code for one in shed} == {SignInCode.BUSY}
    assert [one for one in ended if one not in shed] == [False] * 3
    assert await checks.is_right(password_hash(), PASSWORD)


async def test_the_loop_goes_on_while_passwords_are_checked(checks):
    waiting = asyncio.ensure_future(checks.is_right(password_hash(), "x"))
    turns = 0
    while not waiting.done():
        turns += 1
        await asyncio.sleep(0)
    assert turns > 10


async def test_who_leaves_gives_its_place_in_the_queue_back(checks):
    for _ in range(5):
        leaving = [asyncio.ensure_future(checks.is_right(password_hash(), "x")) for _ in range(3)]
        await asyncio.sleep(0)
        for one in leaving:
            one.cancel()
        await asyncio.gather(*leaving, return_exceptions=True)
        while True:
            try:
                assert await checks.is_right(password_hash(), PASSWORD)
                break
            except SignInRefused:
                await asyncio.sleep(0.01)
