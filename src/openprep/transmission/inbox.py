"""The centre's inbox: everything about an envelope is checked before any of it is believed.

The order of the checks is the order of trust: size, framing, station, signature; only then is the
payload parsed, and its election, number, time and every fact are checked. An envelope is recorded
whole or not at all, once, however often it is delivered.
"""

import asyncio
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec
from msgspec import Struct

from openprep.clock import Clock
from openprep.election import Acta, Contest, Election, Observation
from openprep.record.codes import RecordTrouble
from openprep.record.events import EnvelopeReceived
from openprep.record.facts import ActaCorrected, Envelope, Fact, decode_envelope
from openprep.record.ledger import Ledger
from openprep.transmission.codes import RefusalCode, Refused
from openprep.transmission.envelope import MAX_ENVELOPE_BYTES, SealedEnvelope, unwrap
from openprep.transmission.keys import Stations

CLOCK_SKEW = timedelta(minutes=5)
"""How far a station's clock may run ahead of the centre's."""

RECEPTION_BEFORE_OPENING = timedelta(hours=14)
"""Before this, there is no acta to report: the polls are not even open."""


class Receipt(Struct, frozen=True):
    """The envelope is in the record, durable. ``duplicate``: it was there before."""

    station: str
    sequence: int
    position: int
    facts: int
    duplicate: bool


class Inbox:
    """Receives envelopes for one election; belongs to the event loop of its ledger."""

    def __init__(
        self, election: Election, stations: Stations, ledger: Ledger, clock: Clock
    ) -> None:
        self.election = election
        self.ledger = ledger
        self.refusals: Counter[str] = Counter()
        self._stations = stations
        self._clock = clock
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def receive(self, body: bytes) -> Receipt:
        """Record the envelope in ``body``; durable when it returns.

        Raises:
            Refused: nothing of it was kept.
        """
        try:
            sealed = self._open(body)
            async with self._turns[sealed.station]:
                return await self._record(sealed)
        except Refused as refusal:
            self.refusals[refusal.code.code] += 1
            raise

    def _open(self, body: bytes) -> SealedEnvelope:
        if len(body) > MAX_ENVELOPE_BYTES:
            detail = f"{len(body)} bytes, at most {MAX_ENVELOPE_BYTES}"
            raise Refused(RefusalCode.OVERSIZE, detail)
        try:
            sealed = unwrap(body)
        except (msgspec.DecodeError, RecursionError) as error:
            raise Refused(RefusalCode.MALFORMED, str(error)) from error
        key = self._stations.get(sealed.station)
        if key is None:
            raise Refused(RefusalCode.UNKNOWN_STATION, sealed.station)
        if not sealed.is_signed_by(key):
            raise Refused(RefusalCode.SIGNATURE, f"envelope of {sealed.station}")
        return sealed

    async def _record(self, sealed: SealedEnvelope) -> Receipt:
        envelope = self._parse(sealed)
        now = self._clock()
        if self._is_known(envelope, sealed):
            return await self._append(envelope, sealed, now)
        self._check_envelope(envelope, now)
        for number, fact in enumerate(envelope.facts, 1):
            self._check_fact(fact, envelope, f"fact {number}")
        return await self._append(envelope, sealed, now)

    def _parse(self, sealed: SealedEnvelope) -> Envelope:
        try:
            envelope = decode_envelope(sealed.payload)
        except (msgspec.DecodeError, RecursionError) as error:
            raise Refused(RefusalCode.MALFORMED, str(error)) from error
        if envelope.station != sealed.station:
            detail = f"sealed by {sealed.station} in the name of {envelope.station}"
            raise Refused(RefusalCode.SIGNATURE, detail)
        if envelope.election != self.election.id:
            raise Refused(RefusalCode.OTHER_ELECTION, envelope.election)
        return envelope

    def _is_known(self, envelope: Envelope, sealed: SealedEnvelope) -> bool:
        """Whether the record may have this very envelope: it answers for itself."""
        last = self.ledger.state.station(envelope.station).sequence
        if envelope.sequence > last:
            return False
        if not self.ledger.record.has(sha256(sealed.payload).digest()):
            detail = f"envelope {envelope.sequence} of {envelope.station}, the last one is {last}"
            raise Refused(RefusalCode.REPLAYED, detail)
        return True

    def _check_envelope(self, envelope: Envelope, now: datetime) -> None:
        state = self.ledger.state
        if state.closed is not None:
            raise Refused(RefusalCode.CLOSED, f"since {state.closed.at.isoformat()}")
        wanted = state.station(envelope.station).sequence + 1
        if envelope.sequence != wanted:
            detail = f"envelope {envelope.sequence} arrived, {wanted} is missing"
            raise Refused(RefusalCode.GAP, detail)
        earliest = self.election.window.opens - RECEPTION_BEFORE_OPENING
        if not earliest <= envelope.sealed_at <= now + CLOCK_SKEW:
            detail = f"sealed at {envelope.sealed_at.isoformat()}, it is {now.isoformat()}"
            raise Refused(RefusalCode.CLOCK, detail)

    def _check_fact(self, fact: Fact, envelope: Envelope, where: str) -> None:
        acta = fact.acta
        contest = self.election.contests.get(acta.contest)
        if contest is None:
            raise Refused(RefusalCode.UNKNOWN_CONTEST, f"{where}: {acta.contest}")
        if len(acta.votes) != len(contest.columns):
            detail = f"{where}: {len(acta.votes)} columns, {contest.id} has {len(contest.columns)}"
            raise Refused(RefusalCode.WRONG_COLUMNS, detail)
        self._check_identity(acta, contest, where)
        self._check_times(acta, envelope, where)
        if isinstance(fact, ActaCorrected) and not self._was_reported(acta, envelope):
            raise Refused(RefusalCode.NOTHING_TO_CORRECT, f"{where}: {acta.contest} {acta.acta}")

    def _check_times(self, acta: Acta, envelope: Envelope, where: str) -> None:
        for at in (acta.received_at, acta.captured_at, acta.verified_at):
            if at is None:
                continue
            if at.tzinfo is None or at > envelope.sealed_at + CLOCK_SKEW:
                raise Refused(RefusalCode.WRONG_TIME, f"{where}: {at.isoformat()}")

    def _check_identity(self, acta: Acta, contest: Contest, where: str) -> None:
        if acta.acta is None:
            known = Observation.FUERA_DE_CATALOGO in acta.observations
        else:
            known = acta.acta in self.election.expected[contest.id]
        if not known:
            raise Refused(RefusalCode.UNKNOWN_ACTA, f"{where}: {contest.id} {acta.acta}")

    def _was_reported(self, acta: Acta, envelope: Envelope) -> bool:
        if acta.acta is None:
            return False
        if self.ledger.state.contest(acta.contest).acta(acta.acta) is not None:
            return True
        same = (fact.acta for fact in envelope.facts if not isinstance(fact, ActaCorrected))
        return any((one.contest, one.acta) == (acta.contest, acta.acta) for one in same)

    async def _append(self, envelope: Envelope, sealed: SealedEnvelope, now: datetime) -> Receipt:
        event = EnvelopeReceived(
            now, envelope.station, envelope.sequence, sealed.payload, sealed.signature
        )
        try:
            appended = await self.ledger.append(event, envelope.facts)
        except RecordTrouble as trouble:
            raise Refused(RefusalCode.NOT_RECORDED, str(trouble)) from trouble
        return Receipt(
            station=envelope.station,
            sequence=envelope.sequence,
            position=appended.position,
            facts=len(envelope.facts),
            duplicate=appended.duplicate,
        )
