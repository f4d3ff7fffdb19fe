"""The arithmetic: summary figures, totals per level, coalition shares, percentages. Pure."""

from openprep.election.summary import share
from openprep.tabulation.candidacies import Ballots, ballots_of
from openprep.tabulation.coalitions import distribute, parties_of
from openprep.tabulation.groups import Grouping, group_actas
from openprep.tabulation.layout import Depth, Layout, lay_out
from openprep.tabulation.tally import Tally, summarise, tally_of, tally_of_count, votes_enter_totals
from openprep.tabulation.totals import (
    Contributions,
    Totals,
    add_up_proportional,
    tabulate,
    tabulate_again,
)

__all__ = [
    "Ballots",
    "Contributions",
    "Depth",
    "Grouping",
    "Layout",
    "Tally",
    "Totals",
    "add_up_proportional",
    "ballots_of",
    "distribute",
    "group_actas",
    "lay_out",
    "parties_of",
    "share",
    "summarise",
    "tabulate",
    "tabulate_again",
    "tally_of",
    "tally_of_count",
    "votes_enter_totals",
]
