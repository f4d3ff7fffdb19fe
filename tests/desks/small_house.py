"""A small house with a journal on disk, beside the small centre that its places are enrolled at."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from capture.walking import Steps, pseudonym
from openprep.capture.acts import HouseClosed, HouseOpened
from openprep.capture.asked import asked_of
from openprep.capture.paper import Outcome
from openprep.capture.reading import Reading
from openprep.capture.steps import AnyStep
from openprep.capture.work.policy import Policy
from openprep.desks.house import House, Worker
from openprep.desks.journal import Journal
from openprep.election import Election
from small.election import OPENS
from transmission.small_center import ELECTION, KEYS, NOW, REMITS

PLACES = ("D01", "COTEJO", "CCV1", "CCV2")


def worker(person: str, place: str = "CCV1", session: str | None = None) -> Worker:
    return Worker(pseudonym(person), pseudonym(session or f"{person}-1"), place)


OPENED = HouseOpened(
    by=pseudonym("jose"),
    session=pseudonym("jose-1"),
    agreed_by=pseudonym("hugo"),
    agreed_session=pseudonym("hugo-1"),
    at=NOW,
    places=PLACES,
)
"""Two people open the house."""


@dataclass
class SmallHouse:
    """A house of four places: one reports, one checks, two capture."""

    folder: Path
    policy: Policy = field(default_factory=Policy)
    seconds: float = 0.0
    election: Election = ELECTION
    now: datetime = NOW
    """What the machine's clock says."""
    opened: bool = True
    """Whether two people opened it before anything else."""
    journal: Journal = field(init=False)
    house: House = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def clock(self) -> datetime:
        return self.now

    def start(self) -> None:
        keys = {place: KEYS[place] for place in PLACES}
        self.journal = Journal(self.folder / "journal.sqlite", self.election.id, keys, self.clock)
        if self.opened and not list(self.journal):
            self.journal.seal(("D01", OPENED))
        self.house = House(
            self.election,
            {place: REMITS[place] for place in PLACES},
            self.journal,
            clock=self.clock,
            steady=lambda: self.seconds,
            policy=self.policy,
        )

    @property
    def steps(self) -> list[AnyStep]:
        """What was sealed of actas, in its order."""
        return [fact for _, fact, _ in self.journal if isinstance(fact, AnyStep)]

    async def close_for_work(self, grace_seconds: int = 600) -> None:
        """Two people close the house."""
        said = {name: getattr(OPENED, name) for name in OPENED.__struct_fields__}
        await self.house.act("D01", HouseClosed(**said, grace_seconds=grace_seconds))

    async def open_for_work(self) -> None:
        """Two people open the house."""
        await self.house.act("D01", OPENED)

    def restart(self) -> None:
        self.journal.close()
        self.start()

    async def take(self, step: AnyStep, place: str) -> Outcome:
        return await self.house.take(Worker(step.by, step.session, place), step)

    async def digitised(self, acta: str = "A0") -> Steps:
        """The steps of an acta whose image is there."""
        steps = steps_of(acta)
        await self.take(steps.digitise(image_of(acta)), "D01")
        return steps


def steps_of(acta: str | None = "A0") -> Steps:
    return Steps(acta, len(ELECTION.contests["AYUN"].columns), OPENS)


def image_of(acta: str) -> str:
    return f"{int(acta[1:]) + 1:064x}"


def reading(acta: str = "A0", vote: int = 3) -> Reading:
    asked = asked_of(ELECTION.contests["AYUN"], ELECTION.expected["AYUN"][acta])
    return asked.reading(dict.fromkeys(asked.fields, vote))


@contextmanager
def small_house(folder: Path, policy: Policy | None = None) -> Iterator[SmallHouse]:
    house = SmallHouse(folder, policy or Policy())
    try:
        yield house
    finally:
        house.journal.close()
