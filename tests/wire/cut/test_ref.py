"""How what a cut consists of is named."""

from base64 import urlsafe_b64decode
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprep.hosting.rules import IMMUTABLE
from openprep.wire.cut.ref import (
    Digest,
    Link,
    Location,
    Ref,
    digest_of,
    hex_digest,
    image_path,
    object_path,
    pack_path,
    ref_to,
    where_path,
)


@given(st.binary(max_size=100))
def test_a_digest_is_all_of_sha256_in_43_characters(data):
    digest = digest_of(data)
    assert urlsafe_b64decode(f"{digest}=") == sha256(data).digest()
    assert msgspec.convert(digest, Digest) == digest
    assert bytes.fromhex(hex_digest(data)) == sha256(data).digest()
    assert ref_to(data) == Ref(sha256(data).hexdigest(), len(data))


@pytest.mark.parametrize(
    "wrong", ["", "A" * 42, "A" * 44, "A" * 42 + "=", "A" * 42 + "+", "A" * 43 + "\n"]
)
def test_what_is_no_digest_is_refused(wrong):
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode({"digest": wrong, "at": [1, 2, 3]}), type=Link)


def test_a_location_is_three_numbers():
    assert msgspec.json.encode(Location(1, 2, 3)) == b"[1,2,3]"


def test_every_path_is_one_that_servers_let_through():
    digest = hex_digest(b"")
    paths = (object_path(digest), ref_to(b"").path, pack_path(1), where_path(0), image_path(digest))
    assert all(IMMUTABLE.fullmatch(path) for path in paths), paths
