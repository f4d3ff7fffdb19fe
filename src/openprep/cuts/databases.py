"""What the official databases of an election show, and the ZIPs that are written of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from openprep.cuts.shelf import DatabaseFile, Snapshot, path_at
from openprep.databases.write.official_zip import OfficialZips
from openprep.databases.write.writer import ContestDatabase
from openprep.election import Acta, Election, Summary
from openprep.hosting import TreeDirectory
from openprep.record.state import Place, Version
from openprep.wire.cut.manifest import FileKind, TreeFile


@dataclass
class _Contest:
    """The actas of one contest: by their catalogue ids, and those out of catalogue as they came."""

    standing: dict[str, Acta] = field(default_factory=dict)
    outside: dict[Place, Acta] = field(default_factory=dict)

    def learn(self, version: Version) -> None:
        acta = version.acta
        if acta.acta is None:
            self.outside[version.place] = acta
            return
        self.standing[acta.acta] = acta
        if version.identifies is not None:
            del self.outside[version.identifies]


class OfficialDatabases:
    """Writes the official databases of one election into its tree, one after the other.

    It has actas of its own, so that it may be in any process: it is told every version once, in
    the order of the record. What it wrote last is kept, and only what changed is written anew.
    """

    def __init__(self, election: Election, tree: TreeDirectory) -> None:
        self._election = election
        self._tree = tree
        self._zips = OfficialZips(election)
        self._contests = {contest: _Contest() for contest in election.contests}
        self._learnt = 0

    def learn(self, versions: Iterable[Version]) -> None:
        """Take versions of actas."""
        for version in versions:
            self._contests[version.acta.contest].learn(version)
            self._learnt += 1

    def show(self, snapshot: Snapshot) -> DatabaseFile:
        """Put the official database of ``snapshot`` on disk, none before it having shown more."""
        self.learn(snapshot.versions[self._learnt : snapshot.size])
        return self.write(snapshot.time, snapshot.summaries)

    def write(self, time: datetime, summaries: Mapping[str, Summary]) -> DatabaseFile:
        """Put the official database of ``time`` on disk, which shows all that was learnt."""
        local = self._election.window.local(time)
        databases = {
            contest: ContestDatabase(own.standing, tuple(own.outside.values()), summaries[contest])
            for contest, own in self._contests.items()
        }
        path, data = path_at(local), self._zips.write(local, databases)
        self._tree.place(path, data)
        return DatabaseFile(path, TreeFile(FileKind.DATABASE, sha256(data).hexdigest(), len(data)))
