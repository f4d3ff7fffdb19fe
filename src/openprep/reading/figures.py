"""The figures that a page says, read from its words and held against what was counted.

Where a piece of text says what it is of (an entry with votes, a term with its meaning, a row with
its area), each number in it must be the one that was counted for that. Any other number must at
least be one that was counted in the area under whose heading it stands.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from openprep.reading.counted import Counted, CutSaid, share
from openprep.reading.names import Names, full_name, parties_of, plain, with_votes
from openprep.reading.numbers import Number, count, numbers_in, percentage, written
from openprep.reading.terms import GROUPS, Figure, figures_of, named_by, progress
from openprep.reading.text import Kind, Said
from openprep.wire.cut.results import CandidacyVotes, ChildArea, GroupResults

LARGEST_IN_PROSE = 99
"""A number up to this, with neither votes nor a percentage, may be part of a sentence."""

MOST_DIFFERENCES = 50

CAPTURED, COUNTED, LEADER = "capturadas", "contabilizadas", "va primero"
"""What the columns of a table of areas, or of groups of actas, are called."""

_VOTES = re.compile(r"(?<![\d.,])\d[\d.,]{0,20}\s+votos?\b")
_PERCENTAGE = re.compile(r"(?<![\d.,])\d[\d.,]{0,20}\s?%")
_SENTENCE = re.compile(r"([A-ZÁÉÍÓÚ][a-záéíóú]+(?: [a-záéíóú]+)*): (?=\d)")
_SAYS_CUT = re.compile(r"\bCorte (\d+)")
_LEADS = re.compile(r"\bprimero en (\d[\d,]*)")
_SECOND = re.compile(r"\bsegundo en (\d[\d,]*)")


@dataclass(frozen=True)
class Difference:
    """What a page says that was not counted: in which area, of what, and what was counted."""

    area: str
    of: str
    says: str
    counted: str

    def __str__(self) -> str:
        return f"{self.area}, {self.of}: it says {self.says!r}; counted: {self.counted}"


def differences(
    said: Iterable[Said], areas: Sequence[Counted], cut: CutSaid, *, shows_all: bool
) -> list[Difference]:
    """What ``said`` has that was not counted in ``areas``, or leaves out of who leads there.

    Each area begins at a heading with its name. With ``shows_all`` every one of them must.
    """
    return _Comparison(areas, cut, shows_all=shows_all).of(said)


@dataclass
class _Comparison:
    """Goes through a page once, area by area."""

    areas: Sequence[Counted]
    cut: CutSaid
    shows_all: bool
    found: list[Difference] = field(default_factory=list)
    _at: Counted | None = None
    _names: Names = field(default_factory=Names)
    _figures: dict[str, Figure] = field(default_factory=dict)
    _term: str = ""
    _columns: tuple[str, ...] = ()
    _entries: list[CandidacyVotes] = field(default_factory=list)
    _left: list[Counted] = field(default_factory=list)

    def of(self, said: Iterable[Said]) -> list[Difference]:
        self._left = list(self.areas)
        for place in said:
            if len(self.found) >= MOST_DIFFERENCES:
                break
            self._take(place)
        self._end_area()
        for area in self._left if self.shows_all else ():
            self._differ(area.name, "the whole", "nothing", f"{area.votes.total:,} votos")
        return self.found

    def _differ(self, area: str, of: str, says: str, counted: str) -> None:
        self.found.append(Difference(area, of, says, counted))

    def _take(self, said: Said) -> None:
        self._hold_cut(said)
        area = self._at
        if said.kind is Kind.HEADING:
            self._heading(said.text)
        elif said.kind is Kind.TERM:
            self._term = said.text
            self._any(said.text)
        elif area is None:
            self._any(said.text)
        elif said.kind is Kind.MEANING:
            self._hold(area, self._term, said.text, named_by(self._term, self._figures))
        elif said.kind is Kind.ENTRY and _VOTES.search(said.text):
            self._entry(area, said.text)
        elif said.kind is Kind.ROW:
            self._row(area, said.cells)
        else:
            self._sentences(area, said.text)

    def _hold_cut(self, said: Said) -> None:
        number = _SAYS_CUT.search(said.text)
        if number is not None and number[1] != str(self.cut.cut):
            self._differ("the page", "its cut", number[0], f"corte {self.cut.cut}")

    # Where an area begins and ends

    def _heading(self, text: str) -> None:
        area = next((area for area in self._left if area.name == text), None)
        if area is None:
            self._any(text)
            return
        self._end_area()
        self._left.remove(area)
        self._at, self._term, self._columns = area, "", ()
        self._names, self._figures = Names.of(area), figures_of(area)

    def _end_area(self) -> None:
        """Who leads was among those that were shown, and nobody in between was left out."""
        area, entries = self._at, self._entries
        self._at, self._entries = None, []
        if area is None or not area.votes.candidacies:
            return
        first, *_ = ranked = area.ranked
        if not entries:
            self._differ(area.name, "who leads", "nobody", with_votes(first))
            return
        if entries[0].votes != first.votes:
            self._differ(area.name, "who leads", with_votes(entries[0]), with_votes(first))
        shown = {entry.key for entry in entries}
        least = min(entry.votes for entry in entries)
        for candidacy in ranked:
            if candidacy.key not in shown and candidacy.votes > least:
                self._differ(
                    area.name, full_name(candidacy), "nothing", f"{candidacy.votes:,} votos"
                )

    # What says itself what it is of

    def _hold(self, area: Counted, of: str, text: str, figure: Figure | None) -> None:
        """Hold what is said of a figure against it; without one, against the area's figures."""
        if figure is None:
            self._any(text)
        elif not figure.is_said_by(numbers_in(text)):
            self._differ(area.name, of, text, written(figure.own))

    def _sentences(self, area: Counted, text: str) -> None:
        """``Capturadas: 5 de 7 actas. Nulos: 93.``, and whatever else is in the text."""
        rest, at = [], 0
        for found in _SENTENCE.finditer(text):
            figure = self._figures.get(found[1].casefold())
            if figure is None or found.start() < at:
                continue
            end = text.find(". ", found.end())
            end = len(text) if end < 0 else end
            self._hold(area, found[1], text[found.end() : end], figure)
            rest.append(text[at : found.start()])
            at = end
        self._any(" ".join((*rest, text[at:])))

    def _entry(self, area: Counted, text: str) -> None:
        votes = _VOTES.search(text)
        assert votes is not None
        candidacy = self._names.candidacy(text[: votes.start()])
        if candidacy is None:
            self._differ(area.name, "a candidacy", text, "nobody of that name runs here")
            return
        self._entries.append(candidacy)
        says = text[votes.start() :]
        own, *others = numbers_in(says)
        allowed = {count(candidacy.votes), percentage(candidacy.share)}
        allowed |= self._places(area, candidacy, says)
        right = own.is_one_of({count(candidacy.votes)})
        if not right or not all(number.is_one_of(allowed) for number in others):
            self._differ(area.name, full_name(candidacy), says, with_votes(candidacy))

    def _places(self, area: Counted, candidacy: CandidacyVotes, says: str) -> set[Number]:
        """In how many constituencies it comes first and second, where that is said."""
        won = next((won for won in area.won if won.key == candidacy.key), None)
        first, second = (0, 0) if won is None else (won.units, won.second)
        found = set()
        for pattern, value in ((_LEADS, first), (_SECOND, second)):
            said = pattern.search(says)
            if said is not None:
                found.add(count(value))
                if not numbers_in(said[1])[0].is_one_of({count(value)}):
                    self._differ(area.name, full_name(candidacy), said[0], f"{value:,}")
        return found

    def _row(self, area: Counted, cells: tuple[str, ...]) -> None:
        head, *others = cells
        group = named_by(head, GROUPS)
        of = self._names.child(head) if group is None else area.group(group)
        if of is None and any(numbers_in(cell) for cell in others) and self._is_of_actas():
            self._differ(area.name, "a row", " ".join(cells), "nothing of that name")
            return
        if of is None:
            self._columns = tuple(cell.casefold() for cell in cells)
            self._any(" ".join(cells))
            return
        for at, text in enumerate(others, 1):
            column = self._columns[at] if at < len(self._columns) else ""
            self._cell(area, f"{head}, {column}", text, of)

    def _is_of_actas(self) -> bool:
        return not {CAPTURED, COUNTED, LEADER}.isdisjoint(self._columns)

    def _cell(self, area: Counted, where: str, text: str, of: GroupResults | ChildArea) -> None:
        if where.endswith(CAPTURED):
            self._hold(area, where, text, progress(of.captured, of.expected))
        elif where.endswith(COUNTED):
            self._hold(area, where, text, progress(of.counted, of.expected))
        elif where.endswith(LEADER) and isinstance(of, ChildArea):
            self._leader(area, where, text, of)
        else:
            self._any(text)

    def _leader(self, area: Counted, where: str, text: str, child: ChildArea) -> None:
        """A leader by name and share; a tie, or nobody yet, in words."""
        running = {candidacy.key: candidacy for candidacy in area.votes.candidacies}
        leads = running.get(child.leader or "")
        part = _PERCENTAGE.search(text)
        who = plain(text if part is None else text[: part.start()])
        if leads is None:
            named = any(who == plain(parties_of(candidacy)) for candidacy in running.values())
            if named or part is not None:
                self._differ(area.name, where, text, "nobody leads")
            return
        names = {plain(parties_of(leads)), plain(f"{leads.name or ''} {parties_of(leads)}")}
        own = percentage(share(child.leader_votes, child.total))
        said = [] if part is None else numbers_in(text[part.start() :])
        if who not in names or not all(number.is_one_of({own}) for number in said):
            self._differ(area.name, where, text, f"{full_name(leads)} {own.written}")

    # Any other number

    def _any(self, text: str) -> None:
        for name in self.cut.names:
            text = text.replace(name, " ")
        areas = self.areas if self._at is None else (self._at,)
        for number in numbers_in(text):
            if len(self.found) >= MOST_DIFFERENCES:
                return
            if not self._may_be_said(number, areas):
                name = "the page" if self._at is None else self._at.name
                self._differ(name, "a number", f"{number.written}", "no such figure")

    def _may_be_said(self, number: Number, areas: Iterable[Counted]) -> bool:
        if number.percentage:
            return any(number.value in area.shares for area in areas)
        in_prose = 0 <= number.value <= LARGEST_IN_PROSE or number.value in self.cut.numbers
        return (in_prose and not number.votes) or any(number.value in area.counts for area in areas)
