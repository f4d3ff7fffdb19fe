"""A mirror of a public tree that nobody enrolled: the same verification, no key of its own."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from openprep.clock import Clock
from openprep.hosting.directory import TreeDirectory
from openprep.mirror.follow.follower import Follower
from openprep.mirror.process.following import Following, application, served
from openprep.mirror.process.lock import alone_in
from openprep.mirror.process.status import Status
from openprep.mirror.sources.images import Images
from openprep.mirror.sources.source import Source
from openprep.mirror.verify.trusted import Identity
from openprep.pages.kit import Kit
from openprep.wire.note import Verifier
from openprep.wire.trust import LogIdentity


@dataclass(frozen=True)
class UnenrolledPlan:
    """What such a mirror is started with: ``base`` has the tree, ``key`` signs its log.

    Without ``kit`` the tree has no page, without ``with_images`` no images of actas.
    """

    base: str
    election: str
    drill: bool
    key: Verifier
    folder: Path
    clock: Clock
    host: str
    port: int
    poll: float
    kit: Kit | None = None
    with_images: bool = True


async def run_unenrolled(plan: UnenrolledPlan) -> None:
    """Follow, verify and serve, until cancelled.

    Raises:
        Refused: another process works in the folder, or the address is taken.
    """
    log = LogIdentity.of_one_key(plan.key)
    with alone_in(plan.folder):
        async with Source(plan.base) as source:
            await _run(plan, source, Identity(plan.election, plan.drill, log))


async def _run(plan: UnenrolledPlan, source: Source, identity: Identity) -> None:
    status = Status(election=plan.election, drill=plan.drill)
    status_path = plan.folder / "status.json"
    images = Images(
        TreeDirectory(plan.folder / "public"),
        lambda: [plan.base],
        lambda missing: status.images(missing, status_path),
    )
    follower = Follower(
        source,
        plan.folder,
        identity,
        kit=plan.kit,
        clock=plan.clock,
        on_images=images.want if plan.with_images else None,
    )
    following = Following(follower, source, status, status_path, plan.clock, plan.poll)
    app = application(follower)
    async with served(app, plan.host, plan.port), asyncio.TaskGroup() as tasks:
        tasks.create_task(following.run())
        tasks.create_task(images.run())
