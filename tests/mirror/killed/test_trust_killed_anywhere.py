"""A trust root whose writer is killed at every call to the system: the old one, or the new one.

Each death ends in what a publisher and a newcomer make of the folder.
"""

import os
import shutil
from datetime import timedelta

import pytest

from hostile.killing import deaths
from openprep.ceremony.enrolment import Changes
from openprep.ceremony.folder import finish, load_standing
from openprep.ceremony.proposal import sign
from openprep.hosting import TreeDirectory
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.trust.keeper import TrustKeeper
from openprep.mirror.trust.root import TrustRoot
from small.trust import NOW, SmallTrust, from_folder, new_key
from small.trust import request as enrolling

LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Nothing here loses its power: what is flushed when is tested where it matters."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture(params=["the same online key", "another online key"])
def trust(tmp_path, request):
    """The centre's trust root, as it stood ``before`` and ``after`` a ceremony."""
    trust = SmallTrust(tmp_path / "center" / "trust")
    trust.before = shutil.copytree(tmp_path / "center", tmp_path / "before")
    trust.same_key = request.param == "the same online key"
    if not trust.same_key:
        trust.online = new_key()
    terms = None if trust.same_key else trust.terms()
    trust.version(Changes(requests=[enrolling("tec")]), terms=terms, now=LATER)
    trust.after = shutil.copytree(tmp_path / "center", tmp_path / "after")
    return trust


def joined(trust, folder):
    mirror = TrustRoot(folder)
    mirror.join(trust.root_bytes, trust.fingerprint, drill=False)
    return mirror


def publishers(data):
    return [publisher.id for publisher in data.publishers_at(LATER)]


def read_from(newcomer, folder, trust):
    """What ``newcomer`` finds there; between two online keys it may be told to wait, no more."""
    try:
        return [publishers(newcomer.refresh(from_folder(folder), LATER))]
    except Refused as refused:
        if trust.same_key or refused.code is not MirrorCode.TRUST_SIGNATURES:
            raise
        return []


def test_killed_at_any_call_of_joining_a_publisher_joins_again(trust, tmp_path):
    def nothing():
        shutil.rmtree(tmp_path / "mirror", ignore_errors=True)
        return tmp_path / "mirror"

    tried = 0
    for folder in deaths(nothing, lambda folder: joined(trust, folder)):
        tried += 1
        with pytest.raises(Refused):
            TrustRoot(folder).trusted()
        assert publishers(joined(trust, folder).refresh(from_folder(trust.after), LATER)) == ["tec"]
    assert tried > 5


def test_killed_at_any_call_of_a_refresh_what_was_trusted_is_and_is_never_older(trust, tmp_path):
    saved = tmp_path / "saved"
    joined(trust, saved).refresh(from_folder(trust.before), LATER)

    def begin():
        shutil.rmtree(tmp_path / "mirror", ignore_errors=True)
        return shutil.copytree(saved, tmp_path / "mirror")

    found = []
    for folder in deaths(
        begin, lambda folder: TrustRoot(folder).refresh(from_folder(trust.after), LATER)
    ):
        found.append(publishers(TrustRoot(folder).trusted()))
        assert publishers(TrustRoot(folder).refresh(from_folder(trust.after), LATER)) == ["tec"]
        with pytest.raises(Refused) as refused:
            TrustRoot(folder).refresh(from_folder(trust.before), LATER)
        assert refused.value.code in (MirrorCode.TRUST_ROLLBACK, MirrorCode.TRUST_SIGNATURES)
        assert publishers(TrustRoot(folder).trusted()) == ["tec"]
    assert len(found) > 10
    assert found == sorted(found)
    assert [found[0], found[-1]] == [[], ["tec"]]


def test_killed_at_any_call_of_passing_it_on_who_asks_the_mirror_gets_the_old_or_the_new(
    trust, tmp_path
):
    root = joined(trust, tmp_path / "mirror")
    root.refresh(from_folder(trust.before), LATER)
    saved = TreeDirectory(tmp_path / "saved")
    TrustKeeper(root, saved, lambda: LATER).publish()
    root.refresh(from_folder(trust.after), LATER)

    def begin():
        shutil.rmtree(tmp_path / "public", ignore_errors=True)
        return shutil.copytree(saved.root, tmp_path / "public", symlinks=True)

    def publish(folder):
        TrustKeeper(root, TreeDirectory(folder), lambda: LATER).publish()

    found = []
    for number, folder in enumerate(deaths(begin, publish)):
        newcomer = joined(trust, tmp_path / f"newcomer-{number}")
        found += read_from(newcomer, folder, trust)
        publish(folder)
        assert publishers(newcomer.refresh(from_folder(folder), LATER)) == ["tec"]
    assert len(found) > 5
    assert [found[0], found[-1]] == [[], ["tec"]]


def test_killed_at_any_call_of_a_ceremonys_end_publishers_find_the_old_or_the_new(trust, tmp_path):
    trust.folder = tmp_path / "center" / "trust"
    proposed = trust.proposal(Changes(requests=[enrolling("unam")]), now=LATER)
    for key in list(trust.keys.values())[:2]:
        proposed = sign(proposed, key, proposed.fingerprint, LATER)

    def begin():
        shutil.rmtree(trust.folder)
        return shutil.copytree(trust.after / "trust", trust.folder)

    def end(folder):
        finish(proposed, folder, trust.online, LATER)

    found = []
    for number, folder in enumerate(deaths(begin, end)):
        newcomer = joined(trust, tmp_path / f"newcomer-{number}")
        found.append(publishers(newcomer.refresh(from_folder(folder.parent), LATER)))
        end(folder)
        assert publishers(load_standing(folder).data) == ["tec", "unam"]
        assert publishers(newcomer.refresh(from_folder(folder.parent), LATER)) == ["tec", "unam"]
    assert len(found) > 5
    assert [found[0], found[-1]] == [["tec"], ["tec", "unam"]]
