"""The matrix of roles and acts, whole: what a role may do stands here a second time, by hand."""

import re
from pathlib import Path

import pytest

from openprep.people import permissions
from openprep.people.permissions import FOUR_EYES, TABLE, WHILE_CLOSED, Act, allows
from openprep.people.roles import Role

MAY = {
    Role.ACOPIADOR: {Act.RECEIVE, Act.MISSING, Act.PRACTISE},
    Role.DIGITALIZADOR: {Act.DIGITISE, Act.PRACTISE},
    Role.CAPTURISTA: {Act.TAKE_CAPTURE, Act.CAPTURE, Act.SEND_BACK, Act.SAMPLE, Act.PRACTISE},
    Role.VERIFICADOR: {
        Act.TAKE_DISPUTE,
        Act.ARBITRATE,
        Act.SEND_BACK,
        Act.SAMPLE,
        Act.PRACTISE,
    },
    Role.COTEJADOR: {
        Act.TAKE_CHECK,
        Act.CHECK,
        Act.IDENTIFY,
        Act.CORRECT_AFTER_PUBLICATION,
        Act.CONSENT,
        Act.PRACTISE,
    },
    Role.COORDINADOR: {
        Act.SEE_PROGRESS,
        Act.DRAW_SAMPLE,
        Act.REVOKE_SESSION,
        Act.REVOKE_PERSON,
        Act.REVOKE_PLACE,
        Act.READMIT,
        Act.OPEN_HOUSE,
        Act.CLOSE_HOUSE,
        Act.CONSENT,
        Act.PRACTISE,
    },
}


@pytest.mark.parametrize("act", Act, ids=lambda act: act.value)
@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
def test_a_role_may_do_what_is_its_own_and_nothing_else(role, act):
    assert allows(role, act) is (act in MAY[role])


def test_an_act_that_the_table_does_not_have_is_nobodys(monkeypatch):
    without = {act: roles for act, roles in TABLE.items() if act is not Act.PRACTISE}
    monkeypatch.setattr(permissions, "TABLE", without)
    assert not any(allows(role, Act.PRACTISE) for role in Role)


def test_who_decides_figures_neither_opens_nor_closes_nor_revokes():
    figures = {Act.CAPTURE, Act.ARBITRATE, Act.CHECK, Act.SAMPLE}
    power = FOUR_EYES - {Act.CORRECT_AFTER_PUBLICATION}
    for role in Role:
        assert not (MAY[role] & figures and MAY[role] & power), role


def test_every_act_of_two_has_somebody_to_ask_and_somebody_else_s_role_to_consent():
    for act in FOUR_EYES:
        assert any(allows(role, act) for role in Role)
    assert sum(allows(role, Act.CONSENT) for role in Role) >= 2


def test_no_role_takes_two_parts_in_one_reading():
    for role in Role:
        assert len(MAY[role] & {Act.CAPTURE, Act.ARBITRATE, Act.CHECK}) <= 1


PAGE = Path(__file__).parents[2] / "docs" / "commands" / "people.md"


def test_the_page_of_the_commands_has_the_table_as_it_is():
    told = {}
    rows = re.findall(
        r"(?m)^\| `(\w+)` \| [^|]+ \| ([a-z, ]+) \| (yes)? ?\| (yes)? ?\|$", PAGE.read_text()
    )
    for act, roles, two, closed in rows:
        listed = set(Role) if roles == "all" else {Role(role) for role in roles.split(", ")}
        told[Act(act)] = (listed, bool(two), bool(closed))
    assert told == {act: (set(TABLE[act]), act in FOUR_EYES, act in WHILE_CLOSED) for act in Act}
