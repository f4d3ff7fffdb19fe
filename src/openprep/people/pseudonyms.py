"""Pseudonyms: who the same person is, and never who it is.

A keyed hash (HMAC-SHA256, RFC 2104) of what the authority knows a person by, for one election.
Without the secret, which stays with the authority, no list of people leads to a pseudonym; with it,
a court is shown whose it was.

It is not of the name. Names are shared by many, and one is written in several ways: a person who
was two could make both captures of an acta.
"""

import hmac
import unicodedata

from openprep.capture.steps import Pseudonym

SECRET_BYTES = 32
_ORIGIN = "openprep/pseudonym/v1"
_BYTES = 16


def folded(text: str) -> str:
    """A name or an id as it is compared: in whatever letters, accents and blanks it was written."""
    letters = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(bare.casefold().split())


def pseudonym_of(secret: bytes, election: str, known_by: str) -> Pseudonym:
    """The pseudonym in an election of the person whose id is ``known_by``."""
    said = "\0".join((_ORIGIN, election, folded(known_by)))
    return hmac.digest(secret, said.encode(), "sha256")[:_BYTES].hex()
