"""Two people, or nothing is done."""

import pytest

from openprep.people.codes import ConsentCode, ConsentRefused
from openprep.people.consent import GOOD_FOR, MOST_OF_ONE, Consents, Party
from openprep.people.permissions import FOUR_EYES, Act, allows
from openprep.people.roles import Role

ANA, BETO, CARLA = (Party(sign * 32, sign.upper() * 32, "D01") for sign in "abc")


def refused(code):
    return pytest.raises(ConsentRefused, match=code.code)


@pytest.fixture
def consents():
    return Consents()


@pytest.fixture
def asked(consents):
    consents.ask("1", Act.REVOKE_PLACE, "D01", ANA, Role.COORDINADOR, 0.0)
    return consents


def test_what_a_second_person_agreed_to_is_done_once(asked):
    asked.grant("1", BETO, Role.COTEJADOR, 1.0)
    assert asked.spend("1", Act.REVOKE_PLACE, "D01", ANA.person, 2.0).granted_by == BETO
    with refused(ConsentCode.NOT_ASKED):
        asked.spend("1", Act.REVOKE_PLACE, "D01", ANA.person, 2.0)


def test_who_asks_does_not_consent_in_whatever_role(asked):
    for role in Role:
        with refused(ConsentCode.SAME_PERSON):
            asked.grant("1", ANA, role, 1.0)
    with refused(ConsentCode.NOT_GRANTED):
        asked.spend("1", Act.REVOKE_PLACE, "D01", ANA.person, 1.0)


@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
@pytest.mark.parametrize("act", Act, ids=lambda act: act.value)
def test_only_who_may_do_an_act_of_two_asks_for_it(consents, role, act):
    if act in FOUR_EYES and allows(role, act):
        assert consents.ask("1", act, "", ANA, role, 0.0).act is act
    else:
        with refused(ConsentCode.NO_RIGHT):
            consents.ask("1", act, "", ANA, role, 0.0)


@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
def test_only_who_may_consent_does(asked, role):
    if allows(role, Act.CONSENT):
        assert asked.grant("1", BETO, role, 1.0).granted_by == BETO
    else:
        with refused(ConsentCode.NO_RIGHT):
            asked.grant("1", BETO, role, 1.0)


@pytest.mark.parametrize(
    ("act", "about", "by"),
    [
        (Act.REVOKE_PLACE, "D02", ANA),
        (Act.CLOSE_HOUSE, "D01", ANA),
        (Act.REVOKE_PLACE, "D01", BETO),
    ],
)
def test_a_consent_is_worth_nothing_for_another_act_thing_or_person(asked, act, about, by):
    asked.grant("1", BETO, Role.COORDINADOR, 1.0)
    with refused(ConsentCode.NOT_ASKED):
        asked.spend("1", act, about, by.person, 2.0)
    assert asked.spend("1", Act.REVOKE_PLACE, "D01", ANA.person, 2.0)


@pytest.mark.parametrize("granted", [False, True])
def test_it_is_over_after_its_time_granted_or_not(asked, granted):
    if granted:
        asked.grant("1", BETO, Role.COORDINADOR, GOOD_FOR - 1)
    assert asked.waiting(GOOD_FOR) == {}
    with refused(ConsentCode.EXPIRED):
        asked.spend("1", Act.REVOKE_PLACE, "D01", ANA.person, GOOD_FOR)
    with refused(ConsentCode.NOT_ASKED):
        asked.grant("1", BETO, Role.COORDINADOR, GOOD_FOR)


def test_who_asked_withdraws_and_nobody_else(asked):
    asked.withdraw("1", BETO.person)
    assert list(asked.waiting(1.0)) == ["1"]
    asked.withdraw("1", ANA.person)
    asked.withdraw("1", ANA.person)
    with refused(ConsentCode.NOT_ASKED):
        asked.grant("1", BETO, Role.COORDINADOR, 1.0)


def test_what_is_granted_waits_no_more_and_keeps_its_first_second_person(asked):
    asked.grant("1", BETO, Role.COORDINADOR, 1.0)
    asked.grant("1", CARLA, Role.COORDINADOR, 1.0)
    assert asked.waiting(1.0) == {}
    assert asked.spend("1", Act.REVOKE_PLACE, "D01", ANA.person, 2.0).granted_by == BETO


def test_what_one_person_asks_for_is_bounded_and_pushes_out_nobody_else_s(consents):
    consents.ask("of another", Act.OPEN_HOUSE, "", BETO, Role.COORDINADOR, 0.0)
    for number in range(50):
        consents.ask(str(number), Act.REVOKE_PERSON, "", ANA, Role.COORDINADOR, 1.0)
    assert len(consents.by_id) == MOST_OF_ONE + 1
    assert {"of another", "49"} <= set(consents.waiting(1.0))
