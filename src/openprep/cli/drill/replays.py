"""`openprep drill check-2018`: the cuts of a real night, held against our arithmetic."""

import sys
from typing import TYPE_CHECKING

import click

from openprep.cli.options import unfit

if TYPE_CHECKING:
    from openprep.drill.nights.comparison import Comparison


@click.command("check-2018")
@click.option("--cut", help="Show every figure of one cut, named by its time: 20180702_2100.")
def check_2018(cut: str | None) -> None:
    """Hold the 98 national cuts of the presidential PREP of 2018 against our arithmetic.

    Totals, percentages truncated to four decimals, and the rule of participation: every published
    figure that follows from others, to the last digit (exit code 1 if anything differs). The cuts
    are national totals, so there are no actas to replay.
    """
    from openprep.drill.nights.cuts_of_2018 import FOLDER, check_cuts, read_cuts
    from openprep.drill.nights.shipped import shipped_election
    from openprep.election.declared.folder import load_election

    cuts = [moment for moment in read_cuts() if cut in (None, moment.stamp)]
    if not cuts:
        raise unfit("--cut: there is no cut {cut!r}", cut=cut)
    comparisons = list(check_cuts(cuts, load_election(shipped_election(FOLDER))))
    figures = [figure for comparison in comparisons for figure in comparison.figures]
    equal = sum(figure.equal for figure in figures)
    for comparison in comparisons:
        _show(comparison, everything=cut is not None)
    counted = f"{len(comparisons)} cuts, from {cuts[0].stamp} to {cuts[-1].stamp}"
    click.echo(f"{counted}: {equal:,} of {len(figures):,} checks hold.")
    sys.exit(0 if equal == len(figures) else 1)


def _show(comparison: "Comparison", *, everything: bool) -> None:
    """The figures that differ, or all of them."""
    for figure in comparison.figures:
        if everything or not figure.equal:
            sign = "=" if figure.equal else "≠"
            published = f"{figure.official:>12} {sign} {figure.ours:<12}"
            click.echo(f"{comparison.stamp}  {published} {figure.name}")
