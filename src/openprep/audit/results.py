"""The results of one cut: every object from the signed manifest down to each acta.

Sections are counted from their actas and areas from what is inside them, by
:mod:`openprep.audit.arithmetic`; each published figure is held against what came out. Nothing is
skipped because it was seen before, and nothing stops at the first lie: each is noted under the
check that it fails, with its place.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from openprep.audit.arithmetic import Arithmetic, Sums, counting_of
from openprep.audit.codes import AuditCode
from openprep.audit.log import AuditedLog, Identified, Logged
from openprep.audit.place import Missing, Place
from openprep.audit.report import Findings
from openprep.coded import Text, said
from openprep.election import (
    Acta,
    Candidacy,
    ColumnKind,
    Counting,
    ExpectedActa,
    Level,
    Summary,
)
from openprep.election.area_path import own_id, parent
from openprep.election.cut import CutKind
from openprep.wire.cut import objects as wire
from openprep.wire.cut.manifest import ContestCut, Manifest
from openprep.wire.cut.pack import MAX_OBJECT_BYTES
from openprep.wire.log.leaf import ActaLeaf, encode_leaf

WITHOUT_SECCION = "0000"
"""Section under which actas of mesas stand, which have none."""

MOST_IN_RUN = 16

MOST_OBJECTS = 2_000_000
"""Several nations: a tree that lists one object again and again would never end."""

Published = TypeVar("Published", bound=wire.PublishedObject)
Results = wire.AreaResults | wire.SeccionResults
Where = str | Text
"""A place in a tree: names beside each other, or what is said of them."""

SeenActas = Callable[[wire.SeccionResults | wire.OutOfCatalogue], None]
"""Takes everything that shows actas: each section, and each contest's actas out of catalogue."""


class Unreadable(Exception):
    """An object that is missing or altered; it was noted."""


@dataclass(frozen=True)
class Objects:
    """Reads result objects by their digest."""

    place: Place
    findings: Findings

    def load(self, ref: wire.Ref, kind: type[Published], where: Where) -> Published:
        """The object of that kind that ``ref`` names.

        Raises:
            Unreadable: it is not there, or not that; noted.
        """
        found = self.find(ref, where)
        if not isinstance(found, kind):
            raise self._noted(ref, where, said("it is no {kind}", kind=kind.__name__))
        return found

    def find(self, ref: wire.Ref, where: Where) -> wire.PublishedObject:
        """The object of any kind that ``ref`` names, in its exact form.

        Raises:
            Unreadable: it is not there, or not that; noted.
        """
        self.findings.looked(AuditCode.OBJECTS)
        if self.findings.count(AuditCode.OBJECTS) > MOST_OBJECTS:
            many = said("the cut has more than {most} objects", most=MOST_OBJECTS)
            raise self._noted(ref, where, many)
        try:
            return self._decode(self._read(ref))
        except (Missing, msgspec.MsgspecError) as error:
            raise self._noted(ref, where, said("{error}", error=error)) from error

    def whole(self, ref: wire.Ref) -> bytes | None:
        """The bytes that ``ref`` names; ``None`` where they are not there, or others are."""
        try:
            return self._read(ref)
        except Missing:
            return None

    def _read(self, ref: wire.Ref) -> bytes:
        if not 0 <= ref.size <= MAX_OBJECT_BYTES:
            raise Missing(said("{size} bytes are no object's size", size=ref.size))
        if ref.pack is None or ref.offset is None:
            data = self.place.read(ref.path, ref.size)
        else:
            data = self.place.read_range(ref.path, ref.offset, ref.size)
        if len(data) != ref.size or hashlib.sha256(data).hexdigest() != ref.sha256:
            raise Missing(said("its bytes are not those of its digest"))
        return data

    def _decode(self, data: bytes) -> wire.PublishedObject:
        found = wire.decode_object(data)
        if found.schema != wire.SCHEMA:
            raise Missing(said("schema {schema} is not known here", schema=found.schema))
        if wire.encode_object(found) != data:
            raise Missing(
                said("it is not in its exact form: a reader could see something else in it")
            )
        return found

    def _noted(self, ref: wire.Ref, where: Where, why: Text) -> Unreadable:
        self.findings.fail(
            AuditCode.OBJECTS,
            "{where} ({digest}…): {why}",
            where=where,
            digest=ref.sha256[:12],
            why=why,
        )
        return Unreadable(where)


@dataclass
class CatalogueSeen:
    """What the catalogue says of every expected acta, by section, as one digest each."""

    sections: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def take(self, contest: str, path: str, expected: Sequence[ExpectedActa]) -> None:
        """Note the expected actas of a section."""
        digest = hashlib.sha256(msgspec.json.encode(expected, order="deterministic")).digest()
        self.sections[contest, path] = digest

    def differing(self, other: "CatalogueSeen") -> list[tuple[str, str]]:
        """Sections whose expected actas are not the same in both."""
        both = self.sections.keys() | other.sections.keys()
        return sorted(
            place for place in both if self.sections.get(place) != other.sections.get(place)
        )


def audit_results(
    manifest: Manifest,
    description: wire.ElectionDescription,
    objects: Objects,
    log: AuditedLog,
    seen: SeenActas | None = None,
) -> CatalogueSeen:
    """Recount every contest of a cut, ``log`` being the log up to that cut."""
    catalogue = CatalogueSeen()
    declared = {contest.id: contest for contest in description.contests}
    shown = [cut.id for cut in manifest.contests]
    everything = shown == list(declared)
    objects.findings.expect(everything, AuditCode.PLACES, "the cut does not show every contest")
    for cut in manifest.contests:
        if cut.id not in declared:
            continue
        units = _running(declared[cut.id], description, objects)
        closing = manifest.kind is CutKind.CLOSING
        arithmetic = Arithmetic(declared[cut.id], units, description.rules, closing=closing)
        walk = ContestAudit(arithmetic, description, objects, log, catalogue, seen)
        walk.audit(cut)
    for contest in (log.actas.keys() | log.outside.keys()) - set(shown):
        objects.findings.fail(
            AuditCode.LOG_IN_TREE, "{contest}: none of its actas is shown", contest=contest
        )
    return catalogue


def _running(
    contest: wire.PublishedContest, description: wire.ElectionDescription, objects: Objects
) -> Mapping[str, Sequence[Candidacy]]:
    """Who runs in the contest; nobody, and a finding, where it cannot be read."""
    where = said("{contest}, who runs", contest=contest.id)
    try:
        found = objects.load(contest.running, wire.Candidacies, where)
    except Unreadable:
        return {}
    own = (found.election, found.contest) == (description.id, contest.id)
    objects.findings.expect(own, AuditCode.DESCRIPTION, "{where}", where=where)
    return found.units


@dataclass
class ContestAudit:
    """Walks one contest of one cut."""

    arithmetic: Arithmetic
    description: wire.ElectionDescription
    objects: Objects
    log: AuditedLog
    catalogue: CatalogueSeen
    seen: SeenActas | None = None
    _actas: set[str] = field(default_factory=set)

    @property
    def _contest(self) -> wire.PublishedContest:
        return self.arithmetic.contest

    @property
    def _findings(self) -> Findings:
        return self.objects.findings

    def audit(self, cut: ContestCut) -> None:
        """Everything that the cut shows of the contest."""
        root, levels = self.description.root, self._contest.levels
        self._levels = (root.level, *levels, Level.RUN, Level.SECCION)
        self._outside: set[int] = set()
        try:
            whole = said("{contest}, the whole", contest=cut.id)
            landing = self.objects.load(cut.results, wire.AreaResults, whole)
            sums = self._area(landing, wire.AreaName(root.level, "", root.name), ())
        except Unreadable:
            return
        summary = self._summary(landing, sums)
        where = said("{contest}: manifest", contest=cut.id)
        self._equal(AuditCode.SUMMARY, cut.summary, summary, where)
        self._equal(AuditCode.VOTES, cut.votes, landing.votes, where)
        self._equal(AuditCode.WON, cut.won, landing.won, where)
        titled = cut.title == self._contest.title
        self._findings.expect(
            titled, AuditCode.DESCRIPTION, "{contest}: {title!r}", contest=cut.id, title=cut.title
        )
        self._check_all_shown()

    def _check_all_shown(self) -> None:
        """No acta of the log may be hidden."""
        logged = self.log.actas.get(self._contest.id, {})
        outside = self.log.outside.get(self._contest.id, {})
        self._findings.looked(AuditCode.LOG_IN_TREE, len(logged) + len(outside))
        for acta in logged.keys() - self._actas:
            self._findings.fail(
                AuditCode.LOG_IN_TREE,
                "{contest} {acta}: leaf {leaf}",
                contest=self._contest.id,
                acta=acta,
                leaf=logged[acta][-1].leaf,
            )
        for leaf in outside.keys() - self._outside:
            self._findings.fail(
                AuditCode.LOG_IN_TREE,
                "{contest} out of catalogue: leaf {leaf}",
                contest=self._contest.id,
                leaf=leaf,
            )

    # Areas

    def _area(
        self, area: wire.AreaResults, own: wire.AreaName, above: tuple[wire.AreaName, ...]
    ) -> Sums:
        where = f"{self._contest.id} {own.level.value} {own.path or own.name}"
        self._check_place(area, own, above, where)
        self._check_children(area, where)
        sums, rows = Sums(), []
        for child in area.children:
            inner = self._child(child, (*above, own), where)
            rows.append(None if inner is None else self._row(child, inner))
            if inner is not None:
                sums.add(self._as_constituency(child.level, inner))
        sums.figures["out_of_catalogue"] = self._count_outside(area, where)
        if own.level is self._levels[-3]:
            sums.parties = self.arithmetic.distributed(own.path, sums.columns)
        for shown, row in zip(area.children, rows, strict=True):
            if row is not None:
                self._equal(AuditCode.CHILDREN, shown, row, f"{where}: {shown.path}")
        self._check_figures(area, sums, where)
        return sums

    def _child(
        self, child: wire.ChildArea, above: tuple[wire.AreaName, ...], where: str
    ) -> Sums | None:
        depth = len(above)
        own = wire.AreaName(child.level, child.path, child.name)
        if depth >= len(self._levels) or child.level is not self._levels[depth]:
            self._findings.fail(
                AuditCode.PLACES,
                "{where}: {path} is of no level below",
                where=where,
                path=child.path,
            )
            return None
        place = f"{self._contest.id} {child.level.value} {child.path}"
        try:
            if child.level is Level.SECCION:
                section = self.objects.load(child.object, wire.SeccionResults, place)
                return self._section(section, own, above)
            area = self.objects.load(child.object, wire.AreaResults, place)
            return self._area(area, own, above)
        except Unreadable:
            return None

    def _check_place(
        self, found: Results, own: wire.AreaName, above: tuple[wire.AreaName, ...], where: str
    ) -> None:
        shown = (found.election, found.contest, found.level, found.path, found.name, found.parents)
        contest, election = self._contest.id, self.description.id
        must = (election, contest, own.level, own.path, own.name, above)
        self._equal(AuditCode.PLACES, shown, must, where)

    def _check_children(self, area: wire.AreaResults, where: str) -> None:
        paths = [child.path for child in area.children]
        if area.level is Level.RUN:
            ids = [own_id(path) for path in paths]
            named = bool(ids) and own_id(area.path) == f"{ids[0]}-{ids[-1]}"
            named = named and len(ids) <= MOST_IN_RUN
            inside = named and all(parent(path) == parent(area.path) for path in paths)
        else:
            inside = all(parent(path) == area.path for path in paths)
        ordered = bool(paths) and paths == sorted(set(paths))
        holds = inside and ordered
        self._findings.expect(holds, AuditCode.PLACES, "{where}: its areas", where=where)

    def _row(self, child: wire.ChildArea, sums: Sums) -> wire.ChildArea:
        """The line of a list of areas, as it must be."""
        leader, _ = self.arithmetic.places(sums.candidacies)
        most = max(sums.candidacies.values(), default=0)
        return wire.ChildArea(
            level=child.level,
            path=child.path,
            name=child.name,
            object=child.object,
            expected=sums.figures["expected"],
            captured=sums.figures["captured"],
            counted=sums.figures["counted"],
            total=sums.total,
            leader=leader,
            leader_votes=most,
        )

    def _as_constituency(self, level: Level, sums: Sums) -> Sums:
        """An area that elects counts as one constituency for those above it."""
        if level is self._contest.constituency:
            first, second = self.arithmetic.places(sums.candidacies)
            sums.first.update([first] if first else [])
            sums.second.update([second] if second else [])
        return sums

    # Sections and actas

    def _section(
        self, section: wire.SeccionResults, own: wire.AreaName, above: tuple[wire.AreaName, ...]
    ) -> Sums:
        where = f"{self._contest.id} {section.path}"
        self._check_place(section, own, above, where)
        for acta in section.actas:
            self._check_acta(acta, section.path)
        expected = [acta.expected for acta in section.actas]
        self.catalogue.take(self._contest.id, section.path, expected)
        if self.seen is not None:
            self.seen(section)
        sums = self.arithmetic.section(section.path, section.actas)
        self._check_figures(section, sums, where)
        return sums

    def _check_acta(self, published: wire.PublishedActa, path: str) -> None:
        expected, acta = published.expected, published.acta
        where = f"{self._contest.id} {expected.id}"
        seccion = expected.seccion or WITHOUT_SECCION
        own_path = f"{expected.area}/{seccion}" if expected.area else seccion
        once = own_path == path and expected.id not in self._actas
        self._findings.expect(
            once, AuditCode.PLACES, "{where}: in {path}, or twice", where=where, path=path
        )
        self._actas.add(expected.id)
        if acta is None:
            counting, total = Counting.NOT_CAPTURED, 0
        else:
            counting, total = counting_of(acta, expected, self.description.rules.excess_exempt)
            of_it = (acta.contest, acta.acta) == (self._contest.id, expected.id)
            whole = len(acta.votes) == len(self._contest.columns)
            own = of_it and whole
            self._findings.expect(own, AuditCode.PLACES, "{where}: another's acta", where=where)
        shown = (published.counting, published.total)
        self._equal(AuditCode.COUNTING, shown, (counting, total), where)
        logged = self.log.actas.get(self._contest.id, {}).get(expected.id, [])
        self._check_versions(acta, published.versions, logged, where)

    def _check_versions(
        self,
        acta: Acta | None,
        versions: Sequence[wire.Version],
        logged: Sequence[Logged],
        where: Where,
    ) -> None:
        """Every version that is shown is in the log, and the last one with these figures."""
        shown = [
            Logged(version.leaf, version.at, version.reason, version.identifies)
            for version in versions
        ]
        held = shown == list(logged) and (acta is None) is (not shown)
        if held and acta is not None:
            last = shown[-1]
            leaf = ActaLeaf.of(acta, len(shown), last.at, last.reason, last.identifies)
            held = self.log.holds(last.leaf, encode_leaf(leaf))
        self._findings.expect(held, AuditCode.ACTAS_IN_LOG, "{where}", where=where)

    def _count_outside(self, area: wire.AreaResults, where: str) -> int:
        """How many actas are out of catalogue: at the root only, each of them in the log."""
        if (area.path == "") is (area.out_of_catalogue is None):
            self._findings.fail(AuditCode.PLACES, "{where}: actas out of catalogue", where=where)
        if area.out_of_catalogue is None:
            return 0
        found = self._load_outside(area.out_of_catalogue, where)
        if found is None:
            return 0
        logged = self.log.outside.get(self._contest.id, {})
        for acta, version in zip(found.actas, found.versions, strict=False):
            own = [logged[version.leaf]] if version.leaf in logged else []
            place = said("{where}: out of catalogue, leaf {leaf}", where=where, leaf=version.leaf)
            self._check_versions(acta, (version,), own, place)
            self._outside.add(version.leaf)
        self._check_identified(found.identified, where)
        if self.seen is not None:
            self.seen(found)
        return len(found.actas)

    def _check_identified(self, identified: Sequence[wire.Identified], where: str) -> None:
        """Those that were out of catalogue are those that the log identifies, and no other."""
        logged = self.log.identified.get(self._contest.id, {})
        shown = {
            outside.leaf: Identified(outside.acta, outside.by, outside.at) for outside in identified
        }
        held = shown == logged and len(shown) == len(identified)
        self._findings.expect(
            held,
            AuditCode.ACTAS_IN_LOG,
            "{where}: actas out of catalogue that were identified",
            where=where,
        )

    def _load_outside(self, ref: wire.Ref, where: str) -> wire.OutOfCatalogue | None:
        try:
            place = said("{where}: out of catalogue", where=where)
            found = self.objects.load(ref, wire.OutOfCatalogue, place)
        except Unreadable:
            return None
        own = (found.election, found.contest) == (self.description.id, self._contest.id)
        alone = all((acta.contest, acta.acta) == (self._contest.id, None) for acta in found.actas)
        once = len({version.leaf for version in found.versions}) == len(found.actas)
        paired = len(found.versions) == len(found.actas)
        holds = own and alone and once and paired
        self._findings.expect(
            holds, AuditCode.PLACES, "{where}: actas out of catalogue", where=where
        )
        return found

    # Figures

    def _check_figures(self, found: Results, sums: Sums, where: str) -> None:
        votes, arithmetic = found.votes, self.arithmetic
        self._equal(AuditCode.SUMMARY, found.summary, self._summary(found, sums), where)
        columns = tuple(sums.columns[name] for name in arithmetic.names)
        unregistered = arithmetic.of_kind(ColumnKind.UNREGISTERED, sums)
        null = arithmetic.of_kind(ColumnKind.NULL, sums)
        shown = (votes.columns, votes.total, votes.unregistered, votes.null, votes.off_ballot)
        must = (columns, sums.total, unregistered, null, sums.off_ballot)
        self._equal(AuditCode.VOTES, shown, must, where)
        candidacies = arithmetic.votes_by_candidacy(found.path, sums)
        self._equal(AuditCode.CANDIDACIES, votes.candidacies, candidacies, where)
        if isinstance(found, wire.AreaResults):
            self._check_area_figures(found, sums, where)
        self._check_balance(found, sums, where)

    def _check_area_figures(self, area: wire.AreaResults, sums: Sums, where: str) -> None:
        arithmetic = self.arithmetic
        at_unit, below_unit = area.level is self._levels[-3], area.level is Level.RUN
        parties = () if below_unit else arithmetic.votes_by_party(sums)
        self._equal(AuditCode.PARTIES, area.parties, parties, where)
        self._equal(AuditCode.WON, area.won, arithmetic.won(sums), where)
        groups = () if below_unit else arithmetic.by_group(area.path, sums, unit=at_unit)
        self._equal(AuditCode.GROUPS, area.groups, groups, where)
        proportional = arithmetic.proportional(area.level, sums)
        self._equal(AuditCode.PROPORTIONAL, area.proportional, proportional, where)

    def _check_balance(self, found: Results, sums: Sums, where: str) -> None:
        """What is published adds up by itself (H, oracle 8), whatever way it was counted."""
        votes = found.votes
        of_nobody = votes.unregistered + votes.null + votes.off_ballot
        by_candidacy = sum(candidacy.votes for candidacy in votes.candidacies) + of_nobody
        totals = {votes.total, by_candidacy, sum(votes.columns), found.summary.votes_with_special}
        if isinstance(found, wire.AreaResults) and found.parties:
            totals.add(sum(party.votes for party in found.parties) + of_nobody)
        balanced = totals == {sums.figures["with_special"]}
        self._findings.expect(
            balanced, AuditCode.BALANCE, "{where}: {totals}", where=where, totals=sorted(totals)
        )

    def _summary(self, found: Results, sums: Sums) -> Summary:
        return self.arithmetic.summary(sums.figures, root=found.path == "")

    def _equal(self, code: AuditCode, shown: object, must: object, where: Where) -> None:
        self._findings.looked(code)
        if shown != must:
            wrong = difference(shown, must)
            self._findings.fail(code, "{where}: {wrong}", where=where, wrong=wrong)


def difference(shown: object, must: object) -> Text:
    """The first thing that is not as it must be, by name."""
    if isinstance(shown, msgspec.Struct) and type(shown) is type(must):
        for name in shown.__struct_fields__:
            own, other = getattr(shown, name), getattr(must, name)
            if own != other:
                return said("{name} {wrong}", name=name, wrong=difference(own, other))
    if isinstance(shown, tuple) and isinstance(must, tuple) and len(shown) == len(must):
        pairs = zip(shown, must, strict=True)
        return next((difference(pair, other) for pair, other in pairs if pair != other), said(""))
    return said("is {shown!r}, must be {must!r}", shown=shown, must=must)
