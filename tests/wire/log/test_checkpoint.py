"""Checkpoints, cosignatures and proofs that stand alone: what a log or a witness might try."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from openprep.wire.log.checkpoint import (
    Checkpoint,
    CheckpointError,
    add_cosignature,
    cosign_checkpoint,
    line_of,
    merge_cosignatures,
    open_checkpoint,
    sign_checkpoint,
)
from openprep.wire.log.merkle import MerkleTree, inclusion_proof, leaf_hash
from openprep.wire.log.proof import MAX_PROOF_BYTES, LogProof, ProofError
from openprep.wire.note import MAX_TIME, Cosigner, NoteError, Signature, Signer, Verifier, sign_note
from small.trust import cosignature_at

ORIGIN = "openprep.mx/puebla-2024"


def key(seed):
    return Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)


LOG = Signer(ORIGIN, key(1))
W1, W2 = (Cosigner(f"publisher-{n}.example", key(10 + n)) for n in (1, 2))
WITNESSES = [W1.verifier, W2.verifier]
TREE = MerkleTree()
ENTRIES = [b"entry %d" % n for n in range(300)]
TREE.extend(map(leaf_hash, ENTRIES))
CHECKPOINT = Checkpoint(ORIGIN, 300, TREE.root())
NOTE = sign_checkpoint(CHECKPOINT, [LOG])


def opened(note, log=(LOG.verifier,), witnesses=WITNESSES, origin=ORIGIN):
    return open_checkpoint(note, origin=origin, log=log, witnesses=witnesses)


def test_a_checkpoint_opens_with_who_signed_and_who_cosigned_when():
    note = NOTE
    for witness, time in ((W1, 1717380001), (W2, 1717380002)):
        note = add_cosignature(note, cosign_checkpoint(CHECKPOINT, witness, time), WITNESSES)
    result = opened(note)
    assert result.checkpoint == CHECKPOINT
    assert result.signed_by == (LOG.verifier,)
    assert result.cosignatures == (
        Signature(W1.verifier, 1717380001),
        Signature(W2.verifier, 1717380002),
    )


def test_the_published_example_of_a_checkpoint_is_read():
    """The example of C2SP tlog-checkpoint."""
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    assert Checkpoint.parse(text).size == 20852163
    assert Checkpoint.parse(text).text() == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n1\n",
        CHECKPOINT.text().replace("\n300\n", "\n0300\n"),
        CHECKPOINT.text().replace("\n300\n", "\n+300\n"),
        CHECKPOINT.text().replace("\n300\n", "\n-300\n"),
        CHECKPOINT.text().replace("\n300\n", "\n3_00\n"),
        CHECKPOINT.text().replace("\n300\n", "\n٣\n"),
        CHECKPOINT.text().replace("\n300\n", "\n9223372036854775808\n"),
        CHECKPOINT.text().replace("\n300\n", "\n" + "9" * 5000 + "\n"),
        CHECKPOINT.text().replace("\n300\n", "\n300 \n"),
        CHECKPOINT.text() + "extension\n",
        CHECKPOINT.text()[:-1],
        CHECKPOINT.text().replace("=\n", "\n"),
        CHECKPOINT.text().replace(ORIGIN, ""),
        "o\n1\nAAAA\n",
        "o\n1\n" + "A" * 42 + "B=\n",
    ],
)
def test_a_checkpoint_has_one_form_only(text):
    with pytest.raises(CheckpointError):
        Checkpoint.parse(text)
    with pytest.raises((CheckpointError, NoteError)):
        opened((text + "\n" + LOG.sign(text.encode())).encode())


@given(st.text(max_size=100))
def test_no_text_breaks_the_reader_of_checkpoints(text):
    with pytest.raises(CheckpointError):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    "checkpoint",
    [
        Checkpoint("two\nlines", 1, bytes(32)),
        Checkpoint("", 1, bytes(32)),
        Checkpoint(ORIGIN, -1, bytes(32)),
        Checkpoint(ORIGIN, 1, bytes(31)),
    ],
)
def test_what_no_reader_would_take_is_never_signed(checkpoint):
    with pytest.raises(CheckpointError):
        sign_checkpoint(checkpoint, [LOG])


def test_a_checkpoint_of_another_log_under_the_same_key_is_refused():
    other = sign_checkpoint(Checkpoint("openprep.mx/drill", 300, TREE.root()), [LOG])
    with pytest.raises(CheckpointError, match="drill"):
        opened(other)


def test_witnesses_do_not_replace_the_logs_signature():
    line = cosign_checkpoint(CHECKPOINT, W1, 1)
    with pytest.raises(NoteError, match="no key of the log"):
        opened((CHECKPOINT.text() + "\n" + line).encode())


def test_a_changed_root_or_size_is_refused():
    for forged in (NOTE.replace(b"\n300\n", b"\n301\n"), NOTE.replace(b"\n300\n", b"\n30\n")):
        with pytest.raises(NoteError, match="does not match"):
            opened(forged)


def test_another_signed_text_of_the_centre_is_no_checkpoint():
    """The key of the log may sign statements about cuts as well: none can pass for the other."""
    statement = sign_note("openprep/cut/v1\nx\n1\n2024-06-02T00:00:00-06:00\nab\n1\n", [LOG])
    with pytest.raises(CheckpointError):
        opened(statement)


def test_a_key_of_the_other_kind_is_a_mistake_that_is_told():
    with pytest.raises(CheckpointError, match="another kind"):
        opened(NOTE, log=[W1.verifier])
    with pytest.raises(CheckpointError, match="another kind"):
        opened(NOTE, witnesses=[LOG.verifier])


def test_a_newer_cosignature_replaces_the_older_and_an_older_changes_nothing():
    old, new = (cosign_checkpoint(CHECKPOINT, W1, time) for time in (100, 200))
    note = add_cosignature(add_cosignature(NOTE, old, WITNESSES), new, WITNESSES)
    assert opened(note).cosignatures == (Signature(W1.verifier, 200),)
    assert note.count(W1.name.encode()) == 1
    assert add_cosignature(note, old, WITNESSES) == note
    assert add_cosignature(note, new, WITNESSES) == note


@pytest.mark.parametrize("seconds", [MAX_TIME + 1, 253_402_300_800, 2**63 - 1, 2**64 - 1])
def test_a_cosignature_of_a_time_that_does_not_count_is_none(seconds):
    line = cosignature_at(W1, CHECKPOINT.text(), seconds)
    with pytest.raises(NoteError, match="does not count"):
        add_cosignature(NOTE, line, WITNESSES)
    spoiled = NOTE + line.encode()
    assert merge_cosignatures(NOTE, spoiled, WITNESSES) == (NOTE, 0)
    assert merge_cosignatures(spoiled, NOTE, WITNESSES)[1] == 0
    assert line_of(spoiled, W1.verifier) is None
    assert opened(spoiled).cosignatures == ()
    mended = add_cosignature(spoiled, cosign_checkpoint(CHECKPOINT, W1, 100), WITNESSES)
    assert opened(mended).cosignatures == (Signature(W1.verifier, 100),)


def test_a_wrong_unknown_or_misplaced_cosignature_is_never_merged():
    other = Checkpoint(ORIGIN, 299, TREE.root(299))
    stranger = Cosigner("stranger.example", key(99))
    impostor = Cosigner(W1.name, key(98))
    for line in (
        cosign_checkpoint(other, W1, 1),
        cosign_checkpoint(CHECKPOINT, stranger, 1),
        cosign_checkpoint(CHECKPOINT, impostor, 1),
        LOG.sign(CHECKPOINT.text().encode()),
        "",
        "— name !!\n",
        cosign_checkpoint(CHECKPOINT, W1, 1) + cosign_checkpoint(CHECKPOINT, W2, 1),
        "\n\n" + cosign_checkpoint(CHECKPOINT, W1, 1),
    ):
        with pytest.raises(NoteError):
            add_cosignature(NOTE, line, WITNESSES)


def test_a_spoilt_line_of_a_witness_gives_way_to_its_right_one():
    wrong = cosign_checkpoint(Checkpoint(ORIGIN, 299, TREE.root(299)), W1, MAX_TIME)
    right = cosign_checkpoint(CHECKPOINT, W1, 1)
    note = add_cosignature(NOTE + wrong.encode(), right, WITNESSES)
    assert opened(note).cosignatures == (Signature(W1.verifier, 1),)


def test_a_note_takes_a_hundred_signatures_and_no_more():
    witnesses = [Cosigner(f"w{n}.example", key(20 + n)) for n in range(100)]
    known = [witness.verifier for witness in witnesses]
    note = NOTE
    for witness in witnesses[:99]:
        note = add_cosignature(note, cosign_checkpoint(CHECKPOINT, witness, 1), known)
    assert len(opened(note, witnesses=known).cosignatures) == 99
    with pytest.raises(NoteError, match="more than 100"):
        add_cosignature(note, cosign_checkpoint(CHECKPOINT, witnesses[99], 1), known)


def proof_of(index, extra=None):
    return LogProof(index, tuple(inclusion_proof(index, 300, TREE.node)), NOTE, extra)


@given(st.integers(0, 299), st.none() | st.binary(max_size=50))
def test_a_proof_survives_being_written_and_proves_its_entry(index, extra):
    proof = LogProof.parse(proof_of(index, extra).encode())
    assert proof == proof_of(index, extra)
    result = proof.verify(ENTRIES[index], origin=ORIGIN, log=[LOG.verifier])
    assert result.checkpoint == CHECKPOINT


def test_a_proof_reads_as_the_specification_says():
    lines = proof_of(0, b"\0").encode().decode().split("\n")
    assert lines[:3] == ["c2sp.org/tlog-proof@v1", "extra AA==", "index 0"]
    assert lines[3 + 9 :] == ["", *NOTE.decode().split("\n")]


def test_a_proof_is_of_no_other_entry_and_no_other_place():
    proof = proof_of(7)
    with pytest.raises(ProofError, match="not leaf 7"):
        proof.verify(ENTRIES[8], origin=ORIGIN, log=[LOG.verifier])
    moved = LogProof(8, proof.hashes, NOTE)
    with pytest.raises(ProofError, match="not leaf 8"):
        moved.verify(ENTRIES[7], origin=ORIGIN, log=[LOG.verifier])


def test_a_proof_under_a_checkpoint_that_nobody_known_signed_proves_nothing():
    forged = LogProof(7, proof_of(7).hashes, sign_checkpoint(CHECKPOINT, [Signer(ORIGIN, key(9))]))
    with pytest.raises(NoteError, match="no known key"):
        forged.verify(ENTRIES[7], origin=ORIGIN, log=[LOG.verifier])


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: data.replace(b"@v1", b"@v2"),
        lambda data: data.replace(b"index 7", b"index 07"),
        lambda data: data.replace(b"index 7", b"index -7"),
        lambda data: data.replace(b"index 7", b"index " + b"9" * 30),
        lambda data: data.replace(b"index 7\n", b""),
        lambda data: data.replace(b"index 7", b"extra \nindex 7").replace(
            b"extra \n", b"extra !\n"
        ),
        lambda data: data.replace(b"index 7\n", b"index 7\nAAAA\n"),
        lambda data: data.replace(b"index 7\n", b"index 7\n" + (b"A" * 43 + b"=\n") * 60),
        lambda data: data.replace(b"index 7\n", b"index 7\r\n"),
        lambda data: data.partition(b"\n\n")[0],
        lambda data: data + b"x" * MAX_PROOF_BYTES,
        lambda data: "é".encode() + data,
    ],
)
def test_what_is_not_a_proof_is_refused(change):
    with pytest.raises(ProofError):
        LogProof.parse(change(proof_of(7).encode()))


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader_of_proofs(data):
    for text in (data, b"c2sp.org/tlog-proof@v1\n" + data):
        try:
            proof = LogProof.parse(text)
        except ProofError:
            continue
        assert proof.encode() == text


def test_a_public_key_of_the_log_is_read_from_its_text():
    assert Verifier.parse(str(LOG.verifier)) == LOG.verifier
