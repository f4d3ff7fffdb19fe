"""Whether an acta is counted, and what must be observed on it (spec A.3, A.4)."""

from openprep.election.acta import WITHOUT_ACTA, Acta, Counting, Observation
from openprep.election.catalogue import ExpectedActa
from openprep.election.election import Rules
from openprep.election.votes import FieldState, VoteField, calculated_total


def exceeds_lista_nominal(total: int, expected: ExpectedActa, rules: Rules) -> bool:
    """More votes than voters and representatives could cast (A.4).

    In special casillas the lista nominal is 0 and ``representatives`` holds the ballot ceiling.
    """
    if expected.kind in rules.excess_exempt:
        return False
    return total > expected.lista_nominal + (expected.representatives or 0)


def counting_of(acta: Acta, expected: ExpectedActa | None, rules: Rules) -> Counting:
    """CONTABILIZADA of a captured acta: counted if it has a summable figure and does not exceed.

    Depends on the figures, never on the observations that somebody wrote beside them, except
    where there is no acta at all.
    """
    if expected is None:
        return Counting.OUT_OF_CATALOGUE
    if not WITHOUT_ACTA.isdisjoint(acta.observations):
        return Counting.NOT_COUNTED
    if not any(isinstance(field, int) for field in acta.votes):
        return Counting.NOT_COUNTED
    if exceeds_lista_nominal(calculated_total(acta.votes), expected, rules):
        return Counting.NOT_COUNTED
    return Counting.COUNTED


def observe(
    votes: tuple[VoteField, ...], expected: ExpectedActa | None, rules: Rules
) -> tuple[Observation, ...]:
    """Observations that the figures themselves call for; empty where nothing is to be observed.

    EXCEDE LISTA NOMINAL prevails over every other (A.4). An acta that never arrived cannot be
    told from its figures: its reason is observed by the CATD.
    """
    if expected is None:
        return (Observation.FUERA_DE_CATALOGO,)
    if exceeds_lista_nominal(calculated_total(votes), expected, rules):
        return (Observation.EXCEDE_LISTA_NOMINAL,)
    unclear = {FieldState.ILEGIBLE, FieldState.SIN_DATO}
    if unclear.isdisjoint(field for field in votes if isinstance(field, FieldState)):
        return ()
    if any(isinstance(field, int) for field in votes):
        return (Observation.ALGUN_CAMPO_ILEGIBLE_O_SIN_DATO,)
    return (Observation.TODOS_ILEGIBLES_O_SIN_DATO,)
