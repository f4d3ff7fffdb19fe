"""A small trust root, made by the real ceremony, that a test may corrupt on its way to a mirror."""

import base64
import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyrage import x25519
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata

from openprep.ceremony.enrolment import Changes, Founding, change, found
from openprep.ceremony.folder import Refreshed, finish, load_standing, refresh
from openprep.ceremony.proposal import Proposal, RootTerms, propose, sign
from openprep.election import Election
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.trust.root import Fetch
from openprep.wire.distribution.enrolment import EnrolmentRequest
from openprep.wire.note import Cosigner, Signer, Verifier
from openprep.wire.trust import LogKey, PublisherEnrolment, TrustData, fingerprint
from small.election import OPENS, small_election

NOW = datetime(2024, 6, 1, 12, 0, tzinfo=UTC)
"""Two days before the results open; every machine clock of today is years later."""

EXPIRES = NOW + timedelta(days=60)
RETAINED = OPENS + timedelta(days=30)
FEDERATION = ("authority", "auditor", "notary")


def from_folder(tree: Path) -> Fetch:
    """Trust out of a published tree on this disk, as no publisher takes it."""

    def fetch(path: str, limit: int) -> bytes:
        try:
            data = (tree / path).read_bytes()
        except FileNotFoundError as error:
            raise Refused(MirrorCode.NOT_FOUND, "{path}", path=path) from error
        assert len(data) <= limit, path
        return data

    return fetch


def new_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def base64_public(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def cosignature_at(cosigner: Cosigner, text: str, seconds: int) -> str:
    """The line of a cosigner that minds no clock and no calendar."""
    signed = cosigner.private.sign(f"cosignature/v1\ntime {seconds}\n{text}".encode())
    blob = cosigner.verifier.key_hash + seconds.to_bytes(8, "big") + signed
    return f"\N{EM DASH} {cosigner.name} {base64.b64encode(blob).decode()}\n"


def cosigner_text(name: str, key: Ed25519PrivateKey) -> str:
    material = b"\x04" + key.public_key().public_bytes_raw()
    digest = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4].hex()
    return f"{name}+{digest}+{base64.b64encode(material).decode()}"


def publisher(
    identity: str, key: Ed25519PrivateKey | None = None, **changes: Any
) -> PublisherEnrolment:
    values = {
        "id": identity,
        "name": f"Universidad {identity}",
        "addresses": (f"https://prep.{identity}.example",),
        "cosigner": cosigner_text(f"{identity}.example/witness", new_key()),
        "request_key": base64_public(key or new_key()),
        "recipient": str(x25519.Identity.generate().to_public()),
    }
    return PublisherEnrolment(**{**values, **changes})


def request(
    identity: str, election: str = "chica-2024", drill: bool = False, **changes: Any
) -> EnrolmentRequest:
    return EnrolmentRequest(election, drill, NOW, publisher(identity, **changes))


def verifier(name: str, key: Ed25519PrivateKey) -> Verifier:
    return Signer(name, key).verifier


class SmallTrust:
    """An election's trust root in a folder, with every private key at hand.

    ``served`` stands over the folder's files: bytes instead of them, or an error to be raised.
    """

    now, expires = NOW, EXPIRES

    def __init__(
        self,
        folder: Path,
        *,
        drill: bool = False,
        names: Sequence[str] = FEDERATION,
        threshold: int = 2,
        keys: dict[str, Ed25519PrivateKey] | None = None,
        election: Election | None = None,
        log: Signer | None = None,
        now: datetime = NOW,
        expires: datetime = EXPIRES,
    ) -> None:
        self.folder = folder
        self.election = election or small_election(drill=drill)
        self.now, self.expires = now, expires
        self.keys = keys or {name: new_key() for name in names}
        self.online = new_key()
        self.log = log or Signer("chica-2024/center", new_key())
        self.threshold = threshold
        self.served: dict[str, Any] = {}
        self.asked: list[str] = []
        self.version(terms=self.terms())

    def terms(self, **changes: Any) -> RootTerms:
        values = {
            "members": [verifier(name, key) for name, key in self.keys.items()],
            "threshold": self.threshold,
            "online": [verifier("online", self.online)],
            "expires": self.expires,
        }
        return RootTerms(**{**values, **changes})

    def found(self) -> TrustData:
        keys = [LogKey(str(self.log.verifier))]
        retained = self.election.window.opens + timedelta(days=30)
        return found(self.election, Founding(keys, 2, retained))

    def proposal(
        self,
        changes: Changes | None = None,
        terms: RootTerms | None = None,
        now: datetime | None = None,
        expires: datetime | None = None,
    ) -> Proposal:
        now, expires = now or self.now, expires or self.expires
        standing = load_standing(self.folder)
        data = standing.data if standing else self.found()
        return propose(change(data, changes or Changes(), now), terms, standing, expires, now)

    def version(
        self,
        changes: Changes | None = None,
        terms: RootTerms | None = None,
        by: Iterable[Ed25519PrivateKey] | None = None,
        now: datetime | None = None,
        **options: Any,
    ) -> Refreshed:
        """One ceremony: proposed, signed by two members (or ``by``), finished."""
        now = now or self.now
        proposal = self.proposal(changes, terms, now, **options)
        for key in by or list(self.keys.values())[: self.threshold]:
            proposal = sign(proposal, key, proposal.fingerprint, now)
        return finish(proposal, self.folder, self.online, now)

    def refresh(self, now: datetime = NOW) -> Any:
        return refresh(self.folder, self.online, now)

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    @property
    def root_bytes(self) -> bytes:
        return self.read("1.root.json")

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.root_bytes)

    def fetch(self, path: str, limit: int) -> bytes:
        """What a mirror's source does, from this folder."""
        self.asked.append(path)
        name = path.removeprefix("trust/")
        given = self.served.get(name)
        if isinstance(given, Exception):
            raise given
        try:
            data = self.read(name) if given is None else given
        except FileNotFoundError:
            raise Refused(MirrorCode.NOT_FOUND, path) from None
        if len(data) > limit:
            raise Refused(MirrorCode.OVERSIZE, path)
        return data

    def forge(
        self,
        name: str,
        edit: Callable[[Any], object],
        *keys: Ed25519PrivateKey,
        under: str | None = None,
    ) -> Metadata[Any]:
        """Serve ``name`` changed by ``edit`` and signed by ``keys``, whoever they are."""
        metadata = Metadata.from_bytes(self.served.get(name) or self.read(name))
        edit(metadata.signed)
        metadata.signatures.clear()
        for key in keys:
            metadata.sign(CryptoSigner(key), append=True)
        self.served[under or name] = metadata.to_bytes()
        return metadata

    def freeze(self) -> None:
        """Go on serving what the folder holds now, whatever comes later."""
        self.served = {path.name: path.read_bytes() for path in self.folder.iterdir()}
