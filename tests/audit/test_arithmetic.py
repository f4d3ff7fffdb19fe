"""The auditor's arithmetic against plain loops, over elections that hypothesis makes."""

from hypothesis import given

from openprep.audit.arithmetic import Arithmetic, Sums
from openprep.election import Counting
from openprep.wire.cut.description import PublishedContest, PublishedRules
from openprep.wire.cut.objects import PublishedActa
from openprep.wire.cut.ref import Ref
from tabulation.small import RULES, NaiveTotals, nights


def published(contest):
    return PublishedContest(
        contest.id,
        contest.title,
        contest.office,
        contest.levels,
        contest.columns,
        Ref("ab" * 32, 1),
        tuple(sorted(contest.rp_tipos)),
        contest.rp_actas,
        contest.constituency,
        contest.seats,
    )


def sums_by_unit(arithmetic, catalogue, actas):
    sections = {}
    for expected in catalogue:
        shown = PublishedActa(expected, Counting.NOT_CAPTURED, 0, actas.get(expected.id), ())
        sections.setdefault((expected.area, expected.seccion or "0000"), []).append(shown)
    units = {}
    for (unit, seccion), actas_shown in sections.items():
        units.setdefault(unit, Sums()).add(arithmetic.section(f"{unit}/{seccion}", actas_shown))
    return units


FIGURES = {name: f"votes_{name}" for name in ("with_special", "without_special", "with_list")}


@given(nights())
def test_every_figure_is_what_plain_loops_give(night):
    contest, catalogue, actas = night
    rules = PublishedRules(RULES.participation, tuple(RULES.excess_exempt))
    arithmetic = Arithmetic(published(contest), contest.candidacies, rules, closing=False)
    naive = NaiveTotals(contest, catalogue, actas)
    units = sums_by_unit(arithmetic, catalogue, actas)
    for unit, sums in units.items():
        for name, value in sums.figures.items():
            assert naive.figures[unit][FIGURES.get(name, name)] == value
        assert [sums.columns[name] for name in arithmetic.names] == naive.votes[unit]
        receivers = naive.candidacies(unit)
        assert sums.off_ballot == receivers.pop("off_ballot")
        del receivers["unregistered"], receivers["null"]
        assert {key: sums.candidacies[key] for key in receivers} == receivers
        parties = arithmetic.distributed(unit, sums.columns)
        assert {party: parties[party] for party in arithmetic.parties} == naive.parties(unit)
        assert sum(parties.values()) == sum(sums.candidacies.values())
