"""Whether an acta can be what somebody read: its words against its figures, and its figures' size.

Pure. The words are those of the observations (spec A.4). The official files of Puebla 2024, 24,463
rows, break none of these rules.
"""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

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


def contradiction_of(acta: Acta) -> str | None:
    """Where an acta's words and figures cannot both be; ``None`` if they can.

    Needs nothing but the acta, so that a station finds it before sealing. It may say that a field
    was illegible where none is left so: the column may have left the ballot (decision 0004).
    """
    said = frozenset(acta.observations)
    if (acta.acta is None) is not (Observation.FUERA_DE_CATALOGO in said):
        return "fuera_de_catalogo is for an acta that the catalogue lacks, and only for it"
    if acta.acta is None:
        rules = _outside(said)
    elif said & WITHOUT_ACTA:
        rules = _without_acta(acta, said)
    else:
        rules = _captured(acta, said)
    return next((words for broken, words in rules if broken), None)


Rule: TypeAlias = tuple[bool, str]
"""Whether a rule is broken, and what it says."""


def _outside(said: frozenset[Observation]) -> Iterator[Rule]:
    foreign = WITHOUT_ACTA | {Observation.EXCEDE_LISTA_NOMINAL, Observation.IDENTIFICADA_POR_PTO}
    words = "fuera_de_catalogo stands beside what is said of an identified acta only"
    yield bool(said & foreign), words


def _without_acta(acta: Acta, said: frozenset[Observation]) -> Iterator[Rule]:
    yield len(said) > 1, "there is no acta for one reason, and nothing else is observed on it"
    fields = (*acta.votes, *amounts_of(acta))
    yield _has_count(fields), "an observation says that there is no acta, and it has figures"
    read = not UNREAD.isdisjoint(fields)
    yield read, "an observation says that there is no acta, and a field of it was looked at"
    pictured = acta.image_sha256 is not None
    yield pictured, "an observation says that there is no acta, and it has an image"


def _captured(acta: Acta, said: frozenset[Observation]) -> Iterator[Rule]:
    missing = FieldState.SIN_ACTA in (*acta.votes, *amounts_of(acta))
    yield missing, "a field is sin_acta, and no observation says why there is no acta"
    unready = FieldState.NOT_CAPTURED in acta.votes
    yield unready, "a vote is no_capturado: an acta is reported when it is captured"
    unsaid = not UNREAD.isdisjoint(acta.votes) and INCONSISTENCIES.isdisjoint(said)
    yield unsaid, "a vote is ilegible or sin_dato, and no observation says so"
    read = not NOTHING_READ.isdisjoint(said) and _has_count(acta.votes)
    yield read, "an observation says that no vote could be read, and one was"
    several = len(NOTHING_READ & said) > 1
    yield several, "two observations say in two ways that no vote could be read"
    yield _is_unread_otherwise(acta, said), "every vote is said to be unread in another way"
    yield FieldState.NOT_APPLICABLE in acta.votes, "a vote is no_aplica: that is for amounts"


def _is_unread_otherwise(acta: Acta, said: frozenset[Observation]) -> bool:
    """Whether all is said to be illegible and a vote is blank, or the other way round."""
    return (Observation.TODOS_ILEGIBLES in said and FieldState.SIN_DATO in acta.votes) or (
        Observation.TODOS_SIN_DATO in said and FieldState.ILEGIBLE in acta.votes
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


def wrong_excess_of(acta: Acta, expected: ExpectedActa, rules: Rules) -> str | None:
    """Where EXCEDE LISTA NOMINAL is not said as the rule says it (A.4); ``None`` if it is.

    The rule always prevails. Where the kind is exempt, whatever is written stands.
    """
    if expected.kind in rules.excess_exempt:
        return None
    total = calculated_total(acta.votes)
    limit = expected.lista_nominal + (expected.representatives or 0)
    exceeds = exceeds_lista_nominal(total, expected, rules)
    said = Observation.EXCEDE_LISTA_NOMINAL in acta.observations
    if exceeds is said:
        return None
    wrong = "is missing" if exceeds else "is said"
    return f"excede_lista_nominal {wrong}: {total} votes, {limit} are possible"


def implausible_amount_of(acta: Acta, expected: ExpectedActa | None, rules: Rules) -> str | None:
    """The amount that no acta can have; ``None`` if there is none.

    Votes, together, may be as many as :attr:`~openprep.election.Rules.plausible_votes`, or as the
    acta's own list and representatives if these are more.
    """
    most = rules.plausible_votes
    if expected is not None:
        most = max(most, expected.lista_nominal + (expected.representatives or 0))
    total = calculated_total(acta.votes)
    if total > most:
        return f"{total} votes, at most {most} are plausible"
    for amount in amounts_of(acta):
        if isinstance(amount, int) and amount > most * AMOUNTS_OVER_VOTES:
            return f"an amount of {amount}, at most {most * AMOUNTS_OVER_VOTES} is plausible"
    return None
