"""A centre that says something false of the actas, well hashed and well signed, is not shown.

Its manifest's figures are compared one by one, each object below it by the digest of the root that
names it: so a lie anywhere in a cut is one in the root.
"""

from datetime import timedelta

import pytest
from msgspec import structs

from mirror.lying import let_the_centre_lie, refused_and_unmoved, relog, resign
from openprep.election.summary import AboveList, Basis, VotesOverList
from openprep.mirror.codes import MirrorCode
from openprep.tabulation import Contributions
from openprep.wire.cut.objects import (
    Area,
    AreaCatalogue,
    GroupRow,
    Identified,
    Outside,
    Places,
    Run,
    RunCatalogue,
    SummaryRow,
    WonRow,
)
from openprep.wire.cut.results import UnitsWon
from openprep.wire.log.leaf import ActaLeaf
from small.election import OPENS, acta, outside, version

COUNTS = [
    "expected",
    "registered",
    "out_of_catalogue",
    "captured",
    "captured_share",
    "counted",
    "counted_share",
    "inconsistent_share",
    "not_counted",
    "lista_nominal",
    "votes_with_special",
    "votes_without_special",
    "participation",
]
BASES = [
    {"of": VotesOverList.WITH_LIST},
    {"votes": 1},
    {"above": AboveList.BEYOND_LIST},
]


@pytest.fixture
async def following(pair):
    """The mirror shows cut 1, and the centre is about to make cut 2."""
    for _ in range(2):
        pair.center.next_cut()
        await pair.follower.step()
    return pair


def added(value, field):
    return structs.replace(value, **{field: (getattr(value, field) or 0) + 1})


async def signs(following, change):
    """The centre signs the next cut with its one contest as ``change`` leaves it."""
    following.center.next_cut()
    resign(
        following.center,
        lambda manifest: structs.replace(manifest, contests=(change(manifest.contests[0]),)),
    )
    return await refused_and_unmoved(following, MirrorCode.RECOUNT)


async def composes(following, monkeypatch, kind, lie):
    """The centre composes the next cut's objects of ``kind`` as ``lie`` has them."""
    told = let_the_centre_lie(monkeypatch, kind, lie)
    following.center.next_cut()
    assert any(lie(each) != each for each in told)
    refused = await refused_and_unmoved(following, MirrorCode.RECOUNT)
    assert "AYUN: the cut names the results" in str(refused)


@pytest.mark.parametrize("field", COUNTS)
async def test_a_figure_of_the_manifest_is_counted_again_and_named(following, field):
    refused = await signs(
        following, lambda cut: structs.replace(cut, summary=added(cut.summary, field))
    )
    assert f"AYUN: summary {field} is " in str(refused)


@pytest.mark.parametrize("basis", BASES, ids=str)
async def test_a_participation_that_says_it_was_made_otherwise_is_found(following, basis):
    def lie(cut):
        other = structs.replace(cut.summary.basis, **basis)
        assert isinstance(other, Basis)
        return structs.replace(cut, summary=structs.replace(cut.summary, basis=other))

    assert f"summary basis {next(iter(basis))} is " in str(await signs(following, lie))


@pytest.mark.parametrize("field", ["total", "unregistered", "null", "off_ballot"])
async def test_a_vote_in_the_manifest_is_counted_again_and_named(following, field):
    refused = await signs(
        following, lambda cut: structs.replace(cut, votes=added(cut.votes, field))
    )
    assert f"AYUN: votes {field} is " in str(refused)


async def test_votes_of_the_manifest_moved_from_one_to_another_are_found(following):
    def lie(cut):
        first, second, *others = cut.votes.candidacies
        moved = (
            structs.replace(first, votes=first.votes - 1),
            structs.replace(second, votes=second.votes + 1),
            *others,
        )
        return structs.replace(cut, votes=structs.replace(cut.votes, candidacies=moved))

    assert "AYUN: votes candidacies 0 votes is " in str(await signs(following, lie))


async def test_a_constituency_that_the_manifest_gives_to_somebody_is_found(following):
    refused = await signs(following, lambda cut: structs.replace(cut, won=(UnitsWon("LILA", 9),)))
    assert "AYUN: won" in str(refused)


async def test_results_that_the_manifest_has_from_elsewhere_are_found(following):
    refused = await signs(following, lambda cut: structs.replace(cut, results="A" * 43))
    assert "AYUN: the cut names the results AAAA" in str(refused)


@pytest.mark.parametrize("lie", [{"id": "GUB"}, {"title": "Otra"}], ids=str)
async def test_a_contest_under_another_name_is_found(following, lie):
    await signs(following, lambda cut: structs.replace(cut, **lie))


async def test_a_contest_that_is_left_out_is_found(following):
    following.center.next_cut()
    resign(following.center, lambda manifest: structs.replace(manifest, contests=()))
    await refused_and_unmoved(following, MirrorCode.RECOUNT)


LISTED = tuple(f"databases/20240602_{time}_PREP.zip" for time in ("2040", "2100"))
"""The official databases of a whole night."""


@pytest.mark.parametrize(
    "called",
    [
        "https://evil.example/x.zip",
        "javascript:alert(1)",
        "databases/20240602_2359_PREP.zip",
        "",
        LISTED[0],
        None,
    ],
)
async def test_no_database_is_the_newest_but_the_last_that_is_listed(pair, called):
    """Pages link to it. An unlisted one may be of another site, or a script."""
    for _ in range(4):
        pair.center.next_cut()
    honest = pair.center.reading().manifest
    assert (tuple(sorted(honest.files)), honest.database) == (LISTED, LISTED[1])
    resign(pair.center, lambda manifest: structs.replace(manifest, database=called))
    await refused_and_unmoved(pair, MirrorCode.MANIFEST)


async def test_a_database_while_none_is_listed_is_none(pair):
    pair.center.next_cut()
    resign(pair.center, lambda manifest: structs.replace(manifest, database=LISTED[0]))
    await refused_and_unmoved(pair, MirrorCode.MANIFEST)


async def test_nothing_is_published_from_before_the_record(following):
    following.center.next_cut()
    resign(following.center, lambda manifest: structs.replace(manifest, record_position=-1))
    await refused_and_unmoved(following, MirrorCode.FORMAT)


@pytest.mark.parametrize("path", ["", "001", "002"])
@pytest.mark.parametrize("field", [*COUNTS, "basis"])
async def test_a_figure_of_an_area_is_found(following, monkeypatch, field, path):
    def lie(area):
        if area.path != path:
            return area
        if field == "basis":
            other = structs.replace(area.summary.basis, votes=area.summary.basis.votes + 1)
            return structs.replace(area, summary=structs.replace(area.summary, basis=other))
        return structs.replace(area, summary=added(area.summary, field))

    assert set(COUNTS) < set(SummaryRow.__struct_fields__)
    await composes(following, monkeypatch, Area, lie)


@pytest.mark.parametrize("part", ["columns", "candidacies", "off_ballot"])
async def test_votes_of_an_area_are_found(following, monkeypatch, part):
    def lie(area):
        known = getattr(area.votes, part)
        other = known + 1 if isinstance(known, int) else (known[0] + 1, *known[1:])
        return structs.replace(area, votes=structs.replace(area.votes, **{part: other}))

    await composes(following, monkeypatch, Area, lie)


async def test_the_votes_of_a_party_moved_to_another_are_found(following, monkeypatch):
    def lie(area):
        first, second, *others = area.parties
        return structs.replace(area, parties=(first - 1, second + 1, *others))

    await composes(following, monkeypatch, Area, lie)


@pytest.mark.parametrize("field", GroupRow.__struct_fields__)
async def test_a_group_of_actas_with_other_figures_is_found(following, monkeypatch, field):
    def lie(area):
        first, *others = area.groups
        known = getattr(first, field)
        other = known + 1 if isinstance(known, int) else (known[0] + 1, *known[1:])
        return structs.replace(area, groups=(structs.replace(first, **{field: other}), *others))

    await composes(following, monkeypatch, Area, lie)


@pytest.mark.parametrize("kind", [Area, Run])
@pytest.mark.parametrize("field", Places.__struct_fields__)
async def test_a_table_that_flatters_somebody_is_found(following, monkeypatch, field, kind):
    """Also what a run says of a section: how many of its actas count, and for whom."""

    def lie(published):
        first, *others = getattr(published.places, field)
        places = structs.replace(published.places, **{field: (first + 1, *others)})
        return structs.replace(published, places=places)

    await composes(following, monkeypatch, kind, lie)


async def test_constituencies_that_nobody_won_are_found(following, monkeypatch):
    await composes(
        following,
        monkeypatch,
        Area,
        lambda area: area if area.path else structs.replace(area, won=(WonRow(0, 3, 0),)),
    )


async def test_an_area_listed_twice_is_found(following, monkeypatch):
    def lie(area):
        return structs.replace(area, children=(*area.children, area.children[0]))

    await composes(following, monkeypatch, Area, lie)


@pytest.mark.parametrize("field", ["leaves", "offsets", "images"])
async def test_a_version_that_stands_elsewhere_in_the_log_is_found(following, monkeypatch, field):
    def lie(run):
        return structs.replace(run, **{field: tuple(each + 1 for each in getattr(run, field))})

    await composes(following, monkeypatch, Run, lie)


async def test_a_version_that_is_not_told_of_any_more_is_found(following, monkeypatch):
    """A correction that looks like a first version."""
    center = following.center
    center.next_cut()
    await following.follower.step()
    told = let_the_centre_lie(monkeypatch, Run, lambda run: structs.replace(run, earlier={}))
    center.next_cut()
    assert any(run.earlier for run in told)
    await refused_and_unmoved(following, MirrorCode.RECOUNT)


@pytest.mark.parametrize(
    "lie",
    [
        lambda found: structs.replace(found, leaves=found.leaves[:1] * 2),
        lambda found: structs.replace(found, leaves=found.leaves[:1]),
        lambda found: structs.replace(found, offsets=found.offsets[::-1]),
        lambda found: structs.replace(found, images=(7, 7)),
        lambda found: structs.replace(found, identified=(Identified(1, 2),)),
    ],
)
async def test_actas_out_of_catalogue_that_are_others_are_found(following, monkeypatch, lie):
    told = let_the_centre_lie(monkeypatch, Outside, lie)
    other = structs.replace(outside(), received_at=OPENS + timedelta(minutes=7))
    following.center.next_cut([version(4, acta(4)), version(5, other)])
    assert [len(each.leaves) for each in told] == [2]
    await refused_and_unmoved(following, MirrorCode.RECOUNT)


@pytest.mark.parametrize(
    "lie",
    [
        lambda run: structs.replace(run, actas=run.actas[::-1]),
        lambda run: structs.replace(run, secciones=run.secciones[::-1]),
        lambda run: structs.replace(
            run,
            expected=structs.replace(
                run.expected, lista_nominal=tuple(each + 1 for each in run.expected.lista_nominal)
            ),
        ),
    ],
)
async def test_a_run_that_expects_others_than_declared_is_found(pair, monkeypatch, lie):
    told = let_the_centre_lie(monkeypatch, RunCatalogue, lie)
    pair.center.next_cut()
    assert any(lie(run) != run for run in told)
    await refused_and_unmoved(pair, MirrorCode.RECOUNT)


@pytest.mark.parametrize(
    "lie",
    [
        lambda area: structs.replace(area, expected=tuple(each + 1 for each in area.expected)),
        lambda area: structs.replace(area, name="OTRO"),
        lambda area: structs.replace(area, ids=area.ids[::-1], expected=area.expected[::-1]),
        lambda area: structs.replace(area, running=area.running[::-1]),
        lambda area: structs.replace(area, groups=area.groups[1:]),
    ],
)
async def test_an_area_that_says_otherwise_what_was_declared_is_found(pair, monkeypatch, lie):
    told = let_the_centre_lie(monkeypatch, AreaCatalogue, lie)
    pair.center.next_cut()
    assert any(lie(area) != area for area in told)
    await refused_and_unmoved(pair, MirrorCode.RECOUNT)


async def test_a_vote_that_no_acta_has_is_found_though_every_figure_has_it(following, monkeypatch):
    """The centre's own sums are wrong, all alike: nothing in its tree contradicts anything."""
    honest = Contributions.capture

    def more(self, actas):
        honest(self, actas)
        self.matrix[list(actas), 0] += 1

    monkeypatch.setattr(Contributions, "capture", more)
    following.center.next_cut()
    refused = await refused_and_unmoved(following, MirrorCode.RECOUNT)
    assert "AYUN: summary" in str(refused) or "AYUN: votes" in str(refused)


async def test_an_acta_that_is_in_the_results_and_not_in_the_log_is_found(following):
    following.center.next_cut()
    relog(following.center, lambda leaves: leaves[1:])
    refused = await refused_and_unmoved(following, MirrorCode.RECOUNT)
    assert "AYUN: summary registered is 6 in the cut, and the actas give 5" in str(refused)


async def test_an_acta_that_is_in_the_log_and_not_in_the_results_is_found(following):
    """Hidden from readers."""
    following.center.next_cut()

    def one_more(leaves):
        own = next(leaf for leaf in leaves if isinstance(leaf, ActaLeaf))
        return [*leaves, structs.replace(own, acta="A5", version=1)]

    relog(following.center, one_more)
    refused = await refused_and_unmoved(following, MirrorCode.RECOUNT)
    assert "AYUN: summary registered is 6 in the cut, and the actas give 7" in str(refused)


@pytest.mark.parametrize("restarted", [False, True])
async def test_after_a_lie_the_next_right_cut_is_taken(following, monkeypatch, restarted):
    with monkeypatch.context() as lying:
        let_the_centre_lie(
            lying,
            Area,
            lambda area: area if area.path else structs.replace(area, parties=area.parties[::-1]),
        )
        following.center.next_cut()
        await refused_and_unmoved(following, MirrorCode.RECOUNT)
        await refused_and_unmoved(following, MirrorCode.RECOUNT)
    following.center.next_cut()
    if restarted:
        following.follower = following.restarted()
        await following.follower.start()
    assert (await following.follower.step()).cut == 3
    tree = following.follower.tree
    assert tree.where(2) is None
    assert tree.where(3).roots.keys() == {"AYUN"}
