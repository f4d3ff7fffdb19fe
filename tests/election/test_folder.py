"""Election folders: the shipped ones are whole; a wrong one is refused with every mistake."""

import pytest

from election.shipped import (
    CANDIDACIES,
    CASILLAS,
    COLUMNS,
    ELECTIONS,
    append,
    before_the_last_two,
    edit,
    refusals,
)
from openprep.election import ColumnKind, Level, RpActas
from openprep.election.declared.folder import folder_digest, load_election
from openprep.election.declared.mistakes import FolderCode, FolderRefused


def test_puebla_2024_expects_what_the_authority_said(puebla):
    assert {c: len(actas) for c, actas in puebla.catalogues.items()} == {
        "GUB": 8334,
        "DIP_LOC": 8423,
        "AYUN": 8352,
    }
    assert puebla.contests["DIP_LOC"].rp_actas is RpActas.COUNTED
    assert len(puebla.contests["GUB"].columns) == 49


def test_puebla_2019_and_federal_2018_are_whole():
    puebla = load_election(ELECTIONS / "puebla-2019")
    assert {c: len(actas) for c, actas in puebla.catalogues.items()} == {"GUB": 7672, "AYUN": 100}
    federal = load_election(ELECTIONS / "federal-2018-presidencia")
    assert len(federal.catalogues["PRES"]) == 156_899
    assert len([1 for level, _ in federal.areas if level is Level.DISTRICT]) == 300


def test_the_federal_folder_of_2024_expects_the_actas_that_were_expected():
    federal = load_election(ELECTIONS / "federal-2024")
    assert {c: len(actas) for c, actas in federal.catalogues.items()} == {
        "PRES": 170_648,
        "SEN": 171_676,
        "DIP_FED": 171_644,
    }
    assert federal.drill
    in_the_country = sum(
        acta.lista_nominal for acta in federal.catalogues["PRES"] if acta.kind.value in "BCE"
    )
    assert in_the_country == 98_329_591
    districts = {acta.area.rpartition("/")[0] for acta in federal.catalogues["DIP_FED"]}
    assert len(districts) == 32
    assert len({acta.area for acta in federal.catalogues["DIP_FED"]}) == 300
    for contest, number in (("PRES", 0), ("SEN", 1054), ("DIP_FED", 1054)):
        rp_tipos = federal.contests[contest].rp_tipos
        apart = [a for a in federal.catalogues[contest] if a.tipo_acta in rp_tipos]
        assert len(apart) == number
        assert federal.contests[contest].rp_actas is RpActas.ENTITY_ONLY
    partial = [len(candidacies) for candidacies in federal.contests["DIP_FED"].candidacies.values()]
    assert len(set(partial)) > 2  # coalitions are partial, and independents run in some


def test_contiguas_from_ten_up_have_their_true_number(puebla):
    numbers = [
        acta.number
        for acta in puebla.catalogues["GUB"]
        if acta.seccion == "2000" and acta.kind.value == "C"
    ]
    assert numbers == list(range(1, 18))


@pytest.mark.parametrize("name", ["puebla-2024", "puebla-2019", "federal-2018-presidencia"])
def test_every_column_belongs_to_one_candidacy_or_to_nobody(name):
    election = load_election(ELECTIONS / name)
    for contest in election.contests.values():
        for candidacies in contest.candidacies.values():
            columns = [column for candidacy in candidacies for column in candidacy.columns]
            assert len(columns) == len(set(columns))
            kinds = {contest.columns[contest.column_index[column]].kind for column in columns}
            assert kinds <= {ColumnKind.PARTY, ColumnKind.COMBINATION, ColumnKind.INDEPENDENT}


def test_an_election_may_say_on_which_federal_districts_it_is_run(folder):
    assert load_election(folder).districting == 2017
    edit(folder / "election.toml", "districting = 2017\n", "")
    assert load_election(folder).districting is None
    edit(folder / "election.toml", "drill = ", 'districting = "2023"\ndrill = ')
    assert FolderCode.WRONG_VALUE in {code for code, _, _ in refusals(folder)}


@pytest.mark.parametrize(("said", "places"), [("", 1), ("capture_places = 2", 2)])
def test_an_election_says_from_how_many_places_an_acta_is_captured(folder, said, places):
    edit(folder / "election.toml", "[rules]", f"[rules]\n{said}")
    assert load_election(folder).rules.capture_places == places


def test_all_mistakes_are_found_at_once_each_with_its_line(folder):
    edit(folder / "election.toml", "live_seconds = 5", "live_seconds = 0")
    edit(folder / "election.toml", "database_minutes = 15", "database_minutes = 30")
    edit(folder / "parties.csv", "#0045ad", "blue")
    edit(folder / "contests/PRES/candidacies.csv", "CI_02,Jaime", "CI_01,Jaime")
    edit(folder / "contests/PRES/columns.csv", "PAN PRD MC\n", "PAN PRD XX\n")
    edit(folder / "contests/PRES/catalogue.csv", "01/01", "01/99")
    found = refusals(folder)
    assert (FolderCode.WRONG_VALUE, "election.toml", 23) in found
    assert (FolderCode.WRONG_VALUE, "election.toml", 23) in found
    assert (FolderCode.WRONG_VALUE, "parties.csv", 2) in found
    assert (FolderCode.UNKNOWN_REFERENCE, "contests/PRES/columns.csv", 11) in found
    assert (FolderCode.UNKNOWN_REFERENCE, "contests/PRES/catalogue.csv", 2) in found
    assert FolderCode.DUPLICATE in {code for code, file, _ in found if file == CANDIDACIES}
    assert len(found) == 6


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("drill = false", 'drill = "no"', FolderCode.WRONG_VALUE),
        ("drill = false", "drill = false\ndril = true", FolderCode.UNKNOWN_KEY),
        ('id = "federal-2018-presidencia"', "", FolderCode.MISSING_KEY),
        ("[rules]", "[rulez]", FolderCode.MISSING_KEY),
        ("2018-07-02T21:00:00", "2018-06-02T21:00:00", FolderCode.BROKEN_RULE),
        ("T20:00:00-05:00", "T20:00:00", FolderCode.WRONG_VALUE),
        ('"America/Mexico_City"', '"Mexico/City"', FolderCode.WRONG_VALUE),
        ("[window]", "[window", FolderCode.UNREADABLE),
        ('levels = ["entity", "district"]', 'levels = ["province"]', FolderCode.WRONG_VALUE),
    ],
)
def test_a_wrong_declaration_is_refused(folder, old, new, code):
    edit(folder / "election.toml", old, new)
    assert code in [found for found, _, _ in refusals(folder)]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("010338B01002,01/01,0338,B,1,0,1,2,-4,", FolderCode.WRONG_VALUE),
        ("010338B01002,01/01,338,B,1,0,1,2,587,", FolderCode.WRONG_VALUE),
        ("010338B01002,01/01,0338,Q,1,0,1,2,587,", FolderCode.WRONG_VALUE),
        ("010338B01002,01/01,0338,A,1,0,1,2,587,", FolderCode.WRONG_VALUE),
        ("010338B01002,01/01,0338,B,1,0,1,2,587", FolderCode.WRONG_ROW),
        ("010338B01002,01/01,0338,B,1,0,1,2,²,", FolderCode.WRONG_VALUE),
    ],
)
def test_a_wrong_catalogue_row_is_refused(folder, cell, code):
    path = folder / "contests/PRES/catalogue.csv"
    path.write_text(path.read_text().splitlines()[0] + f"\n{cell}\n")
    assert code in [found for found, _, _ in refusals(folder)]


def test_an_acta_declared_twice_is_refused(folder):
    path = folder / "contests/PRES/catalogue.csv"
    path.write_text(path.read_text() + path.read_text().splitlines()[1] + "\n")
    assert refusals(folder) == [(FolderCode.DUPLICATE, "contests/PRES/catalogue.csv", 3)]


def test_a_missing_file_and_bytes_that_are_not_text_are_refused(folder):
    (folder / "areas.csv").unlink()
    (folder / "parties.csv").write_bytes(b"id,name,colour\n\xff,\xff,\xff\n")
    codes = {code for code, _, _ in refusals(folder)}
    assert {FolderCode.MISSING_FILE, FolderCode.UNREADABLE} <= codes


def test_an_empty_folder_is_refused(tmp_path):
    assert refusals(tmp_path) == [(FolderCode.MISSING_FILE, "election.toml", None)]


def test_any_change_to_the_folder_changes_its_digest(folder):
    before = folder_digest(folder)
    edit(folder / "parties.csv", "Morena", "Morenas")
    assert folder_digest(folder) != before


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "reason"),
    [
        (
            "contests/PRES/columns.csv",
            "PAN_MC,combination,PAN MC",
            "PAN_MC,combination,PAN",
            FolderCode.BROKEN_RULE,
            "a column of kind combination cannot have the parties 'PAN'",
        ),
        (
            "contests/PRES/candidacies.csv",
            "PAN_MC PRD_MC",
            "PAN_MC PRD_MC_NA",
            FolderCode.UNKNOWN_REFERENCE,
            "column PRD_MC_NA is not in columns.csv",
        ),
        (
            "contests/PRES/candidacies.csv",
            "*,CI_02",
            "01/01,CI_02",
            FolderCode.DUPLICATE,
            "candidacies of 01/01 are declared for * too",
        ),
        (
            "contests/PRES/candidacies.csv",
            "PAN_MC PRD_MC",
            "PAN_MC {0.__class__}",
            FolderCode.UNKNOWN_REFERENCE,
            "column {0.__class__} is not in columns.csv",
        ),
        (
            "election.toml",
            'levels = ["entity", "district"]',
            'levels = ["entity", "district"]\nconstituency = "municipality"',
            FolderCode.BROKEN_RULE,
            "the contest has no level municipality",
        ),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(folder, file, old, new, code, reason):
    edit(folder / file, old, new)
    with pytest.raises(FolderRefused) as refused:
        load_election(folder)
    found = [(mistake.code, mistake.reason) for mistake in refused.value.mistakes]
    assert (code, reason) in found


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        (
            "candidacies",
            "PAN PRD MC ",
            "PAN MC ",
            "party PRD of the combination PAN_PRD does not run in this candidacy",
        ),
        (
            "columns",
            "PRD,party,PRD\n",
            "",
            "party PRD of the combination PAN_PRD_MC has no column of its own",
        ),
    ],
    ids=["its partner does not run", "its partner is not on the ballot"],
)
def test_a_coalition_of_one_is_refused(folder, file, old, new, reason):
    """Votes of a combination are divided among its parties, each of which must be there."""
    path = folder / f"contests/PRES/{file}.csv"
    assert old in path.read_text(), path.read_text()
    edit(path, old, new)
    with pytest.raises(FolderRefused) as refused:
        load_election(folder)
    found = [(mistake.code, mistake.reason) for mistake in refused.value.mistakes]
    assert (FolderCode.BROKEN_RULE, reason) in found


def test_a_column_that_belongs_to_nobody_is_refused(folder):
    edit(folder / "contests/PRES/candidacies.csv", " PRD_MC", "")
    with pytest.raises(FolderRefused) as refused:
        load_election(folder)
    (mistake,) = refused.value.mistakes
    assert (mistake.code, mistake.file) == (
        FolderCode.DISAGREEMENT,
        "contests/PRES/candidacies.csv",
    )
    assert "column PRD_MC belongs to no candidacy" in mistake.reason


def test_candidacies_and_catalogue_that_disagree_about_the_districts_are_refused(folder):
    """Votes of the one district would be nobody's, and nobody could vote in the other."""
    people = folder / "contests/PRES/candidacies.csv"
    people.write_text(people.read_text().replace("*,", "02/01,"))
    with pytest.raises(FolderRefused) as refused:
        load_election(folder)
    found = {(mistake.code, mistake.file, mistake.reason) for mistake in refused.value.mistakes}
    assert found == {
        (
            FolderCode.DISAGREEMENT,
            "contests/PRES/catalogue.csv",
            "actas are expected in 01/01, where nobody runs",
        ),
        (
            FolderCode.DISAGREEMENT,
            "contests/PRES/candidacies.csv",
            "somebody runs in 02/01, where no acta is expected",
        ),
    }


def test_a_contest_without_catalogue_rows_is_refused(folder):
    path = folder / "contests/PRES/catalogue.csv"
    path.write_text(path.read_text().splitlines()[0] + "\n")
    assert (FolderCode.BROKEN_RULE, "contests/PRES/catalogue.csv", None) in refusals(folder)


def test_a_district_of_the_catalogue_that_was_not_declared_is_refused_at_each_row(folder):
    edit(folder / "areas.csv", "district,01/01,Distrito 01\n", "")
    found = refusals(folder)
    assert found
    assert {(code, file) for code, file, _ in found} == {
        (FolderCode.UNKNOWN_REFERENCE, "contests/PRES/catalogue.csv")
    }


@pytest.mark.parametrize(
    ("lista", "ballots"), [("0", "14"), ("0", ""), ("500", "1000"), ("0", "99"), ("", "1000")]
)
def test_a_special_casilla_without_its_ballots_or_with_a_list_is_refused(folder, lista, ballots):
    catalogue = folder / "contests/PRES/catalogue.csv"
    edit(catalogue, "0338,B,1,0,1,2,587,", f"0338,S,1,0,1,2,{lista},{ballots}")
    assert (FolderCode.BROKEN_RULE, "contests/PRES/catalogue.csv", 2) in refusals(folder)


def test_a_party_has_one_column(folder):
    before_the_last_two(folder / COLUMNS, "PAN_2,party,PAN")
    assert (FolderCode.DUPLICATE, COLUMNS, None) in refusals(folder)


def test_a_combination_names_a_party_once(folder):
    before_the_last_two(folder / COLUMNS, "C_PAN_PAN_PRD,combination,PAN PAN PRD")
    assert FolderCode.BROKEN_RULE in {code for code, file, _ in refusals(folder) if file == COLUMNS}


def test_the_parties_of_a_combination_are_in_ballot_order_however_they_are_written(folder):
    path = folder / COLUMNS
    line = next(line for line in path.read_text().splitlines() if ",combination," in line)
    name, kind, parties = line.split(",")
    edit(path, line, f"{name},{kind},{' '.join(reversed(parties.split()))}")
    declared = load_election(folder).contests["PRES"]
    assert next(c for c in declared.columns if c.id == name).parties == tuple(parties.split())


def test_a_key_stands_for_one_candidacy_in_an_area(folder):
    rows = (folder / CANDIDACIES).read_text().splitlines()
    area, key, *_ = rows[1].split(",")
    append(folder / CANDIDACIES, f"{area},{key},OTRA,,CI_01")
    found = refusals(folder)
    assert (FolderCode.DUPLICATE, CANDIDACIES, len(rows) + 1) in found


def test_a_casilla_has_one_acta_of_a_form_and_only_a_special_one_has_rp_actas(folder):
    append(folder / CASILLAS, "OTRA,01/01,0338,B,1,0,1,2,587,")
    assert (FolderCode.DUPLICATE, CASILLAS, 3) in refusals(folder)


@pytest.mark.parametrize("name", sorted(p.parent.name for p in ELECTIONS.glob("*/election.toml")))
def test_every_shipped_election_is_taken(name):
    assert load_election(ELECTIONS / name).id == name
