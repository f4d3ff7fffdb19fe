"""An acta out of catalogue that was identified: one paper for the centre, mirrors and auditors."""

import pytest
from msgspec import structs

from audit.liar import HonestCenter, audited
from mirror.lying import let_the_centre_lie, refused_and_unmoved, relog
from openprep.cuts import cut_log
from openprep.mirror.codes import MirrorCode
from openprep.record.state import Version
from openprep.wire.cut import manifest as wire
from openprep.wire.cut.objects import Outside
from openprep.wire.cut.ref import Link
from openprep.wire.cut.results import ResultsReader
from small.election import OPENS, acta, version

OUTSIDE = (3, 1)
"""Place in the record of the acta out of catalogue that enters cut 1, and its leaf."""

IDENTIFYING = Version(9, OPENS, "D01", acta(2), "era de la segunda sección", identifies=OUTSIDE)


def summary_of(center):
    data = center.tree.read(wire.manifest_path(center.cut))
    return wire.decode(data, wire.Manifest).contests[0].summary


async def test_it_is_registered_once_and_out_of_catalogue_no_longer(pair):
    center = pair.center
    center.next_cut()
    center.next_cut()
    before = summary_of(center)
    assert (before.out_of_catalogue, before.registered) == (1, 3)
    center.next_cut([IDENTIFYING])
    await pair.follower.step()
    after = summary_of(center)
    assert (after.out_of_catalogue, after.captured, after.registered) == (0, 3, 3)
    assert pair.follower.tree.pointer().cut == center.cut
    center.next_cut([version(10, acta(2, votes=(5,) * 11), "cotejo", IDENTIFYING)])
    await pair.follower.step()
    assert pair.follower.tree.pointer().cut == center.cut, "a later correction leaves it identified"


def still_outside(found):
    return structs.replace(found, leaves=(found.identified[0].leaf,), identified=())


def forgotten(found):
    return structs.replace(found, identified=())


def twice(found):
    return structs.replace(found, identified=found.identified * 2)


def by_another_leaf(found):
    identified = structs.replace(found.identified[0], by=found.identified[0].by - 1)
    return structs.replace(found, identified=(identified,))


def another_leaf(found):
    identified = structs.replace(found.identified[0], leaf=found.identified[0].leaf - 1)
    return structs.replace(found, identified=(identified,))


LIES = [
    still_outside,
    forgotten,
    twice,
    by_another_leaf,
    another_leaf,
]


def lying(monkeypatch, lie):
    """The centre shows its actas out of catalogue as ``lie`` has them; it signs and logs all."""
    return let_the_centre_lie(
        monkeypatch, Outside, lambda found: lie(found) if found.identified else found
    )


@pytest.mark.parametrize("lie", LIES)
async def test_a_mirror_refuses_another_account_of_it(pair, monkeypatch, lie):
    told = lying(monkeypatch, lie)
    pair.center.next_cut()
    pair.center.next_cut()
    await pair.follower.step()
    pair.center.next_cut([IDENTIFYING])
    assert told[-1].identified
    await refused_and_unmoved(pair, MirrorCode.RECOUNT)


@pytest.mark.parametrize(
    "changes",
    [{"identifies": 1}, {"identifies": 0}, {"acta": "A4"}, {"identifies": None}],
    ids=str,
)
async def test_a_mirror_refuses_another_account_of_it_in_the_log(pair, changes):
    """Of the acta, or of the leaf that it was: the log breaks a rule, or gives other figures."""
    pair.center.next_cut()
    pair.center.next_cut()
    await pair.follower.step()
    pair.center.next_cut([IDENTIFYING])
    relog(pair.center, lambda leaves: [structs.replace(leaves[0], **changes)])
    rule = changes.get("identifies") is not None
    await refused_and_unmoved(pair, MirrorCode.LOG_FACTS if rule else MirrorCode.RECOUNT)


def a_night(folder):
    center = HonestCenter(folder)
    center.next_cut()
    center.next_cut()
    center.next_cut([IDENTIFYING])
    return center


def test_an_audit_passes_where_it_is_one_paper(tmp_path):
    center = a_night(tmp_path / "center")
    report = audited(center.tree.root, center.signer.verifier)
    assert [outcome.code for outcome in report.outcomes if outcome.failed] == []


@pytest.mark.parametrize("lie", LIES)
def test_an_audit_names_another_account_of_it(tmp_path, monkeypatch, lie):
    lying(monkeypatch, lie)
    center = a_night(tmp_path / "center")
    report = audited(center.tree.root, center.signer.verifier)
    failed = {outcome.code for outcome in report.outcomes if outcome.failed}
    assert failed & {"X022", "X025", "X027"}, failed


def test_a_first_version_with_the_reason_of_who_checked_it_is_no_fault(tmp_path):
    center = HonestCenter(tmp_path / "center")
    center.next_cut()
    checked = structs.replace(version(4, acta(4)), reason="cotejo")
    center.next_cut([checked])
    report = audited(center.tree.root, center.signer.verifier)
    assert [outcome.code for outcome in report.outcomes if outcome.failed] == []


def test_an_identification_of_what_does_not_stand_outside_breaks_the_log(tmp_path, monkeypatch):
    real = cut_log.version_leaf

    def wrong(election, logged):
        if logged.identifies is not None:
            logged = structs.replace(logged, identifies=logged.identifies - 1)
        return real(election, logged)

    monkeypatch.setattr(cut_log, "version_leaf", wrong)
    center = a_night(tmp_path / "center")
    report = audited(center.tree.root, center.signer.verifier)
    assert "X013" in {outcome.code for outcome in report.outcomes if outcome.failed}


async def test_those_out_of_catalogue_are_packed_again_only_if_they_changed(pair):
    """They may be many."""
    places = []
    for _ in range(4):
        pair.center.next_cut()
        manifest = await pair.follower.step()
        tree = pair.follower.tree
        root = Link(manifest.contests[0].results, tree.where(manifest.cut).roots["AYUN"])
        outside = ResultsReader(tree.read_at).area(root).out_of_catalogue
        places.append(None if outside is None else outside.at.pack)
    assert places == [None, 2, 2, 2]  # cut 1 brings one
