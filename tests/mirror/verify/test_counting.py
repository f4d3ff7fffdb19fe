"""Counting by differences: whatever comes in whatever order, it is as if counted at once.

Against plain loops over actas, written from the specification, and against all actas counted anew.
"""

import io
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from openprep.election import Level
from openprep.mirror.verify.adding import Adding
from openprep.mirror.verify.composing import Composing
from openprep.mirror.verify.declared import DeclaredContest
from openprep.mirror.verify.standing import LeafAt, StandingContest
from openprep.tabulation import lay_out, parties_of
from openprep.wire.cut.description import AreaName
from openprep.wire.cut.objects import NOBODY, Area, Run, decode_object, parts_of
from openprep.wire.cut.pack import PackWriter, links_to, packed_object
from openprep.wire.log.leaf import ActaLeaf
from tabulation.small import RULES, NaiveTotals, captured, nights

AT = datetime(2024, 6, 3, 2, 0, tzinfo=UTC)


class Counting:
    """One contest that takes versions, and what it packs."""

    def __init__(self, contest, catalogue):
        root = AreaName(Level.ENTITY, "", "CHICA")
        names = {path: f"UNIDAD {path}" for path in contest.candidacies}
        layout = lay_out(contest, catalogue, root.level)
        self.declared = DeclaredContest("e", contest, RULES, root, names, catalogue, layout)
        self.standing = StandingContest(self.declared)
        self.adding = Adding(self.declared)
        self.composing = Composing(self.declared, self.standing, self.adding)
        self.pack = io.BytesIO()
        self.writer = PackWriter(1, self.pack)
        self.composed = None
        self.leaf = 0
        self.versions = {}

    def take(self, acta):
        self.leaf += 1
        number = self.versions[acta.acta] = self.versions.get(acta.acta, 0) + 1
        leaf = ActaLeaf.of(acta, number, AT, "cotejo", None)
        self.standing.take(LeafAt(self.leaf, 100 * self.leaf), leaf, 0)

    def compose(self):
        self.adding.take(self.standing.fresh)
        self.standing.fresh.clear()
        self.composed = self.composing.compose(self.composed, self.writer, closing=False)
        self.standing.dirty.clear()
        return self.composed.root.digest

    def objects(self):
        """Areas and runs by path, each with its catalogue."""
        entries, waiting = self.pack.getvalue(), [self.composed.root]
        while waiting:
            link = waiting.pop()
            data, at = packed_object(
                entries[link.at.offset : link.at.offset + link.at.size], link.digest
            )
            found = decode_object(data)
            parts = links_to(parts_of(found), at)
            if isinstance(found, Area | Run):
                start = parts[0].at.offset
                own = packed_object(entries[start : start + parts[0].at.size], parts[0].digest)
                yield found.path, found, decode_object(own.data)
                waiting += parts[1:]


@st.composite
def orders(draw):
    """A night, and its actas in cuts, some of them corrected again and again."""
    contest, catalogue, actas = draw(nights())
    by_id = {expected.id: expected for expected in catalogue}
    coming = list(actas.values())
    for acta in actas.values():
        corrections = draw(st.integers(0, 2)) if draw(st.booleans()) else 0
        coming += [draw(captured(by_id[acta.acta])) for _ in range(corrections)]
    coming = draw(st.permutations(coming))
    cuts = draw(st.lists(st.integers(0, len(coming)), max_size=4))
    return contest, catalogue, coming, sorted({*cuts, len(coming)})


@settings(max_examples=60, deadline=None)
@given(orders())
def test_cut_by_cut_is_as_all_at_once_and_as_by_hand(order):
    contest, catalogue, coming, cuts = order
    by_cuts, start = Counting(contest, catalogue), 0
    by_cuts.compose()
    for end in cuts:
        for acta in coming[start:end]:
            by_cuts.take(acta)
        digest, start = by_cuts.compose(), end
    at_once = Counting(contest, catalogue)
    for acta in coming:
        at_once.take(acta)
    assert at_once.compose() == digest
    standing = {acta.acta: acta for acta in coming}
    check_by_hand(by_cuts, NaiveTotals(contest, catalogue, standing), contest)


def check_by_hand(counting, naive, contest):
    seen = set()
    for path, found, catalogue in counting.objects():
        seen.add(path)
        if isinstance(found, Run):
            check_table(naive, contest, path.rpartition("/")[0], catalogue.secciones, found)
            continue
        figures = naive.figures[path]
        summary = found.summary
        for field in ("expected", "captured", "counted", "lista_nominal"):
            assert getattr(summary, field) == figures[field], (path, field)
        for field in ("votes_with_special", "votes_without_special"):
            assert getattr(summary, field) == figures[field], (path, field)
        assert list(found.votes.columns) == naive.votes[path]
        check_table(naive, contest, path, catalogue.ids, found)
        if catalogue.level is Level.RUN:
            check_unit(naive, contest, path, found, catalogue)
    units = {expected.area for expected in counting.declared.catalogue}
    assert units <= seen
    assert "" in seen


def check_table(naive, contest, path, ids, found):
    """What a table says of each area below."""
    places = found.places
    for position, own in enumerate(ids):
        below = f"{path}/{own}" if path else own
        figures = naive.figures[below]
        assert places.captured[position] == figures["captured"], below
        assert places.counted[position] == figures["counted"], below
        assert places.total[position] == sum(naive.votes[below]), below
        votes = candidacies(naive, contest, below)
        most = max(votes.values(), default=0)
        best = [key for key, own_votes in votes.items() if own_votes == most]
        leader = contest.contenders.index(best[0]) if most and len(best) == 1 else NOBODY
        assert (places.leader[position], places.leader_votes[position]) == (leader, most), below


def candidacies(naive, contest, path):
    """Votes by key of who runs at a path: a unit's own, or what is inside it."""
    columns = dict(zip([column.id for column in contest.columns], naive.votes[path], strict=True))
    return {
        candidacy.key: sum(columns[column] for column in candidacy.columns)
        for candidacy in contest.candidacies_in(path)
    }


def check_unit(naive, contest, unit, found, catalogue):
    by_hand = naive.candidacies(unit)
    keys = [row.key for row in catalogue.running]
    assert dict(zip(keys, found.votes.candidacies, strict=True)) == {
        key: votes for key, votes in by_hand.items() if key in keys
    }
    assert found.votes.off_ballot == by_hand["off_ballot"]
    parties = dict(zip(parties_of(contest), found.parties, strict=True))
    assert parties == {party: naive.parties(unit).get(party, 0) for party in parties}
