"""The watch's process: looks at every site on its own, keeps what was seen, renews the trust.

A site that does not finish is waited for by nobody: others are looked at again meanwhile, and
reports are made of what has come. What was seen is on disk before a report tells of it.
"""

import asyncio
import logging
import random
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import msgspec

from openprep.clock import Clock, system_clock
from openprep.coded import Text, said
from openprep.decoding import decoding
from openprep.durable import write_durably
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.trust.root import TrustRoot
from openprep.pages.releases import Releases
from openprep.watch.history import Fork
from openprep.watch.look import Ground, look_at, witnesses_of
from openprep.watch.machine import Limits, Seen, Site, Watch, center_site, sites_of
from openprep.watch.report import NetworkReport, Reporter, evidence_name
from openprep.watch.sample import Sampling
from openprep.watch.trust import RENEW_SECONDS, renew_trust
from openprep.watch.visit import Visitor
from openprep.wire.cut.description import ElectionDescription
from openprep.wire.trust import RootIdentity, TrustData

log = logging.getLogger("openprep.watch")

SEEN = "seen.json"
MOST_LOOKS_AT_ONCE = 256
MOST_HOLDERS_ASKED = 3
RENEW_EVERY = timedelta(minutes=1)
MOST_SOURCES = 4
"""Sites that are asked for the trust root at one renewal."""

_PASSING = (MirrorCode.UNREACHABLE, MirrorCode.NOT_FOUND, MirrorCode.TRUST_ROLLBACK)
"""Why a site has nothing new for the trust root, without being at fault."""


def load_seen(folder: Path, trust: TrustData) -> Seen:
    """What the watch in ``folder`` had seen; nothing on its first start.

    Raises:
        Refused: TREE_DAMAGED, the file is not whole (never taken for a first start, or a rollback
            would pass); OTHER_ELECTION, it is that of another watch.
    """
    path = folder / SEEN
    try:
        with decoding():
            seen = msgspec.json.decode(path.read_bytes(), type=Seen)
    except FileNotFoundError:
        return Seen(trust.election, trust.drill)
    except msgspec.MsgspecError as error:
        raise Refused(
            MirrorCode.TREE_DAMAGED,
            "{path}: {error}; bring it back from a copy, or watch into a new folder",
            path=path,
            error=error,
        ) from error
    if (seen.election, seen.drill) != (trust.election, trust.drill):
        raise Refused(
            MirrorCode.OTHER_ELECTION,
            "{path} is of {found}; take another folder",
            path=path,
            found=RootIdentity(seen.election, seen.drill),
        )
    return seen


def keep_fork(folder: Path, fork: Fork) -> None:
    """Both notes of a fork, and the proof where there is one, as files for anybody to check."""
    place = folder / evidence_name(fork)
    if (place / "fork.json").is_file():
        return
    place.mkdir(parents=True, exist_ok=True)
    write_durably(place / f"{fork.smaller.size}.note", fork.smaller.note)
    larger = "other" if fork.larger.size == fork.smaller.size else str(fork.larger.size)
    write_durably(place / f"{larger}.note", fork.larger.note)
    write_durably(place / "fork.json", msgspec.json.format(msgspec.json.encode(fork), indent=1))


@dataclass(frozen=True)
class Plan:
    """What a watch is started with; ``folder`` is its own, for what it saw and for evidence."""

    trust: TrustRoot
    folder: Path
    center: str | None = None
    limits: Limits = field(default_factory=Limits)
    sampling: Sampling = field(default_factory=Sampling)
    clock: Clock = system_clock
    chance: random.Random = field(default_factory=random.SystemRandom)
    tls: ssl.SSLContext | None = None
    releases: Releases = field(default_factory=Releases)


class Watching:
    """One watch over one network.

    Raises:
        Refused: nothing is joined in the trust folder, or what was seen cannot be read.
    """

    def __init__(self, plan: Plan, visitor: Visitor) -> None:
        self._plan = plan
        self._visitor = visitor
        self._trust = plan.trust.trusted()
        self._trust_fault: Text | None = None
        self._renewal_due = plan.clock()
        self._renewing: asyncio.Task[None] | None = None
        self._looking: dict[str, asyncio.Task[None]] = {}
        self._descriptions: dict[str, ElectionDescription] = {}
        self._slots = asyncio.Semaphore(MOST_LOOKS_AT_ONCE)
        plan.folder.mkdir(parents=True, exist_ok=True)
        self.watch = Watch(load_seen(plan.folder, self._trust))
        self._kept = self.watch.seen
        if self.watch.trust_renewed is None:
            self.watch.trust_renewed = plan.clock()

    async def once(self) -> NetworkReport:
        """Renew the trust, look at every site once, and report; bounded in time.

        Raises:
            OSError: what was seen cannot be kept; it is not reported then.
        """
        self._renew_if_due()
        if self._renewing is not None:
            await self._renewing
        self._begin_looks()
        await asyncio.gather(*self._looking.values())
        return self._report()

    async def run(self, every: float, show: Callable[[NetworkReport], None]) -> None:
        """Look every ``every`` seconds, and ``show`` a report each time, until cancelled.

        Sites that are still being looked at are not looked at twice, and not waited for.

        Raises:
            OSError: what was seen cannot be kept.
        """
        try:
            while True:
                self._renew_if_due()
                self._begin_looks()
                next_time = asyncio.get_running_loop().time() + every
                if self._looking:
                    await asyncio.wait(self._looking.values(), timeout=every)
                show(self._report())
                await asyncio.sleep(next_time - asyncio.get_running_loop().time())
        finally:
            await self._stop()

    async def _stop(self) -> None:
        tasks = [*self._looking.values(), *([self._renewing] if self._renewing else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def _sites(self) -> tuple[Site, ...]:
        return sites_of(self._trust, self._plan.center, self._plan.clock())

    def _begin_looks(self) -> None:
        self._looking = {key: task for key, task in self._looking.items() if not task.done()}
        ground = self._ground()
        for site in self._sites:
            if site.key not in self._looking:
                self._looking[site.key] = asyncio.create_task(self._look(site, ground))

    def _ground(self) -> Ground:
        plan = self._plan
        return Ground(
            self._trust,
            self.watch.history,
            self._visitor,
            plan.clock,
            plan.chance,
            plan.sampling,
            plan.limits.certificate,
            witnesses_of(self._trust, plan.clock()),
            plan.releases,
            self._descriptions,
        )

    async def _look(self, site: Site, ground: Ground) -> None:
        async with self._slots:
            self.watch.observe(await look_at(site, ground, self._holders()))

    def _holders(self) -> list[Site]:
        """Sites that showed the largest checkpoint known, as signed; some of them."""
        highest = self.watch.history.seen.highest
        size = highest.signed.size if highest else 0
        holding = [site for site in self._sites if self.watch.of_site(site).as_signed >= size]
        return self._plan.chance.sample(holding, min(MOST_HOLDERS_ASKED, len(holding)))

    def _report(self) -> NetworkReport:
        sites = self._sites
        self.watch.forget_all_but(sites)
        reporter = Reporter(self.watch, self._trust, sites, self._plan.limits)
        report = reporter.report(self._plan.clock(), self._trust_fault)
        self._keep()
        return report

    def _keep(self) -> None:
        seen = self.watch.seen
        for fork in seen.history.forks:
            keep_fork(self._plan.folder, fork)
        if seen != self._kept:
            write_durably(self._plan.folder / SEEN, msgspec.json.encode(seen))
            self._kept = seen

    # the trust root

    def _renew_if_due(self) -> None:
        running = self._renewing is not None and not self._renewing.done()
        if not running and self._plan.clock() >= self._renewal_due:
            self._renewal_due = self._plan.clock() + RENEW_EVERY
            self._renewing = asyncio.create_task(self._renew())

    async def _renew(self) -> None:
        """Take what is new in the trust root from the first that has it and is believed.

        That nobody serves it, or that all serve an older one (each renews in its own time), is no
        alarm at once: it is one when it lasts.
        """
        refusals: list[Text] = []
        try:
            async with asyncio.timeout(RENEW_SECONDS):
                for site in self._sources():
                    if await self._renew_from(site, refusals):
                        return
        except TimeoutError:
            late = said("the trust root was not renewed in {seconds:.0f} s", seconds=RENEW_SECONDS)
            log.warning("%s", late)
        self._trust_fault = refusals[0] if refusals else None

    def _sources(self) -> list[Site]:
        sites = list(self._sites)
        first = [site for site in sites if site.publisher is None]
        others = [site for site in sites if site.publisher is not None]
        return [*first, *self._plan.chance.sample(others, min(MOST_SOURCES, len(others)))]

    async def _renew_from(self, site: Site, refusals: list[Text]) -> bool:
        now = self._plan.clock()
        try:
            self._trust = await renew_trust(self._plan.trust, self._visitor, site, now)
        except Refused as refused:
            if refused.code not in _PASSING:
                told = said(
                    "{site} ({address}): {refused}",
                    site=site.id,
                    address=site.address,
                    refused=str(refused),
                )
                refusals.append(told)
            return False
        self.watch.trust_renewed, self._trust_fault = now, None
        return True


@asynccontextmanager
async def watching(plan: Plan) -> AsyncIterator[Watching]:
    """A watch with the trust root that was fetched last, or fetched now if it never was.

    Raises:
        Refused: as :class:`Watching`; TRUST_NOT_SPOKEN.
    """
    plan.trust.require_spoken()
    async with Visitor(plan.tls) as visitor:
        try:
            plan.trust.trusted()
        except Refused as refused:
            if refused.code is not MirrorCode.TRUST_NOT_JOINED or plan.center is None:
                raise
            await renew_trust(plan.trust, visitor, center_site(plan.center), plan.clock())
        yield Watching(plan, visitor)


def describe_change(before: NetworkReport | None, after: NetworkReport) -> list[str]:
    """A line for each alarm that began or ended between two reports."""
    old, new = _standing(before) if before else {}, _standing(after)
    return [
        *(f"! {where}: {text}" for where, text in new.items() if where not in old),
        *(str(said("✓ {where}: no longer", where=where)) for where in old if where not in new),
    ]


def _standing(report: NetworkReport) -> dict[str, str]:
    lines = {
        str(said("network {code}", code=alarm.code)): f"{alarm.detail} — {alarm.meaning}"
        for alarm in report.alarms
    }
    for site in report.sites:
        where = f"{site.publisher} {site.address}"
        lines |= {
            f"{where} {alarm.code}": f"{alarm.detail} — {alarm.meaning}" for alarm in site.alarms
        }
    return lines
