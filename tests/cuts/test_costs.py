"""What a station can bring about costs in proportion: work is counted, not time."""

import sys
from contextlib import contextmanager
from io import BytesIO

from msgspec import structs

from openprep.cuts.leaves import LogOrder
from openprep.cuts.results import ContestResults
from openprep.election.remit import Remit
from openprep.hosting.log import EntryOffsets
from openprep.record.events import EnvelopeReceived
from openprep.record.facts import ActaCorrected, ActaReported
from openprep.record.state import State
from openprep.transmission.inbox.judging import MAX_OUTSIDE, judge
from openprep.wire.cut.pack import PackWriter
from small import federal
from small.election import acta, outside, small_election
from transmission.small_center import NOW, envelope

ELECTION = small_election()
MANY = 40_000
CALLS_FOR_ONE = 120
"""Calls, of Python and of C, that one acta out of catalogue may cost on its way."""


@contextmanager
def counted():
    """How many calls the block makes, generators' steps among them."""
    calls = [0]

    def count(_, event, __):
        calls[0] += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        yield calls
    finally:
        sys.setprofile(None)


def pack():
    return PackWriter(1, BytesIO())


def papers(first, last):
    lost = outside()
    return [structs.replace(lost, image_sha256=f"{number:064x}") for number in range(first, last)]


def receive(state, station, *facts):
    """What inbox and fold make of an envelope that is signed well."""
    sent = envelope(1, *facts, station=station)
    held = judge(sent, ELECTION, state, Remit.of(["*"], ["*"]))
    event = EnvelopeReceived(
        at=NOW, station=station, sequence=1, payload=b"", signature=b"", held=held
    )
    state.apply(state.position + 1, event, sent.facts)


def flood(state, first, last):
    for start in range(first, last, MAX_OUTSIDE):
        receive(state, f"S{start}", *map(ActaReported, papers(start, start + MAX_OUTSIDE)))


def test_40_000_actas_out_of_catalogue_cost_each_as_much_as_the_first():
    state = State()
    with counted() as few:
        flood(state, 0, MANY // 10)
    with counted() as rest:
        flood(state, MANY // 10, MANY)
    assert few[0] < CALLS_FOR_ONE * MANY // 10
    assert rest[0] < 9 * few[0] * 1.1
    with counted() as calls:
        receive(state, "LAST", ActaReported(acta(0)), ActaCorrected(acta(0, votes=(9,) * 11), "x"))
    assert calls[0] < 300


def test_a_cut_after_40_000_actas_out_of_catalogue_neither_reads_nor_writes_them_again():
    results = ContestResults(ELECTION, ELECTION.contests["AYUN"])
    state, order, first, second = State(), LogOrder(), pack(), pack()
    offsets = EntryOffsets()
    flood(state, 0, MANY)
    offsets.extend([100] * (MANY + 2))
    with counted() as calls:
        results.learn(list(map(order.take, state.versions)))
        results.publish(first, offsets, closing=False)
    assert calls[0] < CALLS_FOR_ONE * MANY
    receive(state, "LAST", ActaReported(acta(0)))
    with counted() as calls:
        results.learn([order.take(state.versions[-1])])
        results.publish(second, offsets, closing=False)
    assert calls[0] < MANY // 4
    assert first.size > 10 * MANY > 10 * second.size
    assert results.summary.out_of_catalogue == MANY


def nation_with(share):
    """Results of the small nation, packed with a share of its actas; its log goes on."""
    election = federal.small_nation()
    results = ContestResults(election, election.contests["SEN"])
    order, offsets = LogOrder(), EntryOffsets()
    offsets.extend([100] * 1000)
    results.learn(list(map(order.take, federal.versions(1, share))))
    results.publish(pack(), offsets, closing=False)
    return results, order, offsets


def calls_of_a_cut(share):
    """What a cut of one more version costs where a share of the actas is counted."""
    results, order, offsets = nation_with(share)
    one = next(iter(federal.versions(2, 1.1)))
    with counted() as calls:
        results.learn([order.take(one)])
        results.publish(pack(), offsets, closing=False)
    return calls[0]


def test_a_cut_costs_the_same_however_many_actas_are_counted():
    few, many = calls_of_a_cut(0.05), calls_of_a_cut(1.1)
    assert many < few * 1.05 + 20


def test_a_cut_in_which_nothing_came_composes_the_root_alone():
    results, _, offsets = nation_with(1.1)
    root, packed = results.root, pack()
    with counted() as calls:
        results.learn([])
        results.publish(packed, offsets, closing=False)
    assert calls[0] < 500
    assert (results.root, packed.size) == (root, 0)
