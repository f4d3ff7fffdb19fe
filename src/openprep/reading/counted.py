"""What was counted, in the form in which a page's figures are held against it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from openprep.election import ActaGroup, Summary
from openprep.wire.cut.description import ElectionDescription
from openprep.wire.cut.manifest import ContestCut, Manifest
from openprep.wire.cut.results import (
    AreaResults,
    CandidacyVotes,
    ChildArea,
    GroupResults,
    UnitsWon,
    Votes,
)

WHOLE = 1_000_000
"""A hundred percent, in ten-thousandths of a percent."""


def share(part: int, whole: int) -> int:
    """``part`` of ``whole`` as a page says it: truncated, in ten-thousandths of a percent."""
    return part * WHOLE // whole if whole else 0


@dataclass(frozen=True)
class Counted:
    """An area of a contest: what was counted there. ``name`` is what a page calls it."""

    name: str
    summary: Summary
    votes: Votes
    won: tuple[UnitsWon, ...] = ()
    groups: tuple[GroupResults, ...] = ()
    children: tuple[ChildArea, ...] = ()

    @classmethod
    def of_contest(cls, cut: ContestCut) -> "Counted":
        """A whole contest, as its cut's manifest has it."""
        return cls(cut.title, cut.summary, cut.votes, cut.won)

    @classmethod
    def of_area(cls, area: AreaResults, name: str | None = None) -> "Counted":
        """An area, as its object has it."""
        return cls(
            name or area.name, area.summary, area.votes, area.won, area.groups, area.children
        )

    @property
    def ranked(self) -> list[CandidacyVotes]:
        """Who runs, the most voted first."""
        return sorted(self.votes.candidacies, key=lambda candidacy: -candidacy.votes)

    def group(self, group: ActaGroup) -> GroupResults | None:
        """One group of its actas, if it has that."""
        return next((results for results in self.groups if results.group is group), None)

    @cached_property
    def counts(self) -> set[int]:
        """Every count that a page may say of the area."""
        votes = self.votes
        found = set(self.summary.figures)
        found |= {votes.total, votes.unregistered, votes.null, votes.off_ballot}
        found |= {self.summary.basis.votes, *range(len(votes.candidacies) + 1)}
        found |= {candidacy.votes for candidacy in votes.candidacies}
        found |= {number for won in self.won for number in (won.units, won.second)}
        for group in self.groups:
            found |= {group.expected, group.captured, group.counted, group.total}
        for child in self.children:
            found |= {child.expected, child.captured, child.counted, child.total}
            found.add(child.leader_votes)
        return found

    @cached_property
    def shares(self) -> set[int]:
        """Every percentage that a page may say of the area."""
        summary, votes = self.summary, self.votes
        found = {summary.captured_share, summary.counted_share, summary.inconsistent_share}
        found |= {candidacy.share for candidacy in votes.candidacies} | {WHOLE}
        found |= {share(figure, votes.total) for figure in (votes.unregistered, votes.null)}
        found.add(share(votes.off_ballot, votes.total))
        if summary.participation is not None:
            found.add(summary.participation)
        part: Iterable[GroupResults | ChildArea] = (*self.groups, *self.children)
        for member in part:
            found |= {
                share(member.captured, member.expected),
                share(member.counted, member.expected),
            }
        found |= {share(child.leader_votes, child.total) for child in self.children}
        return found


@dataclass(frozen=True)
class CutSaid:
    """What a page may say of a cut beside figures: its number, times, and the names in it."""

    cut: int
    time: datetime
    numbers: frozenset[int]
    names: tuple[str, ...]
    """Names that have digits in them, the longest first."""

    @classmethod
    def of(
        cls,
        manifest: Manifest,
        description: ElectionDescription | None,
        areas: Iterable[Counted],
    ) -> "CutSaid":
        """Of ``manifest``; without its ``description`` the names in that are not known."""
        times = [manifest.time]
        names = {contest.title for contest in manifest.contests} | {area.name for area in areas}
        numbers = {manifest.cut}
        if description is not None:
            times += [description.window.opens, description.window.closes]
            names |= set(_names_of(description))
            numbers |= {text for text in (description.seed, description.districting) if text}
        numbers |= {number for time in times for number in _numbers_of(time)}
        with_digits = {name for name in names if any(map(str.isdigit, name))}
        return cls(
            manifest.cut,
            manifest.time,
            frozenset(numbers),
            tuple(sorted(with_digits, key=len, reverse=True)),
        )


def _names_of(description: ElectionDescription) -> Iterator[str]:
    yield from (description.name, description.authority, description.root.name)
    for contest in description.contests:
        yield from (contest.title, contest.office)
    for party in description.parties:
        yield from (party.name, party.id.replace("_", " "))


def _numbers_of(time: datetime) -> tuple[int, ...]:
    offset = time.utcoffset()
    hours = 0 if offset is None else abs(int(offset.total_seconds())) // 3600
    return time.year, time.month, time.day, time.hour, time.minute, time.second, hours
