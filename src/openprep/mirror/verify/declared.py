"""What the election declares, as everything here is counted by: read once, held for the night.

The description, whose digest stands in the first leaf of the log, names who runs and which actas
are expected. Whatever these objects say, what comes of them has its areas each in one place and its
actas each once, and contests whose ids name pages; of the rest the figures decide.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import msgspec

from openprep.election import NOBODYS, Contest, ExpectedActa, Level, Rules
from openprep.election.area_path import ids_of, parent
from openprep.election.declared.identifiers import trouble_with_contest_id
from openprep.election.votes import MAX_COUNT
from openprep.mirror.codes import MirrorCode, Refused
from openprep.tabulation.layout import Layout, lay_out
from openprep.wire.cut.description import (
    AreaName,
    Candidacies,
    Catalogue,
    ElectionDescription,
    PublishedContest,
    decode_declared,
)
from openprep.wire.cut.ref import SCHEMA, Ref

ReadDeclared = Callable[[Ref], bytes]
"""The bytes of a declared object, whose digest was checked."""

Kind = TypeVar("Kind", ElectionDescription, Candidacies, Catalogue)


@dataclass(frozen=True)
class DeclaredContest:
    """A contest, and its actas in the order in which its sections stand: an acta's *slot*.

    ``names`` are those of the areas below the root, by path.
    """

    election: str
    contest: Contest
    rules: Rules
    root: AreaName
    names: dict[str, str]
    catalogue: Sequence[ExpectedActa]
    layout: Layout

    @cached_property
    def expected(self) -> tuple[ExpectedActa, ...]:
        """The actas by slot."""
        return tuple(self.catalogue[position] for position in self.layout.actas.tolist())

    @cached_property
    def slots(self) -> dict[str, int]:
        """The slot of each acta."""
        return {expected.id: slot for slot, expected in enumerate(self.expected)}

    @property
    def run_depth(self) -> int:
        """The depth of the runs, between the units and the sections."""
        return self.layout.unit_depth + 1

    @cached_property
    def first_child(self) -> tuple[list[int], ...]:
        """By depth, where the children of each area begin at the next; and where the last end."""
        below = [len(depth.paths) for depth in self.layout.depths[1:]]
        ends = (*below, len(self.catalogue))
        return tuple(
            [*depth.first_child.tolist(), end]
            for depth, end in zip(self.layout.depths, ends, strict=True)
        )

    @cached_property
    def first_slot(self) -> tuple[list[int], ...]:
        """By depth, where the slots of each area begin; and where the last end."""
        found = [self.first_child[-1]]
        for first_child in reversed(self.first_child[:-1]):
            found.append([found[-1][child] for child in first_child])
        return tuple(reversed(found))

    def area_name(self, depth: int, area: int) -> AreaName:
        """An area above the runs, as it is listed among the parents of those below."""
        level = self.layout.depths[depth]
        path = level.paths[area]
        return AreaName(level.level, path, self.names[path] if path else self.root.name)


@dataclass(frozen=True)
class Declared:
    """All that is declared of an election; ``digest`` is that of its description."""

    digest: str
    description: ElectionDescription
    contests: dict[str, DeclaredContest]


def described(ref: Ref, read: ReadDeclared) -> ElectionDescription:
    """The election's description.

    Raises:
        Refused: FORMAT, or what ``read`` does.
    """
    return _load(ref, ElectionDescription, read)


def parts_declared(description: ElectionDescription) -> list[Ref]:
    """The objects that a description names."""
    return [ref for contest in description.contests for ref in (contest.running, contest.catalogue)]


def load_declared(ref: Ref, read: ReadDeclared) -> Declared:
    """All that the description at ``ref`` declares.

    Raises:
        Refused: FORMAT, it does not hold together, or what ``read`` does.
    """
    description = described(ref, read)
    ids = [contest.id for contest in description.contests]
    if len({own.lower() for own in ids}) != len(ids) or not ids:
        raise Refused(MirrorCode.FORMAT, "the election declares a contest twice, or none")
    for why in filter(None, map(trouble_with_contest_id, ids)):
        raise Refused(MirrorCode.FORMAT, "a contest of the election: {why}", why=why)
    contests = {
        contest.id: _contest(description, contest, read) for contest in description.contests
    }
    return Declared(ref.sha256, description, contests)


def _load(ref: Ref, kind: type[Kind], read: ReadDeclared) -> Kind:
    data = read(ref)
    try:
        found = decode_declared(data)
    except msgspec.MsgspecError as error:
        raise Refused(
            MirrorCode.FORMAT, "object {sha256}: {error}", sha256=ref.sha256, error=error
        ) from error
    if not isinstance(found, kind) or found.schema != SCHEMA:
        raise Refused(
            MirrorCode.FORMAT,
            "object {sha256} is no {name} of version {schema}",
            sha256=ref.sha256,
            name=kind.__name__,
            schema=SCHEMA,
        )
    return found


def _contest(
    description: ElectionDescription, published: PublishedContest, read: ReadDeclared
) -> DeclaredContest:
    running = _load(published.running, Candidacies, read)
    catalogue = _load(published.catalogue, Catalogue, read)
    own = (description.id, published.id)
    if {(part.election, part.contest) for part in (running, catalogue)} != {own}:
        raise Refused(
            MirrorCode.FORMAT, "{id}: what it declares is another contest's", id=published.id
        )
    try:
        contest = published.contest(running)
        expected = catalogue.expected.actas()
        names = _names(contest, description.root, catalogue.areas)
        _check_columns(contest)
        _check_expected(contest, names, expected)
        layout = lay_out(contest, expected, description.root.level)
    except (LookupError, ValueError) as error:
        raise Refused(
            MirrorCode.FORMAT, "{id}: what it declares: {error}", id=published.id, error=error
        ) from error
    return DeclaredContest(
        description.id,
        contest,
        description.counting_rules,
        description.root,
        names,
        expected,
        layout,
    )


def _check_columns(contest: Contest) -> None:
    """The last two columns are nobody's, the others single parties' and combinations of those."""
    kinds = tuple(column.kind for column in contest.columns)
    if kinds[-2:] != NOBODYS or not set(kinds[:-2]).isdisjoint(NOBODYS):
        raise ValueError("its last columns are not those of nobody")
    if len(contest.column_index) != len(contest.columns):
        raise ValueError("a column stands twice")
    for area, running in contest.candidacies.items():
        columns = [column for candidacy in running for column in candidacy.columns]
        keys = {candidacy.key for candidacy in running}
        if len(set(columns)) != len(columns) or len(keys) != len(running):
            raise ValueError(f"two candidacies of one column or key in {area!r}")
        if not all(contest.column_index[column] < len(kinds) - 2 for column in columns):
            raise ValueError(f"a candidacy of nobody's column in {area!r}")


def _names(contest: Contest, root: AreaName, areas: Iterable[AreaName]) -> dict[str, str]:
    """The names of the areas, each at its level below one that is named, too."""
    names: dict[str, str] = {}
    levels = (root.level, *contest.levels)
    if len(set(levels)) != len(levels) or {Level.RUN, Level.SECCION} & set(levels):
        raise ValueError("levels that no contest has")
    for area in areas:
        ids = ids_of(area.path)
        if not all(ids) or not ids or levels[len(ids)] is not area.level or area.path in names:
            raise ValueError(f"no place for the area {area.path!r}")
        names[area.path] = area.name
    for path in names:
        if (above := parent(path)) and above not in names:
            raise ValueError(f"the area {path!r} is below none")
    return names


def _check_expected(
    contest: Contest, names: dict[str, str], expected: Sequence[ExpectedActa]
) -> None:
    """Each acta is there once, in a unit that is named."""
    if len({acta.id for acta in expected}) != len(expected) or not expected:
        raise ValueError("an acta is expected twice, or none is")
    for acta in expected:
        ids = ids_of(acta.area)
        if len(ids) != len(contest.levels) or (ids and acta.area not in names):
            raise ValueError(f"acta {acta.id!r} is of no unit")
        if "/" in acta.seccion or not 0 <= acta.lista_nominal <= MAX_COUNT:
            raise ValueError(f"acta {acta.id!r} is of no section, or of an impossible list")
