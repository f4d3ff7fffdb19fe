"""Federal results: constituencies above the unit, first minority, proportional actas, runs."""

from collections import Counter

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.cuts.composing import Composer
from openprep.cuts.cutter import CutOrder, Cutter
from openprep.election import ActaGroup, Counting, Level
from openprep.election.cut import CutKind
from openprep.hosting import TreeDirectory
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.verify.log import MirroredLog
from openprep.mirror.verify.recount import Recount
from openprep.record.state import State
from openprep.wire.cut import manifest as wire
from openprep.wire.cut.objects import NOBODY, Area
from openprep.wire.cut.ref import Link
from openprep.wire.cut.results import ResultsReader
from openprep.wire.log.checkpoint import open_checkpoint
from openprep.wire.note import Signer
from small.federal import CANDIDACIES, CATALOGUE, COLUMNS, OPENS, small_nation, versions
from small.reading import Reading

BY_ID = {expected.id: expected for expected in CATALOGUE}


def plain(field):
    """What a field adds to a total, said apart from the product's own rule."""
    return field if isinstance(field, int) else 0


class Nation:
    """A centre that has made cut 0 and one cut with the versions of a seed."""

    def __init__(self, folder, seed):
        election = small_nation()
        self.tree = TreeDirectory(folder)
        self.signer = Signer("nacion-2024/center", Ed25519PrivateKey.generate())
        self.cutter = Cutter(election, self.tree, self.signer)
        self.actas = {}
        self.cuts = 0
        self.covered = 0
        self.learnt = []
        self.events = []
        self.cut([], CutKind.ZERO)
        self.manifest = self.cut(list(versions(seed)))

    def cut(self, news, kind=CutKind.LIVE):
        self.actas.update({version.acta.acta: version.acta for version in news})
        self.cutter.learn(news)
        self.learnt += news
        self.covered = max([self.covered, *(version.position for version in news)])
        order = CutOrder(self.cuts, kind, OPENS, self.covered, None)
        made = self.cutter.make(order)
        self.events.append(made.event)
        self.cutter.activate(made)
        self.cuts += 1
        return wire.decode(self.tree.read(wire.manifest_path(order.number)), wire.Manifest)

    def log(self):
        """The log as a mirror holds it."""
        note, verifier = self.tree.read("checkpoint"), self.signer.verifier
        checkpoint = open_checkpoint(note, origin=verifier.name, log=[verifier]).checkpoint
        return MirroredLog.load(self.tree, checkpoint, verifier.name)

    def mirror(self):
        """Who counts again, into packs of a tree of its own."""
        self.mirrored = TreeDirectory(self.tree.root.parent / "mirror")
        return Recount(self.mirrored, self.tree.read_object)

    def reading(self, cut=None):
        return Reading(self.tree, cut)

    def areas(self):
        """Every area down to the units."""
        return list(self.reading().areas())


@pytest.fixture(params=range(4))
def nation(tmp_path, request):
    return Nation(tmp_path / "center", request.param)


def test_proportional_actas_are_summed_at_the_entity_and_enter_no_total(nation):
    by_path = {(area.level, area.path): area for area in nation.areas()}
    for entity in ("01", "02"):
        apart, within = [0] * len(COLUMNS), [0] * len(COLUMNS)
        counts = Counter()
        for expected in CATALOGUE:
            if expected.area.startswith(entity):
                acta = nation.actas.get(expected.id)
                proportional = expected.tipo_acta == "3ERP"
                counts["expected"] += proportional
                counts["captured"] += proportional and acta is not None
                for index, field in enumerate(acta.votes if acta else ()):
                    (apart if proportional else within)[index] += plain(field)
        published = by_path[Level.ENTITY, entity]
        assert list(published.votes.columns) == within
        assert list(published.proportional.columns) == apart
        assert published.proportional.expected == counts["expected"] > 0
        assert published.proportional.captured == counts["captured"]
        assert published.proportional.total == sum(apart)
    others = [area for (level, _), area in by_path.items() if level is not Level.ENTITY]
    assert all(area.proportional is None for area in others)


def test_special_casillas_are_a_group_of_their_own_and_their_sections_are_named(nation):
    by_path = {area.path: area for area in nation.areas()}
    for path in ("", "01", "01/01"):
        groups = {group.group: group for group in by_path[path].groups}
        assert set(groups) == {ActaGroup.URBANA, ActaGroup.NO_URBANA, ActaGroup.ESPECIAL}
        special = [
            expected
            for expected in CATALOGUE
            if expected.kind.value == "S" and expected.area.startswith(path)
        ]
        captured = [
            nation.actas[expected.id] for expected in special if expected.id in nation.actas
        ]
        shown = groups[ActaGroup.ESPECIAL]
        assert (shown.expected, shown.captured) == (len(special), len(captured))
        votes = [acta.votes for acta in captured if "3EMR" in acta.acta]
        assert shown.total == sum(plain(field) for row in votes for field in row)
        assert shown.lista_nominal == 0
        assert shown.secciones == (("0102",) if path == "01/01" else ())
        located = [groups[ActaGroup.URBANA], groups[ActaGroup.NO_URBANA]]
        summary, votes = by_path[path].summary, by_path[path].votes
        for name in ("expected", "captured", "counted", "lista_nominal"):
            assert sum(getattr(group, name) for group in located) == getattr(summary, name)
        assert sum(group.total for group in located) == votes.total
        for position, candidacy in enumerate(votes.candidacies):
            assert sum(group.candidacies[position] for group in located) == candidacy.votes


def test_constituencies_won_and_second_places_are_counted_above_them(nation):
    root, *_ = nation.areas()
    first, second = Counter(), Counter()
    for entity in ("01", "02"):
        area = next(area for area in nation.areas() if area.path == entity)
        ranked = sorted(area.votes.candidacies, key=lambda candidacy: -candidacy.votes)
        assert len({candidacy.votes for candidacy in ranked[:3]}) == len(ranked[:3]), (
            "a tie in the seed"
        )
        first[ranked[0].key] += 1
        second[ranked[1].key] += 1
        assert area.won == ()
    assert {contender.key: contender.units for contender in root.won if contender.units} == first
    assert {contender.key: contender.second for contender in root.won if contender.second} == second


def test_people_are_named_where_they_run_and_not_above(nation):
    for area in nation.areas():
        names = {candidacy.name for candidacy in area.votes.candidacies}
        if area.level is Level.NATIONAL:
            assert names == {None}
        else:
            assert None not in names
            assert ("Paz" in names) is area.path.startswith("02")


def test_runs_hold_neighbouring_sections_and_every_level_adds_up(nation):
    runs = list(nation.reading().runs())
    assert {len(known.secciones) for run, known in runs if run.path.count("/01/")} == {16, 3}
    for area in nation.areas():
        assert area.votes.total == sum(child.total for child in area.children)
        assert area.summary.captured == sum(child.captured for child in area.children)
        by_candidacy = sum(candidacy.votes for candidacy in area.votes.candidacies)
        nobody = area.votes.unregistered + area.votes.null + area.votes.off_ballot
        assert by_candidacy + nobody == area.votes.total
        by_party = sum(party.votes for party in area.parties)
        assert by_party + nobody == area.votes.total


def test_a_run_says_of_its_sections_what_their_actas_add_up_to(nation):
    rows = {}
    for area in nation.areas():
        for child in area.children:
            rows[child.path] = child
    for found in nation.reading().runs():
        row = rows[found.run.path]
        assert row.captured == sum(found.run.places.captured)
        assert row.counted == sum(found.run.places.counted)
        assert row.total == sum(found.run.places.total)
        assert row.expected == sum(found.catalogue.actas) == len(found.run.leaves)
    contenders = small_nation().contests["SEN"].contenders
    for section in nation.reading().sections():
        counted = [acta for acta in section.actas if acta.counting is Counting.COUNTED]
        within = [acta for acta in counted if acta.expected.tipo_acta != "3ERP"]
        assert section.captured == sum(acta.acta is not None for acta in section.actas)
        assert section.counted == len(counted)
        assert section.total == sum(acta.total for acta in within)
        received = Counter()
        unit = CANDIDACIES[section.path.split("/")[0]]
        for acta in within:
            votes = dict(zip([column.id for column in COLUMNS], acta.acta.votes, strict=True))
            for candidacy in unit:
                received[candidacy.key] += sum(plain(votes[name]) for name in candidacy.columns)
        most = max(received.values(), default=0)
        ahead = [key for key, votes in received.items() if votes == most]
        assert section.leader_votes == most
        alone = len(ahead) == 1 and most
        assert section.leader == (contenders.index(ahead[0]) if alone else NOBODY)


def test_every_acta_is_in_one_run_with_the_leaf_that_is_its_standing_version(nation):
    shown = {
        acta.expected.id: acta for section in nation.reading().sections() for acta in section.actas
    }
    assert [shown[expected.id].expected for expected in CATALOGUE] == list(CATALOGUE)
    assert {key: acta.acta for key, acta in shown.items() if acta.acta} == nation.actas


def test_a_mirror_counts_the_same_from_the_actas(nation):
    mirror = nation.mirror()
    mirror.check(nation.manifest, nation.log())
    where = nation.mirrored.where(nation.manifest.cut)
    root = Link(nation.manifest.contests[0].results, where.roots["SEN"])
    own = ResultsReader(nation.mirrored.read_at).object(root, Area)
    assert own == nation.reading().objects()[""]


def test_the_last_cut_changes_the_root_alone_and_a_mirror_packs_no_more(nation):
    mirror = nation.mirror()
    mirror.check(nation.manifest, nation.log())
    live = nation.reading().digests()
    last = nation.cut([], CutKind.CLOSING)
    assert nation.reading().digests() - live == {last.contests[0].results}
    before = nation.mirrored.packs()
    mirror.check(last, nation.log())
    (fresh,) = set(nation.mirrored.packs()) - set(before)
    assert nation.mirrored.read(f"packs/{fresh}.pack").count(b'{"kind":') == 1


@pytest.mark.parametrize("first", [CutKind.LIVE, CutKind.CLOSING])
def test_a_root_that_was_right_in_a_cut_of_the_other_kind_is_not_believed(nation, first):
    """What was counted is remembered by its digest: the last cut's rule must not be skipped."""
    honest, log = nation.cut([], first), nation.log()
    other = CutKind.LIVE if first is CutKind.CLOSING else CutKind.CLOSING
    lying = msgspec.structs.replace(honest, kind=other)
    recount = nation.mirror()
    recount.check(honest, log)
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            recount.check(lying, log)
        assert refused.value.code is MirrorCode.RECOUNT
    recount.check(honest, log)


@pytest.mark.parametrize("field", ["won", "proportional"])
def test_a_mirror_finds_what_the_centre_invents(tmp_path, monkeypatch, field):
    real = getattr(Composer, f"_{field}")

    def inventing(self, *arguments):
        found = real(self, *arguments)
        if not found:
            return found
        if field == "won":
            return (msgspec.structs.replace(found[0], second=found[0].second + 1), *found[1:])
        return msgspec.structs.replace(found, counted=found.counted + 1)

    monkeypatch.setattr(Composer, f"_{field}", inventing)
    nation = Nation(tmp_path / "center", 1)
    with pytest.raises(Refused) as refused:
        nation.mirror().check(nation.manifest, nation.log())
    assert refused.value.code is MirrorCode.RECOUNT


def test_a_cut_adds_one_object_a_level_for_one_acta(nation):
    before = nation.reading().digests()
    missing = next(expected for expected in CATALOGUE if expected.id not in nation.actas)
    version = next(v for v in versions(99, share=1.1) if v.acta.acta == missing.id)
    nation.cut([version])
    assert len(nation.reading().digests() - before) == 4  # run, district, entity, root
    first, *_, last = (nation.tree.size_of(f"packs/{number}.pack") for number in (1, 2, 3))
    assert last < first / 3


def test_a_centre_started_again_goes_on_from_what_it_left(nation):
    again = Cutter(small_nation(), nation.tree, nation.signer)
    again.replay(State(cuts=nation.events, versions=nation.learnt))
    again.resume(nation.manifest)
    order = CutOrder(2, CutKind.LIVE, OPENS, nation.covered, None)
    made = again.make(order)
    again.activate(made)
    made = wire.decode(nation.tree.read("cuts/2.json"), wire.Manifest)
    assert made.contests == nation.manifest.contests
    assert nation.reading(1).digests() == nation.reading(2).digests()
