"""The centre's process: the inbox, the published tree and the cuts, on one event loop."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from openprep.center.center import Center
from openprep.center.listening import Listeners
from openprep.center.machine_clock import MachineClock
from openprep.center.publishers import addresses_of, ask, clocks_in
from openprep.center.refusal_counts import INBOX, keeping
from openprep.center.start import (
    RECORD_FILE,
    check_log,
    check_publishers,
    open_record,
    silent,
)
from openprep.ceremony.standing import StandingTrust, check_election
from openprep.clock import Clock, system_clock
from openprep.coded import counted
from openprep.cuts.signing_key import KEY_FILE, load_signer
from openprep.doors.addresses import telling
from openprep.election import Election
from openprep.hosting import TreeDirectory
from openprep.pages.kit import Kit
from openprep.record.beside import keeping_snapshots
from openprep.record.images import ImageFolder
from openprep.record.ledger import Ledger
from openprep.record.state import State
from openprep.transmission.answers import INBOX_PATH
from openprep.transmission.inbox.http import inbox_application
from openprep.transmission.inbox.images import ImageInbox
from openprep.transmission.inbox.inbox import Inbox
from openprep.transmission.keys import FindStation, load_enrolment
from openprep.wire.note import Signer
from openprep.wire.trust import FOLDER as TRUST

log = logging.getLogger("openprep.center")


@dataclass(frozen=True)
class Plan:
    """What a centre is started with; ``data`` is its own folder.

    Without ``stations`` (a file) those are believed that the published trust root enrols.
    ``fronts`` are the addresses of servers in front, whose ``X-Real-IP`` is believed.
    ``databases_apart`` has official databases written by a process of their own.
    """

    election: Election
    data: Path
    stations: Path | None
    clock: Clock
    host: str
    inbox_port: int
    tree_port: int
    live_seconds: float | None = None
    with_page: bool = True
    databases_apart: bool = True
    fronts: tuple[str, ...] = ()


async def run_center(plan: Plan) -> None:
    """Recover, then receive and publish until cancelled; after the last cut the tree stays up.

    Raises:
        StartRefused: something must be put right before anything is signed.
        RecordTrouble: the record cannot be used.
        TreeTrouble: the published tree is not this record's.
        KeyUnusable: the signing key cannot be used.
        KeyTrouble: the enrolment of the stations cannot be used.
        CeremonyRefused: there is no trust root, or it is of another election.
        PageTrouble: the page is not built, or cannot show the cut that stands.
    """
    signer = load_signer(plan.data / KEY_FILE, plan.election.id)
    tree = TreeDirectory(plan.data / "public")
    trust = _trust(plan, tree)
    record = open_record(plan.data / RECORD_FILE, plan.election)
    try:
        with _starting():
            ledger = Ledger(record, plan.election.rules)
        await _run(plan, ledger, tree, signer, trust)
    finally:
        record.close()


async def _run(
    plan: Plan, ledger: Ledger, tree: TreeDirectory, signer: Signer, trust: StandingTrust | None
) -> None:
    cuts = ledger.state.cuts
    if trust is not None:
        check_log(signer, trust.data, cuts[-1].number + 1 if cuts else 0)
    await _ask_publishers(plan, ledger, signer, trust)
    images = ImageFolder(plan.data / "images")
    images.sweep()
    tree.sweep()
    center = Center(
        plan.election,
        ledger,
        tree,
        signer,
        plan.clock,
        kit=Kit.load() if plan.with_page else None,
        images=images,
        identity=None if trust is None else trust.data.log,
        live_seconds=plan.live_seconds,
        look=plan.clock.look if isinstance(plan.clock, MachineClock) else None,
        databases_apart=plan.databases_apart,
    )
    with _starting():
        center.recover()
    watch = _begin_clock(plan.clock, ledger, trust)
    inbox = Inbox(plan.election, _stations(plan, trust), ledger, plan.clock)
    image_inbox = ImageInbox(ledger, images, plan.clock)
    async with (
        Listeners(2, plan.fronts) as listeners,
        _watching(watch, trust),
        keeping(inbox.refusals, plan.data / INBOX, plan.clock),
        keeping_snapshots(ledger, plan.election.rules),
    ):
        app = inbox_application(inbox, image_inbox)
        ports = [
            await listeners.serve(app, plan.host, plan.inbox_port),
            await listeners.serve_tree(tree, plan.host, plan.tree_port),
        ]
        with telling(plan.data, plan.host, ports):
            for line in _started(plan, ledger, trust):
                log.info("%s", line)
            await center.run()
            await asyncio.Event().wait()


@asynccontextmanager
async def _watching(watch: MachineClock | None, trust: StandingTrust | None) -> AsyncIterator[None]:
    """With an eye on the clock, while what is inside goes on."""
    tasks = [] if watch is None else [asyncio.create_task(watch.watch())]
    if watch is not None and trust is not None:
        tasks.append(asyncio.create_task(watch.ask(partial(_clocks, trust, watch.wall))))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()


def _begin_clock(clock: Clock, ledger: Ledger, trust: StandingTrust | None) -> MachineClock | None:
    """The machine's clock, watched from now on; ``None`` where a replay gives the time."""
    if not isinstance(clock, MachineClock):
        return None
    last = ledger.record.last_event()
    clock.begin(last.at if last else None, others=trust is not None)
    return clock


async def _clocks(trust: StandingTrust, wall: Clock) -> list[float]:
    return clocks_in(await ask(addresses_of(trust.now(), wall()), wall))


async def _ask_publishers(
    plan: Plan, ledger: Ledger, signer: Signer, trust: StandingTrust | None
) -> None:
    """Refuse to go on from less than publishers hold; those who are silent keep nobody waiting."""
    if trust is None or not isinstance(plan.clock, MachineClock):
        return
    words = await ask(addresses_of(trust.data, system_clock()))
    cuts = ledger.state.cuts
    keys = trust.data.log.verifiers_at(cuts[-1].number + 1 if cuts else 0)
    check_publishers(words, keys, signer.name, cuts)
    if not_heard := silent(words):
        log.info("no checkpoint to hold the record against from %s", ", ".join(not_heard))


def _trust(plan: Plan, tree: TreeDirectory) -> StandingTrust | None:
    """The trust that stands; with a file of stations, for a drill, there may be none."""
    folder = tree.path(TRUST)
    if plan.stations is not None and not any(folder.glob("*.root.json")):
        return None
    trust = StandingTrust(folder, plan.clock)
    check_election(plan.election, trust.data)
    return trust


def _stations(plan: Plan, trust: StandingTrust | None) -> FindStation:
    if plan.stations is not None:
        return load_enrolment(plan.stations).get
    assert trust is not None  # _trust gives one where no file does
    return trust.station


def _started(plan: Plan, ledger: Ledger, trust: StandingTrust | None) -> Iterator[str]:
    """What an operator wants to see once: where, what, when, who."""
    election, state = plan.election, ledger.state
    kind = "DRILL" if election.drill else "election"
    yield f"{kind} {election.id}, {election.name}"
    yield f"stations deliver at http://{plan.host}:{plan.inbox_port}{INBOX_PATH}"
    yield f"the tree is at http://{plan.host}:{plan.tree_port}/"
    yield f"page: {'yes' if plan.with_page else 'no, data only'}"
    replay = not isinstance(plan.clock, MachineClock)
    yield f"clock: {'of a replay' if replay else 'this machine, watched'}; {_when(plan, state)}"
    if trust is None:
        yield "no trust root here: publishers cannot follow this centre"
        return
    data = trust.data
    yield (
        f"trust root version {trust.version}: {counted(len(data.publishers), 'publisher')}, "
        f"{counted(len(data.stations), 'station')} enrolled"
    )


def _when(plan: Plan, state: State) -> str:
    window, now = plan.election.window, plan.clock()
    if state.closed is not None:
        return f"closed since {state.closed.at.isoformat()}"
    if state.cuts:
        return f"goes on after cut {state.cuts[-1].number}"
    left = window.opens - now
    opens = window.local(window.opens).isoformat()
    return f"opens at {opens}, in {left}" if left > timedelta(0) else f"opens now, was due {opens}"


@contextmanager
def _starting() -> Iterator[None]:
    """What a start learns stays for the night and refers to nothing that refers back.

    Half a million actas would be walked again and again for cycles that are not there, while they
    are read and ever after.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        gc.enable()
