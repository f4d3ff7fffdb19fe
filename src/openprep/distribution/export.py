"""A package in a file: for a publisher whose line is dead and whose messenger is not."""

import tempfile
from pathlib import Path

from openprep.ceremony.standing import StandingTrust
from openprep.clock import Clock
from openprep.distribution.deltas import Delta, Extra, pack_delta
from openprep.durable import writing_durably
from openprep.hosting import TreeDirectory
from openprep.wire.distribution.codes import DistributionCode
from openprep.wire.distribution.package import seal
from openprep.wire.distribution.requests import NotAdmitted
from openprep.wire.trust import FOLDER as TRUST


def trust_files(tree: TreeDirectory) -> list[str]:
    """The whole trust root that stands.

    Who is cut off cannot ask for it, and it may name the key that signed the cuts.
    """
    return sorted(f"{TRUST}/{path.name}" for path in tree.path(TRUST).glob("*.json"))


def seal_into_file(data: Path, publisher: str, after: int | None, out: Path, clock: Clock) -> Delta:
    """Write what follows cut ``after``, sealed to one enrolled publisher; which cuts it has.

    Raises:
        CeremonyRefused: there is no trust root.
        NotAdmitted: NOT_ENROLLED, REVOKED, NO_SUCH_CUT or NOT_READY.
        OSError: the disk refuses; nothing is left at ``out``.
    """
    tree = TreeDirectory(data / "public")
    trust = StandingTrust(tree.path(TRUST), clock)
    enrolled = trust.find(publisher)
    if enrolled is None:
        standing = sorted(one.id for one in trust.data.publishers_at(clock()))
        raise NotAdmitted(
            DistributionCode.NOT_ENROLLED,
            "{publisher!r}; enrolled: {standing}",
            publisher=publisher,
            standing=", ".join(standing) or "nobody",
        )
    if enrolled.revoked:
        raise NotAdmitted(DistributionCode.REVOKED, "{publisher}", publisher=publisher)
    pointer = tree.pointer()
    if pointer is None:
        raise NotAdmitted(DistributionCode.NO_SUCH_CUT, "nothing is published yet")
    delta = Delta(after, pointer.cut)
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        packed = Path(folder) / "package.tar.zst"
        pack_delta(tree, delta, Extra(lambda *_: trust_files(tree)), packed)
        with packed.open("rb") as compressed, writing_durably(out) as sealed:
            seal(compressed, sealed, enrolled.recipient)
    return delta
