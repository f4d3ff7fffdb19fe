"""Counting again: every figure of a cut is rebuilt from the actas before the cut is shown.

A section is counted from its actas, an area from the areas below it, and each published object
must be equal to the one rebuilt. What was counted once is remembered by its digest, so that a new
cut costs what changed in it, while its totals are always sums of whole sections.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import msgspec

from openprep.election import Contest, Rules
from openprep.election.cut import CutKind
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.verify.actas import Outside
from openprep.mirror.verify.adding import Counted
from openprep.mirror.verify.log import MirroredLog
from openprep.mirror.verify.rebuild import Rebuilder
from openprep.wire.cut.description import Candidacies, ElectionDescription, PublishedContest
from openprep.wire.cut.manifest import ContestCut, Manifest
from openprep.wire.cut.objects import (
    OutOfCatalogue,
    PublishedObject,
    SeccionResults,
    decode_object,
    images_of,
)
from openprep.wire.cut.ref import SCHEMA, Ref
from openprep.wire.cut.results import AreaResults

ReadObject = Callable[[Ref], bytes]
"""The bytes of an object, whose digest was checked."""


class Place(NamedTuple):
    """Where an object stands in a cut; the path of a contest's root is empty."""

    contest: str
    path: str


class _CountedObject(NamedTuple):
    """What was counted in a place, and the object that stood there."""

    sha256: str
    counted: Counted


class _RebuiltBy(NamedTuple):
    """What an object was rebuilt by, besides what is in it."""

    description: str
    closing: bool


"""A contest and the path of an area or section in it."""

Published = TypeVar("Published", bound=PublishedObject)


def parse(ref: Ref, data: bytes) -> PublishedObject:
    """The object that ``ref`` names; ``data`` has its digest.

    Raises:
        Refused: DIGEST (by the size) or FORMAT.
    """
    if len(data) != ref.size:
        raise Refused(
            MirrorCode.DIGEST,
            "object {sha256} is not of {size} bytes",
            sha256=ref.sha256,
            size=ref.size,
        )
    try:
        found = decode_object(data)
    except msgspec.MsgspecError as error:
        raise Refused(
            MirrorCode.FORMAT, "object {sha256}: {error}", sha256=ref.sha256, error=error
        ) from error
    if found.schema != SCHEMA:
        raise Refused(
            MirrorCode.FORMAT,
            "object {sha256} is of schema {schema}",
            sha256=ref.sha256,
            schema=found.schema,
        )
    return found


class _CountedOutside(NamedTuple):
    """Actas out of catalogue as they were counted, and the object and log that said so."""

    sha256: str
    identified: int
    counted: Outside


class Recount:
    """Recounts the cuts of one election, remembering what stood in each place last."""

    def __init__(self, read: ReadObject) -> None:
        self._read = read
        self._log: MirroredLog | None = None
        self._known: dict[Place, _CountedObject] = {}
        self._fresh: dict[Place, _CountedObject] = {}
        self.images: dict[str, int] = {}
        """Images that counted actas have, by digest, with their sizes; who takes them empties it.
        Of what was counted before, a check adds none."""
        self._named: dict[str, int] = {}
        self._outside_known: dict[str, _CountedOutside] = {}
        self._rebuilders: dict[str, Rebuilder] = {}
        self._rebuilt_by: _RebuiltBy | None = None

    def check(self, manifest: Manifest, log: MirroredLog) -> None:
        """Recount the cut that ``manifest`` lists, ``log`` being held as far as it goes.

        Raises:
            Refused: DIGEST, FORMAT, RECOUNT or LOG_FACTS, naming the object and what is wrong.
        """
        if log is not self._log:
            self._known, self._rebuilt_by, self._log = {}, None, log
            self._outside_known = {}
        description = self._load(manifest.description, ElectionDescription)
        if [cut.id for cut in manifest.contests] != [
            contest.id for contest in description.contests
        ]:
            raise Refused(MirrorCode.RECOUNT, "the cut does not show every contest")
        log.check_rules(description, manifest)
        self._fresh, self._named = {}, {}
        closing = manifest.kind is CutKind.CLOSING
        self._use_rules(manifest.description.sha256, description, log, closing=closing)
        for cut in manifest.contests:
            self._check_contest(cut, self._rebuilders[cut.id], log.actas[cut.id])
        self._check_no_other(log, manifest)
        self._known.update(self._fresh)
        self.images.update(self._named)
        self._fresh, self._named = {}, {}

    def _check_no_other(self, log: MirroredLog, manifest: Manifest) -> None:
        others = set(log.actas) - {cut.id for cut in manifest.contests}
        if others:
            raise Refused(
                MirrorCode.LOG_FACTS, "the log has actas of {others}", others=sorted(others)
            )

    def _use_rules(
        self, digest: str, description: ElectionDescription, log: MirroredLog, *, closing: bool
    ) -> None:
        """What was counted under other rules is counted again.

        The last cut has another rule for the root of a contest alone (decision 0020).
        """
        wanted = _RebuiltBy(digest, closing)
        if self._rebuilt_by == wanted:
            return
        if self._rebuilt_by == wanted._replace(closing=not closing):
            self._known = {place: known for place, known in self._known.items() if place.path}
        else:
            self._known = {}
        self._rebuilt_by = None
        self._rebuilders = {
            contest.id: self._rebuilder(description, contest, log, closing=closing)
            for contest in description.contests
        }
        self._rebuilt_by = wanted

    def _rebuilder(
        self,
        description: ElectionDescription,
        published: PublishedContest,
        log: MirroredLog,
        *,
        closing: bool,
    ) -> Rebuilder:
        running = self._load(published.running, Candidacies)
        if (running.election, running.contest) != (description.id, published.id):
            raise Refused(
                MirrorCode.RECOUNT, "{id}: the candidacies are not its own", id=published.id
            )
        return _rebuilder(description, published, running, log, closing=closing)

    def _check_contest(self, cut: ContestCut, rebuilder: Rebuilder, logged: int) -> None:
        root = self._load(cut.results, AreaResults)
        shown = (root.contest, root.path, root.summary, root.votes, root.won)
        if shown != (cut.id, "", cut.summary, cut.votes, cut.won):
            raise Refused(
                MirrorCode.RECOUNT, "{id}: the manifest's figures are not its own", id=cut.id
            )
        counted = self._count(cut.results, "", rebuilder, 0)
        if counted.versions != logged:
            ours = f"the cut shows {counted.versions}"
            raise Refused(
                MirrorCode.LOG_FACTS,
                "{id}: the log has {logged} versions of actas, {ours}",
                id=cut.id,
                logged=logged,
                ours=ours,
            )

    def _count(self, ref: Ref, path: str, rebuilder: Rebuilder, depth: int) -> Counted:
        contest = rebuilder.contest.id
        place = Place(contest, path)
        known = self._known.get(place)
        if known is not None and known.sha256 == ref.sha256:
            return known.counted
        found = parse(ref, self._read(ref))
        level = rebuilder.levels[depth] if depth < len(rebuilder.levels) else None
        if (
            not isinstance(found, AreaResults | SeccionResults)
            or found.contest != contest
            or found.level is not level
        ):
            raise Refused(
                MirrorCode.RECOUNT, "object {sha256} has no place in the results", sha256=ref.sha256
            )
        if isinstance(found, SeccionResults):
            counted = rebuilder.section(found)
            self._named.update(images_of(found))
        else:
            children = [
                self._count(child.object, child.path, rebuilder, depth + 1)
                for child in found.children
            ]
            counted = rebuilder.area(found, children, self._outside(found, rebuilder))
        self._fresh[place] = _CountedObject(ref.sha256, counted)
        return counted

    def _outside(self, area: AreaResults, rebuilder: Rebuilder) -> Outside:
        """Count those out of catalogue, again only if they or what the log says of them changed."""
        if area.out_of_catalogue is None:
            return Outside()
        contest, digest = rebuilder.contest.id, area.out_of_catalogue.sha256
        identified = 0 if self._log is None else self._log.identifications(contest)
        known = self._outside_known.get(contest)
        if known is not None and (known.sha256, known.identified) == (digest, identified):
            return known.counted
        published = self._load(area.out_of_catalogue, OutOfCatalogue)
        counted = rebuilder.outside(published)
        self._named.update(images_of(published))
        self._outside_known[contest] = _CountedOutside(digest, identified, counted)
        return counted

    def _load(self, ref: Ref, kind: type[Published]) -> Published:
        found = parse(ref, self._read(ref))
        if not isinstance(found, kind):
            raise Refused(
                MirrorCode.FORMAT,
                "object {sha256} is not of the kind {name}",
                sha256=ref.sha256,
                name=kind.__name__,
            )
        return found


def _rebuilder(
    description: ElectionDescription,
    published: PublishedContest,
    running: Candidacies,
    log: MirroredLog,
    *,
    closing: bool,
) -> Rebuilder:
    contest = Contest(
        id=published.id,
        title=published.title,
        office=published.office,
        levels=published.levels,
        columns=published.columns,
        candidacies=running.units,
        rp_tipos=frozenset(published.rp_tipos),
        rp_actas=published.rp_actas,
        constituency=published.constituency,
        seats=published.seats,
    )
    rules = Rules(description.rules.participation, frozenset(description.rules.excess_exempt))
    return Rebuilder(contest, rules, description.root, closing=closing, log=log)
