"""People, places and steps of a small capture room, for tests that walk an acta through it."""

from datetime import UTC, datetime, timedelta
from itertools import count

from msgspec import structs

from openprep.capture.paper import Paper
from openprep.capture.reading import Reading
from openprep.capture.steps import (
    ActaArbitrated,
    ActaCaptured,
    ActaChecked,
    ActaDigitised,
    ActaIdentified,
    ActaMissing,
    ActaReceived,
    ActaSentBack,
    Verdict,
)
from openprep.election import Digitization, DocumentKind, Observation, Origin

BEGINS = datetime(2024, 6, 3, 2, 0, tzinfo=UTC)
PEOPLE = ("ana", "beto", "carla", "dora")
IMAGES = ("aa" * 32, "bb" * 32)
READ = Reading((3, 2, 1), 694, 6, 0, 6, 6)
READ_OTHERWISE = structs.replace(READ, votes=(3, 2, 4))
COLUMNS = len(READ.votes)


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

    def _step(self, kind, by="ana", session=None, **rest):
        return kind(
            contest="AYUN",
            acta=self.acta,
            by=pseudonym(by),
            session=pseudonym(session or f"{by}-1"),
            at=self._begins + timedelta(minutes=next(self._minutes)),
            **rest,
        )

    def receive(self, **who):
        return self._step(ActaReceived, **who)

    def miss(self, cause=Observation.SIN_ACTA_PAQUETE_NO_ENTREGADO, **who):
        return self._step(ActaMissing, cause=cause, columns=self.columns, **who)

    def digitise(self, image=IMAGES[0], **who):
        return self._step(
            ActaDigitised,
            image=image,
            original=image[::-1],
            origin=Origin.CATD,
            digitization=Digitization.ESCANER,
            document=DocumentKind.ACTA_PREP,
            **who,
        )

    def capture(self, by, reading=READ, image=IMAGES[0], **who):
        return self._step(ActaCaptured, by=by, reading=reading, image=image, **who)

    def arbitrate(self, by, reading=READ, image=IMAGES[0], reason=None, **who):
        return self._step(ActaArbitrated, by=by, reading=reading, image=image, reason=reason, **who)

    def send_back(self, reason="borrosa", image=IMAGES[0], **who):
        return self._step(ActaSentBack, reason=reason, image=image, **who)

    def check(self, verdict=Verdict.ACCEPTED, reason=None, image=IMAGES[0], **who):
        return self._step(ActaChecked, verdict=verdict, reason=reason, image=image, **who)

    def identify(self, reason="por su sección", image=IMAGES[0], **who):
        return self._step(ActaIdentified, reason=reason, image=image, **who)


class Walk:
    """A paper and what came of each of its steps."""

    def __init__(self, acta: str | None = "A0", *, two_places: bool = False) -> None:
        self.paper = Paper("AYUN", acta, two_places)
        self.steps = Steps(acta)
        self.outcomes: list[object] = []

    def again(self, step, place="CCV1"):
        self.last, self.last_place = step, place
        outcome = self.paper.take(step, place)
        self.outcomes.append(outcome)
        return outcome

    def receive(self, place="CCV1", **who):
        return self.again(self.steps.receive(**who), place)

    def miss(self, *cause, place="CCV1", **who):
        return self.again(self.steps.miss(*cause, **who), place)

    def digitise(self, *image, place="CCV1", **who):
        return self.again(self.steps.digitise(*image, **who), place)

    def capture(self, *read, place="CCV1", **who):
        return self.again(self.steps.capture(*read, **who), place)

    def arbitrate(self, *read, place="CCV1", **who):
        return self.again(self.steps.arbitrate(*read, **who), place)

    def send_back(self, *reason, place="CCV1", **who):
        return self.again(self.steps.send_back(*reason, **who), place)

    def check(self, *verdict, place="CCV1", **who):
        return self.again(self.steps.check(*verdict, **who), place)


def digitised(**options) -> Walk:
    """An acta that came and has an image."""
    walk = Walk(**options)
    walk.receive()
    walk.digitise()
    return walk


def standing(**options) -> Walk:
    """An acta of which two people read the same."""
    walk = digitised(**options)
    walk.capture("ana")
    walk.capture("beto", place="CCV2")
    return walk
