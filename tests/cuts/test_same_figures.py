"""The form of the wire changed and no figure did: trees of both forms from the same nights.

``figures_of_the_old_tree.json.gz`` has what the trees of the first form (SCHEMA 1) said of every
area and section of two drills, each at its zero, in the middle and at its closing.
"""

import gzip
import json
from datetime import timedelta
from functools import cache
from pathlib import Path

import msgspec
import pytest

from drill.small_drill import CONTESTS, Centre, small_drill
from openprep.drill.nation.shape import Shape
from openprep.election import Counting, Level, counts_of
from openprep.election.cut import CutKind
from openprep.tabulation import votes_enter_totals
from openprep.wire.cut.objects import NOBODY
from small.reading import Reading

NIGHTS = ((7, Shape.TIED), (8, Shape.REAL))


@cache
def figures_of_before():
    return json.loads(gzip.decompress(Path(__file__).with_name(OLD).read_bytes()))


OLD = "figures_of_the_old_tree.json.gz"


@pytest.fixture(scope="module", params=NIGHTS, ids=["tied", "real"])
def night(request, tmp_path_factory):
    """The cuts of a drill, under the names that they have among the figures of before."""
    seed, shape = request.param
    centre = Centre(small_drill(seed, shape)[0], tmp_path_factory.mktemp("tree"))
    window = centre.election.window
    middle = window.opens + (window.closes - window.opens) / 6
    centre.cut(window.opens, CutKind.ZERO)
    centre.cut(middle)
    centre.cut(window.closes + timedelta(days=1), CutKind.CLOSING)
    return f"{seed}-{shape.value}", centre


@pytest.mark.parametrize("contest", CONTESTS)
@pytest.mark.parametrize("cut", ["zero", "live", "closing"])
def test_every_area_and_section_says_what_the_form_before_said(night, cut, contest):
    name, centre = night
    number = ("zero", "live", "closing").index(cut)
    reading = Reading(centre.tree, number)
    before = figures_of_before()[f"{name}-{cut}"][contest]
    own = centre.election.contests[contest]
    shown = {area.path: area_figures(reading, area, own) for area in reading.areas(contest)}
    known = {path: figures for path, figures in before.items() if "actas" not in figures}
    assert shown == known
    sections = {each.path: each for each in reading.sections(contest)}
    assert sections.keys() == before.keys() - known.keys()
    for path, section in sections.items():
        assert section_figures(section, own) == section_figures_of_before(before[path])


def area_figures(reading, area, contest):
    """As the file has them: the children of a unit are its sections."""
    children = []
    for child in area.children:
        if child.level is not Level.RUN:
            children.append([child.path, *figures_in(child)])
            continue
        rows = reading.results.run(child.object)
        children += run_children(rows, contest.contenders)
    names = ("summary", "votes", "parties", "groups", "won", "proportional")
    figures = {each: json.loads(msgspec.json.encode(getattr(area, each))) for each in names}
    return {**figures, "children": children}


def figures_in(child):
    names = ("expected", "captured", "counted", "total", "leader", "leader_votes")
    return [getattr(child, each) for each in names]


def run_children(rows, contenders):
    run, known = rows
    unit = run.path.rpartition("/")[0]
    places = run.places
    columns = (places.captured, places.counted, places.total, places.leader, places.leader_votes)
    for seccion, expected, *row in zip(known.secciones, known.actas, *columns, strict=True):
        captured, counted, total, leader, votes = row
        path = f"{unit}/{seccion}" if unit else seccion
        key = None if leader == NOBODY else contenders[leader]
        yield [path, expected, captured, counted, total, key, votes]


def section_figures(section, contest):
    """Its actas one by one, and what those that count and enter totals add up to."""
    counted = [
        acta
        for acta in section.actas
        if acta.counting is Counting.COUNTED and votes_enter_totals(acta.expected, contest)
    ]
    actas = [
        [each.expected.id, each.counting.value, each.total, len(each.versions)]
        for each in section.actas
    ]
    votes = [list(counts_of(acta.acta.votes)) for acta in counted]
    columns = [sum(column) for column in zip(*votes, strict=True)]
    return {
        "actas": actas,
        "expected": len(section.actas),
        "captured": section.captured,
        "counted": section.counted,
        "total": section.total,
        "columns": columns if any(columns) else [],
    }


def section_figures_of_before(figures):
    summary, votes = figures["summary"], figures["votes"]
    return {
        "actas": figures["actas"],
        "expected": summary["expected"],
        "captured": summary["captured"],
        "counted": summary["counted"],
        "total": votes["total"],
        "columns": votes["columns"] if votes["total"] else [],
    }
