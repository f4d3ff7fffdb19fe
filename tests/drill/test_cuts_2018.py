"""Every figure of the 98 real cuts of 2018, and proof that the check would notice."""

from itertools import pairwise

import msgspec
import pytest
from click.testing import CliRunner

from openprep.cli.drill.replays import check_2018
from openprep.drill.nights.cuts_of_2018 import (
    FOLDER,
    check_cut,
    check_cuts,
    read_cuts,
)
from openprep.drill.nights.shipped import shipped_election
from openprep.election import format_share
from openprep.election.declared.folder import load_election
from openprep.tabulation import share


@pytest.fixture(scope="module")
def cuts():
    return read_cuts()


@pytest.fixture(scope="module")
def election():
    return load_election(shipped_election(FOLDER))


def wrong(cut, election):
    return {figure.name for figure in check_cut(cut, election).figures if not figure.equal}


def test_every_figure_of_the_98_cuts_follows_from_our_arithmetic(cuts, election):
    assert len(cuts) == 98
    assert (cuts[0].stamp, cuts[-1].stamp) == ("20180701_2104", "20180702_2100")
    comparisons = list(check_cuts(cuts, election))
    assert {len(comparison.figures) for comparison in comparisons} == {71}
    different = [
        (comparison.stamp, figure)
        for comparison in comparisons
        for figure in comparison.figures
        if not figure.equal
    ]
    assert different == []


def test_special_casillas_enter_participation_in_the_last_cut_only(cuts, election):
    assert [cut.stamp for cut in cuts if cut.with_special] == ["20180702_2100"]
    assert (cuts[-2].participation, cuts[-1].participation) == ("62.6903", "63.4497")
    for cut in cuts:
        other = msgspec.structs.replace(cut, with_special=not cut.with_special)
        assert wrong(other, election) == {"participation"}


def test_percentages_were_truncated_and_rounding_would_be_noticed(cuts):
    lines = [
        (line, cut) for cut in cuts for line in (*cut.parties.values(), *cut.candidacies.values())
    ]
    rounded = [
        format_share((line.votes * 2_000_000 + cut.votes) // (2 * cut.votes)) != line.share
        for line, cut in lines
    ]
    assert (sum(rounded), len(lines)) == (982, 1960)
    assert all(format_share(share(line.votes, cut.votes)) == line.share for line, cut in lines)


def test_the_share_of_mr_actas_was_over_all_expected_ones(cuts):
    """The one figure whose name says otherwise; of 98 cuts none has it over ``totalActasMR``."""
    for cut in cuts:
        assert cut.expected - cut.expected_in_the_country == 32
        over_mr = share(cut.counted_mr.count, cut.expected_in_the_country)
        assert format_share(over_mr) != cut.counted_mr.share


def changed(cut, **changes):
    return msgspec.structs.replace(cut, **changes)


def changed_line(cut, kind, name, **changes):
    lines = dict(getattr(cut, kind))
    lines[name] = msgspec.structs.replace(lines[name], **changes)
    return msgspec.structs.replace(cut, **{kind: lines})


@pytest.mark.parametrize(
    ("spoil", "noticed"),
    [
        (lambda cut: changed(cut, votes=cut.votes + 1), "votes of all parties"),
        (lambda cut: changed(cut, urban=cut.urban + 1), "counted, urban and not"),
        (lambda cut: changed(cut, leader="PAN_PRD_MC"), "ahead"),
        (lambda cut: changed(cut, list_share="80.4488"), "share of the lista nominal"),
        (lambda cut: changed_line(cut, "parties", "PAN", share="17.8485"), "party PAN share"),
        (lambda cut: changed_line(cut, "parties", "PT", votes=1), "PT_MORENA_PES of its parties"),
        (lambda cut: changed_line(cut, "candidacies", "CI_02", abroad=0), "candidacy CI_02"),
    ],
)
def test_one_unit_of_difference_is_noticed(cuts, election, spoil, noticed):
    assert noticed in wrong(spoil(cuts[-1]), election)


def counts_of(cut):
    return {
        "captured": cut.captured.count,
        "counted": cut.counted.count,
        "urban": cut.urban,
        "not urban": cut.not_urban,
        "lista nominal": cut.lista_nominal,
        "votes": cut.votes,
        "votes of special casillas": cut.votes_of_special,
        **{name: line.votes for name, line in cut.parties.items()},
    }


def test_one_count_went_down_once(cuts):
    """Actas were corrected: votes for candidates not registered, the cut of 15:03."""
    lower = [
        (after.stamp, name, count, counts_of(after)[name])
        for before, after in pairwise(cuts)
        for name, count in counts_of(before).items()
        if counts_of(after)[name] < count
    ]
    assert lower == [("20180702_1503", "NO_REGISTRADAS", 50_035, 50_010)]


def test_the_command_tells_how_many_checks_hold():
    whole = CliRunner().invoke(check_2018, [])
    assert whole.exit_code == 0
    assert "98 cuts" in whole.output
    assert "6,958 of 6,958 checks hold" in whole.output
    run = CliRunner().invoke(check_2018, ["--cut", "20180702_2100"])
    assert "63.4497 = 63.4497" in run.output
    assert CliRunner().invoke(check_2018, ["--cut", "20180702_2101"]).exit_code == 2
