"""Counting again: a cut is shown only if the log gives every figure that it says.

What stands, what it adds up to and the objects that show it are kept from cut to cut, each a
function of the log up to where it was followed. A cut that is refused changes nothing of that: the
log is as it is, and only a right cut's objects are packed. Where the log itself is another one, or
breaks a rule, all is made again from its first leaf.

Apart from the centre's tabulation on purpose, so that the two can disagree, is all adding:
:mod:`~openprep.mirror.verify.adding` and :mod:`~openprep.mirror.verify.ballots`. The same as the
centre's, by import, is the rule of one acta: whether it counts, and with what (``count_of_total``,
``counts_of``, ``tally_of_count``), whether its votes enter totals (``votes_enter_totals``), its
groups and section (``groups_of``, ``section_path``); who runs where (``candidacies_in``);
participation and shares (``summarise``); and which acta stands where (``lay_out``). So a wrong sum
of the centre is refused here, and a wrong rule is not: for that the audit has an arithmetic of its
own, and the browser another.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from openprep.election.cut import CutKind
from openprep.hosting import TreeDirectory
from openprep.mirror.codes import MirrorCode, Refused, writing
from openprep.mirror.verify.adding import Adding
from openprep.mirror.verify.composing import Composed, Composing
from openprep.mirror.verify.declared import Declared, DeclaredContest, ReadDeclared, load_declared
from openprep.mirror.verify.differing import difference
from openprep.mirror.verify.log import MirroredLog
from openprep.mirror.verify.standing import Standing, StandingContest
from openprep.wire.cut.description import ElectionDescription
from openprep.wire.cut.manifest import ContestCut, Manifest
from openprep.wire.cut.pack import PackWriter, Where
from openprep.wire.cut.ref import SCHEMA, Location

COUNTED_AT_ONCE = 4096
"""Versions that are held as leaves until they are counted: enough that each costs little."""


class _NextPack:
    """A pack that is begun with the first object that is put into it."""

    def __init__(self, begin: Callable[[], PackWriter]) -> None:
        self._begin = begin
        self.writer: PackWriter | None = None

    def add(self, data: bytes, parts: Sequence[Location] = ()) -> Location:
        """Write an object; where it is."""
        if self.writer is None:
            self.writer = self._begin()
        return self.writer.add(data, parts)


class _Contest:
    """One contest as the log leaves it: what stands, what it adds up to, what is packed of it."""

    def __init__(self, declared: DeclaredContest, standing: StandingContest) -> None:
        self._standing = standing
        self._adding = Adding(declared)
        self._composing = Composing(declared, standing, self._adding)
        self.composed: Composed | None = None

    def count(self) -> None:
        """Count what was not counted yet."""
        self._adding.take(self._standing.fresh)
        self._standing.fresh.clear()

    def check(self, cut: ContestCut, *, closing: bool) -> None:
        """See that the manifest shows what was counted.

        Raises:
            Refused: RECOUNT, naming what it says otherwise.
        """
        summary, votes, won = self._composing.shown(closing=closing)
        for name, theirs, ours in (
            ("summary", cut.summary, summary),
            ("votes", cut.votes, votes),
            ("won", cut.won, won),
        ):
            if (found := difference(name, theirs, ours)) is not None:
                raise Refused(
                    MirrorCode.RECOUNT,
                    "{id}: {figure} is {theirs} in the cut, and the actas give {ours}",
                    id=cut.id,
                    figure=found.figure,
                    theirs=found.theirs,
                    ours=found.ours,
                )

    def compose(self, cut: ContestCut, pack: _NextPack, *, closing: bool) -> Composed:
        """The contest's objects, what is new of them in ``pack``.

        Raises:
            Refused: RECOUNT, the root is another one than the manifest names.
        """
        composed = self._composing.compose(self.composed, pack, closing=closing)
        if composed.root.digest != cut.results:
            raise Refused(
                MirrorCode.RECOUNT,
                "{id}: the cut names the results {theirs}, and the actas give {ours}",
                id=cut.id,
                theirs=cut.results,
                ours=composed.root.digest,
            )
        return composed

    def settle(self, composed: Composed) -> None:
        """What was composed is packed."""
        self.composed = composed
        self._standing.dirty.clear()
        self._standing.outside_dirty = False


class _Counting:
    """All contests of an election, as far as a log was followed: up to ``size``, under ``root``."""

    def __init__(self, declared: Declared) -> None:
        self.declared = declared
        self.standing = Standing(declared)
        self.contests = {
            name: _Contest(contest, self.standing.contests[name])
            for name, contest in declared.contests.items()
        }
        self._root = b""

    def is_of(self, log: MirroredLog) -> bool:
        """Whether all that was counted is the beginning of ``log``."""
        size = self.standing.size
        return size <= log.size and (not size or log.root_at(size) == self._root)

    def follow(self, log: MirroredLog) -> None:
        """Count what the log has beyond what was counted.

        Raises:
            Refused: LOG_FACTS, FORMAT or TREE_DAMAGED; nothing here is of use any more.
        """
        fresh = 0
        for leaves, offsets in log.leaves_from(self.standing.size):
            self.standing.take(leaves, offsets)
            fresh += len(leaves)
            if fresh >= COUNTED_AT_ONCE:
                self._count()
                fresh = 0
        self._count()
        self._root = log.root_at(log.size)

    def _count(self) -> None:
        for contest in self.contests.values():
            contest.count()


class Recount:
    """Recounts the cuts of one election into the packs of ``tree``.

    ``read`` gives the declared objects. ``images`` are those that the log says have come, size by
    digest, since somebody emptied it.
    """

    def __init__(self, tree: TreeDirectory, read: ReadDeclared) -> None:
        self._tree, self._read = tree, read
        self._counting: _Counting | None = None
        self._next: int | None = None
        self._spare: Sequence[int] | None = None
        """Packs of an earlier process; they stay until a cut is packed anew."""
        self.images: dict[str, int] = {}

    def check(self, manifest: Manifest, log: MirroredLog) -> None:
        """Recount the cut that ``manifest`` lists, ``log`` being held and staged as far as it goes.

        Afterwards the packs of the tree have the cut's results, and it is said where.

        Raises:
            Refused: LOG_FACTS, RECOUNT or FORMAT, saying what is wrong and where; TREE_DAMAGED or
                DISK.
        """
        counting = self._followed(manifest, log)
        closing = manifest.kind is CutKind.CLOSING
        pairs = [(counting.contests[cut.id], cut) for cut in manifest.contests]
        for contest, cut in pairs:
            contest.check(cut, closing=closing)
        # A start packs all anew: without this, starting again and again would fill the disk.
        if self._spare is None:
            self._spare = self._tree.spare_packs(manifest.cut)
        with self._packing() as pack:
            composed = [contest.compose(cut, pack, closing=closing) for contest, cut in pairs]
        for (contest, _), made in zip(pairs, composed, strict=True):
            contest.settle(made)
        roots = {cut.id: made.root.at for (_, cut), made in zip(pairs, composed, strict=True)}
        with writing():
            self._tree.place_where(Where(SCHEMA, manifest.cut, roots))
            self._tree.drop_packs(self._spare)
        self._spare = ()
        self.images.update(counting.standing.images)
        counting.standing.images.clear()

    def _followed(self, manifest: Manifest, log: MirroredLog) -> _Counting:
        """What was counted, up to the end of ``log``."""
        counting = self._counting
        if counting is None or not counting.is_of(log):
            log.check_digest(manifest)
            counting = _Counting(load_declared(manifest.description, self._read))
        description = counting.declared.description
        log.check_rules(description, manifest)
        _check_contests(description, manifest)
        self._counting = None  # of no use if the log breaks a rule
        counting.follow(log)
        self._counting = counting
        return counting

    @contextmanager
    def _packing(self) -> Iterator[_NextPack]:
        """The pack that is written next, if anything is put into it; none if the block fails."""
        with writing(), ExitStack() as stack:
            if self._next is None:
                self._next = self._tree.next_pack()
            number = self._next
            pack = _NextPack(lambda: stack.enter_context(self._tree.writing_pack(number)))
            yield pack
        if pack.writer is not None:
            self._next = number + 1


def _check_contests(description: ElectionDescription, manifest: Manifest) -> None:
    shown = [(cut.id, cut.title) for cut in manifest.contests]
    if shown != [(contest.id, contest.title) for contest in description.contests]:
        raise Refused(MirrorCode.RECOUNT, "the cut does not show every contest, and no other")
