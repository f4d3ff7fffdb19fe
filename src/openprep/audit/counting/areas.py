"""The areas of a contest, as they follow from its catalogue: from the root to runs of sections."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise

import numpy as np

from openprep.audit.counting.arithmetic import Numbers
from openprep.election import Level
from openprep.election.area_path import ids_of, own_id, parent
from openprep.wire.cut.description import ExpectedColumns

WITHOUT_SECCION = "0000"
"""Section under which actas of mesas stand, which have none."""

MOST_IN_RUN = 16


@dataclass(frozen=True)
class Depth:
    """The areas of one level, sorted; ``above`` is the position of each one's area a level up."""

    level: Level
    paths: list[str]
    above: Numbers

    @cached_property
    def groups(self) -> list[tuple[int, int]]:
        """Of each area a level up, where the areas inside it begin and end."""
        bounds = [*np.flatnonzero(np.diff(self.above, prepend=-1)).tolist(), len(self.paths)]
        return list(pairwise(bounds))


@dataclass(frozen=True)
class Areas:
    """The areas of a contest: ``depths`` from the root to the runs, and sections apart.

    ``order`` has the positions of the actas in the catalogue, section by section; ``section`` of
    which section each of them is, in that order.
    """

    depths: list[Depth]
    sections: Depth
    order: Numbers
    section: Numbers

    @cached_property
    def place(self) -> Numbers:
        """Where each acta of the catalogue stands in ``order``."""
        place = np.empty(len(self.order), np.int64)
        place[self.order] = np.arange(len(self.order))
        return place

    @cached_property
    def unit_of_section(self) -> Numbers:
        """The position of each section's unit."""
        units: Numbers = self.depths[-1].above[self.sections.above]
        return units

    @cached_property
    def actas_of_runs(self) -> list[tuple[int, int]]:
        """Where in ``order`` the actas of each run begin and end."""
        run = self.sections.above[self.section]
        bounds = [*np.flatnonzero(np.diff(run, prepend=-1)).tolist(), len(run)]
        return list(pairwise(bounds))

    @classmethod
    def of(cls, root: Level, levels: Sequence[Level], expected: ExpectedColumns) -> "Areas":
        """The areas of these actas.

        Raises:
            ValueError: an acta is of an area that is no unit, or nothing is expected.
        """
        actas: dict[str, list[int]] = {}
        for position, (area, seccion) in enumerate(
            zip(expected.areas, expected.secciones, strict=True)
        ):
            own = seccion or WITHOUT_SECCION
            actas.setdefault(f"{area}/{own}" if area else own, []).append(position)
        secciones = sorted(actas, key=ids_of)
        wrong = [path for path in secciones if len(ids_of(path)) != len(levels) + 1]
        if wrong or not secciones:
            raise ValueError(wrong[0] if wrong else "")
        runs, run_of = _runs(secciones)
        depths = [Depth(Level.RUN, runs, np.empty(0, np.int64))]
        for level in reversed((root, *levels)):
            below = depths[0]
            paths, above = _parents(below.paths)
            depths[0] = Depth(below.level, below.paths, above)
            depths.insert(0, Depth(level, paths, np.empty(0, np.int64)))
        sizes = [len(actas[path]) for path in secciones]
        order = np.array([position for path in secciones for position in actas[path]], np.int64)
        section = np.repeat(np.arange(len(secciones)), sizes)
        return cls(depths, Depth(Level.SECCION, secciones, run_of), order, section)


def _runs(secciones: Sequence[str]) -> tuple[list[str], Numbers]:
    """Neighbouring sections of one unit, named by the first and the last; and of which each is."""
    runs: list[str] = []
    run_of: list[int] = []
    for unit, members in groupby(secciones, parent):
        ids = [own_id(path) for path in members]
        for begin in range(0, len(ids), MOST_IN_RUN):
            some = ids[begin : begin + MOST_IN_RUN]
            run_of += [len(runs)] * len(some)
            name = f"{some[0]}-{some[-1]}"
            runs.append(f"{unit}/{name}" if unit else name)
    return runs, np.array(run_of, np.int64)


def _parents(paths: Sequence[str]) -> tuple[list[str], Numbers]:
    """The areas a level up, and of which each is."""
    above = [parent(path) for path in paths]
    found = list(dict.fromkeys(above))
    position = {path: index for index, path in enumerate(found)}
    return found, np.array([position[path] for path in above], np.int64)
