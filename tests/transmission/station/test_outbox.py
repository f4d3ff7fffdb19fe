"""What a station saved: durable before it says so, sealed once, resumed exactly."""

from datetime import timedelta

import pytest

from hostile.killing import deaths_of_a_child, new_folders
from openprep.record.codes import RecordCode, RecordTrouble
from openprep.record.facts import MAX_FACTS, ActaCorrected, ActaReported, decode_envelope
from openprep.transmission.codes import Refused
from openprep.transmission.envelope import MAX_ENVELOPE_BYTES, unwrap
from openprep.transmission.station.outbox import Contents, FactTooLarge, Outbox, contents, facts_of
from record.engine import full_disk, noting_connections
from small.election import acta
from transmission.small_center import ELECTION, KEYS, NOW


@pytest.fixture
def path(tmp_path):
    return tmp_path / "D01.outbox"


@pytest.fixture
def connections():
    with noting_connections() as connections:
        yield connections


@pytest.fixture
def outbox(path, connections):
    outbox = open_outbox(path)
    yield outbox
    outbox.close()


def open_outbox(path, clock=lambda: NOW, election=ELECTION.id, station="D01"):
    return Outbox(path, election, station, KEYS["D01"], clock)


def reported(number):
    return ActaReported(acta(number % 7, total_written=number))


def everything(outbox):
    """Envelopes in order of delivery, and the bodies they came in."""
    found = []
    while (pending := outbox.next_pending()) is not None:
        sealed = unwrap(pending.body)
        assert sealed.is_signed_by(KEYS["D01"].public_key())
        found.append((decode_envelope(sealed.payload), pending.body))
        outbox.mark_delivered(pending.sequence)
    return found


def test_facts_leave_in_order_in_envelopes_numbered_without_gap(outbox):
    outbox.put([reported(0), reported(1)])
    outbox.put([])
    outbox.put([reported(2)])
    envelopes = [envelope for envelope, _ in everything(outbox)]
    assert [envelope.sequence for envelope in envelopes] == [1, 2]
    assert [fact.acta.total_written for envelope in envelopes for fact in envelope.facts] == [
        0,
        1,
        2,
    ]


def test_after_a_restart_the_same_bytes_are_sent_though_the_clock_moved(outbox, path):
    outbox.put([reported(0)])
    body = outbox.next_pending().body
    outbox.close()
    again = open_outbox(path, lambda: NOW + timedelta(hours=1))
    assert again.next_pending().body == body
    again.close()


def test_the_cursor_is_saved_with_the_facts_or_not_at_all(outbox):
    assert outbox.cursor == 0
    outbox.put([reported(0)], cursor=7)
    with pytest.raises(FactTooLarge):
        outbox.put([reported(1), too_large()], cursor=9)
    assert outbox.cursor == 7
    assert len(everything(outbox)) == 1


def too_large():
    return ActaReported(acta(0, contest="x" * MAX_ENVELOPE_BYTES))


def test_many_facts_are_split_by_number_and_by_bytes(outbox):
    outbox.put([reported(n) for n in range(MAX_FACTS + 1)])
    big = [ActaReported(acta(0, contest="x" * 900_000)) for _ in range(5)]
    outbox.put(big)
    found = everything(outbox)
    assert [len(envelope.facts) for envelope, _ in found] == [MAX_FACTS, 1, 2, 2, 1]
    assert all(len(body) <= MAX_ENVELOPE_BYTES for _, body in found)


def test_the_largest_reasonable_envelope_fits_whole(outbox):
    reason = "ñ" * 500
    outbox.put([ActaCorrected(acta(0), reason)] * MAX_FACTS)
    ((envelope, body),) = everything(outbox)
    assert len(envelope.facts) == MAX_FACTS
    assert len(body) <= MAX_ENVELOPE_BYTES


def test_the_contents_are_told_without_the_key_while_the_station_works(outbox, path):
    outbox.put([reported(0), reported(1)])
    outbox.put([reported(2)])
    outbox.mark_delivered(1)
    assert contents(path) == Contents(saved=3, pending=1, pending_envelopes=1)


@pytest.mark.parametrize("other", [{"election": "other-2024"}, {"station": "D02"}])
def test_an_outbox_belongs_to_one_station_and_one_election(outbox, path, other):
    with pytest.raises(RecordTrouble) as trouble:
        open_outbox(path, **other)
    assert trouble.value.code is RecordCode.OTHER_ELECTION


def test_a_missing_or_alien_file_is_not_taken_for_an_outbox(tmp_path):
    for content in (None, b"", b"hello" * 1000):
        path = tmp_path / "file"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(RecordTrouble) as trouble:
            contents(path)
        assert trouble.value.code is RecordCode.UNREADABLE
        assert path.exists() == (content is not None)


def test_a_full_disk_saves_nothing_and_says_so(outbox, connections):
    outbox.put([reported(0)], cursor=1)
    with full_disk(connections[0]), pytest.raises(RecordTrouble) as trouble:
        outbox.put([reported(n) for n in range(100)], cursor=2)
    assert trouble.value.code is RecordCode.DISK_FULL
    outbox.put([reported(1)], cursor=2)
    assert [envelope.sequence for envelope, _ in everything(outbox)] == [1, 2]


def save_and_note(path):
    """A station saves, says so, and sends; what it said is noted after it was true."""
    outbox = open_outbox(path)
    for number in range(3):
        outbox.put([reported(number)], cursor=number + 1)
        with path.with_name("said").open("a") as said:
            said.write("saved\n")
        outbox.mark_delivered(outbox.next_pending().sequence)
    outbox.close()


def test_a_station_killed_at_any_call_goes_on_exactly_where_it_was(tmp_path):
    new_folder = new_folders(tmp_path)

    def begin():
        folder = new_folder()
        folder.mkdir()
        (folder / "said").touch()
        return folder / "D01.outbox"

    ways = set()
    for path in deaths_of_a_child(begin, save_and_note):
        saved = len(path.with_name("said").read_text().splitlines())
        outbox = open_outbox(path)
        assert outbox.cursor in {saved, saved + 1}
        ways.add((saved, outbox.cursor))
        for number in range(outbox.cursor, 5):
            outbox.put([reported(number)], cursor=number + 1)
        outbox.rewind(1)
        envelopes = [envelope for envelope, _ in everything(outbox)]
        assert [envelope.sequence for envelope in envelopes] == [1, 2, 3, 4, 5]
        assert [envelope.facts[0].acta.total_written for envelope in envelopes] == [0, 1, 2, 3, 4]
        outbox.close()
    assert ways == {(0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (2, 3), (3, 3)}


async def test_a_refused_envelope_is_withdrawn_and_what_was_saved_after_it_is_delivered(
    path, center
):
    """A clock that stood in 1970 must not keep a station's whole night from leaving."""
    clock = [NOW - timedelta(days=365 * 54)]
    outbox = open_outbox(path, lambda: clock[0])
    outbox.put([reported(0)])
    clock[0] = NOW
    outbox.put([reported(3)])
    outbox.put([reported(4), reported(5)])
    with pytest.raises(Refused):
        await center.inbox.receive(outbox.next_pending().body)
    withdrawn = facts_of(outbox.next_pending())
    outbox.withdraw_first()
    outbox.put(withdrawn)
    while (pending := outbox.next_pending()) is not None:
        await center.inbox.receive(pending.body)
        outbox.mark_delivered(pending.sequence)
    assert [event.sequence for event in center.envelopes] == [1, 2, 3]
    assert center.ledger.state.station("D01").facts == 4
    outbox.close()


def test_withdrawing_from_an_outbox_with_nothing_pending_changes_nothing(outbox):
    outbox.put([reported(0)])
    everything(outbox)
    outbox.withdraw_first()
    assert outbox.next_pending() is None
    outbox.put([reported(1)])
    assert outbox.next_pending().sequence == 2
