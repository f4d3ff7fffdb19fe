"""Pictures of papers with the signed code of their acta."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.election import Election
from openprep.forms.blank import blank_for
from openprep.forms.identity import sign_identity
from openprep.forms.label import LabelSize, label_png
from transmission.small_center import ELECTION

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


def scan_of(acta: str = "A0", key: Ed25519PrivateKey = KEY, election: Election = ELECTION) -> bytes:
    """A picture with the signed code of an acta on it."""
    blank = blank_for(election, "AYUN", acta)
    return label_png(blank, sign_identity(blank.identity, key), LabelSize(100, 60, 300))
