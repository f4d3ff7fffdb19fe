"""What a tree declares of its election: files by their digests, from the log's first leaf on."""

import hashlib
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from openprep.audit.codes import AuditCode
from openprep.audit.counting.declared import Declared
from openprep.audit.counting.versions import ContestVersions
from openprep.audit.place import Missing, Place
from openprep.audit.report import Findings
from openprep.coded import Text, said
from openprep.wire.cut.description import (
    MAX_DECLARED_BYTES,
    Candidacies,
    Catalogue,
    ElectionDescription,
    PublishedContest,
    decode_declared,
    encode_declared,
)
from openprep.wire.cut.ref import SCHEMA, Ref, object_path

Kind = TypeVar("Kind", ElectionDescription, Candidacies, Catalogue)


class Unreadable(Exception):
    """An object that is missing, altered, or not in its exact form."""


def load_declared(place: Place, sha256: str, size: int, kind: type[Kind]) -> Kind:
    """The declared object of that kind with this digest, of at most ``size`` bytes.

    Raises:
        Unreadable: it is not there, or not that.
    """
    try:
        data = place.read(object_path(sha256), min(size, MAX_DECLARED_BYTES))
        if hashlib.sha256(data).hexdigest() != sha256:
            raise Unreadable(said("its bytes are not those of its digest"))
        found = decode_declared(data)
    except (Missing, msgspec.MsgspecError) as error:
        raise Unreadable(error) from error
    if not isinstance(found, kind) or found.schema != SCHEMA:
        raise Unreadable(said("it is no {kind} of a version known here", kind=kind.__name__))
    if encode_declared(found) != data:
        raise Unreadable(said("it is not in its exact form: a reader could see another in it"))
    return found


@dataclass(frozen=True)
class DeclaredElection:
    """An election's description, and its contests with all that is declared of them.

    A contest of which something is missing or does not fit is not among them, and was noted.
    """

    description: ElectionDescription
    size: int
    """Bytes of the description."""
    contests: dict[str, Declared]

    @classmethod
    def of_tree(cls, place: Place, sha256: str, findings: Findings) -> "DeclaredElection | None":
        """What the tree declares under the digest of a log's rules; ``None`` without them."""
        where = said("the election")
        try:
            description = load_declared(place, sha256, MAX_DECLARED_BYTES, ElectionDescription)
        except Unreadable as error:
            _note(findings, where, error)
            return None
        findings.looked(AuditCode.OBJECTS)
        size = len(encode_declared(description))
        found = cls(description, size, {})
        for contest in description.contests:
            declared = found._contest(place, contest, findings)
            if declared is not None:
                found.contests[contest.id] = declared
        return found

    def versions(self) -> dict[str, ContestVersions | None]:
        """What takes the log's leaves of each contest; nothing does of one that was noted."""
        known = self.contests
        return {
            contest.id: ContestVersions(known[contest.id]) if contest.id in known else None
            for contest in self.description.contests
        }

    def _contest(
        self, place: Place, contest: PublishedContest, findings: Findings
    ) -> Declared | None:
        where = said("{contest}, who runs and what is expected", contest=contest.id)
        try:
            candidacies = self._part(place, contest.running, Candidacies)
            catalogue = self._part(place, contest.catalogue, Catalogue)
        except Unreadable as error:
            _note(findings, where, error)
            return None
        findings.looked(AuditCode.OBJECTS, 2)
        own = (self.description.id, contest.id)
        parts = ((part.election, part.contest) for part in (candidacies, catalogue))
        declared = Declared(self.description, contest, candidacies, catalogue)
        why: object = None if all(part == own for part in parts) else said("it is of another")
        try:
            declared.check()
        except (ValueError, LookupError, ArithmeticError) as error:
            why = error
        findings.expect(why is None, AuditCode.DESCRIPTION, "{where}: {why}", where=where, why=why)
        return declared if why is None else None

    def _part(self, place: Place, ref: Ref, kind: type[Kind]) -> Kind:
        return load_declared(place, ref.sha256, ref.size, kind)


def _note(findings: Findings, where: Text, error: Exception) -> None:
    findings.expect(False, AuditCode.OBJECTS, "{where}: {error}", where=where, error=error)
