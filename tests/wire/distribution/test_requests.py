"""A publisher's signed request: what is admitted, and what each attack on it comes to."""

import base64
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from hypothesis import given
from hypothesis import strategies as st

from openprep.wire.distribution import requests
from openprep.wire.distribution.codes import DistributionCode
from openprep.wire.distribution.requests import (
    Admission,
    NotAdmitted,
    Publisher,
    RequestParts,
    sign_request,
    verify_signature,
)

NOW = datetime(2024, 6, 3, 2, 30, tzinfo=UTC)
HOST = "difusion.example:8443"
KEY = Ed25519PrivateKey.generate()
OTHER_KEY = Ed25519PrivateKey.generate()
GET = RequestParts("GET", HOST, "/distribution/package?after=4")
POST = RequestParts("POST", HOST, "/distribution/cosignature")


VECTOR_COVERS = '"date" "@method" "@path" "@authority" "content-type" "content-length"'
VECTOR_SIGNATURE = (
    "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
)


def signed(parts=GET, key=KEY, key_id="tec", nonce="n" * 22, now=NOW, body=None):
    headers = sign_request(parts, key, key_id, nonce, now, body)
    return replace(parts, headers=(*parts.headers, *headers.items()))


def edited(parts, name, edit):
    headers = tuple((key, edit(value) if key == name else value) for key, value in parts.headers)
    assert headers != parts.headers
    return replace(parts, headers=headers)


class Office:
    """An admission, and the list of publishers that it looks into."""

    def __init__(self):
        self.enrolled = {
            "tec": Publisher("tec", KEY.public_key(), "age1tec"),
            "unam": Publisher("unam", OTHER_KEY.public_key(), "age1unam"),
        }
        self.asked = 0
        self.admission = Admission(self.find, [HOST], NOW - timedelta(hours=1))

    def find(self, key_id):
        self.asked += 1
        return self.enrolled.get(key_id)

    def refusal(self, parts, now=NOW):
        with pytest.raises(NotAdmitted) as refused:
            self.admission.admit(parts, now)
        return refused.value

    def code(self, parts, now=NOW):
        return self.refusal(parts, now).code


@pytest.fixture
def office():
    return Office()


def test_a_signed_request_is_admitted_as_its_publisher(office):
    assert office.admission.admit(signed(), NOW).publisher.id == "tec"


def test_a_body_is_admitted_with_its_digest(office):
    admitted = office.admission.admit(signed(POST, body=b"a cosignature"), NOW)
    admitted.check_body(b"a cosignature")
    for other in (b"a cosignaturE", b""):
        with pytest.raises(NotAdmitted) as refused:
            admitted.check_body(other)
        assert refused.value.code is DistributionCode.BODY


def test_a_body_where_none_was_signed_is_refused(office):
    admitted = office.admission.admit(signed(), NOW)
    admitted.check_body(b"")
    with pytest.raises(NotAdmitted):
        admitted.check_body(b"smuggled")


def test_the_vector_of_rfc_9421_b_2_6_verifies_and_its_alteration_does_not():
    key = load_pem_public_key(
        b"-----BEGIN PUBLIC KEY-----\n"
        b"MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n"
        b"-----END PUBLIC KEY-----\n"
    )
    headers = (
        ("Date", "Tue, 20 Apr 2021 02:07:55 GMT"),
        ("Content-Type", "application/json"),
        ("Content-Length", "18"),
        (
            "Signature-Input",
            "sig-b26=(" + VECTOR_COVERS + ');created=1618884473;keyid="test-key-ed25519"',
        ),
        (
            "Signature",
            f"sig-b26=:{VECTOR_SIGNATURE}:",
        ),
    )
    parts = RequestParts("POST", "example.com", "/foo?param=Value&Pet=dog", headers)
    result = verify_signature(parts, "test-key-ed25519", key)
    assert result.parameters == {"created": 1618884473, "keyid": "test-key-ed25519"}
    with pytest.raises(NotAdmitted):
        verify_signature(replace(parts, target="/fob"), "test-key-ed25519", key)


def test_the_base_that_is_signed_is_that_of_the_rfc(office):
    """Built here by hand from section 2.5, so that another implementation could sign too."""
    head = (
        '("@method" "@authority" "@path" "@query");created={};expires={};nonce="{}"'
        ';keyid="tec";alg="ed25519";tag="openprep/distribution/v1"'
    ).format(int(NOW.timestamp()), int(NOW.timestamp()) + 60, "by-hand-by-hand-by-hand")
    base = "\n".join(
        [
            '"@method": GET',
            f'"@authority": {HOST}',
            '"@path": /distribution/package',
            '"@query": ?after=4',
            f'"@signature-params": {head}',
        ]
    )
    signature = base64.b64encode(KEY.sign(base.encode())).decode()
    parts = replace(
        GET, headers=(("signature-input", f"a={head}"), ("signature", f"a=:{signature}:"))
    )
    assert office.admission.admit(parts, NOW).publisher.id == "tec"


def test_a_replayed_request_is_refused_until_it_expires_and_then_for_its_age(office):
    request = signed()
    office.admission.admit(request, NOW)
    assert office.code(request) is DistributionCode.REPLAYED
    assert office.code(request, NOW + requests.LIFETIME) is DistributionCode.REPLAYED
    later = NOW + requests.LIFETIME + timedelta(seconds=1)
    assert office.code(request, later) is DistributionCode.EXPIRED


def test_a_request_cannot_be_replayed_to_a_service_that_was_restarted(office):
    request = signed()
    office.admission.admit(request, NOW)
    office.admission = Admission(office.find, [HOST], NOW + timedelta(seconds=5))
    refusal = office.refusal(request, NOW + timedelta(seconds=6))
    assert refusal.code is DistributionCode.EXPIRED
    assert "5 s" in refusal.detail


def test_publishers_may_use_the_same_nonce(office):
    office.admission.admit(signed(), NOW)
    office.admission.admit(signed(key=OTHER_KEY, key_id="unam"), NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"method": "POST"},
        {"method": "HEAD"},
        {"target": "/distribution/package?after=5"},
        {"target": "/distribution/package"},
        {"target": "/distribution/pointer?after=4"},
        {"target": "/distribution/%70ackage?after=4"},
    ],
)
def test_an_altered_method_or_target_is_refused(office, change):
    assert office.code(replace(signed(), **change)) is DistributionCode.SIGNATURE


def test_a_request_signed_for_another_service_is_refused(office):
    elsewhere = signed(replace(GET, authority="difusion.evil:8443"))
    assert office.code(elsewhere) is DistributionCode.WRONG_AUTHORITY
    carried_over = replace(elsewhere, authority=HOST)
    assert office.code(carried_over) is DistributionCode.SIGNATURE


@pytest.mark.parametrize("authority", ["", "a b", HOST + "@evil", "evil/" + HOST, "[::1", "é.mx"])
def test_a_host_that_is_none_is_refused(office, authority):
    assert office.code(replace(signed(), authority=authority)) is DistributionCode.WRONG_AUTHORITY


def test_the_name_of_the_service_is_read_in_any_case(office):
    request = signed(replace(GET, authority=HOST.upper()))
    assert office.admission.admit(request, NOW).publisher.id == "tec"


def test_an_altered_digest_of_a_body_is_refused(office):
    request = signed(POST, body=b"mine")
    theirs = signed(POST, body=b"theirs")
    swapped = edited(request, "Content-Digest", lambda _: dict(theirs.headers)["Content-Digest"])
    assert office.code(swapped) is DistributionCode.SIGNATURE


def test_a_body_that_the_signature_does_not_cover_is_refused(office):
    assert office.code(signed(POST)) is DistributionCode.COVERAGE


def test_more_covered_than_is_agreed_is_refused(office):
    """Otherwise a header could be smuggled into what a verifier believes was asked."""
    assert office.code(signed(body=b"")) is DistributionCode.COVERAGE


def test_an_expired_request_says_by_how_much(office):
    refusal = office.refusal(signed(), NOW + timedelta(seconds=3723))
    assert refusal.code is DistributionCode.EXPIRED
    assert "3,723 s" in refusal.detail
    assert "behind" in refusal.detail


def test_a_clock_that_is_ahead_is_told_by_how_much(office):
    refusal = office.refusal(signed(now=NOW + timedelta(hours=2)))
    assert refusal.code is DistributionCode.CLOCK_AHEAD
    assert "7,200 s ahead" in refusal.detail


@pytest.mark.parametrize("seconds", [-60, 0, 60])
def test_a_clock_that_is_a_little_wrong_is_tolerated(office, seconds):
    office.admission.admit(signed(now=NOW + timedelta(seconds=seconds)), NOW)


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(seconds=-1), timedelta(hours=1)])
def test_a_request_that_would_be_valid_too_long_or_never_is_refused(office, monkeypatch, lifetime):
    monkeypatch.setattr(requests, "LIFETIME", lifetime)
    assert office.code(signed()) is DistributionCode.LIFETIME


@pytest.mark.parametrize("nonce", [None, "short", "x" * 65, "spaces in the nonce here", ""])
def test_a_request_without_a_proper_nonce_is_refused(office, nonce):
    assert office.code(signed(nonce=nonce)) is DistributionCode.COVERAGE


def test_a_signature_for_another_protocol_is_refused(office, monkeypatch):
    monkeypatch.setattr(requests, "TAG", "openprep/other/v1")
    request = signed()
    monkeypatch.undo()
    assert office.code(request) is DistributionCode.OTHER_PROTOCOL


@pytest.mark.parametrize("missing", sorted(requests.PARAMETERS))
def test_a_signature_that_leaves_out_a_parameter_is_refused(office, missing):
    """Signed by an enrolled key itself: only what it says of itself is short."""
    said = {
        "created": int(NOW.timestamp()),
        "expires": int((NOW + requests.LIFETIME).timestamp()),
        "keyid": '"tec"',
        "alg": '"ed25519"',
        "nonce": f'"{"n" * 22}"',
        "tag": f'"{requests.TAG}"',
    }
    assert office.admission.admit(signed_saying(said), NOW).publisher.id == "tec"
    del said[missing]
    codes = {"keyid": DistributionCode.MALFORMED, "tag": DistributionCode.OTHER_PROTOCOL}
    refusal = office.refusal(signed_saying(said))
    assert refusal.code is codes.get(missing, DistributionCode.COVERAGE)
    assert missing in refusal.detail


def signed_saying(parameters):
    """GET, signed over exactly these parameters (RFC 9421, 2.5)."""
    path, _, query = GET.target.partition("?")
    values = {"@method": "GET", "@authority": HOST, "@path": path, "@query": f"?{query}"}
    names = " ".join(f'"{name}"' for name in values)
    input_ = f"({names})" + "".join(f";{name}={value}" for name, value in parameters.items())
    lines = [f'"{name}": {value}' for name, value in values.items()]
    base = "\n".join([*lines, f'"@signature-params": {input_}'])
    signature = base64.b64encode(KEY.sign(base.encode())).decode()
    headers = (("Signature-Input", f"openprep={input_}"), ("Signature", f"openprep=:{signature}:"))
    return replace(GET, headers=headers)


@pytest.mark.parametrize("missing", requests.COVERED)
def test_a_request_that_covers_too_little_is_refused(office, monkeypatch, missing):
    left = tuple(name for name in requests.COVERED if name != missing)
    monkeypatch.setattr(requests, "COVERED", left)
    request = signed()
    monkeypatch.undo()
    assert office.code(request) is DistributionCode.COVERAGE


@pytest.mark.parametrize("parameter", ["expires", "created", "alg"])
def test_a_parameter_taken_away_is_refused(office, parameter):
    def without(value):
        return re.sub(rf';{parameter}=("[^"]*"|\d+)', "", value)

    assert office.code(edited(signed(), "Signature-Input", without)) is DistributionCode.SIGNATURE


def test_another_publishers_key_is_refused(office):
    assert office.code(signed(key=OTHER_KEY)) is DistributionCode.SIGNATURE


def test_a_stranger_is_refused_before_any_cryptography(office, monkeypatch):
    def never(*_):
        raise AssertionError("a stranger's signature was looked at")

    monkeypatch.setattr(requests, "verify_signature", never)
    assert office.code(signed(key_id="nobody")) is DistributionCode.UNKNOWN_PUBLISHER
    assert office.code(GET) is DistributionCode.UNSIGNED
    huge = replace(GET, headers=(("Signature-Input", "x" * 1025), ("Signature", "a=:AA==:")))
    assert office.code(huge) is DistributionCode.MALFORMED
    assert office.code(replace(signed(), target="/" + "x" * 2048)) is DistributionCode.MALFORMED
    assert office.asked == 2


def test_a_key_id_hidden_in_another_parameter_is_not_the_key_id(office):
    """The quick look for a key id is only a quick look: the parsed one decides."""
    request = signed(key=OTHER_KEY, key_id="unam")
    hidden = edited(
        request,
        "Signature-Input",
        lambda value: value.replace(";created", ';x=";keyid=\\"tec\\"";created'),
    )
    assert office.code(hidden) in {DistributionCode.SIGNATURE, DistributionCode.MALFORMED}


def test_revocation_and_admission_count_from_the_next_request(office):
    office.admission.admit(signed(nonce="a" * 22), NOW)
    office.enrolled["tec"] = replace(office.enrolled["tec"], revoked=True)
    assert office.code(signed(nonce="b" * 22)) is DistributionCode.REVOKED
    del office.enrolled["tec"]
    assert office.code(signed(nonce="b" * 22)) is DistributionCode.UNKNOWN_PUBLISHER
    new_key = Ed25519PrivateKey.generate()
    office.enrolled["tec"] = Publisher("tec", new_key.public_key(), "age1new")
    assert office.code(signed(nonce="c" * 22)) is DistributionCode.SIGNATURE
    office.admission.admit(signed(key=new_key, nonce="c" * 22), NOW)


def test_two_signatures_or_headers_are_refused(office):
    request = signed()
    twice = replace(request, headers=request.headers * 2)
    assert office.code(twice) is DistributionCode.MALFORMED
    both = edited(request, "Signature-Input", lambda value: f"{value}, {value}")
    assert office.code(both) is DistributionCode.SIGNATURE
    named = edited(
        edited(request, "Signature-Input", lambda value: f"{value}, b{value}"),
        "Signature",
        lambda value: f"{value}, b{value}",
    )
    assert office.code(named) is DistributionCode.SIGNATURE


def test_nonces_are_bounded_and_none_is_forgotten_early(office, monkeypatch):
    monkeypatch.setattr(requests, "MAX_NONCES", 3)
    first = signed(nonce="0" * 22)
    office.admission.admit(first, NOW)
    for number in (1, 2):
        office.admission.admit(signed(nonce=str(number) * 22), NOW)
    assert office.code(signed(nonce="3" * 22)) is DistributionCode.TOO_MANY_NONCES
    assert office.code(first) is DistributionCode.REPLAYED
    later = NOW + requests.LIFETIME + timedelta(seconds=1)
    office.admission.admit(signed(nonce="4" * 22, now=later), later)
    assert office.code(first, later) is DistributionCode.EXPIRED


def test_a_refused_request_uses_up_no_nonce(office):
    office.refusal(signed(key=OTHER_KEY))
    office.refusal(signed(), NOW + timedelta(hours=1))
    office.admission.admit(signed(), NOW)


@given(
    st.sampled_from(["Signature-Input", "Signature"]),
    st.text(st.characters(max_codepoint=255), max_size=200),
)
def test_whatever_stands_in_the_headers_is_refused_with_a_code(name, text):
    office = Office()
    request = signed()
    if text != dict(request.headers)[name]:
        refusal = office.refusal(edited(request, name, lambda _: text))
        assert refusal.code.code.startswith("S0")


@given(st.data())
def test_any_one_character_altered_in_the_signature_headers_is_refused(data):
    office = Office()
    request = signed()
    name = data.draw(st.sampled_from(["Signature-Input", "Signature"]))
    value = dict(request.headers)[name]
    at = data.draw(st.integers(0, len(value) - 1))
    other = data.draw(st.characters(min_codepoint=33, max_codepoint=126))
    changed = value[:at] + other + value[at + 1 :]
    if changed == value or (name == "Signature" and at >= len(value) - 4):
        return  # the last base64 digit carries bits that no signature has
    with pytest.raises(NotAdmitted):
        office.admission.admit(edited(request, name, lambda _: changed), NOW)


def test_a_refusal_names_the_host_that_came_since_a_server_in_front_may_have_changed_it(office):
    inside = "127.0.0.1:8012"
    behind = Admission(office.find, [HOST, inside], NOW - timedelta(hours=1))
    with pytest.raises(NotAdmitted) as refused:
        behind.admit(replace(signed(), authority=inside), NOW)
    assert refused.value.code is DistributionCode.SIGNATURE
    assert f"Host {inside}" in refused.value.detail
    unknown = office.refusal(replace(signed(), authority=inside))
    assert unknown.code is DistributionCode.WRONG_AUTHORITY
    assert inside in unknown.detail
    assert HOST in unknown.detail, "the names that it has are told"
