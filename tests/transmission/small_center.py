"""A small centre with a real record, and stations with real keys."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.election import Rules
from openprep.election.remit import Remit
from openprep.record.events import Event
from openprep.record.facts import ActaReported, Envelope, Fact
from openprep.record.images import ImageFolder
from openprep.record.ledger import Ledger
from openprep.record.sqlite import Record
from openprep.record.state import fold
from openprep.transmission.codes import RefusalCode, Refused
from openprep.transmission.envelope import seal
from openprep.transmission.inbox.images import ImageInbox
from openprep.transmission.inbox.inbox import Inbox
from openprep.transmission.keys import Station
from record.engine import noting_connections
from small.election import OPENS, acta, small_election

NOW = OPENS + timedelta(hours=3)
ELECTION = small_election()
KEYS = {
    station: Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
    for number, station in enumerate(("D01", "D02", "D03", "COTEJO", "CCV1", "CCV2"))
}

REMITS = {
    "D01": Remit.of(["AYUN/001", "AYUN/002", "AYUN/000"]),
    "D02": Remit.of(["AYUN/001"]),
    "D03": Remit.of(["AYUN/002"]),
    "COTEJO": Remit.of([], ["*"]),
    "CCV1": Remit.of([], captures=["*"]),
    "CCV2": Remit.of([], captures=["AYUN/001"]),
}
"""D01 reports everything, D02 the first municipality too, D03 the second; one checks, and two
capture, the second the first municipality only."""


@dataclass
class SmallCenter:
    path: Path
    now: datetime = NOW
    keys: dict[str, Ed25519PrivateKey] = field(default_factory=lambda: KEYS)
    """Of the stations that are enrolled."""
    rules: Rules = ELECTION.rules
    record: Record = field(init=False)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        with noting_connections() as self.connections:
            self.record = Record.open(self.path, ELECTION.id, ELECTION.digest)
        self.ledger = Ledger(self.record, self.rules)
        stations = {
            name: Station(key.public_key(), REMITS[name]) for name, key in self.keys.items()
        }
        self.inbox = Inbox(ELECTION, stations.get, self.ledger, lambda: self.now)
        self.folder = ImageFolder(self.path.parent / "images")
        self.images = ImageInbox(self.ledger, self.folder, lambda: self.now)

    def restart(self) -> None:
        self.record.close()
        self.open()

    @property
    def envelopes(self) -> list[Event]:
        return [event for _, event in self.record.read()]


def envelope(sequence: int = 1, *facts: Fact, **changes: Any) -> Envelope:
    values: dict[str, Any] = {
        "election": ELECTION.id,
        "station": "D01",
        "sequence": sequence,
        "sealed_at": NOW,
        "facts": facts or (ActaReported(acta(0)),),
    }
    return Envelope(**{**values, **changes})


def sealed(sequence: int = 1, *facts: Fact, key: str = "D01", **changes: Any) -> bytes:
    return seal(envelope(sequence, *facts, **changes), KEYS[key])


def by(station: str, sequence: int, *facts: Fact) -> bytes:
    """An envelope that a station seals with its own key."""
    return sealed(sequence, *facts, station=station, key=station)


async def assert_refused(center: SmallCenter, body: bytes, code: RefusalCode) -> Refused:
    before = center.envelopes
    state = fold(center.record.read())
    with pytest.raises(Refused) as refusal:
        await center.inbox.receive(body)
    assert refusal.value.code is code
    assert center.inbox.refusals[code.code] == 1
    assert center.envelopes == before
    assert center.ledger.state == state
    return refusal.value
