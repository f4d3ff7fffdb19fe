"""The election as published: the same through the whole night."""

from collections.abc import Mapping
from typing import NamedTuple

from openprep.election import Contest, Election
from openprep.election.area_path import ids_of, unit_of
from openprep.wire.cut.description import (
    AreaName,
    Candidacies,
    Catalogue,
    ElectionDescription,
    ExpectedColumns,
    PublishedContest,
    PublishedRules,
    PublishedWindow,
    encode_declared,
)
from openprep.wire.cut.ref import SCHEMA, hex_digest, ref_to


def describe(election: Election) -> ElectionDescription:
    """What a reader must know of ``election``, and by digest who runs and what is expected."""
    return _describe(election, _objects_of(election))


def declared_files(election: Election) -> dict[str, bytes]:
    """Everything that is declared, as files of the tree by digest; the description last."""
    objects = _objects_of(election)
    description = encode_declared(_describe(election, objects))
    files = [data for own in objects.values() for data in own]
    return {hex_digest(data): data for data in (*files, description)}


class _Objects(NamedTuple):
    """What is declared of a contest beside its description."""

    running: bytes
    catalogue: bytes


def _objects_of(election: Election) -> dict[str, _Objects]:
    return {
        name: _Objects(
            encode_declared(running_in(election, contest)),
            encode_declared(catalogue_in(election, contest)),
        )
        for name, contest in election.contests.items()
    }


def _describe(election: Election, objects: Mapping[str, _Objects]) -> ElectionDescription:
    window = election.window
    return ElectionDescription(
        schema=SCHEMA,
        id=election.id,
        name=election.name,
        authority=election.authority,
        drill=election.drill,
        digest=election.digest,
        root=AreaName(election.root.level, election.root.id, election.root.name),
        window=PublishedWindow(
            window.local(window.opens), window.local(window.closes), window.time_zone
        ),
        rules=PublishedRules(
            election.rules.participation,
            tuple(sorted(election.rules.excess_exempt, key=lambda kind: kind.value)),
        ),
        parties=tuple(election.parties.values()),
        contests=tuple(
            _describe_contest(contest, objects[name]) for name, contest in election.contests.items()
        ),
        seed=election.seed,
        districting=election.districting,
    )


def running_in(election: Election, contest: Contest) -> Candidacies:
    """Who runs in ``contest``, unit by unit."""
    return Candidacies(SCHEMA, election.id, contest.id, dict(contest.candidacies))


def catalogue_in(election: Election, contest: Contest) -> Catalogue:
    """All that ``contest`` expects, and the areas that its actas are in."""
    expected = election.catalogues[contest.id]
    units = sorted({acta.area for acta in expected}, key=ids_of)
    areas = (
        (level, path)
        for depth, level in enumerate(contest.levels, 1)
        for path in dict.fromkeys(unit_of(unit, depth) for unit in units)
    )
    return Catalogue(
        schema=SCHEMA,
        election=election.id,
        contest=contest.id,
        areas=tuple(AreaName(*area, election.areas[area].name) for area in areas),
        expected=ExpectedColumns.of(expected),
    )


def _describe_contest(contest: Contest, objects: _Objects) -> PublishedContest:
    return PublishedContest(
        id=contest.id,
        title=contest.title,
        office=contest.office,
        levels=contest.levels,
        columns=contest.columns,
        running=ref_to(objects.running),
        catalogue=ref_to(objects.catalogue),
        rp_tipos=tuple(sorted(contest.rp_tipos)),
        rp_actas=contest.rp_actas,
        constituency=contest.constituency,
        seats=contest.seats,
    )
