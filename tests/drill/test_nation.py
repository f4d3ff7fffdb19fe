"""Drills of a nation: the same from a seed anywhere, and right to the last vote at every level."""

import gc
import os
import subprocess
import sys
import tracemalloc
import weakref
from collections import Counter, defaultdict
from datetime import timedelta
from hashlib import sha256
from statistics import correlation

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.small_drill import (
    CONTESTS,
    ENTITIES,
    FEDERAL,
    Centre,
    arrivals_of,
    small_drill,
    small_folder,
)
from openprep.drill.nation import generate as generation
from openprep.drill.nation.dice import Dice, Purpose
from openprep.drill.nation.figures import shared_out, turnout_of
from openprep.drill.nation.final import Final
from openprep.drill.nation.generate import Order, generate
from openprep.drill.nation.places import Casilla, Station
from openprep.drill.nation.shape import CONTENDERS, Shape, weights_of
from openprep.election import (
    CasillaKind,
    Counting,
    Level,
    Location,
    Observation,
    counting_of,
)
from openprep.election.cut import CutKind
from openprep.election.declared.folder import load_election
from openprep.hosting import TreeDirectory
from openprep.mirror.verify.recount import Recount
from small.reading import Reading
from tabulation.small import NaiveTotals

SEEDS = (0, 1, 2, 2024, 2**31, 2**63 - 1)
NOBODY = ("unregistered", "null", "off_ballot")


def plain(field):
    """What a field adds to a total, said apart from the product's own rule."""
    return field if isinstance(field, int) else 0


def digests(folder):
    """Every file of a drill by its name."""
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# The same seed, the same bytes


def test_chance_is_the_same_on_any_machine():
    """NumPy promises the stream of Philox: were it broken, every drill would be another."""
    dice = Dice(2**63 - 1, 2399, Purpose.FIGURES)
    assert dice.words(2).tolist() == WORDS
    assert dice.below(1000, 6).tolist() == BELOW
    assert dice.bells(4).tolist() == BELLS


WORDS = [11134786129327082409, 9802312020448999497]
BELOW = [320, 118, 520, 379, 348, 173]
BELLS = [-299, 812, -466, 938]


def test_bells_have_the_mean_and_deviation_that_they_say():
    drawn = Dice(5, 1, Purpose.FIGURES).bells(40_000)
    assert abs(int(drawn.mean())) < 20
    assert abs(int(drawn.std()) - 1000) < 20


def test_the_same_seed_gives_the_same_bytes_whatever_the_order_of_sets_and_dicts(tmp_path):
    here, _ = small_drill(3, Shape.REAL)
    there = tmp_path / "there"
    subprocess.run(
        [
            *(sys.executable, "-m", "openprep", "drill", "generate", "--seed", "3"),
            *("--election", str(small_folder()), "--shape", "real", "--to", str(there)),
        ],
        check=True,
        capture_output=True,
        timeout=120,
        env={**os.environ, "PYTHONHASHSEED": "31415", "TZ": "Asia/Tokyo"},
    )
    assert digests(there) == digests(here)


def test_another_seed_changes_every_station():
    one, other = (digests(small_drill(seed)[0]) for seed in (1, 2))
    assert one.keys() == other.keys()
    same = {name for name in one if one[name] == other[name]}
    assert not {name for name in same if name.startswith("schedules/")}
    assert {"final.json", "election/election.toml"}.isdisjoint(same)


def test_a_smaller_drill_has_a_part_of_the_sections_and_all_mesas_and_districts():
    whole, part = (load_election(small_drill(1, scale=s)[0] / "election") for s in (1.0, 0.3))
    for contest in CONTESTS:
        large, small = (set(election.catalogues[contest]) for election in (whole, part))
        assert small < large
        assert {a.area for a in small} == {a.area for a in large}
        assert {a for a in large if not a.seccion} <= small
    ids = {arrival.fact.acta.acta for _, _, arrival in arrivals_of(small_drill(1, scale=0.3)[0])}
    expected = {a.id for catalogue in part.catalogues.values() for a in catalogue}
    assert ids - {None} <= expected


def test_a_drill_of_a_drill_is_marked_with_its_own_seed_once(tmp_path):
    first, _ = small_drill(1)
    generate(Order(first / "election", 9, 1.0), tmp_path / "second")
    election = load_election(tmp_path / "second/election")
    assert election.seed == 9
    assert election.name == "Proceso Electoral Federal 2023-2024 (simulacro, semilla 9)"


# Memory


def test_one_station_is_in_memory_at_a_time(tmp_path, monkeypatch):
    alive = weakref.WeakSet()
    most = []

    class Watched(generation.StationNight):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            alive.add(self)
            most.append(len(alive))

    monkeypatch.setattr(generation, "StationNight", Watched)
    generate(Order(small_folder(), 1), tmp_path / "drill")
    assert len(most) == 16
    assert max(most) == 1


def test_memory_does_not_grow_with_the_number_of_stations(tmp_path):
    peaks = {}

    def look(station, _):
        if station == 1:  # what is imported and cached with the first is not counted
            tracemalloc.start()
        gc.collect()  # what is held, not what is still to be collected
        peaks[station] = tracemalloc.get_traced_memory()[1]

    try:
        generate(Order(small_folder(), 1), tmp_path / "drill", look)
        at_the_end = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(peaks) == 16
    assert peaks[16] < 1.5 * peaks[4]
    assert at_the_end < 2 * peaks[4], "the election's folder and the figures are written last"


# The mark


def test_every_output_says_that_it_is_a_drill_and_of_which_seed(centre):
    folder, final = small_drill(centre.seed)
    assert (final.drill, final.seed) == (True, centre.seed)
    assert Final.load(folder / "final.json") == final
    election = load_election(folder / "election")
    assert (election.drill, election.seed) == (True, centre.seed)
    assert f"simulacro, semilla {centre.seed}" in election.name
    corrections = [
        arrival.fact.reason for _, _, arrival in centre.arrivals if hasattr(arrival.fact, "reason")
    ]
    assert corrections
    assert all("simulacro" in reason for reason in corrections)
    for manifest in centre.manifests:
        assert manifest.drill
        description = Reading(centre.tree, manifest.cut).description
        assert (description.drill, description.seed) == (True, centre.seed)


# The night


class Night(Centre):
    """A drill's whole night: the zero, one in its middle, one just before the end, the closing."""

    def __init__(self, seed, folder):
        drill, self.final = small_drill(seed)
        super().__init__(drill, folder)
        self.seed = seed
        self.arrivals = arrivals_of(drill)
        window = self.election.window
        self.cut(window.opens, CutKind.ZERO)
        self.middle = self.cut(window.opens + timedelta(hours=7))
        self.middle_actas = {contest: self.actas(contest) for contest in CONTESTS}
        self.last = self.cut(window.closes)
        self.closing = self.cut(window.closes, CutKind.CLOSING)

    def columns(self, contest):
        return [column.id for column in self.election.contests[contest].columns]


@pytest.fixture(scope="module", params=SEEDS)
def centre(request, tmp_path_factory):
    return Night(request.param, tmp_path_factory.mktemp("night"))


def night_at(centre, when, contest):
    """The published areas of a contest, what is in them, and the naive count of the same actas."""
    manifest = getattr(centre, when)
    actas = centre.middle_actas[contest] if when == "middle" else centre.actas(contest)
    catalogue = centre.election.catalogues[contest]
    naive = NaiveTotals(centre.election.contests[contest], catalogue, actas)
    return centre.areas(manifest, contest), centre.below(manifest, contest), naive


@pytest.mark.parametrize("when", ["middle", "closing"])
@pytest.mark.parametrize("contest", CONTESTS)
def test_every_level_is_what_the_naive_count_gives_and_no_vote_is_lost(centre, contest, when):
    areas, below, naive = night_at(centre, when, contest)
    units = {expected.area for expected in centre.election.catalogues[contest]}
    assert areas.keys() | below.keys() == naive.votes.keys() | naive.figures.keys()
    assert not areas.keys() & below.keys()
    for path, row in below.items():
        assert row.total == sum(naive.votes[path])
        for name in ("captured", "counted"):
            assert getattr(row, name) == naive.figures[path][name], (path, name)
    for path, area in areas.items():
        figures = naive.figures[path]
        assert list(area.votes.columns) == naive.votes[path]
        assert area.votes.total == sum(naive.votes[path])
        for name in ("expected", "captured", "counted", "lista_nominal", "votes_with_special"):
            assert getattr(area.summary, name) == figures[name], (path, name)
        assert area.summary.votes_without_special == figures["votes_without_special"]
        by_candidacy = sum(candidacy.votes for candidacy in area.votes.candidacies)
        nobody = sum(getattr(area.votes, name) for name in NOBODY)
        assert by_candidacy + nobody == area.votes.total
        assert area.votes.off_ballot == 0
    for unit in units:
        published, candidacies = areas[unit], naive.candidacies(unit)
        assert {candidacy.key: candidacy.votes for candidacy in published.votes.candidacies} == {
            key: votes for key, votes in candidacies.items() if key not in NOBODY
        }
        assert {party.party: party.votes for party in published.parties} == naive.parties(unit)


@pytest.mark.parametrize("contest", CONTESTS)
def test_above_the_unit_parties_are_sums_of_units_and_candidacies_agree_with_them(centre, contest):
    """LGIPE 311.1.c divides in the district: what is above adds up and never divides afresh."""
    areas, _, naive = night_at(centre, "closing", contest)
    units = {expected.area for expected in centre.election.catalogues[contest]}
    parties = {unit: Counter(naive.parties(unit)) for unit in units}
    for path, area in areas.items():
        inside = [unit for unit in units if not path or f"{unit}/".startswith(f"{path}/")]
        summed = sum((parties[unit] for unit in inside), Counter())
        assert Counter({party.party: party.votes for party in area.parties}) == summed
        nobody = area.votes.unregistered + area.votes.null + area.votes.off_ballot
        assert sum(party.votes for party in area.parties) + nobody == area.votes.total
        for candidacy in area.votes.candidacies:
            if candidacy.name is not None:  # the same parties together in the whole area
                assert candidacy.votes == sum(summed[party] for party in candidacy.parties)


@pytest.mark.parametrize("contest", CONTESTS)
def test_the_nation_is_the_sum_of_its_entities_and_of_its_districts(centre, contest):
    areas = centre.areas(centre.closing, contest)
    root = areas[""]
    for level in centre.election.contests[contest].levels:
        of_level = [area for area in areas.values() if area.level is level]
        assert root.votes.total == sum(area.votes.total for area in of_level) > 0
        columns = zip(*(area.votes.columns for area in of_level), strict=True)
        assert list(root.votes.columns) == [sum(column) for column in columns]
        for name in ("expected", "captured", "counted", "lista_nominal"):
            parts = [getattr(area.summary, name) for area in of_level]
            assert getattr(root.summary, name) == sum(parts)
    abroad = {path for path, area in areas.items() if path.endswith("/000")}
    assert len(abroad) == (0 if contest == "DIP_FED" else len(ENTITIES))
    if abroad:
        assert sum(areas[path].votes.total for path in abroad) > 0


@pytest.mark.parametrize("contest", CONTESTS)
def test_special_casillas_enter_participation_in_the_whole_and_the_last_cut_only(centre, contest):
    before, after = (centre.areas(manifest, contest) for manifest in (centre.last, centre.closing))
    for path, area in after.items():
        summary, live = area.summary, before[path].summary
        listed = summary.lista_nominal
        assert summary.votes_with_special == live.votes_with_special
        if path:
            assert summary == live
        elif listed:
            assert live.participation == live.votes_without_special * 1_000_000 // listed
            assert summary.participation == summary.votes_with_special * 1_000_000 // listed
    assert after[""].summary.participation > before[""].summary.participation


@pytest.mark.parametrize("contest", ["SEN", "DIP_FED"])
def test_proportional_actas_are_summed_at_the_entity_and_enter_no_total(centre, contest):
    catalogue = centre.election.catalogues[contest]
    apart = {expected.id: expected for expected in catalogue if expected.tipo_acta.endswith("ERP")}
    assert apart
    assert all(expected.kind is CasillaKind.ESPECIAL for expected in apart.values())
    totals, captured = defaultdict(lambda: [0] * len(centre.columns(contest))), Counter()
    for acta_id, expected in apart.items():
        acta, entity = centre.actas(contest).get(acta_id), expected.area.rpartition("/")[0]
        captured[entity] += acta is not None
        if acta and counting_of(acta, expected, centre.election.rules) is Counting.COUNTED:
            votes = map(plain, acta.votes)
            totals[entity] = [a + b for a, b in zip(totals[entity], votes, strict=True)]
    areas = centre.areas(centre.closing, contest)
    published = {path: area for path, area in areas.items() if area.proportional}
    assert {area.level for area in published.values()} == {Level.ENTITY}
    assert published.keys() == {expected.area.rpartition("/")[0] for expected in apart.values()}
    assert sum(map(sum, totals.values())) > 0
    for path, area in published.items():
        assert list(area.proportional.columns) == totals[path]
        assert area.proportional.total == sum(totals[path])
        assert area.proportional.captured == captured[path]
        inside = [expected for expected in apart.values() if expected.area.startswith(f"{path}/")]
        assert area.proportional.expected == len(inside)


def test_the_night_ends_where_the_plain_count_said(centre):
    for contest in centre.closing.contests:
        areas = centre.areas(centre.closing, contest.id)
        told = centre.final.contests[contest.id]
        for name in told.__struct_fields__:
            assert getattr(contest.summary, name) == getattr(told, name), name
        published = dict(zip(centre.columns(contest.id), areas[""].votes.columns, strict=True))
        assert published == centre.final.votes[contest.id]


def test_a_mirror_counts_every_cut_the_same(centre, tmp_path):
    recount = Recount(TreeDirectory(tmp_path / "mirror"), centre.tree.read_object)
    for manifest in centre.manifests:
        recount.check(manifest, centre.log(manifest.cut))


def test_everything_that_happens_to_actas_happens_in_a_drill(centre):
    assert not centre.state.aside
    seen = Counter()
    for _, _, arrival in centre.arrivals:
        seen.update(arrival.fact.acta.observations)
    common = {
        Observation.ILEGIBLE,
        Observation.SIN_DATO,
        Observation.TODOS_ILEGIBLES,
        Observation.TODOS_SIN_DATO,
        Observation.LETRA_DISTINTA_DE_NUMERO,
        Observation.SIN_ACTA_PAQUETE_NO_ENTREGADO,
        Observation.SIN_ACTA_PAQUETE_SIN_BOLSA,
    }
    assert common <= seen.keys()
    expected = sum(map(len, centre.election.catalogues.values()))
    captured = sum(len(centre.actas(contest)) for contest in CONTESTS)
    assert 0.92 < captured / expected < 0.98


def test_times_are_in_order_and_inside_the_window(centre):
    window = centre.election.window
    for at, _, arrival in centre.arrivals:
        acta = arrival.fact.acta
        assert window.opens <= at < window.closes
        times = [time for time in (acta.received_at, acta.captured_at, acta.verified_at) if time]
        assert times == sorted(times)
        assert all(window.opens <= time <= at for time in times)


# The shape


def parts_of(final):
    """Votes of the three contenders for the presidency."""
    votes = final.votes["PRES"]
    return [
        sum(cast for column, cast in votes.items() if set(column.split("_")) <= set(contender))
        for contender in CONTENDERS
    ]


def by_entity(shape):
    """Of each entity, the share of each contender among the three: as drawn, and as shaped."""
    folder, _ = small_drill(11, shape)
    election = load_election(folder / "election")
    ids = [column.id for column in election.contests["PRES"].columns]
    of = {expected.id: expected.area.partition("/")[0] for expected in election.catalogues["PRES"]}
    votes = {entity: [0, 0, 0] for entity in ENTITIES}
    for _, _, arrival in arrivals_of(folder):
        acta = arrival.fact.acta
        if acta.contest == "PRES" and acta.acta and not acta.observations:
            for column, field in zip(ids, acta.votes, strict=True):
                for index, contender in enumerate(CONTENDERS):
                    if set(column.split("_")) <= set(contender):
                        votes[of[acta.acta]][index] += plain(field)
    return {
        entity: [cast / sum(of_contenders) for cast in of_contenders]
        for entity, of_contenders in votes.items()
    }


def test_a_tied_drill_ties():
    shares = [
        sum(column) for column in zip(*(parts_of(small_drill(s)[1]) for s in SEEDS), strict=True)
    ]
    assert max(shares) / min(shares) < 1.15


def test_a_real_drill_follows_the_entities_and_a_tied_one_does_not():
    weights = weights_of(FEDERAL, Shape.REAL)
    must = [
        weight / sum(weights[e].contenders) for e in ENTITIES for weight in weights[e].contenders
    ]
    real, tied = by_entity(Shape.REAL), by_entity(Shape.TIED)
    drawn = [share for entity in ENTITIES for share in real[entity]]
    assert correlation(drawn, must) > 0.95
    assert max(abs(one - other) for one, other in zip(drawn, must, strict=True)) < 0.1
    even = [share for entity in ENTITIES for share in tied[entity]]
    assert max(abs(share - 1 / 3) for share in even) < 0.1


def test_near_sections_vote_alike_and_far_ones_less():
    """The effect of a section runs between lattice points, beside the district's own."""
    casillas = tuple(
        Casilla(f"{number:04}", CasillaKind.BASICA, Location.URBAN, 600, {}, {})
        for number in range(2000)
    )
    factors = turnout_of(Station("D0101", 0, "01", casillas), 7).factors[:, 0].tolist()
    assert correlation(factors[:-1], factors[1:]) > 0.35
    assert abs(correlation(factors[:-40], factors[40:])) < 0.15


@given(st.lists(st.integers(0, 5_000_000), min_size=1, max_size=17), st.integers(0, 10_000_000))
def test_votes_are_shared_out_to_the_last_one(weights, cast):
    (shares,) = shared_out(np.array([cast]), np.array([weights])).tolist()
    assert sum(shares) == (cast if any(weights) else 0)
    assert all(share >= 0 for share in shares)
    assert all(share == 0 for share, weight in zip(shares, weights, strict=True) if not weight)
