"""What a mirror believes: a state machine without I/O, in the manner of TUF's clients.

Bytes go in, in this order, and each step trusts only what the one before it proved:

1. ``accept_note``: the note is signed by the election's key; it is about this election; its cut is
   not older than the highest ever seen; the same cut number never has two manifests.
2. ``accept_manifest``: the bytes have the digest and size that the note signs; election, cut, time
   and drill flag agree; the cut that follows the trusted one names its manifest as ``previous``.
3. ``trust``: called when everything that the manifest lists was verified.

The highest cut seen is remembered from step 1 on, before anything is done with it, so that a centre
that goes back is found out even if the mirror never showed the newer cut.
"""

from collections.abc import Sequence
from hashlib import sha256

import msgspec
from msgspec import Struct

from openprep.mirror.codes import MirrorCode, Refused
from openprep.tree.manifest import Manifest, decode
from openprep.tree.note import NoteError, Verifier, open_note
from openprep.tree.objects import SCHEMA
from openprep.tree.statement import CutStatement, StatementError


class Seen(Struct, frozen=True):
    """The highest cut ever seen, and the last one trusted: what survives a restart."""

    highest: CutStatement | None = None
    trusted: CutStatement | None = None


class TrustedCuts:
    """The cuts of one election that a mirror has come to believe."""

    def __init__(
        self, election: str, verifiers: Sequence[Verifier], *, drill: bool, seen: Seen
    ) -> None:
        self.election = election
        self.drill = drill
        self.seen = seen
        self._verifiers = tuple(verifiers)

    def accept_note(self, note: bytes) -> CutStatement:
        """The statement in ``note``; ``seen`` may have advanced.

        Raises:
            Refused: SIGNATURE, OTHER_ELECTION, ROLLBACK or SPLIT_VIEW.
        """
        try:
            text, _ = open_note(note, self._verifiers)
            statement = CutStatement.parse(text)
        except (NoteError, StatementError) as error:
            raise Refused(MirrorCode.SIGNATURE, str(error)) from error
        if statement.election != self.election:
            detail = f"the cut is of {statement.election}, not of {self.election}"
            raise Refused(MirrorCode.OTHER_ELECTION, detail)
        self._check_history(statement)
        return statement

    def _check_history(self, statement: CutStatement) -> None:
        highest = self.seen.highest
        if highest is not None and statement.cut < highest.cut:
            detail = f"cut {statement.cut} is offered after cut {highest.cut}"
            raise Refused(MirrorCode.ROLLBACK, detail)
        if highest is not None and statement.cut == highest.cut and statement != highest:
            detail = (
                f"cut {statement.cut} was seen with manifest {highest.manifest.sha256}, "
                f"now with {statement.manifest.sha256}"
            )
            raise Refused(MirrorCode.SPLIT_VIEW, detail)
        self.seen = Seen(statement, self.seen.trusted)

    def accept_manifest(self, statement: CutStatement, data: bytes) -> Manifest:
        """The manifest that ``statement`` signs, if it may follow the cut that is trusted.

        Raises:
            Refused: MANIFEST, FORMAT, OTHER_ELECTION or BROKEN_CHAIN.
        """
        manifest = self.parse(statement, data)
        self._check_chain(manifest)
        return manifest

    def parse(self, statement: CutStatement, data: bytes) -> Manifest:
        """The manifest that ``statement`` signs.

        Raises:
            Refused: MANIFEST, FORMAT or OTHER_ELECTION.
        """
        if sha256(data).hexdigest() != statement.manifest.sha256:
            detail = f"the manifest of cut {statement.cut} is not the one that was signed"
            raise Refused(MirrorCode.MANIFEST, detail)
        manifest = self._decode(data, statement.cut)
        if (manifest.cut, manifest.time) != (statement.cut, statement.time):
            detail = f"the manifest says cut {manifest.cut}, its note cut {statement.cut}"
            raise Refused(MirrorCode.MANIFEST, detail)
        return manifest

    def _decode(self, data: bytes, cut: int) -> Manifest:
        try:
            manifest = decode(data, Manifest)
        except msgspec.MsgspecError as error:
            raise Refused(MirrorCode.FORMAT, f"manifest of cut {cut}: {error}") from error
        if manifest.schema != SCHEMA:
            raise Refused(MirrorCode.FORMAT, f"the manifest is of schema {manifest.schema}")
        if manifest.election != self.election or manifest.drill is not self.drill:
            detail = f"the manifest is of {manifest.election}, drill: {manifest.drill}"
            raise Refused(MirrorCode.OTHER_ELECTION, detail)
        return manifest

    def parse_previous(self, later: Manifest, data: bytes) -> Manifest:
        """The manifest of the cut before ``later``, which names it by its digest.

        Raises:
            Refused: BROKEN_CHAIN, FORMAT or OTHER_ELECTION.
        """
        if sha256(data).hexdigest() != later.previous:
            detail = f"cut {later.cut} does not follow the manifest offered for the one before"
            raise Refused(MirrorCode.BROKEN_CHAIN, detail)
        manifest = self._decode(data, later.cut - 1)
        if manifest.cut != later.cut - 1:
            raise Refused(MirrorCode.BROKEN_CHAIN, f"cut {later.cut} follows cut {manifest.cut}")
        return manifest

    def _check_chain(self, manifest: Manifest) -> None:
        trusted = self.seen.trusted
        if (manifest.cut == 0) is not (manifest.previous is None):
            raise Refused(MirrorCode.BROKEN_CHAIN, "only the opening cut has no previous one")
        if trusted is None or manifest.cut != trusted.cut + 1:
            return
        if manifest.previous != trusted.manifest.sha256:
            detail = f"cut {manifest.cut} follows {manifest.previous}, not the cut shown here"
            raise Refused(MirrorCode.BROKEN_CHAIN, detail)

    def trust(self, statement: CutStatement) -> None:
        """Everything in the cut of ``statement`` was verified."""
        self.seen = Seen(self.seen.highest, statement)
