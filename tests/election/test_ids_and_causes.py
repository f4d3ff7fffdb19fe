"""Ids that become addresses, characters that nobody sees, and causes told before what follows."""

import pytest

from election.shipped import CANDIDACIES, COLUMNS, before_the_last_two, edit, refusals
from openprep.databases.check.declared import check_column_names
from openprep.election.declared.folder import load_election
from openprep.election.declared.mistakes import FolderCode, FolderRefused


def codes(folder):
    return {code for code, _, _ in refusals(folder)}


@pytest.mark.parametrize(
    "name",
    [
        *("marco", "Texto", "index", "404", "assets", "trust", "corte", "NUL", "com1"),
        *("elección", "a b", "../x", "a/b", "x" * 300, "", "-", "\u202eGUB", "GUB.", "a-b"),
    ],
    ids=ascii,
)
def test_the_id_of_a_contest_is_the_name_of_its_page_and_of_no_other(folder, name):
    edit(folder / "election.toml", 'id = "PRES"', f'id = "{name}"')
    assert codes(folder) <= {
        FolderCode.UNSAFE_ID,
        FolderCode.UNSEEN_CHARACTER,
        FolderCode.WRONG_VALUE,
    }


@pytest.mark.parametrize("name", ["con acento é", "x" * 300, "dos palabras", "a/b", "..", "+key"])
def test_the_id_of_an_election_is_part_of_addresses_and_of_the_names_of_keys(folder, name):
    edit(folder / "election.toml", 'id = "federal-2018-presidencia"', f'id = "{name}"')
    assert codes(folder) == {FolderCode.UNSAFE_ID}


@pytest.mark.parametrize("key", ["stem", "candidacies_stem", "package"])
def test_what_names_a_file_of_a_zip_is_a_file_name(folder, key):
    text = (folder / "election.toml").read_text()
    line = next(line for line in text.splitlines() if line.startswith(f"{key} ="))
    edit(folder / "election.toml", line, f'{key} = "../../x"')
    assert FolderCode.UNSAFE_ID in codes(folder)


def test_two_contests_that_differ_in_case_only_are_one_to_some_disks(folder):
    text = (folder / "election.toml").read_text()
    contest = text[text.index("[[contest]]") :]
    (folder / "election.toml").write_text(text + "\n" + contest.replace('"PRES"', '"pres"', 1))
    (folder / "contests/pres").symlink_to(folder / "contests/PRES")
    assert FolderCode.DUPLICATE in codes(folder)


@pytest.mark.parametrize(
    "path", ["01/01/é", "01/" + "1" * 90, "01//01", "", "..", "01/٣"], ids=ascii
)
def test_the_path_of_an_area_is_ids_of_letters_and_digits(folder, path):
    (folder / "areas.csv").open("a").write(f"district,{path},Otro\n")
    assert FolderCode.WRONG_VALUE in codes(folder)


@pytest.mark.parametrize("level", ["secciones", "seccion"])
def test_sections_and_runs_of_them_are_no_levels_to_declare(folder, level):
    edit(folder / "election.toml", 'levels = ["entity", "district"]', f'levels = ["{level}"]')
    assert FolderCode.BROKEN_RULE in codes(folder)


@pytest.mark.parametrize(
    "unseen", ["\u202e", "\u200b", "\x1b", "\x07", "\u2066", "\ufeff", "\u0085"], ids=ascii
)
@pytest.mark.parametrize("file", ["parties.csv", "areas.csv", CANDIDACIES, "election.toml"])
def test_no_text_of_the_folder_has_a_character_that_nobody_sees(folder, unseen, file):
    path = folder / file
    lines = path.read_text().split("\n")
    lines[1] = f"{lines[1]}{unseen}" if file.endswith("csv") else f"# {unseen}\n{lines[1]}"
    path.write_text("\n".join(lines))
    assert codes(folder) & {FolderCode.UNSEEN_CHARACTER, FolderCode.UNREADABLE}


def test_an_escape_does_not_hide_one_either(folder):
    edit(folder / "election.toml", 'authority = "', 'authority = "\\u202e')
    assert codes(folder) == {FolderCode.UNSEEN_CHARACTER}


SPOILT = {
    "semicolons": (lambda text: text.replace(",", ";").encode(), FolderCode.ANOTHER_FORMAT, ";"),
    "tabs": (lambda text: text.replace(",", "\t").encode(), FolderCode.ANOTHER_FORMAT, "tabs"),
    "a sheet": (lambda _: b"PK\x03\x04" + bytes(90), FolderCode.ANOTHER_FORMAT, "Excel"),
    "UTF-16": (lambda text: text.encode("utf-16"), FolderCode.ANOTHER_FORMAT, "UTF-16"),
    "Latin-1": (lambda text: f"{text}é\n".encode("latin-1"), FolderCode.UNREADABLE, "Latin-1"),
    "a header": (lambda text: f"clave,{text}".encode(), FolderCode.WRONG_HEADER, "clave"),
}


@pytest.mark.parametrize("way", SPOILT)
@pytest.mark.parametrize("file", ["parties.csv", "areas.csv", COLUMNS])
def test_the_cause_is_told_and_not_what_follows_from_it(folder, file, way):
    spoil, code, said = SPOILT[way]
    path = folder / file
    path.write_bytes(spoil(path.read_text()))
    with pytest.raises(FolderRefused) as refused:
        load_election(folder)
    (mistake,) = refused.value.mistakes
    assert (mistake.code, mistake.file) == (code, file)
    assert said in mistake.reason


def test_a_row_that_was_not_read_is_told_before_what_lacks_it(folder):
    edit(folder / "parties.csv", "PAN,", "PAN,,")
    assert codes(folder) == {FolderCode.WRONG_ROW}


def test_a_sheet_in_place_of_a_file_is_named(folder):
    (folder / "parties.csv").rename(folder / "parties.xlsx")
    with pytest.raises(FolderRefused, match=r"parties\.csv: missing; there is parties\.xlsx"):
        load_election(folder)


@pytest.mark.parametrize(
    ("column", "kind"), [("NAP", "party"), ("CAND_IND_1", "independent"), ("LN", "party")]
)
def test_a_column_that_would_be_read_as_another_is_refused(folder, column, kind):
    """The election has the columns NA and CI_01 already; LN is a lista nominal."""
    (folder / "parties.csv").open("a").write(f"{column},Otro,#123456\n")
    before_the_last_two(folder / COLUMNS, f"{column},{kind},{column}")
    (folder / CANDIDACIES).open("a").write(f"*,{column},OTRA,,{column}\n")
    with pytest.raises(FolderRefused, match="E015"):
        check_column_names(load_election(folder), "x")
