"""What a watch of the publishers has seen of them: a pure state machine without disk or network.

A *site* is one address where one publisher, or the centre, serves the tree. A *look* is what one
visit to a site found. The watch takes looks in any order and remembers, for ever: the history of
the log (:mod:`openprep.watch.history`), the largest log that each site ever showed, the largest
that each publisher cosigned, and the largest at which each site's bytes were the signed ones.

A publisher *holds* a cut when it cosigned that checkpoint or a later one of the same history, and
one of its sites was seen to serve that cut or a later one with bytes as they were signed: whoever
cosigns vouches for every smaller log, and a later cut carries the earlier ones' packs and log.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec import Struct

from openprep.coded import Text
from openprep.masking import masked
from openprep.watch.codes import WatchCode
from openprep.watch.history import CutCheckpoint, History, LogHistory, Placement
from openprep.wire.trust import TrustData

CENTER = "center"
"""Stands for a publisher's id where the site is the centre's own. It is not one of the publishers,
even if one of them has this id: it has no name in the trust root."""

MOST_DETAIL = 500
"""Characters of what is said of a fault; some may come from the site."""

NOT_AS_SIGNED = frozenset(
    {
        WatchCode.OTHER_ELECTION,
        WatchCode.SIGNATURE,
        WatchCode.EARLY,
        WatchCode.LOG_FILES,
        WatchCode.POINTER,
        WatchCode.MANIFEST,
        WatchCode.ALTERED,
        WatchCode.MISSING,
        WatchCode.UNEXPECTED,
    }
)
"""Faults of what a site serves, while which it holds nothing."""


@dataclass(frozen=True)
class Limits:
    """How much is too much; a watch of any network can do with these.

    ``freeze``: for how long a publisher may stand still while others have a newer cut, and for how
    long a cut may be out before the quorum must hold it. ``slow``: how long the few small files
    that readers ask for first may take. ``clock``: by how much clocks may differ. ``certificate``:
    how long before its end a certificate should have been renewed. ``standstill``: for how long
    there may be no cut at all; the law asks for three an hour. ``trust``: for how long the trust
    root may go without being renewed. ``look``: how old the last look at a site may be.
    """

    freeze: timedelta = timedelta(minutes=5)
    slow: timedelta = timedelta(seconds=5)
    clock: timedelta = timedelta(minutes=5)
    certificate: timedelta = timedelta(days=7)
    standstill: timedelta = timedelta(minutes=30)
    trust: timedelta = timedelta(hours=24)
    look: timedelta = timedelta(minutes=5)


@dataclass(frozen=True)
class Site:
    """An address of a publisher's, or of the centre's (``publisher`` is then ``None``)."""

    publisher: str | None
    name: str
    address: str

    @property
    def id(self) -> str:
        """The publisher's id, or that of the centre."""
        return self.publisher or CENTER

    @property
    def key(self) -> str:
        """What tells it from all others: no id has a space in it."""
        return f"{self.publisher or ''} {self.address}"


def center_site(address: str) -> Site:
    """The centre's own tree."""
    return Site(None, "Centro", address.rstrip("/"))


def sites_of(trust: TrustData, center: str | None, now: datetime) -> tuple[Site, ...]:
    """Everything there is to watch: the centre first, then publishers that are not revoked."""
    own = [center_site(center)] if center else []
    return (
        *own,
        *(
            Site(publisher.id, publisher.name, address.rstrip("/"))
            for publisher in trust.publishers_at(now)
            for address in dict.fromkeys(publisher.addresses)
        ),
    )


@dataclass(frozen=True)
class Fault:
    """Something wrong at a site; ``text`` says what and where, ``detail`` the same in words."""

    code: WatchCode
    text: Text

    @classmethod
    def kept(cls, code: WatchCode, text: Text) -> "Fault":
        """A fault that holds no more of a stranger's facts than is shown of them."""
        return cls(code, _shortened(text))

    @property
    def detail(self) -> str:
        """What was wrong and where, in plain characters and no more than fit in a line or two."""
        told = str(self.text)[:MOST_DETAIL]
        return "".join(one if one.isprintable() else "\ufffd" for one in told)


def _shortened(text: Text) -> Text:
    return Text(text.template, {name: _kept_of(fact) for name, fact in text.facts.items()})


def _kept_of(fact: object) -> object:
    if isinstance(fact, Text):
        return _shortened(fact)
    if isinstance(fact, int | float):
        return fact
    return masked(str(fact))[:MOST_DETAIL]


@dataclass(frozen=True)
class Look:
    """What one visit to a site found.

    ``began`` and ``ended`` by the watch's clock; ``seconds`` how long the first files took, where
    they came. ``published``: whether the site shows any cut. ``checkpoint`` is there when the
    checkpoint was signed by the log and its last leaf read; ``placement`` where it stands.
    ``cosigners``: ids of publishers whose cosignatures on it are right. ``compared``: files held
    against their digests. ``clock_ahead``: by how much the site's clock is ahead of the watch's.
    """

    site: Site
    began: datetime
    ended: datetime
    seconds: float | None = None
    published: bool = False
    checkpoint: CutCheckpoint | None = None
    placement: Placement | None = None
    cosigners: frozenset[str] = frozenset()
    compared: int = 0
    clock_ahead: timedelta | None = None
    faults: tuple[Fault, ...] = ()

    @property
    def as_signed(self) -> bool:
        """Whether all that was looked at is what the log signed."""
        proven = self.placement is Placement.PROVEN
        return proven and not any(fault.code in NOT_AS_SIGNED for fault in self.faults)

    @property
    def answered(self) -> bool:
        """Whether the site could be asked what it shows."""
        return all(fault.code is not WatchCode.UNREACHABLE for fault in self.faults)


class SiteSeen(Struct, frozen=True):
    """Sizes of the log: the largest that a site showed, and served as it was signed."""

    shown: int = 0
    as_signed: int = 0


class Seen(Struct, frozen=True):
    """What survives a restart.

    ``cosigned`` is by publisher, ``sites`` by :attr:`Site.key`, ``since`` by alarm: when it was
    first raised without having been quiet since.
    """

    election: str
    drill: bool
    history: History = History()
    sites: dict[str, SiteSeen] = {}
    cosigned: dict[str, int] = {}
    since: dict[str, datetime] = {}
    trust_renewed: datetime | None = None


class Watch:
    """Everything seen of one election's publishers."""

    def __init__(self, seen: Seen) -> None:
        self.election = seen.election
        self.drill = seen.drill
        self.history = LogHistory(seen.history)
        self.looks: dict[str, Look] = {}
        """The last look at each site, by :attr:`Site.key`, since this process began."""
        self.since = dict(seen.since)
        self.trust_renewed = seen.trust_renewed
        self._sites = dict(seen.sites)
        self._cosigned = dict(seen.cosigned)

    @property
    def seen(self) -> Seen:
        """What to keep."""
        return Seen(
            self.election,
            self.drill,
            self.history.seen,
            dict(self._sites),
            dict(self._cosigned),
            dict(self.since),
            self.trust_renewed,
        )

    def observe(self, look: Look) -> None:
        """Take one look into account."""
        self.looks[look.site.key] = look
        if look.checkpoint is None or look.placement is not Placement.PROVEN:
            return
        size = look.checkpoint.signed.size
        before = self.of_site(look.site)
        self._sites[look.site.key] = SiteSeen(
            max(before.shown, size), max(before.as_signed, size if look.as_signed else 0)
        )
        for publisher in look.cosigners:
            self._cosigned[publisher] = max(self._cosigned.get(publisher, 0), size)

    def forget_all_but(self, sites: Iterable[Site]) -> None:
        """Drop the last looks at sites that are no longer watched; what they showed stays."""
        watched = {site.key for site in sites}
        self.looks = {key: look for key, look in self.looks.items() if key in watched}

    def of_site(self, site: Site) -> SiteSeen:
        """The largest logs that a site ever showed."""
        return self._sites.get(site.key, SiteSeen())

    def holders(self, size: int, sites: Iterable[Site]) -> tuple[str, ...]:
        """Ids of the publishers that hold the cut at which the log had ``size`` leaves."""
        holding = {
            site.publisher
            for site in sites
            if site.publisher is not None
            and self._cosigned.get(site.publisher, 0) >= size
            and self.of_site(site).as_signed >= size
        }
        return tuple(sorted(holding - self._not_as_signed()))

    def _not_as_signed(self) -> set[str | None]:
        """Publishers of whom some site now serves something else than what was signed."""
        return {
            look.site.publisher
            for look in self.looks.values()
            if look.placement is Placement.FORKED
            or any(fault.code in NOT_AS_SIGNED for fault in look.faults)
        }
