"""The document of trust and the enrolment request: bounded, exact, and spoken aloud."""

import hashlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprep.ceremony.enrolment import Changes, change
from openprep.wire.distribution.enrolment import MAX_REQUEST_BYTES, parse_request, write_request
from openprep.wire.note import Signer, sign_note
from openprep.wire.trust import (
    MAX_TRUST_BYTES,
    LogIdentity,
    LogKey,
    StationEnrolment,
    TrustError,
    cosigner_key,
    differing_groups,
    encode_trust,
    fingerprint,
    parse_trust,
    spoken_form,
)
from small.trust import (
    NOW,
    SmallTrust,
    base64_public,
    cosigner_text,
    new_key,
    publisher,
    request,
    verifier,
)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    founded = SmallTrust(tmp_path_factory.mktemp("trust")).found()
    stations = [StationEnrolment("D01", "Distrito 1", base64_public(new_key()), ("AYUN/001",))]
    requests = [request("tec"), request("unam")]
    return change(founded, Changes(requests=requests, stations=stations), NOW)


def refused(reason):
    return pytest.raises(TrustError, match=reason)


def with_changes(data, **changes):
    return encode_trust(msgspec.structs.replace(data, **changes))


def test_the_document_is_read_back_as_it_was_written(data):
    assert parse_trust(encode_trust(data)) == data


def test_a_document_that_is_too_large_is_not_even_parsed():
    with refused("more than"):
        parse_trust(b" " * (MAX_TRUST_BYTES + 1))


@pytest.mark.parametrize("bad", [b"", b"[]", b"{}", b"[" * 100_000, b"\xff", b'{"schema": 1}'])
def test_what_is_not_a_document_of_trust_is_refused(bad):
    with refused("not a document of trust"):
        parse_trust(bad)


def test_a_field_that_is_not_known_is_refused_and_not_ignored(data):
    fields = msgspec.json.decode(encode_trust(data))
    fields["publishers"][0]["administrator"] = True
    with refused("administrator"):
        parse_trust(msgspec.json.encode(fields))


def test_a_later_schema_is_refused_by_its_number(data):
    with refused("schema 2"):
        parse_trust(with_changes(data, schema=2))


def test_one_key_never_stands_for_two(data):
    tec, unam = data.publishers
    shared = msgspec.structs.replace(unam, request_key=tec.request_key)
    with refused("public key .* twice"):
        parse_trust(with_changes(data, publishers=(tec, shared)))
    shared = msgspec.structs.replace(unam, recipient=tec.recipient)
    with refused("recipient .* twice"):
        parse_trust(with_changes(data, publishers=(tec, shared)))
    as_station = (StationEnrolment("D01", "", tec.request_key),)
    with refused("public key .* twice"):
        parse_trust(with_changes(data, stations=as_station))


def test_ids_are_unique(data):
    with refused("publisher tec stands there twice"):
        parse_trust(with_changes(data, publishers=(data.publishers[0], publisher("tec"))))


@pytest.mark.parametrize(
    "address",
    [
        "http://prep.tec.example",
        "ftp://prep.tec.example",
        "https://",
        "https://user@prep.tec.example",
        "https://prep.tec.example/?a=b",
        "https://prep.tec.example/\n",
        "javascript:alert(1)",
        "https://[::1",
    ],
)
def test_an_address_that_is_not_https_is_refused_outside_of_drills(data, address):
    with refused("not an https address"):
        parse_trust(with_changes(data, publishers=(publisher("tec", addresses=(address,)),)))


def test_a_drill_on_one_machine_may_use_plain_addresses(data):
    plain = publisher("tec", addresses=("http://10.0.0.7:8020",))
    with refused("https"):
        parse_trust(with_changes(data, publishers=(plain,)))
    parse_trust(with_changes(data, publishers=(plain,), drill=True))


@pytest.mark.parametrize("recipient", ["", "age1xyz", "AGE-SECRET-KEY-1", "ssh-ed25519 AAAA"])
def test_a_recipient_that_age_would_not_take_is_refused(data, recipient):
    with refused("recipient"):
        parse_trust(with_changes(data, publishers=(publisher("tec", recipient=recipient),)))


def test_a_cosigner_is_a_key_of_type_4_with_its_own_hash():
    key = new_key()
    text = cosigner_text("tec.example/w", key)
    assert cosigner_key(text) == key.public_key().public_bytes_raw()
    with refused("type 0x04"):
        cosigner_key(str(verifier("tec.example/w", key)))
    with refused("hash"):
        cosigner_key(text.replace("tec.example/w", "other"))


def test_a_log_key_signs_the_cuts_of_its_range_only():
    old, new = verifier("log", new_key()), verifier("log", new_key())
    log = LogIdentity("log", (LogKey(str(old), 0, 41), LogKey(str(new), 40)))
    assert log.verifiers_at(0) == (old,)
    assert log.verifiers_at(40) == (old, new)
    assert log.verifiers_at(42) == (new,)


# the number spoken aloud


@given(st.binary(min_size=32, max_size=32))
def test_a_number_is_eight_groups_of_five_digits_and_equal_to_itself(digest):
    number = spoken_form(digest)
    assert [len(group) for group in number.split(" ")] == [5] * 8
    assert int(number.replace(" ", "")) == int.from_bytes(digest) % 10**40
    assert differing_groups(number.replace(" ", " – "), number) == ()


@pytest.mark.parametrize("spoken", ["", "12345", "1" * 39, "1" * 41, "uno dos tres", "١" * 40])
def test_a_number_that_is_not_forty_digits_is_refused(spoken):
    with refused("40 digits"):
        differing_groups(spoken, spoken_form(b"\x00" * 32))


def test_signatures_do_not_change_the_number_and_anything_else_does(tmp_path):
    trust = SmallTrust(tmp_path)
    trust.forge("1.root.json", lambda root: None, trust.keys["notary"])
    assert fingerprint(trust.served["1.root.json"]) == trust.fingerprint

    def weaken(root):
        root.roles["targets"].threshold = 1

    trust.forge("1.root.json", weaken, *trust.keys.values())
    assert fingerprint(trust.served["1.root.json"]) != trust.fingerprint


# the enrolment request


def signed_request(**changes):
    key = new_key()
    made = request("tec", key=key, **changes)
    return made, write_request(made, key)


def test_a_request_is_read_back_and_compared_aloud():
    made, note = signed_request()
    assert parse_request(note) == made
    assert parse_request(note).fingerprint == made.fingerprint
    assert made.fingerprint == spoken_form(hashlib.sha256(made.text().encode()).digest())


def test_a_request_fits_one_qr_code_with_long_names_and_all_addresses():
    addresses = tuple(f"https://prep-{n}.universidad.example/resultados" for n in range(8))
    _, note = signed_request(name="Instituto Tecnológico y de Estudios " * 4, addresses=addresses)
    assert len(note) < MAX_REQUEST_BYTES


def test_a_request_survives_mail():
    made, note = signed_request()
    assert parse_request(b"\r\n" + note.replace(b"\n", b"\r\n") + b"\r\n") == made


def test_every_altered_line_of_a_request_is_refused():
    _, note = signed_request()
    other, _ = signed_request(name="Otra", addresses=("https://otra.example",))
    theirs, ours = other.text().split("\n"), note.decode().split("\n\n")[0].split("\n")
    changed = 0
    for number, (line, replacement) in enumerate(zip(ours, theirs, strict=False)):
        if line != replacement:
            altered = [*ours[:number], replacement, *ours[number + 1 :]]
            data = "\n".join(altered).encode() + b"\n\n" + note.partition(b"\n\n")[2]
            with pytest.raises(TrustError):
                parse_request(data)
            changed += 1
    assert changed >= 5


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_no_request(data):
    with pytest.raises(TrustError):
        parse_request(data)


@pytest.mark.parametrize("line", ["administrator yes", "id tec", "name other", ""])
def test_a_request_with_a_line_more_is_refused(line):
    made, note = signed_request()
    text, _, signature = note.decode().partition("\n\n")
    with pytest.raises(TrustError):
        parse_request(f"{text}\n{line}\n\n{signature}".encode())
    assert parse_request(note) == made


def test_a_request_has_one_form_only_even_if_its_maker_signs_another():
    key = new_key()
    lines = request("tec", key=key).text().splitlines(keepends=True)
    lines[1], lines[2] = lines[2], lines[1]
    with refused("exact form"):
        parse_request(sign_note("".join(lines), [Signer("tec", key)]))


def test_a_request_signed_by_another_key_is_refused():
    made = request("tec")
    with refused("signed by the request key"):
        write_request(made, new_key())


def test_a_name_of_two_lines_cannot_slip_a_field_in():
    key = new_key()
    with pytest.raises(TrustError):
        write_request(request("tec", key=key, name="Tec\naddress https://evil.example"), key)
