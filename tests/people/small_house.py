"""A house of a few people, as its authority listed them."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.people.passwords import hash_of
from openprep.people.roles import Role
from openprep.people.roster import Person, Roster, seal_roster, signer_name
from openprep.wire.note import Signer

ELECTION = "puebla-2027"
NOW = datetime(2027, 6, 7, 2, 0, tzinfo=UTC)
PASSWORD = "abcd-efgh-jkmn"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SIGNER = Signer(signer_name(ELECTION), Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
KEY = SIGNER.verifier

ROLES = {
    "a001": Role.ACOPIADOR,
    "c017": Role.CAPTURISTA,
    "c018": Role.CAPTURISTA,
    "v001": Role.VERIFICADOR,
    "j001": Role.COORDINADOR,
}
PLACES = ("D01", "D02")


@cache
def password_hash() -> str:
    return hash_of(PASSWORD)


def pseudonym(sign_in: str) -> str:
    return sign_in.encode().hex().rjust(32, "0")


def person(sign_in: str, places: tuple[str, ...] = PLACES) -> Person:
    role = ROLES.get(sign_in, Role.CAPTURISTA)
    return Person(sign_in, pseudonym(sign_in), role, places, password_hash(), SECRET)


def roster(*people: Person, number: int = 1, election: str = ELECTION) -> Roster:
    listed = people or tuple(map(person, ROLES))
    return Roster(election, number, NOW - timedelta(days=1), NOW + timedelta(days=1), listed)


def sealed(folder: Path, one: Roster) -> Path:
    path = folder / f"house-{one.number}.people"
    path.write_bytes(seal_roster(one, SIGNER))
    path.chmod(0o600)
    return path
