"""The actas of a cut, one by one: against the rule, their place and the publication log. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from openprep.election import Acta, Contest, Counting, Rules, count
from openprep.mirror.codes import MirrorCode, Refused
from openprep.tabulation.layout import section_path
from openprep.wire.cut.objects import Identified, OutOfCatalogue, PublishedActa, Version
from openprep.wire.log.leaf import ActaLeaf


class Logged(Protocol):
    """The publication log, as far as actas are concerned."""

    def holds(self, index: int, leaf: ActaLeaf) -> bool:
        """Whether ``leaf`` stands at ``index``."""

    def holds_version(
        self, index: int, contest: str, acta: str | None, number: int, at: datetime
    ) -> bool:
        """Whether version ``number`` of an acta, recorded at ``at``, stands at ``index``."""

    def holds_identification(self, index: int, contest: str, acta: str, outside: int) -> bool:
        """Whether the version at ``index``, of ``acta``, identifies the leaf ``outside``."""

    def identifications(self, contest: str) -> int:
        """How many versions of a contest identify an acta out of catalogue."""


class Outside(NamedTuple):
    """Actas out of catalogue, and the leaves of the log that are theirs, identified or not."""

    actas: int = 0
    versions: int = 0


@dataclass(frozen=True)
class Actas:
    """The actas of one contest."""

    contest: Contest
    rules: Rules
    log: Logged

    def counted(self, published: PublishedActa, path: str) -> PublishedActa:
        """An acta of the section at ``path``, as it must stand there.

        Raises:
            Refused: RECOUNT, it is none of that section or of this contest.
        """
        expected, acta = published.expected, published.acta
        if section_path(expected) != path:
            raise Refused(
                MirrorCode.RECOUNT,
                "{id} {acta}: not of {path}",
                id=self.contest.id,
                acta=expected.id,
                path=path,
            )
        if acta is None:
            counting, total = Counting.NOT_CAPTURED, 0
        elif (acta.acta, acta.contest) != (expected.id, self.contest.id):
            raise Refused(
                MirrorCode.RECOUNT,
                "{id} {acta}: of another acta",
                id=self.contest.id,
                acta=expected.id,
            )
        elif len(acta.votes) != len(self.contest.columns):
            raise Refused(
                MirrorCode.RECOUNT,
                "{id} {acta}: columns missing",
                id=self.contest.id,
                acta=expected.id,
            )
        else:
            counting, total = count(acta, expected, self.rules)
        named = acta is not None and acta.image_sha256 is not None
        image = published.image if named else None
        return PublishedActa(expected, counting, total, acta, published.versions, image)

    def check_versions(self, published: PublishedActa) -> None:
        """Each version of an acta must stand in the log where it says, the last as it is shown.

        Raises:
            Refused: LOG_FACTS.
        """
        acta, versions, identity = published.acta, published.versions, published.expected.id
        held = (acta is None) is (not versions)
        if acta is not None and versions:
            held = self.log.holds(*_logged(acta, len(versions), versions[-1]))
        for number, version in enumerate(versions[:-1], 1):
            held = held and self.log.holds_version(
                version.leaf, self.contest.id, identity, number, version.at
            )
        if not held:
            raise Refused(
                MirrorCode.LOG_FACTS,
                "{id} {identity}: its versions are not those in the log",
                id=self.contest.id,
                identity=identity,
            )

    def outside(self, published: OutOfCatalogue) -> Outside:
        """Count the actas that are out of catalogue, and see that those that were are identified.

        Raises:
            Refused: LOG_FACTS, one of them is not in the log, or not identified there; RECOUNT, one
                is of another contest, or an image is of none of them.
        """
        if len(published.actas) != len(published.versions):
            raise Refused(
                MirrorCode.RECOUNT, "{id}: actas without their versions", id=self.contest.id
            )
        for acta, version in zip(published.actas, published.versions, strict=True):
            if (acta.contest, acta.acta) != (self.contest.id, None):
                raise Refused(
                    MirrorCode.RECOUNT, "{id}: an acta of another contest", id=self.contest.id
                )
            if not self.log.holds(*_logged(acta, 1, version)):
                raise Refused(
                    MirrorCode.LOG_FACTS,
                    "{id}: an acta out of catalogue is not in the log",
                    id=self.contest.id,
                )
        if not published.images.keys() <= {acta.image_sha256 for acta in published.actas}:
            raise Refused(
                MirrorCode.RECOUNT, "{id}: an image that no acta names", id=self.contest.id
            )
        self._check_identified(published.identified)
        leaves = [version.leaf for version in published.versions]
        leaves += [identified.leaf for identified in published.identified]
        if len(set(leaves)) != len(leaves):
            raise Refused(MirrorCode.LOG_FACTS, "{id}: an acta stands twice", id=self.contest.id)
        return Outside(len(published.actas), len(leaves))

    def _check_identified(self, identified: Sequence[Identified]) -> None:
        """Each stood in the log out of catalogue, a version there identifies it, and no other."""
        contest, log = self.contest.id, self.log
        held = all(
            log.holds_version(outside.leaf, contest, None, 1, outside.at)
            and log.holds_identification(outside.by, contest, outside.acta, outside.leaf)
            for outside in identified
        )
        if not held or len(identified) != log.identifications(contest):
            raise Refused(
                MirrorCode.LOG_FACTS,
                "{contest}: actas that were identified are not those in the log",
                contest=contest,
            )


def _logged(acta: Acta, number: int, version: Version) -> tuple[int, ActaLeaf]:
    """Where a version must stand in the log, and its leaf."""
    leaf = ActaLeaf.of(acta, number, version.at, version.reason, version.identifies)
    return version.leaf, leaf
