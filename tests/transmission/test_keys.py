"""Stations' keys and their enrolment: kept whole, for the owner only, every mistake named."""

import json
import stat

import msgspec
import pytest
from click.testing import CliRunner

from openprep.cli.main import main
from openprep.transmission.codes import StationCode
from openprep.transmission.keys import (
    Enrolled,
    KeyTrouble,
    kept_entry,
    line_of,
    load_enrolment,
    load_entries,
    load_station_key,
    make_station,
    make_station_key,
    public_half,
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys" / "D01.key"


def test_a_key_is_kept_for_its_owner_only_and_comes_back(path):
    key = make_station_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert public_half(load_station_key(path)) == public_half(key)
    assert [file.name for file in path.parent.iterdir()] == ["D01.key"]


def test_a_key_is_never_replaced_in_passing(path):
    key = make_station_key(path)
    with pytest.raises(KeyTrouble) as trouble:
        make_station_key(path)
    assert trouble.value.code is StationCode.KEY_EXISTS
    assert public_half(load_station_key(path)) == public_half(key)


def test_a_key_that_others_may_read_is_not_used(path):
    make_station_key(path)
    path.chmod(0o640)
    with pytest.raises(KeyTrouble, match="chmod 600") as trouble:
        load_station_key(path)
    assert trouble.value.code is StationCode.KEY_EXPOSED


@pytest.mark.parametrize("content", [b"", b"zz" * 32, b"ab" * 31, b"ab" * 33, b"\xff" * 64])
def test_a_file_that_is_not_a_key(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(KeyTrouble) as trouble:
        load_station_key(path)
    assert trouble.value.code is StationCode.KEY_UNUSABLE


def test_a_missing_key(path):
    with pytest.raises(KeyTrouble, match=r"T102.*D01\.key"):
        load_station_key(path)


def test_an_enrolment_comes_back(tmp_path, path):
    key = make_station_key(path)
    file = tmp_path / "stations.json"
    entry = Enrolled("D01", "Distrito 1, Xicotepec de Juárez", public_half(key), ("AYUN/001",))
    file.write_bytes(msgspec.json.encode([entry]))
    assert load_enrolment(file)["D01"].key.public_bytes_raw().hex() == public_half(key)


def test_every_mistake_of_an_enrolment_is_named(tmp_path, path):
    good = public_half(make_station_key(path))
    file = tmp_path / "stations.json"
    entries = [
        {"id": "D01", "name": "uno", "public_key": good, "reports": ["AYUN"]},
        {"id": "D01", "name": "again", "public_key": "00" * 32},
        {"id": "D02", "name": "shared", "public_key": good.upper()},
        {"id": "D03", "name": "short", "public_key": "abcd"},
        {"id": "../D04", "name": "path", "public_key": good},
        {"id": "D05", "name": "no key"},
        {"id": "D06\n", "name": "line feed", "public_key": good},
        "D07",
        {"id": "D08", "name": "speaks for nothing", "public_key": "11" * 32},
        {"id": "D09", "name": "area", "public_key": "22" * 32, "reports": ["AYUN//001"]},
        {"id": "D10", "name": "a \u202e", "public_key": "33" * 32, "reports": ["AYUN"]},
    ]
    file.write_text(json.dumps(entries))
    with pytest.raises(KeyTrouble) as trouble:
        load_enrolment(file)
    for number in range(2, 12):
        assert f"entry {number}:" in str(trouble.value)
    assert "entry 1:" not in str(trouble.value)


def test_the_lines_that_stations_printed_are_an_enrolment_as_they_stand(tmp_path):
    entries = [
        Enrolled(name, name, public_half(make_station_key(tmp_path / name)), ("AYUN",))
        for name in ("D01", "D02")
    ]
    file = tmp_path / "stations.json"
    file.write_bytes(b"\n".join(map(msgspec.json.encode, entries)) + b"\n")
    assert list(load_enrolment(file)) == ["D01", "D02"]
    file.write_bytes(file.read_bytes() + msgspec.json.encode(entries[0]) + b"\n")
    with pytest.raises(KeyTrouble, match="entry 3: station D01 is enrolled twice"):
        load_enrolment(file)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"id":"D01"}\n{"id"', b"[" * 200_000, b'[{"id":"\xff"}]', b"\x00"]
)
def test_an_enrolment_that_cannot_be_read(tmp_path, content):
    file = tmp_path / "stations.json"
    file.write_bytes(content)
    with pytest.raises(KeyTrouble) as trouble:
        load_enrolment(file)
    assert trouble.value.code is StationCode.ENROLMENT


# A station's entry, made and printed again.


def make(folder, station="D01", name="CATD", reports=("GUB/001",), corrects=()):
    return make_station(folder, station, name, reports=reports, corrects=corrects)


def test_an_entry_is_kept_beside_its_key_and_printed_again(tmp_path):
    entry = make(tmp_path)
    assert kept_entry(tmp_path, "D01") == entry
    assert entry.public_key == public_half(load_station_key(tmp_path / "D01.key"))


@pytest.mark.parametrize(
    "changes",
    [
        {"station": "D 01"},
        {"station": ""},
        {"station": "../D01"},
        {"station": "D01/"},
        {"station": "-D01"},
        {"station": "Ñ01"},
        {"station": "D01\n"},
        {"station": "D" * 33},
        {"name": "CATD \u202e10"},
        {"name": "C" * 201},
        {"reports": ("GUB/",)},
        {"reports": ("GUB 001",)},
        {"corrects": ("",)},
    ],
    ids=str,
)
def test_what_cannot_be_enrolled_is_refused_before_a_key_is_made(tmp_path, changes):
    with pytest.raises(KeyTrouble) as trouble:
        make(tmp_path / "keys", **changes)
    assert trouble.value.code is StationCode.ENTRY
    assert not (tmp_path / "keys").exists()
    assert list(tmp_path.iterdir()) == []


def test_a_start_cut_short_goes_on_with_the_key_that_it_made(tmp_path):
    key = make_station_key(tmp_path / "D01.key")
    assert make(tmp_path).public_key == public_half(key)
    with pytest.raises(KeyTrouble) as trouble:
        make(tmp_path)
    assert trouble.value.code is StationCode.KEY_EXISTS
    assert "station show" in str(trouble.value)


def test_an_entry_that_is_not_of_its_key_is_not_printed(tmp_path):
    make(tmp_path)
    (tmp_path / "D01.key").unlink()
    make_station_key(tmp_path / "D01.key")
    with pytest.raises(KeyTrouble) as trouble:
        kept_entry(tmp_path, "D01")
    assert trouble.value.code is StationCode.ENTRY


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff"])
def test_an_entry_that_cannot_be_read_is_told(tmp_path, content):
    make(tmp_path)
    (tmp_path / "D01.entry.json").write_bytes(content)
    with pytest.raises(KeyTrouble, match="T112"):
        kept_entry(tmp_path, "D01")


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_lines_printed_by_init_or_by_show_make_the_list_of_stations(tmp_path):
    lines = []
    for station in ("D01", "D02"):
        where = ("--id", station, "--keys", tmp_path / "keys")
        first = run("station", "init", *where, "--name", "CATD", "--reports", "GUB/001")
        assert first.exit_code == 0, first.stderr
        again = run("station", "show", *where)
        assert again.stdout == first.stdout
        assert "ceremony start --stations" in again.stderr
        lines.append(again.stdout)
    (tmp_path / "stations.json").write_text("".join(lines))
    entries = load_entries(tmp_path / "stations.json")
    assert b"".join(map(line_of, entries)).decode() == "".join(lines)


@pytest.mark.parametrize("command", ["send", "withdraw", "replay"])
def test_no_command_seals_under_an_id_that_every_centre_refuses(tmp_path, command):
    answer = run("station", command, "--election", "e", "--station", "D 01")
    assert answer.exit_code == 2
    assert "T112" in answer.stderr
    assert "letters without accent" in answer.stderr


def test_a_station_without_a_key_or_with_an_odd_id_has_nothing_to_show(tmp_path):
    for station, code in (("D01", "T102"), ("../D01", "T112")):
        answer = run("station", "show", "--id", station, "--keys", tmp_path)
        assert answer.exit_code == 2
        assert code in answer.stderr
