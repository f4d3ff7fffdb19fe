"""The leaves of the publication log, as the record gives them: a pure function of it.

The log begins with the rules. Then each cut adds, in the order of the record, every version of an
acta that it is the first to publish, and last itself: so the tree that a checkpoint signs always
ends in a cut, and a version's place in the log is told by its place in the record.
"""

from collections.abc import Iterator, Sequence

from openprep.election import Election, acta_digest
from openprep.record.events import CutMade
from openprep.record.state import Version
from openprep.tree import leaf as wire
from openprep.tree.leaf import encode_leaf

FIRST_VERSION = 1
"""Index of the first leaf after the rules."""


def rules_leaf(election: Election, description_sha256: str) -> bytes:
    """The first leaf: the election folder, and the description that every cut shows."""
    seed = None if election.seed is None else str(election.seed)
    return encode_leaf(
        wire.RulesLeaf(
            wire.SCHEMA, election.id, election.drill, seed, election.digest, description_sha256
        )
    )


def version_leaf(election: Election, version: Version) -> bytes:
    """The leaf of one version of one acta."""
    acta = version.acta
    return encode_leaf(
        wire.ActaLeaf(
            schema=wire.SCHEMA,
            contest=acta.contest,
            acta=acta.acta,
            version=version.number,
            at=election.window.local(version.at),
            acta_sha256=acta_digest(acta),
            image_sha256=acta.image_sha256,
            reason=version.reason or None,
        )
    )


def cut_leaf(election: Election, cut: CutMade) -> bytes:
    """The leaf that ends a cut."""
    return encode_leaf(
        wire.CutLeaf(
            schema=wire.SCHEMA,
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
    position = 0
    for cut in cuts:
        while position < len(versions) and versions[position].position <= cut.covers:
            yield version_leaf(election, versions[position])
            position += 1
        yield cut_leaf(election, cut)
