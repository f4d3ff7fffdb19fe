"""A publisher's name in strangers' requests: what it costs, and that the publisher is let in."""

from contextlib import asynccontextmanager

import pytest

from openprep.distribution import strangers
from openprep.distribution.strangers import AT_ONCE, MOST_KEPT, MOST_PROVEN, Strangers
from openprep.doors.door import Door, Limits
from openprep.wire.distribution import requests as signing
from openprep.wire.distribution.codes import DistributionCode
from openprep.wire.distribution.requests import NotAdmitted
from small.distribution import small_office
from small.held import words_held_by

POINTER = "/distribution/pointer?after=none"
HERE, ELSEWHERE = "198.51.100.7", "203.0.113.9"


@pytest.fixture
async def office(tmp_path):
    async with small_office(tmp_path) as office:
        office.next_cut()
        yield office


@asynccontextmanager
async def behind_a_front(office):
    """The same service behind a door that believes a front, which says whose request it is."""
    limits = Limits(fronts=frozenset({"127.0.0.1"}))
    door = Door(office.service.application(), limits, 200)
    port = await door.open("127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await door.close()


async def asked(office, base, network, headers):
    sent = {**headers, "X-Real-IP": network, "Host": office.authority}
    async with office.session.get(f"{base}{POINTER}", headers=sent) as answer:
        found = await answer.json()
        return answer.status, found.get("code"), answer.headers.get("Retry-After")


def false(office):
    signed = office.signed("GET", POINTER)
    return {**signed, "Signature": "openprep=:" + "A" * 86 + "==:"}


async def flood(office, base, network, count=AT_ONCE + 5):
    return [await asked(office, base, network, false(office)) for _ in range(count)]


async def test_strangers_in_a_publisher_s_name_are_refused_unverified_and_it_is_let_in(
    office, monkeypatch
):
    verified, real = [], signing.verify_signature
    monkeypatch.setattr(
        signing, "verify_signature", lambda *given: (verified.append(given), real(*given))[1]
    )
    async with behind_a_front(office) as base:
        answers = await flood(office, base, HERE)
        assert answers[0][:2] == (401, "S005")
        assert answers[-1] == (429, "S060", "2")
        before = len(verified)
        assert before == AT_ONCE + 1
        await flood(office, base, HERE, 10)
        assert len(verified) == before, "what is refused by its count costs no verifying"
        assert (await asked(office, base, ELSEWHERE, office.signed("GET", POINTER)))[0] == 200
        own = office.signed("GET", POINTER, "unam")
        assert (await asked(office, base, HERE, own))[0] == 200, "another name is not counted"


async def test_where_a_publisher_proved_itself_strangers_do_not_shut_it_out(office):
    async with behind_a_front(office) as base:
        assert (await asked(office, base, HERE, office.signed("GET", POINTER)))[0] == 200
        assert {code for _, code, _ in await flood(office, base, HERE)} == {"S005"}
        assert (await asked(office, base, HERE, office.signed("GET", POINTER)))[0] == 200


async def test_a_publisher_s_own_request_that_a_stranger_repeats_is_counted_too(office):
    async with behind_a_front(office) as base:
        seen = office.signed("GET", POINTER)
        assert (await asked(office, base, ELSEWHERE, seen))[0] == 200
        codes = [(await asked(office, base, HERE, seen))[1] for _ in range(AT_ONCE + 5)]
        assert codes[0] == "S012"
        assert codes[-1] == "S060"


async def test_names_that_nobody_has_are_not_remembered(office):
    async with behind_a_front(office) as base:
        for number in range(5):
            headers = false(office)
            headers["Signature-Input"] = headers["Signature-Input"].replace("tec", f"t{number}")
            assert (await asked(office, base, HERE, headers))[1] == "S003"
        assert (await asked(office, base, ELSEWHERE, false(office)))[1] == "S005"
    held = words_held_by(office.service)
    assert ELSEWHERE in held
    assert HERE not in held
    assert not {f"t{number}" for number in range(5)} & held


async def test_the_count_ends_with_time(office):
    async with behind_a_front(office) as base:
        await flood(office, base, HERE)
        assert (await asked(office, base, HERE, office.signed("GET", POINTER)))[1] == "S060"
        office.seconds[0] += 10
        assert (await asked(office, base, HERE, office.signed("GET", POINTER)))[0] == 200


def is_verified(seen, network):
    try:
        seen.check("tec", network, 0.0)
    except NotAdmitted:
        return False
    return True


def test_what_is_remembered_of_strangers_is_bounded():
    seen = Strangers()
    networks = [f"10.0.{number // 256}.{number % 256}" for number in range(MOST_KEPT + 100)]
    for network in networks:
        seen.failed("tec", network, 0.0)
    assert words_held_by(seen) & set(networks) == set(networks[-MOST_KEPT:])


def test_of_a_publisher_s_networks_those_that_it_used_last_are_remembered():
    seen = Strangers()
    networks = [f"192.0.2.{number}" for number in range(MOST_PROVEN + 5)]
    for network in networks:
        for _ in range(AT_ONCE + 1):
            seen.failed("tec", network, 0.0)
        assert not is_verified(seen, network)
        seen.proven("tec", network)
    assert [network for network in networks if is_verified(seen, network)] == networks[
        -MOST_PROVEN:
    ]


def test_who_fails_most_is_not_forgotten_for_who_fails_once(monkeypatch):
    monkeypatch.setattr(strangers, "MOST_KEPT", 3)
    seen = Strangers()
    for number in range(AT_ONCE + 1):
        seen.failed("tec", HERE, 0.0)
        seen.failed("tec", f"10.0.0.{number}", 0.0)
    with pytest.raises(NotAdmitted) as refused:
        seen.check("tec", HERE, 0.0)
    assert refused.value.code is DistributionCode.TOO_MANY_FAILURES
    assert HERE in refused.value.detail
