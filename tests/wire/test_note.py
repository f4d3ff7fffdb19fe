"""Signed notes: the attacks on a signature."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from openprep.wire.note import (
    MAX_NOTE_BYTES,
    MAX_TIME,
    Cosigner,
    KeyKind,
    NoteError,
    Signature,
    Signer,
    Verifier,
    open_note,
    open_signatures,
    sign_note,
)

TEXT = "openprep/cut/v1\npuebla-2024\n12\n"


def signer(name="puebla-2024/center", seed=1):
    return Signer(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


def test_a_note_opens_with_the_key_that_signed_it():
    text, by = open_note(sign_note(TEXT, [signer()]), [signer().verifier])
    assert text == TEXT
    assert by == (signer().verifier,)


def test_the_published_example_of_the_specification_opens():
    """The example of Go's sumdb/note package, so that other people's notes are read."""
    verifier = Verifier.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
    )
    line = (
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdn"
        "gotpRZb6KE6RyyBwJnAM=\n"
    )
    assert open_note(f"{text}\n{line}".encode(), [verifier])[0] == text


def test_a_changed_digit_in_the_text_is_refused():
    note = sign_note(TEXT, [signer()]).replace(b"12", b"13")
    with pytest.raises(NoteError, match="does not match"):
        open_note(note, [signer().verifier])


def test_a_note_signed_only_by_a_stranger_is_refused():
    with pytest.raises(NoteError, match="no known key"):
        open_note(sign_note(TEXT, [signer(seed=2)]), [signer().verifier])


def test_another_key_under_the_same_name_is_a_stranger():
    impostor = signer(seed=3)
    assert impostor.name == signer().name
    with pytest.raises(NoteError, match="no known key"):
        open_note(sign_note(TEXT, [impostor]), [signer().verifier])


def test_a_strangers_signature_beside_a_known_one_is_ignored():
    note = sign_note(TEXT, [signer("someone", 2), signer()])
    assert open_note(note, [signer().verifier])[1] == (signer().verifier,)


def test_a_wrong_signature_of_a_known_key_is_not_outweighed_by_a_right_one_of_another():
    wrong = sign_note("other\n", [signer("witness", 2)]).split(b"\n\n")[1]
    note = sign_note(TEXT, [signer()]) + wrong
    with pytest.raises(NoteError, match="witness"):
        open_note(note, [signer().verifier, signer("witness", 2).verifier])


def test_a_note_that_lost_its_last_newline_is_refused_though_another_signature_holds():
    note = sign_note(TEXT, [signer(), signer("witness", 2)])
    known = [signer().verifier]
    assert open_note(note, known)[1] == tuple(known)
    with pytest.raises(NoteError, match="no signature block"):
        open_note(note[:-1], known)


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"no signature\n",
        b"text\n\n",
        b"text\n\nnot a signature\n",
        "text\n\n— name ???\n".encode(),
        "text\n\n— name é\n".encode(),
        "text\n\n— name AAAA\n".encode(),
        b"\xff\xfe\n\n",
        b"bell\x07\n\n" + "— n AAAAAAAAAA==\n".encode(),
        b"x" * (MAX_NOTE_BYTES + 1),
        b"text\n\n" + "— n AAAAAAAAAA==\n".encode() * 101,
        "text\n\n— name AAAAAAAAAA==".encode(),
    ],
)
def test_what_is_not_a_note_is_refused(note):
    with pytest.raises(NoteError):
        open_note(note, [signer().verifier])


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(data):
    with pytest.raises(NoteError):
        open_note(data, [signer().verifier])


@pytest.mark.parametrize("text", ["no newline", "bell \x07\n"])
def test_a_text_that_is_not_one_is_never_signed(text):
    with pytest.raises(NoteError):
        sign_note(text, [signer()])


@pytest.mark.parametrize("name", ["", "two words", "a+b", "tab\there", "bell\x07"])
def test_a_name_that_breaks_the_format_is_refused(name):
    with pytest.raises(NoteError):
        signer(name)


def test_a_verifier_survives_being_written_and_read():
    verifier = signer().verifier
    assert Verifier.parse(str(verifier)) == verifier


def test_a_verifier_with_another_hash_or_kind_is_refused():
    name, _, material = str(signer().verifier).split("+", 2)
    with pytest.raises(NoteError, match="hash"):
        Verifier.parse(f"{name}+00000000+{material}")
    with pytest.raises(NoteError):
        Verifier.parse("nonsense")
    ecdsa = base64.b64encode(b"\x02" + bytes(32)).decode()
    with pytest.raises(NoteError, match="Ed25519"):
        Verifier.parse(f"{name}+00000000+{ecdsa}")


def cosigner(name="witness.example/w1", seed=4):
    return Cosigner(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


def test_a_cosignature_opens_with_its_time():
    note = sign_note(TEXT, [signer()]) + cosigner().cosign(TEXT.encode(), 1717380000).encode()
    text, signatures = open_signatures(note, [signer().verifier, cosigner().verifier])
    assert text == TEXT
    assert signatures == (
        Signature(signer().verifier),
        Signature(cosigner().verifier, 1717380000),
    )


def test_the_time_of_a_cosignature_cannot_be_changed():
    line = cosigner().cosign(TEXT.encode(), 1717380000)
    blob = bytearray(base64.b64decode(line.split(" ")[2]))
    blob[11] ^= 1
    moved = f"— {cosigner().name} {base64.b64encode(blob).decode()}\n"
    with pytest.raises(NoteError, match="does not match"):
        open_note((TEXT + "\n" + moved).encode(), [cosigner().verifier])


def test_one_pair_of_keys_has_two_identities_and_neither_passes_for_the_other():
    log = Signer(cosigner().name, cosigner().private)
    assert log.verifier.key_hash != cosigner().verifier.key_hash
    note = sign_note(TEXT, [log])
    with pytest.raises(NoteError, match="no known key"):
        open_note(note, [cosigner().verifier])
    signature = log.private.sign(TEXT.encode())
    assert not cosigner().verifier.verify(TEXT.encode(), bytes(8) + signature)
    assert not log.verifier.verify(TEXT.encode(), bytes(8) + signature)


@pytest.mark.parametrize("signature", [b"", b"x" * 7, b"x" * 8, bytes(71), bytes(73), b"\xff" * 72])
def test_a_cosignature_of_another_length_or_beyond_time_is_not_one(signature):
    assert not cosigner().verifier.verify(TEXT.encode(), signature)


def test_a_time_beyond_the_format_is_not_cosigned():
    for time in (-1, MAX_TIME + 1, 2**63):
        with pytest.raises(NoteError, match="not a time"):
            cosigner().cosign(TEXT.encode(), time)


def test_a_cosignature_key_survives_being_written_and_read():
    verifier = cosigner().verifier
    assert Verifier.parse(str(verifier)) == verifier
    assert verifier.kind is KeyKind.COSIGNATURE


def test_a_second_signature_of_one_key_is_counted_once_and_must_be_right_too():
    note = sign_note(TEXT, [signer(), signer()])
    assert open_note(note, [signer().verifier])[1] == (signer().verifier,)
    wrong = sign_note("other\n", [signer()]).split(b"\n\n")[1]
    with pytest.raises(NoteError, match="does not match"):
        open_note(sign_note(TEXT, [signer()]) + wrong, [signer().verifier])
