"""What the code on an image says: which acta the paper claims to be. Nothing here is the centre's.

The form of the text is told in ``docs/commands/forms.md``. Whoever writes and checks these codes
has code of their own for it (``forms/``), which is not used here.
"""

import re
from base64 import b32decode
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from openprep.audit.codes import AuditCode, AuditRefused

_TEXT: Final = re.compile(r"OPREP1:([^:]+):([^:]+):([^:]+):([A-Z2-7]{103})", re.ASCII)
_KEY: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SIGNED: Final = "openprep/acta-identity/v1\n"


class Claim(NamedTuple):
    """Which acta of which election a code says, and the signature under it, unverified."""

    election: str
    contest: str
    acta: str
    signature: bytes

    @property
    def key(self) -> tuple[str, str]:
        """The acta that it says, by its contest and id."""
        return self.contest, self.acta

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether the owner of ``key`` signed what is claimed."""
        lines = (f"{len(one.encode())}:{one}\n" for one in self[:3])
        try:
            key.verify(self.signature, (_SIGNED + "".join(lines)).encode())
        except InvalidSignature:
            return False
        return True


def claim_in(text: str) -> Claim | None:
    """What the text of a code claims; ``None`` where it names no acta, as a corner of a form."""
    parts = _TEXT.fullmatch(text)
    if parts is None:
        return None
    ids = [_spelt(part) for part in parts.groups()[:3]]
    election, contest, acta = ids
    if election is None or contest is None or acta is None:
        return None
    return Claim(election, contest, acta, b32decode(parts[4] + "="))


def _spelt(written: str) -> str | None:
    """An id as it is spelt; ``None`` where that is no text."""
    found, small, signs = bytearray(), False, iter(written)
    for sign in signs:
        if sign == "+":
            small = not small
        elif sign == "%":
            try:
                found += bytes.fromhex(next(signs, "") + next(signs, ""))
            except ValueError:
                return None
        else:
            found += (sign.lower() if small else sign).encode()
    try:
        return found.decode()
    except UnicodeDecodeError:
        return None


def key_of_identities(text: str) -> Ed25519PublicKey:
    """The public key that ``forms key`` printed.

    Raises:
        AuditRefused: TRUST.
    """
    if not _KEY.fullmatch(text):
        raise AuditRefused(AuditCode.TRUST, "{text!r} is no key of 64 hex digits", text=text[:80])
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))
