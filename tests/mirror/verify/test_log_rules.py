"""A log that breaks a rule of its own is refused, whoever signed it; the message says where."""

import re
from hashlib import sha256

import pytest
from msgspec import structs

from mirror.lying import refused_and_unmoved, relog
from openprep.election.cut import CutKind
from openprep.mirror.codes import MirrorCode
from openprep.wire.log.leaf import (
    IMAGES_IN_A_LEAF,
    ActaLeaf,
    CutLeaf,
    ImageCame,
    ImagesLeaf,
    RulesLeaf,
    encode_leaf,
)
from small.election import acta, outside, version
from small.image import jpeg

PICTURE = jpeg(3)
DIGEST = sha256(PICTURE).hexdigest()

FIRST = 6
"""The first leaf of cut 2: before it are the rules, cut 0, three actas and cut 1."""
OUTSIDE = 4
"""The leaf of the acta out of catalogue that cut 1 brought."""


@pytest.fixture
async def following(pair):
    """The mirror shows cut 1, and the centre has made cut 2, of three actas."""
    for _ in range(2):
        pair.center.next_cut()
        await pair.follower.step()
    pair.center.next_cut()
    return pair


def first(**changes):
    """The first of the new actas, otherwise."""
    return lambda leaves: [structs.replace(leaves[0], **changes), *leaves[1:]]


def more(*added):
    """Leaves beside those that are new."""
    return lambda leaves: [*leaves, *added]


def replaced(index, **changes):
    def change(leaves):
        return [
            structs.replace(leaf, **changes) if place == index else leaf
            for place, leaf in enumerate(leaves)
        ]

    return change


def outside_leaf(**changes):
    values = {"version": 1, "at": acta(0).received_at, "reason": None, "identifies": None}
    return ActaLeaf.of(outside(), **{**values, **changes})


def images(*came):
    return ImagesLeaf(2, tuple(ImageCame(leaf, size) for leaf, size in came))


RULES = RulesLeaf(2, "chica-2024", False, None, "ab" * 32, "ab" * 32)
BROKEN = [
    (first(contest="GUB"), FIRST, "'GUB' has no place"),
    (first(acta="A99"), FIRST, "'A99' is not expected"),
    (first(version=2), FIRST, "version 2 of A4, where 1 follows"),
    (first(acta="A0"), FIRST, "version 1 of A0, where 2 follows"),
    (first(acta="A0", version=3), FIRST, "version 3 of A0, where 2 follows"),
    (lambda leaves: [*leaves, leaves[0]], FIRST + 3, "version 1 of A4, where 2 follows"),
    (first(acta="A0", version=2, reason=None), FIRST, "A0 is corrected without a reason"),
    (first(identifies=OUTSIDE, reason=None), FIRST, "A4 is corrected without a reason"),
    (first(votes=(1, 2, 3)), FIRST, "votes in 3 columns"),
    (first(votes=()), FIRST, "votes in 0 columns"),
    (first(reason="Es esta", identifies=0), FIRST, "leaf 0, which does not stand outside"),
    (
        first(reason="Es esta", identifies=OUTSIDE - 1),
        FIRST,
        f"leaf {OUTSIDE - 1}, which does not stand outside",
    ),
    (
        first(reason="Es esta", identifies=FIRST),
        FIRST,
        f"leaf {FIRST}, which does not stand outside",
    ),
    (first(reason="Es esta", identifies=10**9), FIRST, "does not stand outside"),
    (
        lambda leaves: [
            structs.replace(leaf, reason="Es esta", identifies=OUTSIDE) for leaf in leaves
        ],
        FIRST + 1,
        f"leaf {OUTSIDE}, which does not stand outside",
    ),
    (more(outside_leaf(version=2)), FIRST + 3, "out of catalogue"),
    (more(outside_leaf(identifies=OUTSIDE)), FIRST + 3, "out of catalogue"),
    (more(outside_leaf(reason="Cotejo")), FIRST + 3, "out of catalogue"),
    (more(structs.replace(outside_leaf(), contest="GUB")), FIRST + 3, "'GUB' has no place"),
    (more(RULES), FIRST + 3, "the rules stand twice"),
    (more(images((0, 5))), FIRST + 3, "leaf 0, which names none"),
    (more(images((1, 5))), FIRST + 3, "leaf 1, which names none"),
    (more(images((FIRST + 1, 5))), FIRST + 3, f"leaf {FIRST + 1}, which names none"),
    (more(images((FIRST + 3, 5))), FIRST + 3, f"leaf {FIRST + 3}, which names none"),
    (more(images((FIRST + 9, 5))), FIRST + 3, f"leaf {FIRST + 9}, which names none"),
    (more(images((10**9, 5))), FIRST + 3, "names none"),
    (more(images((FIRST, 5), (FIRST, 5))), FIRST + 3, f"leaf {FIRST} came before"),
    (more(images((FIRST, 5)), images((FIRST, 6))), FIRST + 4, f"leaf {FIRST} came before"),
    (more(images(*((2, 5),) * (IMAGES_IN_A_LEAF + 1))), FIRST + 3, "2001 images in one leaf"),
    (lambda leaves: [images((2, 5)), *leaves], FIRST + 1, "'AYUN' has no place here"),
]


@pytest.mark.parametrize(("change", "leaf", "words"), BROKEN, ids=[words for *_, words in BROKEN])
async def test_a_log_that_breaks_a_rule_is_refused(following, change, leaf, words):
    relog(following.center, change)
    refused = await refused_and_unmoved(following, MirrorCode.LOG_FACTS)
    assert re.search(rf"leaf {leaf}: .*{re.escape(words)}", str(refused)), str(refused)


async def test_a_leaf_that_is_not_in_its_one_form_is_refused(following):
    relog(
        following.center,
        lambda leaves: [encode_leaf(leaves[0]).replace(b',"A4",', b', "A4",'), *leaves[1:]],
    )
    await refused_and_unmoved(following, MirrorCode.FORMAT)


@pytest.mark.parametrize("junk", [b"", b"{}", b"[]", b'["acta"]', b"\xff" * 50, b'["cut",2]'])
async def test_an_entry_that_is_no_leaf_is_refused(following, junk):
    relog(following.center, lambda leaves: [junk, *leaves])
    await refused_and_unmoved(following, MirrorCode.FORMAT)


@pytest.mark.parametrize("number", [0, 1, 3, 10**6])
async def test_a_cut_out_of_turn_is_refused(following, number):
    other = CutLeaf(2, number, CutKind.LIVE, acta(0).received_at, "ab" * 32, 5)
    relog(following.center, lambda leaves: [other, *leaves])
    await refused_and_unmoved(following, MirrorCode.LOG_FACTS)


async def test_a_log_that_does_not_begin_with_its_rules_is_refused(pair):
    pair.center.next_cut()
    relog(pair.center, lambda leaves: [outside_leaf()])
    refused = await refused_and_unmoved(pair, MirrorCode.LOG_FACTS)
    assert "does not begin with its rules" in str(refused)


@pytest.mark.parametrize(
    "changes",
    [
        {"election": "otra-2024"},
        {"drill": True},
        {"seed": "7"},
        {"folder_sha256": "cd" * 32},
        {"rules_sha256": "cd" * 32},
    ],
    ids=str,
)
async def test_rules_that_are_not_those_of_the_cut_are_refused(pair, changes):
    pair.center.next_cut()
    relog(pair.center, replaced(0, **changes))
    await refused_and_unmoved(pair, MirrorCode.LOG_FACTS)


async def test_a_broken_log_and_a_right_one_of_its_size_are_two_histories(following):
    """The mirror showed neither, and remembers that both were signed."""
    tree = following.center.tree
    names = ("cuts/2.json", "cuts/2.note", "live/current.json", "live/checkpoint")
    kept = {name: tree.read(name) for name in names}
    shown = {path: path.read_bytes() for path in tree.path("tile").rglob("*") if path.is_file()}
    relog(following.center, first(votes=(1,)))
    await refused_and_unmoved(following, MirrorCode.LOG_FACTS)
    for name, data in kept.items():
        tree.path(name).write_bytes(data)
    for path, data in shown.items():
        path.write_bytes(data)
    await refused_and_unmoved(following, MirrorCode.SPLIT_VIEW)
    assert following.follower.tree.pointer().cut == 1


async def test_an_image_counts_for_every_version_that_names_it(pair):
    """Before and after it came, of the catalogue and outside, in one cut and in later ones."""
    center = pair.center
    center.next_cut()
    named = [
        version(1, acta(0, image_sha256=DIGEST)),
        version(2, structs.replace(outside(), image_sha256=DIGEST)),
    ]
    center.next_cut(named)
    await pair.follower.step()
    center.hold(0, PICTURE)
    center.next_cut([version(4, acta(3, image_sha256=DIGEST))])
    await pair.follower.step()
    center.next_cut([version(5, acta(4, image_sha256=DIGEST)), version(6, acta(2))])
    assert (await pair.follower.step()).cut == 3
