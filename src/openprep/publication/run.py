"""The centre's process: the inbox, the published tree and the cuts, on one event loop."""

import asyncio
import gc
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from openprep.clock import Clock
from openprep.election import Election
from openprep.hosting import TreeDirectory
from openprep.hosting.http import serve_tree
from openprep.pages.kit import Kit
from openprep.publication.center import Center
from openprep.publication.enrolled import StandingTrust, check_election
from openprep.publication.keys import load_signer
from openprep.record.images import ImageFolder
from openprep.record.ledger import Ledger
from openprep.record.sqlite import Record
from openprep.transmission.http import inbox_application
from openprep.transmission.image_inbox import ImageInbox
from openprep.transmission.inbox import Inbox
from openprep.transmission.keys import FindStation, load_enrolment
from openprep.tree.trust import FOLDER as TRUST


@dataclass(frozen=True)
class Plan:
    """What a centre is started with; ``data`` is its own folder.

    Without ``stations`` (a file) those are believed that the published trust root enrols.
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


async def run_center(plan: Plan) -> None:
    """Recover, then receive and publish until cancelled; after the last cut the tree stays up.

    Raises:
        RecordTrouble: the record cannot be used.
        TreeTrouble: the published tree is not this record's.
        KeyUnusable: the signing key cannot be used.
        KeyTrouble: the enrolment of the stations cannot be used.
        CeremonyRefused: there is no trust root, or it is of another election.
        PageTrouble: the page is not built, or cannot show the cut that stands.
    """
    election = plan.election
    record = Record.open(plan.data / "record.sqlite", election.id, election.digest)
    try:
        ledger = Ledger(record)
        tree = TreeDirectory(plan.data / "public")
        images = ImageFolder(plan.data / "images")
        images.sweep()
        center = Center(
            election,
            ledger,
            tree,
            load_signer(plan.data / "center.key", election.id),
            plan.clock,
            kit=Kit.load() if plan.with_page else None,
            images=images,
            live_seconds=plan.live_seconds,
        )
        center.recover()
        _rest_the_collector()
        inbox = Inbox(election, _stations(plan, tree), ledger, plan.clock)
        image_inbox = ImageInbox(ledger, images, plan.clock)
        await _listen(inbox_application(inbox, image_inbox), plan.host, plan.inbox_port)
        await _listen(_public(tree), plan.host, plan.tree_port)
        await center.run()
        await asyncio.Event().wait()
    finally:
        record.close()


def _stations(plan: Plan, tree: TreeDirectory) -> FindStation:
    if plan.stations is not None:
        return load_enrolment(plan.stations).get
    trust = StandingTrust(tree.path(TRUST), plan.clock)
    check_election(plan.election, trust.data)
    return trust.station


def _rest_the_collector() -> None:
    """What is known by now stays for the night and refers to nothing that refers back.

    Half a million actas would be walked again and again for cycles that are not there.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _public(tree: TreeDirectory) -> web.Application:
    app = web.Application()
    app.router.add_get("/{path:.*}", serve_tree(tree))
    return app


async def _listen(app: web.Application, host: str, port: int) -> None:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
