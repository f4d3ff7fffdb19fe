"""`openprep database check`: what it prints, and how it exits."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from databases.official import ROWS, change, night, packed, sample, write
from openprep.cli.database import database

NO_OUTSIDERS = {
    "ACTAS_REGISTRADAS": "2",
    "ACTAS_FUERA_CATALOGO": "0",
}


def run(*arguments: str, data: bytes | None = None) -> Result:
    return CliRunner().invoke(database, ["check", *arguments], input=data)


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    path = tmp_path / "clean.csv"
    path.write_bytes(write(ROWS[:3], **NO_OUTSIDERS))
    return path


def test_a_clean_file_exits_0(clean: Path) -> None:
    result = run(str(clean))
    assert result.exit_code == 0, result.output
    assert "No findings." in result.output


def test_findings_exit_1_and_fit_80_columns(tmp_path: Path) -> None:
    path = tmp_path / "drill.csv"
    path.write_bytes(sample("simulacro_PUE_GUB_2024"))
    result = run(str(path))
    assert result.exit_code == 1
    assert "D010" in result.output
    assert "8099, rows give 8098" in result.output
    table = result.output.split("Code", 1)[1]
    assert max(map(len, table.splitlines())) <= 80


def test_an_unreadable_file_exits_2(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"nothing\n")
    result = run(str(path))
    assert result.exit_code == 2
    assert "D106" in result.output
    missing = run(str(tmp_path / "missing.csv"))
    assert missing.exit_code == 2
    assert "D101" in missing.output


def test_json_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "2000.zip"
    path.write_bytes(packed({"PUE_AYUN_2024.csv": night("20240603_2000", "AYUN")}))
    result = run(str(path), "--format", "json")
    assert result.exit_code == 1
    said = json.loads(result.output)
    assert (said["schema"], said["clean"]) == (1, False)
    read = said["databases"][0]
    assert read["cut"] == "2024-06-03T20:00:00-06:00"
    assert read["figures"]["ACTAS_ESPERADAS"] == {"header": 8352, "rows": 8352}
    assert read["figures"]["PORCENTAJE_PARTICIPACION_CIUDADANA"]["rows"] == 644623
    codes = {finding["code"]: finding["count"] for finding in read["findings"]}
    assert codes == {"D007": 2, "D031": 30, "D033": 53, "D035": 12}


def test_a_refusal_in_json_has_its_code(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"\0")
    result = run(str(path), "--format", "json")
    assert result.exit_code == 2
    assert json.loads(result.output)["refused"]["code"] == "D105"


def test_standard_input_is_read(clean: Path) -> None:
    assert run("-", data=clean.read_bytes()).exit_code == 0


def test_a_file_cannot_write_on_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    rows = [change(ROWS[0], DIGITALIZACION="\x1b[31m[red]x[/red]"), *ROWS[1:]]
    path.write_bytes(write(rows))
    result = run(str(path))
    assert "\x1b" not in result.output
    assert "[red]x[/red]" in result.output


def test_braces_in_a_cell_are_told_as_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    cell = "{0.__class__} {line!r:>99}"
    path.write_bytes(write([change(ROWS[0], DIGITALIZACION=cell, PAN=cell), *ROWS[1:]]))
    assert cell in run(str(path)).output
    findings = json.loads(run(str(path), "--format", "json").output)["databases"][0]["findings"]
    places = [place for finding in findings for place in finding["places"]]
    assert {"line": 8, "column": "DIGITALIZACION", "value": cell} in places


def test_an_oversize_file_is_refused_by_the_option(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(write() + b"\n" * 1_100_000)
    assert run(str(path), "--max-megabytes", "1").exit_code == 2


def test_a_name_in_no_encoding_is_told_as_far_as_it_can_be(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"b\xff.csv")
    path.write_bytes(write())
    for shape in ("json", "table"):
        result = run(str(path), "--format", shape)
        assert result.exit_code == 1
        assert "b\ufffd.csv" in result.stdout
    missing = run(os.fsdecode(b"/nowhere/\xff.csv"), "--format", "json")
    assert (missing.exit_code, json.loads(missing.stdout)["refused"]["code"]) == (2, "D101")
