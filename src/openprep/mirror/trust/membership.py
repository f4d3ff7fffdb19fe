"""What a publisher's mirror keeps of its enrolment: who it is, whom it asks, what vouches for both.

A mirror's folder::

    member.json       who it is and where the centre's distribution service is
    keys/             its exclusive keys
    trust/            the trust root it joined, and what it has fetched since
    public/           the tree it serves
    seen.json         what it will never go back from
    status.json       what its operator wants to know
    evidence/         signed notes that contradict each other, if there ever were any
    staging/          packages until they are verified; emptied at every start
    lock              held by the one process that works here
"""

import base64
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from openprep.decoding import decoding
from openprep.durable import write_durably
from openprep.mirror.codes import MirrorCode, Refused, not_read
from openprep.mirror.keys import (
    PublisherKeys,
    generate_keys,
    load_publisher_keys,
    make_publisher_keys,
)
from openprep.mirror.trust.root import TrustRoot
from openprep.mirror.verify.trusted import Identity, Vouched
from openprep.wire.distribution.enrolment import EnrolmentRequest, write_request
from openprep.wire.note import Cosigner, NoteError
from openprep.wire.trust import PublisherEnrolment, TrustData, TrustError


class Member(Struct, frozen=True):
    """Who the mirror is: ``publisher`` is its id; ``center`` is empty until it joined."""

    election: str
    drill: bool
    publisher: str
    name: str
    addresses: tuple[str, ...]
    center: str = ""


class Membership:
    """The folder of one mirror."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.trust_root = TrustRoot(folder / "trust")

    @property
    def member(self) -> Member:
        """Who the mirror is.

        Raises:
            Refused: NOT_ENROLLED, the folder was never initialised, or its file is damaged.
        """
        path = self.folder / "member.json"
        try:
            with decoding():
                return msgspec.json.decode(path.read_bytes(), type=Member)
        except OSError as error:
            raise Refused(
                MirrorCode.NOT_ENROLLED,
                "{folder}: {error}",
                folder=self.folder,
                error=not_read(error),
            ) from error
        except msgspec.MsgspecError as error:
            raise Refused(
                MirrorCode.NOT_ENROLLED, "{path}: {error}", path=path, error=error
            ) from error

    def _keep(self, member: Member) -> None:
        write_durably(self.folder / "member.json", msgspec.json.encode(member))

    def init(self, member: Member, now: datetime) -> EnrolmentRequest:
        """Make the exclusive keys; what to hand to the authority.

        What cannot stand in a request is refused before anything is kept. Done again after it was
        cut short, it goes on with the keys that it had made.

        Raises:
            PublisherKeyTrouble: there are keys already, or they cannot be kept.
            Refused: REQUEST, an id, name or address cannot stand in a request.
        """
        self._signed(member, generate_keys(), now)
        cut_short = self._keys.is_dir() and not (self.folder / "member.json").exists()
        keys = self.keys if cut_short else make_publisher_keys(self._keys)
        self._keep(member)
        return self._signed(member, keys, now)[0]

    @property
    def _keys(self) -> Path:
        return self.folder / "keys"

    def request(self, now: datetime) -> tuple[EnrolmentRequest, bytes]:
        """The enrolment request, and its signed bytes."""
        member, keys = self.member, self.keys
        return self._signed(member, keys, now)

    def _signed(
        self, member: Member, keys: PublisherKeys, now: datetime
    ) -> tuple[EnrolmentRequest, bytes]:
        try:
            request = self._request(member, keys, now)
            return request, write_request(request, keys.request_key)
        except TrustError as error:
            raise Refused(MirrorCode.REQUEST, "{error}", error=error) from error

    def _request(self, member: Member, keys: PublisherKeys, now: datetime) -> EnrolmentRequest:
        publisher = PublisherEnrolment(
            id=member.publisher,
            name=member.name,
            addresses=member.addresses,
            cosigner=str(self._cosigner(member, keys).verifier),
            request_key=base64.b64encode(keys.request_key.public_key().public_bytes_raw()).decode(),
            recipient=keys.public.recipient,
        )
        publisher.check(drill=member.drill)
        return EnrolmentRequest(
            member.election, member.drill, now.replace(microsecond=0), publisher
        )

    @property
    def keys(self) -> PublisherKeys:
        """The exclusive keys.

        Raises:
            PublisherKeyTrouble: missing, damaged, or readable by others.
        """
        return load_publisher_keys(self._keys)

    @property
    def cosigner(self) -> Cosigner:
        """The publisher as a witness of the log."""
        return self._cosigner(self.member, self.keys)

    def cosigner_under(self, trust: TrustData, now: datetime) -> Cosigner | None:
        """The publisher as a witness, while the trust root says that it is one."""
        standing = trust.publisher(self.member.publisher, now)
        cosigner = self.cosigner
        named = standing is not None and standing.cosigner == str(cosigner.verifier)
        return cosigner if named else None

    def _cosigner(self, member: Member, keys: PublisherKeys) -> Cosigner:
        try:
            return Cosigner(f"{member.publisher}/{member.election}", keys.cosigner_key)
        except NoteError as error:
            raise Refused(MirrorCode.REQUEST, "{error}", error=error) from error

    def join(self, center: str, root: bytes, spoken: str) -> None:
        """Take the trust root whose number was spoken, and where to ask.

        Raises:
            Refused: the number is another one, or the root is of another election, or of a drill.
        """
        member = self.member
        self.trust_root.join(root, spoken, drill=member.drill, election=member.election)
        self._keep(msgspec.structs.replace(member, center=center.rstrip("/")))


def identity_of(trust: TrustData) -> Identity:
    """The log that the trust root vouches for, and the rules that it begins with."""
    vouched = Vouched(trust.rules_digest, trust.election_digest)
    return Identity(trust.election, trust.drill, trust.log, vouched)
