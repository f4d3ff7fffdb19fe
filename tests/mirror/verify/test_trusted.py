"""A cut is trusted once its growth, its signers and its manifest were accepted, not before."""

from dataclasses import replace
from itertools import combinations

import pytest

from openprep.hosting.log import entries_on_disk
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.verify.log import MirroredLog
from openprep.mirror.verify.trusted import Seen, TrustedCuts, Vouched
from openprep.wire.cut import manifest as wire
from openprep.wire.log.leaf import decode_leaf
from small.center import SmallCenter

STEPS = ("growth", "signers", "manifest")
LACKING = [steps for count in range(len(STEPS)) for steps in combinations(STEPS, count)]


class Verifying:
    """What a mirror goes through for the cut that a centre shows."""

    def __init__(self, center):
        tree = center.tree
        self.trusted = TrustedCuts(center.identity, Seen())
        self.opened = self.trusted.accept_checkpoint(tree.read("live/checkpoint"))
        self.checkpoint = self.opened.checkpoint
        *_, last = entries_on_disk(tree, self.checkpoint.size)
        self.leaf = decode_leaf(last)
        self.log = MirroredLog.load(tree, self.checkpoint, center.signer.name)
        self.manifest = tree.read(wire.manifest_path(self.leaf.cut))

    def go_through(self, steps):
        if "growth" in steps:
            self.trusted.accept_growth(self.checkpoint, self.log.root_at, self.log.rules)
        if "signers" in steps:
            self.trusted.check_signers(self.opened, self.leaf)
        if "manifest" in steps:
            self.trusted.accept_manifest(self.leaf, self.checkpoint, self.manifest)


@pytest.fixture
def center(tmp_path):
    center = SmallCenter(tmp_path / "center")
    center.next_cut()
    return center


def test_a_cut_that_was_verified_whole_is_trusted(center):
    verifying = Verifying(center)
    verifying.go_through(STEPS)
    cut = verifying.trusted.trust(verifying.leaf, verifying.checkpoint)
    assert (cut.cut, cut.size) == (0, verifying.checkpoint.size)
    assert verifying.trusted.seen.trusted == cut


@pytest.mark.parametrize("steps", LACKING, ids=lambda steps: "+".join(steps) or "none")
def test_a_cut_of_which_anything_was_not_accepted_is_not_trusted(center, steps):
    verifying = Verifying(center)
    verifying.go_through(steps)
    with pytest.raises(RuntimeError):
        verifying.trusted.trust(verifying.leaf, verifying.checkpoint)
    assert verifying.trusted.seen.trusted is None


def test_what_was_accepted_of_one_cut_does_not_make_the_next_trusted(center):
    verifying = Verifying(center)
    verifying.go_through(STEPS)
    center.next_cut()
    later = Verifying(center)
    with pytest.raises(RuntimeError):
        verifying.trusted.trust(later.leaf, later.checkpoint)


def test_a_log_begins_with_the_rules_that_are_vouched_for_of_their_folder_too(center):
    verifying = Verifying(center)
    rules = verifying.log.rules
    right = Vouched(rules.rules_sha256, rules.folder_sha256)
    for vouched in (right._replace(rules="0" * 64), right._replace(folder="0" * 64)):
        verifying.trusted.identity = replace(center.identity, vouched=vouched)
        with pytest.raises(Refused) as refused:
            verifying.go_through(STEPS)
        assert refused.value.code is MirrorCode.RULES
    verifying.trusted.identity = replace(center.identity, vouched=right)
    verifying.go_through(STEPS)
    assert verifying.trusted.trust(verifying.leaf, verifying.checkpoint).cut == 0
