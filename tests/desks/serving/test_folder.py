"""A house's folder: one process at a time, its secret private, its policy read or refused."""

import pytest

from openprep.capture.work.policy import Order, Policy
from openprep.desks.serving.codes import HouseCode, HouseTrouble
from openprep.desks.serving.folder import read_policy, ticket_secret, working_in


def test_two_processes_never_have_one_house(tmp_path):
    with (
        working_in(tmp_path / "house"),
        pytest.raises(HouseTrouble) as refusal,
        working_in(tmp_path / "house"),
    ):
        pass
    assert refusal.value.code is HouseCode.TAKEN
    with working_in(tmp_path / "house"):
        pass


def test_nobody_else_looks_into_a_house(tmp_path):
    with working_in(tmp_path / "house") as folder:
        assert folder.root.stat().st_mode & 0o077 == 0


def test_the_secret_is_drawn_once_and_is_its_owner_s(tmp_path):
    path = tmp_path / "tickets.secret"
    secret = ticket_secret(path)
    assert len(secret) == 32
    assert ticket_secret(path) == secret
    assert path.stat().st_mode & 0o077 == 0
    assert ticket_secret(tmp_path / "another") != secret


@pytest.mark.parametrize("held", [b"", b"zz" * 32, b"ab" * 31, b"ab" * 200])
def test_a_damaged_secret_is_refused_and_not_told(tmp_path, held):
    path = tmp_path / "tickets.secret"
    ticket_secret(path)
    path.write_bytes(held)
    with pytest.raises(HouseTrouble) as refusal:
        ticket_secret(path)
    assert refusal.value.code is HouseCode.SECRET
    assert not held or held.decode() not in str(refusal.value)


def test_a_secret_that_others_may_read_is_refused(tmp_path):
    path = tmp_path / "tickets.secret"
    ticket_secret(path)
    path.chmod(0o640)
    with pytest.raises(HouseTrouble) as refusal:
        ticket_secret(path)
    assert refusal.value.code is HouseCode.SECRET


def test_a_policy_is_data(tmp_path):
    path = tmp_path / "policy.json"
    path.write_text('{"lease_seconds": 120, "ahead": 2, "level": 0, "order": ["oldest"]}')
    assert read_policy(path) == Policy(lease_seconds=120, ahead=2, level=0, order=(Order.OLDEST,))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"lease_seconds": 1}',
        '{"lease": 300}',
        '{"order": []}',
        '{"order": ["newest"]}',
        '{"ahead": null}',
        "[" * 70_000,
        '{"level": 0}' + " " * 70_000,
    ],
)
def test_a_policy_that_is_none_has_a_code(tmp_path, text):
    path = tmp_path / "policy.json"
    path.write_text(text)
    with pytest.raises(HouseTrouble) as refusal:
        read_policy(path)
    assert refusal.value.code is HouseCode.POLICY
