"""How it goes at a centre, told from its folder: beside it while it runs, and when it does not.

Everything comes from the record, folded anew, and from files that the centre keeps; nothing is
changed, and nobody is asked.
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from msgspec import Struct

from openprep.center.machine_clock import last_doubt
from openprep.center.refusal_counts import INBOX, SERVICE, RefusalCounts, read_counts
from openprep.center.start import RECORD_FILE
from openprep.ceremony.codes import CeremonyRefused
from openprep.ceremony.folder import load_standing
from openprep.election import Counting, Election
from openprep.election.counting import counting_of
from openprep.record.codes import RecordCode, RecordTrouble
from openprep.record.database import owner_of
from openprep.record.sqlite import RECORD, read_file
from openprep.record.state import State, empty_state, fold
from openprep.transmission.inbox.status import Waiting, waiting_in
from openprep.transmission.keys import load_enrolment
from openprep.wire.trust import FOLDER as TRUST

LEAST_ROOM = 512 * 1024**2
"""Free bytes below which a centre's disk will soon be full."""


class ContestCount(Struct, frozen=True):
    """Actas of a contest: of the catalogue, and beside it.

    ``received`` have a version, be it only that there is no acta; ``counted`` are in the sums;
    ``missing`` have none yet. ``corrected`` have more than one. ``waiting`` facts wait for a
    person.
    """

    expected: int
    received: int
    counted: int
    missing: int
    corrected: int
    out_of_catalogue: int
    waiting: int


class LastCut(Struct, frozen=True):
    """The newest cut, and the seconds since it was made."""

    number: int
    kind: str
    at: datetime
    age: float


class StationsCount(Struct, frozen=True):
    """Stations by what was heard of them.

    ``never`` are enrolled and were not heard of; ``silent`` not for as long as was asked;
    ``not_enrolled`` were heard of and are enrolled no more.
    """

    enrolled: int
    heard: int
    never: tuple[str, ...]
    silent: tuple[str, ...]
    not_enrolled: tuple[str, ...]


class TrustStatus(Struct, frozen=True):
    """The trust root that stands in the folder."""

    version: int
    publishers: int


class CenterStatus(Struct, frozen=True):
    """A centre at ``at``. ``phase`` is ``before``, ``open`` or ``closed``.

    ``waiting`` counts by code what waits for a person (``R020`` to ``R024``; ``R024`` is a
    conflict). ``images_missing`` are named by an acta and have not come. ``refusals`` are those of
    the inbox, ``service_refusals`` of the distribution service, each since its process started.
    With fewer ``free_bytes`` than ``needed_bytes`` somebody must make room.
    """

    election: str
    drill: bool
    at: datetime
    phase: str
    position: int
    facts: int
    contests: dict[str, ContestCount]
    waiting: dict[str, int]
    images: int
    images_missing: int
    last_cut: LastCut | None
    stations: StationsCount | None
    trust: TrustStatus | None
    trust_trouble: str | None
    clock_doubt: str | None
    free_bytes: int
    needed_bytes: int
    refusals: RefusalCounts | None
    service_refusals: RefusalCounts | None

    @property
    def lacks_room(self) -> bool:
        """Whether the disk is full, or soon will be."""
        return self.free_bytes < self.needed_bytes


@dataclass(frozen=True)
class Question:
    """Which centre is asked about, at what time, and how long a station may be silent.

    ``stations`` is the file that `center run` was given, if it was.
    """

    election: Election
    data: Path
    now: datetime
    silent_after: timedelta = timedelta(hours=1)
    stations: Path | None = None


def read_state(election: Election, data: Path) -> State:
    """What the record in ``data`` says; of a centre that never started, nothing.

    Raises:
        RecordTrouble: OTHER_ELECTION, UNREADABLE or CHAIN_BROKEN.
    """
    path = data / RECORD_FILE
    owner = owner_of(path, RECORD)
    if not owner:
        return empty_state(election.rules)
    if owner.get("election") != election.id:
        raise RecordTrouble(
            RecordCode.OTHER_ELECTION,
            "{path} is of {election}, the folder of {id}",
            path=path,
            election=owner.get("election"),
            id=election.id,
        )
    if owner["election_digest"] != election.digest:
        raise RecordTrouble(
            RecordCode.OTHER_ELECTION,
            "{path} was made under the folder as it was: {digest}, and this one is {folder}",
            path=path,
            digest=owner["election_digest"],
            folder=election.digest,
        )
    entries = read_file(path, owner["election"], owner["election_digest"])
    return fold(entries, empty_state(election.rules))


def conflicts_in(state: State) -> tuple[Waiting, ...]:
    """Every fact that waits for a person, the oldest acta first, beside what stands."""
    return tuple(waiting_in(state, state.waiting()))


def status_of_center(question: Question) -> CenterStatus:
    """How it goes.

    Raises:
        RecordTrouble: the record cannot be read.
        KeyTrouble: the file of stations cannot.
    """
    election, data, now = question.election, question.data, question.now
    state = read_state(election, data)
    trust, enrolled, trouble = _trust(data, now)
    if question.stations is not None:
        enrolled = frozenset(load_enrolment(question.stations))
    return CenterStatus(
        election=election.id,
        drill=election.drill,
        at=now,
        phase="closed" if state.closed else "open" if state.opened else "before",
        position=state.position,
        facts=sum(station.facts for station in state.stations.values()),
        contests=dict(_contests(election, state)),
        waiting=dict(sorted(Counter(held.why.code for held in state.waiting()).items())),
        images=len(state.images),
        images_missing=len(state.naming),
        last_cut=_last_cut(state, now),
        stations=None if enrolled is None else _stations(question, state, enrolled),
        trust=trust,
        trust_trouble=trouble,
        clock_doubt=last_doubt(data) or None,
        free_bytes=shutil.disk_usage(data).free,
        needed_bytes=LEAST_ROOM,
        refusals=read_counts(data / INBOX),
        service_refusals=read_counts(data / SERVICE),
    )


def _contests(election: Election, state: State) -> Iterator[tuple[str, ContestCount]]:
    waiting = Counter(held.contest for held in state.waiting())
    for name in election.contests:
        actas = state.contest(name)
        expected = election.expected[name]
        counted = sum(
            counting_of(version.acta, expected[acta], election.rules) is Counting.COUNTED
            for acta, version in actas.current.items()
        )
        yield (
            name,
            ContestCount(
                expected=len(expected),
                received=len(actas.current),
                counted=counted,
                missing=len(expected) - len(actas.current),
                corrected=len(actas.superseded),
                out_of_catalogue=len(actas.out_of_catalogue),
                waiting=waiting[name],
            ),
        )


def _last_cut(state: State, now: datetime) -> LastCut | None:
    if not state.cuts:
        return None
    last = state.cuts[-1]
    return LastCut(last.number, last.kind.value, last.at, (now - last.at).total_seconds())


def _stations(question: Question, state: State, enrolled: frozenset[str]) -> StationsCount:
    since = question.now - question.silent_after
    heard = {
        name: station.last_at
        for name, station in state.stations.items()
        if station.last_at is not None
    }
    silent = (name for name in enrolled & heard.keys() if heard[name] < since)
    return StationsCount(
        enrolled=len(enrolled),
        heard=len(heard),
        never=tuple(sorted(enrolled - heard.keys())),
        silent=tuple(sorted(silent)),
        not_enrolled=tuple(sorted(heard.keys() - enrolled)),
    )


def _trust(
    data: Path, now: datetime
) -> tuple[TrustStatus | None, frozenset[str] | None, str | None]:
    """The trust that stands, the stations it enrols, and what is wrong with it."""
    try:
        standing = load_standing(data / "public" / TRUST)
    except CeremonyRefused as refused:
        return None, None, str(refused)
    if standing is None:
        return None, None, None
    vouched = standing.data
    version = standing.targets.signed.version
    status = TrustStatus(version, len(vouched.publishers_at(now)))
    return status, frozenset(vouched.stations_at(now)), None
