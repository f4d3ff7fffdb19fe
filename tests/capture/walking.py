"""People, places and steps of a small capture room, for tests that walk an acta through it."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from msgspec import structs

from openprep.capture.paper import Outcome, Paper
from openprep.capture.reading import Reading
from openprep.capture.steps import (
    ActaArbitrated,
    ActaCaptured,
    ActaChecked,
    ActaDigitised,
    ActaIdentified,
    ActaMissing,
    ActaReceived,
    ActaSampled,
    ActaSentBack,
    PaperStep,
    SampleDrawn,
    Step,
    Verdict,
)
from openprep.election import Digitization, DocumentKind, Observation, Origin

Kind = TypeVar("Kind", bound=Step)
BEGINS = datetime(2024, 6, 3, 2, 0, tzinfo=UTC)
PEOPLE = ("ana", "beto", "carla", "dora")
IMAGES = ("aa" * 32, "bb" * 32)
READ = Reading((3, 2, 1), 694, 6, 0, 6, 6)
READ_OTHERWISE = structs.replace(READ, votes=(3, 2, 4))
COLUMNS = len(READ.votes)
ROOT = "5a" * 32
"""Root of a checkpoint by which a sample is drawn."""


def pseudonym(person: str) -> str:
    return person.encode().hex().rjust(32, "0")


class Steps:
    """Makes the steps of one acta; each is a minute after the one before."""

    def __init__(
        self, acta: str | None = "A0", columns: int = COLUMNS, begins: datetime = BEGINS
    ) -> None:
        self.acta = acta
        self.columns = columns
        self._begins = begins
        self._minutes = count(1)

    def _step(
        self, kind: type[Kind], by: str = "ana", session: str | None = None, **rest: Any
    ) -> Kind:
        return kind(
            contest="AYUN",
            acta=self.acta,
            by=pseudonym(by),
            session=pseudonym(session or f"{by}-1"),
            at=self._begins + timedelta(minutes=next(self._minutes)),
            **rest,
        )

    def receive(self, **who: Any) -> ActaReceived:
        return self._step(ActaReceived, **who)

    def miss(
        self, cause: Observation = Observation.SIN_ACTA_PAQUETE_NO_ENTREGADO, **who: Any
    ) -> ActaMissing:
        return self._step(ActaMissing, cause=cause, columns=self.columns, **who)

    def digitise(self, image: str = IMAGES[0], **who: Any) -> ActaDigitised:
        return self._step(
            ActaDigitised,
            image=image,
            original=image[::-1],
            origin=Origin.CATD,
            digitization=Digitization.ESCANER,
            document=DocumentKind.ACTA_PREP,
            **who,
        )

    def capture(
        self, by: str, reading: Reading = READ, image: str = IMAGES[0], **who: Any
    ) -> ActaCaptured:
        return self._step(ActaCaptured, by=by, reading=reading, image=image, **who)

    def arbitrate(
        self,
        by: str,
        reading: Reading = READ,
        image: str = IMAGES[0],
        reason: str | None = None,
        **who: Any,
    ) -> ActaArbitrated:
        return self._step(ActaArbitrated, by=by, reading=reading, image=image, reason=reason, **who)

    def send_back(
        self, reason: str = "borrosa", image: str = IMAGES[0], **who: Any
    ) -> ActaSentBack:
        return self._step(ActaSentBack, reason=reason, image=image, **who)

    def check(
        self,
        verdict: Verdict = Verdict.ACCEPTED,
        reason: str | None = None,
        image: str = IMAGES[0],
        **who: Any,
    ) -> ActaChecked:
        if verdict is not Verdict.ACCEPTED:
            who = {"agreed_by": pseudonym("luz"), "agreed_session": pseudonym("luz-1"), **who}
        return self._step(ActaChecked, verdict=verdict, reason=reason, image=image, **who)

    def identify(
        self, reason: str = "por su sección", image: str = IMAGES[0], **who: Any
    ) -> ActaIdentified:
        return self._step(ActaIdentified, reason=reason, image=image, **who)

    def sample(
        self, by: str, reading: Reading = READ, image: str = IMAGES[0], **who: Any
    ) -> ActaSampled:
        root = who.pop("root", ROOT)
        return self._step(ActaSampled, by=by, reading=reading, image=image, root=root, **who)

    def draw(self, one_in: int = 1, root: str = ROOT, **who: Any) -> SampleDrawn:
        drawn = self._step(SampleDrawn, root=root, size=70_000, one_in=one_in, **who)
        return structs.replace(drawn, acta=None)


class Walk:
    """A paper and what came of each of its steps."""

    def __init__(self, acta: str | None = "A0", *, two_places: bool = False) -> None:
        self.paper = Paper("AYUN", acta, two_places)
        self.steps = Steps(acta)
        self.outcomes: list[Outcome] = []

    def again(self, step: PaperStep, place: str = "CCV1") -> Outcome:
        self.last, self.last_place = step, place
        outcome = self.paper.take(step, place)
        self.outcomes.append(outcome)
        return outcome

    def receive(self, place: str = "CCV1", **who: Any) -> Outcome:
        return self.again(self.steps.receive(**who), place)

    def miss(self, *cause: Any, place: str = "CCV1", **who: Any) -> Outcome:
        return self.again(self.steps.miss(*cause, **who), place)

    def digitise(self, *image: Any, place: str = "CCV1", **who: Any) -> Outcome:
        return self.again(self.steps.digitise(*image, **who), place)

    def capture(self, *read: Any, place: str = "CCV1", **who: Any) -> Outcome:
        return self.again(self.steps.capture(*read, **who), place)

    def arbitrate(self, *read: Any, place: str = "CCV1", **who: Any) -> Outcome:
        return self.again(self.steps.arbitrate(*read, **who), place)

    def send_back(self, *reason: Any, place: str = "CCV1", **who: Any) -> Outcome:
        return self.again(self.steps.send_back(*reason, **who), place)

    def check(self, *verdict: Any, place: str = "CCV1", **who: Any) -> Outcome:
        return self.again(self.steps.check(*verdict, **who), place)

    def sample(self, *read: Any, place: str = "CCV1", **who: Any) -> Outcome:
        return self.again(self.steps.sample(*read, **who), place)


def digitised(**options: Any) -> Walk:
    """An acta that came and has an image."""
    walk = Walk(**options)
    walk.receive()
    walk.digitise()
    return walk


def standing(**options: Any) -> Walk:
    """An acta of which two people read the same."""
    walk = digitised(**options)
    walk.capture("ana")
    walk.capture("beto", place="CCV2")
    return walk
