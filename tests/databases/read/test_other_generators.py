"""Ways of other institutes' generators and other people's programs: read right, or told."""

import io
import zipfile

import pytest

from databases.official import COLUMNS, COUNTED, CUT, FIGURES, ROWS, change, write
from openprep.databases import Database, check_database, read_database, read_official_zip
from openprep.databases.codes import DatabaseCode, UnreadableDatabase
from openprep.databases.names import Field, field_of, vote_name
from openprep.databases.read.moments import CENTRAL, cut_time, moment
from openprep.databases.words import observations
from openprep.election import Counting

TEXT = write().decode("utf-8-sig")
VOTES = ("PAN", "MORENA", "C_PT_PVEM", "NO_REGISTRADAS", "NULOS")
NAMES, VALUES = ",".join(FIGURES), ",".join(FIGURES.values())
AT = "2024-06-03T20:00:00-06:00"


def told(data: bytes) -> tuple[Database, set[str]]:
    read = read_database(data)
    found = {finding.code.name for finding in check_database(read).findings}
    return read, found - {"KEYLESS_OUT_OF_CATALOGUE"}


def refusal(data: bytes) -> UnreadableDatabase:
    with pytest.raises(UnreadableDatabase) as refused:
        read_database(data)
    return refused.value


def zip_of(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def row_with(**cells: str) -> bytes:
    return write([change(COUNTED, **cells), *ROWS[1:]])


@pytest.mark.parametrize(
    "offset",
    [
        *("(UTC/GMT -6)", "(GMT/UTC-6)", "(UTC-6h)", "UTC=-6", "(UTC menos 6)", "(UTC(-6))"),
        *("(UTC:-6)", "(U.T.C. -6)", "-06", "(-6)", "-0600", "-06:00", "CST", "(UTC\u22126:00)"),
    ],
)
@pytest.mark.parametrize("date", ["03/06/2024", "3-6-2024", "03-06-2024", "2024.06.03"])
def test_an_offset_is_read_however_it_is_written(date: str, offset: str) -> None:
    found = cut_time(f"{date} 20:00 {offset}")
    assert found is not None
    assert (found.at.isoformat(), found.has_offset) == (AT, True)


def test_an_offset_before_the_date_is_the_offset() -> None:
    found = cut_time("UTC-6 03/06/2024 20:00")
    assert found is not None
    assert (found.at.isoformat(), found.has_offset) == (AT, True)


@pytest.mark.parametrize("offset", ["-05", "(-5)", "CDT", "(GMT/UTC -5)"])
def test_another_offset_than_the_usual_one_is_never_taken_for_it(offset: str) -> None:
    found = cut_time(f"06/06/2021 20:00 {offset}")
    assert found is not None
    assert (found.at.isoformat(), found.has_offset) == ("2021-06-06T20:00:00-05:00", True)


@pytest.mark.parametrize(
    "line",
    [
        *("03/06/2024 20:00 (hora del Pacífico)", "03/06/2024 20:00 tiempo de Sonora"),
        *("03/06/2024 20:00 America/Tijuana", "03/06/2024 20:00 UTC 6", "03/06/2024 20:00-21:00"),
        *("03/06/2024 12:00 de la noche", "03/06/2024 20:00 (UTC-6.5)"),
    ],
)
def test_an_hour_of_another_place_or_of_two_meanings_is_not_read(line: str) -> None:
    assert cut_time(line) is None
    assert "CUT_TIME_MISSING" in told(TEXT.replace(CUT, line).encode())[1]


@pytest.mark.parametrize(
    "text",
    [
        *("03/06/2024 8:00 de la noche", "3 de junio de 2024, a las 8 de la noche"),
        *("20240603200000", "03/06/2024-20:00", "3-6-2024 20:00", "202406032000"),
    ],
)
def test_hours_in_words_and_times_without_signs_are_read(text: str) -> None:
    found, at = cut_time(text), moment(text, CENTRAL)
    assert found is not None
    assert at is not None
    assert found.at.isoformat() == at.isoformat() == AT


@pytest.mark.parametrize(
    "other",
    [
        *("PREP: inicia el 02/06/2024 20:00 (UTC-6)", "Generado: 10/06/2024 13:00 (UTC-6)"),
        "Impreso el 4 de junio de 2024, 9:15 a.m.",
    ],
)
def test_another_time_beside_that_of_the_cut_is_not_taken_for_it(other: str) -> None:
    for line in (f"{other}\n{CUT}", f"{CUT}\n{other}", f"{other}\nCorte: {CUT}"):
        read, found = told(TEXT.replace(CUT, line).encode())
        assert (read.cut.isoformat() if read.cut else None, found) == (AT, set())


def test_two_times_of_which_neither_says_that_it_is_the_cut_are_not_chosen_from() -> None:
    read, found = told(TEXT.replace(CUT, f"{CUT}\n02/06/2024 22:00 (UTC-6)").encode())
    assert read.cut is None
    assert "CUT_TIME_MISSING" in found


@pytest.mark.parametrize(
    ("value", "habit"),
    [
        ("'66.6666'", True),
        ('"66,6666"', True),
        ('"66,6666 %"', True),
        ('="66.6666"', True),
        ("\u201966.6666", True),
        ("66.6666", False),
    ],
)
def test_a_share_is_read_with_the_signs_of_its_country(value: str, habit: bool) -> None:
    _, found = told(write(PORCENTAJE_ACTAS_CAPTURADAS=value))
    assert found == ({"HEADER_FORMAT"} if habit else set())


@pytest.mark.parametrize(
    "value", ['"4,569,608"', "4.569.608", "4 569 608", "4'569'608", "4\u00a0569\u00a0608"]
)
def test_thousands_of_a_header_are_read_in_every_country(value: str) -> None:
    read, found = told(write(LISTA_NOMINAL_ACTAS_CONTABILIZADAS=value))
    assert 4_569_608 in read.preamble.figures.values()
    assert "HEADER_FORMAT" in found


def test_a_header_number_with_two_meanings_is_not_read() -> None:
    assert "HEADER_UNREADABLE" in told(write(LISTA_NOMINAL_ACTAS_CONTABILIZADAS="51.000"))[1]


@pytest.mark.parametrize(
    ("official", "name"),
    [
        ("ACTAS_FUERA_CATALOGO", "ACTAS FUERA DEL CATÁLOGO"),
        ("ACTAS_CONTABILIZADAS", "ACTA_CONTABILIZADA"),
        ("ACTAS_NO_CONTABILIZADAS", "ACTAS_NO_CONTABILIZADA"),
        ("PORCENTAJE_ACTAS_CAPTURADAS", "% Actas capturadas"),
        ("PORCENTAJE_ACTAS_INCONSISTENCIAS", "PORC_DE_ACTAS_CON_INCONSISTENCIAS"),
        ("TOTAL_VOTOS_S_CS", "TOTAL_VOTOS_SIN_CASILLAS_ESPECIALES"),
        ("PORCENTAJE_PARTICIPACION_CIUDADANA", "Participación ciudadana"),
    ],
)
def test_figures_have_many_names(official: str, name: str) -> None:
    names = ",".join(name if figure == official else figure for figure in FIGURES)
    assert told(TEXT.replace(NAMES, names).encode())[1] == set()


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_the_lines_above_may_have_a_delimiter_of_their_own(delimiter: str) -> None:
    above, below = TEXT.split("CLAVE_CASILLA", 1)
    text = above + ("CLAVE_CASILLA" + below).replace(",", delimiter)
    assert told(text.encode())[1] == set()


@pytest.mark.parametrize(
    ("field", "names"),
    [
        (Field.CALCULATED, "TOTAL,VOTACION_TOTAL,Total de votos calculados,SUMA_VOTOS"),
        (Field.CALCULATED, "TOTAL_VOTOS_EMITIDOS,TOTALVOTOSCALCULADO,TOTAL_VOTOS_CALCULADA"),
        (Field.WRITTEN, "TOTAL DE VOTOS ASENTADOS,VOTOS_ASENTADO,RESULTADO_VOTACION_TOTAL"),
        (Field.TAKEN, "TOTAL_VOTOS_SACADOS_DE_LA_URNA,BOLETAS SACADAS,VOTOS_URNA"),
        (Field.PEOPLE, "NUM_CIUDADANOS_VOTARON,Personas que votaron,TOTAL_VOTANTES"),
        (Field.REPRESENTATIVES_VOTED, "REPRESENTANTES QUE VOTARON,TOTAL_REP_PARTIDOS_VOTARON"),
        (Field.SURPLUS, "TOTAL DE BOLETAS SOBRANTES,SOBRANTES"),
        (Field.LISTA_NOMINAL, "LISTANOMINAL,Lista nominal de electores,LISTA_NOM,LN"),
        (Field.REPRESENTATIVES, "REP_PP_CI,REPRESENTANTES_PP/CI,Representantes PP y CI"),
        (Field.SECCION, "ID_SECCION,Sección electoral,NO_SECCION"),
        (Field.ENTITY_ID, "CVE_ENTIDAD,ENTIDAD_ID,CLAVE_ESTADO"),
        (Field.CLAVE_ACTA, "CVE_ACTA,CLAVE DEL ACTA"),
        (Field.HASH, "SHA-256,HASH_SHA256,Código de integridad"),
        (Field.RECEIVED, "FECHA_HORA_DE_ACOPIO,FECHA_Y_HORA_ACOPIO"),
        (Field.COUNTED, "CONTABILIZADO,Se contabiliza,Acta contabilizada"),
    ],
)
def test_columns_have_many_names(field: Field, names: str) -> None:
    for name in names.split(","):
        assert field_of(name) is field, name
        columns = [name if column == field.value else column for column in COLUMNS]
        read, found = told(write(ROWS, columns))
        assert (read.vote_names, found) == (VOTES, set()), name


@pytest.mark.parametrize(
    ("official", "names"),
    [
        ("NO_REGISTRADAS", "C.N.R.,VCNR,N_R,NO REGISTRADOS/AS,Candidatos/as no registrados/as"),
        ("NO_REGISTRADAS", "CANDIDATAS_Y_CANDIDATOS_NO_REGISTRADOS,PLANILLA_NO_REGISTRADA"),
        ("NO_REGISTRADAS", "VOTOS EN CANDIDATURAS NO REGISTRADAS,CANDIDATOSNOREGISTRADOS"),
        ("NULOS", "VNULOS,VOTOSNULOS,VOT_NULOS,BOLETAS_NULAS,NULOS_TOTAL,#NULOS,V. NULOS"),
    ],
)
def test_the_two_columns_of_every_acta_have_many_names(official: str, names: str) -> None:
    for name in names.split(","):
        assert vote_name(name) == official, name
        read, found = told(
            write(ROWS, [name if column == official else column for column in COLUMNS])
        )
        assert (read.vote_names, found) == (VOTES, set()), name


def moved(name: str, at: int) -> bytes:
    index = COLUMNS.index(name)
    lines = [list(line) for line in (COLUMNS, *ROWS)]
    for line in lines:
        line.insert(at, line.pop(index))
    return write(lines[1:], lines[0])


def test_votes_stand_in_any_order_and_among_other_counts() -> None:
    first = COLUMNS.index("PAN")
    for data in (moved("NULOS", first), moved("TOTAL_VOTOS_SACADOS", first + 2)):
        read, found = told(data)
        assert (set(read.vote_names), found) == (set(VOTES), set())


def test_votes_of_nobody_that_nobody_knows_are_found_by_the_totals() -> None:
    read, found = told(write(ROWS, ["XYZ" if column == "NULOS" else column for column in COLUMNS]))
    assert (len(read.vote_names), found) == (5, {"UNKNOWN_VOTE_COLUMN"})


@pytest.mark.parametrize("mark", ["\u2019", "\u2018", "`", "\u00b4", "\u02bc"])
def test_apostrophes_that_an_editor_changed_are_apostrophes(mark: str) -> None:
    assert told(TEXT.replace("'", mark).encode())[1] == set()


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("'100", set()),
        ("'100'", set()),
        ('"""100"""', set()),
        ('=T("100")'.replace('"', '""').join('""'), {"FORMULA_CELL"}),
    ],
)
def test_a_count_kept_from_spreadsheets_is_a_count(cell: str, found: set[str]) -> None:
    read, told_of = told(row_with(PAN=cell))
    assert (read.row(0).votes[0], told_of) == (100, found)


def test_thousands_in_counts_are_read_and_told_and_three_zeros_are_not_guessed() -> None:
    rows = [change(COUNTED, PAN='"1,000"', LISTA_NOMINAL='"2,000"'), *ROWS[1:]]
    read = read_database(write(rows))
    assert (read.row(0).votes[0], read.row(0).lista_nominal) == (1000, 2000)
    assert "THOUSANDS_IN_COUNT" in {finding.code.name for finding in check_database(read).findings}
    assert "TEXT_IN_COUNT" in told(row_with(PAN="1.000"))[1]


@pytest.mark.parametrize(
    ("cell", "counting"),
    [
        *(("SI", Counting.COUNTED), ("Sí", Counting.COUNTED), ("1.0", Counting.COUNTED)),
        *(("NO", Counting.NOT_COUNTED), ("FALSO", Counting.NOT_COUNTED)),
        ("quizá", Counting.NOT_CAPTURED),
    ],
)
def test_contabilizada_in_words_is_read_and_told(cell: str, counting: Counting) -> None:
    read, found = told(row_with(CONTABILIZADA=cell))
    assert read.row(0).counting is counting
    assert "COUNTED_UNKNOWN" in found


@pytest.mark.parametrize(
    "cell",
    [
        *("ALGUN CAMPO ILEGIBLE", "Campos ilegibles", "ILEGIBLE; SIN DATO", "ILEGIBLE / SIN DATO"),
        *("Ilegible y sin dato", "SIN DATO.", "(ILEGIBLE)", "SIN ACTA POR PAQUETE ELECTORAL NO"),
        *("NINGUNA", "Sin observaciones", "\u2013", "FUERA CATÁLOGO", "PAQUETE NO ENTREGADO"),
    ],
)
def test_observations_in_the_words_of_other_generators_are_known(cell: str) -> None:
    assert observations(cell.replace("NO", "NO ENTREGADO") if cell.endswith("NO") else cell)[1]


def test_a_casilla_whose_kind_is_written_out_is_the_casilla_of_its_key() -> None:
    kinds = ("Básica", "ESPECIAL", "Basica", "")
    rows = [change(row, TIPO_CASILLA=kind) for row, kind in zip(ROWS, kinds, strict=True)]
    assert told(write(rows))[1] == set()


TOTALS = ",120,190,20,0,30,362,360,1350,1028,,,,,,,,,,"


@pytest.mark.parametrize(
    "line",
    [
        *(f"{',' * 15}{TOTALS}", f"ACUMULADO{',' * 15}{TOTALS}", f"Distrito 1{',' * 15}{TOTALS}"),
        f",,21,PUEBLA,'001,XICOTEPEC,'0423,,,,,,,,,{TOTALS}",
        f"TOTAL{',' * 15},120,190,20,0,30,362,360,1350,1028,,2,,,,,,,,",
        f"Porcentaje{',' * 15},33.3,52.7,5.5,0,8.3,,,,,,,,,,,,,,",
        ",".join("-" * len(COLUMNS)),
    ],
    ids=["bare", "labelled", "district", "section", "counted", "shares", "dashes"],
)
def test_a_sum_is_no_acta_whatever_it_is_called(line: str) -> None:
    read, found = told(f"{TEXT}{line}\n".encode())
    assert (len(read), found) == (len(ROWS), {"NOT_A_ROW"})


@pytest.mark.parametrize("blank", ["", "," * (len(COLUMNS) - 1), ", " * (len(COLUMNS) - 1), ";"])
def test_blank_lines_between_rows_are_no_rows(blank: str) -> None:
    above, rows = TEXT.split(COLUMNS[-1] + "\n")
    text = above + COLUMNS[-1] + "\n" + rows.replace("\n", f"\n{blank}\n")
    read, found = told(text.encode())
    assert len(read) == len(ROWS)
    assert found <= {"LOOSE_LINE"}


def test_several_databases_in_one_file_are_never_added_up() -> None:
    others = TEXT.replace("PAN,MORENA", "MORENA,PAN")
    names_only = others[others.index("CLAVE_CASILLA") :]
    for joined in (TEXT + TEXT, TEXT + "\n\n" + others, TEXT + names_only):
        refused = refusal(joined.encode())
        assert refused.code is DatabaseCode.SEVERAL
        assert refused.line
        assert refused.line > len(TEXT.splitlines())


def test_names_broken_over_lines_in_quotes_are_one_name() -> None:
    text = TEXT.replace("TOTAL_VOTOS_CALCULADO", '"TOTAL_VOTOS\n_CALCULADO"')
    read, found = told(text.encode())
    assert (read.vote_names, found, read.row(0).line) == (VOTES, set(), 9)


def test_lines_that_a_spreadsheet_quoted_whole_are_rows() -> None:
    lines = [f'"{line}"' if line.count(",") > 9 else line for line in TEXT.split("\n")]
    for text in ("\n".join(lines), "\n".join([*TEXT.split("\n")[:7], *lines[7:]])):
        read, found = told(text.encode())
        assert (read.vote_names, found) == (VOTES, {"QUOTED_LINES"})


def test_a_blank_before_a_quote_moves_no_cell() -> None:
    text = TEXT.replace(",XICOTEPEC DE JUÁREZ", ', "XICOTEPEC, PUE ""CENTRO"""')
    read, found = told(text.encode())
    assert (read.row(0).unit_name, found) == ('XICOTEPEC, PUE "CENTRO"', set())


@pytest.mark.parametrize("encoding", ["cp850", "mac-roman", "cp437"])
def test_letters_of_another_encoding_are_told(encoding: str) -> None:
    text = TEXT.replace("XICOTEPEC DE JUÁREZ", "Jiménez Peñón Cañón")
    assert told(text.encode(encoding))[1] - {"WINDOWS_1252", "INVISIBLE_CHARACTER"} == {
        "LETTERS_SPOILED"
    }


@pytest.mark.parametrize("name", ["JU\ufffdREZ", "JU?REZ", "JUÃ¡REZ", "EspaÃ±a"])
def test_letters_that_were_lost_are_told(name: str) -> None:
    assert told(TEXT.replace("JUÁREZ", name).encode())[1] - {"INVISIBLE_CHARACTER"} == {
        "LETTERS_SPOILED"
    }


@pytest.mark.parametrize("name", ["¿DÓNDE?", "3° NORTE", "MÜLLER", "D’ORBIGNY", "PAN–PRI", "SÃO"])
def test_letters_as_they_are_written_are_not_told(name: str) -> None:
    assert told(TEXT.replace("JUÁREZ", name).encode())[1] == set()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x1f\x8b\x08\0\0", "gzip"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "7z"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel"),
        (b"%PDF-1.4\n", "PDF"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b'\xef\xbb\xbf{"a": 1}', "JSON"),
    ],
)
def test_another_kind_of_file_is_called_what_it_is(data: bytes, said: str) -> None:
    refused = refusal(data)
    assert refused.code is DatabaseCode.NO_COLUMN_ROW
    assert said in refused.detail


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_called_so(encoding: str) -> None:
    assert refusal(TEXT.encode(encoding)).code is DatabaseCode.ENCODING


def of_zip(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> UnreadableDatabase:
    with pytest.raises(UnreadableDatabase) as refused:
        read_official_zip(zip_of(files, method))
    return refused.value


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compression_that_is_not_read_is_not_called_damage(method: int) -> None:
    assert of_zip({"x.csv": write()}, method).code is DatabaseCode.ZIP_METHOD


@pytest.mark.parametrize(
    "junk",
    [
        *("@eaDir/x.csv/SYNO.csv", ".Trashes/501/x.csv", "$RECYCLE.BIN/x.csv", ".git/x.csv"),
        *("__macosx/x.csv", "x.csv:Zone.Identifier", "System Volume Information/x.csv"),
    ],
)
def test_what_systems_leave_is_never_read_as_a_database(junk: str) -> None:
    official_zip = read_official_zip(zip_of({"x.csv": write(), junk: b"\0\5"}))
    assert (list(official_zip.documents), official_zip.others) == (["x.csv"], (junk,))


def test_what_an_archiver_adds_does_not_use_up_the_files() -> None:
    files = {f"{number}.pdf": b"" for number in range(150)}
    forks = {f"__MACOSX/._{name}": b"" for name in files}
    assert read_official_zip(zip_of({"x.csv": write(), **files, **forks})).documents


def test_a_text_is_a_database_where_its_columns_say_so() -> None:
    files = {"x.txt": write(), "LEEME.txt": b"x", "notas.txt": b"nada\n", "vacio.txt": b""}
    official_zip = read_official_zip(zip_of(files))
    assert (list(official_zip.documents), len(official_zip.others)) == (["x.txt"], 3)


def test_a_zip_without_database_says_what_it_is() -> None:
    spreadsheet = {"[Content_Types].xml": b"", "xl/workbook.xml": b""}
    assert "spreadsheet" in of_zip(spreadsheet).detail
    assert "x.csv.gz" in of_zip({"x.csv.gz": b"1"}).detail
