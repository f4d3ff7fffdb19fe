"""A mirror's log that is loaded: each bundle is read once, and held no longer than it is needed."""

import tracemalloc
from collections import Counter

import pytest

from openprep.election.cut import CutKind
from openprep.hosting import TreeDirectory
from openprep.hosting.log import LogWriter
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.verify import log as mirror_log
from openprep.mirror.verify.log import MirroredLog
from openprep.wire.log.leaf import ActaLeaf, CutLeaf, RulesLeaf, encode_leaf
from openprep.wire.log.tiles import WIDTH
from small.election import acta

ORIGIN = "chica-2024/center"
AT = acta(0).received_at
BUNDLES = 60


@pytest.fixture
def loaded(tmp_path):
    """A tree with a log of many bundles, and the checkpoint that it ends in."""
    rules = RulesLeaf(2, "chica-2024", False, None, "ab" * 32, "ab" * 32)
    leaf = encode_leaf(ActaLeaf.of(acta(0), 1, AT, None, None))
    entries = [encode_leaf(rules), cut(0, CutKind.ZERO), *[leaf] * (BUNDLES * WIDTH - 3)]
    tree, entries = TreeDirectory(tmp_path), [*entries, cut(1, CutKind.LIVE)]
    log = LogWriter(tree, ORIGIN)
    log.append(entries)
    return tree, log.stage().checkpoint, sum(map(len, entries))


def cut(number, kind):
    return encode_leaf(CutLeaf(2, number, kind, AT, "ab" * 32, 5))


def test_each_bundle_is_read_once_and_few_are_held(loaded, monkeypatch):
    tree, checkpoint, size = loaded
    reads, read = Counter(), TreeDirectory.read

    def counted(self, name):
        reads[name] += 1
        return read(self, name)

    monkeypatch.setattr(TreeDirectory, "read", counted)
    monkeypatch.setattr(mirror_log, "NEWEST", WIDTH)
    tracemalloc.start()
    log = MirroredLog.load(tree, checkpoint, ORIGIN)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (log.size, len(log.cuts)) == (BUNDLES * WIDTH, 2)
    bundles = [many for name, many in reads.items() if name.startswith("tile/entries/")]
    assert bundles == [1] * BUNDLES
    assert peak < size / 2


def test_a_log_whose_first_bundle_this_disk_damaged_is_damaged_not_wrong(loaded):
    """What it says is not read before it is known to be what was signed."""
    tree, checkpoint, _ = loaded
    path = tree.path("tile/entries/000")
    path.write_bytes(path.read_bytes().replace(b'["rules"', b'["ruled"', 1))
    with pytest.raises(Refused) as refused:
        MirroredLog.load(tree, checkpoint, ORIGIN)
    assert refused.value.code is MirrorCode.TREE_DAMAGED
