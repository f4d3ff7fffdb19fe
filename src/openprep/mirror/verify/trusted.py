"""Which checkpoints and cuts a mirror believes: a pure state machine without disk or network.

The rules, in the order in which they are applied to what a centre, or anybody else, offers:

1. a checkpoint must be signed by a key of the log that the mirror follows, under its name;
2. its size may never be below the largest ever seen (no rollback), and at the largest ever seen it
   must have the same root (no split view). It is remembered *before* anything else is done, with
   its signatures: if the log forked, both halves of the proof are kept. What was only seen and
   never verified stops binding when all its keys were ended or taken out by the trust root and a
   key that stands signs another: so a thief of a log's key, who announced an enormous log, does
   not silence it for good;
3. the entries fetched must give the signed root, and at the size of every checkpoint seen before,
   the root that was signed then (consistency: the history only grew); and they must begin with
   the rules that the trust root vouches for, where there is one;
4. the last entry must be the cut that the checkpoint ends in, and the manifest the one it names;
5. the manifest must follow the one before, by its digest, when the mirror has the cut before.

Only then may :meth:`trust` be called. The caller stores ``seen`` after :meth:`accept_checkpoint`
and after :meth:`trust`, so that a rollback is noticed even if the mirror never showed the newer
cut.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

import msgspec
from msgspec import Struct

from openprep.coded import said
from openprep.mirror.codes import MirrorCode, Refused, SplitView
from openprep.wire.cut.manifest import Manifest, databases_of, decode, newest_database
from openprep.wire.cut.ref import SCHEMA, Ref
from openprep.wire.log.checkpoint import (
    Checkpoint,
    CheckpointError,
    OpenedCheckpoint,
    open_checkpoint,
)
from openprep.wire.log.leaf import CutLeaf, RulesLeaf
from openprep.wire.note import NoteError, Verifier
from openprep.wire.trust import LogIdentity, RootIdentity

MAX_LOG_SIZE = 2**26
"""Leaves that a log may have: more than a hundred times those of a nation. A key that was stolen
could otherwise announce one that no memory holds."""

MOST_PENDING = 64
"""Checkpoints kept that were seen and not verified yet: the oldest of them, and the newest."""


class Vouched(NamedTuple):
    """Which rules a ceremony vouched for: the digests of their description and of their folder."""

    rules: str
    folder: str


@dataclass(frozen=True)
class Identity:
    """Which log a mirror follows: of which election, under which name, signed by which keys.

    ``vouched`` are the rules that it must begin with. Without a trust root nobody says which.
    """

    election: str
    drill: bool
    log: LogIdentity
    vouched: Vouched | None = None


class SeenCheckpoint(Struct, frozen=True):
    """A signed checkpoint as it was seen; ``note`` is the evidence."""

    size: int
    root: bytes
    note: bytes


class TrustedCut(Struct, frozen=True):
    """A cut that was verified whole: its manifest, and the log that ends in it."""

    cut: int
    time: datetime
    manifest: Ref
    size: int
    root: bytes


class Seen(Struct, frozen=True):
    """What survives a restart: the last cut trusted, and every checkpoint seen beyond it."""

    trusted: TrustedCut | None = None
    pending: tuple[SeenCheckpoint, ...] = ()

    @property
    def highest(self) -> int:
        """The largest log ever seen."""
        sizes = [checkpoint.size for checkpoint in self.pending]
        return max([*sizes, self.trusted.size if self.trusted else 0])


class TrustedCuts:
    """The cuts of one election that a mirror has come to believe."""

    def __init__(self, identity: Identity, seen: Seen) -> None:
        self.identity = identity
        self.seen = seen
        self._grown: Checkpoint | None = None
        self._signed: CutLeaf | None = None
        self._whole: tuple[CutLeaf, Checkpoint] | None = None

    @property
    def origin(self) -> str:
        """The log's name in its checkpoints."""
        return self.identity.log.origin

    def accept_checkpoint(self, note: bytes) -> OpenedCheckpoint:
        """The checkpoint in ``note``; ``seen`` may have advanced.

        Raises:
            Refused: SIGNATURE, OVERSIZE, ROLLBACK or SPLIT_VIEW.
        """
        opened = self.open(note)
        checkpoint = opened.checkpoint
        if checkpoint.size > MAX_LOG_SIZE:
            raise Refused(
                MirrorCode.OVERSIZE, "a log of {size} leaves is announced", size=checkpoint.size
            )
        self._let_go_of_ended(opened)
        highest = self.seen.highest
        if checkpoint.size < highest:
            raise Refused(
                MirrorCode.ROLLBACK,
                "a log of {size} leaves is offered after one of {highest}",
                size=checkpoint.size,
                highest=highest,
            )
        self._check_same(checkpoint.size, checkpoint.root, note)
        known = self.seen.trusted is not None and self.seen.trusted.size == checkpoint.size
        if not known and all(seen.size != checkpoint.size for seen in self.seen.pending):
            new = SeenCheckpoint(checkpoint.size, checkpoint.root, note)
            kept = self.seen.pending[: MOST_PENDING - 1]
            self.seen = Seen(self.seen.trusted, (*kept, new))
        return opened

    def _let_go_of_ended(self, opened: OpenedCheckpoint) -> None:
        """Drop what only keys signed that do not stand any more, once one that stands signs."""
        standing = {key.verifier for key in self.identity.log.keys if key.until_cut is None}
        if standing.isdisjoint(opened.signed_by):
            return
        kept = tuple(seen for seen in self.seen.pending if standing & self._signers(seen))
        self.seen = Seen(self.seen.trusted, kept)

    def _signers(self, seen: SeenCheckpoint) -> set[Verifier]:
        try:
            return set(self.open(seen.note).signed_by)
        except Refused:
            return set()

    def open(self, note: bytes, witnesses: Sequence[Verifier] = ()) -> OpenedCheckpoint:
        """The signed checkpoint in ``note``, and who of ``witnesses`` cosigned it.

        Raises:
            Refused: SIGNATURE.
        """
        try:
            return open_checkpoint(
                note, origin=self.origin, log=self.identity.log.verifiers, witnesses=witnesses
            )
        except (NoteError, CheckpointError) as error:
            raise Refused(MirrorCode.SIGNATURE, "{error}", error=error) from error

    def _check_same(self, size: int, root: bytes, *notes: bytes) -> None:
        trusted = self.seen.trusted
        signed = [(seen.size, seen.root) for seen in self.seen.pending]
        signed += [(trusted.size, trusted.root)] if trusted else []
        for other_size, other in signed:
            if other_size == size and other != root:
                raise SplitView(
                    "the log of {size} leaves was signed with root {other}, now with {root}",
                    notes=(*notes, *(seen.note for seen in self.seen.pending)),
                    size=size,
                    other=other.hex(),
                    root=root.hex(),
                )

    def accept_growth(
        self, checkpoint: Checkpoint, root_at: Callable[[int], bytes], rules: RulesLeaf | None
    ) -> None:
        """Hold the log's own entries against everything that was signed and vouched for.

        ``root_at`` gives the root of the first so many entries, as they were fetched; ``rules`` is
        what they begin with.

        Raises:
            Refused: LOG_ENTRIES, they do not give the root of ``checkpoint``; SPLIT_VIEW, they do,
                but not that of a checkpoint seen before; RULES, the trust root vouches for others.
        """
        if root_at(checkpoint.size) != checkpoint.root:
            raise Refused(
                MirrorCode.LOG_ENTRIES,
                "{size} entries do not give root {root}",
                size=checkpoint.size,
                root=checkpoint.root.hex(),
            )
        for seen in self.seen.pending:
            if seen.size <= checkpoint.size:
                self._check_same(seen.size, root_at(seen.size))
        if self.seen.trusted is not None:
            self._check_same(self.seen.trusted.size, root_at(self.seen.trusted.size))
        self.check_rules(rules)
        self._grown = checkpoint

    def check_rules(self, rules: RulesLeaf | None) -> None:
        """See that the log begins with the rules that the trust root vouches for.

        Raises:
            Refused: RULES.
        """
        vouched = self.identity.vouched
        if vouched is None:
            return
        begun = None if rules is None else Vouched(rules.rules_sha256, rules.folder_sha256)
        if begun != vouched:
            raise Refused(
                MirrorCode.RULES,
                "the log begins with rules {begun}, the trust root vouches for {vouched}",
                begun=said("none") if begun is None else begun.rules,
                vouched=vouched.rules,
            )

    def check_signers(self, opened: OpenedCheckpoint, leaf: CutLeaf) -> None:
        """See that a key signed which may sign the cut that the checkpoint ends in.

        Raises:
            Refused: SIGNATURE: the key was ended before, or begins later.
        """
        may_sign = self.identity.log.verifiers_at(leaf.cut)
        if not set(opened.signed_by) & set(may_sign):
            names = ", ".join(signer.key_hash.hex() for signer in opened.signed_by)
            raise Refused(
                MirrorCode.SIGNATURE,
                "cut {cut} is signed by key {names}, which may not sign it",
                cut=leaf.cut,
                names=names,
            )
        self._signed = leaf

    def accept_earlier(
        self, note: bytes, leaf: CutLeaf, size: int, root_at: Callable[[int], bytes]
    ) -> None:
        """See that ``note`` was signed for an earlier cut, which ``leaf`` and ``size`` entries end.

        A key that was ended since, or before, may have signed it: what vouches for the cut is the
        later checkpoint that was accepted, and this note is kept as what was signed then.

        Raises:
            Refused: SIGNATURE; SPLIT_VIEW, a key that may sign the cut did so for another history;
                LOG_FACTS, it is of another cut.
        """
        opened = self.open(note)
        signed = opened.checkpoint
        if signed.size != size:
            raise Refused(
                MirrorCode.LOG_FACTS,
                "the note of cut {cut} is of {size} leaves, the cut ends {end}",
                cut=leaf.cut,
                size=signed.size,
                end=size,
            )
        if signed.root != root_at(size):
            self.check_signers(opened, leaf)
            raise SplitView(
                "the log of {size} leaves was signed with root {root} at cut {cut}, and "
                "has {now} now",
                notes=(note,),
                size=size,
                root=signed.root.hex(),
                cut=leaf.cut,
                now=root_at(size).hex(),
            )

    def accept_manifest(self, leaf: CutLeaf, checkpoint: Checkpoint, data: bytes) -> Manifest:
        """The manifest that the last leaf names, if it may follow the cut that is trusted.

        Raises:
            Refused: MANIFEST, FORMAT, OTHER_ELECTION or BROKEN_CHAIN.
        """
        own = Ref(leaf.manifest_sha256, leaf.manifest_size)
        manifest = self.parse(leaf.cut, own, data)
        said = (manifest.cut, manifest.time, manifest.kind, manifest.leaf)
        if said != (leaf.cut, leaf.time, leaf.kind, checkpoint.size - 1):
            raise Refused(
                MirrorCode.MANIFEST,
                "the manifest says cut {cut}, the log cut {leaf}",
                cut=manifest.cut,
                leaf=leaf.cut,
            )
        _check_database(manifest)
        self._check_chain(manifest)
        if (self._signed, self._grown) == (leaf, checkpoint):
            self._whole = (leaf, checkpoint)
        return manifest

    def parse(self, cut: int, ref: Ref, data: bytes) -> Manifest:
        """The manifest that ``ref`` names.

        Raises:
            Refused: MANIFEST, FORMAT or OTHER_ELECTION.
        """
        if sha256(data).hexdigest() != ref.sha256:
            raise Refused(
                MirrorCode.MANIFEST, "the manifest of cut {cut} is not the one in the log", cut=cut
            )
        return self._decode(data, cut)

    def _decode(self, data: bytes, cut: int) -> Manifest:
        try:
            manifest = decode(data, Manifest)
        except msgspec.MsgspecError as error:
            raise Refused(
                MirrorCode.FORMAT, "manifest of cut {cut}: {error}", cut=cut, error=error
            ) from error
        if manifest.schema != SCHEMA:
            raise Refused(
                MirrorCode.FORMAT, "the manifest is of schema {schema}", schema=manifest.schema
            )
        own = (self.identity.election, self.identity.drill)
        if (manifest.election, manifest.drill) != own:
            raise Refused(
                MirrorCode.OTHER_ELECTION,
                "the manifest is of {found}, followed is {own}",
                found=RootIdentity(manifest.election, manifest.drill),
                own=RootIdentity(*own),
            )
        return manifest

    def parse_previous(self, later: Manifest, data: bytes) -> Manifest:
        """The manifest of the cut before ``later``, which names it by its digest.

        Raises:
            Refused: BROKEN_CHAIN, FORMAT or OTHER_ELECTION.
        """
        if sha256(data).hexdigest() != later.previous:
            raise Refused(
                MirrorCode.BROKEN_CHAIN,
                "cut {cut} does not follow the manifest offered for the one before",
                cut=later.cut,
            )
        manifest = self._decode(data, later.cut - 1)
        if manifest.cut != later.cut - 1:
            raise Refused(
                MirrorCode.BROKEN_CHAIN,
                "cut {cut} follows cut {before}",
                cut=later.cut,
                before=manifest.cut,
            )
        return manifest

    def _check_chain(self, manifest: Manifest) -> None:
        trusted = self.seen.trusted
        if (manifest.cut == 0) is not (manifest.previous is None):
            raise Refused(MirrorCode.BROKEN_CHAIN, "only the opening cut has no previous one")
        if trusted is None or manifest.cut != trusted.cut + 1:
            return
        if manifest.previous != trusted.manifest.sha256:
            raise Refused(
                MirrorCode.BROKEN_CHAIN,
                "cut {cut} follows {previous}, not the cut shown here",
                cut=manifest.cut,
                previous=manifest.previous or said("none"),
            )

    def trust(self, leaf: CutLeaf, checkpoint: Checkpoint) -> TrustedCut:
        """Everything in the cut that ``checkpoint`` ends in was verified: trust it.

        Raises:
            RuntimeError: its growth, its signers and its manifest were not accepted here before.
        """
        if self._whole != (leaf, checkpoint):
            raise RuntimeError(f"cut {leaf.cut} is to be trusted and was not verified whole")
        ref = Ref(leaf.manifest_sha256, leaf.manifest_size)
        cut = TrustedCut(leaf.cut, leaf.time, ref, checkpoint.size, checkpoint.root)
        beyond = tuple(seen for seen in self.seen.pending if seen.size > checkpoint.size)
        self.seen = Seen(cut, beyond)
        return cut


def _check_database(manifest: Manifest) -> None:
    """See that the database that pages link to is the newest of those that are listed."""
    newest = newest_database(databases_of(manifest))
    if manifest.database != newest:
        raise Refused(
            MirrorCode.MANIFEST,
            "cut {cut} says that its newest database is {database}, it lists {newest}",
            cut=manifest.cut,
            database=manifest.database or said("none"),
            newest=newest or said("none"),
        )
