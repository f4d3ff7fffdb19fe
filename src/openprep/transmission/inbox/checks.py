"""What a fact must be, whoever signed it: election in, refusal out.

What comes of it is judged after (:mod:`openprep.transmission.inbox.judging`).
"""

import re
from datetime import datetime, timedelta
from math import ceil
from typing import NoReturn

import msgspec

from openprep.capture.acts import HouseAct
from openprep.capture.reading import READ_OFF
from openprep.capture.steps import (
    ActaArbitrated,
    ActaCaptured,
    ActaChecked,
    ActaIdentified,
    ActaMissing,
    ActaReceived,
    ActaSampled,
    AnyStep,
    SampleDrawn,
)
from openprep.election import WITHOUT_ACTA, Acta, Contest, Election, Observation
from openprep.election.plausibility import contradiction_of
from openprep.plain import unseen_in
from openprep.record.facts import ActaCorrected, ActaFact, Envelope, Fact
from openprep.transmission.codes import RefusalCode, Refused

CLOCK_SKEW = timedelta(minutes=5)
"""How far a station's clock may run ahead of the centre's, or an acta's of the station's."""

RECEPTION_BEFORE_OPENING = timedelta(hours=14)
"""Before this, no envelope is sealed: the polls are not even open."""

EARLIEST_ACTA = timedelta(days=60)
"""No acta carries an older time: the vote from abroad and in advance begins within it."""

_NO_COTEJADA = re.compile(r" - at `\$(?:\.facts\[(\d+)\])?\.acta\.cotejada`\Z")

LONGEST_AGAIN = 60
"""Seconds after which a station that is ahead tries again, at the latest: clocks are set."""


def check_sealing(sealed_at: datetime, now: datetime, election: Election) -> None:
    """Refuse an envelope sealed before the day, for good, or in the future, for now.

    Which of the two clocks is wrong in the second case nobody can tell here, and waiting cures it.

    Raises:
        Refused: CLOCK.
    """
    said = f"sealed at {sealed_at.isoformat()}, here it is {now.isoformat()}"
    if sealed_at < election.window.opens - RECEPTION_BEFORE_OPENING:
        raise Refused(RefusalCode.CLOCK, "{said}: before the day", said=said)
    ahead = sealed_at - now
    if ahead > CLOCK_SKEW:
        until = ceil((ahead - CLOCK_SKEW).total_seconds())
        raise Refused(
            RefusalCode.CLOCK,
            "{said}: sealed {seconds:.0f} s ahead of the centre",
            again_in=min(until, LONGEST_AGAIN),
            said=said,
            seconds=ahead.total_seconds(),
        )


def refusal_of(error: msgspec.DecodeError, where: str = "") -> Refused | None:
    """The refusal of facts that could not be read for a value that the law lacks, and no more.

    ``where`` names a fact that was read alone; else it is told by its number in the envelope.
    """
    found = _NO_COTEJADA.search(str(error))
    if found is None:
        return None
    where = where or f"fact {int(found[1]) + 1}"
    return Refused(RefusalCode.WRONG_VALUE, "{where}: cotejada must be 1, 2 or 3", where=where)


def check_facts(envelope: Envelope, election: Election) -> None:
    """Refuse the envelope for the first fact in it that does not belong.

    Raises:
        Refused: naming the fact by its number in the envelope, from 1.
    """
    latest = envelope.sealed_at + CLOCK_SKEW
    for number, fact in enumerate(envelope.facts, 1):
        check_fact(fact, election, latest, f"fact {number}")


def check_fact(fact: Fact, election: Election, latest: datetime, where: str) -> None:
    """Refuse a fact that does not belong; ``latest`` is the last time that it may carry.

    Raises:
        Refused: naming it by ``where``.
    """
    if isinstance(fact, HouseAct):
        _check_act(fact, where)
        _check_time(fact.at, election.window.opens - EARLIEST_ACTA, latest, where)
        return
    if not isinstance(fact, ActaFact):
        check_step(fact, election, latest, where)
        return
    _check_acta(fact.acta, election, latest, where)
    if isinstance(fact, ActaCorrected):
        check_reason(fact.reason, where)


def check_alone(fact: Fact, where: str) -> None:
    """Refuse a fact that belongs in no election: all that can be seen without one.

    Raises:
        Refused: naming it by ``where``.
    """
    if isinstance(fact, HouseAct):
        _check_act(fact, where)
        return
    if not isinstance(fact, ActaFact):
        check_step_alone(fact, where)
        return
    _check_values(fact.acta, where)
    check_words(fact.acta, where)
    if isinstance(fact, ActaCorrected):
        check_reason(fact.reason, where)


def _check_act(act: HouseAct, where: str) -> None:
    """Refuse what one person decided of a whole house: it takes two."""
    if not act.is_of_two:
        raise Refused(
            RefusalCode.WRONG_VALUE,
            "{where}: who agreed is who asked, or in the same session",
            where=where,
        )


def check_reason(reason: str, where: str) -> None:
    """Refuse a reason with signs that nobody would see.

    Raises:
        Refused: UNSEEN_TEXT.
    """
    unseen = unseen_in(reason)
    if unseen is not None:
        raise Refused(
            RefusalCode.UNSEEN_TEXT, "{where}: {unseen} in the reason", where=where, unseen=unseen
        )


def check_words(acta: Acta, where: str) -> None:
    """Refuse an acta whose words contradict its figures: the election is not needed for it.

    Raises:
        Refused: CONTRADICTION.
    """
    contradiction = contradiction_of(acta)
    if contradiction is not None:
        raise Refused(
            RefusalCode.CONTRADICTION,
            "{where}: {contradiction}",
            where=where,
            contradiction=contradiction,
        )


def check_step(step: AnyStep, election: Election, latest: datetime, where: str) -> None:
    """Refuse a step that does not belong.

    Raises:
        Refused: naming it by ``where``.
    """
    contest = _contest_of(step.contest, election, where)
    columns = step.columns if isinstance(step, ActaMissing) else None
    if isinstance(step, WITH_READING):
        columns = len(step.reading.votes)
    _check_columns(columns, contest, where)
    if step.acta is not None and step.acta not in election.expected[contest.id]:
        _refuse_unknown(contest.id, step.acta, where)
    if step.acta is None and isinstance(step, IDENTIFIED):
        _refuse_unknown(contest.id, step.acta, where)
    check_step_alone(step, where)
    _check_time(step.at, election.window.opens - EARLIEST_ACTA, latest, where)


WITH_READING = (ActaCaptured, ActaArbitrated, ActaSampled)
IDENTIFIED = (ActaReceived, ActaMissing, ActaChecked, ActaIdentified, ActaSampled)
"""Steps that there are of an acta of the catalogue only."""


def check_step_alone(step: AnyStep, where: str) -> None:
    """Refuse a step that belongs in no election.

    Raises:
        Refused: WRONG_VALUE, CONTRADICTION or UNSEEN_TEXT.
    """
    if isinstance(step, ActaMissing) and step.cause not in WITHOUT_ACTA:
        raise Refused(RefusalCode.WRONG_VALUE, "{where}: no cause of a missing acta", where=where)
    if isinstance(step, WITH_READING):
        noted = step.reading.observations
        if len(noted) != len(set(noted)) or not READ_OFF.issuperset(noted):
            raise Refused(
                RefusalCode.WRONG_VALUE,
                "{where}: an observation that no reading makes, or one that stands twice",
                where=where,
            )
        check_words(step.reading.acta(step.contest, step.acta), where)
    if isinstance(step, SampleDrawn) and step.acta is not None:
        raise Refused(RefusalCode.WRONG_VALUE, "{where}: a draw names no acta", where=where)
    reason = getattr(step, "reason", None)
    if reason is not None:
        check_reason(reason, where)


def _contest_of(contest: str, election: Election, where: str) -> Contest:
    found = election.contests.get(contest)
    if found is None:
        raise Refused(
            RefusalCode.UNKNOWN_CONTEST, "{where}: {contest!r:.40}", where=where, contest=contest
        )
    return found


def _check_columns(columns: int | None, contest: Contest, where: str) -> None:
    if columns is not None and columns != len(contest.columns):
        raise Refused(
            RefusalCode.WRONG_COLUMNS,
            "{where}: {votes} columns, {id} has {columns}",
            where=where,
            votes=columns,
            id=contest.id,
            columns=len(contest.columns),
        )


def _check_acta(acta: Acta, election: Election, latest: datetime, where: str) -> None:
    contest = _contest_of(acta.contest, election, where)
    _check_columns(len(acta.votes), contest, where)
    _check_identity(acta, contest, election, where)
    _check_values(acta, where)
    check_words(acta, where)
    _check_times(acta, election.window.opens - EARLIEST_ACTA, latest, where)


def _check_identity(acta: Acta, contest: Contest, election: Election, where: str) -> None:
    if acta.acta is None:
        known = Observation.FUERA_DE_CATALOGO in acta.observations
    else:
        known = acta.acta in election.expected[contest.id]
    if not known:
        _refuse_unknown(contest.id, acta.acta, where)


def _refuse_unknown(contest: str, acta: str | None, where: str) -> NoReturn:
    raise Refused(
        RefusalCode.UNKNOWN_ACTA,
        "{where}: {id} {acta!r:.40}",
        where=where,
        id=contest,
        acta=acta,
    )


def _check_values(acta: Acta, where: str) -> None:
    if len(acta.observations) != len(set(acta.observations)):
        raise Refused(RefusalCode.WRONG_VALUE, "{where}: an observation stands twice", where=where)


def _check_times(acta: Acta, earliest: datetime, latest: datetime, where: str) -> None:
    for at in (acta.received_at, acta.captured_at, acta.verified_at):
        if at is not None:
            _check_time(at, earliest, latest, where)


def _check_time(at: datetime, earliest: datetime, latest: datetime, where: str) -> None:
    if at.tzinfo is None or not earliest <= at <= latest:
        raise Refused(RefusalCode.WRONG_TIME, "{where}: {at}", where=where, at=at.isoformat())
