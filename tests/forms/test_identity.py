"""The signed identity of an acta: any id comes back, and only what was signed is believed."""

import re

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec import structs

from openprep.forms.codes import FormCode, IdentityRefused
from openprep.forms.identity import (
    LONGEST_TEXT,
    Identity,
    read_identity,
    sign_identity,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key()
CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
ALPHANUMERIC = re.compile(r"[0-9A-Z $%*+./:-]+", re.ASCII)
COMMON = Identity("puebla-2024", "GUB", "210113B01002")
TEXT = sign_identity(COMMON, KEY)

IDS = st.from_regex(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?", fullmatch=True)
TOKENS = st.from_regex(r"[^\s\\,;|\"'\ud800-\udfff]{1,64}", fullmatch=True)
IDENTITIES = st.builds(Identity, IDS, IDS, TOKENS)


def refused(text, election=COMMON.election, key=PUBLIC):
    with pytest.raises(IdentityRefused) as caught:
        read_identity(text, election, key)
    return caught.value.code


@settings(max_examples=40)
@given(IDENTITIES)
def test_every_identity_comes_back_whatever_its_ids(identity):
    text = sign_identity(identity, KEY)
    assert ALPHANUMERIC.fullmatch(text)
    assert len(text) <= LONGEST_TEXT
    assert read_identity(text, identity.election, PUBLIC) == identity


@pytest.mark.parametrize("acta", ["210113B01002", "210000M00002@000", "aB-c.d_e", "ñandú", "+%41:"])
def test_an_id_with_signs_and_small_letters_comes_back(acta):
    identity = structs.replace(COMMON, acta=acta)
    assert read_identity(sign_identity(identity, KEY), COMMON.election, PUBLIC) == identity


def test_an_identity_as_elections_have_them_fits_a_qr_of_version_6():
    assert len(TEXT) <= 154


def test_the_longest_ids_are_not_too_long():
    longest = Identity("_" * 64, "aB" * 32, "\U0001f5f3" * 64)
    text = sign_identity(longest, KEY)
    assert len(text) <= LONGEST_TEXT
    assert read_identity(text, longest.election, PUBLIC) == longest


@given(st.integers(0, len(TEXT) - 1), st.sampled_from(CHARACTERS))
def test_a_character_that_was_changed_is_refused(at, character):
    assume(TEXT[at] != character)
    refused(TEXT[:at] + character + TEXT[at + 1 :])


@given(st.integers(0, len(TEXT) - 1))
def test_a_character_that_was_lost_is_refused(at):
    refused(TEXT[:at] + TEXT[at + 1 :])


@settings(max_examples=40)
@given(IDENTITIES, IDENTITIES)
def test_no_two_identities_share_a_text_or_a_message(one, other):
    assume(one != other)
    assert one.message() != other.message()
    assert sign_identity(one, KEY) != sign_identity(other, KEY)


def test_the_bounds_of_ids_cannot_be_moved():
    moved = Identity("puebla-2024", "GU", "B210113B01002")
    assert moved.message() != COMMON.message()
    signature = TEXT.rpartition(":")[2]
    assert refused(f"OPREP1:+PUEBLA-2024:GU:B210113B01002:{signature}") is FormCode.WRONG_SIGNATURE


def test_an_acta_of_another_election_is_refused():
    assert refused(TEXT, election="puebla-2027") is FormCode.FOREIGN


def test_another_s_signature_is_refused():
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    assert refused(sign_identity(COMMON, other)) is FormCode.WRONG_SIGNATURE


def test_a_signature_made_for_something_else_is_refused():
    bare = COMMON.message().removeprefix(b"openprep/acta-identity/v1\n")
    assert refused(COMMON.text(KEY.sign(bare))) is FormCode.WRONG_SIGNATURE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "OPREP1:TL",
        "https://example.mx/acta",
        TEXT.lower(),
        TEXT + " ",
        "\n" + TEXT,
        TEXT.replace("OPREP1", "OPREP2"),
        TEXT.replace("+PUEBLA", "++PUEBLA+"),
        TEXT.replace("210113B", "%32%31%30113B"),
        TEXT.replace("210113B01002", ""),
        TEXT.replace("210113B01002", "%FF"),
        TEXT.replace("210113B01002", "2" * 65),
        TEXT.replace("210113B01002", "%6"),
        TEXT[:-1] + ("B" if TEXT[-1] != "B" else "C"),
    ],
)
def test_another_spelling_or_another_code_is_malformed(text):
    assert refused(text) is FormCode.MALFORMED


def test_what_is_too_long_is_refused_unread():
    assert refused("OPREP1:" + "%" * LONGEST_TEXT) is FormCode.TOO_LONG


@pytest.mark.parametrize("acta", ["", "2" * 65, "\ud800"])
def test_no_identity_is_signed_that_none_could_read(acta):
    with pytest.raises(ValueError):  # noqa: PT011 - nothing is said of it but that
        sign_identity(structs.replace(COMMON, acta=acta), KEY)
