"""What each published object must say, rebuilt from what stands below it. Pure.

Apart from the centre's :mod:`openprep.cuts.composing` on purpose, so that the two can disagree, is
all adding: actas and areas one by one where it adds matrices, votes of coalitions distributed unit
by unit (LGIPE 311.1.c), who leads, groups of actas. The same as the centre's, by import, is the
rule: whether an acta counts and for how many votes (``count``, ``tally_of_count``), which actas
enter totals, participation and shares (``summarise``, ``share``). Who runs where is read off the
description by the same steps.

So a wrong sum of the centre is refused here, and a wrong rule is not: for that the audit has an
arithmetic of its own, and the browser another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from openprep.election import Contest, Level, Rules
from openprep.election.area_path import is_within, own_id, parent
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.verify.actas import Actas, Logged, Outside
from openprep.mirror.verify.adding import Adding, Counted
from openprep.mirror.verify.ballots import Ballots
from openprep.mirror.verify.comparing import Comparing
from openprep.tabulation.layout import SECTIONS_IN_A_RUN
from openprep.wire.cut.description import AreaName
from openprep.wire.cut.objects import OutOfCatalogue, SeccionResults
from openprep.wire.cut.results import AreaResults


@dataclass(frozen=True)
class Rebuilder:
    """Rebuilds the objects of one contest in one cut."""

    contest: Contest
    rules: Rules
    root: AreaName
    closing: bool
    log: Logged

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The level of each depth, from the root to the sections."""
        return (self.root.level, *self.contest.levels, Level.RUN, Level.SECCION)

    @cached_property
    def _ballots(self) -> Ballots:
        return Ballots(self.contest)

    @cached_property
    def _actas(self) -> Actas:
        return Actas(self.contest, self.rules, self.log)

    @cached_property
    def _adding(self) -> Adding:
        unit_level = self.contest.levels[-1] if self.contest.levels else self.root.level
        return Adding(self.contest, self._ballots, unit_level)

    @cached_property
    def _comparing(self) -> Comparing:
        return Comparing(self.contest, self.rules, self.root, self.closing, self._ballots)

    def section(self, published: SeccionResults) -> Counted:
        """Count the actas of a section.

        Raises:
            Refused: RECOUNT, the object is not what its actas say; LOG_FACTS, one of them is not
                in the log as it is shown.
        """
        actas = tuple(self._actas.counted(acta, published.path) for acta in published.actas)
        if len({acta.expected.id for acta in actas}) != len(actas):
            where = self._comparing.where(published)
            raise Refused(MirrorCode.RECOUNT, "{where}: an acta stands twice", where=where)
        for acta in actas:
            self._actas.check_versions(acta)
        counted = self._adding.section(published.path, actas)
        self._comparing.section(published, counted, actas)
        return counted

    def area(
        self, published: AreaResults, children: Sequence[Counted], outside: Outside
    ) -> Counted:
        """Count an area from its ``children`` and the actas ``outside`` of the catalogue.

        Raises:
            Refused: RECOUNT, the object is not what its children add up to.
        """
        self._check_places(published, children)
        counted = self._adding.area(published, children, outside)
        self._comparing.area(published, counted, children)
        return self._adding.with_own_place(counted)

    def outside(self, published: OutOfCatalogue) -> Outside:
        """Count the actas that are out of catalogue: see :meth:`Actas.outside`."""
        return self._actas.outside(published)

    def _check_places(self, published: AreaResults, children: Sequence[Counted]) -> None:
        """Each child once, inside the area: otherwise a section could be added twice."""
        paths = [child.path for child in children]
        if published.level is Level.RUN:
            inside = _in_run(published.path, paths)
        else:
            inside = all(is_within(path, published.path) for path in paths)
            inside = inside and published.path not in paths
        depths = {path.count("/") for path in paths}
        if not inside or len(set(paths)) != len(paths) or len(depths) != 1:
            raise Refused(
                MirrorCode.RECOUNT,
                "{where}: areas that are not its own",
                where=self._comparing.where(published),
            )
        listed = [(child.level, child.path) for child in published.children]
        if listed != [(child.level, child.path) for child in children]:
            raise Refused(
                MirrorCode.RECOUNT,
                "{where}: areas under a wrong name",
                where=self._comparing.where(published),
            )


def _in_run(path: str, sections: Sequence[str]) -> bool:
    """Whether a run is named by its own sections, in order, all of its unit."""
    ids = [own_id(section) for section in sections]
    return (
        bool(ids)
        and own_id(path) == f"{ids[0]}-{ids[-1]}"
        and ids == sorted(ids)
        and len(ids) <= SECTIONS_IN_A_RUN
        and all(parent(section) == parent(path) for section in sections)
    )
