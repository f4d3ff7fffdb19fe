"""The images of actas: their bytes, and what the code printed on each says that it is of.

The digest of an image is signed with its acta, so that nobody exchanges the file. That it is the
paper of this acta no digest says: the place that digitised two papers may have exchanged them. The
code on the paper does. Only reading it off the pixels is the capture room's (``digitising/``, in a
child that may do nothing else); what it means is judged here.
"""

import asyncio
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from typing import NamedTuple, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from openprep.audit.codes import AuditCode
from openprep.audit.counting.versions import Named
from openprep.audit.identities import Claim, claim_in
from openprep.audit.place import Missing, Place
from openprep.audit.report import Findings
from openprep.coded import Text, said
from openprep.digitising.codes import DigitisingCode, NotDigitised
from openprep.digitising.digitiser import CodeReader
from openprep.wire.cut.ref import image_path

ActaKey: TypeAlias = tuple[str, str]
"""A contest, and the catalogue's id of an acta."""


_NO_PICTURE = frozenset(
    {
        DigitisingCode.TOO_LARGE,
        DigitisingCode.NOT_A_PICTURE,
        DigitisingCode.DAMAGED,
        DigitisingCode.TOO_MANY_PIXELS,
        DigitisingCode.ENCRYPTED,
        DigitisingCode.NO_PAGE,
    }
)
"""What a file is, on any machine. All else may be this one's: it looked at nothing."""


class OfImages(Enum):
    """How much of the images an audit looks at."""

    NOTHING = "nothing"
    """That the log says of which the tree has them."""
    BYTES = "bytes"
    """Each whole, by its digest."""
    CODES = "codes"
    """The codes printed on them, too."""


class Naming(NamedTuple):
    """An acta that names an image; ``acta`` is ``None`` out of catalogue.

    ``by_procedure`` says that it was identified by the technical procedure: somebody knew better
    than the paper's code, and said why in public.
    """

    contest: str
    acta: str | None
    by_procedure: bool

    @property
    def is_explained(self) -> bool:
        """Whether somebody said in public that the paper is not what its code says."""
        return self.acta is None or self.by_procedure

    def is_of(self, claim: Claim) -> bool:
        """Whether a code says this acta."""
        return claim.key == (self.contest, self.acta)

    @property
    def where(self) -> Text:
        """The acta, as a report names it."""
        if self.acta is None:
            return said("{contest} out of catalogue", contest=self.contest)
        return said("{contest} {acta}", contest=self.contest, acta=self.acta)


@dataclass
class ImagesAudit:
    """Takes what the log says of images, then looks at them."""

    place: Place
    findings: Findings
    election: str
    identities: Ed25519PublicKey | None = None
    _named: dict[str, list[Naming]] = field(default_factory=lambda: defaultdict(list))
    _held: dict[str, int] = field(default_factory=dict)
    _claims: dict[str, list[Claim]] = field(default_factory=dict)
    _without: int = 0
    _undecoded: int = 0
    _not_read: dict[str, NotDigitised] = field(default_factory=dict)
    """Images that this machine did not read, and why."""

    def take(self, contest: str, named: Iterable[Named], held: Mapping[str, int]) -> None:
        """Take the images that a contest's standing versions name, and those that the tree has."""
        for digest, acta, by_procedure in named:
            self._named[digest].append(Naming(contest, acta, by_procedure))
            if digest in held:
                self._held[digest] = held[digest]

    def audit(self, looked: OfImages) -> None:
        """Every image that the log says the tree has is there, and is the one that its acta names.

        Where its code is read, it says so too.
        """
        self.findings.note(
            AuditCode.IMAGES,
            "{named} actas name the digest of an image; the tree has {held}, not read"
            if looked is OfImages.NOTHING
            else "{named} actas name the digest of an image; the tree has {held}",
            named=len(self._named),
            held=len(self._held),
        )
        if looked is OfImages.BYTES:
            for digest in sorted(self._held):
                self._whole(digest)
        elif looked is OfImages.CODES and self._held:
            asyncio.run(self._read_codes())
            self._judge_codes()

    def _whole(self, digest: str) -> bytes | None:
        """The file of an image; ``None``, and a finding, where it is not what was signed."""
        path, size = image_path(digest), self._held[digest]
        self.findings.looked(AuditCode.IMAGES)
        try:
            data = self.place.read(path, size)
        except Missing as error:
            self.findings.fail(AuditCode.IMAGES, "{error}", error=error)
            return None
        if len(data) != size or sha256(data).hexdigest() != digest:
            self.findings.fail(AuditCode.IMAGES, "{path} is not what was signed", path=path)
            return None
        return data

    # Codes

    async def _read_codes(self) -> None:
        """Read every image, a few at a time, each in a child of its own."""
        many, wanted = os.cpu_count() or 1, sorted(self._held)
        try:
            async with CodeReader(running=many, waiting=many) as reader:
                for begin in range(0, len(wanted), 2 * many):
                    await self._read_together(reader, wanted[begin : begin + 2 * many])
        except NotDigitised as error:  # no decoder can be started
            whole = [digest for digest in wanted if self._whole(digest) is not None]
            self.findings.looked(AuditCode.CODES_NOT_READ, len(whole))
            self._not_read = dict.fromkeys(whole, error)
        for digest, why in sorted(self._not_read.items()):
            path = image_path(digest)
            self.findings.fail(AuditCode.CODES_NOT_READ, "{path}: {why}", path=path, why=why)

    async def _read_together(self, reader: CodeReader, some: Sequence[str]) -> None:
        """Read some at once; those that this machine did not read once more, each alone."""
        files = [await asyncio.to_thread(self._whole, digest) for digest in some]
        there = {digest: data for digest, data in zip(some, files, strict=True) if data}
        self.findings.looked(AuditCode.CODES_NOT_READ, len(there))
        await asyncio.gather(*(self._read(reader, *one) for one in there.items()))
        for digest, data in there.items():
            if digest in self._not_read:
                await self._read(reader, digest, data)

    async def _read(self, reader: CodeReader, digest: str, data: bytes) -> None:
        self._not_read.pop(digest, None)
        try:
            codes = await reader.codes_on(data)
        except NotDigitised as error:
            if error.code in _NO_PICTURE:
                self._undecoded += 1
            else:
                self._not_read[digest] = error
            return
        found = [claim for code in codes if (claim := claim_in(code.text)) is not None]
        if found:
            self._claims[digest] = found
        else:
            self._without += 1

    def _judge_codes(self) -> None:
        shown: dict[ActaKey, set[ActaKey]] = defaultdict(set)
        for digest, claims in self._claims.items():
            for contest, acta, _ in self._named[digest]:
                if acta is not None:
                    shown[contest, acta] |= {claim.key for claim in claims}
        outside = by_procedure = 0
        for digest, claims in sorted(self._claims.items()):
            self.findings.looked(AuditCode.IMAGE_CODES)
            for naming in self._named[digest]:
                if naming.is_explained and any(not naming.is_of(claim) for claim in claims):
                    outside += naming.acta is None
                    by_procedure += naming.by_procedure
                for claim in sorted(set(claims)):
                    fault = self._fault(naming, claim, shown)
                    if fault is not None:
                        place = said("{own}: its image {fault}", own=naming.where, fault=fault)
                        self.findings.fail(AuditCode.IMAGE_CODES, "{place}", place=place)
        self._tell_codes(outside, by_procedure)

    def _fault(
        self, naming: Naming, claim: Claim, shown: Mapping[ActaKey, AbstractSet[ActaKey]]
    ) -> Text | None:
        """What is wrong with a code on the image that is shown for an acta.

        ``shown`` has what the images of each acta claim.
        """
        other = f"{claim.contest} {claim.acta}"
        if self.identities is not None and not claim.is_signed_by(self.identities):
            return said("has a code of {other} that the key given did not sign", other=other)
        if claim.election != self.election:
            election = claim.election
            return said("has a code of {other} in {election}", other=other, election=election)
        if naming.is_of(claim) or naming.is_explained:
            return None
        if (naming.contest, naming.acta) in shown.get(claim.key, ()):
            return said("and that of {other} were swapped, each has the other's code", other=other)
        return said("has the code of {other}", other=other)

    def _tell_codes(self, outside: int, by_procedure: int) -> None:
        self.findings.note(
            AuditCode.IMAGE_CODES,
            "{read} images have a code ({signed}), {without} have none that can be read,"
            " {undecoded} cannot be decoded. Another acta's have {outside} out of catalogue"
            " and {identified} identified by the technical procedure",
            read=len(self._claims),
            signed=said("held against the key given")
            if self.identities
            else said("signatures not looked at"),
            without=self._without,
            undecoded=self._undecoded,
            outside=outside,
            identified=by_procedure,
        )
