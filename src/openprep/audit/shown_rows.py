"""The rows that a database must have, read from the tree of its cut.

Databases follow each other, and most of a tree is the same object as in the cut before. What an
object gives follows from its bytes, which were verified when it was read: as long as cuts go on
naming it, at the same place in the same pack, it is not read again.
"""

from collections.abc import Iterator
from typing import NamedTuple

from openprep.audit.place import Place
from openprep.audit.report import Findings
from openprep.audit.results import MOST_OBJECTS, Objects, Unreadable
from openprep.audit.row_facts import Shown, digests_of_shown
from openprep.coded import said
from openprep.election import Counting, ExpectedActa, Level
from openprep.election.area_path import ids_of
from openprep.wire.cut import objects


class Given(NamedTuple):
    """What one object gives: the objects below it, and digests of rows."""

    below: tuple[objects.Ref, ...] = ()
    rows: tuple[bytes, ...] = ()
    overflowing: tuple[bytes, ...] = ()
    """The rows, contiguas from 10 up being written 01."""


class ShownRows:
    """The rows of one contest, cut after cut."""

    def __init__(
        self,
        place: Place,
        description: objects.ElectionDescription,
        contest: objects.PublishedContest,
    ) -> None:
        self.contest = contest
        self._place = place
        self._description = description
        self._given: dict[objects.Ref, Given] = {}
        """Of the objects that the last cut showed: of none before it, so that memory is bounded."""

    def of(self, root: objects.Ref) -> list[Given]:
        """What every object of the contest gives in the cut whose results are at ``root``.

        Raises:
            Unreadable: an object is missing or altered.
        """
        known, self._given = self._given, {}
        found: list[Given] = []
        reading, waiting = Objects(self._place, Findings()), [root]
        while waiting:
            ref = waiting.pop()
            given = self._given.get(ref) or known.get(ref)
            if given is None:
                given = self._read(reading, ref)
            self._given[ref] = given
            found.append(given)
            waiting += given.below
            if len(found) + len(waiting) > MOST_OBJECTS:
                raise Unreadable(said("more than {most} objects", most=MOST_OBJECTS))
        return found

    def actas(self, root: objects.Ref) -> Iterator[Shown]:
        """Every acta of the contest in that cut, read anew.

        Raises:
            Unreadable: (while iterated) an object is missing or altered.
        """
        reading = Objects(self._place, Findings())
        for ref in list(self._given) if root in self._given else ():
            yield from self._shown(reading.find(ref, said("an object of that cut")))

    def _read(self, reading: Objects, ref: objects.Ref) -> Given:
        found = reading.find(ref, said("an object of that cut"))
        shown = self._shown(found)
        rows = tuple(digests_of_shown(shown))
        overflows = any(each.overflows for each in shown)
        overflowing = tuple(digests_of_shown(shown, overflow=True)) if overflows else rows
        if not isinstance(found, objects.AreaResults):
            return Given((), rows, overflowing)
        below = [child.object for child in found.children]
        below += [found.out_of_catalogue] if found.out_of_catalogue else []
        return Given(tuple(below), rows, overflowing)

    def _shown(self, found: objects.PublishedObject) -> list[Shown]:
        match found:
            case objects.SeccionResults(actas=actas):
                return [
                    Shown(self._entity(each.expected), each.expected, each.acta, each.counting)
                    for each in actas
                ]
            case objects.OutOfCatalogue(actas=alone):
                return [Shown("", None, acta, Counting.OUT_OF_CATALOGUE) for acta in alone]
        return []

    def _entity(self, expected: ExpectedActa) -> str:
        if Level.ENTITY not in self.contest.levels:
            return self._description.root.path
        return ids_of(expected.area)[self.contest.levels.index(Level.ENTITY)]
