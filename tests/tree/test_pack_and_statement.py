"""Packs and statements: what a hostile centre might send."""

import contextlib
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprep.tree.objects import Ref
from openprep.tree.pack import PackError, pack_entry, read_pack
from openprep.tree.statement import CutStatement, StatementError

objects = st.lists(st.binary(max_size=300), max_size=6).map(
    lambda all_bytes: [(sha256(data).hexdigest(), data) for data in all_bytes]
)


def _pack(pairs):
    return b"".join(pack_entry(*pair) for pair in pairs)


@given(objects)
def test_a_pack_gives_back_its_objects(pairs):
    assert list(read_pack(_pack(pairs))) == pairs


@given(objects.filter(bool), st.data())
def test_a_pack_cut_short_anywhere_is_refused_or_holds_whole_objects_only(pairs, data):
    pack = _pack(pairs)
    length = data.draw(st.integers(0, len(pack) - 1))
    read = []
    try:
        read.extend(read_pack(pack[:length]))
    except PackError:
        pass
    else:
        assert _pack(read) == pack[:length]
    assert read == pairs[: len(read)]


@given(objects.filter(bool), st.data())
def test_no_byte_of_a_pack_can_be_changed_unseen(pairs, data):
    pack = bytearray(_pack(pairs))
    index = data.draw(st.integers(0, len(pack) - 1))
    pack[index] ^= 1 << data.draw(st.integers(0, 7))
    with contextlib.suppress(PackError):
        assert set(read_pack(bytes(pack))) <= set(pairs)


@pytest.mark.parametrize(
    "pack",
    [
        b"nonsense",
        b"aa 5\nhello\n",
        ("0" * 64 + " -1\n\n").encode(),
        ("0" * 64 + " 99999999999999\n").encode(),
        ("0" * 64 + " 5\nhello\n").encode(),
        b"\xff" * 200,
    ],
)
def test_what_is_not_a_pack_is_refused(pack):
    with pytest.raises(PackError):
        list(read_pack(pack))


def statement(**changes):
    values = {
        "election": "puebla-2024",
        "cut": 7,
        "time": datetime(2024, 6, 2, 21, 0, 5, tzinfo=timezone(timedelta(hours=-6))),
        "manifest": Ref("ab" * 32, 1234),
    }
    return CutStatement(**{**values, **changes})


def test_a_statement_survives_being_signed_and_read():
    assert CutStatement.parse(statement().text()) == statement()


@pytest.mark.parametrize(
    "text",
    [
        "",
        statement().text().replace("openprep/cut/v1", "openprep/cut/v2"),
        statement().text() + "more\n",
        statement().text().replace("\n7\n", "\n07\n"),
        statement().text().replace("\n7\n", "\nseven\n"),
        statement().text().replace("1234", " 1234"),
        statement(time=datetime(2024, 6, 2, tzinfo=UTC)).text().replace("+00:00", "Z"),
    ],
)
def test_a_statement_has_one_form_only(text):
    with pytest.raises(StatementError):
        CutStatement.parse(text)
