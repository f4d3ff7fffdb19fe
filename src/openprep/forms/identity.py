"""The identity that an acta or its label carries: which acta it is, signed, as the text of a QR.

``OPREP1:`` and, parted by ``:``, the ids of election, contest and acta and an Ed25519 signature in
base32 (RFC 4648, without padding). The text keeps to the characters that a QR stores closest, which
have no small letters: in an id ``+`` turns from capital to small letters and back, and whatever is
neither letter, digit, ``.`` nor ``-`` stands as ``%`` and two digits for each byte of its UTF-8. An
identity has one text only: another spelling of the same ids is refused.
"""

import re
from base64 import b32decode, b32encode
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct
from msgspec.structs import astuple

from openprep.election.declared.identifiers import LONGEST_ID
from openprep.forms.codes import FormCode, IdentityRefused

MARK: Final = "OPREP1"
SIGNED_PREFIX: Final = b"openprep/acta-identity/v1\n"

LONGEST_TEXT: Final = 1_300
"""More than three ids of any characters take; what is longer is refused unread."""

_SIGNATURE = re.compile(r"[A-Z2-7]{103}", re.ASCII)
_AS_IT_IS = re.compile(r"[A-Za-z0-9.-]", re.ASCII)
_WRITTEN_ID = re.compile(r"(?:[A-Z0-9.+-]|%[0-9A-F]{2})+", re.ASCII)


class Identity(Struct, frozen=True):
    """Which acta of which contest and election, by their ids."""

    election: str
    contest: str
    acta: str

    def message(self) -> bytes:
        """What is signed: each id after its length, so that no two identities share a message."""
        ids = [one.encode() for one in astuple(self)]
        return SIGNED_PREFIX + b"".join(b"%d:%b\n" % (len(one), one) for one in ids)

    def text(self, signature: bytes) -> str:
        """The text of the QR."""
        sealed = b32encode(signature).decode().rstrip("=")
        return ":".join((MARK, *map(_written, astuple(self)), sealed))


def sign_identity(identity: Identity, key: Ed25519PrivateKey) -> str:
    """The text of the QR that says ``identity``, signed with ``key``: the same text each time.

    Raises:
        ValueError: one of the ids can be none.
    """
    if not _can_be(identity):
        raise ValueError(f"{identity} has an id that can be none")
    return identity.text(key.sign(identity.message()))


def read_identity(text: str, election: str, key: Ed25519PublicKey) -> Identity:
    """The identity that a QR says, of the election with this id, signed by the owner of ``key``.

    Whether the election expects such an acta its catalogue says, not the signature.

    Raises:
        IdentityRefused: TOO_LONG, MALFORMED, FOREIGN or WRONG_SIGNATURE.
    """
    identity, signature = _parted(text)
    if identity.election != election:
        raise IdentityRefused(
            FormCode.FOREIGN,
            "{acta} of {contest} in {election}",
            acta=repr(identity.acta),
            contest=repr(identity.contest),
            election=repr(identity.election),
        )
    try:
        key.verify(signature, identity.message())
    except InvalidSignature as error:
        raise IdentityRefused(
            FormCode.WRONG_SIGNATURE,
            "{acta} of {contest}",
            acta=repr(identity.acta),
            contest=repr(identity.contest),
        ) from error
    return identity


def _parted(text: str) -> tuple[Identity, bytes]:
    if len(text) > LONGEST_TEXT:
        raise IdentityRefused(FormCode.TOO_LONG, "{count} characters", count=len(text))
    malformed = IdentityRefused(FormCode.MALFORMED, "{text!r}", text=text[:200])
    parts = text.split(":")
    if len(parts) != 5 or parts[0] != MARK or not _SIGNATURE.fullmatch(parts[4]):
        raise malformed
    if not all(map(_WRITTEN_ID.fullmatch, parts[1:4])):
        raise malformed
    signature = b32decode(parts[4] + "=")
    try:
        identity = Identity(*map(_read, parts[1:4]))
    except UnicodeDecodeError as error:
        raise malformed from error
    if not _can_be(identity) or identity.text(signature) != text:
        raise malformed
    return identity, signature


def _can_be(identity: Identity) -> bool:
    return all(0 < len(one) <= LONGEST_ID for one in astuple(identity))


def _written(one: str) -> str:
    """An id in capitals, digits and signs."""
    found, small = [], False
    for character in one:
        if not _AS_IT_IS.fullmatch(character):
            found.append("".join(f"%{byte:02X}" for byte in character.encode()))
            continue
        if character.isalpha() and character.islower() is not small:
            small = not small
            found.append("+")
        found.append(character.upper())
    return "".join(found)


def _read(written: str) -> str:
    """The id of what :func:`_written` made of it."""
    found, small = bytearray(), False
    for part in re.findall(r"\+|%..|[A-Z]+|[0-9.-]+", written):
        if part == "+":
            small = not small
        elif part[0] == "%":
            found.append(int(part[1:], 16))
        else:
            found += (part.lower() if small else part).encode()
    return found.decode()
