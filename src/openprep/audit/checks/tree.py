"""The audit of one cut of a published tree, from its signature down to every acta."""

import base64
import gc
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from openprep.audit.checks.databases import DatabasesAudit
from openprep.audit.checks.election import DeclaredElection
from openprep.audit.checks.images import ImagesAudit, OfImages
from openprep.audit.checks.log import AuditedLog, CutInLog, fetch_log, read_log
from openprep.audit.checks.pages import PagesAudit, Shown, read_shown
from openprep.audit.checks.results import ContestAudit, Packs
from openprep.audit.codes import AuditCode, AuditRefused
from openprep.audit.counting.composing import Counted, MadeArea
from openprep.audit.keys import Keys
from openprep.audit.place import Missing, Place, digest_of
from openprep.audit.report import Findings, Report
from openprep.coded import said
from openprep.election.cut import CutKind
from openprep.pages.releases import Releases
from openprep.wire.cut.manifest import (
    POINTER_PATH,
    Manifest,
    Pointer,
    databases_of,
    decode,
    encode,
    manifest_path,
    newest_database,
    note_path,
    point_at,
)
from openprep.wire.cut.ref import SCHEMA, Ref
from openprep.wire.log.checkpoint import CheckpointError, OpenedCheckpoint, open_checkpoint
from openprep.wire.log.leaf import CutLeaf
from openprep.wire.log.tiles import CHECKPOINT_PATH
from openprep.wire.note import MAX_NOTE_BYTES, NoteError, split_note

REPORT_SCHEMA = 1
MAX_POINTER_BYTES = 64 * 1024
MAX_MANIFEST_BYTES = 64 * 1024 * 1024
MAX_FILE_BYTES = 64 * 1024 * 1024 * 1024
"""Beyond what any file of a tree has: a size that is signed and larger is not believed."""


@contextmanager
def _without_collecting() -> Iterator[None]:
    """No search for cycles: nothing here makes any, and among so much it takes a quarter more."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


@dataclass
class Audit:
    """One audit; each step notes what it finds and leaves what the next ones need."""

    place: Place
    keys: Keys
    findings: Findings = field(default_factory=Findings)
    newest_database: bool = False
    """Whether only the newest of the official databases is compared row by row."""
    images: OfImages = OfImages.CODES
    """How much of the images of actas is looked at."""
    identities: Ed25519PublicKey | None = None
    """The key that signs the codes of actas, where it is known."""
    releases: Releases = field(default_factory=Releases)
    """The releases whose pages may be shown."""

    def cut(self, number: int | None = None) -> Report:
        """Audit cut ``number``, or the newest.

        Raises:
            AuditRefused: UNREACHABLE, NO_TREE or NO_SUCH_CUT.
        """
        with _without_collecting():
            return self._cut(number)

    def _cut(self, number: int | None) -> Report:
        opened = self.checkpoint()
        log = None if opened is None else fetch_log(self.place, opened.checkpoint, self.findings)
        if opened is None or log is None:
            return self._report(opened, log, [])
        election = self._election(log)
        self.read(log, opened, election, number)
        manifests = self.manifests(log)
        if manifests and election is not None:
            self._whole_cut(log, manifests, election, newest=number is None)
        return self._report(opened, log, manifests)

    def checkpoint(self) -> OpenedCheckpoint | None:
        """The newest checkpoint, signed by the log; and who cosigned it."""
        note = self._note_of_a_tree()
        opened = self._open(note, AuditCode.CHECKPOINT, CHECKPOINT_PATH)
        trust = self.keys.trust
        if opened is not None and trust is not None:
            held = len(self.keys.standing(opened.cosignatures))
            self._check_quorum(held, len(trust.publishers), trust.policy.quorum)
        return opened

    def _check_quorum(self, held: int, publishers: int, quorum: int) -> None:
        code = AuditCode.COSIGNATURES
        text = said("held by {held} of {number} publishers", held=held, number=publishers)
        self.findings.looked(code, held)
        self.findings.note(code, "{held}; the policy asks for {quorum}", held=text, quorum=quorum)
        if held < quorum:
            self.findings.fail(code, "{held}, not by {quorum}", held=text, quorum=quorum)

    def _note_of_a_tree(self) -> bytes:
        """What stands where a tree has its checkpoint; a damaged one is still a tree's."""
        try:
            note = self.place.read(CHECKPOINT_PATH, MAX_NOTE_BYTES)
        except Missing as error:
            raise AuditRefused(
                AuditCode.NO_TREE, "{name}: {error}", name=self.place.name, error=error
            ) from error
        try:
            split_note(note)
        except NoteError as error:
            if not self._has_pointer():
                raise AuditRefused(
                    AuditCode.NO_TREE,
                    "{name}: {path} is no signed note",
                    name=self.place.name,
                    path=CHECKPOINT_PATH,
                ) from error
        return note

    def _has_pointer(self) -> bool:
        try:
            decode(self.place.read(POINTER_PATH, MAX_POINTER_BYTES), Pointer)
        except (Missing, msgspec.MsgspecError):
            return False
        return True

    def _open(self, note: bytes, code: AuditCode, where: str) -> OpenedCheckpoint | None:
        self.findings.looked(code)
        try:
            return open_checkpoint(
                note,
                origin=self.keys.origin,
                log=self.keys.verifiers,
                witnesses=self.keys.witnesses,
            )
        except (NoteError, CheckpointError) as error:
            self.findings.fail(code, "{where}: {error}", where=where, error=error)
            return None

    def _election(self, log: AuditedLog) -> DeclaredElection | None:
        """What the log's first leaf declares, and the trust root, as this tree has it."""
        rules, trust = log.rules, self.keys.trust
        if rules is None:
            self._expect_description(False, "the log does not begin with its rules")
            return None
        election = DeclaredElection.of_tree(self.place, rules.rules_sha256, self.findings)
        if election is None:
            return None
        shown = election.description
        seed = None if shown.seed is None else str(shown.seed)
        own = (shown.id, shown.drill, seed, shown.digest)
        begun = own == (rules.election, rules.drill, rules.seed, rules.folder_sha256)
        self._expect_description(begun, "it is not the election of the log's first leaf")
        if trust is not None:
            vouched = (
                trust.election,
                trust.drill,
                trust.election_digest,
                trust.rules_digest,
            )
            own_rules = (shown.id, shown.drill, shown.digest, rules.rules_sha256)
            self._expect_description(own_rules == vouched, "the trust root vouches for other rules")
        return election

    def _expect_description(self, holds: bool, template: str, /, **facts: object) -> None:
        self.findings.expect(holds, AuditCode.DESCRIPTION, template, **facts)

    def read(
        self,
        log: AuditedLog,
        opened: OpenedCheckpoint,
        election: DeclaredElection | None,
        number: int | None,
    ) -> None:
        """Read the log up to the cut that is audited.

        Raises:
            AuditRefused: NO_SUCH_CUT.
        """
        read_log(log, number, self.findings, None if election is None else election.versions())
        last = log.cuts[-1] if log.cuts else None
        if number is not None and (last is None or last.leaf.cut != number):
            raise AuditRefused(
                AuditCode.NO_SUCH_CUT, "{name}: cut {number}", name=self.place.name, number=number
            )
        if last is not None and number is None:
            allowed = self.keys.may_sign(opened.signed_by, last.leaf.cut)
            self.findings.expect(
                allowed,
                AuditCode.CHECKPOINT,
                "the key may not sign cut {cut}",
                cut=last.leaf.cut,
            )

    # Manifests and what they list

    def manifests(self, log: AuditedLog) -> list[Manifest]:
        """The manifest of every cut up to the audited one; none if one of them is not there."""
        found: list[Manifest] = []
        previous: str | None = None
        for cut in log.cuts:
            manifest = self._manifest(cut, previous)
            if manifest is None:
                return []
            self._check_note(cut, log)
            found.append(manifest)
            previous = cut.leaf.manifest_sha256
        return found

    def _manifest(self, cut: CutInLog, previous: str | None) -> Manifest | None:
        leaf, path = cut.leaf, manifest_path(cut.leaf.cut)
        self.findings.looked(AuditCode.MANIFESTS)
        try:
            manifest = self._manifest_in_log(path, leaf)
        except (Missing, msgspec.MsgspecError) as error:
            self.findings.fail(AuditCode.MANIFESTS, "{path}: {error}", path=path, error=error)
            return None
        shown = (manifest.cut, manifest.kind, manifest.time, manifest.leaf, manifest.previous)
        if shown != (leaf.cut, leaf.kind, leaf.time, cut.index, previous):
            self.findings.fail(
                AuditCode.MANIFESTS, "{path}: it does not follow as the log says", path=path
            )
        return manifest

    def _manifest_in_log(self, path: str, leaf: CutLeaf) -> Manifest:
        data = self.place.read(path, min(leaf.manifest_size, MAX_MANIFEST_BYTES))
        own = (hashlib.sha256(data).hexdigest(), len(data))
        if own != (leaf.manifest_sha256, leaf.manifest_size):
            raise Missing(said("it is not the one in the log"))
        manifest = decode(data, Manifest)
        if manifest.schema != SCHEMA or encode(manifest) != data:
            raise Missing(said("it is not in its exact form"))
        return manifest

    def _check_note(self, cut: CutInLog, log: AuditedLog) -> None:
        """What was signed for a cut must be the history that the log has now."""
        path = note_path(cut.leaf.cut)
        try:
            note = self.place.read(path, MAX_NOTE_BYTES)
        except Missing as error:
            self.findings.expect(False, AuditCode.SIGNED_CUTS, "{error}", error=error)
            return
        opened = self._open(note, AuditCode.SIGNED_CUTS, path)
        if opened is None:
            return
        signed = opened.checkpoint
        same = (signed.size, signed.root) == (cut.index + 1, log.root_at(cut.index + 1))
        allowed = self.keys.may_sign(opened.signed_by, cut.leaf.cut)
        if not (same and allowed):
            self.findings.fail(
                AuditCode.SIGNED_CUTS, "{path}: of another history, or key", path=path
            )

    def _whole_cut(
        self,
        log: AuditedLog,
        manifests: list[Manifest],
        election: DeclaredElection,
        *,
        newest: bool,
    ) -> None:
        manifest, description = manifests[-1], election.description
        shown = self._shown(log.cuts[-1], manifest, newest=newest)
        self._check_files(manifest)
        for each in manifests:
            self._check_election(each, election, log)
        self._check_zero(manifests[0], log)
        areas = self._results(log, manifest, newest=newest)
        images = ImagesAudit(self.place, self.findings, description.id, self.identities)
        held = log.images_at(manifest.leaf)
        for name, versions in log.contests.items():
            images.take(name, versions.images_named(manifest.leaf), held)
        images.audit(self.images)
        pages = PagesAudit(self.place, self.findings, self.releases, areas)
        pages.audit(shown, manifest, description)
        pages.past(manifests, description)
        self._databases(log, manifests, election)

    def _databases(
        self, log: AuditedLog, manifests: list[Manifest], election: DeclaredElection
    ) -> None:
        """Official databases, each against the figures of its cut, which are counted too."""
        databases = DatabasesAudit(self.place, self.findings, election.description, log.contests)
        counted = {manifests[-1].cut}
        for path, cut in databases.listed(manifests, newest_only=self.newest_database):
            if cut.cut not in counted:
                counted.add(cut.cut)
                self._recount(log, cut)
            databases.audit(path, manifests[-1].files[path].size, cut)

    def _recount(self, log: AuditedLog, manifest: Manifest) -> None:
        """Hold the figures of an earlier cut against those that are counted; not its objects."""
        for contest in manifest.contests:
            if contest.id in log.contests:
                counted = self._counted(log, contest.id, manifest, with_images=False)
                audit = ContestAudit(counted, Packs(self.place, self.findings))
                audit.listed(contest, contest.results)

    def _results(self, log: AuditedLog, manifest: Manifest, *, newest: bool) -> dict[str, MadeArea]:
        """Every contest of the cut, counted and held against what is shown; as it must be."""
        packs = Packs(self.place, self.findings)
        roots = packs.where(manifest.cut, newest=newest)
        areas: dict[str, MadeArea] = {}
        for contest in manifest.contests:
            if contest.id not in log.contests:
                continue
            audit = ContestAudit(self._counted(log, contest.id, manifest), packs)
            at = None if roots is None else roots.get(contest.id)
            if at is None and roots is not None:
                self.findings.fail(
                    AuditCode.OBJECTS, "{contest}: it stands nowhere", contest=contest.id
                )
            areas[contest.id] = audit.audit(contest, at)
        return areas

    def _counted(
        self, log: AuditedLog, contest: str, manifest: Manifest, *, with_images: bool = True
    ) -> Counted:
        """A contest as the log has it at a cut."""
        versions, size = log.contests[contest], manifest.leaf
        standing = versions.at(size, log.images_at(size) if with_images else {})
        return Counted(versions.declared, standing, closing=manifest.kind is CutKind.CLOSING)

    def _check_election(
        self, manifest: Manifest, election: DeclaredElection, log: AuditedLog
    ) -> None:
        """A manifest is of the election that was declared, and shows every contest of it."""
        description = election.description
        rules = "" if log.rules is None else log.rules.rules_sha256
        shown = (manifest.election, manifest.drill, manifest.description)
        declared = Ref(rules, election.size)
        self._expect_description(
            shown == (description.id, description.drill, declared),
            "cut {cut} is of {election}, under {rules}…",
            cut=manifest.cut,
            election=manifest.election,
            rules=manifest.description.sha256[:12],
        )
        everything = [contest.id for contest in manifest.contests]
        self.findings.expect(
            everything == [contest.id for contest in description.contests],
            AuditCode.PLACES,
            "cut {cut} does not show every contest",
            cut=manifest.cut,
        )

    def _shown(self, cut: CutInLog, manifest: Manifest, *, newest: bool) -> Shown:
        """The pages of the cut, read while the pointer says that it is up."""
        up = newest and self._check_pointer(cut, manifest)
        shown = read_shown(self.place, manifest, newest=up)
        if up and not self._check_pointer(cut, manifest):
            shown = read_shown(self.place, manifest, newest=False)
        return shown

    def _check_pointer(self, cut: CutInLog, manifest: Manifest) -> bool:
        """Whether no later cut is up. That the pointer leads to this one is noted."""
        ref = Ref(cut.leaf.manifest_sha256, cut.leaf.manifest_size)
        must = point_at(manifest, ref)
        try:
            shown = decode(self.place.read(POINTER_PATH, MAX_POINTER_BYTES), Pointer)
        except (Missing, msgspec.MsgspecError) as error:
            self.findings.expect(False, AuditCode.POINTER, "{error}", error=error)
            return True
        if shown.cut > must.cut:
            self.findings.note(
                AuditCode.POINTER, "cut {cut} was published meanwhile", cut=shown.cut
            )
            return False
        self.findings.expect(
            shown == must,
            AuditCode.POINTER,
            "{path} says cut {shown}, signed is {signed}",
            path=POINTER_PATH,
            shown=shown.cut,
            signed=must.cut,
        )
        return True

    def _check_files(self, manifest: Manifest) -> None:
        """The official databases, in their digests; and that the newest of them is called so."""
        listed = databases_of(manifest)
        self.findings.expect(
            manifest.database == newest_database(listed),
            AuditCode.FILES,
            "cut {cut} calls {database} its newest database",
            cut=manifest.cut,
            database=manifest.database or said("none"),
        )
        for path, file in listed.items():
            self._check_digest(AuditCode.FILES, path, file.sha256, file.size)

    def _check_digest(self, code: AuditCode, path: str, sha256: str, size: int) -> bool:
        self.findings.looked(code)
        try:
            found = digest_of(self.place, path, min(size, MAX_FILE_BYTES))
        except Missing as error:
            self.findings.fail(code, "{error}", error=error)
            return False
        if found != (sha256, size):
            self.findings.fail(code, "{path} is not what was signed", path=path)
        return found == (sha256, size)

    def _check_zero(self, zero: Manifest, log: AuditedLog) -> None:
        """Cut 0 has every acta that is declared, none of them captured, and no vote."""
        nothing = Findings()
        for contest in zero.contests:
            versions = log.contests.get(contest.id)
            if versions is None:
                continue
            counted = Counted(versions.declared, versions.at(0, {}), closing=False)
            self.findings.looked(AuditCode.ZERO, len(versions.declared.position))
            results = counted.made().own.digest
            ContestAudit(counted, Packs(self.place, nothing)).listed(contest, results)
        for outcome in nothing.outcomes():
            for place in outcome.places[:1]:
                self.findings.fail(
                    AuditCode.ZERO, "{check}: {place}", check=outcome.check, place=place
                )
        same = zero.kind is CutKind.ZERO
        self.findings.expect(same, AuditCode.ZERO, "the first cut is not an opening at zero")

    def _report(
        self,
        opened: OpenedCheckpoint | None,
        log: AuditedLog | None,
        manifests: list[Manifest],
    ) -> Report:
        last = log.cuts[-1].leaf if log is not None and log.cuts else None
        root = b"" if opened is None else opened.checkpoint.root
        return Report(
            schema=REPORT_SCHEMA,
            place=self.place.name,
            election=manifests[-1].election if manifests else "",
            origin=self.keys.origin,
            cut=None if last is None else last.cut,
            time=None if last is None else last.time.isoformat(),
            kind=None if last is None else last.kind.value,
            size=0 if opened is None else opened.checkpoint.size,
            root=base64.b64encode(root).decode(),
            trust=self.keys.said,
            passed=not self.findings.failed and bool(manifests),
            outcomes=self.findings.outcomes(),
        )
