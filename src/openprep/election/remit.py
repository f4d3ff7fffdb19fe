"""What a place may speak for: the areas and actas that it reports, and those that it may correct.

An area is written as its address in the published tree: the contest, then the path of the area:
``GUB`` (all of the contest), ``GUB/017``, ``AYUN/115/1025``; one acta is its section's area and its
own id. Each covers everything below it, and ``*`` the whole election. Pure.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, TypeAlias

from msgspec import Meta

from openprep.election.acta import Acta
from openprep.election.area_path import first_id, ids_of
from openprep.election.catalogue import WITHOUT_SECCION, ExpectedActa
from openprep.election.election import Election

EVERYTHING = "*"
MAX_SCOPES = 2_000
"""Most areas and actas that one place may list of each kind: more than a district has sections."""

Scope: TypeAlias = Annotated[
    str, Meta(pattern=r"^(\*|[^\x00-\x20\x7f*/]+(/[^\x00-\x20\x7f*/]+)*)\Z", max_length=200)
]
Scopes: TypeAlias = Annotated[tuple[Scope, ...], Meta(max_length=MAX_SCOPES)]


@dataclass(frozen=True)
class Remit:
    """What a place ``reports`` and what it ``corrects`` (it checks actas: cotejo), as scopes."""

    reports: frozenset[str]
    corrects: frozenset[str] = frozenset()

    @classmethod
    def of(cls, reports: Iterable[str], corrects: Iterable[str] = ()) -> "Remit":
        """The remit that an enrolment lists."""
        return cls(frozenset(reports), frozenset(corrects))

    def may_report(self, acta: Acta, election: Election) -> bool:
        """Whether a first report of ``acta`` by this place stands."""
        if acta.acta is None:
            return acta.contest in self._reported_contests or EVERYTHING in self.reports
        return not self.reports.isdisjoint(_covering(acta, election))

    def may_correct(self, acta: Acta, election: Election) -> bool:
        """Whether this place has the role to check ``acta``, whoever reports it."""
        if acta.acta is None:
            return acta.contest in self._corrected_contests or EVERYTHING in self.corrects
        return not self.corrects.isdisjoint(_covering(acta, election))

    @cached_property
    def _reported_contests(self) -> frozenset[str]:
        """An acta out of catalogue has no area: whoever reports in its contest may report it."""
        return frozenset(first_id(scope) for scope in self.reports)

    @cached_property
    def _corrected_contests(self) -> frozenset[str]:
        return frozenset(first_id(scope) for scope in self.corrects)


def _covering(acta: Acta, election: Election) -> Iterator[str]:
    """Every scope that covers an acta of the catalogue: as many as it is deep, and two."""
    expected = election.expected[acta.contest].get(acta.acta or "")
    yield EVERYTHING
    if expected is not None:
        yield from scopes_of(acta.contest, expected)


def scopes_of(contest: str, expected: ExpectedActa) -> Iterator[str]:
    """The scopes of an expected acta, from its contest down to itself."""
    scope = contest
    yield scope
    path = (*ids_of(expected.area), expected.seccion or WITHOUT_SECCION, expected.id)
    for part in filter(None, path):
        scope = f"{scope}/{part}"
        yield scope


def unknown_scopes(scopes: Iterable[str], election: Election) -> list[str]:
    """Those of ``scopes`` that the election does not have, sorted."""
    known = {EVERYTHING}
    for contest, catalogue in election.catalogues.items():
        known.add(contest)
        for expected in catalogue:
            known.update(scopes_of(contest, expected))
    return sorted(set(scopes) - known)


def uncovered_actas(remits: Iterable[frozenset[str]], election: Election) -> dict[str, int]:
    """How many actas of each contest no place reports, where there are any."""
    reported = frozenset[str]().union(*remits)
    if EVERYTHING in reported:
        return {}
    counts = {
        contest: sum(reported.isdisjoint(scopes_of(contest, acta)) for acta in catalogue)
        for contest, catalogue in election.catalogues.items()
    }
    return {contest: count for contest, count in counts.items() if count}


def fewest_scopes(owners: Mapping[tuple[str, str], str], election: Election) -> dict[str, set[str]]:
    """The scopes of each owner, as few as say it: ``owners`` by contest and acta id.

    An acta that nobody owns belongs to whoever owns everything else in its area.
    """
    inside: dict[str, set[str]] = {}
    chains: list[tuple[str, tuple[str, ...]]] = []
    for contest, catalogue in election.catalogues.items():
        for expected in catalogue:
            owner = owners.get((contest, expected.id))
            if owner is None:
                continue
            chain = tuple(scopes_of(contest, expected))
            chains.append((owner, chain))
            for scope in chain:
                inside.setdefault(scope, set()).add(owner)
    found: dict[str, set[str]] = {}
    for owner, chain in chains:
        widest = next(scope for scope in chain if inside[scope] == {owner})
        found.setdefault(owner, set()).add(widest)
    return found
