"""Pseudonyms: who the same person is, and never who it is.

A keyed hash (HMAC-SHA256, RFC 2104) of the name and what tells namesakes apart, for one election.
Without the secret, which stays with the authority, no list of names leads to a pseudonym; with it,
a court is shown whose it was.
"""

import hmac
import unicodedata

from openprep.capture.steps import Pseudonym

SECRET_BYTES = 32
_ORIGIN = "openprep/pseudonym/v1"
_BYTES = 16


def folded(name: str) -> str:
    """A name as it is compared: in whatever letters, accents and blanks somebody wrote it.

    Two people who are the same so are told apart by their id; one person who was written in two
    ways would otherwise be two, and could make both captures of an acta.
    """
    letters = unicodedata.normalize("NFKD", name)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(bare.casefold().split())


def pseudonym_of(secret: bytes, election: str, name: str, told_apart_by: str = "") -> Pseudonym:
    """The pseudonym of a person in an election."""
    said = "\0".join((_ORIGIN, election, folded(name), folded(told_apart_by)))
    return hmac.digest(secret, said.encode(), "sha256")[:_BYTES].hex()
