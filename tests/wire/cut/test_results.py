"""What a reader is told of an area: joined again from objects of a tree that may lie."""

import io
from dataclasses import dataclass, field

import msgspec
import pytest

from openprep.election import ActaGroup, CasillaKind, ExpectedActa, Level, Location
from openprep.election.summary import Basis, Summary, VotesOverList
from openprep.wire.cut.description import ExpectedColumns
from openprep.wire.cut.objects import (
    NOBODY,
    Area,
    AreaCatalogue,
    AreaVotes,
    GroupInArea,
    GroupRow,
    Identified,
    Outside,
    Places,
    ProportionalVotes,
    Run,
    RunCatalogue,
    RunningRow,
    SummaryRow,
    WonRow,
    decode_object,
    encode_object,
    parts_of,
)
from openprep.wire.cut.pack import PackError, PackWriter
from openprep.wire.cut.ref import SCHEMA, Link, digest_of
from openprep.wire.cut.ref import Location as PackLocation
from openprep.wire.cut.results import (
    CandidacyVotes,
    ChildArea,
    GroupResults,
    PartyVotes,
    ResultsReader,
    UnitsWon,
    area_results,
)

SUMMARY = Summary(
    2, 2, 0, 2, 1_000_000, 2, 1_000_000, 0, 0, 100, 20, 20, 200_000,
    Basis(VotesOverList.WITH_LIST, 20, None),
)  # fmt: skip
EXPECTED = [
    ExpectedActa(
        f"{section}-B1", "001", section, CasillaKind.BASICA, 1, 0, Location.URBAN, "1", 50, 2
    )
    for section in ("0001", "0002")
]
ONE = (SCHEMA, "small", "GUB")
RUN_CATALOGUE = RunCatalogue(
    *ONE, "001/0001-0002", ("0001", "0002"), (1, 1), ExpectedColumns.of(EXPECTED)
)


@dataclass
class SmallTree:
    """One pack, and what stands in it."""

    stream: io.BytesIO = field(default_factory=io.BytesIO)

    def __post_init__(self):
        self.pack = PackWriter(1, self.stream)

    def add(self, published, *parts):
        data = encode_object(published)
        return Link(digest_of(data), self.pack.add(data, [part.at for part in parts]))

    def read(self, at):
        whole = self.stream.getvalue()
        return whole[at.offset : at.offset + at.size] if at.pack == 1 else None

    @property
    def results(self):
        return ResultsReader(self.read)


def places(*rows):
    return Places(*map(tuple, zip(*rows, strict=True)))


def run(**changes):
    values = {
        "catalogue": digest_of(encode_object(RUN_CATALOGUE)),
        "places": places((1, 1, 12, 0, 12), (1, 1, 8, NOBODY, 4)),
        "leaves": (4, 2),
        "offsets": (900, 300),
        "images": (0, 123),
        "earlier": {"1": (1,)},
    }
    return Run(*ONE, "001/0001-0002", **{**values, **changes})


def catalogue(**changes):
    values = {
        "name": "Puebla",
        "parents": (),
        "running": (RunningRow(0, "A", "Ana", ("PAN",)), RunningRow(2, "B", None, ("PRI", "PRD"))),
        "parties": ("PAN", "PRI", "PRD"),
        "groups": (GroupInArea(ActaGroup.URBANA, ()),),
        "level": Level.DISTRICT,
        "ids": ("001",),
        "names": ("Xicotepec",),
        "expected": (2,),
    }
    return AreaCatalogue(*ONE, **{**values, **changes})


def area(of, child, **changes):
    values = {
        "level": Level.ENTITY,
        "path": "",
        "catalogue": of.digest,
        "summary": SummaryRow.of(SUMMARY),
        "votes": AreaVotes((12, 4, 1, 1, 2), (12, 5), 0),
        "parties": (12, 3, 2),
        "groups": (GroupRow(2, 2, 2, 100, 20, 20, 1, 2, 0, (12, 5)),),
        "children": (child.digest,),
        "places": places((2, 2, 20, 0, 12)),
        "won": (WonRow(0, 1, 0), WonRow(2, 0, 1)),
    }
    return Area(*ONE, **{**values, **changes})


def small_tree():
    """A root over one area, which is a run here, and the actas out of catalogue."""
    tree = SmallTree()
    below = tree.add(RUN_CATALOGUE)
    child = tree.add(run(), below)
    own = tree.add(catalogue())
    outside = tree.add(Outside(*ONE, (7,), (1000,), (0,), (Identified(5, 6),)))
    whole = area(own, child, outside=outside.digest)
    return tree, tree.add(whole, own, child, outside), child, outside


def test_an_area_is_joined_with_its_names_and_shares():
    tree, root, child, outside = small_tree()
    found = tree.results.area(root)
    assert (found.name, found.level, found.path) == ("Puebla", Level.ENTITY, "")
    assert found.summary == SUMMARY
    assert found.votes.candidacies == (
        CandidacyVotes("A", "Ana", ("PAN",), 12, 600_000),
        CandidacyVotes("B", None, ("PRI", "PRD"), 5, 250_000),
    )
    assert (found.votes.total, found.votes.unregistered, found.votes.null) == (20, 1, 2)
    assert found.parties[1] == PartyVotes("PRI", 3, 150_000)
    assert found.groups == (GroupResults(ActaGroup.URBANA, 2, 2, 2, 100, 20, 20, 1, 2, 0, (12, 5)),)
    assert found.won == (UnitsWon("A", 1, 0), UnitsWon("B", 0, 1))
    assert found.children == (
        ChildArea(Level.DISTRICT, "001", "Xicotepec", child, 2, 2, 2, 20, "A", 12),
    )
    assert found.out_of_catalogue == outside
    assert found.proportional is None


def test_a_run_says_which_leaves_stand_and_what_is_expected():
    tree, _, child, outside = small_tree()
    assert tree.results.run(child) == (run(), RUN_CATALOGUE)
    assert tree.results.object(outside, Outside).identified == (Identified(5, 6),)


def test_children_without_names_are_named_by_their_ids_and_stand_below_their_area():
    tree, _, child, _ = small_tree()
    own = tree.add(catalogue(ids=("0001-0002",), names=(), level=Level.RUN))
    whole = area(own, child, path="21/001", places=places((2, 2, 20, NOBODY, 12)))
    (found,) = tree.results.area(tree.add(whole, own, child)).children
    assert (found.path, found.name) == ("21/001/0001-0002", "0001-0002")
    assert (found.leader, found.leader_votes) == (None, 12)


def test_objects_are_the_same_after_they_were_written():
    tree, _, child, outside = small_tree()
    own = tree.add(catalogue())
    proportional = ProportionalVotes(2, 1, 1, 9, (4, 5))
    for published in (
        run(),
        RUN_CATALOGUE,
        catalogue(),
        area(own, child),
        area(own, child, outside=outside.digest, proportional=proportional),
        Outside(*ONE, (), (), ()),
    ):
        data = encode_object(published)
        assert decode_object(data) == published
        assert encode_object(decode_object(data)) == data


def test_parts_stand_in_the_order_in_which_a_pack_names_them():
    tree, _, child, outside = small_tree()
    own = tree.add(catalogue())
    whole = area(own, child, outside=outside.digest)
    assert parts_of(whole) == (own.digest, child.digest, outside.digest)
    assert parts_of(area(own, child)) == (own.digest, child.digest)
    assert parts_of(run()) == (run().catalogue,)
    assert parts_of(catalogue()) == parts_of(RUN_CATALOGUE) == ()


# What a tree may say.


def test_an_object_that_is_not_there_is_told():
    tree, root, child, _ = small_tree()
    with pytest.raises(PackError, match="pack 2 is not there"):
        tree.results.area(Link(root.digest, PackLocation(2, 0, 10)))
    with pytest.raises(PackError, match="does not stand where"):
        tree.results.area(Link(root.digest, child.at))


def test_an_object_of_another_kind_is_refused():
    tree, root, child, outside = small_tree()
    asked = [(tree.results.area, link) for link in (child, outside)]
    asked += [(tree.results.run, link) for link in (root, outside)]
    asked += [(lambda link: tree.results.object(link, Outside), link) for link in (root, child)]
    for ask, link in asked:
        with pytest.raises(PackError, match="not of the kind"):
            ask(link)


def test_a_part_of_another_kind_is_refused():
    tree, _, child, _ = small_tree()
    with pytest.raises(PackError, match="not of the kind AreaCatalogue"):
        tree.results.area(tree.add(area(child, child), child, child))
    own = tree.add(catalogue())
    with pytest.raises(PackError, match="not of the kind RunCatalogue"):
        tree.results.run(tree.add(run(catalogue=own.digest), own))


@pytest.mark.parametrize("version", [1, 3])
def test_an_object_of_another_version_is_refused(version):
    tree, _, _, _ = small_tree()
    other = tree.add(msgspec.structs.replace(Outside(*ONE, (), (), ()), schema=version))
    with pytest.raises(PackError, match=f"version {version}"):
        tree.results.object(other, Outside)


@pytest.mark.parametrize(
    "data", [b"", b"null", b"{}", b'{"kind":"seccion"}', b"\xff", b"[" * 60_000]
)
def test_what_is_no_object_is_refused_whatever_its_digest(data):
    tree = SmallTree()
    with pytest.raises(PackError, match="object"):
        tree.results.object(Link(digest_of(data), tree.pack.add(data)), Outside)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b",", b", ", 1),
        lambda data: data.replace(b'"contest":', b'"contest":"otra","contest":', 1),
        lambda data: data[:-1] + b',"more":1}',
        lambda data: data + b" ",
    ],
    ids=["a space", "twice", "more", "after it"],
)
def test_an_object_that_is_not_in_its_exact_form_is_refused(change):
    """A reader of another making could see another in it."""
    tree = SmallTree()
    honest = encode_object(Outside(*ONE, (), (), ()))
    data = change(honest)
    assert data != honest
    with pytest.raises(PackError, match="not in its exact form"):
        tree.results.object(Link(digest_of(data), tree.pack.add(data)), Outside)


def test_places_for_more_or_fewer_parts_than_an_object_names_are_refused():
    tree, _, child, _ = small_tree()
    own = tree.add(catalogue())
    whole = area(own, child)
    for parts in ((own,), (own, child, child), ()):
        with pytest.raises(PackError, match="places for 2 parts"):
            tree.results.area(tree.add(whole, *parts))


@pytest.mark.parametrize(
    "changes",
    [
        {"places": places((2, 2, 20, 0, 12), (2, 2, 20, 0, 12))},
        {"places": places((2, 2, 20, 1, 12))},
        {"places": places((2, 2, 20, -2, 12))},
        {"votes": AreaVotes((12, 4, 1, 1, 2), (12,), 0)},
        {"votes": AreaVotes((), (12, 5), 0)},
        {"parties": (12, 3)},
        {"groups": ()},
        {"won": (WonRow(1, 1, 0),)},
        {"children": ()},
    ],
    ids=str,
)
def test_an_area_that_does_not_fit_its_catalogue_is_refused(changes):
    tree, _, child, _ = small_tree()
    own = tree.add(catalogue())
    whole = area(own, child, **changes)
    parts = (own, child) if whole.children else (own,)
    with pytest.raises(PackError, match="its catalogue"):
        tree.results.area(tree.add(whole, *parts))


def test_the_same_columns_by_hand():
    tree, _, child, _ = small_tree()
    own = tree.add(catalogue())
    whole = area(own, child)
    assert area_results(whole, catalogue(), [child], None) == tree.results.area(
        tree.add(whole, own, child)
    )
