"""The authority of desks: it speaks for its own, is kept, and never gives its key away."""

import stat
import subprocess
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from openprep.desks.serving.certificate import (
    AUTHORITY,
    AUTHORITY_KEY,
    KEY,
    authority_in,
    certify,
)
from openprep.desks.serving.codes import HouseCode, HouseTrouble
from transmission.small_center import NOW

UNTIL = NOW + timedelta(days=20)


@pytest.fixture
def authority(tmp_path):
    return authority_in(tmp_path / "keys", "prep.internal", NOW)


def test_an_authority_is_made_once_and_its_keys_are_its_owner_s_only(tmp_path, authority):
    again = authority_in(tmp_path / "keys", "another.internal", NOW)
    assert again.fingerprint == authority.fingerprint
    certify(authority, ["captura.prep.internal", "fd00::2"], NOW, UNTIL, tmp_path / "tls")
    for path in (tmp_path / "keys" / AUTHORITY_KEY, tmp_path / "tls" / KEY):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "name",
    [
        "banco.example",
        "prep.internal.example",
        "xprep.internal",
        "Captura.prep.internal",
        "*.prep.internal",
        "captura..prep.internal",
        "-a.prep.internal",
        "a b.prep.internal",
        "",
        "8.8.8.8",
        "2001:db8::1",
        "127.0.0.1",
    ],
)
def test_a_name_that_is_not_its_own_is_certified_to_nobody(tmp_path, authority, name):
    with pytest.raises(HouseTrouble) as refusal:
        certify(authority, ["captura.prep.internal", name], NOW, UNTIL, tmp_path / "tls")
    assert refusal.value.code is HouseCode.OUTSIDE
    assert not (tmp_path / "tls").exists()


def test_who_steals_the_key_passes_for_nobody_else(tmp_path, authority):
    bank = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "banco.example")])
    forged = (
        x509.CertificateBuilder(authority.certificate.subject, bank, authority.key.public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(UNTIL)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("banco.example")]), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    (tmp_path / "forged.pem").write_bytes(forged.public_bytes(Encoding.PEM))
    said = subprocess.run(
        [
            *("openssl", "verify", "-attime", f"{NOW.timestamp():.0f}"),
            *("-CAfile", tmp_path / "keys" / AUTHORITY, tmp_path / "forged.pem"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "permitted subtree violation" in said.stdout + said.stderr


def test_a_key_that_is_there_is_not_replaced(tmp_path, authority):
    certify(authority, ["a.prep.internal"], NOW, UNTIL, tmp_path / "tls")
    before = (tmp_path / "tls" / KEY).read_bytes()
    with pytest.raises(HouseTrouble) as refusal:
        certify(authority, ["a.prep.internal"], NOW, UNTIL, tmp_path / "tls")
    assert refusal.value.code is HouseCode.CERTIFICATE_THERE
    assert (tmp_path / "tls" / KEY).read_bytes() == before


def test_a_certificate_is_not_good_for_longer_than_its_authority(tmp_path, authority):
    with pytest.raises(HouseTrouble) as refusal:
        certify(authority, ["a.prep.internal"], NOW, NOW + timedelta(days=800), tmp_path / "tls")
    assert refusal.value.code is HouseCode.AUTHORITY


def spoil_nothing_left(keys):
    (keys / AUTHORITY).unlink()


def spoil_cut_short(keys):
    (keys / AUTHORITY).write_bytes((keys / AUTHORITY).read_bytes()[:100])


def spoil_key(keys):
    (keys / AUTHORITY_KEY).write_bytes(b"-----BEGIN PRIVATE KEY-----")


def spoil_exposed(keys):
    (keys / AUTHORITY_KEY).chmod(0o644)


def spoil_another_key(keys):
    other = authority_in(keys / "other", "prep.internal", NOW)
    (keys / AUTHORITY).write_bytes(other.certificate.public_bytes(Encoding.PEM))


@pytest.mark.parametrize(
    "spoil",
    [spoil_nothing_left, spoil_cut_short, spoil_key, spoil_exposed, spoil_another_key],
)
@pytest.mark.usefixtures("authority")
def test_a_damaged_authority_certifies_nobody_and_is_not_replaced(tmp_path, spoil):
    spoil(tmp_path / "keys")
    with pytest.raises(HouseTrouble) as refusal:
        authority_in(tmp_path / "keys", "prep.internal", NOW)
    assert refusal.value.code is HouseCode.AUTHORITY
