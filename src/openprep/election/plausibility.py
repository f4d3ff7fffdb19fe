"""Whether an acta can be what somebody read: its words against its figures, and its figures' size.

Pure. The words are those of the observations (spec A.4). The official files of Puebla 2024, 24,463
rows, break none of these rules.
"""

from collections.abc import Iterable, Iterator

from openprep.coded import Text, said
from openprep.election.acta import INCONSISTENCIES, WITHOUT_ACTA, Acta, Observation
from openprep.election.catalogue import ExpectedActa
from openprep.election.counting import exceeds_lista_nominal
from openprep.election.election import Rules
from openprep.election.votes import FieldState, VoteField, calculated_total

AMOUNTS_OVER_VOTES = 100
"""How much larger than its votes another amount of an acta may be: it enters no total, and official
files have 260,351 left-over ballots."""

UNREAD = frozenset({FieldState.ILEGIBLE, FieldState.SIN_DATO})
NOTHING_READ = frozenset(
    {
        Observation.TODOS_ILEGIBLES,
        Observation.TODOS_SIN_DATO,
        Observation.TODOS_ILEGIBLES_O_SIN_DATO,
    }
)


def contradiction_of(acta: Acta) -> Text | None:
    """Where an acta's words and figures cannot both be; ``None`` if they can.

    Needs nothing but the acta, so that a station finds it before sealing. It may say that a field
    was illegible where none is left so: the column may have left the ballot (decision 0004).
    """
    observed = frozenset(acta.observations)
    if (acta.acta is None) is not (Observation.FUERA_DE_CATALOGO in observed):
        return said("fuera_de_catalogo is for an acta that the catalogue lacks, and only for it")
    if acta.acta is None:
        broken = _outside(observed)
    elif observed & WITHOUT_ACTA:
        broken = _without_acta(acta, observed)
    else:
        broken = _captured(acta, observed)
    return next(broken, None)


def _outside(observed: frozenset[Observation]) -> Iterator[Text]:
    foreign = WITHOUT_ACTA | {Observation.EXCEDE_LISTA_NOMINAL, Observation.IDENTIFICADA_POR_PTO}
    if observed & foreign:
        yield said("fuera_de_catalogo stands beside what is said of an identified acta only")


def _without_acta(acta: Acta, observed: frozenset[Observation]) -> Iterator[Text]:
    if len(observed) > 1:
        yield said("there is no acta for one reason, and nothing else is observed on it")
    fields = (*acta.votes, *amounts_of(acta))
    if _has_count(fields):
        yield said("an observation says that there is no acta, and it has figures")
    if not UNREAD.isdisjoint(fields):
        yield said("an observation says that there is no acta, and a field of it was looked at")
    if acta.image_sha256 is not None:
        yield said("an observation says that there is no acta, and it has an image")


def _captured(acta: Acta, observed: frozenset[Observation]) -> Iterator[Text]:
    if FieldState.SIN_ACTA in (*acta.votes, *amounts_of(acta)):
        yield said("a field is sin_acta, and no observation says why there is no acta")
    if FieldState.NOT_CAPTURED in acta.votes:
        yield said("a vote is no_capturado: an acta is reported when it is captured")
    if not UNREAD.isdisjoint(acta.votes) and INCONSISTENCIES.isdisjoint(observed):
        yield said("a vote is ilegible or sin_dato, and no observation says so")
    if not NOTHING_READ.isdisjoint(observed) and _has_count(acta.votes):
        yield said("an observation says that no vote could be read, and one was")
    if len(NOTHING_READ & observed) > 1:
        yield said("two observations say in two ways that no vote could be read")
    if _is_unread_otherwise(acta, observed):
        yield said("every vote is said to be unread in another way")
    if FieldState.NOT_APPLICABLE in acta.votes:
        yield said("a vote is no_aplica: that is for amounts")


def _is_unread_otherwise(acta: Acta, observed: frozenset[Observation]) -> bool:
    """Whether all is said to be illegible and a vote is blank, or the other way round."""
    return (Observation.TODOS_ILEGIBLES in observed and FieldState.SIN_DATO in acta.votes) or (
        Observation.TODOS_SIN_DATO in observed and FieldState.ILEGIBLE in acta.votes
    )


def _has_count(fields: Iterable[VoteField]) -> bool:
    return any(isinstance(field, int) for field in fields)


def amounts_of(acta: Acta) -> tuple[VoteField, ...]:
    """The amounts on an acta beside its votes; none of them enters a total."""
    return (
        acta.surplus_ballots,
        acta.people_voted,
        acta.representatives_voted,
        acta.ballots_taken,
        acta.total_written,
    )


def wrong_excess_of(acta: Acta, expected: ExpectedActa, rules: Rules) -> Text | None:
    """Where EXCEDE LISTA NOMINAL is not said as the rule says it (A.4); ``None`` if it is.

    The rule always prevails. Where the kind is exempt, whatever is written stands.
    """
    if expected.kind in rules.excess_exempt:
        return None
    total = calculated_total(acta.votes)
    limit = expected.lista_nominal + (expected.representatives or 0)
    exceeds = exceeds_lista_nominal(total, expected, rules)
    if exceeds is (Observation.EXCEDE_LISTA_NOMINAL in acta.observations):
        return None
    return said(
        "excede_lista_nominal is missing: {total} votes, {limit} are possible"
        if exceeds
        else "excede_lista_nominal is said: {total} votes, {limit} are possible",
        total=total,
        limit=limit,
    )


def implausible_amount_of(acta: Acta, expected: ExpectedActa | None, rules: Rules) -> Text | None:
    """The amount that no acta can have; ``None`` if there is none.

    Votes, together, may be as many as :attr:`~openprep.election.Rules.plausible_votes`, or as the
    acta's own list and representatives if these are more.
    """
    most = rules.plausible_votes
    if expected is not None:
        most = max(most, expected.lista_nominal + (expected.representatives or 0))
    total = calculated_total(acta.votes)
    if total > most:
        return said("{total} votes, at most {most} are plausible", total=total, most=most)
    for amount in amounts_of(acta):
        if isinstance(amount, int) and amount > most * AMOUNTS_OVER_VOTES:
            return said(
                "an amount of {amount}, at most {most} is plausible",
                amount=amount,
                most=most * AMOUNTS_OVER_VOTES,
            )
    return None
