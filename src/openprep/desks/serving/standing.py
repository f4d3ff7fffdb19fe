"""How a house stands, read from its folder; the process that works there may go on meanwhile."""

from datetime import UTC, datetime

from msgspec import Struct

from openprep.capture.acts import Doors, HouseAct
from openprep.capture.papers import Papers
from openprep.capture.steps import AnyStep
from openprep.capture.work.figures import Figures, figures_of
from openprep.capture.work.progress import Progress
from openprep.coded import counted
from openprep.desks.delivery_note import read_note
from openprep.desks.journal import JOURNAL, read_journal
from openprep.desks.serving.codes import HouseCode, HouseTrouble
from openprep.desks.serving.folder import HouseFolder
from openprep.election import Election
from openprep.record.codes import RecordCode, RecordTrouble
from openprep.record.database import owner_of
from openprep.record.images import ImageFolder


class Standing(Struct, frozen=True):
    """The figures of a house, and whether it was opened.

    ``papers`` are by contest and stage, ``waiting`` by task. ``pending`` are envelopes and
    ``pending_images`` images that the centre has not acknowledged. ``aside`` are steps that moved
    nothing here, ``aside_at_center`` facts that wait there for a person; ``stopped_by`` is why
    nothing leaves, if so. ``figures`` are those of the coordinador's desk at ``as_of``, the latest
    step: what somebody works on now is known to the house alone.
    """

    election: str
    open: bool
    papers: dict[str, dict[str, int]]
    waiting: dict[str, int]
    sealed: int
    aside: int
    pending: int
    pending_images: int
    stopped_by: str
    aside_at_center: int
    as_of: datetime | None
    figures: Figures | None
    """``None`` where nothing was sealed yet."""


def standing_of(folder: HouseFolder, election: Election) -> Standing:
    """How the house in ``folder`` stands.

    Raises:
        HouseTrouble: NOT_A_HOUSE.
        RecordTrouble: its journal is another election's, or cannot be read.
    """
    path = folder.journal
    if not path.is_file():
        raise HouseTrouble(HouseCode.NOT_A_HOUSE, "{root}", root=folder.root)
    owner = owner_of(path, JOURNAL).get("election")
    if owner != election.id:
        raise RecordTrouble(
            RecordCode.OTHER_ELECTION, "{path}: it is of {owner}", path=path, owner=owner
        )
    papers = Papers(two_places=election.rules.capture_places > 1)
    doors, progress, sealed, pending = Doors(), Progress(), 0, 0
    for place, fact, delivered in read_journal(path):
        pending += not delivered
        if isinstance(fact, HouseAct):
            doors.take(fact)
            continue
        assert isinstance(fact, AnyStep)  # a house seals nothing else
        progress.take(fact, place, papers.take(fact, place), papers)
        sealed += 1
    note = read_note(folder.delivery)
    as_of = datetime.fromtimestamp(progress.latest, UTC) if sealed else None
    return Standing(
        election=election.id,
        open=doors.is_open,
        papers=_by_stage(progress),
        waiting={task.value: count for task, count in progress.waits.count.items() if count},
        sealed=sealed,
        aside=progress.aside.total(),
        pending=pending,
        pending_images=len(ImageFolder(folder.pictures / "published" / "pending").digests()),
        stopped_by=note.stopped_by,
        aside_at_center=note.aside,
        as_of=as_of,
        figures=None if as_of is None else figures_of(progress, as_of),
    )


def _by_stage(progress: Progress) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (contest, stage), count in sorted(progress.stages.items(), key=lambda item: item[0][0]):
        if count:
            found.setdefault(contest, {})[stage.value] = count
    return found


def words_of(standing: Standing) -> list[str]:
    """The same for a person, a line each."""
    hours = "open" if standing.open else "not open"
    lines = [f"{standing.election}: {hours}, {counted(standing.sealed, 'step')} sealed"]
    for contest, stages in standing.papers.items():
        lines += [f"{contest}  {stage}: {count:,}" for stage, count in stages.items()]
    lines += [f"waiting to {task}: {count:,}" for task, count in standing.waiting.items()]
    if standing.aside:
        lines.append(f"kept as evidence, moved nothing: {counted(standing.aside, 'step')}")
    if standing.aside_at_center:
        lines.append(f"wait for a person at the centre: {standing.aside_at_center:,}")
    lines.append(f"pending: {counted(standing.pending, 'envelope')}")
    lines.append(f"pending: {counted(standing.pending_images, 'image')}")
    if standing.stopped_by:
        code = HouseCode.DELIVERY_STOPS
        lines.append(code.of("{stopped_by}", stopped_by=standing.stopped_by))
    return lines
