"""What a place may speak for: areas as the published tree names them."""

import pytest
from msgspec import ValidationError, convert

from openprep.election.remit import (
    Remit,
    Scope,
    fewest_scopes,
    scopes_of,
    uncovered_actas,
    unknown_scopes,
)
from small.election import CATALOGUE, small_election

ELECTION = small_election()


@pytest.mark.parametrize(
    ("scope", "own"),
    [
        ("*", [0, 1, 2, 3, 4, 5, 6]),
        ("AYUN", [0, 1, 2, 3, 4, 5, 6]),
        ("AYUN/001", [0, 1, 2]),
        ("AYUN/001/0001", [0, 1]),
        ("AYUN/001/0001/A1", [1]),
        ("AYUN/002/0000", [5]),
        ("AYUN/000", [6]),
        ("AYUN/00", []),
        ("AYUN/001/0001/A", []),
        ("GUB", []),
    ],
)
def test_a_scope_covers_what_is_below_it_and_nothing_else(scope, own):
    remit = Remit.of([scope], [])
    assert [n for n in range(7) if remit.reports.covers("AYUN", f"A{n}", ELECTION)] == own
    assert not any(remit.corrects.covers("AYUN", f"A{n}", ELECTION) for n in range(7))
    checks = Remit.of([], [scope])
    assert [n for n in range(7) if checks.corrects.covers("AYUN", f"A{n}", ELECTION)] == own


def test_an_acta_is_looked_up_by_its_depth_however_much_a_place_lists():
    scopes = ["AYUN", "AYUN/001", "AYUN/001/0001", "AYUN/001/0001/A0"]
    assert list(scopes_of("AYUN", CATALOGUE[0])) == scopes


@pytest.mark.parametrize("scope", ["", "/", "AYUN/", "/001", "AYUN//001", "A YUN", "AYUN/*", "a\n"])
def test_what_is_no_scope(scope):
    with pytest.raises(ValidationError):
        convert(scope, Scope)


def test_scopes_that_the_election_does_not_have_are_named():
    listed = ["*", "AYUN/001/0001/A1", "AYUN/003", "GUB"]
    assert unknown_scopes(listed, ELECTION) == ["AYUN/003", "GUB"]


def test_actas_that_nobody_reports_are_counted():
    remits = [frozenset({"AYUN/001"}), frozenset({"AYUN/000"})]
    assert uncovered_actas(remits, ELECTION) == {"AYUN": 3}
    assert uncovered_actas([frozenset({"*"})], ELECTION) == {}


def test_the_fewest_scopes_cover_each_owner_s_actas_and_no_other_s():
    owners = {("AYUN", f"A{n}"): "D01" if n < 4 else "D02" for n in range(7)}
    scopes = fewest_scopes(owners, ELECTION)
    assert scopes == {
        "D01": {"AYUN/001", "AYUN/002/0003/A3"},
        "D02": {"AYUN/002/0003/A4", "AYUN/002/0000", "AYUN/000"},
    }
    for owner, own in scopes.items():
        mine = [n for n in range(7) if Remit.of(own).reports.covers("AYUN", f"A{n}", ELECTION)]
        assert mine == [n for n in range(7) if owners["AYUN", f"A{n}"] == owner]
