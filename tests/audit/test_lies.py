"""Each kind of lie is found, and named: one that a centre signs, or one of whoever serves."""

import io
import zipfile
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from audit.liar import PICTURE, HonestCenter, at, audited, failed, in_acta
from openprep.audit import results
from openprep.audit.images import OfImages
from openprep.audit.keys import Keys, from_verifiers
from openprep.audit.place import open_place
from openprep.audit.tree import Audit
from openprep.election import AboveList, Counting, VotesOverList
from openprep.wire.cut import manifest as wire
from openprep.wire.cut.description import ElectionDescription
from openprep.wire.cut.objects import (
    OutOfCatalogue,
    ProportionalVotes,
    decode_object,
    encode_object,
)
from openprep.wire.cut.ref import image_path
from openprep.wire.cut.results import AreaResults
from openprep.wire.log.checkpoint import Checkpoint, sign_checkpoint
from openprep.wire.log.leaf import ActaLeaf, CutLeaf, RulesLeaf, decode_leaf, encode_leaf
from openprep.wire.note import Signer
from openprep.wire.trust import LogKey
from small.election import acta, version
from small.image import digest_of, jpeg

REPLACE = structs.replace


def lie_of(liar, edit):
    """Codes of the checks that find a signed lie."""
    liar.show(edit)
    return failed(audited(liar.folder, liar.signer.verifier))


def test_a_tree_that_is_signed_anew_without_a_lie_passes(liar):
    assert lie_of(liar, lambda found: found) == set()


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

    assert lie_of(liar, at("seccion", "002/0003", lie)) == {"X025", "X029"}


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


@pytest.mark.parametrize(
    ("level", "path"),
    [
        ("entity", ""),
        ("municipality", "001"),
        ("secciones", "001/0001-0002"),
        ("seccion", "001/0001"),
    ],
)
def test_a_vote_moved_from_one_column_to_another(liar, level, path):
    def lie(found):
        return votes(columns=moved(found.votes.columns, 0, 1))(found)

    assert lie_of(liar, at(level, path, lie)) == {"X026"}


def test_a_vote_moved_from_one_candidacy_to_another(liar):
    def lie(found):
        first, second, *rest = found.votes.candidacies
        first = REPLACE(first, votes=first.votes - 1)
        second = REPLACE(second, votes=second.votes + 1)
        return votes(candidacies=(first, second, *rest))(found)

    assert lie_of(liar, at("municipality", "001", lie)) == {"X027"}


def test_votes_that_nobody_cast(liar):
    def lie(found):
        first, *rest = found.votes.candidacies
        return votes(candidacies=(REPLACE(first, votes=first.votes + 100), *rest))(found)

    assert lie_of(liar, at("entity", "", lie)) == {"X027", "X029"}


def test_another_s_name_on_a_candidacy(liar):
    def lie(found):
        first, *rest = found.votes.candidacies
        return votes(candidacies=(REPLACE(first, name="Otra"), *rest))(found)

    assert lie_of(liar, at("municipality", "001", lie)) == {"X027"}


def test_a_share_that_is_rounded(liar):
    def lie(found):
        shown = tuple(REPLACE(party, share=party.share + 1) for party in found.parties)
        return REPLACE(found, parties=shown)

    assert lie_of(liar, at("municipality", "001", lie)) == {"X028"}


def test_a_fraction_given_to_another_party_of_the_coalition(liar):
    def lie(found):
        first, second, *rest = found.parties
        first = REPLACE(first, votes=first.votes - 1)
        second = REPLACE(second, votes=second.votes + 1)
        return REPLACE(found, parties=(first, second, *rest))

    assert lie_of(liar, at("municipality", "001", lie)) == {"X028"}


def test_null_votes_hidden_as_unregistered(liar):
    def lie(found):
        return votes(null=0, unregistered=found.votes.null + found.votes.unregistered)(found)

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
        {"secciones": ("0009",)},
    ],
)
@pytest.mark.parametrize("place", [("municipality", "001"), ("entity", "")])
def test_a_group_of_actas_with_other_figures(liar, place, changes):
    def lie(found):
        first, *rest = found.groups
        return REPLACE(found, groups=(REPLACE(first, **changes), *rest))

    assert lie_of(liar, at(*place, lie)) == {"X037"}


@pytest.mark.parametrize("kept", [0, 1])
def test_a_group_of_actas_left_out(liar, kept):
    lie = at("entity", "", lambda found: REPLACE(found, groups=found.groups[:kept]))
    assert lie_of(liar, lie) == {"X037"}


@pytest.mark.parametrize(
    "changes",
    [{"total": 1}, {"leader": "LILA"}, {"leader": None}, {"leader_votes": 0}, {"captured": 0}],
)
def test_a_list_of_areas_that_says_other_than_the_areas(liar, changes):
    def lie(found):
        return REPLACE(
            found,
            children=(
                *found.children[:1],
                *(REPLACE(child, **changes) for child in found.children[1:]),
            ),
        )

    assert lie_of(liar, at("entity", "", lie)) == {"X032"}


# Actas


def test_an_acta_with_other_figures_than_in_the_log(liar):
    """Even if every total is made to fit: the log has the acta as it was."""

    def lie(shown):
        return REPLACE(shown, acta=REPLACE(shown.acta, surplus_ballots=99))

    assert lie_of(liar, in_acta("A3", lie)) == {"X022", "X035"}


def test_votes_of_an_acta_altered_at_the_source(liar):
    def lie(shown):
        return REPLACE(shown, acta=REPLACE(shown.acta, votes=moved(shown.acta.votes, 1, 0, 3)))

    codes = lie_of(liar, in_acta("A3", lie))
    assert {"X022", "X026", "X028", "X035"} <= codes


@pytest.mark.parametrize("counting", [Counting.NOT_COUNTED, Counting.NOT_CAPTURED])
def test_an_acta_declared_uncounted(liar, counting):
    lie = in_acta("A3", lambda shown: REPLACE(shown, counting=counting))
    assert "X024" in lie_of(liar, lie)


def test_an_acta_without_acta_declared_counted(liar):
    lie = in_acta("A1", lambda shown: REPLACE(shown, counting=Counting.COUNTED))
    assert "X024" in lie_of(liar, lie)


def test_an_acta_of_the_log_shown_as_never_captured(liar):
    def lie(shown):
        nothing = Counting.NOT_CAPTURED
        return REPLACE(shown, acta=None, versions=(), counting=nothing, total=0)

    assert {"X022", "X025"} <= lie_of(liar, in_acta("A3", lie))


def test_an_acta_left_out_with_its_section(liar):
    def lie(found):
        kept = tuple(child for child in found.children if child.path != "001/0001")
        return REPLACE(found, children=kept, path=found.path)

    codes = lie_of(liar, at("secciones", "001/0001-0002", lie))
    assert {"X023", "X033"} <= codes, "not shown, and expected at the opening"


def test_an_acta_out_of_catalogue_left_out(liar):
    def lie(found):
        if isinstance(found, OutOfCatalogue):
            return REPLACE(found, actas=(), versions=())
        return found

    assert lie_of(liar, lie) == {"X023", "X025", "X035"}


def test_an_acta_out_of_catalogue_shown_twice(liar):
    """The figures say two, and two are listed: only that they are one acta gives it away."""

    def lie(found):
        if isinstance(found, OutOfCatalogue):
            return REPLACE(found, actas=found.actas * 2, versions=found.versions * 2)
        registered = found.summary.registered + 1
        return summary(registered=registered, out_of_catalogue=2)(found)

    def at_the_root(found):
        whole = isinstance(found, OutOfCatalogue) or found.path == ""
        return lie(found) if whole else found

    liar.show(at_the_root)
    manifest = liar.manifest()
    (contest,) = manifest.contests
    said = REPLACE(contest.summary, registered=contest.summary.registered + 1, out_of_catalogue=2)
    liar.sign(REPLACE(manifest, contests=(REPLACE(contest, summary=said),)))
    codes = failed(audited(liar.folder, liar.signer.verifier))
    assert codes == {"X021", "X034", "X035"}, "the database has the one"


def test_an_acta_shown_twice(liar):
    def lie(found):
        return REPLACE(found, actas=(*found.actas, found.actas[0]))

    assert {"X021", "X025"} <= lie_of(liar, at("seccion", "002/0003", lie))


def test_a_correction_hidden_as_if_it_were_the_first_version(liar):
    def lie(shown):
        return REPLACE(shown, versions=(shown.versions[-1],))

    assert lie_of(liar, in_acta("A0", lie)) == {"X022"}


def test_another_reason_for_a_correction(liar):
    def lie(shown):
        last = REPLACE(shown.versions[-1], reason="a petición")
        return REPLACE(shown, versions=(*shown.versions[:-1], last))

    assert lie_of(liar, in_acta("A0", lie)) == {"X022"}


def test_an_earlier_version_moved_in_time(liar):
    def lie(shown):
        first = REPLACE(shown.versions[0], at=shown.versions[0].at - timedelta(hours=1))
        return REPLACE(shown, versions=(first, *shown.versions[1:]))

    assert lie_of(liar, in_acta("A0", lie)) == {"X022"}


# Places


def test_a_wrong_breadcrumb(liar):
    def lie(found):
        return REPLACE(found, parents=(REPLACE(found.parents[0], name="OTRA"),))

    assert lie_of(liar, at("municipality", "001", lie)) == {"X021"}


def test_an_area_under_another_name(liar):
    assert lie_of(liar, at("municipality", "001", lambda a: REPLACE(a, name="DOS"))) == {"X021"}


def test_an_area_that_counts_twice(liar):
    def lie(found):
        return REPLACE(found, children=(*found.children, found.children[-1]))

    assert {"X021", "X025"} <= lie_of(liar, at("entity", "", lie))


def test_a_section_in_another_municipality(liar):
    def lie(found):
        return REPLACE(found, path="001/0003")

    assert "X021" in lie_of(liar, at("seccion", "002/0003", lie))


# Opening, rules


def test_the_lista_nominal_changed_after_the_opening(liar):
    def lie(shown):
        return REPLACE(shown, expected=REPLACE(shown.expected, lista_nominal=7_000))

    assert {"X033", "X025", "X035"} <= lie_of(liar, in_acta("A3", lie))


def test_a_casilla_added_after_the_opening(liar):
    def lie(found):
        first = found.actas[0]
        added = REPLACE(first.expected, id="A99", number=9)
        nothing = {"acta": None, "versions": (), "counting": Counting.NOT_CAPTURED, "total": 0}
        return REPLACE(found, actas=(*found.actas, REPLACE(first, expected=added, **nothing)))

    assert {"X033", "X025"} <= lie_of(liar, at("seccion", "002/0003", lie))


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
    manifest = liar.manifest()
    shown = decode_object(liar.tree.read_object(manifest.description))
    assert isinstance(shown, ElectionDescription)
    lying = encode_object(REPLACE(shown, rules=REPLACE(shown.rules, excess_exempt=())))
    ref = wire.ref_to(lying)
    liar.tree.place_object(ref.sha256, lying)
    liar.sign(REPLACE(manifest, description=ref))
    assert "X017" in failed(audited(liar.folder, liar.signer.verifier))


def test_a_drill_shown_as_an_election(liar):
    liar.sign(REPLACE(liar.manifest(), drill=True))
    assert failed(audited(liar.folder, liar.signer.verifier)) == {"X017"}


# Bytes that a browser could read otherwise


@pytest.mark.parametrize(
    "forge",
    [
        lambda data: data[:-1] + b',"note":"all is well"}',
        lambda data: data.replace(b'"schema":1', b'"schema":1,"schema":1', 1),
        lambda data: data.replace(b'"schema":1', b'"schema": 1', 1),
        lambda data: data.replace(b'"schema":1', b'"schema":2', 1),
        lambda data: data[:-1],
    ],
    ids=["unknown member", "member twice", "space", "schema", "cut short"],
)
def test_an_object_that_is_not_in_its_exact_form(liar, forge):
    lie = at("seccion", "001/0002", lambda found: forge(encode_object(found)))
    assert "X020" in lie_of(liar, lie)


# The log


def relogged(liar, edit):
    liar.log(edit(liar.entries()))
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
        return edited(entries, ActaLeaf, lambda leaf: REPLACE(leaf, acta_sha256="0" * 64))

    codes = relogged(liar, lie)
    assert "X014" in codes, "the checkpoints signed before are of another history"


def test_a_correction_without_reason(liar):
    def lie(entries):
        return edited(entries, ActaLeaf, lambda leaf: REPLACE(leaf, reason=None), which=-2)

    assert relogged(liar, lie) >= {"X013", "X022"}


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


def test_an_acta_that_is_only_in_the_log(liar):
    def lie(entries):
        hidden = next(
            decode_leaf(entry) for entry in entries if isinstance(decode_leaf(entry), ActaLeaf)
        )
        return [*entries[:-1], encode_leaf(REPLACE(hidden, acta="A2")), entries[-1]]

    codes = relogged(liar, lie)
    assert "X022" in codes


def test_actas_of_a_contest_that_is_not_shown(liar):
    def lie(entries):
        hidden = next(
            decode_leaf(entry) for entry in entries if isinstance(decode_leaf(entry), ActaLeaf)
        )
        return [*entries[:-1], encode_leaf(REPLACE(hidden, contest="GUB")), entries[-1]]

    assert "X023" in relogged(liar, lie)


def test_a_cut_after_the_closing_one(liar):
    def lie(entries):
        last = decode_leaf(entries[-1])
        return [*entries, encode_leaf(REPLACE(last, cut=last.cut + 1))]

    assert "X013" in relogged(liar, lie)


@pytest.mark.parametrize("size", [16, 300, 2**40, 2**63 - 1])
def test_a_log_that_claims_more_leaves_than_there_are(liar, size):
    checkpoint = Checkpoint(liar.signer.name, size, bytes(32))
    (liar.folder / "checkpoint").resolve().write_bytes(sign_checkpoint(checkpoint, [liar.signer]))
    assert failed(audited(liar.folder, liar.signer.verifier)) == {"X012"}


def test_a_tree_that_lists_one_object_again_and_again_ends(liar, monkeypatch):
    monkeypatch.setattr(results, "MOST_OBJECTS", 200)

    def lie(found):
        again = isinstance(found, AreaResults)
        return REPLACE(found, children=found.children * 9) if again else found

    liar.show(lie)
    report = audited(liar.folder, liar.signer.verifier)
    assert {"X020", "X021"} <= failed(report)
    assert next(outcome for outcome in report.outcomes if outcome.code == "X020").looked_at < 20_000


# Databases


def with_database(liar, edit, which=-1):
    """List another official database, its CSV changed by ``edit``."""
    manifest = liar.manifest()
    names = sorted(path for path in manifest.files if path.endswith(".zip"))
    path = names[which]
    data = rezipped((liar.folder / path).read_bytes(), edit)
    (liar.folder / path).write_bytes(data)
    ref = wire.ref_to(data)
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


def test_a_database_that_is_no_zip(liar):
    manifest = liar.manifest()
    path = max(path for path in manifest.files if path.endswith(".zip"))
    (liar.folder / path).write_bytes(b"not a zip")
    ref = wire.ref_to(b"not a zip")
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
    "cuts/1.pack": {"X018"},
    "cuts/4.pack": {"X018"},
    "databases/20240602_2040_PREP.zip": {"X019"},
    "tile/entries/000.p/15": {"X012"},
    "tile/0/000.p/15": {"X012"},
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


def test_an_object_that_is_gone_and_one_that_is_another(liar):
    (contest,) = liar.manifest().contests
    path = liar.folder / contest.results.path
    data = path.read_bytes()
    path.write_bytes(data.replace(b"CHICA", b"GRAND"))
    assert "X020" in failed(audited(liar.folder, liar.signer.verifier))
    path.unlink()
    assert "X020" in failed(audited(liar.folder, liar.signer.verifier))


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


def image_of(number, size):
    return in_acta(f"A{number}", lambda shown: REPLACE(shown, image=size))


def test_an_image_announced_with_another_size(liar):
    assert "X036" in lie_of(liar, image_of(5, len(PICTURE) + 1))


def test_an_image_announced_for_an_acta_that_names_none(liar):
    assert "X036" in lie_of(liar, image_of(1, len(PICTURE)))


def test_an_image_announced_that_the_tree_does_not_have(liar):
    assert "X036" in lie_of(liar, image_of(4, 5000))


def test_an_image_of_no_acta_out_of_catalogue(liar):
    def announce(found):
        if not isinstance(found, OutOfCatalogue):
            return found
        return REPLACE(found, images={"ab" * 32: 10})

    assert "X036" in lie_of(liar, announce)


def test_images_need_not_be_read(liar):
    (liar.folder / IMAGE).unlink()
    with open_place(str(liar.folder)) as place:
        keys = from_verifiers([str(liar.signer.verifier)])
        report = Audit(place, keys, images=OfImages.NOTHING).cut()
    assert failed(report) == set()
    (images,) = (outcome for outcome in report.outcomes if outcome.code == "X036")
    assert images.note.endswith("the tree has 1, not read")
