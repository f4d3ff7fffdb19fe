"""How it goes at the inbox, as its port tells (JSON), and what waits there for a person."""

from collections import Counter
from collections.abc import Iterable
from itertools import islice

from msgspec import Struct

from openprep.election import Acta
from openprep.record.aside import SetAside, Why, figures_of, step_of
from openprep.record.state import State
from openprep.transmission.inbox.inbox import Inbox

MAX_WAITING = 100
"""Most facts that a status names; it counts them all."""


class Waiting(Struct, frozen=True, omit_defaults=True):
    """A fact that waits for a person, beside what stands (nothing, where nothing does).

    ``position`` and ``fact`` are its place in the record; ``reason`` that of a correction, and
    ``step`` what kind of step it is of an acta that is captured here. ``reported`` has its figures.
    """

    code: str
    contest: str
    acta: str | None
    station: str
    at: str
    position: int
    fact: int
    reported: Acta | None
    step: str = ""
    reason: str = ""
    stands: Acta | None = None
    stands_by: str | None = None


class StationStatus(Struct, frozen=True):
    """What a station has delivered."""

    sequence: int
    facts: int


class InboxStatus(Struct, frozen=True):
    """What the inbox received, and what of it waits for a person.

    ``conflicts`` and ``held`` count what nobody has decided; ``waiting`` has the first of it.
    """

    election: str
    position: int
    closed: bool
    cut: int | None
    facts: int
    images: int
    conflicts: int
    held: int
    waiting: tuple[Waiting, ...]
    stations: dict[str, StationStatus]
    refusals: dict[str, int]


def status_of(inbox: Inbox) -> InboxStatus:
    """The status of a centre that runs."""
    return status_from(inbox.election.id, inbox.ledger.state, inbox.refusals)


def status_from(
    election: str, state: State, refusals: Counter[str], most: int = MAX_WAITING
) -> InboxStatus:
    """The status that a record gives; ``most`` facts that wait are named."""
    counts = Counter(held.why for held in state.waiting())
    return InboxStatus(
        election=election,
        position=state.position,
        closed=state.closed is not None,
        cut=state.cuts[-1].number if state.cuts else None,
        facts=sum(station.facts for station in state.stations.values()),
        images=len(state.images),
        conflicts=counts[Why.CONFLICT],
        held=counts.total() - counts[Why.CONFLICT],
        waiting=tuple(waiting_in(state, islice(state.waiting(), most))),
        stations={
            name: StationStatus(station.sequence, station.facts)
            for name, station in sorted(state.stations.items())
        },
        refusals=dict(sorted(refusals.items())),
    )


def waiting_in(state: State, aside: Iterable[SetAside]) -> Iterable[Waiting]:
    """Each fact that was set aside beside what stands."""
    for held in aside:
        stands = state.contest(held.contest).current.get(held.acta or "")
        yield Waiting(
            code=held.why.code,
            contest=held.contest,
            acta=held.acta,
            station=held.station,
            at=held.at.isoformat(),
            position=held.position,
            fact=held.fact,
            reported=figures_of(held.said),
            step=step_of(held.said),
            reason=held.reason,
            stands=None if stands is None else stands.acta,
            stands_by=None if stands is None else stands.station,
        )
