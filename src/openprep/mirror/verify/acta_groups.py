"""What the groups of actas of an area add up to, from the sections up. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from openprep.election import ActaGroup, ColumnVotes
from openprep.tabulation import Tally
from openprep.wire.cut.results import GroupResults

Figures = tuple[int, ...]


class GroupActas(NamedTuple):
    """The actas of a group, the lista nominal of the counted and the votes of those with one."""

    expected: int
    captured: int
    counted: int
    lista_nominal: int
    votes_with_list: int


class GroupCounted(NamedTuple):
    """What the actas of one group add up to in an area.

    ``candidacies`` are votes by contender of the contest; ``secciones`` those of a group by
    modality that have such actas, named up to the unit.
    """

    actas: GroupActas
    columns: Figures
    candidacies: Figures
    off_ballot: int
    secciones: tuple[str, ...] = ()


Groups = Mapping[ActaGroup, GroupCounted]
"""The groups that have expected actas."""


def actas_of(tally: Tally) -> GroupActas:
    """What is told of a group's actas."""
    return GroupActas(*(getattr(tally, name) for name in GroupActas._fields))


def add_figures(rows: Iterable[Figures]) -> Figures:
    """The sum of rows of figures, by position; an empty row has none and adds nothing."""
    filled = [row for row in rows if row]
    return filled[0] if len(filled) == 1 else tuple(map(sum, zip(*filled, strict=True)))


def add_groups(groups: Iterable[Groups], *, within_unit: bool) -> Groups:
    """The groups of an area from those inside it; above the unit no section is named."""
    found: dict[ActaGroup, list[GroupCounted]] = defaultdict(list)
    for of_child in groups:
        for group, counted in of_child.items():
            found[group].append(counted)
    return {
        group: GroupCounted(
            GroupActas(*add_figures(part.actas for part in counted)),
            add_figures(part.columns for part in counted),
            add_figures(part.candidacies for part in counted),
            sum(part.off_ballot for part in counted),
            tuple(name for part in counted for name in part.secciones) if within_unit else (),
        )
        for group, counted in found.items()
    }


def published_groups(groups: Groups, running: Sequence[int]) -> tuple[GroupResults, ...]:
    """As an area must show them; ``running`` are its contenders, in its own order."""
    return tuple(
        _published(group, groups[group], running) for group in ActaGroup if group in groups
    )


def _published(group: ActaGroup, figures: GroupCounted, running: Sequence[int]) -> GroupResults:
    columns = ColumnVotes.of(figures.columns)
    return GroupResults(
        group=group,
        expected=figures.actas.expected,
        captured=figures.actas.captured,
        counted=figures.actas.counted,
        lista_nominal=figures.actas.lista_nominal,
        votes_with_list=figures.actas.votes_with_list,
        total=sum(figures.columns),
        unregistered=columns.unregistered,
        null=columns.null,
        off_ballot=figures.off_ballot,
        candidacies=tuple(figures.candidacies[position] for position in running),
        secciones=figures.secciones,
    )
