"""Pictures of papers with the signed code of their acta."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.forms.asked import asked_for
from openprep.forms.identity import sign_identity
from openprep.forms.label import LabelSize, label_png
from transmission.small_center import ELECTION

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


def scan_of(acta: str = "A0", key: Ed25519PrivateKey = KEY) -> bytes:
    """A picture with the signed code of an acta on it."""
    asked = asked_for(ELECTION, "AYUN", acta)
    return label_png(asked, sign_identity(asked.identity, key), LabelSize(100, 60, 300))
