"""Each kind of lie is found, and named: one that a centre signs, or one of whoever serves."""

import io
import zipfile

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from audit.liar import (
    PICTURE,
    HonestCenter,
    at,
    audited,
    failed,
    in_catalogue,
    in_run,
    in_run_catalogue,
    outside,
)
from openprep.audit.checks.images import OfImages
from openprep.audit.checks.search import Wanted, make_receipt
from openprep.audit.checks.tree import Audit
from openprep.audit.codes import AuditCode, AuditRefused
from openprep.audit.keys import Keys, from_verifiers
from openprep.audit.place import open_place
from openprep.election import AboveList, VotesOverList
from openprep.wire.cut import manifest as wire
from openprep.wire.cut.description import encode_declared
from openprep.wire.cut.objects import (
    NOBODY,
    Area,
    Identified,
    ProportionalVotes,
    encode_object,
)
from openprep.wire.cut.ref import Location, image_path, pack_path, ref_to, where_path
from openprep.wire.log.checkpoint import Checkpoint, sign_checkpoint
from openprep.wire.log.leaf import (
    ActaLeaf,
    CutLeaf,
    ImageCame,
    ImagesLeaf,
    RulesLeaf,
    decode_leaf,
    encode_leaf,
)
from openprep.wire.note import Signer
from openprep.wire.trust import LogKey
from small.election import acta, version
from small.image import digest_of, jpeg

REPLACE = structs.replace
SIGNED = "X018"
"""Whatever a centre signs that the log does not give, it is found by the digest alone."""


def lie_of(liar, edit):
    """Codes of the checks that find a signed lie, beside that of the digest."""
    liar.show(edit)
    codes = failed(audited(liar.folder, liar.signer.verifier))
    assert SIGNED in codes
    return codes - {SIGNED}


def test_a_tree_that_is_signed_anew_without_a_lie_passes(liar):
    liar.show(lambda found: found)
    assert failed(audited(liar.folder, liar.signer.verifier)) == set()


# Figures


def summary(**changes):
    return lambda found: REPLACE(found, summary=REPLACE(found.summary, **changes))


def votes(**changes):
    return lambda found: REPLACE(found, votes=REPLACE(found.votes, **changes))


@pytest.mark.parametrize(
    "figure",
    [
        "expected",
        "registered",
        "out_of_catalogue",
        "captured",
        "captured_share",
        "counted",
        "counted_share",
        "inconsistent_share",
        "not_counted",
        "lista_nominal",
        "votes_without_special",
        "participation",
    ],
)
@pytest.mark.parametrize(("level", "path"), [("entity", ""), ("municipality", "002")])
def test_each_of_the_13_figures_off_by_one(liar, figure, level, path):
    def lie(found):
        return summary(**{figure: getattr(found.summary, figure) + 1})(found)

    assert lie_of(liar, at(level, path, lie)) == {"X025"}


@pytest.mark.parametrize(("level", "path"), [("entity", ""), ("municipality", "002")])
@pytest.mark.parametrize(
    "lie",
    [
        {"of": VotesOverList.WITHOUT_SPECIAL},
        {"votes": 1},
        {"above": AboveList.BEYOND_LIST},
    ],
    ids=lambda lie: next(iter(lie)),
)
def test_a_participation_that_says_it_was_made_otherwise(liar, lie, level, path):
    def made(found):
        return summary(basis=REPLACE(found.summary.basis, **lie))(found)

    assert lie_of(liar, at(level, path, made)) == {"X025"}


def test_a_participation_where_there_is_none(liar):
    """An area whose counted actas have no list has none, and not 0."""

    def lie(found):
        return summary(participation=None)(found)

    assert lie_of(liar, at("municipality", "002", lie)) == {"X025"}


def test_votes_with_special_casillas_off_by_one_are_out_of_balance_too(liar):
    def lie(found):
        return summary(votes_with_special=found.summary.votes_with_special + 1)(found)

    assert lie_of(liar, at("municipality", "002", lie)) == {"X025", "X029"}


def test_the_manifest_s_own_figures(liar):
    manifest = liar.manifest()
    (contest,) = manifest.contests
    lying = REPLACE(contest, summary=REPLACE(contest.summary, counted=0))
    liar.sign(REPLACE(manifest, contests=(lying,)))
    codes = failed(audited(liar.folder, liar.signer.verifier))
    assert codes == {"X025", "X034"}, "the database has the true ones"


def moved(values, taken, given, count=1):
    changed = list(values)
    changed[taken] -= count
    changed[given] += count
    return tuple(changed)


@pytest.mark.parametrize(("level", "path"), [("entity", ""), ("municipality", "001")])
def test_a_vote_moved_from_one_column_to_another(liar, level, path):
    def lie(found):
        return votes(columns=moved(found.votes.columns, 0, 1))(found)

    assert lie_of(liar, at(level, path, lie)) == {"X026"}


@pytest.mark.parametrize(("level", "path"), [("entity", ""), ("municipality", "001")])
def test_a_vote_moved_from_one_candidacy_to_another(liar, level, path):
    def lie(found):
        return votes(candidacies=moved(found.votes.candidacies, 0, 1))(found)

    assert lie_of(liar, at(level, path, lie)) == {"X027"}


def test_votes_that_nobody_cast(liar):
    def lie(found):
        first, *rest = found.votes.candidacies
        return votes(candidacies=(first + 100, *rest))(found)

    assert lie_of(liar, at("entity", "", lie)) == {"X027", "X029"}


def test_votes_off_the_ballot_that_nobody_cast(liar):
    lie = at("entity", "", votes(off_ballot=7))
    assert lie_of(liar, lie) == {"X026", "X027", "X029"}


def test_another_s_name_on_a_candidacy(liar):
    def lie(found):
        first, *rest = found.running
        return REPLACE(found, running=(REPLACE(first, name="Otra"), *rest))

    assert lie_of(liar, in_catalogue("UNO", lie)) == {"X027"}


def test_a_share_that_is_rounded(liar):
    manifest = liar.manifest()
    (contest,) = manifest.contests
    first, *rest = contest.votes.candidacies
    rounded = REPLACE(first, share=first.share + 1)
    lying = REPLACE(contest, votes=REPLACE(contest.votes, candidacies=(rounded, *rest)))
    liar.sign(REPLACE(manifest, contests=(lying,)))
    assert failed(audited(liar.folder, liar.signer.verifier)) == {"X027"}


def test_a_fraction_given_to_another_party_of_the_coalition(liar):
    def lie(found):
        return REPLACE(found, parties=moved(found.parties, 0, 1))

    assert lie_of(liar, at("municipality", "001", lie)) == {"X028"}


def test_a_party_under_another_name(liar):
    def lie(found):
        return REPLACE(found, parties=(*found.parties[1:], found.parties[0]))

    assert lie_of(liar, in_catalogue("UNO", lie)) == {"X028"}


def test_null_votes_hidden_as_unregistered(liar):
    def lie(found):
        *others, unregistered, null = found.votes.columns
        return votes(columns=(*others, unregistered + null, 0))(found)

    assert lie_of(liar, at("entity", "", lie)) == {"X026"}


@pytest.mark.parametrize("field", ["units", "second"])
def test_a_constituency_that_somebody_else_won_or_came_second_in(liar, field):
    def lie(found):
        first, *rest = found.won
        return REPLACE(found, won=(REPLACE(first, **{field: getattr(first, field) + 1}), *rest))

    assert lie_of(liar, at("entity", "", lie)) == {"X030"}


@pytest.mark.parametrize("proportional", [None, ProportionalVotes(1, 1, 1, 9, (9, *[0] * 10))])
def test_actas_of_proportional_representation_hidden_or_invented(liar, proportional):
    lie = at("entity", "", lambda found: REPLACE(found, proportional=proportional))
    assert lie_of(liar, lie) == {"X031"}


@pytest.mark.parametrize(
    "changes",
    [
        {"expected": 9_999},
        {"captured": 0},
        {"counted": 0},
        {"lista_nominal": 1},
        {"total": 9_999},
        {"null": 9_999},
        {"candidacies": (0, 0)},
    ],
)
@pytest.mark.parametrize("place", [("municipality", "001"), ("entity", "")])
def test_a_group_of_actas_with_other_figures(liar, place, changes):
    def lie(found):
        first, *rest = found.groups
        return REPLACE(found, groups=(REPLACE(first, **changes), *rest))

    assert lie_of(liar, at(*place, lie)) == {"X037"}


def test_a_group_of_actas_in_other_sections(liar):
    def lie(found):
        *others, last = found.groups
        return REPLACE(found, groups=(*others, REPLACE(last, secciones=("0009",))))

    assert lie_of(liar, in_catalogue("DOS", lie)) == {"X037"}


@pytest.mark.parametrize("kept", [0, 1])
def test_a_group_of_actas_left_out(liar, kept):
    def lie(found):
        return REPLACE(found, groups=found.groups[:kept])

    liar.show(at("entity", "", lie))
    assert failed(audited(liar.folder, liar.signer.verifier)) == {SIGNED, "X037"}


@pytest.mark.parametrize("figure", ["captured", "counted", "total", "leader", "leader_votes"])
def test_a_list_of_areas_that_says_other_than_the_areas(liar, figure):
    def lie(found):
        first, *rest = getattr(found.places, figure)
        return REPLACE(found, places=REPLACE(found.places, **{figure: (first + 1, *rest)}))

    assert lie_of(liar, at("entity", "", lie)) == {"X032"}


@pytest.mark.parametrize("figure", ["captured", "counted", "total", "leader", "leader_votes"])
def test_a_section_that_says_other_than_its_actas(liar, figure):
    """As where an acta is declared uncounted, or counted although there is none."""

    def lie(found):
        first, *rest = getattr(found.places, figure)
        return REPLACE(found, places=REPLACE(found.places, **{figure: (first + 1, *rest)}))

    assert lie_of(liar, in_run("001/0001-0002", lie)) == {"X032"}


# Actas


def test_an_acta_shown_with_the_leaf_of_another(liar):
    def lie(found):
        first, second, *rest = found.leaves
        return REPLACE(found, leaves=(second, first, *rest))

    assert lie_of(liar, in_run("001/0001-0002", lie)) == {"X021"}


def test_an_acta_shown_with_a_leaf_that_is_none_of_its_own(liar):
    def lie(found):
        return REPLACE(found, leaves=(0, *found.leaves[1:]))

    assert lie_of(liar, in_run("001/0001-0002", lie)) == {"X022", "X023"}


def test_an_acta_shown_before_it_was_corrected(liar):
    def lie(found):
        (first,) = found.earlier["0"]
        return REPLACE(found, leaves=(first, *found.leaves[1:]))

    assert lie_of(liar, in_run("001/0001-0002", lie)) == {"X022", "X023"}


def test_an_acta_that_stands_elsewhere_in_its_bundle(liar):
    def lie(found):
        first, *rest = found.offsets
        return REPLACE(found, offsets=(first + 1, *rest))

    assert lie_of(liar, in_run("001/0001-0002", lie)) == {"X022"}


def test_an_acta_of_the_log_shown_as_never_captured(liar):
    def lie(found):
        return REPLACE(found, leaves=(NOBODY, *found.leaves[1:]))

    assert lie_of(liar, in_run("001/0001-0002", lie)) == {"X023"}


def test_actas_left_out_with_their_sections(liar):
    catalogue = in_catalogue("UNO", lambda found: REPLACE(found, ids=("0009-0009",)))
    area = at("municipality", "001", lambda found: found)
    assert lie_of(liar, lambda found: catalogue(area(found))) == {"X021", "X023"}


def test_an_area_left_out(liar):
    def lie(found):
        return REPLACE(found, children=found.children[:-1])

    assert lie_of(liar, at("entity", "", lie)) == {"X021", "X023"}


def test_an_acta_out_of_catalogue_left_out(liar):
    def lie(found):
        return REPLACE(found, leaves=(), offsets=(), images=())

    assert lie_of(liar, outside(lie)) == {"X022", "X023", "X036"}


def test_all_actas_out_of_catalogue_left_out(liar):
    assert lie_of(liar, at("entity", "", lambda a: REPLACE(a, outside=None))) == {"X023"}


def test_an_acta_out_of_catalogue_shown_twice(liar):
    """The figures say two, and two are listed: only that they are one acta gives it away."""

    def at_the_root(found):
        registered = found.summary.registered + 1
        return summary(registered=registered, out_of_catalogue=2)(found)

    def twice(found):
        return REPLACE(
            found,
            leaves=found.leaves * 2,
            offsets=found.offsets * 2,
            images=found.images * 2,
        )

    root, apart = at("entity", "", at_the_root), outside(twice)
    liar.show(lambda found: root(apart(found)))
    manifest = liar.manifest()
    (contest,) = manifest.contests
    said = REPLACE(contest.summary, registered=contest.summary.registered + 1, out_of_catalogue=2)
    liar.sign(REPLACE(manifest, contests=(REPLACE(contest, summary=said),)))
    codes = failed(audited(liar.folder, liar.signer.verifier))
    assert codes == {SIGNED, "X021", "X022", "X025", "X034", "X036"}, "the database has the one"


def test_an_acta_said_to_be_identified(liar):
    def lie(found):
        return REPLACE(found, identified=(Identified(3, 4),))

    assert lie_of(liar, outside(lie)) == {"X022"}


def test_an_acta_shown_twice(liar):
    def lie(found):
        return REPLACE(found, leaves=(*found.leaves, found.leaves[0]))

    assert lie_of(liar, in_run("001/0001-0002", lie)) == {"X021"}


def test_a_correction_hidden_as_if_it_were_the_first_version(liar):
    lie = in_run("001/0001-0002", lambda found: REPLACE(found, earlier={}))
    assert lie_of(liar, lie) == {"X022"}


def test_an_earlier_version_that_is_another_acta(liar):
    lie = in_run("001/0001-0002", lambda found: REPLACE(found, earlier={"0": (3,)}))
    assert lie_of(liar, lie) == {"X022"}


# Places


def test_a_wrong_breadcrumb(liar):
    def lie(found):
        return REPLACE(found, parents=(REPLACE(found.parents[0], name="OTRA"),))

    assert lie_of(liar, in_catalogue("UNO", lie)) == {"X021"}


def test_an_area_under_another_name(liar):
    assert lie_of(liar, in_catalogue("UNO", lambda a: REPLACE(a, name="DOS"))) == {"X021"}


def test_an_area_under_another_name_in_the_list_of_those_above(liar):
    lie = in_catalogue("CHICA", lambda a: REPLACE(a, names=("UNO", *a.names[1:])))
    assert lie_of(liar, lie) == {"X021"}


def test_an_area_that_counts_twice(liar):
    def lie(found):
        return REPLACE(found, children=(*found.children, found.children[-1]))

    assert lie_of(liar, at("entity", "", lie)) == {"X021"}


def test_a_section_in_another_municipality(liar):
    lie = in_run("002/0000-0003", lambda found: REPLACE(found, path="001/0000-0003"))
    assert lie_of(liar, lie) == {"X021"}


def test_an_acta_in_another_section(liar):
    lie = in_run_catalogue("001/0001-0002", lambda found: REPLACE(found, actas=(1, 2)))
    assert lie_of(liar, lie) == {"X021"}


# Opening, rules


def in_columns(**values):
    """An edit of the expected actas of a run: the first value of some columns."""

    def lie(found):
        columns = {
            name: (value, *getattr(found.expected, name)[1:]) for name, value in values.items()
        }
        return REPLACE(found, expected=REPLACE(found.expected, **columns))

    return lie


def test_the_lista_nominal_changed_after_the_opening(liar):
    lie = in_run_catalogue("001/0001-0002", in_columns(lista_nominal=7_000))
    assert lie_of(liar, lie) == {"X017"}


def test_more_actas_expected_after_the_opening(liar):
    lie = in_catalogue("UNO", lambda found: REPLACE(found, expected=(9, *found.expected[1:])))
    assert lie_of(liar, lie) == {"X032"}


def test_a_casilla_added_after_the_opening(liar):
    def lie(found):
        columns = structs.asdict(found.expected)
        added = {name: (*column, column[0]) for name, column in columns.items()}
        return REPLACE(found, actas=(3, 1), expected=REPLACE(found.expected, **added))

    assert lie_of(liar, in_run_catalogue("001/0001-0002", lie)) == {"X017", "X021"}


class Impatient(HonestCenter):
    """A centre that has actas before it opens."""

    def next_cut(self, versions=None):
        first = [version(1, acta(2))] if self.cut == -1 else versions
        return super().next_cut(first)


def test_a_night_that_does_not_open_at_zero(tmp_path):
    center = Impatient(tmp_path / "tree").night(1)
    codes = failed(audited(center.tree.root, center.signer.verifier))
    assert codes == {"X013", "X033"}


def test_rules_changed_in_the_middle_of_the_night(liar):
    shown = liar.declared()
    lying = encode_declared(REPLACE(shown, rules=REPLACE(shown.rules, excess_exempt=())))
    ref = ref_to(lying)
    liar.tree.place_object(ref.sha256, lying)
    liar.sign(REPLACE(liar.manifest(), description=ref))
    assert failed(audited(liar.folder, liar.signer.verifier)) == {"X017"}


def test_a_drill_shown_as_an_election(liar):
    liar.sign(REPLACE(liar.manifest(), drill=True))
    assert failed(audited(liar.folder, liar.signer.verifier)) == {"X017"}


# Bytes that a browser could read otherwise


@pytest.mark.parametrize(
    "forge",
    [
        lambda data: data[:-1] + b',"note":"all is well"}',
        lambda data: data.replace(b'"schema":2', b'"schema":2,"schema":2', 1),
        lambda data: data.replace(b'"schema":2', b'"schema": 2', 1),
        lambda data: data.replace(b'"schema":2', b'"schema":3', 1),
        lambda data: data[:-1],
    ],
    ids=["unknown member", "member twice", "space", "schema", "cut short"],
)
@pytest.mark.parametrize("place", [("municipality", "001"), None], ids=["area", "run"])
def test_an_object_that_is_not_in_its_exact_form(liar, forge, place):
    def lie(found):
        return forge(encode_object(found))

    edit = in_run("001/0001-0002", lie) if place is None else at(*place, lie)
    assert lie_of(liar, edit) == {"X020"}


@pytest.mark.parametrize("name", ["rules", "running", "catalogue"])
@pytest.mark.parametrize("what", ["missing", "altered", "another kind"])
def test_what_is_declared_is_missing_or_another(liar, name, what):
    shown = liar.declared()
    (contest,) = shown.contests
    digest = (
        liar.manifest().description.sha256 if name == "rules" else getattr(contest, name).sha256
    )
    path = liar.folder / f"objects/{digest[:2]}/{digest}.json"
    data = path.read_bytes()
    path.unlink()
    if what == "altered":
        path.write_bytes(data.replace(b"chica", b"gorda"))
    elif what == "another kind":
        path.write_bytes(data.replace(b'"kind":"', b'"kind":"no_'))
    assert failed(audited(liar.folder, liar.signer.verifier)) == {"X020"}


# The log


def relogged(liar, edit):
    liar.relog(edit(liar.entries()))
    return failed(audited(liar.folder, liar.signer.verifier))


def edited(entries, kind, change, which=0):
    """``entries`` with the first leaf of a kind changed."""
    found = [i for i, entry in enumerate(entries) if isinstance(decode_leaf(entry), kind)]
    position = found[which]
    changed = encode_leaf(change(decode_leaf(entries[position])))
    return [*entries[:position], changed, *entries[position + 1 :]]


def test_history_written_anew(liar):
    """The first acta of the night gets other figures, after mirrors have seen the true ones."""

    def lie(entries):
        return edited(entries, ActaLeaf, lambda leaf: REPLACE(leaf, votes=moved(leaf.votes, 1, 0)))

    codes = relogged(liar, lie)
    assert "X014" in codes, "the checkpoints signed before are of another history"
    assert codes >= {SIGNED, "X035"}, "and its results and databases are those of the true ones"


def test_the_last_acta_of_the_log_altered(liar):
    """No checkpoint was signed over it before, and no total has it; the database does."""

    def lie(entries):
        return edited(entries, ActaLeaf, lambda leaf: REPLACE(leaf, surplus_ballots=99), which=-1)

    assert relogged(liar, lie) == {"X035"}


def test_a_correction_without_reason(liar):
    def lie(entries):
        return edited(entries, ActaLeaf, lambda leaf: REPLACE(leaf, reason=None), which=-2)

    assert "X013" in relogged(liar, lie)


def test_a_version_that_skips_one(liar):
    def lie(entries):
        return edited(entries, ActaLeaf, lambda leaf: REPLACE(leaf, version=3), which=-2)

    assert "X013" in relogged(liar, lie)


def test_a_cut_left_out_of_the_log(liar):
    def lie(entries):
        cuts = [i for i, entry in enumerate(entries) if isinstance(decode_leaf(entry), CutLeaf)]
        return [*entries[: cuts[2]], *entries[cuts[2] + 1 :]]

    assert "X013" in relogged(liar, lie)


def test_rules_that_stand_twice(liar):
    def lie(entries):
        return [*entries[:-1], entries[0], entries[-1]]

    assert "X013" in relogged(liar, lie)


def test_a_log_that_begins_with_an_acta(liar):
    def lie(entries):
        rules = [entry for entry in entries if isinstance(decode_leaf(entry), RulesLeaf)]
        return [entry for entry in entries if entry not in rules]

    assert "X013" in relogged(liar, lie)


def added(liar, *leaves):
    """Codes, where these leaves stand before the last cut."""

    def lie(entries):
        return [*entries[:-1], *map(encode_leaf, leaves), entries[-1]]

    return relogged(liar, lie)


def first_acta(liar):
    leaves = map(decode_leaf, liar.entries())
    return next(leaf for leaf in leaves if isinstance(leaf, ActaLeaf))


def without_images(liar, edit):
    """Codes, where the last images leaf is changed."""
    return relogged(liar, lambda entries: edited(entries, ImagesLeaf, edit, which=-1))


def test_an_acta_that_is_only_in_the_log(liar):
    codes = added(liar, REPLACE(first_acta(liar), acta="A2"))
    assert codes >= {"X013", SIGNED, "X023"}, "after the images of its cut, too"


@pytest.mark.parametrize(
    "changes",
    [
        {"contest": "GUB"},
        {"acta": "A99"},
        {"votes": (1, 2, 3)},
        {"acta": None, "reason": "cotejo"},
        {"acta": None, "version": 2},
        {"acta": "A2", "reason": "es esta", "identifies": 2},
        {"acta": "A2", "reason": None, "identifies": 4},
        {"acta": None, "identifies": 4},
    ],
    ids=[
        "of a contest that there is not",
        "of an acta that there is not",
        "with other columns",
        "corrected out of catalogue",
        "a later version out of catalogue",
        "that identifies what is no acta out of catalogue",
        "that identifies without a reason",
        "out of catalogue that identifies another",
    ],
)
def test_an_acta_that_the_log_cannot_have(liar, changes):
    entries = liar.entries()
    images = next(i for i, entry in enumerate(entries) if entry.startswith(b'["images"'))
    wrong = encode_leaf(REPLACE(first_acta(liar), **changes))
    assert "X013" in relogged(liar, lambda _: [*entries[:images], wrong, *entries[images:]])
    report = audited(liar.folder, liar.signer.verifier)
    (rules,) = (outcome for outcome in report.outcomes if outcome.code == "X013")
    assert any(f"leaf {images}:" in place for place in rules.places)


def test_an_acta_after_the_images_of_its_cut(liar):
    assert "X013" in added(liar, REPLACE(first_acta(liar), acta=None))


def test_more_images_in_a_leaf_than_fit(liar):
    def lie(leaf):
        return REPLACE(leaf, images=leaf.images * 2_001)

    assert "X013" in without_images(liar, lie)


@pytest.mark.parametrize("leaf", [0, 1, 2**40])
def test_images_of_what_names_none(liar, leaf):
    def lie(images):
        return REPLACE(images, images=(ImageCame(leaf, 10),))

    assert "X013" in without_images(liar, lie)


def test_an_image_told_twice(liar):
    entries = liar.entries()
    images = next(entry for entry in entries if entry.startswith(b'["images"'))
    assert relogged(liar, lambda _: [*entries[:-1], images, entries[-1]]) == {"X013"}


def test_a_cut_after_the_closing_one(liar):
    def lie(entries):
        last = decode_leaf(entries[-1])
        return [*entries, encode_leaf(REPLACE(last, cut=last.cut + 1))]

    assert "X013" in relogged(liar, lie)


@pytest.mark.parametrize("size", [17, 300, 2**40, 2**63 - 1])
def test_a_log_that_claims_more_leaves_than_there_are(liar, size):
    checkpoint = Checkpoint(liar.signer.name, size, bytes(32))
    (liar.folder / "checkpoint").resolve().write_bytes(sign_checkpoint(checkpoint, [liar.signer]))
    assert failed(audited(liar.folder, liar.signer.verifier)) == {"X012"}


def test_a_tree_that_lists_one_object_again_and_again_ends(liar):
    def lie(found):
        again = isinstance(found, Area)
        return REPLACE(found, children=found.children * 9) if again else found

    liar.show(lie)
    report = audited(liar.folder, liar.signer.verifier)
    assert failed(report) == {SIGNED, "X021"}
    assert next(outcome for outcome in report.outcomes if outcome.code == "X020").looked_at < 100


# Packs, which nobody signs


def entry_of(liar, contest="AYUN"):
    """The pack in which a contest's results begin, and where in it."""
    cut = liar.manifest().cut
    root = liar.tree.where(cut).roots[contest]
    return liar.folder / pack_path(root.pack), root


def test_a_tree_that_says_wrong_places_withholds_and_says_so_of_which_area(liar):
    path, root = entry_of(liar)
    data = path.read_bytes()
    line = data[root.offset :].split(b"\n")[0]
    places = msgspec.json.decode(line)
    places[1], places[2] = places[2], places[1]
    swapped = msgspec.json.encode(places)
    assert len(swapped) == len(line)
    path.write_bytes(data.replace(line, swapped))
    report = audited(liar.folder, liar.signer.verifier)
    assert failed(report) == {"X020"}
    (objects,) = (outcome for outcome in report.outcomes if outcome.code == "X020")
    assert "municipality 000" in objects.places[0]
    assert objects.failed == 2


@pytest.mark.parametrize("kind", ["municipality 001", "001/0001-0002"])
def test_an_object_that_is_withheld_is_named_by_its_area(liar, kind):
    folder = liar.folder / "packs"
    for path in folder.iterdir():
        data = path.read_bytes()
        own = b'"path":"%s"' % kind.split()[-1].encode()
        path.write_bytes(data.replace(own, own.replace(b"001", b"0x1")))
    report = audited(liar.folder, liar.signer.verifier)
    assert failed(report) == {"X020"}
    (objects,) = (outcome for outcome in report.outcomes if outcome.code == "X020")
    assert any(kind in place for place in objects.places)


@pytest.mark.parametrize(
    "at",
    [
        Location(-1, 0, 10),
        Location(1, -5, 10),
        Location(1, 0, 2**62),
        Location(1, 2**62, 10),
        Location(2**62, 0, 10),
        Location(1, 0, 0),
        Location(1, 2**63, 10),
        Location(1, 0, 2**64 - 1),
        Location(1, 2**53 - 1, 2**53 - 1),
    ],
)
def test_results_that_begin_nowhere(liar, at):
    where = liar.tree.where(liar.manifest().cut)
    liar.tree.place_where(REPLACE(where, roots={"AYUN": at}))
    assert failed(audited(liar.folder, liar.signer.verifier)) == {"X020"}
    assert no_receipt(liar) is AuditCode.OBJECTS


def test_what_says_deep_inside_itself_where_results_begin(liar):
    deep = b'{"x":' + b"[" * 5000 + b"]" * 5000 + b"}"
    (liar.folder / where_path(liar.manifest().cut)).write_bytes(deep)
    assert failed(audited(liar.folder, liar.signer.verifier)) == {"X020"}
    assert no_receipt(liar) is AuditCode.OBJECTS


def test_parts_that_stand_where_no_file_reaches(liar):
    path, root = entry_of(liar)
    line, _, data = path.read_bytes()[root.offset :][: root.size].partition(b"\n")
    far = msgspec.json.encode([[1, 2**63, 10] for _ in msgspec.json.decode(line)])
    entry = far + b"\n" + data
    (liar.folder / pack_path(77)).write_bytes(entry)
    where = liar.tree.where(liar.manifest().cut)
    liar.tree.place_where(REPLACE(where, roots={"AYUN": Location(77, 0, len(entry))}))
    assert failed(audited(liar.folder, liar.signer.verifier)) == {"X020"}
    assert no_receipt(liar) is AuditCode.OBJECTS


def no_receipt(liar):
    """Why no receipt can be made of an acta."""
    keys = from_verifiers([str(liar.signer.verifier)])
    with open_place(str(liar.folder)) as place, pytest.raises(AuditRefused) as refused:
        make_receipt(place, keys, Wanted("AYUN", "A0"))
    return refused.value.code


@pytest.mark.parametrize("changes", [{"cut": 3}, {"schema": 1}, {"roots": {}}])
def test_a_tree_that_says_of_another_cut_where_it_begins(liar, changes):
    where, path = liar.tree.where(liar.manifest().cut), where_path(liar.manifest().cut)
    (liar.folder / path).unlink()
    liar.tree.place(path, msgspec.json.encode(REPLACE(where, **changes)))
    assert failed(audited(liar.folder, liar.signer.verifier)) == {"X020"}


def test_a_tree_that_joined_late_does_not_say_where_earlier_cuts_stand(liar):
    (liar.folder / where_path(2)).unlink()
    assert failed(audited(liar.folder, liar.signer.verifier, cut=2)) == set()
    assert failed(audited(liar.folder, liar.signer.verifier)) == set()


# Databases


def test_the_figures_of_an_earlier_cut_that_has_a_database_are_counted(liar):
    """Cut 2 was signed with other figures than its log gives, and its database has them too."""
    manifests = [liar.manifest(cut) for cut in range(5)]
    (contest,) = manifests[2].contests
    lying = REPLACE(contest, summary=REPLACE(contest.summary, counted=0))
    liar.resign(REPLACE(manifests[2], contests=(lying,)))
    codes = failed(audited(liar.folder, liar.signer.verifier))
    assert codes == {"X025", "X034"}


def with_database(liar, edit, which=-1):
    """List another official database, its CSV changed by ``edit``."""
    manifest = liar.manifest()
    names = sorted(path for path in manifest.files if path.endswith(".zip"))
    path = names[which]
    data = rezipped((liar.folder / path).read_bytes(), edit)
    (liar.folder / path).write_bytes(data)
    ref = ref_to(data)
    file = wire.TreeFile(wire.FileKind.DATABASE, ref.sha256, ref.size)
    liar.sign(REPLACE(manifest, files={**manifest.files, path: file}))
    return failed(audited(liar.folder, liar.signer.verifier))


def rezipped(data, edit):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename.endswith(".zip"):
                content = rezipped(content, edit)
            elif entry.filename == "CHI_AYUN_2024.csv":
                content = edit(content.decode()).encode()
            new.writestr(entry, content)
    return out.getvalue()


def lines(change):
    def edit(text):
        rows = text.split("\n")
        change(rows)
        return "\n".join(rows)

    return edit


def a_vote_more(rows):
    at_row = next(i for i, row in enumerate(rows) if row.startswith("'210003B"))
    cells = rows[at_row].split(",")
    cells[16] = str(int(cells[16]) + 1)
    rows[at_row] = ",".join(cells)


def a_row_less(rows):
    del rows[next(i for i, row in enumerate(rows) if row.startswith("'210003B"))]


def a_row_twice(rows):
    rows.insert(-1, next(row for row in rows if row.startswith("'210003B")))


def swapped_columns(rows):
    header = next(i for i, row in enumerate(rows) if row.startswith("CLAVE_CASILLA"))
    rows[header] = rows[header].replace("AZUL,ROJO,", "ROJO,AZUL,")


def swapped_casillas(rows):
    first, second = (
        next(i for i, row in enumerate(rows) if row.startswith(key))
        for key in ("'210001B", "'210002B")
    )
    one, other = rows[first].split(","), rows[second].split(",")
    rows[first], rows[second] = ",".join(one[:12] + other[12:]), ",".join(other[:12] + one[12:])


@pytest.mark.parametrize(
    "change", [a_vote_more, a_row_less, a_row_twice, swapped_columns, swapped_casillas]
)
@pytest.mark.parametrize("which", [0, -1], ids=["during the night", "the last"])
def test_rows_of_a_database_that_are_not_the_actas(liar, change, which):
    assert with_database(liar, lines(change), which) == {"X035"}


@pytest.mark.parametrize("position", range(13))
def test_each_figure_in_the_header_of_a_database(liar, position):
    def change(rows):
        values = rows[4].split(",")
        digit = values[position][-1]
        values[position] = values[position][:-1] + str((int(digit) + 1) % 10)
        rows[4] = ",".join(values)

    assert with_database(liar, lines(change)) == {"X034"}


def test_a_database_of_another_time_than_its_name_says(liar):
    manifest = liar.manifest()
    first, last = sorted(path for path in manifest.files if path.endswith(".zip"))
    (liar.folder / first).write_bytes((liar.folder / last).read_bytes())
    files = {**manifest.files, first: manifest.files[last]}
    liar.sign(REPLACE(manifest, files=files))
    assert failed(audited(liar.folder, liar.signer.verifier)) == {"X034", "X035"}


@pytest.mark.parametrize("called", ["https://evil.example/x.zip", "first", None])
def test_a_database_that_is_not_the_newest_and_is_called_so(liar, called):
    manifest = liar.manifest()
    called = min(manifest.files) if called == "first" else called
    liar.sign(REPLACE(manifest, database=called))
    report = audited(liar.folder, liar.signer.verifier)
    assert "X019" in failed(report)
    assert failed(report) <= {"X019", "X053", "X054"}, "and pages that say otherwise"


def test_a_database_that_is_no_zip(liar):
    manifest = liar.manifest()
    path = max(path for path in manifest.files if path.endswith(".zip"))
    (liar.folder / path).write_bytes(b"not a zip")
    ref = ref_to(b"not a zip")
    file = wire.TreeFile(wire.FileKind.DATABASE, ref.sha256, ref.size)
    liar.sign(REPLACE(manifest, files={**manifest.files, path: file}))
    assert failed(audited(liar.folder, liar.signer.verifier)) == {"X035"}


# Files, without the key


FILES = {
    "checkpoint": {"X010"},
    "current.json": {"X016"},
    "cuts/0.note": {"X014"},
    "cuts/2.note": {"X014"},
    "cuts/0.json": {"X015"},
    "cuts/4.json": {"X015"},
    "cuts/4.where": {"X020"},
    "databases/20240602_2040_PREP.zip": {"X019"},
    "tile/entries/000.p/16": {"X012"},
    "tile/0/000.p/16": {"X012"},
}


@pytest.mark.parametrize(("name", "codes"), FILES.items())
@pytest.mark.parametrize("where", [0.1, 0.5, 0.9])
def test_an_altered_byte_in_any_file(liar, name, codes, where):
    path = (liar.folder / name).resolve()
    data = bytearray(path.read_bytes())
    data[int(len(data) * where)] ^= 1
    path.write_bytes(data)
    assert codes <= failed(audited(liar.folder, liar.signer.verifier))


@pytest.mark.parametrize(("name", "codes"), list(FILES.items())[1:])
def test_a_file_that_is_gone(liar, name, codes):
    (liar.folder / name).resolve().unlink()
    assert codes <= failed(audited(liar.folder, liar.signer.verifier))


@pytest.mark.parametrize(("name", "codes"), list(FILES.items())[2:])
def test_a_file_without_end(liar, name, codes):
    """A hole of a terabyte is not read: what is signed has its size."""
    with (liar.folder / name).resolve().open("r+b") as stream:
        stream.truncate(1 << 40)
    assert codes <= failed(audited(liar.folder, liar.signer.verifier))


@pytest.mark.parametrize("where", [0.5, 0.999])
def test_an_altered_byte_in_an_object(liar, where):
    path, root = entry_of(liar)
    data = bytearray(path.read_bytes())
    data[root.offset + int(root.size * where)] ^= 1
    path.write_bytes(data)
    assert failed(audited(liar.folder, liar.signer.verifier)) == {"X020"}


def test_packs_that_are_gone(liar):
    for path in (liar.folder / "packs").iterdir():
        path.unlink()
    assert failed(audited(liar.folder, liar.signer.verifier)) == {"X020"}


@pytest.mark.parametrize("target", ["/etc/passwd", "../secret"])
def test_a_link_that_leads_out_of_the_folder_is_not_followed(liar, target):
    (liar.folder.parent / "secret").write_bytes((liar.folder / "cuts/0.note").read_bytes())
    (liar.folder / "cuts/0.note").unlink()
    (liar.folder / "cuts/0.note").symlink_to(target)
    assert failed(audited(liar.folder, liar.signer.verifier)) == {"X014"}


def test_an_older_cut_shown_under_the_newest_checkpoint(liar, honest):
    pointer = wire.decode(liar.tree.read("current.json"), wire.Pointer)
    old = REPLACE(pointer, cut=pointer.cut - 1)
    (liar.folder / "current.json").resolve().write_bytes(wire.encode(old))
    assert failed(audited(liar.folder, liar.signer.verifier)) == {"X016"}


# Keys


def test_a_checkpoint_signed_by_somebody_else(honest):
    other = Signer(honest.signer.name, Ed25519PrivateKey.generate()).verifier
    report = audited(honest.tree.root, other)
    assert failed(report) == {"X010"}
    assert report.cut is None


def test_a_key_of_another_log(honest):
    other = Signer("otra-2024/center", Ed25519PrivateKey.generate()).verifier
    assert failed(audited(honest.tree.root, other)) == {"X010"}


def test_a_key_that_was_ended_before_the_cut(honest):
    text = str(honest.signer.verifier)
    ended = Keys(honest.signer.name, (LogKey(text, until_cut=2),), "a key that was ended")
    assert failed(audited(honest.tree.root, believed=ended)) == {"X010", "X014"}
    assert failed(audited(honest.tree.root, believed=ended, cut=2)) == set()


def test_two_keys_that_follow_each_other(honest):
    other = Signer(honest.signer.name, Ed25519PrivateKey.generate()).verifier
    both = from_verifiers([str(other), str(honest.signer.verifier)])
    assert failed(audited(honest.tree.root, believed=both)) == set()


# Images


IMAGE = image_path(digest_of(PICTURE))
WRONG_IMAGES = {
    "missing": None,
    "another": jpeg(6),
    "one bit": PICTURE[:-1] + bytes([PICTURE[-1] ^ 1]),
    "shorter": PICTURE[:-1],
    "longer": PICTURE + b"\0",
}


@pytest.mark.parametrize("data", WRONG_IMAGES.values(), ids=WRONG_IMAGES)
def test_an_image_that_is_missing_or_not_the_acta_s_own(liar, data):
    path = liar.folder / IMAGE
    path.unlink()
    if data is not None:
        path.write_bytes(data)
    report = audited(liar.folder, liar.signer.verifier)
    assert failed(report) == {"X036"}
    (images,) = (outcome for outcome in report.outcomes if outcome.code == "X036")
    assert IMAGE in images.places[0]


def test_an_image_announced_with_another_size(liar):
    def lie(leaf):
        return REPLACE(
            leaf, images=tuple(REPLACE(came, size=came.size + 1) for came in leaf.images)
        )

    assert without_images(liar, lie) >= {SIGNED, "X036"}


def test_an_image_that_a_run_says_with_another_size(liar):
    lie = in_run("002/0000-0003", lambda found: REPLACE(found, images=(1, *found.images[1:])))
    assert lie_of(liar, lie) == {"X036"}


def test_an_image_of_an_acta_out_of_catalogue_that_did_not_come(liar):
    lie = outside(lambda found: REPLACE(found, images=(10,)))
    assert lie_of(liar, lie) == {"X036"}


def test_an_image_announced_that_the_tree_does_not_have(liar):
    entries = liar.entries()
    named = next(i for i, entry in enumerate(entries) if b'"A4"' in entry)
    images = encode_leaf(ImagesLeaf(2, (ImageCame(named, 5000),)))
    assert relogged(liar, lambda _: [*entries[:-1], images, entries[-1]]) >= {SIGNED, "X036"}


def test_images_need_not_be_read(liar):
    (liar.folder / IMAGE).unlink()
    with open_place(str(liar.folder)) as place:
        keys = from_verifiers([str(liar.signer.verifier)])
        report = Audit(place, keys, images=OfImages.NOTHING).cut()
    assert failed(report) == set()
    (images,) = (outcome for outcome in report.outcomes if outcome.code == "X036")
    assert images.note.endswith("the tree has 1, not read")
