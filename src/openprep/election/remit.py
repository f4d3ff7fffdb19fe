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
class Reach:
    """Scopes, and what they cover."""

    scopes: frozenset[str]

    def covers(self, contest: str, acta: str | None, election: Election) -> bool:
        """Whether an acta is among them; one out of catalogue has no area, so its contest is."""
        if EVERYTHING in self.scopes:
            return True
        if acta is None:
            return contest in self._contests
        expected = election.expected[contest].get(acta)
        return expected is not None and not self.scopes.isdisjoint(scopes_of(contest, expected))

    @cached_property
    def _contests(self) -> frozenset[str]:
        return frozenset(first_id(scope) for scope in self.scopes)


@dataclass(frozen=True)
class Remit:
    """What a place speaks for, by its roles.

    It ``reports`` (finished actas, or receives and digitises papers), ``captures`` what is shown to
    its people, and ``corrects``: it checks actas against the papers (cotejo).
    """

    reports: Reach
    corrects: Reach
    captures: Reach

    @classmethod
    def of(
        cls, reports: Iterable[str], corrects: Iterable[str] = (), captures: Iterable[str] = ()
    ) -> "Remit":
        """The remit that an enrolment lists."""
        return cls(*(Reach(frozenset(scopes)) for scopes in (reports, corrects, captures)))

    @cached_property
    def anything(self) -> Reach:
        """What it speaks for in any role."""
        return Reach(self.reports.scopes | self.corrects.scopes | self.captures.scopes)


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


def reported_by(remits: Mapping[str, Remit], election: Election) -> dict[str, int]:
    """How many actas each place reports that reports any."""
    scopes = {place: remit.reports.scopes for place, remit in remits.items()}
    whole = sum(len(catalogue) for catalogue in election.catalogues.values())
    counts = {place: whole * (EVERYTHING in listed) for place, listed in scopes.items()}
    partly = {place: listed for place, listed in scopes.items() if listed and not counts[place]}
    for contest, catalogue in election.catalogues.items() if partly else ():
        for acta in catalogue:
            chain = tuple(scopes_of(contest, acta))
            for place, listed in partly.items():
                counts[place] += not listed.isdisjoint(chain)
    return {place: count for place, count in counts.items() if count}


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
