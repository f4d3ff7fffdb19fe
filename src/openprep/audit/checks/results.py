"""The results of one cut: what was signed, and every object as the tree serves it.

What must be shown was composed from the log (:mod:`openprep.audit.counting.composing`). Where an
object has the digest that it must have, it says what it must say, and is only looked for; any other
is read, and each figure of it is held against its own. Nothing stops at the first lie: each is
noted under the check that it fails, with its place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec
from msgspec import structs

from openprep.audit.codes import AuditCode
from openprep.audit.counting.composing import Counted, MadeArea
from openprep.audit.counting.declared import Made
from openprep.audit.place import Missing, Place
from openprep.audit.report import Findings
from openprep.coded import Text, said
from openprep.election import ColumnKind
from openprep.wire.cut.manifest import ContestCut
from openprep.wire.cut.objects import (
    NOBODY,
    Area,
    AreaCatalogue,
    Outside,
    ResultObject,
    Run,
    RunCatalogue,
    parts_of,
)
from openprep.wire.cut.pack import (
    MAX_ENTRY_BYTES,
    PackError,
    decode_where,
    links_to,
    packed_object,
)
from openprep.wire.cut.ref import SCHEMA, Digest, Link, Location, pack_path, where_path
from openprep.wire.cut.results import parsed_object

MAX_WHERE_BYTES = 1024 * 1024

OF_AREA: Mapping[AuditCode, tuple[str, ...]] = {
    AuditCode.PLACES: ("election", "contest", "level", "path"),
    AuditCode.SUMMARY: ("summary",),
    AuditCode.PARTIES: ("parties",),
    AuditCode.GROUPS: ("groups",),
    AuditCode.CHILDREN: ("places",),
    AuditCode.WON: ("won",),
    AuditCode.PROPORTIONAL: ("proportional",),
}
OF_AREA_CATALOGUE: Mapping[AuditCode, tuple[str, ...]] = {
    AuditCode.PLACES: ("election", "contest", "name", "parents", "level", "ids", "names"),
    AuditCode.CANDIDACIES: ("running",),
    AuditCode.PARTIES: ("parties",),
    AuditCode.GROUPS: ("groups",),
    AuditCode.CHILDREN: ("expected",),
}
OF_RUN: Mapping[AuditCode, tuple[str, ...]] = {
    AuditCode.PLACES: ("election", "contest", "path"),
    AuditCode.CHILDREN: ("places",),
    AuditCode.ACTAS_IN_LOG: ("offsets", "earlier"),
    AuditCode.IMAGES: ("images",),
}
OF_RUN_CATALOGUE: Mapping[AuditCode, tuple[str, ...]] = {
    AuditCode.PLACES: ("election", "contest", "path", "secciones", "actas"),
    AuditCode.DESCRIPTION: ("expected",),
}
OF_OUTSIDE: Mapping[AuditCode, tuple[str, ...]] = {
    AuditCode.PLACES: ("election", "contest"),
    AuditCode.ACTAS_IN_LOG: ("offsets", "identified"),
    AuditCode.IMAGES: ("images",),
}
"""By kind of object, which check holds which of its values."""

Object = TypeVar("Object", bound=ResultObject)
Where = str | Text
"""A place in a tree: names beside each other, or what is said of them."""


@dataclass(frozen=True)
class Packs:
    """The packs of a tree, and where in them the results of a cut begin."""

    place: Place
    findings: Findings
    _held: dict[int, Missing | None] = field(default_factory=dict)
    """By pack that was asked for, why it is not at hand; ``None`` where it is."""

    def where(self, cut: int, *, newest: bool) -> Mapping[str, Location] | None:
        """Where the results of each contest begin; ``None``, which was noted, if it is not said.

        A tree that joined late does not say it of earlier cuts.
        """
        path = where_path(cut)
        try:
            found = decode_where(self.place.read(path, MAX_WHERE_BYTES))
        except (Missing, msgspec.MsgspecError) as error:
            if newest:
                self._fail("{path}: {error}", path=path, error=error)
            else:
                self.findings.note(
                    AuditCode.OBJECTS, "this tree does not say where cut {cut} stands", cut=cut
                )
            return None
        if (found.schema, found.cut) != (SCHEMA, cut):
            self._fail("{path} is of cut {cut}", path=path, cut=found.cut)
            return None
        return found.roots

    def entry(self, link: Link, where: Where) -> tuple[bytes, tuple[Location, ...]] | None:
        """The object at ``link`` and where its parts are; ``None``, and a finding, without it."""
        self.findings.looked(AuditCode.OBJECTS)
        try:
            return packed_object(self._read(link.at), link.digest)
        except (Missing, PackError) as error:
            self._fail("{where}: {error}", where=where, error=error)
            return None

    def parsed(
        self, link: Link, kind: type[Object], where: Where
    ) -> tuple[Object, tuple[Link, ...]] | None:
        """The object of that kind at ``link``, and its parts; ``None`` and a finding without it."""
        entry = self.entry(link, where)
        if entry is None:
            return None
        data, at = entry
        try:
            found = parsed_object(link.digest, data, kind)
            return found, links_to(parts_of(found), at)
        except PackError as error:
            self._fail("{where}: {error}", where=where, error=error)
            return None

    def links(
        self, digests: Sequence[Digest], at: Sequence[Location], where: Where
    ) -> tuple[Link, ...]:
        """Parts by their digests; none, and a finding, where there are not as many places."""
        try:
            return links_to(digests, at)
        except PackError as error:
            self._fail("{where}: {error}", where=where, error=error)
            return ()

    def _read(self, at: Location) -> bytes:
        if at.pack < 1 or at.offset < 0 or not 0 < at.size <= MAX_ENTRY_BYTES:
            raise Missing(said("{at} is no place in a pack", at=msgspec.json.encode(at).decode()))
        path = pack_path(at.pack)
        if at.pack not in self._held:
            self._held[at.pack] = self._hold(path)
        missing = self._held[at.pack]
        if missing is not None:
            raise Missing(*missing.args)
        return self.place.read_range(path, at.offset, at.size)

    def _hold(self, path: str) -> Missing | None:
        try:
            self.place.hold(path)
        except Missing as missing:
            return missing
        return None

    def _fail(self, template: str, /, **facts: object) -> None:
        self.findings.fail(AuditCode.OBJECTS, template, **facts)


@dataclass(frozen=True)
class ContestAudit:
    """Holds one contest of a cut against what was counted."""

    counted: Counted
    packs: Packs

    @property
    def _findings(self) -> Findings:
        return self.packs.findings

    @property
    def _contest(self) -> str:
        return self.counted.declared.contest.id

    def audit(self, cut: ContestCut, at: Location | None) -> MadeArea:
        """What the manifest says of the contest, and what the tree has, its root being ``at``.

        What it must be is given back.
        """
        made = self.counted.made()
        self.listed(cut, made.own.digest)
        if at is not None:
            where = f"{self._contest} {self.counted.declared.description.root.name}"
            self._area(Link(cut.results, at), made, where)
        return made

    def listed(self, cut: ContestCut, results: Digest) -> None:
        """Hold the manifest's own line against what was counted, and the digest of its results."""
        must = self.counted.as_listed(results)
        where = said("{contest}: manifest", contest=cut.id)
        self._equal(AuditCode.RESULTS, cut.results, must.results, where)
        self._equal(AuditCode.SUMMARY, cut.summary, must.summary, where)
        votes = structs.replace(cut.votes, candidacies=must.votes.candidacies)
        self._equal(AuditCode.VOTES, votes, must.votes, where)
        runners = cut.votes.candidacies
        self._equal(AuditCode.CANDIDACIES, runners, must.votes.candidacies, where)
        self._equal(AuditCode.WON, cut.won, must.won, where)
        self._equal(AuditCode.DESCRIPTION, (cut.id, cut.title), (must.id, must.title), where)

    # Areas

    def _area(self, link: Link, made: MadeArea, where: Where) -> None:
        for code in (*OF_AREA, AuditCode.VOTES, AuditCode.CANDIDACIES, AuditCode.BALANCE):
            self._findings.looked(code)
        if link.digest == made.own.digest:
            self._area_as_it_must_be(link, made, where)
            return
        read = self.packs.parsed(link, Area, where)
        if read is None:
            return
        shown, parts = read
        must = made.own.object
        assert isinstance(must, Area)
        self._compare(shown, must, OF_AREA, where)
        self._compare_votes(shown, must, where)
        catalogue = self._catalogue(parts[0], made.catalogue, where)
        ids = must_ids = _ids(made.catalogue)
        if catalogue is not None:
            ids = catalogue.ids
        if ids != must_ids or len(shown.children) != len(must_ids):
            self._fail(AuditCode.PLACES, "{where}: its areas", where=where)
        below = dict(zip(ids, parts[1 : 1 + len(shown.children)], strict=False))
        for own, child in zip(must_ids, made.children, strict=True):
            if own in below:
                self._child(below[own], child)
            else:
                place = _name(child)
                self._fail(AuditCode.LOG_IN_TREE, "{where}: {place}", where=where, place=place)
        if (shown.outside is None) is not (made.outside is None):
            self._fail(AuditCode.LOG_IN_TREE, "{where}: actas out of catalogue", where=where)
        elif made.outside is not None:
            self._outside(parts[-1], made.outside)

    def _area_as_it_must_be(self, link: Link, made: MadeArea, where: Where) -> None:
        """An area that says what it must: only what is below it is looked for."""
        entry = self.packs.entry(link, where)
        if entry is None:
            return
        parts = self.packs.links(parts_of(made.own.object), entry[1], where)
        if not parts:
            return
        self._looked_for(parts[0], where)
        for child, part in zip(made.children, parts[1:], strict=False):
            self._child(part, child)
        if made.outside is not None:
            self._outside(parts[-1], made.outside)

    def _child(self, link: Link, made: MadeArea) -> None:
        where = f"{self._contest} {_name(made)}"
        if isinstance(made.own.object, Run):
            self._run(link, made, where)
        else:
            self._area(link, made, where)

    def _looked_for(self, link: Link, where: Where) -> None:
        self.packs.entry(link, where)

    def _catalogue(self, link: Link, made: Made, where: Where) -> AreaCatalogue | None:
        """The catalogue of an area that is not what it must be."""
        if link.digest == made.digest:
            self._looked_for(link, where)
            return None
        read = self.packs.parsed(link, AreaCatalogue, where)
        if read is None:
            return None
        self._compare(read[0], made.object, OF_AREA_CATALOGUE, where)
        return read[0]

    def _compare_votes(self, shown: Area, must: Area, where: Where) -> None:
        votes, own = shown.votes, must.votes
        self._equal(AuditCode.VOTES, votes.columns, own.columns, where)
        candidacies = (votes.candidacies, votes.off_ballot)
        self._equal(AuditCode.CANDIDACIES, candidacies, (own.candidacies, own.off_ballot), where)
        kinds = [column.kind for column in self.counted.declared.contest.columns]
        nobodys = sum(
            count
            for kind, count in zip(kinds, votes.columns, strict=False)
            if kind in (ColumnKind.UNREGISTERED, ColumnKind.NULL)
        )
        of_nobody = nobodys + votes.off_ballot
        totals = {sum(votes.columns), shown.summary.votes_with_special}
        totals |= {sum(votes.candidacies) + of_nobody, sum(shown.parties) + of_nobody}
        if len(totals) > 1:
            self._fail(AuditCode.BALANCE, "{where}: {totals}", where=where, totals=sorted(totals))

    # Runs, and the actas outside

    def _run(self, link: Link, made: MadeArea, where: Where) -> None:
        must = made.own.object
        assert isinstance(must, Run)
        for code in (*OF_RUN, AuditCode.LOG_IN_TREE):
            self._findings.looked(code, len(must.leaves))
        if link.digest == made.own.digest:
            entry = self.packs.entry(link, where)
            parts = () if entry is None else self.packs.links((must.catalogue,), entry[1], where)
            for part in parts:
                self._looked_for(part, where)
            return
        read = self.packs.parsed(link, Run, where)
        if read is None:
            return
        shown, (catalogue,) = read
        self._compare(shown, must, OF_RUN, where)
        self._compare_leaves(shown.leaves, must.leaves, where)
        if catalogue.digest == made.catalogue.digest:
            self._looked_for(catalogue, where)
            return
        listed = self.packs.parsed(catalogue, RunCatalogue, where)
        if listed is not None:
            self._compare(listed[0], made.catalogue.object, OF_RUN_CATALOGUE, where)

    def _outside(self, link: Link, made: Made) -> None:
        where = said("{contest}: out of catalogue", contest=self._contest)
        must = made.object
        assert isinstance(must, Outside)
        for code in (*OF_OUTSIDE, AuditCode.LOG_IN_TREE):
            self._findings.looked(code, len(must.leaves))
        if link.digest == made.digest:
            self._looked_for(link, where)
            return
        read = self.packs.parsed(link, Outside, where)
        if read is None:
            return
        self._compare(read[0], must, OF_OUTSIDE, where)
        self._compare_leaves(read[0].leaves, must.leaves, where)

    def _compare_leaves(self, shown: Sequence[int], must: Sequence[int], where: Where) -> None:
        """Every acta of the log is shown, and no other."""
        hidden = set(must) - set(shown)
        for leaf in sorted(hidden):
            self._fail(AuditCode.LOG_IN_TREE, "{where}: leaf {leaf}", where=where, leaf=leaf)
        invented = set(shown) - set(must) - {NOBODY}
        for leaf in sorted(invented):
            self._fail(AuditCode.ACTAS_IN_LOG, "{where}: leaf {leaf}", where=where, leaf=leaf)
        if not hidden and not invented and tuple(shown) != tuple(must):
            self._fail(AuditCode.PLACES, "{where}: leaves, or twice", where=where)

    def _compare(
        self,
        shown: ResultObject,
        must: ResultObject,
        values: Mapping[AuditCode, tuple[str, ...]],
        where: Where,
    ) -> None:
        for code, names in values.items():
            for name in names:
                own, other = getattr(shown, name), getattr(must, name)
                if own != other:
                    wrong = difference(own, other)
                    self._fail(code, "{where}: {name} {wrong}", where=where, name=name, wrong=wrong)

    def _equal(self, code: AuditCode, shown: object, must: object, where: Where) -> None:
        self._findings.looked(code)
        if shown != must:
            wrong = difference(shown, must)
            self._fail(code, "{where}: {wrong}", where=where, wrong=wrong)

    def _fail(self, code: AuditCode, template: str, /, **facts: object) -> None:
        self._findings.fail(code, template, **facts)


def _name(made: MadeArea) -> str:
    own = made.own.object
    if isinstance(own, Area):
        return f"{own.level.value} {own.path}"
    assert isinstance(own, Run)
    return own.path


def _ids(made: Made) -> tuple[str, ...]:
    assert isinstance(made.object, AreaCatalogue)
    return made.object.ids


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
