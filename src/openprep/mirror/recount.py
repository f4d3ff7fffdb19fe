"""Counting again: every figure of a cut is rebuilt from the actas before the cut is shown.

A section is counted from its actas, an area from the areas below it, and each published object
must be equal to the one rebuilt. What was counted once is remembered by its digest, so that a new
cut costs what changed in it, while its totals are always sums of whole sections.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import TypeVar

import msgspec

from openprep.election import Contest, Rules
from openprep.election.cut import CutKind
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.rebuild import Counted, Rebuilder
from openprep.tree import objects as wire
from openprep.tree.manifest import ContestCut, Manifest

ReadObject = Callable[[wire.Ref], bytes]
DEEPEST = 8
"""Levels below a root; no election has more than six."""

Published = TypeVar("Published", bound=wire.PublishedObject)


def parse(ref: wire.Ref, data: bytes) -> wire.PublishedObject:
    """The object that ``ref`` names.

    Raises:
        Refused: DIGEST or FORMAT.
    """
    if len(data) != ref.size or sha256(data).hexdigest() != ref.sha256:
        raise Refused(MirrorCode.DIGEST, f"object {ref.sha256} does not match its digest")
    try:
        found = wire.decode_object(data)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Refused(MirrorCode.FORMAT, f"object {ref.sha256}: {error}") from error
    if found.schema != wire.SCHEMA:
        raise Refused(MirrorCode.FORMAT, f"object {ref.sha256} is of schema {found.schema}")
    return found


class Recount:
    """Recounts the cuts of one election, remembering the objects of the last one."""

    def __init__(self, read: ReadObject) -> None:
        self._read = read
        self._known: dict[str, Counted] = {}
        self._closing = False

    def knows(self, sha256: str) -> bool:
        """Whether the object with this digest stood in the last cut and was counted."""
        return sha256 in self._known

    def check(self, manifest: Manifest) -> None:
        """Recount the cut that ``manifest`` lists.

        Raises:
            Refused: DIGEST, FORMAT or RECOUNT, naming the object and what is wrong in it.
        """
        closing = manifest.kind is CutKind.CLOSING
        if closing is not self._closing:
            self._known, self._closing = {}, closing
        description = self._load(manifest.description, wire.ElectionDescription)
        if [cut.id for cut in manifest.contests] != [one.id for one in description.contests]:
            raise Refused(MirrorCode.RECOUNT, "the cut does not show every contest")
        kept: dict[str, Counted] = {}
        for cut, contest in zip(manifest.contests, description.contests, strict=True):
            rebuilder = _rebuilder(description, contest, closing)
            self._check_contest(cut, rebuilder, kept)
        self._known = kept

    def _check_contest(
        self, cut: ContestCut, rebuilder: Rebuilder, kept: dict[str, Counted]
    ) -> None:
        root = self._load(cut.results, wire.AreaResults)
        if (root.contest, root.summary, root.path) != (cut.id, cut.summary, ""):
            raise Refused(MirrorCode.RECOUNT, f"{cut.id}: the manifest's figures are not its own")
        self._count(cut.results, rebuilder, kept, 0)

    def _count(
        self, ref: wire.Ref, rebuilder: Rebuilder, kept: dict[str, Counted], depth: int
    ) -> Counted:
        if ref.sha256 in self._known:
            return self._keep(ref.sha256, kept)
        found = parse(ref, self._read(ref))
        if isinstance(found, wire.SeccionResults) and found.contest == rebuilder.contest.id:
            counted = rebuilder.section(found)
        elif (
            isinstance(found, wire.AreaResults)
            and found.contest == rebuilder.contest.id
            and depth < DEEPEST
        ):
            children = [
                self._count(child.object, rebuilder, kept, depth + 1) for child in found.children
            ]
            counted = rebuilder.area(found, children, self._outside(found))
        else:
            raise Refused(MirrorCode.RECOUNT, f"object {ref.sha256} has no place in the results")
        kept[ref.sha256] = counted
        return counted

    def _keep(self, digest: str, kept: dict[str, Counted]) -> Counted:
        """Remember what is known below ``digest``; all else is forgotten after the cut."""
        counted = kept[digest] = self._known[digest]
        for below in counted.below:
            self._keep(below, kept)
        return counted

    def _outside(self, area: wire.AreaResults) -> int:
        if area.out_of_catalogue is None:
            return 0
        return len(self._load(area.out_of_catalogue, wire.OutOfCatalogue).actas)

    def _load(self, ref: wire.Ref, kind: type[Published]) -> Published:
        found = parse(ref, self._read(ref))
        if not isinstance(found, kind):
            detail = f"object {ref.sha256} is not of the kind {kind.__name__}"
            raise Refused(MirrorCode.FORMAT, detail)
        return found


def _rebuilder(
    description: wire.ElectionDescription, one: wire.PublishedContest, closing: bool
) -> Rebuilder:
    contest = Contest(
        id=one.id,
        title=one.title,
        office=one.office,
        levels=one.levels,
        columns=one.columns,
        candidacies=one.candidacies,
        rp_tipos=frozenset(one.rp_tipos),
        rp_actas=one.rp_actas,
        constituency=one.constituency,
        seats=one.seats,
    )
    rules = Rules(description.rules.participation, frozenset(description.rules.excess_exempt))
    return Rebuilder(contest, rules, description.root, closing)
