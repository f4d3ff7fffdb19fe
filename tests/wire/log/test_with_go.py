"""A real log of ours, read by other people's software: the Go team's sumdb/note and sumdb/tlog."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.hosting import TreeDirectory
from openprep.hosting.log import LogWriter
from openprep.wire.log.checkpoint import add_cosignature, cosign_checkpoint, sign_checkpoint
from openprep.wire.note import Cosigner, Signer

PROGRAM = Path(__file__).parent / "go" / "readlog.go"
ORIGIN = "openprep.mx/puebla-2024"
LOG = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
WITNESS = Cosigner("difusor.example/w1", Ed25519PrivateKey.from_private_bytes(b"w" * 32))
SIZES = (1_300, 70_000)
"""With partial tiles on two levels, then on three: the example of tlog-tiles."""


@pytest.fixture(scope="module")
def readlog(tmp_path_factory):
    folder = tmp_path_factory.mktemp("go")
    environment = {
        "GO111MODULE": "off",
        "GOPATH": "/usr/share/gocode",
        "GOCACHE": str(folder / "cache"),
        "GOFLAGS": "",
        "HOME": str(folder),
        "PATH": os.environ["PATH"],
    }
    program = folder / "readlog"
    subprocess.run(["go", "build", "-o", program, PROGRAM], env=environment, check=True)
    return program


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("log")
    log = LogWriter(TreeDirectory(folder), ORIGIN)
    for size in SIZES:
        log.append(
            [b'{"leaf":"acta","n":%d}' % n + b"x" * (n % 100) for n in range(log.size, size)]
        )
        checkpoint = log.stage().checkpoint
        note = sign_checkpoint(checkpoint, [LOG])
        line = cosign_checkpoint(checkpoint, WITNESS, 1717380000 + size)
        note = add_cosignature(note, line, [WITNESS.verifier])
        (folder / f"{size}.note").write_bytes(note)
    return folder


@pytest.fixture
def public(made, tmp_path):
    """A copy to be damaged."""
    return Path(shutil.copytree(made, tmp_path / "public", symlinks=True))


def read(program, folder):
    notes = [folder / f"{size}.note" for size in SIZES]
    keys = [ORIGIN, str(LOG.verifier), str(WITNESS.verifier)]
    words = [program, folder, *keys, *notes]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_go_opens_our_checkpoints_and_proves_our_entries_out_of_our_tiles(readlog, public):
    answer = read(readlog, public)
    assert answer.stderr == ""
    assert answer.stdout == "1300 to 70000 leaves, 560 entries proved\n"


REFUSALS = (
    "inconsistent tile",
    "invalid transparency proof",
    "is not the leaf that was signed",
    "invalid signature",
)
"""Which one depends on the package's release: x/mod 0.7 leaves some tiles to the proof's check."""


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/100",
        "tile/0/273.p/112",
        "tile/1/000",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
        "tile/entries/273.p/112",
        "tile/entries/000",
        "1300.note",
        "70000.note",
    ],
)
def test_go_sees_one_changed_bit(readlog, public, path):
    data = bytearray((public / path).read_bytes())
    data[30] ^= 1
    (public / path).write_bytes(data)
    answer = read(readlog, public)
    assert answer.returncode == 1
    assert any(refusal in answer.stderr for refusal in REFUSALS), answer.stderr


def test_go_sees_a_rewritten_history(readlog, public, tmp_path):
    """A second log under the same key whose past differs by one entry."""
    other = LogWriter(TreeDirectory(tmp_path / "other"), ORIGIN)
    other.append([b"another %d" % n for n in range(SIZES[0])])
    note = sign_checkpoint(other.checkpoint(), [LOG])
    line = cosign_checkpoint(other.checkpoint(), WITNESS, 1)
    note = add_cosignature(note, line, [WITNESS.verifier])
    (public / f"{SIZES[0]}.note").write_bytes(note)
    answer = read(readlog, public)
    assert answer.returncode == 1
    assert "proof" in answer.stderr
