"""From a list of names to a signed list without any; every mistake at once, and no name in it."""

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from hostile.killing import deaths, new_folders
from openprep.cli.main import main
from openprep.people.authority import load_authority, load_public, make_authority
from openprep.people.codes import AuthorityCode, AuthorityRefused
from openprep.people.pseudonyms import pseudonym_of
from openprep.people.roster import read_roster

NAMES = ("María Peña Núñez", "José Luis Pérez", "Ana Xicoténcatl")
IDS = ("PENM800101MPLXXX01", "PERJ800101HPLXXX02", "XICA800101MPLXXX03")
LIST = f"""id,name,sign_in,role,places
{IDS[0]},{NAMES[0]},a001,acopiador,D01
{IDS[1]},{NAMES[1]},c017,capturista,D01 D02
{IDS[2]},{NAMES[2]},j001,Coordinador,D02
"""
WORDS = (*IDS, *(word for name in NAMES for word in name.split()))
UNTIL = "2127-06-08T00:00:00-06:00"


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def openprep(*given, code=0):
    told = CliRunner().invoke(main, ["people", *map(str, given)])
    assert told.exit_code == code, told.output
    for word in WORDS:
        assert word not in told.output
    return told.output


def write(text, name="people.csv", encoding="utf-8"):
    Path(name).write_bytes(text.encode(encoding))
    return name


def add(text=LIST, out="1", code=0, **options):
    given = [f"--{name}={value}" for name, value in options.items()]
    return openprep(
        *("add", write(text), "--keys", "keys", "--until", UNTIL),
        *("--out", f"{out}.people", "--sheet", f"{out}.html", *given),
        code=code,
    )


@pytest.fixture
def keys():
    openprep("init", "--election", "puebla-2027", "--keys", "keys")


@pytest.fixture
def listed(keys):
    add()
    return read_roster(Path("1.people"), load_public(Path("keys/people.pub"))).roster


def test_no_name_is_in_a_list_nor_in_what_commands_say(listed):
    for file in ("1.people", "keys/people.key", "keys/people.secret", "keys/people.pub"):
        text = Path(file).read_text()
        assert not any(word in text for word in WORDS)
    openprep("list", "1.people", "--key", "keys/people.pub")
    openprep("check", "1.people", "--key", "keys/people.pub")
    for one in listed.people:
        assert repr(one).count("'") == 2


def test_a_sheet_has_all_that_a_person_needs_and_stays_private(listed):
    sheet = Path("1.html").read_text()
    for name, one in zip(NAMES, listed.people, strict=True):
        assert name in sheet
        assert one.code in sheet
    assert sheet.count("<svg") == 3
    assert "http" not in sheet.replace("http-equiv", "")
    for file in ("1.html", "1.people", "keys/people.key", "keys/people.secret"):
        assert stat.S_IMODE(Path(file).stat().st_mode) == 0o600


def test_a_name_with_signs_of_a_page_is_a_name(keys):
    add("id,name,sign_in,role,places\n1,<b>Bo & Co</b>,c001,capturista,D01\n")
    assert "&lt;b&gt;Bo &amp; Co&lt;/b&gt;" in Path("1.html").read_text()


def test_the_next_list_keeps_who_was_there_and_has_the_next_number(listed):
    add("id;name;sign_in;role;places\n4;Tomás R;v001;verificador;D01\n", "2", previous="1.people")
    openprep(
        *("remove", "a001", "--keys", "keys", "--until", UNTIL),
        *("--previous", "2.people", "--out", "3.people"),
    )
    key = load_public(Path("keys/people.pub"))
    second, third = (read_roster(Path(f"{number}.people"), key).roster for number in (2, 3))
    assert (second.number, third.number) == (2, 3)
    assert second.people[:3] == listed.people
    assert third.people == second.people[1:]


def test_nothing_that_is_there_is_replaced(listed):
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    assert "K320" in add(code=2)
    assert "K320" in openprep("init", "--election", "x", "--keys", "keys", code=2)
    Path("2.html").touch()
    assert "K320" in add(out="2", code=2)
    assert {path: path.read_bytes() for path in before} == before
    assert not Path("2.people").exists()


def test_a_person_is_the_same_in_whatever_letters_and_blanks_and_another_in_another_election():
    secret = bytes(32)
    same = {
        pseudonym_of(secret, "e", known_by)
        for known_by in ("PE\u00d1A  80", "pe\u00f1a 80", " pen\u0303a\u00a080 ")
    }
    assert len(same) == 1
    others = {
        pseudonym_of(bytes(31) + b"1", "e", "peña 80"),
        pseudonym_of(secret, "f", "peña 80"),
        pseudonym_of(secret, "e", "peña 81"),
    }
    assert len(others | same) == 4


def people_of(text, name="1", **options):
    add(text, name, **options)
    roster = read_roster(Path(f"{name}.people"), load_public(Path("keys/people.pub"))).roster
    return [one.person for one in roster.people]


HEAD = "id,name,sign_in,role,places\n"


def test_who_works_in_two_roles_is_one_person_and_namesakes_are_two(keys):
    twice = f"{HEAD}7,J Cruz,c001,capturista,D01\n7,j CRÚZ,v001,verificador,D01\n"
    assert len(set(people_of(twice, "1"))) == 1
    assert len(set(people_of(twice.replace("\n7,j", "\n8,j"), "2"))) == 2


def test_a_person_is_the_same_in_the_lists_of_two_houses_however_the_name_is_written(keys):
    first = people_of(f"{HEAD}AB7,José Cruz,c001,capturista,D01\n", "1")
    second = people_of(f"{HEAD}ab7 ,Jose de la Cruz,c002,capturista,D02\n", "2")
    assert first == second


@pytest.mark.parametrize("reads", ["capturista", "verificador"])
@pytest.mark.parametrize("oversees", ["cotejador", "coordinador"])
def test_nobody_types_figures_and_judges_them(keys, reads, oversees):
    """In one list or in two: the id tells that it is one person."""
    head = "id,name,sign_in,role,places\n"
    one, two = f"9,Ana Pi,c001,{reads},D01\n", f"9,Ana Pi,j001,{oversees},D01\n"
    assert "line 3: who types figures is no coordinador" in add(head + one + two, code=2)
    add(head + one)
    assert "line 2: who types figures" in add(head + two, "2", 2, previous="1.people")


def test_an_id_with_two_names_is_asked_about(keys):
    wrong = f"{HEAD}7,J Cruz,c001,capturista,D01\n7,A Cruz,v001,verificador,D01\n"
    told = add(wrong, code=2)
    assert "line 3: the id is that of line 2" in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "its first line has to be"),
        ("name,sign_in\n", "its first line has to be"),
        ("id,name,sign_in,role,places,curp\n", "its first line has to be"),
        ("id,name,name,sign_in,role,places\n", "its first line has to be"),
        ("id,name,sign_in,role,places\n\n", "nobody on it"),
        ("id,name,sign_in,role,places\n1,,c001,capturista,D01\n", "line 2: the name is empty"),
        ("id,name,sign_in,role,places\n,A,c001,capturista,D01\n", "line 2: the id is empty"),
        ("id,name,sign_in,role,places\n1,A,C001,capturista,D01\n", "line 2: the sign-in name"),
        ("id,name,sign_in,role,places\n1,A,c001,jefe,D01\n", "line 2: the role"),
        ("id,name,sign_in,role,places\n1,A,c001,capturista,\n", "line 2: the places"),
        ("id,name,sign_in,role,places\n1,A,c001,capturista,../D\n", "line 2: the places"),
        ("id,name,sign_in,role,places\n1,A,c001\n", "line 2: the role"),
        ("id,name,sign_in,role,places\n1,A,c1,capturista,D01,x\n", "more fields"),
        ('id,name,sign_in,role,places\n1,"A,c1,capturista,D01\n', "CSV"),
        ("id,name,sign_in,role,places\n1,A\u202eB,c1,capturista,D01\n", "U+202E"),
        (
            "id,name,sign_in,role,places\n1,A,c1,capturista,D01\n2,B,c1,capturista,D01\n",
            "line 3: c1 is taken",
        ),
    ],
)
def test_every_mistake_of_a_list_of_names_is_told_by_its_line(keys, text, said):
    told = add(text, code=2)
    assert "K323" in told
    assert said in told
    assert not list(Path().glob("1.*"))


def test_a_file_of_another_encoding_is_refused_without_a_word_of_it(keys):
    write(LIST, "latin.csv", "latin-1")
    given = ("add", "latin.csv", "--keys", "keys", "--until", UNTIL)
    told = openprep(*given, "--out", "1.people", "--sheet", "1.html", code=2)
    assert "K323" in told


def test_all_mistakes_are_told_at_once(keys):
    told = add("id,name,sign_in,role,places\n1,,C1,jefe,-\n2,,C2,jefe,-\n", code=2)
    assert told.count("line 2:") == told.count("line 3:") == 4


@pytest.mark.parametrize("election", ["", "a b", "a+b", "a\nb", "e" * 101])
def test_an_election_that_no_key_can_name_is_refused(election):
    told = openprep("init", "--election", election, "--keys", "keys", code=2)
    assert "K325" in told
    assert not Path("keys").exists()


def test_an_authority_made_to_the_end_after_any_death_is_one(place):
    def begin():
        return fresh()

    fresh = new_folders(place)
    for folder in deaths(begin, lambda folder: make_authority(folder, "e")):
        if not (folder / "people.pub").exists():
            make_authority(folder, "e")
        authority = load_authority(folder)
        assert authority.signer.verifier == load_public(folder / "people.pub")


@pytest.mark.parametrize("file", ["people.key", "people.secret"])
def test_an_authority_whose_files_are_exposed_cut_off_or_gone_makes_no_list(keys, file):
    path = Path("keys", file)
    whole = path.read_bytes()
    path.chmod(0o644)
    assert "K322" in add(code=2)
    path.chmod(0o600)
    for damaged in (whole[:-3], b"", b"zz" * 32, b"\xff" * 64):
        path.write_bytes(damaged)
        assert "K321" in add(code=2)
    path.unlink()
    assert "K321" in add(code=2)


def test_a_key_beside_the_public_half_of_another_makes_no_list(keys):
    openprep("init", "--election", "puebla-2027", "--keys", "others")
    Path("keys/people.pub").write_bytes(Path("others/people.pub").read_bytes())
    with pytest.raises(AuthorityRefused, match=AuthorityCode.UNUSABLE.code):
        load_authority(Path("keys"))


def test_the_private_key_given_as_the_public_one_is_not_shown(listed):
    told = openprep("check", "1.people", "--key", "keys/people.key", code=2)
    assert "K309" in told
    assert Path("keys/people.key").read_text().strip() not in told


def test_a_list_of_another_key_is_no_list_to_go_on_from(listed):
    openprep("init", "--election", "puebla-2027", "--keys", "others")
    told = openprep(
        *("remove", "a001", "--keys", "others", "--until", UNTIL),
        *("--previous", "1.people", "--out", "2.people"),
        code=2,
    )
    assert "K301" in told


def test_who_is_not_listed_cannot_be_removed(listed):
    told = openprep(
        *("remove", "a001", "x9", "--keys", "keys", "--until", UNTIL),
        *("--previous", "1.people", "--out", "2.people"),
        code=2,
    )
    assert "K324 x9" in told
    assert not Path("2.people").exists()


def test_a_list_that_is_over_says_so(keys):
    given = ("--from", "2020-01-01T00:00:00+00:00", "--until", "2020-01-02T00:00:00+00:00")
    openprep("add", write(LIST), "--keys", "keys", "--out", "o", "--sheet", "s", *given)
    assert "K304" in openprep("check", "o", "--key", "keys/people.pub", code=2)
    assert "U002" in openprep(
        *("add", "people.csv", "--keys", "keys", "--out", "p", "--sheet", "q"),
        *("--until", "2020-01-02T00:00:00+00:00"),
        code=2,
    )
