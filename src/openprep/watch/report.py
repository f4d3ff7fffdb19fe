"""The state of the network in words and figures, out of what the watch has seen: pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

from msgspec import Struct

from openprep.coded import Text, said
from openprep.election.cut import CutKind
from openprep.watch.codes import WatchCode
from openprep.watch.history import CutCheckpoint, Fork, Placement
from openprep.watch.machine import Fault, Limits, Look, Site, Watch
from openprep.wire.trust import TrustData

SCHEMA = 1
SHOWN_CUTS = 12
"""Newest cuts that a report lists with their holders."""

FORGIVEN_AFTER_RETENTION = frozenset(
    {
        WatchCode.UNREACHABLE,
        WatchCode.SLOW,
        WatchCode.TLS,
        WatchCode.FREEZE,
        WatchCode.MISSING,
        WatchCode.CLOCK,
    }
)
"""What a publisher may do once it need not keep the results up any more."""


class State(Enum):
    """How a site stands, in one word."""

    CURRENT = "current"
    BEHIND = "behind"
    """It has not the newest cut, within what is allowed."""
    UNPROVEN = "unproven"
    """Its checkpoint could not be proven to be of the history yet: at the next look."""
    ALARM = "alarm"
    UNREACHABLE = "unreachable"
    NOT_OPEN = "not open"
    """It publishes nothing yet."""
    CLOSED = "closed"
    """The time for which results are kept is over."""
    UNSEEN = "unseen"
    """Not looked at yet."""


class Alarm(Struct, frozen=True):
    """An alarm that stands: its code and meaning, what was found, and since when."""

    code: str
    meaning: str
    detail: str
    since: datetime


class CutReport(Struct, frozen=True):
    """A cut, the log at its end, and who holds it."""

    cut: int
    time: datetime
    kind: CutKind
    size: int
    root: str
    held_by: tuple[str, ...]


class SiteReport(Struct, frozen=True):
    """One address: what it shows and how it stands.

    ``cuts_behind`` and ``seconds_behind`` are against the newest cut known; ``answer_seconds`` how
    long the first files took; ``compared`` how many files were held against their digests.
    """

    publisher: str
    name: str
    address: str
    state: State
    looked_at: datetime | None
    cut: int | None
    cut_time: datetime | None
    cuts_behind: int | None
    seconds_behind: float | None
    cosigned_by: tuple[str, ...]
    holds_newest: bool
    compared: int
    answer_seconds: float | None
    alarms: tuple[Alarm, ...]


class Side(Struct, frozen=True):
    """One side of a fork. ``note`` is the signed note as text."""

    size: int
    root: str
    note: str


class ForkReport(Struct, frozen=True):
    """Two histories that were signed; ``evidence`` is the folder with both notes."""

    smaller: Side
    larger: Side
    shown_by: str
    at: datetime
    evidence: str


class NetworkReport(Struct, frozen=True):
    """The network at ``at``.

    ``publishers`` is how many are enrolled, ``quorum`` how many must hold a cut. ``cuts`` are the
    newest first. ``notices`` are no alarms.
    """

    schema: int
    election: str
    drill: bool
    at: datetime
    publishers: int
    quorum: int
    cuts: tuple[CutReport, ...]
    sites: tuple[SiteReport, ...]
    alarms: tuple[Alarm, ...]
    notices: tuple[Alarm, ...]
    forks: tuple[ForkReport, ...]

    @property
    def newest(self) -> CutReport | None:
        """The newest cut known."""
        return self.cuts[0] if self.cuts else None

    @property
    def alarmed(self) -> bool:
        """Whether any alarm stands."""
        return bool(self.alarms) or any(site.alarms for site in self.sites)


def evidence_name(fork: Fork) -> str:
    """Name of the folder that keeps a fork's two notes."""
    sides = sorted(fork.sides)
    return "fork-" + "-".join(f"{size}-{root.hex()[:12]}" for size, root in sides)


class Reporter:
    """Makes reports of one watch; alarms that go on keep the time when they began."""

    def __init__(
        self, watch: Watch, trust: TrustData, sites: Sequence[Site], limits: Limits
    ) -> None:
        self._watch = watch
        self._trust = trust
        self._sites = sites
        self._limits = limits
        self._standing: dict[str, datetime] = {}
        newest = watch.history.seen.highest
        self._hold_newest = watch.holders(newest.signed.size, sites) if newest else ()

    def report(self, now: datetime, trust_fault: Text | None = None) -> NetworkReport:
        """The network at ``now``; ``trust_fault`` says why the trust root was refused, if it was.

        ``watch.since`` is brought up to date with the alarms that stand.
        """
        over = now >= self._trust.policy.retained_until
        wrong_here = self._own_clock()
        sites = tuple(self._site(site, now, wrong_here, over=over) for site in self._sites)
        faults = [*self._forked(), *self._own_clock_fault(wrong_here)]
        faults += [] if over else [*self._quorum(now), *self._standstill(now)]
        faults += [] if over else self._trust_fault(now, trust_fault)
        notices = [Fault(WatchCode.RETENTION_ENDED, said(""))] if over else []
        report = NetworkReport(
            schema=SCHEMA,
            election=self._trust.election,
            drill=self._trust.drill,
            at=now,
            publishers=len(self._trust.publishers_at(now)),
            quorum=self._trust.policy.quorum,
            cuts=tuple(map(self._cut, reversed(self._cuts[-SHOWN_CUTS:]))),
            sites=sites,
            alarms=self._raise("network", faults, now),
            notices=self._raise("network", notices, now),
            forks=tuple(map(_fork_report, self._watch.history.seen.forks)),
        )
        self._watch.since = self._standing
        return report

    @property
    def _cuts(self) -> tuple[CutCheckpoint, ...]:
        return self._watch.history.seen.cuts

    def _raise(self, where: str, faults: Iterable[Fault], now: datetime) -> tuple[Alarm, ...]:
        alarms = []
        for fault in faults:
            key = f"{where} {fault.code.code}"
            since = self._watch.since.get(key, now)
            self._standing[key] = since
            alarms.append(Alarm(fault.code.code, fault.code.meaning, fault.detail, since))
        return tuple(alarms)

    def _cut(self, cut: CutCheckpoint) -> CutReport:
        size, root = cut.signed.identity
        held_by = self._watch.holders(size, self._sites)
        return CutReport(cut.cut, cut.time, cut.kind, size, root.hex(), held_by)

    def _site(self, site: Site, now: datetime, wrong_here: int, *, over: bool) -> SiteReport:
        look = self._watch.looks.get(site.key)
        faults = self._faults(look, now, wrong_here) if look else []
        if over:
            faults = [fault for fault in faults if fault.code not in FORGIVEN_AFTER_RETENTION]
        shown = look.checkpoint if look else None
        newest = self._watch.history.seen.highest
        behind = _lag(look, newest)
        return SiteReport(
            publisher=site.id,
            name=site.name,
            address=site.address,
            state=_state(look, behind, alarmed=bool(faults), over=over),
            looked_at=look.ended if look else None,
            cut=shown.cut if shown else None,
            cut_time=shown.time if shown else None,
            cuts_behind=behind.cuts if behind else None,
            seconds_behind=behind.time.total_seconds() if behind else None,
            cosigned_by=tuple(sorted(look.cosigners)) if look else (),
            holds_newest=site.publisher in self._hold_newest,
            compared=look.compared if look else 0,
            answer_seconds=look.seconds if look else None,
            alarms=self._raise(site.key, faults, now),
        )

    def _faults(self, look: Look, now: datetime, wrong_here: int) -> list[Fault]:
        return [
            *look.faults,
            *self._early(look),
            *self._slow(look),
            *self._clock(look, wrong_here),
            *self._rollback(look),
            *self._fork_of(look),
            *self._freeze(look, now),
            *self._old(look, now),
        ]

    def _early(self, look: Look) -> list[Fault]:
        opens = self._trust.policy.opens
        if look.published and look.ended < opens:
            told = said("the results open at {opens}", opens=opens.isoformat())
            return [Fault(WatchCode.EARLY, told)]
        return []

    def _slow(self, look: Look) -> list[Fault]:
        limit = self._limits.slow.total_seconds()
        if look.seconds is not None and look.seconds > limit:
            told = said("{seconds:.1f} s for the first files", seconds=look.seconds)
            return [Fault(WatchCode.SLOW, told)]
        return []

    def _clock(self, look: Look, wrong_here: int) -> list[Fault]:
        side = self._clock_side(look)
        if side in (0, wrong_here) or look.clock_ahead is None:
            return []
        off = timedelta(seconds=round(abs(look.clock_ahead.total_seconds())))
        told = said("{off!s} ahead" if side > 0 else "{off!s} behind", off=off)
        return [Fault(WatchCode.CLOCK, told)]

    def _clock_side(self, look: Look) -> int:
        """1 if a site's clock is too far ahead, -1 if behind, 0 if neither."""
        ahead = look.clock_ahead
        if ahead is None or abs(ahead) <= self._limits.clock:
            return 0
        return 1 if ahead > timedelta(0) else -1

    def _own_clock(self) -> int:
        """The side on which most sites are, at least two: then it is this clock that is wrong."""
        sides = [
            self._clock_side(look)
            for look in self._watch.looks.values()
            if look.clock_ahead is not None
        ]
        return next((s for s in (1, -1) if sides.count(s) > max(1, len(sides) // 2)), 0)

    def _own_clock_fault(self, wrong_here: int) -> list[Fault]:
        if wrong_here == 0:
            return []
        told = said(
            "this clock is behind of most publishers'"
            if wrong_here > 0
            else "this clock is ahead of most publishers'"
        )
        return [Fault(WatchCode.OWN_CLOCK, told)]

    def _rollback(self, look: Look) -> list[Fault]:
        shown = look.checkpoint
        best = self._watch.of_site(look.site).shown
        if shown is None or shown.signed.size >= best:
            return []
        told = said(
            "it shows cut {cut}, {size} leaves, after {best} leaves",
            cut=shown.cut,
            size=shown.signed.size,
            best=best,
        )
        return [Fault(WatchCode.ROLLBACK, told)]

    def _fork_of(self, look: Look) -> list[Fault]:
        if look.placement is not Placement.FORKED or look.checkpoint is None:
            return []
        size, root = look.checkpoint.signed.identity
        told = said("it shows {size} leaves under root {root}", size=size, root=root.hex())
        return [Fault(WatchCode.SPLIT_VIEW, told)]

    def _freeze(self, look: Look, now: datetime) -> list[Fault]:
        """A newer cut has been out for too long. The time of a cut is signed by the log."""
        size = look.checkpoint.signed.size if look.checkpoint else 0
        placed = look.placement is Placement.PROVEN or (look.answered and not look.published)
        newer = next((cut for cut in self._cuts if cut.signed.size > size), None)
        if not placed or newer is None or now - newer.time <= self._limits.freeze:
            return []
        shown = look.checkpoint
        told = said(
            "it shows {shown}; cut {newer} has been out since {since}",
            shown=said("cut {cut}", cut=shown.cut) if shown else said("no cut"),
            newer=newer.cut,
            since=newer.time.isoformat(),
        )
        return [Fault(WatchCode.FREEZE, told)]

    def _old(self, look: Look, now: datetime) -> list[Fault]:
        """A site that ends its own looks must not stand as it was found before."""
        if now - look.ended <= self._limits.look:
            return []
        told = said("the last look ended at {ended}", ended=look.ended.isoformat())
        return [Fault(WatchCode.OLD_LOOK, told)]

    def _forked(self) -> list[Fault]:
        forks = self._watch.history.seen.forks
        if not forks:
            return []
        first = forks[0]
        told = said(
            "{number} contradictions; the first: {smaller} leaves under root "
            "{smaller_root} and {larger} under {larger_root}, shown by {shown_by}",
            number=len(forks),
            smaller=first.smaller.size,
            smaller_root=first.smaller.root.hex(),
            larger=first.larger.size,
            larger_root=first.larger.root.hex(),
            shown_by=first.shown_by,
        )
        return [Fault(WatchCode.SPLIT_VIEW, told)]

    def _quorum(self, now: datetime) -> list[Fault]:
        quorum = self._trust.policy.quorum
        due = [cut for cut in self._cuts if now - cut.time > self._limits.freeze]
        if not due:
            return []
        held = len(self._watch.holders(due[-1].signed.size, self._sites))
        if held >= quorum:
            return []
        told = said(
            "{held} hold cut {cut}; the quorum is {quorum}",
            held=held,
            cut=due[-1].cut,
            quorum=quorum,
        )
        return [Fault(WatchCode.QUORUM, told)]

    def _standstill(self, now: datetime) -> list[Fault]:
        policy, limit = self._trust.policy, self._limits.standstill
        newest = self._watch.history.seen.highest
        last = max(newest.time, policy.opens) if newest else policy.opens
        closed = newest is not None and newest.kind is CutKind.CLOSING
        if closed or now - last <= limit:
            return []
        shown = said("no cut yet")
        if newest is not None:
            shown = said("cut {cut} of {time}", cut=newest.cut, time=newest.time.isoformat())
        return [Fault(WatchCode.STANDSTILL, said("the newest is {shown}", shown=shown))]

    def _trust_fault(self, now: datetime, refusal: Text | None) -> list[Fault]:
        if refusal is not None:
            return [Fault(WatchCode.TRUST, refusal)]
        renewed = self._watch.trust_renewed
        if renewed is None or now - renewed <= self._limits.trust:
            return []
        told = said("it was last renewed at {renewed}", renewed=renewed.isoformat())
        return [Fault(WatchCode.TRUST, told)]


class _Lag(NamedTuple):
    """How far a site is behind the newest cut."""

    cuts: int
    time: timedelta


def _lag(look: Look | None, newest: CutCheckpoint | None) -> _Lag | None:
    """By how many cuts, and how much official time, a site is behind; of one history only."""
    if look is None or look.placement is not Placement.PROVEN:
        return None
    if look.checkpoint is None or newest is None:
        return None
    return _Lag(newest.cut - look.checkpoint.cut, newest.time - look.checkpoint.time)


def _state(look: Look | None, behind: _Lag | None, *, alarmed: bool, over: bool) -> State:
    if look is None:
        return State.UNSEEN
    states = (
        (over and not look.published, State.CLOSED),
        (not look.answered, State.UNREACHABLE),
        (alarmed, State.ALARM),
        (not look.published, State.NOT_OPEN),
        (behind is None, State.UNPROVEN),
        (behind is not None and behind.cuts > 0, State.BEHIND),
    )
    return next((state for applies, state in states if applies), State.CURRENT)


def _fork_report(fork: Fork) -> ForkReport:
    smaller, larger = (
        Side(checkpoint.size, checkpoint.root.hex(), checkpoint.note.decode(errors="replace"))
        for checkpoint in (fork.smaller, fork.larger)
    )
    return ForkReport(smaller, larger, fork.shown_by, fork.at, evidence_name(fork))
