"""Names and certificates of houses without the network, from an authority of their own.

Browsers give camera and storage to secure pages only, and the authorities that they know certify no
machine that has no public name. So the election has an authority for its desks, which machines of
the houses are made to trust. It may speak for one domain of the election's own and for addresses of
private networks (RFC 5280, 4.2.1.10): whoever steals its key can pass for no bank.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from openprep.bounded import TooMany, whole_file
from openprep.desks.serving.codes import HouseCode, HouseTrouble
from openprep.durable import make_folder, write_durably
from openprep.private import create_private, read_private

AUTHORITY, AUTHORITY_KEY = "desks-authority.pem", "desks-authority.key"
CERTIFICATE, KEY = "desks.pem", "desks.key"

DOMAIN: Final = "prep.internal"
"""For private use, under a name that nobody else is given (ICANN, 2024)."""

PRIVATE: Final[tuple[IPv4Network | IPv6Network, ...]] = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))
)
"""Addresses of private networks (RFC 1918, RFC 4193)."""

GOOD_FOR: Final = timedelta(days=731)
"""How long an authority is good."""

BEFORE: Final = timedelta(days=30)
"""Good since then: machines without the network are behind."""

_MOST_BYTES: Final = 64 * 1024
_DNS = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))+")


class DeskAuthority(NamedTuple):
    """An authority for desks: its certificate, and the key that signs those of houses."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of its certificate, as browsers show it."""
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def authority_in(folder: Path, domain: str, now: datetime) -> DeskAuthority:
    """The authority that is kept in ``folder``; it is made for ``domain`` if there is none.

    Raises:
        HouseTrouble: AUTHORITY, or OUTSIDE where the domain is none.
        OSError: it cannot be kept.
    """
    where = folder / AUTHORITY
    if where.exists() or (folder / AUTHORITY_KEY).exists():
        return _kept(folder)
    if _DNS.fullmatch(domain) is None:
        raise HouseTrouble(HouseCode.OUTSIDE, "{name}", name=domain)
    made = _made(domain, now)
    make_folder(folder)
    create_private(folder / AUTHORITY_KEY, _pem_of(made.key))
    write_durably(where, made.certificate.public_bytes(Encoding.PEM))
    return made


def _made(domain: str, now: datetime) -> DeskAuthority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"OpenPREP desks of {domain}")
    permitted = [x509.DNSName(domain), *map(x509.IPAddress, PRIVATE)]
    builder = (
        _begun(name, key, now, now + GOOD_FOR)
        .issuer_name(name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
    )
    return DeskAuthority(builder.sign(key, hashes.SHA256()), key)


def _kept(folder: Path) -> DeskAuthority:
    try:
        certificate = x509.load_pem_x509_certificate(whole_file(folder / AUTHORITY, _MOST_BYTES))
        key = load_pem_private_key(read_private(folder / AUTHORITY_KEY, _MOST_BYTES), None)
        certificate.verify_directly_issued_by(certificate)
    except (OSError, TooMany, ValueError, TypeError, InvalidSignature) as error:
        kind = type(error).__name__
        raise HouseTrouble(
            HouseCode.AUTHORITY, "{folder}: {kind}", folder=folder, kind=kind
        ) from None
    is_its = isinstance(key, ec.EllipticCurvePrivateKey) and (
        key.public_key() == certificate.public_key()
    )
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not is_its:
        raise HouseTrouble(HouseCode.AUTHORITY, "{folder}: another key", folder=folder)
    return DeskAuthority(certificate, key)


def certify(
    authority: DeskAuthority, names: Sequence[str], now: datetime, until: datetime, out: Path
) -> None:
    """Make the key and the certificate of a house that is reached under ``names``, in ``out``.

    Raises:
        HouseTrouble: OUTSIDE, a name that the authority may not speak for; AUTHORITY, it is over
            before ``until``; CERTIFICATE_THERE.
        OSError: they cannot be kept.
    """
    found = [_general_name(name, authority) for name in names]
    if until > authority.certificate.not_valid_after_utc:
        over = authority.certificate.not_valid_after_utc.isoformat()
        raise HouseTrouble(HouseCode.AUTHORITY, "it is over at {over}", over=over)
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority.certificate
    certificate = (
        _begun(_name(names[0]), key, now, until)
        .issuer_name(issuer.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(found), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()),
            critical=False,
        )
        .sign(authority.key, hashes.SHA256())
    )
    make_folder(out)
    try:
        create_private(out / KEY, _pem_of(key))
    except FileExistsError as error:
        raise HouseTrouble(HouseCode.CERTIFICATE_THERE, "{out}", out=out) from error
    chain = (certificate, issuer)
    write_durably(out / CERTIFICATE, b"".join(one.public_bytes(Encoding.PEM) for one in chain))


def _general_name(name: str, authority: DeskAuthority) -> x509.GeneralName:
    """A name or an address, which the authority may speak for."""
    allowed = authority.certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    permitted = allowed.permitted_subtrees or []
    try:
        address = ip_address(name)
    except ValueError:
        domains = [one.value for one in permitted if isinstance(one, x509.DNSName)]
        within = any(name == one or name.endswith(f".{one}") for one in domains)
        if within and _DNS.fullmatch(name) and len(name) <= 64:
            return x509.DNSName(name)
    else:
        networks = [one.value for one in permitted if isinstance(one, x509.IPAddress)]
        if any(isinstance(one, IPv4Network | IPv6Network) and address in one for one in networks):
            return x509.IPAddress(address)
    raise HouseTrouble(HouseCode.OUTSIDE, "{name}", name=name)


def _begun(
    subject: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    """What every certificate says of whose it is, and of when it is good."""
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BEFORE)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
