"""A contest's id names a page: no other id is taken from a description, however it was signed."""

import msgspec
import pytest

from audit.liar import audited, failed
from openprep.audit.codes import AuditCode
from openprep.hosting.rules import head_file
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.verify.declared import load_declared
from openprep.pages.rendering import Renderer, TreeReader
from openprep.wire.cut.ref import Ref
from served.kits import installed
from small.center import SmallCenter
from small.election import small_election

OWN_NAMES = ("texto", "index", "INDEX", "marco", "404", "sw")
NO_IDS = ("../../../../pwned", "sub/x", "a\0b", "", "_", "A" * 61, 'x" onload="x', *OWN_NAMES)


def center_of(folder, *ids):
    """A centre whose contests have these ids, though no folder could declare them."""
    base = small_election()
    contests = {own: msgspec.structs.replace(base.contests["AYUN"], id=own) for own in ids}
    catalogues = dict.fromkeys(ids, base.catalogues["AYUN"])
    center = SmallCenter(folder, contests=contests, catalogues=catalogues)
    center.next_cut()
    return center


def loaded(center):
    ref = center.reading().manifest.description

    def read(ref: Ref) -> bytes:
        return center.tree.read_object(ref)

    return load_declared(ref, read)


@pytest.mark.parametrize("ids", [*((own,) for own in NO_IDS), ("GUB", "gub")])
def test_an_id_that_names_no_page_of_its_own_is_refused(tmp_path, ids):
    with pytest.raises(Refused) as refused:
        loaded(center_of(tmp_path / "tree", *ids))
    assert refused.value.code is MirrorCode.FORMAT


def test_every_id_that_is_taken_names_a_page_that_is_served(tmp_path):
    longest = "A" * 60
    assert list(loaded(center_of(tmp_path / "tree", longest)).contests) == [longest]
    assert head_file(f"{longest}.html") == f"{longest}.html"


@pytest.mark.parametrize("own", ["sub/x", "texto"])
def test_an_audit_names_such_an_id(tmp_path, own):
    center = center_of(tmp_path / "tree", own)
    assert failed(audited(center.tree.root, center.signer.verifier)) == {AuditCode.DESCRIPTION.code}


def test_a_page_says_no_id_as_markup(tmp_path):
    own = 'x" onmouseover="alert(1)'
    center = center_of(tmp_path / "tree", own)
    pages = Renderer(installed(), TreeReader(center.tree)).render(center.reading().manifest)
    assert b'onmouseover="' not in pages[f"{own}.html"]
