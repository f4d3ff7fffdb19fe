"""The watch as a state machine: histories that are proven, forks that stay, what an alarm takes."""

from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from openprep.coded import said
from openprep.election.cut import CutKind
from openprep.watch.codes import WatchCode as W
from openprep.watch.history import (
    MOST_CUTS,
    Beginning,
    CutCheckpoint,
    History,
    LogHistory,
    Placement,
    SignedCheckpoint,
)
from openprep.watch.machine import MOST_DETAIL, Fault, Limits, Look, Seen, Site, Watch, sites_of
from openprep.watch.report import Reporter, State
from openprep.wire.log.merkle import MerkleTree, consistency_proof, leaf_hash
from openprep.wire.trust import LogIdentity, LogKey, Policy, TrustData
from small.election import OPENS
from small.trust import new_key, publisher, verifier

LEAVES = 24
SHARED = 9
"""Leaves after which the two histories of these tests part."""


def tree(name):
    grown = MerkleTree()
    grown.extend(
        leaf_hash(f"{'both' if index < SHARED else name} {index}".encode())
        for index in range(LEAVES)
    )
    return grown


TREES = {"true": tree("true"), "false": tree("false")}


def shown(size, side="true", cut=None):
    root = TREES[side].root(size)
    number = size if cut is None else cut
    time = OPENS + timedelta(minutes=number)
    signed = SignedCheckpoint(size, root, f"{side} {size}".encode())
    return CutCheckpoint(signed, number, time, CutKind.LIVE)


def beginning(low, high, side="true"):
    tree = TREES[side]
    return Beginning(low, high, tree.root(low), consistency_proof(low, high, tree.node))


def place(history, new, side="true", proof=True, by="tec"):
    opposite = history.opposite(new.signed.size)
    given = None
    if opposite is not None and proof:
        low, high = sorted((new.signed.size, opposite.signed.size))
        # Whoever has the larger log proves how it begins; it may be of the other side.
        larger = side if high == new.signed.size else opposite.signed.note.decode().split()[0]
        given = beginning(low, high, larger)
    return history.place(new, given, by, OPENS)


def test_a_log_that_grows_is_one_history():
    history = LogHistory(History())
    for size in (3, 8, 9, 20):
        assert place(history, shown(size)) is Placement.PROVEN
    assert place(history, shown(12)) is Placement.PROVEN
    assert history.seen.highest == shown(20)
    assert [cut.signed.size for cut in history.seen.cuts] == [3, 8, 9, 12, 20]
    assert history.seen.forks == ()


def test_what_is_not_proven_moves_nothing():
    history = LogHistory(History((shown(8),)))
    assert history.place(shown(20), None, "uv", OPENS) is Placement.UNPROVEN
    wrong = replace(beginning(8, 20), proof=[bytes(32)] * 3)
    assert history.place(shown(20), wrong, "uv", OPENS) is Placement.WRONG_FILES
    assert history.place(shown(20), beginning(7, 20), "uv", OPENS) is Placement.UNPROVEN
    assert history.seen.highest == shown(8)


@pytest.mark.parametrize("size", [SHARED + 1, 15, 16, LEAVES])
def test_two_roots_of_one_size_need_no_proof(size):
    history = LogHistory(History((shown(size),)))
    assert place(history, shown(size, "false"), proof=False) is Placement.FORKED
    (fork,) = history.seen.forks
    assert fork.sides == {shown(size).signed.identity, shown(size, "false").signed.identity}


@pytest.mark.parametrize(("ours", "theirs"), [(12, 20), (20, 12), (10, 11), (16, 24)])
def test_two_sizes_are_a_fork_when_a_proof_joins_another_root(ours, theirs):
    history = LogHistory(History((shown(ours),)))
    assert place(history, shown(theirs, "false"), "false") is Placement.FORKED
    (fork,) = history.seen.forks
    whole = Beginning(fork.smaller.size, fork.larger.size, fork.beginning, fork.proof)
    assert whole.is_of(fork.larger.root)
    assert fork.beginning != fork.smaller.root
    assert history.seen.highest == shown(ours)


def test_before_they_part_two_histories_are_one():
    history = LogHistory(History((shown(20),)))
    assert place(history, shown(SHARED, "false"), "false") is Placement.PROVEN


def test_two_unproven_checkpoints_of_one_size_contradict_each_other():
    history = LogHistory(History((shown(8),)))
    for side in ("true", "false"):
        history.notice(shown(20, side).signed, side, OPENS)
    assert len(history.seen.forks) == 1


def test_memory_is_bounded_and_keeps_the_largest():
    history = LogHistory(History())
    whole = MerkleTree()
    whole.extend(leaf_hash(str(index).encode()) for index in range(MOST_CUTS + 50))
    before = 0
    for size in range(1, MOST_CUTS + 50):
        signed = SignedCheckpoint(size, whole.root(size), b"")
        proof = consistency_proof(before, size, whole.node)
        given = Beginning(before, size, whole.root(before), proof) if before else None
        new = CutCheckpoint(signed, size, OPENS, CutKind.LIVE)
        assert history.place(new, given, "tec", OPENS) is Placement.PROVEN
        before = size
    assert len(history.seen.cuts) == MOST_CUTS
    assert history.seen.highest.signed.size == MOST_CUTS + 49
    assert history.seen.unproven == ()


class Histories(RuleBasedStateMachine):
    """Anyone shows checkpoints of either history, with proofs good, bad, old or none."""

    def __init__(self):
        super().__init__()
        self.history = LogHistory(History())
        self.highest = 0
        self.forks = ()
        self.signed = set()

    sizes = st.integers(1, LEAVES)
    sides = st.sampled_from(sorted(TREES))

    def _signed(self, new):
        self.signed.add(new.signed.identity)

    @rule(size=sizes, side=sides, proof=st.booleans())
    def show(self, size, side, proof):
        new = shown(size, side)
        self._signed(new)
        placed = place(self.history, new, side, proof)
        if placed is Placement.PROVEN:
            assert self.history.seen.highest.signed.size >= size

    @rule(size=sizes, side=sides, low=sizes, high=sizes, of=sides, spoil=st.booleans())
    def show_with_any_proof(self, size, side, low, high, of, spoil):
        new = shown(size, side)
        self._signed(new)
        low, high = sorted((low, high))
        given = beginning(low, high, of)
        if spoil:
            given = replace(given, proof=[*given.proof, bytes(32)])
        self.history.place(new, given, "uv", OPENS)

    @rule(size=sizes, side=sides)
    def notice(self, size, side):
        new = shown(size, side)
        self._signed(new)
        self.history.notice(new.signed, "uv", OPENS)

    @rule()
    def restart(self):
        kept = msgspec.json.encode(self.history.seen)
        self.history = LogHistory(msgspec.json.decode(kept, type=History))

    @invariant()
    def the_highest_never_goes_down(self):
        highest = self.history.seen.highest
        size = highest.signed.size if highest else 0
        assert size >= self.highest
        self.highest = size

    @invariant()
    def a_split_view_once_seen_is_never_forgotten(self):
        assert self.history.seen.forks[: len(self.forks)] == self.forks
        self.forks = self.history.seen.forks

    @invariant()
    def the_history_is_one_history(self):
        roots = [cut.signed.identity for cut in self.history.seen.cuts]
        assert any(all(tree.root(size) == root for size, root in roots) for tree in TREES.values())

    @invariant()
    def a_contradiction_of_one_size_is_always_seen(self):
        sizes = [size for size, _ in self.signed]
        if len(sizes) != len(set(sizes)):
            assert self.history.seen.forks

    @invariant()
    def nobody_is_accused_wrongly(self):
        for fork in self.history.seen.forks:
            assert fork.sides <= self.signed
            roots = dict(fork.sides)
            assert len(roots) < 2 or not any(
                all(tree.root(size) == root for size, root in roots.items())
                for tree in TREES.values()
            )


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


# looks and reports


def trust_of(*publishers, quorum=1):
    log = LogIdentity("chica-2024/log", (LogKey(str(verifier("chica-2024/log", new_key()))),))
    policy = Policy(quorum, OPENS, OPENS + timedelta(hours=24), OPENS + timedelta(days=30))
    return TrustData(1, "chica-2024", False, "ab" * 32, "cd" * 32, log, (), publishers, policy)


TRUST = trust_of(publisher("tec"), publisher("uv"))
TEC, UV = sites_of(TRUST, None, OPENS)
NOW = OPENS + timedelta(minutes=8, seconds=2)


def look(site, checkpoint, **changes):
    values = {
        "seconds": 0.1,
        "published": True,
        "checkpoint": checkpoint,
        "placement": Placement.PROVEN,
        "cosigners": frozenset((site.publisher,)),
        "compared": 3,
        "clock_ahead": timedelta(0),
    }
    return Look(site, NOW, NOW, **{**values, **changes})


@pytest.fixture
def watch():
    return Watch(Seen("chica-2024", False, History((shown(5), shown(8)))))


def report(watch, now=NOW, trust=TRUST, **options):
    sites = sites_of(trust, None, now)
    return Reporter(watch, trust, sites, Limits()).report(now, **options)


def site_codes(made, site=UV):
    (seen,) = [seen for seen in made.sites if seen.address == site.address]
    return [alarm.code for alarm in seen.alarms]


def test_a_publisher_holds_what_it_cosigned_and_was_seen_to_serve(watch):
    watch.observe(look(TEC, shown(8)))
    watch.observe(look(UV, shown(8), cosigners=frozenset()))
    assert report(watch).newest.held_by == ("tec",)
    watch.observe(look(TEC, shown(8), cosigners=frozenset(("tec", "uv"))))
    assert report(watch).newest.held_by == ("tec", "uv")


def test_an_earlier_cut_is_held_by_who_holds_a_later_one(watch):
    watch.observe(look(TEC, shown(8)))
    watch.observe(look(UV, shown(5)))
    assert [cut.held_by for cut in report(watch).cuts] == [("tec",), ("tec", "uv")]


@pytest.mark.parametrize("code", [W.ALTERED, W.MISSING, W.MANIFEST, W.POINTER, W.LOG_FILES])
def test_whoever_serves_anything_else_holds_nothing_until_it_is_mended(watch, code):
    watch.observe(look(UV, shown(8)))
    watch.observe(look(UV, shown(8), faults=(Fault(code, said("there")),)))
    assert report(watch).newest.held_by == ()
    watch.observe(look(UV, shown(8)))
    assert report(watch).newest.held_by == ("uv",)


def test_a_publisher_with_two_addresses_holds_once_and_not_if_one_is_altered():
    two = trust_of(publisher("uv", addresses=("https://a.example", "https://b.example")))
    first, second = sites_of(two, None, OPENS)
    watch = Watch(Seen("chica-2024", False, History((shown(8),))))
    watch.observe(look(first, shown(8)))
    watch.observe(look(second, shown(8)))
    made = report(watch, trust=two)
    assert (made.publishers, made.newest.held_by) == (1, ("uv",))
    watch.observe(look(second, shown(8), faults=(Fault(W.ALTERED, said("there")),)))
    assert report(watch, trust=two).newest.held_by == ()


def test_a_look_that_is_old_stands_for_nothing(watch):
    watch.observe(look(UV, shown(8)))
    limit = NOW + Limits().look
    assert site_codes(report(watch, limit)) == []
    made = report(watch, limit + timedelta(seconds=1))
    assert site_codes(made) == [W.OLD_LOOK.code]
    (seen,) = [seen for seen in made.sites if seen.address == UV.address]
    assert seen.state is State.ALARM


def test_slow(watch):
    watch.observe(look(UV, shown(8), seconds=5.0))
    assert site_codes(report(watch)) == []
    watch.observe(look(UV, shown(8), seconds=5.1))
    assert site_codes(report(watch)) == [W.SLOW.code]


def test_freeze_begins_after_the_limit_and_not_before(watch):
    watch.observe(look(UV, shown(5)))
    newer = shown(8).time
    made = report(watch, newer + timedelta(minutes=5))
    assert site_codes(made) == []
    assert made.sites[1].state is State.BEHIND
    assert site_codes(report(watch, newer + timedelta(minutes=5, seconds=1))) == [W.FREEZE.code]


def test_rollback_survives_a_restart_and_ends_when_it_comes_back(watch):
    watch.observe(look(UV, shown(8)))
    again = Watch(msgspec.json.decode(msgspec.json.encode(watch.seen), type=Seen))
    again.observe(look(UV, shown(5)))
    assert site_codes(report(again)) == [W.ROLLBACK.code]
    again.observe(look(UV, shown(8)))
    assert site_codes(report(again)) == []


def test_a_fault_keeps_no_more_of_a_long_file_than_is_shown_and_nothing_that_moves_a_terminal():
    long = "\x1b[2J{0.__class__} " + "x" * 10_000_000
    inner = said("{path} from byte {offset} on", path=long, offset=7)
    fault = Fault.kept(W.ALTERED, said("{where}: {why}", where=inner, why=long))
    kept = [*fault.text.facts["where"].facts.values(), fault.text.facts["why"]]
    assert [7 if fact == 7 else len(fact) for fact in kept] == [MOST_DETAIL, 7, MOST_DETAIL]
    assert fault.detail.startswith("\ufffd[2J{0.__class__} xxx")
    assert len(fault.detail) == MOST_DETAIL


def test_a_fault_keeps_no_secret_that_a_site_sends_an_address_with():
    text = said("{why}", why="https://user:hidden@host/" + "x" * 600)
    fault = Fault.kept(W.ALTERED, text)
    assert "hidden" not in fault.text.facts["why"]
    assert "hidden" not in fault.detail


def test_an_alarm_keeps_the_time_when_it_began_until_it_ends(watch):
    down = (Fault(W.UNREACHABLE, said("no")),)
    watch.observe(look(UV, None, placement=None, published=False, faults=down))
    later = NOW + timedelta(minutes=3)
    assert report(watch).sites[1].alarms[0].since == NOW
    again = Watch(msgspec.json.decode(msgspec.json.encode(watch.seen), type=Seen))
    again.observe(look(UV, None, placement=None, published=False, faults=down))
    assert report(again, later).sites[1].alarms[0].since == NOW
    again.observe(look(UV, shown(8)))
    assert report(again, later).sites[1].alarms == ()
    again.observe(look(UV, None, placement=None, published=False, faults=down))
    assert report(again, later).sites[1].alarms[0].since == later


def test_one_clock_that_is_off_is_its_own_and_most_of_them_are_ours(watch):
    off = timedelta(minutes=6)
    watch.observe(look(TEC, shown(8)))
    watch.observe(look(UV, shown(8), clock_ahead=off))
    made = report(watch)
    assert (site_codes(made), made.alarms) == ([W.CLOCK.code], ())
    watch.observe(look(TEC, shown(8), clock_ahead=off))
    made = report(watch)
    assert site_codes(made) == []
    assert [alarm.code for alarm in made.alarms] == [W.OWN_CLOCK.code]
    watch.observe(look(TEC, shown(8), clock_ahead=-off))
    made = report(watch)
    assert (site_codes(made), site_codes(made, TEC)) == ([W.CLOCK.code], [W.CLOCK.code])


def test_the_quorum_is_of_the_trust_root(watch):
    watch.observe(look(TEC, shown(8)))
    later = NOW + timedelta(minutes=6)
    assert report(watch, later).alarms == ()
    two = msgspec.structs.replace(TRUST, policy=msgspec.structs.replace(TRUST.policy, quorum=2))
    made = report(watch, later, two)
    assert [alarm.code for alarm in made.alarms] == [W.QUORUM.code]


def test_standstill_ends_with_the_closing_cut(watch):
    watch.observe(look(TEC, shown(8)))
    later = NOW + timedelta(minutes=31)
    assert [alarm.code for alarm in report(watch, later).alarms] == [W.STANDSTILL.code]
    closing = msgspec.structs.replace(shown(8), kind=CutKind.CLOSING)
    closed = Watch(Seen("chica-2024", False, History((closing,))))
    closed.observe(look(TEC, closing))
    assert report(closed, later).alarms == ()


def test_nobody_opens(watch):
    nothing = Watch(Seen("chica-2024", False))
    assert report(nothing, OPENS + timedelta(minutes=30)).alarms == ()
    made = report(nothing, OPENS + timedelta(minutes=31))
    assert [alarm.code for alarm in made.alarms] == [W.STANDSTILL.code]


def test_a_trust_root_that_is_not_renewed_for_a_day(watch):
    watch.observe(look(TEC, shown(8)))
    watch.trust_renewed = NOW - timedelta(hours=24)
    assert report(watch).alarms == ()
    watch.trust_renewed -= timedelta(seconds=1)
    assert [alarm.code for alarm in report(watch).alarms] == [W.TRUST.code]


def test_a_publisher_of_the_centres_name_is_not_the_centre():
    named = trust_of(publisher("center"))
    sites = sites_of(named, "https://prep.center.example/", OPENS)
    assert len({site.key for site in sites}) == 2
    watch = Watch(Seen("chica-2024", False, History((shown(8),))))
    watch.observe(look(sites[0], shown(8), cosigners=frozenset(("center",))))
    assert watch.holders(8, sites) == ()


def test_a_clean_slate_is_quiet():
    made = report(Watch(Seen("chica-2024", False)), datetime(2024, 6, 1, tzinfo=OPENS.tzinfo))
    assert not made.alarmed
    assert {site.state for site in made.sites} == {State.UNSEEN}
    assert made.newest is None


def test_a_site_is_one_whatever_slash_its_address_ends_in():
    assert sites_of(TRUST, "https://x.example/", OPENS)[0].address == "https://x.example"
    assert Site("a", "a", "https://x.example").key != Site("b", "b", "https://x.example").key
