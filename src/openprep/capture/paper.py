"""The way of one acta: each step is taken, known already, or set aside with its reason.

The diagram in ``docs/capture.md`` is this code's: a test holds the two against each other. The same
steps in the same order lead to the same figures, whoever folds them, so that a step made by hand
gains nothing over one that a screen made.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, TypeAlias

from msgspec import structs

from openprep.capture.codes import StepCode
from openprep.capture.reading import AMOUNTS, Reading, differing, of_neither
from openprep.capture.sample import Sampled
from openprep.capture.steps import (
    ActaArbitrated,
    ActaCaptured,
    ActaChecked,
    ActaDigitised,
    ActaMissing,
    ActaReceived,
    ActaSampled,
    ActaSentBack,
    PaperStep,
    Step,
    Verdict,
)
from openprep.election import Acta, Cotejada, FieldState
from openprep.election.plausibility import amounts_of


class Stage(Enum):
    """How far an acta is; the value is its name in status pages and files."""

    EXPECTED = "expected"
    WITHOUT_ACTA = "without_acta"
    RECEIVED = "received"
    DIGITISED = "digitised"
    CAPTURED_ONCE = "captured_once"
    DISPUTED = "disputed"
    """Captured twice, and the two differ: it waits for an arbiter."""
    STANDING = "standing"
    """Two captures agree, or an arbiter has spoken: published with the next cut."""
    ACCEPTED = "accepted"
    RECAPTURE = "recapture"
    REDIGITISE = "redigitise"


class Taken(NamedTuple):
    """A capture and the place whose key signed it."""

    step: ActaCaptured
    place: str


@dataclass(frozen=True, slots=True)
class Noted:
    """The step is part of the acta's way; nothing published changes."""


@dataclass(frozen=True, slots=True)
class Known:
    """The step brings nothing: it was taken before, or came after its turn."""


@dataclass(frozen=True, slots=True)
class Published:
    """The step makes these figures stand. ``reason`` is why a version before them does not."""

    acta: Acta
    reason: str = ""
    was: Acta | None = None
    """The acta out of catalogue that this one was taken for."""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The step is kept as evidence, and moves nothing."""

    why: StepCode


Outcome: TypeAlias = Noted | Known | Published | NotTaken


@dataclass(slots=True)
class Paper:
    """What is known of one acta. ``two_places`` asks that captures come from two places.

    Without an identity (``acta`` is ``None``) it is one paper, known by its image.

    ``first`` and ``second`` are the captures of this round, and ``word`` is the arbiter's on them.
    Whoever sends the acta back begins a new round: ``asked`` is why, until figures stand again, and
    ``earlier`` counts the rounds before. ``correcting`` is the check for which what stands is being
    captured again. ``sampled`` is what a third person read of it for the sample.
    """

    contest: str
    acta: str | None
    two_places: bool = False
    received: ActaReceived | None = None
    missing: ActaMissing | None = None
    images: dict[str, ActaDigitised] = field(default_factory=dict)
    first: Taken | None = None
    second: Taken | None = None
    word: ActaArbitrated | None = None
    asked: ActaChecked | ActaSentBack | None = None
    correcting: ActaChecked | None = None
    checked: ActaChecked | None = None
    stands: Acta | None = None
    identified: bool = False
    earlier: int = 0
    sampled: Sampled | None = None
    _brought_by: dict[str, str] = field(default_factory=dict)
    """The place that brought each image."""
    _spent: frozenset[str] = frozenset()
    """Images that were shown and sent back."""
    _saw_before: frozenset[str] = frozenset()
    """People and sessions of the rounds before."""
    _before: frozenset[ActaCaptured | ActaArbitrated] = frozenset()
    """What was read in the rounds before: sent once more, it is no reading of this one."""

    @property
    def stage(self) -> Stage:
        """How far it is."""
        if self.second is not None:
            return self._after_two_captures()
        if self.first is not None:
            return Stage.CAPTURED_ONCE
        if self.asked is not None:
            return Stage.REDIGITISE if self.shown is None else Stage.RECAPTURE
        if self.images:
            return Stage.DIGITISED
        if self.received is not None:
            return Stage.RECEIVED
        return Stage.EXPECTED if self.missing is None else Stage.WITHOUT_ACTA

    def _after_two_captures(self) -> Stage:
        if self.word is None and self._disputed:
            return Stage.DISPUTED
        return Stage.ACCEPTED if self.checked is not None else Stage.STANDING

    @property
    def _disputed(self) -> bool:
        """Whether the two captures of this round differ."""
        assert self.first is not None
        assert self.second is not None
        return not self.first.step.reading.says_what(self.second.step.reading)

    @property
    def shown(self) -> str | None:
        """Digest of the image that the next person captures; ``None`` where there is none.

        The first image stands until it is sent back, whatever comes later (spec C.1, 7). Then
        comes the next one that nobody was shown, those of places of which none was sent back first.
        """
        if self.first is not None:
            return self.first.step.image
        sent_back = {self._brought_by[image] for image in self._spent}
        left = (image for image in self.images if image not in self._spent)
        return min(left, key=lambda image: self._brought_by[image] in sent_back, default=None)

    def take(self, step: PaperStep, place: str) -> Outcome:
        """Go on by one step, which the key of ``place`` signed."""
        outcome: Outcome
        match step:
            case ActaReceived():
                outcome = self._receive(step)
            case ActaMissing():
                outcome = self._miss(step)
            case ActaDigitised():
                outcome = self._digitise(step, place)
            case ActaCaptured():
                outcome = self._capture(Taken(step, place))
            case ActaArbitrated():
                outcome = self._arbitrate(step)
            case ActaSentBack():
                outcome = self._send_back(step)
            case ActaChecked():
                outcome = self._check(step)
            case ActaSampled():
                outcome = self._sample(step)
        return outcome

    def identify(self, acta: str, there: "Paper | None", reason: str) -> Outcome:
        """Become the paper of ``acta``, of which ``there`` is known so far, by its procedure."""
        self.acta, self.identified, was = acta, True, self.stands
        if there is not None:
            self.received, self.missing = self.received or there.received, there.missing
        if was is None:
            self.stands = None if there is None else there.stands
            return Noted()
        assert self.second is not None
        reading = (self.word or self.second.step).reading
        self.stands = self._composed(reading)
        return Published(self.stands, reason, was)

    def _receive(self, step: ActaReceived) -> Outcome:
        if self.received is not None:
            return Known()
        self.received = step
        return Noted()

    def _miss(self, step: ActaMissing) -> Outcome:
        if self.received is not None or self.images:
            return NotTaken(StepCode.HAS_A_PAPER)
        if self.missing is not None:
            same = self.missing.cause is step.cause
            return Known() if same else NotTaken(StepCode.OTHER_CAUSE)
        self.missing = step
        reading = Reading(
            votes=(FieldState.SIN_ACTA,) * step.columns,
            observations=(step.cause,),
            **dict.fromkeys(AMOUNTS, FieldState.SIN_ACTA),
        )
        self.stands = structs.replace(
            reading.acta(self.contest, self.acta), captured_at=step.at, verified_at=step.at
        )
        return Published(self.stands)

    def _digitise(self, step: ActaDigitised, place: str) -> Outcome:
        if step.image in self.images:
            return Known()
        if list(self._brought_by.values()).count(place) >= MAX_IMAGES:
            return NotTaken(StepCode.TOO_MANY_IMAGES)
        self.images[step.image] = step
        self._brought_by[step.image] = place
        return Noted()

    def _capture(self, taken: Taken) -> Outcome:
        if self.second is not None or (self.first and self.first.step == taken.step):
            return Known()
        if taken.step in self._before:
            return Known()
        why = self._why_no_capture(taken)
        if why is not None:
            return NotTaken(why)
        if self.first is None:
            self.first = taken
            return Noted()
        self.second = taken
        return Noted() if self._disputed else self._stand(taken.step.reading)

    def _why_no_capture(self, taken: Taken) -> StepCode | None:
        step = taken.step
        if step.image not in self.images:
            return StepCode.UNKNOWN_IMAGE
        if step.image in self._spent:
            return StepCode.OTHER_IMAGE
        if step.by in self.sent_it_back:
            return StepCode.SAME_PERSON
        if step.session in self.sent_it_back:
            return StepCode.SAME_SESSION
        return None if self.first is None else self._dependence(self.first, taken)

    @property
    def sent_it_back(self) -> frozenset[str]:
        """The two people, and their sessions, for whom figures that stood are captured again.

        They had the figures before them and say that others are right: others read them.
        """
        return frozenset() if self.correcting is None else _hands_of(self.correcting)

    def _dependence(self, first: Taken, second: Taken) -> StepCode | None:
        """Why two captures are not two: a person, a session or a place is in both."""
        why = _took_part(second.step, first.step)
        if why is not None:
            return why
        if self.two_places and first.place == second.place:
            return StepCode.SAME_PLACE
        if first.step.image != second.step.image:
            return StepCode.OTHER_IMAGE
        same_form = len(first.step.reading.votes) == len(second.step.reading.votes)
        return None if same_form else StepCode.OTHER_FORM

    def _arbitrate(self, step: ActaArbitrated) -> Outcome:
        if step == self.word or step in self._before:
            return Known()
        if self.first is None or self.second is None or self.stage is not Stage.DISPUTED:
            return NotTaken(StepCode.NOTHING_DISPUTED)
        why = _why_no_word(step, self.first.step, self.second.step)
        if why is not None:
            return NotTaken(why)
        self.word = step
        return self._stand(step.reading)

    def _send_back(self, step: ActaSentBack) -> Outcome:
        if step == self.asked:
            return Known()
        if self.is_settled or step.image != self.shown:
            return NotTaken(StepCode.NOT_AT_WORK)
        if self.earlier >= MAX_ROUNDS:
            return NotTaken(StepCode.TOO_MANY_ROUNDS)
        self._begin_again(step, redigitise=True)
        return Noted()

    def _check(self, step: ActaChecked) -> Outcome:
        if step in (self.asked, self.checked):
            return Known()
        why = self._why_no_check(step)
        if why is not None:
            return NotTaken(why)
        assert self.stands is not None
        if step.verdict is Verdict.ACCEPTED:
            known = self.checked is not None
            return Known() if known else self._accept(step, self.stands)
        self._begin_again(step, redigitise=step.verdict is Verdict.REDIGITISE)
        self.correcting = step
        self.stands = structs.replace(self.stands, cotejada=Cotejada.NOT_ACCEPTED)
        return Published(self.stands, step.reason or ACCEPTED)

    def _why_no_check(self, step: ActaChecked) -> StepCode | None:
        stands = self.stands
        if self.acta is None or stands is None or not self.is_settled:
            return StepCode.NOTHING_TO_CHECK
        if stands.image_sha256 != step.image:
            return StepCode.NOTHING_TO_CHECK
        if step.verdict is Verdict.ACCEPTED:
            return None
        if step.reason is None:
            return StepCode.WITHOUT_REASON
        if step.agreed_by in (None, step.by) or step.agreed_session in (None, step.session):
            return StepCode.WITHOUT_A_SECOND
        return StepCode.TOO_MANY_ROUNDS if self.earlier >= MAX_ROUNDS else None

    def _sample(self, step: ActaSampled) -> Outcome:
        """Keep what a third person read, beside the figures that stand: it moves none of them."""
        if self.sampled is not None:
            return Known()
        stands = self.stands
        if stands is None or stands.image_sha256 != step.image:
            return NotTaken(StepCode.NOTHING_TO_SAMPLE)
        why = self._why_no_sample(step, stands)
        if why is not None:
            return NotTaken(why)
        self.sampled = Sampled(step, stands)
        return Noted()

    def _why_no_sample(self, step: ActaSampled, stands: Acta) -> StepCode | None:
        if self.acta is None or not self.is_settled:
            return StepCode.NOTHING_TO_SAMPLE
        if step.by in self.saw:
            return StepCode.SAME_PERSON
        if step.session in self.saw:
            return StepCode.SAME_SESSION
        same_form = len(step.reading.votes) == len(stands.votes)
        return None if same_form else StepCode.OTHER_FORM

    @property
    def saw(self) -> frozenset[str]:
        """People and sessions that had its figures before them: none of them samples it."""
        steps = (
            self.first and self.first.step,
            self.second and self.second.step,
            self.word,
            self.asked,
            self.correcting,
            self.checked,
        )
        return self._saw_before.union(*(_hands_of(step) for step in steps if step is not None))

    @property
    def is_settled(self) -> bool:
        """Whether nobody is at work on it: what is checked is what will stay."""
        return self.stage in (Stage.STANDING, Stage.ACCEPTED)

    def _accept(self, step: ActaChecked, stands: Acta) -> Outcome:
        self.checked = step
        if stands.cotejada is not None:
            return Noted()  # it was sent back before, and says already what came of that
        self.stands = structs.replace(stands, cotejada=Cotejada.CHECKED)
        return Published(self.stands, step.reason or ACCEPTED)

    def _begin_again(self, why: ActaChecked | ActaSentBack, *, redigitise: bool) -> None:
        if redigitise:
            self._spent |= {why.image}
        self._saw_before = self.saw | _hands_of(why)
        read = (self.first and self.first.step, self.second and self.second.step, self.word)
        self._before |= {step for step in read if step is not None}
        self.first = self.second = self.word = self.checked = None
        self.asked = why
        self.earlier += 1

    def _stand(self, reading: Reading) -> Outcome:
        before, check = self.stands, self.correcting
        self.stands = self._composed(reading)
        self.asked = self.correcting = None
        if before is None:
            return Published(self.stands)
        if check is None:
            return Published(self.stands, FOUND)
        same = _figures(before) == _figures(self.stands)
        cotejada = Cotejada.CHECKED if same else Cotejada.CHANGED
        self.stands = structs.replace(self.stands, cotejada=cotejada)
        return Published(self.stands, check.reason or ACCEPTED)

    def _composed(self, reading: Reading) -> Acta:
        """The acta as it is published: what was read, and its way."""
        assert self.first is not None
        assert self.second is not None
        last = self.word or self.second.step
        image = self.images[last.image]
        return structs.replace(
            reading.acta(self.contest, self.acta, identified=self.identified),
            transfer=self.received.transfer if self.received else "",
            image_sha256=image.image,
            received_at=self.received.at if self.received else image.at,
            captured_at=self.first.step.at,
            verified_at=last.at,
            origin=image.origin,
            digitization=image.digitization,
            document=image.document,
        )


MAX_IMAGES = 20
"""Most images of one acta: a photograph, a scan, and as often again as anybody would try."""

MAX_ROUNDS = 20
"""Most times that an acta is sent back."""

ACCEPTED = "cotejo"
"""Why the version before an accepted one does not stand: nothing but its being checked changed."""

FOUND = "llegó el acta"
"""Why it is not missing any more."""


def _figures(acta: Acta) -> tuple[object, ...]:
    return acta.votes, amounts_of(acta), frozenset(acta.observations)


def _hands_of(step: Step) -> frozenset[str]:
    """People and sessions of a step: who took it, and who agreed to it."""
    agreed = (step.agreed_by, step.agreed_session) if isinstance(step, ActaChecked) else ()
    return frozenset(hand for hand in (step.by, step.session, *agreed) if hand is not None)


def _took_part(step: Step, *others: ActaCaptured) -> StepCode | None:
    """Whether who takes this step, or the session, is in one of the captures already."""
    if step.by in [other.by for other in others]:
        return StepCode.SAME_PERSON
    if step.session in [other.session for other in others]:
        return StepCode.SAME_SESSION
    return None


def _why_no_word(
    step: ActaArbitrated, first: ActaCaptured, second: ActaCaptured
) -> StepCode | None:
    """Why an arbiter may not say this: a third person speaks, of the fields that differ only."""
    why = _took_part(step, first, second)
    if why is not None:
        return why
    if step.image != first.image:
        return StepCode.OTHER_IMAGE
    if len(step.reading.votes) != len(first.reading.votes):
        return StepCode.OTHER_FORM
    disputed = set(differing(first.reading, second.reading))
    if not disputed.issuperset(differing(step.reading, first.reading)):
        return StepCode.BEYOND_THE_DISPUTE
    neither = of_neither(step.reading, first.reading, second.reading)
    return StepCode.WITHOUT_REASON if neither and step.reason is None else None
