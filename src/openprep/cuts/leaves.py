"""The leaves of the publication log, as the record gives them: a pure function of it.

The log begins with the rules. Then each cut adds, in the order of the record, every version of an
acta that it is the first to publish, and last itself: so the tree that a checkpoint signs always
ends in a cut, and a version's place in the log is told by its place in the record.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import UNSET

from openprep.election import Election
from openprep.record.events import CutMade
from openprep.record.state import Place, Version
from openprep.wire.log.leaf import SCHEMA, ActaLeaf, CutLeaf, RulesLeaf, encode_leaf

FIRST_VERSION = 1
"""Index of the first leaf after the rules."""


class Logged(NamedTuple):
    """A version of an acta with the index of its leaf in the publication log.

    ``identifies`` is the leaf of the acta out of catalogue that it identifies, if it does.
    """

    leaf: int
    version: Version
    identifies: int | None = None


class LogOrder:
    """Gives each version its leaf, in the order of the record; cuts move ``next_leaf`` on."""

    def __init__(self) -> None:
        self.next_leaf = FIRST_VERSION
        self._outside: dict[Place, int] = {}

    def take(self, version: Version) -> Logged:
        """The version with the leaf that is next."""
        leaf, self.next_leaf = self.next_leaf, self.next_leaf + 1
        if version.acta.acta is None:
            self._outside[version.place] = leaf
        if version.identifies is None:
            return Logged(leaf, version)
        return Logged(leaf, version, self._outside.pop(version.identifies))


def rules_leaf(election: Election, description_sha256: str) -> bytes:
    """The first leaf: the election folder, and the description that every cut shows."""
    seed = None if election.seed is None else str(election.seed)
    return encode_leaf(
        RulesLeaf(SCHEMA, election.id, election.drill, seed, election.digest, description_sha256)
    )


def version_leaf(election: Election, logged: Logged) -> bytes:
    """The leaf of one version of one acta."""
    version = logged.version
    at = election.window.local(version.at)
    identifies = UNSET if logged.identifies is None else logged.identifies
    return encode_leaf(
        ActaLeaf.of(version.acta, version.number, at, version.reason or None, identifies)
    )


def cut_leaf(election: Election, cut: CutMade) -> bytes:
    """The leaf that ends a cut."""
    return encode_leaf(
        CutLeaf(
            schema=SCHEMA,
            cut=cut.number,
            kind=cut.kind,
            time=election.window.local(cut.at),
            manifest_sha256=cut.manifest_sha256,
            manifest_size=cut.manifest_size,
        )
    )


def leaves_of(
    election: Election,
    description_sha256: str,
    versions: Sequence[Version],
    cuts: Sequence[CutMade],
) -> Iterator[bytes]:
    """Every leaf up to the last of ``cuts``, from the versions and cuts of the record."""
    if cuts:
        yield rules_leaf(election, description_sha256)
    position, order = 0, LogOrder()
    for cut in cuts:
        while position < len(versions) and versions[position].position <= cut.covers:
            yield version_leaf(election, order.take(versions[position]))
            position += 1
        yield cut_leaf(election, cut)
        order.next_leaf = cut.log_size
