"""Official databases: written beside the cuts, each listed by every cut from one on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from openprep.databases.write.official_zip import name_at
from openprep.election import Election, Summary
from openprep.record.state import Version
from openprep.wire.cut.manifest import Manifest, TreeFile, databases_of, newest_database


@dataclass(frozen=True)
class Snapshot:
    """What the official database of one moment shows, whatever is learnt while it is written.

    That are the first ``size`` of ``versions``, which only grow, and the figures of each contest.
    """

    time: datetime
    versions: Sequence[Version]
    size: int
    summaries: Mapping[str, Summary]


@dataclass(frozen=True)
class DatabaseFile:
    """An official database on disk that no cut lists yet."""

    path: str
    file: TreeFile


def path_at(local: datetime) -> str:
    """Where in a tree the official database of an official time stands."""
    return f"databases/{name_at(local)}"


class Shelf:
    """Which official databases of one election cuts list."""

    def __init__(self, election: Election) -> None:
        self._election = election
        self._listed: dict[str, TreeFile] = {}

    @property
    def listed(self) -> dict[str, TreeFile]:
        """The files that a cut lists, by their paths."""
        return dict(self._listed)

    @property
    def newest(self) -> str | None:
        """The path of the newest database that is listed."""
        return newest_database(self._listed)

    def resume(self, manifest: Manifest) -> None:
        """Go on with what a cut lists."""
        self._listed.update(databases_of(manifest))

    def add(self, databases: Iterable[DatabaseFile]) -> None:
        """Have cuts list finished databases."""
        self._listed.update((database.path, database.file) for database in databases)

    def lists(self, time: datetime) -> bool:
        """Whether the official database of ``time`` is listed."""
        return path_at(self._election.window.local(time)) in self._listed
