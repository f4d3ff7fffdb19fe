"""PORCENTAJE_PARTICIPACION_CIUDADANA, level by level (decision 0020). Pure.

The norm defines it for the whole of a contest, which is what an official database covers: votes
over the lista nominal of the counted actas, with special casillas by the rule that the election
declares (B.4 #13). There alone, everybody who voted in a special casilla is on a list that is
counted. In an area below, a special casilla is full of people from the lists of others, so there
only the votes of casillas and mesas with a list stand over that list.
"""

from openprep.election import AboveList, Basis, Participation, VotesOverList
from openprep.election.summary import share


def votes_over_list(rule: Participation, *, root: bool, closing: bool) -> VotesOverList:
    """Which votes stand over the lista nominal in the ``root`` of a contest or in an area below."""
    return rule.of_whole(closing=closing) if root else VotesOverList.WITH_LIST


def basis_of(of: VotesOverList, votes: int, votes_with_list: int, lista_nominal: int) -> Basis:
    """What a participation is made of, with the reason where it has more votes than the list."""
    if votes <= lista_nominal:
        return Basis(of, votes, None)
    beyond = votes_with_list > lista_nominal
    return Basis(of, votes, AboveList.BEYOND_LIST if beyond else AboveList.WITHOUT_LIST)


def participation_of(basis: Basis, lista_nominal: int) -> int | None:
    """The share, or ``None`` where there is no list to divide by.

    The official figure of a whole contest is then 0.0000 all the same (B.4, division by zero).
    """
    if not lista_nominal and basis.of is VotesOverList.WITH_LIST:
        return None
    return share(basis.votes, lista_nominal)
