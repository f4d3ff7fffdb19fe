"""Nothing of an official file is refused or held: the real night goes through to the digit."""

from pathlib import Path

import pytest

from openprep.drill.nights.puebla_2024 import night_of_puebla
from openprep.drill.nights.schedule import remits_of, write_schedules
from openprep.election.declared.folder import load_election
from openprep.election.remit import MAX_SCOPES, Remit
from openprep.record.events import EnvelopeReceived
from openprep.record.facts import MAX_FACTS, Envelope, encode_envelope
from openprep.record.state import State
from openprep.transmission.inbox.checks import check_facts
from openprep.transmission.inbox.judging import judge

PUEBLA = Path(__file__).parents[2] / "elections" / "puebla-2024"


@pytest.fixture(scope="module")
def puebla():
    return load_election(PUEBLA)


@pytest.fixture(scope="module")
def night(puebla):
    return night_of_puebla(puebla, PUEBLA)


def test_the_night_of_puebla_has_nothing_to_hold(puebla, night, tmp_path_factory):
    folder = tmp_path_factory.mktemp("schedules")
    write_schedules(folder, night)
    remits = remits_of(sorted(folder.glob("*.jsonl")), puebla)
    assert max(map(len, remits.values())) <= MAX_SCOPES
    state, sealed_at = State(), puebla.window.closes
    for station, arrivals in night.items():
        ordered = sorted(arrivals, key=lambda arrival: arrival.at)
        remit = Remit.of(remits[station])
        for number, begin in enumerate(range(0, len(ordered), MAX_FACTS), 1):
            facts = tuple(arrival.fact for arrival in ordered[begin : begin + MAX_FACTS])
            envelope = Envelope(puebla.id, station, number, sealed_at, facts)
            check_facts(envelope, puebla)
            assert judge(envelope, puebla, state, remit) == ()
            payload = encode_envelope(envelope)
            event = EnvelopeReceived(sealed_at, station, number, payload, b"")
            state.apply(state.position + 1, event, facts)
    assert not state.aside
    assert sum(len(actas.current) for actas in state.contests.values()) > 24_000
