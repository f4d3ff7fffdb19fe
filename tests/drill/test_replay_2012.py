"""The night of 2012: every real vote reaches its total, at every level, whenever it arrives."""

import csv
import lzma
import shutil
from collections import Counter

import numpy as np
import pytest

from openprep.drill.nights.cuts_of_2018 import read_cuts
from openprep.drill.nights.federal_2012 import LAST, arrival_curve, arrivals_of, night_of_2012
from openprep.drill.nights.puebla_2024 import AnotherNight
from openprep.drill.nights.schedule import read_schedule
from openprep.drill.nights.shipped import shipped_election
from openprep.drill.nights.votes_of_2012 import (
    COLUMNS,
    CONTEST,
    FOLDER,
    VOTES_FILE,
    OtherVotes,
    count_plainly,
    read_votes,
)
from openprep.election import FieldState, Level, Location
from openprep.election.declared.folder import load_election
from openprep.tabulation import Contributions, ballots_of, lay_out, summarise, tabulate

SHIPPED = shipped_election(FOLDER)
VOTES = 50_282_086
KNOWN = {
    "PAN": 12_769_479,
    "PRI_PVEM": 19_220_407,
    "PRD_PT_MC": 15_881_019,
    "PANAL": 1_149_833,
    "NO_REGISTRADAS": 0,
    "NULOS": 1_261_348,
}
"""Sums of the columns of the public file, taken from it before it was rearranged."""


@pytest.fixture(scope="module")
def election():
    return load_election(SHIPPED)


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    """The night prepared, where a power cut had left half a preparation."""
    folder = tmp_path_factory.mktemp("demo")
    half = folder / ".schedules.partial"
    half.mkdir()
    (half / "D9999.jsonl").write_text("left by a power cut")
    night = night_of_2012(folder)
    night.prepare()
    return night


@pytest.fixture(scope="module")
def reported(night):
    """Every acta in the order of its arrival, as the stations will report them."""
    files = night.schedules.iterdir()
    arrivals = [arrival for path in files for arrival in read_schedule(path)]
    return sorted(arrivals, key=lambda arrival: arrival.at)


@pytest.fixture(scope="module")
def tabulated(election, reported):
    contest, catalogue = election.contests[CONTEST], election.catalogues[CONTEST]
    position = {expected.id: at for at, expected in enumerate(catalogue)}
    contributions = Contributions(contest, catalogue, election.rules)
    contributions.capture(
        {position[arrival.fact.acta.acta]: arrival.fact.acta for arrival in reported}
    )
    layout = lay_out(contest, catalogue, election.root.level)
    return layout, tabulate(layout, contributions)


def test_the_night_ends_at_the_known_totals(election, tabulated):
    layout, totals = tabulated
    contest = election.contests[CONTEST]
    names = [column.id for column in contest.columns]
    assert dict(zip(names, totals.votes(0)[0].tolist(), strict=True)) == KNOWN
    assert sum(KNOWN.values()) == VOTES
    summary = summarise(totals.tally(0, 0), election.rules.participation, root=True, closing=True)
    assert summary.votes_with_special == VOTES
    assert (summary.expected, summary.captured, summary.counted) == (143_132,) * 3
    assert (summary.lista_nominal, summary.participation) == (79_433_171, 633_011)
    units = layout.depths[layout.unit_depth].paths
    receivers = ballots_of(contest, units).by_receiver(totals.votes(layout.unit_depth))
    by_candidacy = dict(zip(contest.contenders, receivers.sum(axis=0).tolist(), strict=False))
    assert by_candidacy == {name: KNOWN[name] for name in contest.contenders}


def test_the_centre_s_arithmetic_equals_the_plain_count(election, tabulated):
    _, totals = tabulated
    must = count_plainly(SHIPPED)
    summary = summarise(totals.tally(0, 0), election.rules.participation, root=True, closing=True)
    for name in must.figures.__struct_fields__:
        assert getattr(summary, name) == getattr(must.figures, name), name
    assert must.votes == {name: KNOWN[name] for name in COLUMNS}


def test_the_nation_is_the_sum_of_its_32_entities_its_300_districts_and_its_sections(tabulated):
    layout, totals = tabulated
    sizes = {depth.level: len(depth.paths) for depth in layout.depths}
    assert (sizes[Level.ENTITY], sizes[Level.DISTRICT]) == (32, 300)
    for depth in range(len(layout.depths)):
        assert totals.votes(depth).sum(axis=0).tolist() == list(KNOWN.values())


def test_every_district_has_what_a_sum_over_the_file_gives(election, tabulated):
    layout, totals = tabulated
    district_of = {acta.id: acta.area for acta in election.catalogues[CONTEST]}
    plain = Counter()
    for row in read_votes(SHIPPED):
        assert sum(row.votes) == row.total
        plain[district_of[row.acta]] += row.total
    votes = totals.votes(layout.unit_depth).sum(axis=1).tolist()
    assert dict(zip(layout.depths[layout.unit_depth].paths, votes, strict=True)) == plain


def test_special_casillas_raise_participation_in_the_last_cut_only(election, tabulated):
    _, totals = tabulated
    rule = election.rules.participation
    during = summarise(totals.tally(0, 0), rule, root=True, closing=False)
    assert during.participation == 49_698_747 * 1_000_000 // 79_433_171 == 625_667


def test_every_acta_arrives_once_within_the_night_and_knows_no_more_than_the_file(
    election, reported
):
    arrived = [arrival.fact.acta.acta for arrival in reported]
    assert len(arrived) == len(set(arrived))
    assert set(arrived) == election.expected[CONTEST].keys()
    seconds = [(arrival.at - election.window.opens).total_seconds() for arrival in reported]
    assert 0 <= min(seconds) <= max(seconds) <= LAST
    for arrival in reported[::997]:
        acta = arrival.fact.acta
        assert acta.verified_at == arrival.at
        assert (acta.image_sha256, acta.received_at, acta.origin) == (None, None, None)
        assert acta.total_written is FieldState.NOT_CAPTURED
        assert acta.votes[-2] is FieldState.NOT_ON_BALLOT


@pytest.mark.parametrize("location", Location)
def test_arrivals_follow_the_curve_of_2018(election, reported, location):
    known = election.expected[CONTEST]
    times = np.sort(
        [
            (arrival.at - election.window.opens).total_seconds()
            for arrival in reported
            if known[arrival.fact.acta.acta].location is location
        ]
    )
    curve = arrival_curve(read_cuts(), location)
    parts, seconds = zip(*curve, strict=True)
    assert list(parts) == sorted(set(parts))
    assert list(seconds) == sorted(seconds)
    assert (curve[0], curve[-1]) == ((0, 0), (10_000, LAST))
    for part in (1000, 2500, 5000, 7500, 9000):
        expected = np.interp(part, parts, seconds)
        assert times[len(times) * part // 10_000] == pytest.approx(expected, abs=1200)


def test_half_a_preparation_is_none_and_preparing_again_changes_nothing(night):
    assert {path.name for path in night.folder.iterdir()} == {"schedules", "demo.json"}
    files = sorted(night.schedules.iterdir())
    assert [files[0].name, files[-1].name, len(files)] == ["D0101.jsonl", "D3204.jsonl", 300]
    before = [path.stat().st_mtime_ns for path in files]
    night.prepare()
    assert [path.stat().st_mtime_ns for path in files] == before


@pytest.fixture
def small(tmp_path):
    """A copy of the folder with its first 200 casillas."""
    folder = tmp_path / "election"
    shutil.copytree(SHIPPED, folder)
    for name in ("contests/PRES/catalogue.csv.xz", str(VOTES_FILE)):
        rows = lzma.decompress((SHIPPED / name).read_bytes()).splitlines(keepends=True)[:201]
        (folder / name).write_bytes(lzma.compress(b"".join(rows), preset=0))
    return folder


def rewrite(folder, change):
    path = folder / VOTES_FILE
    rows = list(csv.reader(lzma.decompress(path.read_bytes()).decode().splitlines()))
    change(rows)
    text = "".join(",".join(row) + "\n" for row in rows)
    path.write_bytes(lzma.compress(text.encode(), preset=0))


def test_votes_of_another_casilla_are_refused(small):
    assert sum(len(arrivals) for _, arrivals in arrivals_of(small)) == 200

    def swap(rows):
        rows[3], rows[4] = rows[4], rows[3]

    rewrite(small, swap)
    with pytest.raises(AnotherNight, match="is expected"):
        list(arrivals_of(small))


def test_columns_in_another_order_are_refused(small):
    def swap(rows):
        for row in rows:
            row[1], row[2] = row[2], row[1]

    rewrite(small, swap)
    with pytest.raises(OtherVotes, match="the columns must be"):
        list(arrivals_of(small))


def test_a_missing_row_is_refused(small):
    rewrite(small, lambda rows: rows.pop())
    with pytest.raises(AnotherNight, match="votes of none"):
        list(arrivals_of(small))
