"""Official databases: written beside the cuts, each listed by every cut from one on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from openprep.cuts.results import Standing
from openprep.databases.write.official_zip import OfficialZips
from openprep.databases.write.writer import ContestDatabase
from openprep.election import Election
from openprep.hosting import TreeDirectory
from openprep.wire.cut.manifest import FileKind, Manifest, TreeFile, databases_of


@dataclass(frozen=True)
class Snapshot:
    """What the official database of one moment shows, whatever is learnt while it is written."""

    time: datetime
    contests: Mapping[str, Standing]


@dataclass(frozen=True)
class DatabaseFile:
    """An official database on disk that no cut lists yet."""

    path: str
    file: TreeFile


class Shelf:
    """The official databases of one election, and which of them cuts list."""

    def __init__(self, election: Election, tree: TreeDirectory) -> None:
        self._election = election
        self._tree = tree
        self._zips = OfficialZips(election)
        self._listed: dict[str, TreeFile] = {}
        self._newest: str | None = None

    @property
    def listed(self) -> dict[str, TreeFile]:
        """The files that a cut lists, by their paths."""
        return dict(self._listed)

    @property
    def newest(self) -> str | None:
        """The path of the database that was listed last."""
        return self._newest

    def resume(self, manifest: Manifest) -> None:
        """Go on with what a cut lists."""
        self._listed.update(databases_of(manifest))
        self._newest = manifest.database

    def add(self, databases: Iterable[DatabaseFile]) -> None:
        """Have cuts list finished databases, the newest last."""
        for database in databases:
            self._listed[database.path] = database.file
            self._newest = database.path

    def lists(self, time: datetime) -> bool:
        """Whether the official database of ``time`` is listed."""
        return self._path_at(self._election.window.local(time)) in self._listed

    def write(self, snapshot: Snapshot) -> DatabaseFile:
        """Put the official database of ``snapshot`` on disk, beside whatever else goes on."""
        databases = {
            contest: ContestDatabase(
                standing.actas(self._election, contest),
                standing.out_of_catalogue,
                standing.summary,
            )
            for contest, standing in snapshot.contests.items()
        }
        path = self._path_at(snapshot.time)
        data = self._zips.write(snapshot.time, databases)
        self._tree.place(path, data)
        file = TreeFile(FileKind.DATABASE, sha256(data).hexdigest(), len(data))
        return DatabaseFile(path, file)

    def _path_at(self, local: datetime) -> str:
        return f"databases/{self._zips.name_at(local)}"
