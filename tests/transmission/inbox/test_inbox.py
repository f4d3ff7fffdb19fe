"""Attacks on the inbox. After each one the record is as it was, and the refusal was counted."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openprep.election import FieldState, Observation
from openprep.election.cut import CutKind
from openprep.record.aside import Why
from openprep.record.events import Closed, CutMade
from openprep.record.facts import MAX_FACTS, ActaCorrected, ActaReported, encode_envelope
from openprep.record.state import fold
from openprep.transmission.codes import RefusalCode, Refused
from openprep.transmission.envelope import MAX_ENVELOPE_BYTES, SIGNED_PREFIX, seal
from record.engine import full_disk
from small.election import acta, outside
from transmission.small_center import (
    ELECTION,
    KEYS,
    NOW,
    SmallCenter,
    assert_refused,
    envelope,
    sealed,
)


def wire(payload, key="D01", station="D01", **more):
    signature = KEYS[key].sign(SIGNED_PREFIX + payload)
    fields = {"station": station, "payload": payload, "signature": signature, **more}
    return msgspec.msgpack.encode(fields)


def corrected(number, **changes):
    return ActaCorrected(acta(number, **changes), "cotejo")


async def test_an_honest_envelope_is_recorded_with_its_evidence(center):
    body = sealed(1, ActaReported(acta(0)), ActaReported(acta(3)), ActaReported(outside()))
    receipt = await center.inbox.receive(body)
    assert (receipt.position, receipt.facts, receipt.duplicate) == (1, 3, False)
    (event,) = center.envelopes
    KEYS["D01"].public_key().verify(event.signature, SIGNED_PREFIX + event.payload)
    assert center.ledger.state.contest("AYUN").acta("A0") == acta(0)
    assert center.ledger.state == fold(center.record.read())


async def test_a_forged_signature(center):
    body = bytearray(sealed())
    body[-1] ^= 1
    await assert_refused(center, bytes(body), RefusalCode.SIGNATURE)


async def test_a_digit_changed_on_the_way(center):
    body = sealed().replace(b'"total_written":301', b'"total_written":302')
    await assert_refused(center, body, RefusalCode.SIGNATURE)


async def test_another_stations_key(center):
    await assert_refused(center, sealed(key="D02"), RefusalCode.SIGNATURE)


async def test_an_enrolled_station_speaking_for_another(center):
    payload = encode_envelope(envelope(station="D01"))
    body = wire(payload, key="D02", station="D02")
    await assert_refused(center, body, RefusalCode.SIGNATURE)


async def test_a_signature_made_for_something_else(center):
    payload = encode_envelope(envelope())
    body = msgspec.msgpack.encode(
        {"station": "D01", "payload": payload, "signature": KEYS["D01"].sign(payload)}
    )
    await assert_refused(center, body, RefusalCode.SIGNATURE)


@pytest.mark.parametrize("size", [0, 63, 65, 100_000])
async def test_a_signature_of_another_size(center, size):
    body = msgspec.msgpack.encode(
        {"station": "D01", "payload": encode_envelope(envelope()), "signature": b"s" * size}
    )
    await assert_refused(center, body, RefusalCode.SIGNATURE)


async def test_a_station_that_nobody_enrolled(center):
    body = seal(envelope(station="D99"), KEYS["D01"])
    await assert_refused(center, body, RefusalCode.UNKNOWN_STATION)


async def test_an_envelope_of_another_election(center):
    await assert_refused(center, sealed(election="simulacro-2024"), RefusalCode.OTHER_ELECTION)


async def test_more_bytes_than_an_envelope_may_have(center):
    await assert_refused(center, b"\x00" * (MAX_ENVELOPE_BYTES + 1), RefusalCode.OVERSIZE)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"\xc1",
        b"\xdf\xff\xff\xff\xff",
        b"\xdd\xff\xff\xff\xff",
        b"\x91" * 100_000,
        b"\x81\xa1x" * 100_000,
        sealed()[:-10],
        sealed() + b"more",
        msgspec.msgpack.encode({"station": "../../etc", "payload": b"", "signature": b""}),
        msgspec.msgpack.encode({"station": "D01", "payload": "text", "signature": b""}),
        msgspec.msgpack.encode(
            {"station": "D01", "payload": b"", "signature": b"", "believe_me": True}
        ),
    ],
    ids=range(12),
)
async def test_bytes_that_are_not_an_envelope(center, body):
    await assert_refused(center, body, RefusalCode.MALFORMED)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"[" * 1_000_000,
        b'{"facts":' + b"[" * 1_000_000,
        b'{"facts":[{"fact":"acta_reported","acta":{"votes":' + b"[" * 1_000_000,
        b'{"' + b"x" * 1_000_000 + b'":1}',
        encode_envelope(envelope()).replace(b'"D01"', b'"\xff\xfe"'),
        encode_envelope(envelope()).replace(b'"sequence":1', b'"sequence":0'),
        encode_envelope(envelope()).replace(b'"sequence":1', b'"sequence":1e300'),
        encode_envelope(envelope()).replace(b'"sequence":1', b'"sequence":' + b"9" * 5000),
        encode_envelope(envelope()).replace(b'"total_written":301', b'"total_written":-1'),
        encode_envelope(envelope()).replace(b'"total_written":301', b'"total_written":100000000'),
        encode_envelope(envelope()).replace(b'"total_written":301', b'"total_written":true'),
        encode_envelope(envelope()).replace(b'"total_written":301', b'"total_written":3.5'),
        encode_envelope(envelope()).replace(b'"acta_reported"', b'"acta_deleted"'),
        encode_envelope(envelope()).replace(b'"sequence":1', b'"sequence":1,"extra":1'),
        encode_envelope(envelope(sealed_at=NOW.replace(tzinfo=None))),
    ],
    ids=range(17),
)
async def test_a_signed_payload_that_is_not_an_envelope(center, payload):
    await assert_refused(center, wire(payload), RefusalCode.MALFORMED)


@pytest.mark.parametrize("count", [0, MAX_FACTS + 1])
async def test_no_facts_or_too_many(center, count):
    body = seal(envelope(facts=(ActaReported(acta(0)),) * count), KEYS["D01"])
    await assert_refused(center, body, RefusalCode.MALFORMED)


async def test_a_replay_is_answered_and_recorded_once(center):
    body = sealed()
    first = await center.inbox.receive(body)
    again = await center.inbox.receive(body)
    assert again == msgspec.structs.replace(first, duplicate=True)
    assert len(center.envelopes) == 1
    assert center.ledger.state.stations["D01"].facts == 1


async def test_a_replay_is_answered_after_a_restart_and_after_the_closing(center):
    body = sealed()
    first = await center.inbox.receive(body)
    center.restart()
    await center.ledger.append(Closed(NOW, "the window ended"))
    assert (await center.inbox.receive(body)).position == first.position


async def test_a_replay_that_the_record_cannot_look_up_is_told_to_try_again(center):
    body = sealed()
    first = await center.inbox.receive(body)
    _, looking = center.connections
    looking.close()
    refusal = await assert_refused(center, body, RefusalCode.NOT_RECORDED)
    assert refusal.code.curable
    center.restart()
    assert (await center.inbox.receive(body)).position == first.position


async def test_other_contents_under_a_recorded_number(center):
    await center.inbox.receive(sealed())
    other = sealed(1, ActaReported(acta(3)))
    refusal = await assert_refused(center, other, RefusalCode.REPLAYED)
    assert refusal.expected == 2


async def test_a_gap_names_the_missing_envelope(center):
    await center.inbox.receive(sealed())
    refusal = await assert_refused(center, sealed(4), RefusalCode.GAP)
    assert refusal.expected == 2


async def test_an_envelope_sealed_in_the_future_or_before_the_day(center):
    for sealed_at, curable in (
        (NOW + timedelta(minutes=6), True),
        (NOW - timedelta(days=2), False),
    ):
        center.inbox.refusals.clear()
        refusal = await assert_refused(center, sealed(sealed_at=sealed_at), RefusalCode.CLOCK)
        assert refusal.curable is curable


@pytest.mark.parametrize(("ahead", "again"), [(301, 1), (330.2, 31), (7200, 60), (86400 * 400, 60)])
async def test_a_station_ahead_is_told_by_how_much_and_when_to_try_again(center, ahead, again):
    body = sealed(sealed_at=NOW + timedelta(seconds=ahead))
    refusal = await assert_refused(center, body, RefusalCode.CLOCK)
    assert refusal.again_in == again
    assert f"{ahead:.0f} s ahead of the centre" in str(refusal)


async def test_the_centre_s_log_says_once_which_station_is_ahead(center, caplog):
    body = sealed(sealed_at=NOW + timedelta(hours=1))
    for _ in range(3):
        center.inbox.refusals.clear()
        await assert_refused(center, body, RefusalCode.CLOCK)
    said = [
        record.getMessage()
        for record in caplog.records
        if "station D01: T008" in record.getMessage()
    ]
    assert len(said) == 1
    assert "3600 s ahead of the centre" in said[0]
    center.now += timedelta(hours=1)
    await center.inbox.receive(body)


async def test_actas_are_received_before_results_are_public(center):
    center.now = ELECTION.window.opens - timedelta(minutes=10)
    fact = ActaReported(acta(0, received_at=center.now, captured_at=None, verified_at=None))
    await center.inbox.receive(sealed(1, fact, sealed_at=center.now))
    assert len(center.envelopes) == 1


async def test_nothing_is_received_after_the_closing(center):
    await center.ledger.append(Closed(NOW, "the window ended"))
    await assert_refused(center, sealed(), RefusalCode.CLOSED)


async def test_an_envelope_racing_the_closing_is_never_recorded_behind_it(center):
    bodies = [sealed(), sealed(station="D02", key="D02")]
    results = await asyncio.gather(
        center.inbox.receive(bodies[0]),
        center.ledger.append(Closed(NOW, "the window ended")),
        center.inbox.receive(bodies[1]),
        return_exceptions=True,
    )
    assert isinstance(results[2], Refused)
    assert isinstance(center.envelopes[-1], Closed)


FAR = timezone(timedelta(hours=23, minutes=59))

WRONG_FACTS = [
    (ActaReported(acta(0, contest="GUB")), RefusalCode.UNKNOWN_CONTEST),
    (ActaReported(acta(0, contest="")), RefusalCode.UNKNOWN_CONTEST),
    (ActaReported(acta(0, acta="A99")), RefusalCode.UNKNOWN_ACTA),
    (ActaReported(acta(0, acta="")), RefusalCode.UNKNOWN_ACTA),
    (ActaReported(acta(0, acta=None)), RefusalCode.UNKNOWN_ACTA),
    (ActaReported(acta(0, votes=(1, 2, 3))), RefusalCode.WRONG_COLUMNS),
    (ActaReported(acta(0, votes=(1,) * 12)), RefusalCode.WRONG_COLUMNS),
    (ActaReported(acta(0, image_sha256="../../../index.html")), RefusalCode.MALFORMED),
    (ActaReported(acta(0, image_sha256="AB" * 32)), RefusalCode.MALFORMED),
    (ActaReported(acta(0, image_sha256="ab" * 32 + "\n")), RefusalCode.MALFORMED),
    (ActaReported(acta(0, transfer="=HYPERLINK()")), RefusalCode.MALFORMED),
    (ActaReported(acta(0, transfer="D-F\n")), RefusalCode.MALFORMED),
    (ActaReported(acta(0, transfer="D-F-I-D")), RefusalCode.MALFORMED),
    (ActaReported(acta(0, cotejada=4)), RefusalCode.WRONG_VALUE),
    (ActaReported(acta(0, observations=(Observation.SIN_DATO,) * 2)), RefusalCode.WRONG_VALUE),
    (ActaReported(acta(0, received_at=NOW.replace(tzinfo=None))), RefusalCode.WRONG_TIME),
    (ActaReported(acta(0, verified_at=NOW + timedelta(minutes=6))), RefusalCode.WRONG_TIME),
    (ActaReported(acta(0, captured_at=datetime(1, 1, 1, tzinfo=UTC))), RefusalCode.WRONG_TIME),
    (ActaReported(acta(0, captured_at=datetime.min.replace(tzinfo=FAR))), RefusalCode.WRONG_TIME),
    (ActaReported(acta(0, captured_at=datetime.max.replace(tzinfo=UTC))), RefusalCode.WRONG_TIME),
    (corrected(3), RefusalCode.NOTHING_TO_CORRECT),
    (ActaCorrected(outside(), "cotejo"), RefusalCode.NOTHING_TO_CORRECT),
]


@pytest.mark.parametrize(("fact", "code"), WRONG_FACTS, ids=range(len(WRONG_FACTS)))
async def test_one_wrong_fact_refuses_the_whole_envelope(center, fact, code):
    refusal = await assert_refused(center, sealed(1, ActaReported(acta(1)), fact), code)
    assert "fact 2" in refusal.detail or "$.facts[1]" in refusal.detail


async def test_a_correction_before_its_report_in_the_same_envelope(center):
    body = sealed(1, corrected(0), ActaReported(acta(0)))
    await assert_refused(center, body, RefusalCode.NOTHING_TO_CORRECT)


async def test_a_report_and_its_correction_in_one_envelope_or_in_two(center):
    facts = (ActaReported(acta(0)), corrected(0, total_written=FieldState.ILEGIBLE))
    await center.inbox.receive(sealed(1, *facts))
    await center.inbox.receive(sealed(2, corrected(0, total_written=9)))
    current = center.ledger.state.contest("AYUN").current["A0"]
    assert current.number == 3
    assert current.acta.total_written == 9


async def test_a_second_report_with_other_figures_changes_nothing_published(center):
    await center.inbox.receive(sealed())
    other = sealed(1, ActaReported(acta(0, total_written=999)), station="D02", key="D02")
    await center.inbox.receive(other)
    assert center.ledger.state.contest("AYUN").acta("A0") == acta(0)
    (conflict,) = center.ledger.state.waiting()
    assert (conflict.station, conflict.why) == ("D02", Why.CONFLICT)
    assert conflict.said.acta.total_written == 999


async def test_the_same_envelope_arriving_many_times_at_once(center):
    body = sealed()
    receipts = await asyncio.gather(*(center.inbox.receive(body) for _ in range(20)))
    assert len(center.envelopes) == 1
    assert [receipt.duplicate for receipt in receipts].count(False) == 1
    assert {receipt.position for receipt in receipts} == {1}


async def test_two_envelopes_with_one_number_at_once_only_one_stands(center):
    bodies = [sealed(1, ActaReported(acta(number))) for number in (0, 1, 2)]
    results = await asyncio.gather(*map(center.inbox.receive, bodies), return_exceptions=True)
    assert [type(result) for result in results].count(Refused) == 2
    assert len(center.envelopes) == 1


async def test_a_station_that_hangs_up_is_still_counted_once(center):
    """Its envelope may be durable already: the state must not miss it, nor the next number."""
    task = asyncio.ensure_future(center.inbox.receive(sealed()))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await center.ledger.append(CutMade(NOW, 0, CutKind.ZERO, 0, "cd" * 32, 9, 2, bytes(32)))
    assert center.ledger.state == fold(center.record.read())
    receipt = await center.inbox.receive(sealed())
    assert receipt.position in {1, 2}
    assert len([event for event in center.envelopes if not isinstance(event, CutMade)]) == 1


async def test_a_full_disk_refuses_and_the_same_envelope_is_taken_later(center):
    body = sealed(1, *(ActaReported(acta(number % 7)) for number in range(200)))
    with full_disk(center.connections[0]):
        refusal = await assert_refused(center, body, RefusalCode.NOT_RECORDED)
    assert refusal.code.curable
    assert "R004" in refusal.detail
    assert not (await center.inbox.receive(body)).duplicate


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_damage_on_the_way_is_refused(tmp_path_factory, data):
    body = bytearray(sealed())
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
    center = SmallCenter(tmp_path_factory.mktemp("center") / "record.sqlite")
    try:
        if bytes(body) != sealed():
            with pytest.raises(Refused):
                asyncio.run(center.inbox.receive(bytes(body)))
            assert center.envelopes == []
    finally:
        center.record.close()


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda payload: payload.replace(b'"sequence":1', b'"sequence":2,"sequence":1'),
        lambda payload: payload.replace(b":", b": ", 1),
        lambda payload: payload.replace(b'"station"', b'"\\u0073tation"'),
        lambda payload: payload + b" ",
    ],
    ids=["a key twice", "blanks", "an escaped key", "a blank at the end"],
)
async def test_a_payload_that_two_auditors_could_read_in_two_ways(center, rewrite):
    honest = encode_envelope(envelope(1, ActaReported(acta(0))))
    assert rewrite(honest) != honest
    await assert_refused(center, wire(rewrite(honest)), RefusalCode.MALFORMED)
