"""What comes of the facts of an envelope: each may stand, or is held for a person, or is too much.

A place speaks for its own actas (its remit, by the enrolment that stands now) and one that checks
may correct. Pure: the decision is recorded with the envelope, so that it is made once.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from openprep.capture.acts import HouseAct
from openprep.capture.steps import (
    ActaArbitrated,
    ActaCaptured,
    ActaChecked,
    ActaIdentified,
    ActaSampled,
    ActaSentBack,
    AnyStep,
    SampleDrawn,
)
from openprep.coded import Text
from openprep.election import Acta, Election
from openprep.election.plausibility import implausible_amount_of, wrong_excess_of
from openprep.election.remit import Reach, Remit
from openprep.record.aside import ActaKey, Why, figures_of, key_of
from openprep.record.events import HeldFact
from openprep.record.facts import ActaCorrected, ActaFact, ActaReported, Envelope, OfAnActa
from openprep.record.state import ContestActas, State
from openprep.transmission.codes import RefusalCode, Refused

MAX_VERSIONS = 10
"""Most versions of an acta that its own place may bring it to."""

MAX_CHECKED_VERSIONS = 20
"""Most versions of an acta in all: a thief in its place leaves room for whoever checks it."""

MAX_OUTSIDE = 200
"""Most actas out of catalogue of one station; Puebla 2024 had 36 in all."""

MAX_IDLE = 5_000
"""Most facts of one station that bring nothing: set aside, or known already. A district expects
fewer than 4,000 actas."""


class Doubt(NamedTuple):
    """Why figures wait for a person, and which they are."""

    why: Why
    words: Text


def doubt_of(acta: Acta, election: Election) -> Doubt | None:
    """What of an acta's figures waits for a person, whoever reports it; ``None`` if nothing."""
    expected = election.expected[acta.contest].get(acta.acta or "")
    if expected is not None and (words := wrong_excess_of(acta, expected, election.rules)):
        return Doubt(Why.WRONG_EXCESS, words)
    if words := implausible_amount_of(acta, expected, election.rules):
        return Doubt(Why.IMPLAUSIBLE, words)
    return None


def why_step_held(step: AnyStep, remit: Remit, election: Election) -> Why | None:
    """Why a step of a place with this ``remit`` waits for a person; ``None`` if it does not."""
    if not _reach_of(step, remit).covers(step.contest, step.acta, election):
        return Why.NOT_ITS_ROLE
    figures = figures_of(step)
    doubt = None if figures is None else doubt_of(figures, election)
    return None if doubt is None else doubt.why


def _reach_of(step: AnyStep, remit: Remit) -> Reach:
    """The areas in which a place has the role that a step asks for."""
    match step:
        case ActaCaptured() | ActaArbitrated() | ActaSentBack() | ActaSampled():
            return remit.captures
        case ActaChecked() | ActaIdentified():
            return remit.corrects
        case SampleDrawn():
            return remit.anything
    return remit.reports


@dataclass
class Judge:
    """Judges the facts of one envelope in their order, each after those before it.

    ``idle`` counts those that bring no version.
    """

    envelope: Envelope
    election: Election
    state: State
    remit: Remit
    idle: int = 0
    _added: Counter[ActaKey] = field(default_factory=Counter)
    _standing: dict[ActaKey, Acta] = field(default_factory=dict)
    _reported_outside: int = 0
    _outside: Counter[ActaKey] = field(default_factory=Counter)

    def held(self) -> tuple[HeldFact, ...]:
        """The facts that wait for a person, and why.

        Raises:
            Refused: NOTHING_TO_CORRECT, NOT_OUTSIDE, TOO_MANY_VERSIONS, TOO_MANY_OUTSIDE or
                TOO_MUCH_ASIDE: the envelope is not taken.
        """
        found = []
        for number, fact in enumerate(self.envelope.facts, 1):
            if isinstance(fact, HouseAct):
                self.idle += 1
                continue
            why = self._why_held(fact)
            if why is not None:
                found.append(HeldFact(number, why.code))
                self.idle += 1
            elif isinstance(fact, ActaCorrected):
                self._correct(fact, f"fact {number}")
            elif isinstance(fact, ActaReported):
                self._report(fact, f"fact {number}")
        self._check_idle()
        return tuple(found)

    def _why_held(self, fact: OfAnActa) -> Why | None:
        if isinstance(fact, ActaFact):
            return self._why_acta_held(fact)
        return why_step_held(fact, self.remit, self.election)

    def _why_acta_held(self, fact: ActaFact) -> Why | None:
        acta, election = fact.acta, self.election
        checks = self._checks(acta)
        reports = self.remit.reports.covers(acta.contest, acta.acta, election)
        if isinstance(fact, ActaReported):
            if self._actas(acta).knows(acta):
                return None
            if not reports and not (checks and acta.acta is None):
                return Why.NOT_RESPONSIBLE
        elif not checks and not (reports and self._may_identify(fact)):
            return Why.NOT_A_CHECKER
        doubt = doubt_of(acta, election)
        confirmed = checks and (isinstance(fact, ActaCorrected) or acta.acta is None)
        if doubt is None or (confirmed and doubt.why is Why.IMPLAUSIBLE):
            return None
        return doubt.why

    def _may_identify(self, fact: ActaCorrected) -> bool:
        """Whether the paper that a correction takes off, if it does, is one of this place's own."""
        if fact.outside is None or fact.acta.acta is None:
            return True
        contest, station = fact.acta.contest, self.envelope.station
        if self._outside[contest, fact.outside] > 0:
            return True
        papers = self.state.contest(contest)
        places = papers.outside.get(fact.outside, ())
        return all(papers.out_of_catalogue[place].station == station for place in places)

    def _report(self, fact: ActaReported, where: str) -> None:
        acta = fact.acta
        if acta.acta is None:
            self._report_outside(acta, where)
        elif self._versions(acta):
            self.idle += 1
        else:
            self._add(acta)

    def _report_outside(self, acta: Acta, where: str) -> None:
        place = key_of(acta)
        if self._actas(acta).knows(acta) or (acta.image_sha256 and self._outside[place] > 0):
            self.idle += 1
            return
        before = self.state.station(self.envelope.station).outside
        if before + self._reported_outside >= MAX_OUTSIDE:
            raise Refused(
                RefusalCode.TOO_MANY_OUTSIDE,
                "{where}: {station} has reported {limit}",
                where=where,
                station=self.envelope.station,
                limit=MAX_OUTSIDE,
            )
        self._reported_outside += 1
        self._outside[place] += 1

    def _correct(self, fact: ActaCorrected, where: str) -> None:
        acta, versions = fact.acta, self._versions(fact.acta)
        if acta.acta is None:
            raise Refused(
                RefusalCode.NOTHING_TO_CORRECT,
                "{where}: no acta of {contest}'s catalogue is named",
                where=where,
                contest=acta.contest,
            )
        paper = None if fact.outside is None else (acta.contest, fact.outside)
        if self._stands(acta) == acta and not (paper and self._is_outside(paper)):
            self.idle += 1
            return
        if paper is not None:
            self._identify(paper, where)
        elif not versions and not self._may_begin(acta):
            raise Refused(
                RefusalCode.NOTHING_TO_CORRECT,
                "{where}: {contest} {acta}",
                where=where,
                contest=acta.contest,
                acta=acta.acta,
            )
        checks = self._checks(acta)
        most = MAX_CHECKED_VERSIONS if checks else MAX_VERSIONS
        if versions >= most:
            raise Refused(
                RefusalCode.TOO_MANY_VERSIONS,
                "{where}: {contest} {acta} has {versions}",
                where=where,
                contest=acta.contest,
                acta=acta.acta,
                versions=versions,
            )
        self._add(acta)

    def _identify(self, paper: ActaKey, where: str) -> None:
        """Take off a paper out of catalogue: one paper is one acta's."""
        if not self._is_outside(paper):
            contest, acta = paper
            raise Refused(
                RefusalCode.NOT_OUTSIDE,
                "{where}: {contest} {acta}",
                where=where,
                contest=contest,
                acta=acta,
            )
        self._outside[paper] -= 1

    def _is_outside(self, paper: ActaKey) -> bool:
        """Whether a paper would stand out of catalogue after the facts before this one."""
        contest, digest = paper
        known = self.state.contest(contest).outside.get(digest, ())
        return len(known) + self._outside[paper] > 0

    def _add(self, acta: Acta) -> None:
        self._added[key_of(acta)] += 1
        self._standing[key_of(acta)] = acta

    def _stands(self, acta: Acta) -> Acta | None:
        """What would stand after the facts before this one."""
        return self._standing.get(key_of(acta)) or self._actas(acta).acta(acta.acta or "")

    def _may_begin(self, acta: Acta) -> bool:
        """Whether a correction may be an acta's first version: it is checked, or was held."""
        waits = key_of(acta) in self.state.unsettled
        return waits or self._checks(acta)

    def _checks(self, acta: Acta) -> bool:
        """Whether the place has the role to check an acta, whoever reports it."""
        return self.remit.corrects.covers(acta.contest, acta.acta, self.election)

    def _actas(self, acta: Acta) -> ContestActas:
        # Looks without touching: State.contest would make the contest in passing.
        return self.state.contest(acta.contest)

    def _versions(self, acta: Acta) -> int:
        if acta.acta is None:
            return 0
        current = self._actas(acta).current.get(acta.acta)
        return (current.number if current else 0) + self._added[key_of(acta)]

    def _check_idle(self) -> None:
        before = self.state.station(self.envelope.station).idle
        if self.idle and before + self.idle > MAX_IDLE:
            raise Refused(
                RefusalCode.TOO_MUCH_ASIDE,
                "{before} facts of {station} brought nothing",
                before=before,
                station=self.envelope.station,
            )


def judge(
    envelope: Envelope, election: Election, state: State, remit: Remit
) -> tuple[HeldFact, ...]:
    """The facts of ``envelope`` that wait for a person; see :meth:`Judge.held`."""
    return Judge(envelope, election, state, remit).held()
