"""The centre's inbox: everything about an envelope is checked before any of it is believed.

The order of the checks is the order of trust: size, framing, station, signature; only then is the
payload parsed, and its election, number, time and every fact are checked. An envelope is recorded
whole or not at all, once, however often it is delivered.
"""

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import nullcontext
from hashlib import sha256

import msgspec

from openprep.clock import Clock
from openprep.doors.noise import Turns
from openprep.election import Election
from openprep.election.remit import Remit
from openprep.record.aside import SetAside, Why
from openprep.record.codes import RecordTrouble
from openprep.record.events import EnvelopeReceived, HeldFact
from openprep.record.facts import ActaCorrected, Envelope, decode_envelope, encode_envelope
from openprep.record.ledger import Ledger, ReceptionClosed
from openprep.record.sqlite import Appended
from openprep.transmission.answers import MAX_ASIDE, Aside, Receipt
from openprep.transmission.codes import RefusalCode, Refused, not_recorded
from openprep.transmission.envelope import MAX_ENVELOPE_BYTES, SealedEnvelope, unwrap
from openprep.transmission.inbox.checks import check_facts, check_sealing, refusal_of
from openprep.transmission.inbox.judging import judge
from openprep.transmission.keys import FindStation

log = logging.getLogger("openprep.center")

BOUNDS = frozenset(
    {
        RefusalCode.TOO_MANY_VERSIONS,
        RefusalCode.TOO_MANY_OUTSIDE,
        RefusalCode.TOO_MUCH_ASIDE,
    }
)
"""Refusals that no honest station meets."""

MAX_DETAIL = 300
"""Longest account of a parser's complaint: it may quote what the sender wrote."""


class Inbox:
    """Receives envelopes for one election; belongs to the event loop of its ledger."""

    def __init__(
        self, election: Election, find_station: FindStation, ledger: Ledger, clock: Clock
    ) -> None:
        self.election = election
        self.ledger = ledger
        self.refusals: Counter[str] = Counter()
        self._find_station = find_station
        self._clock = clock
        self._ahead: set[str] = set()
        self._alarms = Turns()
        self._identifying = asyncio.Lock()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def receive(self, body: bytes) -> Receipt:
        """Record the envelope in ``body``; durable when it returns.

        Raises:
            Refused: nothing of it was kept.
        """
        try:
            sealed, remit = self._open(body)
            async with self._turns[sealed.station]:
                return await self._record(sealed, remit)
        except Refused as refusal:
            self.count(refusal)
            raise

    def check_enrolled(self, station: str) -> None:
        """See that a station is enrolled, before more of its envelope is read.

        Raises:
            Refused: UNKNOWN_STATION.
        """
        if self._find_station(station) is None:
            raise Refused(RefusalCode.UNKNOWN_STATION, "{station}", station=station[:MAX_DETAIL])

    def count(self, refusal: Refused) -> None:
        """Add a refusal to those that the status shows; a bound that was reached is an alarm.

        Trouble with the disk is told here with all that the station is not told of it, once a
        minute while it lasts.
        """
        code = refusal.code
        if code is RefusalCode.NOT_RECORDED:
            line = f"{code.code} what stations send is refused: {refusal.__cause__}"
            self._alarms.say(log, logging.ERROR, code.code, line)
        if code in BOUNDS and not self.refusals[code.code]:
            log.error("%s", code.line(refusal.text))
        self.refusals[code.code] += 1

    def _open(self, body: bytes) -> tuple[SealedEnvelope, Remit]:
        if len(body) > MAX_ENVELOPE_BYTES:
            raise Refused(
                RefusalCode.OVERSIZE,
                "{size} bytes, at most {limit}",
                size=len(body),
                limit=MAX_ENVELOPE_BYTES,
            )
        try:
            sealed = unwrap(body)
        except msgspec.DecodeError as error:
            raise Refused(
                RefusalCode.MALFORMED, "{error}", error=str(error)[:MAX_DETAIL]
            ) from error
        station = self._find_station(sealed.station)
        if station is None:
            raise Refused(RefusalCode.UNKNOWN_STATION, "{station}", station=sealed.station)
        if not sealed.is_signed_by(station.key):
            raise Refused(RefusalCode.SIGNATURE, "envelope of {station}", station=sealed.station)
        return sealed, station.remit

    async def _record(self, sealed: SealedEnvelope, remit: Remit) -> Receipt:
        envelope = self._parse(sealed)
        digest = sha256(sealed.payload).digest()
        position = self._already_at(envelope, digest)
        if position is None:
            self._check(envelope)
            appended = await self._judge(envelope, sealed, remit)
        else:
            appended = Appended(position, duplicate=True)
        aside = self.ledger.state.aside.get(appended.position, [])
        if not appended.duplicate:
            _tell(aside, envelope.sequence)
        conflicts = sum(held.why is Why.CONFLICT for held in aside)
        return Receipt(
            station=envelope.station,
            sequence=envelope.sequence,
            position=appended.position,
            facts=len(envelope.facts),
            digest=digest.hex(),
            duplicate=appended.duplicate,
            conflicts=conflicts,
            held=len(aside) - conflicts,
            aside=tuple(map(_aside, aside[:MAX_ASIDE])),
        )

    def _parse(self, sealed: SealedEnvelope) -> Envelope:
        try:
            envelope = decode_envelope(sealed.payload)
        except msgspec.DecodeError as error:
            raise refusal_of(error) or Refused(
                RefusalCode.MALFORMED, "{error}", error=str(error)[:MAX_DETAIL]
            ) from error
        if encode_envelope(envelope) != sealed.payload:
            # A key given twice could be read one way here and another way by an auditor.
            raise Refused(RefusalCode.MALFORMED, "the payload is not in its one canonical form")
        if envelope.station != sealed.station:
            raise Refused(
                RefusalCode.SIGNATURE,
                "sealed by {station} in the name of {own}",
                station=sealed.station,
                own=envelope.station,
            )
        if envelope.election != self.election.id:
            raise Refused(RefusalCode.OTHER_ELECTION, "{election:.40}", election=envelope.election)
        return envelope

    def _already_at(self, envelope: Envelope, digest: bytes) -> int | None:
        """Where this very envelope stands in the record; ``None`` if its number is new."""
        last = self._last_sequence(envelope.station)
        if envelope.sequence > last:
            return None
        try:
            position = self.ledger.record.position_of(digest)
        except RecordTrouble as trouble:
            raise not_recorded(trouble) from trouble
        if position is None:
            raise Refused(
                RefusalCode.REPLAYED,
                "envelope {sequence} of {station}, the last one is {last}",
                expected=last + 1,
                sequence=envelope.sequence,
                station=envelope.station,
                last=last,
            )
        return position

    def _last_sequence(self, station: str) -> int:
        return self.ledger.state.station(station).sequence

    def _check(self, envelope: Envelope) -> None:
        state = self.ledger.state
        if state.closed is not None:
            raise Refused(RefusalCode.CLOSED, "since {at}", at=state.closed.at.isoformat())
        wanted = self._last_sequence(envelope.station) + 1
        if envelope.sequence != wanted:
            raise Refused(
                RefusalCode.GAP,
                "envelope {sequence} arrived, {wanted} is missing",
                expected=wanted,
                sequence=envelope.sequence,
                wanted=wanted,
            )
        self._check_sealing(envelope)
        check_facts(envelope, self.election)

    def _check_sealing(self, envelope: Envelope) -> None:
        """See to the time of sealing; of a station that is ahead the log says so once."""
        try:
            check_sealing(envelope.sealed_at, self._clock(), self.election)
        except Refused as refusal:
            if refusal.curable and envelope.station not in self._ahead:
                self._ahead.add(envelope.station)
                log.warning("station %s: %s", envelope.station, refusal)
            raise
        self._ahead.discard(envelope.station)

    async def _judge(self, envelope: Envelope, sealed: SealedEnvelope, remit: Remit) -> Appended:
        """Decide what comes of each fact, and record that with the envelope.

        Places that identify papers out of catalogue do so one after the other: the state tells of a
        paper that it was taken off only once that is on disk.
        """
        async with self._identifying if _identifies(envelope) else nullcontext():
            held = judge(envelope, self.election, self.ledger.state, remit)
            return await self._append(envelope, sealed, held)

    async def _append(
        self, envelope: Envelope, sealed: SealedEnvelope, held: tuple[HeldFact, ...]
    ) -> Appended:
        event = EnvelopeReceived(
            at=self._clock(),
            station=envelope.station,
            sequence=envelope.sequence,
            payload=sealed.payload,
            signature=sealed.signature,
            held=held,
        )
        try:
            return await self.ledger.append(event, envelope.facts)
        except ReceptionClosed as closed:
            raise Refused(RefusalCode.CLOSED, "just now") from closed
        except RecordTrouble as trouble:
            raise not_recorded(trouble) from trouble


def _identifies(envelope: Envelope) -> bool:
    return any(isinstance(fact, ActaCorrected) and fact.outside for fact in envelope.facts)


def _tell(aside: Iterable[SetAside], sequence: int) -> None:
    """One line each: how many a station may bring about is bounded."""
    for held in aside:
        code = held.why
        where = f"{held.contest} {held.acta or 'out of catalogue'}"
        log.warning(
            "%s %s, by %s, envelope %d fact %d — %s",
            *(code.code, where, held.station, sequence, held.fact, code.meaning),
        )


def _aside(held: SetAside) -> Aside:
    return Aside(held.fact, held.contest, held.acta, held.why.code, held.why.meaning)
