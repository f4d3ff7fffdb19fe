"""What people and programs do to official files is read right, or is a finding: never silence."""

import io
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from databases.official import (
    COLUMNS,
    COUNTED,
    CUT,
    EXPECTED,
    FIGURES,
    OUTSIDE,
    ROWS,
    SPECIAL,
    change,
    write,
)
from openprep.cli.database import database as command
from openprep.databases import (
    Database,
    Finding,
    Told,
    check_database,
    read_database,
    read_official_zip,
)
from openprep.databases.names import field_of, vote_name
from openprep.databases.read.moments import CENTRAL, cut_time, moment
from openprep.election import Counting, VotesOverList

CLEAN = {"KEYLESS_OUT_OF_CATALOGUE"}
FIRST_VOTE = COLUMNS.index("PAN")


def findings(data: bytes | Database, told: Told | None = None) -> dict[str, Finding]:
    read = data if isinstance(data, Database) else read_database(data)
    return {finding.code.name: finding for finding in check_database(read, told=told).findings}


def names(data: bytes | Database) -> set[str]:
    return set(findings(data)) - CLEAN


def with_column(name: str, cells: list[str], at: int, rows: list[list[str]] = ROWS) -> bytes:
    """The small database with one more column, before position ``at``."""
    columns = [*COLUMNS[:at], name, *COLUMNS[at:]]
    return write([[*r[:at], cell, *r[at:]] for r, cell in zip(rows, cells, strict=True)], columns)


@pytest.mark.parametrize(
    "name",
    ["NUM_ACTA_IMPRESO", "FOLIO", "No. de serie", "NUMERO_ACTA", "CONSECUTIVO", "ID_PAQUETE"],
)
def test_a_serial_number_among_the_votes_is_no_party(name: str) -> None:
    read = read_database(with_column(name, ["14", "15", "16", "17"], FIRST_VOTE))
    assert read.vote_names[0] == "PAN"
    assert names(read) == set()


@pytest.mark.parametrize("at", [FIRST_VOTE, FIRST_VOTE + 2])
def test_a_number_that_nobody_knows_is_told_from_votes_by_the_totals(at: int) -> None:
    read = read_database(with_column("XYZ", ["14", "15", "-", ""], at))
    assert "XYZ" not in read.vote_names
    found = findings(read)["UNKNOWN_VOTE_COLUMN"].places[0]
    assert (found.column, found.value.partition(":")[0]) == ("XYZ", "not read as votes")
    assert names(read) == {"UNKNOWN_VOTE_COLUMN"}


def test_a_party_that_nobody_knows_is_votes_where_the_totals_need_it_and_is_told() -> None:
    rows = [change(COUNTED, PAN="60"), change(SPECIAL, PAN="5"), EXPECTED, OUTSIDE]
    read = read_database(with_column("PXX", ["40", "15", "-", ""], FIRST_VOTE + 1, rows))
    assert read.vote_names[:2] == ("PAN", "PXX")
    assert names(read) == {"UNKNOWN_VOTE_COLUMN"}
    assert set(findings(read, Told(columns={"PXX"}))) == CLEAN


def test_two_numbers_of_a_line_are_both_told_from_votes() -> None:
    columns = [*COLUMNS[:FIRST_VOTE], "AAA", "BBB", *COLUMNS[FIRST_VOTE:]]
    rows = [[*row[:FIRST_VOTE], "7", "9", *row[FIRST_VOTE:]] for row in ROWS]
    assert read_database(write(rows, columns)).vote_names[0] == "PAN"


def test_without_totals_the_place_tells_and_that_is_said() -> None:
    swapped = {"TOTAL_VOTOS_SACADOS": "XYZ", "TOTAL_VOTOS_CALCULADO": "TOTAL_X"}
    read = read_database(write(ROWS, [swapped.get(name, name) for name in COLUMNS]))
    assert read.vote_names[0] == "PAN"
    assert findings(read)["UNKNOWN_VOTE_COLUMN"].places[0].value.endswith("no total tells")


@pytest.mark.parametrize(
    "name",
    [
        *("NOREG", "NO REG", "NO_REG", "NREG", "CNR", "Votos CNR", "NUM_VOTOS_CAN_NREG"),
        *("NO_REGISTRADO", "Candidaturas no registradas", "CANDIDATO/A NO REGISTRADO/A"),
    ],
)
def test_candidacies_that_nobody_registered_have_many_names(name: str) -> None:
    assert vote_name(name) == "NO_REGISTRADAS"
    assert field_of(name) is None


@pytest.mark.parametrize(
    "name", ["NULO", "NULOS", "NULA", "VN", "Votos nulos", "TOTAL_VOTOS_NULOS", "V_NULOS"]
)
def test_null_votes_have_many_names(name: str) -> None:
    assert vote_name(name) == "NULOS"
    assert field_of(name) is None


def test_valid_votes_between_the_parties_and_the_null_ones_lose_no_party() -> None:
    at = COLUMNS.index("NO_REGISTRADAS")
    read = read_database(with_column("NUM_VOTOS_VALIDOS", ["270", "60", "-", ""], at))
    assert read.vote_names == ("PAN", "MORENA", "C_PT_PVEM", "NO_REGISTRADAS", "NULOS")


def test_identity_cells_in_formulas_are_compared_and_told_once() -> None:
    wrong = change(COUNTED, SECCION='="9999"', ID_CASILLA='="01"')
    found = findings(write([wrong, *ROWS[1:]]))
    assert found["KEY_MISMATCH"].count == 1
    assert found["FORMULA_CELL"].count == 2
    right = change(COUNTED, SECCION='="0423"', CLAVE_CASILLA='="210423B0100"')
    assert names(write([right, *ROWS[1:]])) == {"FORMULA_CELL"}


def test_a_number_a_word_and_a_time_in_formulas_are_what_they_show() -> None:
    row = change(
        COUNTED,
        PAN='="100"',
        OBSERVACIONES='="ALGUN CAMPO ILEGIBLE O SIN DATO"',
        FECHA_HORA_ACOPIO='="02/06/2024 21:00:00"',
        CODIGO_INTEGRIDAD=f'="{"a" * 64}"',
    )
    assert names(write([row, *ROWS[1:]])) == {"FORMULA_CELL"}


@pytest.mark.parametrize("column", ["ID_ENTIDAD", "ID_DISTRITO", "SECCION", "ID_CASILLA"])
@pytest.mark.parametrize("cell", ["veintiuno", "#N/D", "1.5", "0423 BIS"])
def test_an_identity_cell_that_is_no_number_is_found(column: str, cell: str) -> None:
    found = findings(write([change(COUNTED, **{column: cell}), *ROWS[1:]]))
    assert found["IDENTITY_UNREADABLE"].places[0].column == column
    assert "KEY_MISMATCH" not in found


@pytest.mark.parametrize("cell", ["N/A", "-", "", " "])
def test_an_identity_cell_may_say_that_there_is_none(cell: str) -> None:
    assert names(write([change(COUNTED, ID_DISTRITO=cell), *ROWS[1:]])) == set()


def test_keys_hold_the_entity_and_each_other_too() -> None:
    for cells in ({"ID_ENTIDAD": "'22"}, {"CLAVE_ACTA": "'210423B02002"}):
        assert names(write([change(COUNTED, **cells), *ROWS[1:]])) == {"KEY_MISMATCH"}


@pytest.mark.parametrize(
    "unseen", ["\u00a0", "\u200b", "\ufeff", "\u00ad", "\u202c", "\u2009"], ids=ascii
)
def test_characters_that_nobody_sees_change_nothing_and_are_told(unseen: str) -> None:
    row = change(
        COUNTED,
        SECCION=f"'0423{unseen}",
        PAN=f"{unseen}100",
        OBSERVACIONES=f"ALGUN CAMPO ILEGIBLE{unseen} O SIN DATO",
        FECHA_HORA_ACOPIO=f"02/06/2024 21:00:00{unseen}",
    )
    columns = [f"{unseen}{name}" if name == "NULOS" else name for name in COLUMNS]
    read = read_database(write([row, *ROWS[1:]], columns))
    assert read.row(0).votes[0] == 100
    assert read.vote_names[-1] == "NULOS"
    assert names(read) == {"INVISIBLE_CHARACTER"}


@pytest.mark.parametrize(
    "end", [b"\x1a", b"\x1a\n", b"\0" * 400, b"\x1a" + b"\0" * 99, b"\r\n\x1a"]
)
def test_what_old_systems_write_after_the_end_of_a_file_is_no_row(end: bytes) -> None:
    read = read_database(write() + end)
    assert len(read) == len(ROWS)
    assert names(read) == {"PADDED_END"}
    assert names(write()[:-1] + end.lstrip(b"\r\n")) == {"PADDED_END"}


def test_a_nul_in_the_middle_is_still_no_text() -> None:
    with pytest.raises(Exception, match="D105"):
        read_database(write().replace(b"PUEBLA", b"PUE\0BLA"))


@pytest.mark.parametrize(
    "line",
    [
        ",".join(COLUMNS),
        "TOTAL" + "," * 16 + "120,190,20,0,30,362,360,750,1014,,,,,,,,,,",
        "Nota: resultados preliminares" + "," * (len(COLUMNS) - 1),
        ",,,TOTALES,,,,,,,,,1390,360,2,362,120,190,20,0,30,362,360,750,1014,,,,,,,,,,",
    ],
    ids=["names", "total", "note", "totals"],
)
@pytest.mark.parametrize("at", [1, 4])
def test_a_line_that_is_no_row_is_kept_apart(line: str, at: int) -> None:
    lines = write().decode().splitlines()
    lines.insert(len(lines) - len(ROWS) + at, line)
    read = read_database(("\n".join(lines) + "\n").encode())
    assert len(read) == len(ROWS)
    assert names(read) == {"NOT_A_ROW"}
    assert len(read.sheet.loose) == 1


def test_a_last_note_without_a_line_end_is_not_a_file_cut_short() -> None:
    read = read_database(write() + b"Fuente: Instituto")
    assert names(read) == {"LOOSE_LINE", "NO_FINAL_LINE_END"}


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("2021/06/21 11:41 (UTC-5)", "2021-06-21T11:41:00-05:00"),
        ("03/06/2024 08:00 p. m. (UTC-6)", "2024-06-03T20:00:00-06:00"),
        ("03/06/2024 12:15 a.m. (UTC-6)", "2024-06-03T00:15:00-06:00"),
        ("3 de junio de 2024, 20:00 horas (UTC-6)", "2024-06-03T20:00:00-06:00"),
        ("Corte: 03-JUN-2024 20:00:31 UTC-06:00", "2024-06-03T20:00:31-06:00"),
        ("20:00 hrs. del lunes 3 de junio de 2024 (GMT-6)", "2024-06-03T20:00:00-06:00"),
        ("2024-06-03T20:00:00-06:00", "2024-06-03T20:00:00-06:00"),
        ("03.06.2024 20.00 h (UTC\u22126)", "2024-06-03T20:00:00-06:00"),
        ("20240603_2000 UTC-6", "2024-06-03T20:00:00-06:00"),
    ],
)
def test_the_time_of_a_cut_is_read_in_every_way_that_has_one_meaning(line: str, at: str) -> None:
    found = cut_time(line)
    assert found is not None
    assert (found.at.isoformat(), found.has_offset) == (at, True)


@pytest.mark.parametrize(
    "line",
    [
        *("06/13/2024 20:00", "03/06/24 20:00", "13:00 a.m. 03/06/2024", "03/06/2024"),
        *("03/06/2024 20:00 (UTC 6)", "03/06/2024 24:30", "03/06/2024 de 20:00 a 21:00"),
        *("02/06/2024 al 03/06/2024 20:00", "03/06/2024 20:00 (UTC-25)"),
    ],
)
def test_a_time_with_two_meanings_or_none_is_a_finding_and_never_guessed(line: str) -> None:
    assert cut_time(line) is None
    found = findings(write().replace(CUT.encode(), line.encode()))
    assert found["CUT_TIME_MISSING"].places[0].value == line


def test_date_and_hour_of_a_cut_may_stand_on_two_lines() -> None:
    read = read_database(write().replace(CUT.encode(), b"Fecha: 03/06/2024\nHora: 20:00 (UTC-6)"))
    assert read.cut is not None
    assert read.cut.isoformat() == "2024-06-03T20:00:00-06:00"


@pytest.mark.parametrize(
    "cell",
    ["02/06/2024 09:00:00 p.m.", "2024/06/02 21:00:00", "2-jun-2024 21:00", "2024-06-02T21:00"],
)
def test_the_time_of_a_row_is_read_in_the_same_ways(cell: str) -> None:
    at = moment(cell, CENTRAL)
    assert at is not None
    assert at.isoformat() == "2024-06-02T21:00:00-06:00"
    assert names(write([change(COUNTED, FECHA_HORA_ACOPIO=cell), *ROWS[1:]])) == {"TIME_FORMATS"}


@pytest.mark.parametrize(
    ("cut", "at", "found"),
    [
        ("20:00", "20:00:59", set()),
        ("20:00", "20:01:00", {"RECEIVED_AFTER_CUT"}),
        ("20:00:17", "20:00:17", set()),
        ("20:00:17", "20:00:18", {"RECEIVED_AFTER_CUT"}),
    ],
)
def test_an_acta_of_the_minute_of_a_cut_may_be_in_it_unless_the_second_is_written(
    cut: str, at: str, found: set[str]
) -> None:
    cells = dict.fromkeys(
        ("FECHA_HORA_ACOPIO", "FECHA_HORA_CAPTURA", "FECHA_HORA_VERIFICACION"), f"03/06/2024 {at}"
    )
    data = write([change(COUNTED, **cells), *ROWS[1:]])
    assert names(data.replace(CUT.encode(), f"03/06/2024 {cut} (UTC-6)".encode())) == found


def without(*left_out: str) -> bytes:
    kept = [index for index, name in enumerate(COLUMNS) if name not in left_out]
    return write([[row[index] for index in kept] for row in ROWS], [COLUMNS[i] for i in kept])


def test_without_contabilizada_sums_and_header_are_checked_and_the_rest_is_said() -> None:
    assert names(without("CONTABILIZADA")) == {"MISSING_COLUMN", "COUNTING_DERIVED"}
    assert [row.counting for row in read_database(without("CONTABILIZADA")).rows] == [
        Counting.COUNTED,
        Counting.COUNTED,
        Counting.NOT_CAPTURED,
        Counting.OUT_OF_CATALOGUE,
    ]
    wrong = without("CONTABILIZADA").replace(b",100,150,", b",9999,150,")
    assert "NOT_ADDING_UP" in names(wrong)


@pytest.mark.parametrize(
    ("column", "unchecked"),
    [
        ("LISTA_NOMINAL", {"EXCEDE LISTA NOMINAL", "LISTA_NOMINAL_ACTAS_CONTABILIZADAS"}),
        ("REPRESENTANTES_PP_CI", {"EXCEDE LISTA NOMINAL"}),
        ("OBSERVACIONES", {"PORCENTAJE_ACTAS_INCONSISTENCIAS"}),
    ],
)
def test_what_cannot_be_checked_is_said(column: str, unchecked: set[str]) -> None:
    found = findings(without(column))
    assert unchecked <= {place.column for place in found["NOT_CHECKED"].places}
    assert "HEADER_DISAGREES" not in found


def test_votes_are_added_up_where_the_file_has_no_totals() -> None:
    assert names(without("TOTAL_VOTOS_CALCULADO")) == {"MISSING_COLUMN"}


COMPUTOS = (
    "ACTAS_ESPERADAS,ACTAS_COMPUTADAS,PORCENTAJE_ACTAS_COMPUTADAS,LISTA_NOMINAL_ACTAS_COMPUTADAS,"
    "TOTAL_VOTOS,PORCENTAJE_PARTICIPACION_CIUDADANA"
)


@pytest.mark.parametrize("header", [COMPUTOS, "Cómputos distritales 2024", ""])
def test_computos_are_told_once_as_what_they_are(header: str) -> None:
    told = ("COTEJO", "RECUENTO EN GRUPO DE TRABAJO", "-", "")
    rows = [change(row, OBSERVACIONES=word) for row, word in zip(ROWS, told, strict=True)]
    figures, values = ",".join(FIGURES), ",".join(FIGURES.values())
    text = write(rows[:3]).decode().replace(figures, header).replace(values, "3,2,66.6,750,360,48")
    found = findings(text.encode())
    assert set(found) == {"COMPUTOS"}
    assert found["COMPUTOS"].count == 1


def packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_what_archivers_add_is_left_alone_and_named() -> None:
    junk = ["__MACOSX/._x.csv", ".DS_Store", "a/Thumbs.db", "a/desktop.ini", "a/~$x.csv", "._y.csv"]
    official_zip = read_official_zip(packed({"a/x.csv": write(), **dict.fromkeys(junk, b"\0\5")}))
    assert list(official_zip.documents) == ["a/x.csv"]
    assert set(official_zip.others) == set(junk)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, ["check", *map(str, arguments)])


def test_habits_are_told_from_defects(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(write())
    assert run(path).exit_code == 1
    assert run(path, "--habits").exit_code == 0
    assert "Habit: " in run(path).stdout
    path.write_bytes(write([change(COUNTED, PAN="101"), *ROWS[1:]]))
    assert run(path, "--habits").exit_code == 1


@pytest.mark.parametrize("said", [VotesOverList.WITH_SPECIAL, VotesOverList.WITHOUT_SPECIAL])
def test_a_participation_is_judged_by_the_rule_that_is_declared(said: VotesOverList) -> None:
    right, wrong = write(), write(PORCENTAJE_PARTICIPACION_CIUDADANA="40.0000")
    if said is VotesOverList.WITHOUT_SPECIAL:
        right, wrong = wrong, right
    assert set(findings(right, Told(participation=said))) == CLEAN
    assert "OTHER_PARTICIPATION" in findings(wrong, Told(participation=said))


@pytest.mark.parametrize(
    ("cut", "percent", "other"),
    [
        ("02/06/2024 23:00", "40.0000", False),
        ("02/06/2024 23:00", "48.0000", True),
        ("03/06/2024 18:00", "40.0000", False),
        ("03/06/2024 18:00", "48.0000", False),
        ("03/06/2024 20:00", "48.0000", False),
        ("03/06/2024 20:00", "40.0000", True),
    ],
)
def test_a_file_alone_is_not_judged_where_the_closing_may_have_been(
    cut: str, percent: str, other: bool
) -> None:
    data = write(PORCENTAJE_PARTICIPACION_CIUDADANA=percent)
    data = data.replace(CUT.encode(), f"{cut} (UTC-6)".encode())
    assert ("OTHER_PARTICIPATION" in findings(data)) is other
