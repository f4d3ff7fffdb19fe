"""The ceremony of a drill: three members who live in one process and forget their keys at once.

A real one is held on separate machines (docs/commands/ceremony.md); what it leaves is the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.ceremony.enrolment import Changes, Founding, change, found, from_enrolled
from openprep.ceremony.folder import Lifetimes, finish
from openprep.ceremony.keys import load_online_key, make_online_key
from openprep.ceremony.proposal import RootTerms, propose, sign
from openprep.election import Election
from openprep.transmission.keys import Enrolled
from openprep.wire.distribution.enrolment import EnrolmentRequest
from openprep.wire.note import Signer, Verifier
from openprep.wire.trust import LogKey

MEMBERS = ("authority", "auditor", "notary")
THRESHOLD = 2
GOOD_FOR = timedelta(days=30)
"""How long after the closing the drill's trust root is good."""


@dataclass(frozen=True)
class Attendance:
    """Who is enrolled, and the key of the log."""

    log: Verifier
    stations: Sequence[Enrolled]
    requests: Sequence[EnrolmentRequest]
    quorum: int = 1


def hold_ceremony(
    election: Election, attendance: Attendance, trust: Path, online_key: Path, now: datetime
) -> bytes:
    """Leave a trust root in ``trust``, and its online key at ``online_key``; the root's bytes.

    Done before, it is left as it is.

    Raises:
        CeremonyRefused: somebody or something cannot be enrolled.
    """
    first_root = trust / "1.root.json"
    if (trust / "timestamp.json").is_file():
        return first_root.read_bytes()
    if not online_key.is_file():
        make_online_key(online_key, "online")
    online = load_online_key(online_key)
    members = {name: Ed25519PrivateKey.generate() for name in MEMBERS}
    expires = election.window.closes + GOOD_FOR
    terms = RootTerms(
        members=[Signer(name, key).verifier for name, key in members.items()],
        threshold=THRESHOLD,
        online=[Signer("online", online).verifier],
        expires=expires,
    )
    changes = Changes(
        requests=attendance.requests, stations=from_enrolled(list(attendance.stations))
    )
    founding = Founding([LogKey(str(attendance.log))], attendance.quorum, expires)
    data = change(found(election, founding), changes, now)
    proposal = propose(data, terms, None, expires, now)
    for key in list(members.values())[:THRESHOLD]:
        proposal = sign(proposal, key, proposal.fingerprint, now)
    finish(proposal, trust, online, now, Lifetimes(GOOD_FOR, GOOD_FOR))
    return first_root.read_bytes()
