"""One-time codes of an app on a telephone (TOTP, RFC 6238): six digits, every thirty seconds.

This module says which step a code is of. That each is used once is for who keeps what was used
(:meth:`openprep.people.sessions.Sessions.begin`), because it must outlive the process.
"""

import hmac
from datetime import datetime
from typing import Annotated, TypeAlias

import pyotp
from msgspec import Meta

CodeSecret: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Z2-7]{32}\Z")]
"""160 bits in base32, as RFC 4226 asks for."""

BESIDE = 1
"""Steps before and after the present one that are taken: a telephone's clock is not ours."""


def draw_secret() -> CodeSecret:
    """A new secret."""
    return pyotp.random_base32(32)


def step_of(secret: CodeSecret, typed: str, at: datetime) -> int | None:
    """The step of the code ``typed``, of those good at ``at``; ``None`` if it is none of them.

    Every step is compared, whichever it is.
    """
    totp = pyotp.TOTP(secret)
    present = totp.timecode(at)
    code = "".join(typed[:20].split()).encode(errors="replace")
    found = None
    for step in range(present - BESIDE, present + BESIDE + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code):
            found = step
    return found


def address_of(secret: CodeSecret, sign_in: str, election: str) -> str:
    """The ``otpauth`` address that an app takes the secret from, as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=sign_in, issuer_name=election)
