"""A cut is staged, recorded, shown: in this order, and none is passed over."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.cuts.cutter import CutOrder, Cutter
from openprep.election.cut import CutKind
from openprep.hosting import TreeDirectory
from openprep.record.state import State
from openprep.wire.note import Signer
from small.election import OPENS, acta, small_election, version

ELECTION = small_election()
SIGNER = Signer(f"{ELECTION.id}/center", Ed25519PrivateKey.from_private_bytes(bytes(32)))
ZERO = CutOrder(0, CutKind.ZERO, OPENS, 0, None)


@pytest.fixture
def tree(tmp_path):
    return TreeDirectory(tmp_path)


def test_no_cut_is_staged_over_one_that_nobody_was_shown(tree):
    cutter = Cutter(ELECTION, tree, SIGNER)
    staged = cutter.make(ZERO)
    after = CutOrder(1, CutKind.LIVE, OPENS, 1, staged.event.manifest_sha256)
    with pytest.raises(RuntimeError, match="cut 0 is staged"):
        cutter.make(after)
    assert tree.pointer() is None
    cutter.activate(staged)
    cutter.activate(cutter.make(after))
    assert tree.pointer().cut == 1


def test_what_was_learnt_up_to_a_position_is_learnt_once(tree):
    state = State(versions=[version(1, acta(0)), version(2, acta(3)), version(5, acta(4))])
    cutter = Cutter(ELECTION, tree, SIGNER)
    assert cutter.lacks(state)
    for position in (2, 2, 1):
        cutter.learn_until(state, position)
    assert cutter.lacks(state)
    cutter.learn_until(state, 5)
    assert not cutter.lacks(state)
    staged = cutter.make(CutOrder(0, CutKind.LIVE, OPENS, 5, None))
    assert staged.event.log_size == 1 + 3 + 1


def test_a_cutter_that_replays_the_record_goes_on_with_the_log_that_is_there(tree):
    state = State(versions=[version(1, acta(0)), version(2, acta(3))])
    first = Cutter(ELECTION, tree, SIGNER)
    staged = first.make(ZERO)
    first.activate(staged)
    state.cuts.append(staged.event)
    again = Cutter(ELECTION, tree, SIGNER)
    assert again.replay(state) is None
    assert again.lacks(state)
    again.learn_until(state, 2)
    event = again.make(CutOrder(1, CutKind.LIVE, OPENS, 2, staged.event.manifest_sha256)).event
    assert event.log_size == staged.event.log_size + 2 + 1
