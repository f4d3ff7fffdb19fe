"""The election as published: the same through the whole night."""

from openprep.election import Contest, Election
from openprep.wire.cut.description import (
    AreaName,
    Candidacies,
    ElectionDescription,
    PublishedContest,
    PublishedRules,
    PublishedWindow,
)
from openprep.wire.cut.objects import encode_object
from openprep.wire.cut.ref import SCHEMA, ref_to


def describe(election: Election) -> ElectionDescription:
    """What a reader must know of ``election`` to read its results, and by digest who runs."""
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
            _describe_contest(election, contest) for contest in election.contests.values()
        ),
        seed=election.seed,
        districting=election.districting,
    )


def running_in(election: Election, contest: Contest) -> Candidacies:
    """Who runs in ``contest``, unit by unit."""
    return Candidacies(SCHEMA, election.id, contest.id, dict(contest.candidacies))


def _describe_contest(election: Election, contest: Contest) -> PublishedContest:
    return PublishedContest(
        id=contest.id,
        title=contest.title,
        office=contest.office,
        levels=contest.levels,
        columns=contest.columns,
        running=ref_to(encode_object(running_in(election, contest))),
        rp_tipos=tuple(sorted(contest.rp_tipos)),
        rp_actas=contest.rp_actas,
        constituency=contest.constituency,
        seats=contest.seats,
    )
