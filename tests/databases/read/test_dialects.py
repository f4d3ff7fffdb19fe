"""One small database in every combination of dialects reads to the same facts."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from databases.official import COLUMNS, COUNTED, CUT, FIGURES, ROWS, TITLE, change, write
from openprep.databases import (
    Database,
    DatabaseCode,
    Field,
    Figure,
    KeyStyle,
    check_database,
    read_database,
)
from openprep.databases.names import vote_name, vote_names
from openprep.databases.read.text import Encoding
from openprep.election import CasillaKind, Counting, FieldState, Location, Observation

ENCODINGS = {
    Encoding.UTF8_BOM: "utf-8-sig",
    Encoding.UTF8: "utf-8",
    Encoding.LATIN1: "latin-1",
}
OLD_NAMES = {
    "ID_ENTIDAD": "ID_ESTADO",
    "ENTIDAD": "ESTADO",
    "ID_DISTRITO": "ID_DISTRITO_LOCAL",
    "CODIGO_INTEGRIDAD": "SHA",
    "NO_REGISTRADAS": "NO_REGISTRADOS",
    "MORENA": "MOR",
    "C_PT_PVEM": "PT_PV",
    "TOTAL_VOTOS_CALCULADO": "TOTAL_VOTOS",
    "TOTAL_PERSONAS_VOTARON": "TOTAL_CIUDADANOS_VOTARON",
}


@dataclass(frozen=True)
class Way:
    encoding: Encoding
    delimiter: str
    sep_line: bool
    line_end: str
    quoting: str
    blank_line: str
    blank_before_figures: bool
    blank_before_names: bool
    keys: KeyStyle
    old_names: bool
    lower_case: bool
    iso_times: bool
    trailing: bool
    percent: bool

    def write(self) -> bytes:
        blank = {"empty": "", "delimiters": self.delimiter * 5, "tabs": '"\t"'}[self.blank_line]
        names = [OLD_NAMES.get(name, name) if self.old_names else name for name in COLUMNS]
        values = [f"'{v}%" if self.percent and "." in v else v for v in FIGURES.values()]
        lines = [TITLE, CUT, *[blank] * self.blank_before_figures]
        lines += [self.join(list(FIGURES)), self.join(values), *[blank] * self.blank_before_names]
        lines += [self.join(names), *(self.join(self.row(row)) for row in ROWS)]
        if self.sep_line:
            lines.insert(0, f"sep={self.delimiter}")
        text = self.line_end.join(lines) + self.line_end
        return text.encode(ENCODINGS[self.encoding])

    def row(self, row: list[str]) -> list[str]:
        cells = [self.key(cell) for cell in row]
        if self.lower_case:
            words = ("ILEGIBLE", "ALGUN CAMPO ILEGIBLE O SIN DATO", "FUERA DE CATALOGO", "MOVIL")
            cells = [cell.capitalize() if cell in words else cell for cell in cells]
        if self.iso_times:
            cells = [iso(cell) for cell in cells]
        return [*cells, ""] if self.trailing else cells

    def key(self, cell: str) -> str:
        if not cell.startswith("'"):
            return cell
        return {
            KeyStyle.BARE: cell[1:],
            KeyStyle.PREFIXED: cell,
            KeyStyle.WRAPPED: cell + "'",
        }[self.keys]

    def join(self, cells: list[str]) -> str:
        quoted = {"none": (), "some": (3, 5), "all": range(len(cells))}[self.quoting]
        return self.delimiter.join(
            f'"{cell}"' if index in quoted else cell for index, cell in enumerate(cells)
        )


def iso(cell: str) -> str:
    if len(cell) == 19 and cell[2] == "/":
        return f"{cell[6:10]}-{cell[3:5]}-{cell[:2]} {cell[11:16]}"
    return cell


WAYS = st.builds(
    Way,
    encoding=st.sampled_from(list(ENCODINGS)),
    delimiter=st.sampled_from([",", "|", ";"]),
    sep_line=st.booleans(),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from(["none", "some", "all"]),
    blank_line=st.sampled_from(["empty", "delimiters", "tabs"]),
    blank_before_figures=st.booleans(),
    blank_before_names=st.booleans(),
    keys=st.sampled_from(list(KeyStyle)),
    old_names=st.booleans(),
    lower_case=st.booleans(),
    iso_times=st.booleans(),
    trailing=st.booleans(),
    percent=st.booleans(),
)
DIALECT_FINDINGS = {
    DatabaseCode.HEADER_FORMAT,
    DatabaseCode.TRAILING_DELIMITER,
    DatabaseCode.KEYLESS_OUT_OF_CATALOGUE,
}


@settings(max_examples=150, deadline=None)
@given(WAYS)
def test_every_dialect_reads_to_the_same_facts(way: Way) -> None:
    database = read_database(way.write())
    assert database.title == TITLE
    assert database.cut is not None
    assert database.cut.isoformat() == "2024-06-03T20:00:00-06:00"
    assert database.vote_names == ("PAN", "MORENA", "C_PT_PVEM", "NO_REGISTRADAS", "NULOS")
    assert_facts(database)
    dialect = database.dialect
    assert (dialect.encoding, dialect.delimiter) == (way.encoding, way.delimiter)
    assert (dialect.sep_line, dialect.key_style) == (way.sep_line, way.keys)
    report = check_database(database)
    assert {finding.code for finding in report.findings} <= DIALECT_FINDINGS
    assert database.preamble.figures == report.recount.figures


def assert_facts(database: Database) -> None:
    counted, special, expected, outside = database.rows
    assert counted.votes == (100, 150, 20, FieldState.ILEGIBLE, 30)
    assert counted.clave_acta == "210423B01002"
    assert (counted.seccion, counted.kind, counted.number) == ("0423", CasillaKind.BASICA, 1)
    assert counted.unit_name == "XICOTEPEC DE JUÁREZ"
    acta = counted.acta("GUB", "x")
    assert acta.observations == (Observation.ALGUN_CAMPO_ILEGIBLE_O_SIN_DATO,)
    assert (acta.transfer, acta.image_sha256, acta.total_written) == ("F-I", "a" * 64, 302)
    assert acta.received_at is not None
    assert acta.received_at.isoformat() == "2024-06-02T21:00:00-06:00"
    assert special.votes == (20, 40, FieldState.NOT_ON_BALLOT, 0, 0)
    assert expected.counting is Counting.NOT_CAPTURED
    assert set(expected.votes) == {FieldState.NOT_CAPTURED}
    assert outside.counting is Counting.OUT_OF_CATALOGUE
    assert outside.acta("GUB", None).image_sha256 == "c" * 64


@settings(max_examples=60, deadline=None)
@given(WAYS)
def test_every_original_cell_is_kept(way: Way) -> None:
    database = read_database(way.write())
    for row, written in zip(database.rows, ROWS, strict=True):
        kept = tuple(way.row(written)[: len(COLUMNS)])
        assert row.cells == kept


def codes_of(data: bytes) -> dict[str, int]:
    return {f.code.name: f.count for f in check_database(read_database(data)).findings}


def test_one_change_gives_one_finding() -> None:
    clean = {"KEYLESS_OUT_OF_CATALOGUE": 1}
    assert codes_of(write()) == clean
    changes = {
        "TEXT_IN_COUNT": {"TOTAL_BOLETAS_SOBRANTES": "muchas"},
        "DECIMAL_IN_COUNT": {"TOTAL_BOLETAS_SOBRANTES": "450.0"},
        "COUNT_OUT_OF_BOUNDS": {"TOTAL_BOLETAS_SOBRANTES": "-450"},
        "NOT_ADDING_UP": {"PAN": "101"},
        "KEY_MISMATCH": {"CLAVE_CASILLA": "'210999B0100"},
        "KEY_BLANK": {"CLAVE_ACTA": "-"},
        "UNKNOWN_OBSERVATION": {"OBSERVACIONES": '"ILEGIBLE, LLOVIA"'},
        "UNKNOWN_WORD": {"DIGITALIZACION": "FAX"},
        "TIME_UNREADABLE": {"FECHA_HORA_ACOPIO": "31/02/2024 21:00:00"},
        "TIME_FORMATS": {"FECHA_HORA_ACOPIO": "2024-06-02 21:00"},
        "RECEIVED_BEFORE_ELECTION": {"FECHA_HORA_ACOPIO": "01/06/2024 21:00:00"},
        "RECEIVED_BEFORE_CLOSING": {"FECHA_HORA_ACOPIO": "02/06/2024 17:00:00"},
        "CAPTURED_BEFORE_RECEIVED": {"FECHA_HORA_CAPTURA": "02/06/2024 20:59:59"},
        "VERIFIED_BEFORE_CAPTURED": {"FECHA_HORA_VERIFICACION": "02/06/2024 21:29:59"},
        "HASH_MISSING": {"CODIGO_INTEGRIDAD": "-"},
        "HASH_MALFORMED": {"CODIGO_INTEGRIDAD": "abc"},
        "HASH_REPEATED": {"CODIGO_INTEGRIDAD": "b" * 64},
    }
    for name, cells in changes.items():
        rows = [change(COUNTED, **cells), *ROWS[1:]]
        assert codes_of(write(rows)) == clean | {name: 1}, name


def test_excess_is_judged_by_the_rows_own_figures() -> None:
    flagged = change(COUNTED, OBSERVACIONES="EXCEDE LISTA NOMINAL")
    assert {"EXCESS_FLAG_WRONG"} <= codes_of(write([flagged, *ROWS[1:]])).keys()
    exceeding = change(COUNTED, LISTA_NOMINAL="200")
    found = codes_of(write([exceeding, *ROWS[1:]]))
    assert {"EXCESS_NOT_FLAGGED", "COUNTED_AGAINST_RULE"} <= found.keys()


def test_participation_by_the_other_formula_is_told_from_a_wrong_one() -> None:
    other = codes_of(write(PORCENTAJE_PARTICIPACION_CIUDADANA="40.0000"))
    assert other["OTHER_PARTICIPATION"] == 1
    wrong = codes_of(write(PORCENTAJE_PARTICIPACION_CIUDADANA="41.0000"))
    assert wrong["HEADER_DISAGREES"] == 1
    rounded = codes_of(write(PORCENTAJE_ACTAS_CAPTURADAS="66.6667"))
    assert rounded["SHARE_ROUNDED"] == 1


@pytest.mark.parametrize("percent", ["4761937.0000", "99999999900000000.0000"])
def test_a_participation_is_read_however_large_it_is(percent: str) -> None:
    """An acta of 99,999,999 votes that a checking place confirmed made every audit fail."""
    read = read_database(write(PORCENTAJE_PARTICIPACION_CIUDADANA=percent))
    assert read.preamble.figures[Figure.PARTICIPATION] == int(percent.replace(".", ""))


def test_header_dirt_is_found_and_never_guessed() -> None:
    assert codes_of(write(ACTAS_ESPERADAS="3.0"))["HEADER_DECIMAL"] == 1
    assert codes_of(write(PORCENTAJE_ACTAS_CAPTURADAS="66.66"))["SHARE_DECIMALS"] == 1
    assert codes_of(write(ACTAS_ESPERADAS="tres"))["HEADER_UNREADABLE"] == 1
    split = read_database(write(LISTA_NOMINAL_ACTAS_CONTABILIZADAS="1,750"))
    assert split.preamble.figures == {}
    assert DatabaseCode.HEADER_VALUE_COUNT in {finding.code for finding in split.findings}


def test_a_header_with_fewer_values_than_names_gives_those_that_it_has() -> None:
    lines = write().decode().split("\n")
    lines[4] = lines[4].rpartition(",")[0]
    short = read_database("\n".join(lines).encode())
    assert list(short.preamble.figures) == list(Figure)[:-1]
    assert short.preamble.figures[Figure.VOTES_WITHOUT_SPECIAL] == 300
    (found,) = (
        finding for finding in short.findings if finding.code is DatabaseCode.HEADER_VALUE_COUNT
    )
    assert found.places[0].value == "12 values for 13 names"


def test_unnamed_and_repeated_columns_are_kept_and_found() -> None:
    columns = [*COLUMNS[:17], "PAN", *COLUMNS[17:], "Unnamed: 80"]
    rows = [[*row[:17], "-", *row[17:], ""] for row in ROWS]
    database = read_database(write(rows, columns))
    assert database.vote_names[:2] == ("PAN", "PAN#2")
    found = {finding.code for finding in database.findings}
    assert {DatabaseCode.UNNAMED_COLUMN, DatabaseCode.DUPLICATE_COLUMN} <= found


def test_a_row_of_another_width_moves_no_other_cell() -> None:
    short = COUNTED[:-1]
    database = read_database(write([short, *ROWS[1:]]))
    assert database.row(0).cells == (*short, "")
    assert database.row(1).cells == tuple(ROWS[1])
    assert DatabaseCode.ROW_WIDTH in {finding.code for finding in database.findings}


def test_keys_told_apart_where_contiguas_from_ten_up_are_written_01() -> None:
    contigua = change(
        COUNTED, CLAVE_CASILLA="'210423C0100", CLAVE_ACTA="'210423C01002", TIPO_CASILLA="C"
    )
    again = change(contigua, CODIGO_INTEGRIDAD="d" * 64)
    found = codes_of(write([contigua, again, *ROWS[1:]]))
    assert found["CONTIGUA_AS_01"] == 1
    assert "KEY_SHARED" not in found


def test_words_of_every_year_are_understood() -> None:
    cells = {
        "['Ilegible', 'Sin dato']": (Observation.ILEGIBLE, Observation.SIN_DATO),
        "Excede Lista Nominal, Sin dato": (
            Observation.EXCEDE_LISTA_NOMINAL,
            Observation.SIN_DATO,
        ),
        "Sin Acta(3)": (Observation.SIN_ACTA_PAQUETE_SIN_BOLSA,),
        "sin_dato": (Observation.SIN_DATO,),
        "NB: SIN ACTA POR PAQUETE ENTREGADO SIN BOLSA": (Observation.SIN_ACTA_PAQUETE_SIN_BOLSA,),
        "EXCEDE LISTA NOMINAL, ALGUN CAMPO ILEGIBLE O SIN DATOS ": (
            Observation.EXCEDE_LISTA_NOMINAL,
            Observation.ALGUN_CAMPO_ILEGIBLE_O_SIN_DATO,
        ),
        "NO IDENTIFICADA(FUERA DE CATALOGO)": (Observation.FUERA_DE_CATALOGO,),
        "--": (),
        " - ": (),
        "": (),
    }
    for cell, meaning in cells.items():
        row = change(COUNTED, OBSERVACIONES=f'"{cell}"')
        assert read_database(write([row])).row(0).observations == meaning, cell


def test_forms_and_locations_of_mexico_city_are_no_finding() -> None:
    for tipo in ("A02", "A02E", "A01VA", "A01PPP", "A04UE", "2PVPP", "3erp", "V2"):
        row = change(COUNTED, TIPO_ACTA=tipo, UBICACION_CASILLA="01")
        unknown = codes_of(write([row, *ROWS[1:]])).get("UNKNOWN_WORD", 0)
        assert unknown == (tipo == "V2"), tipo
        assert read_database(write([row])).row(0).location is Location.URBAN


def test_vote_columns_have_one_spelling() -> None:
    spelt = {
        "MOR": "MORENA",
        "PV": "PVEM",
        "FXM": "FXMP",
        "NAS": "NAP",
        "PAN_PRI_PRD": "C_PAN_PRI_PRD",
        "C_PT_PV_MOR": "C_PT_PVEM_MORENA",
        "CC_PT_MORENA": "CC_PT_MORENA",
        "CO_PAN_PRD": "C_PAN_PRD",
        "PT-MORENA": "C_PT_MORENA",
        "CAND_IND_01": "CAND_IND_1",
        "CAND_IND_JRC": "CAND_IND_JRC",
        "CNR": "NO_REGISTRADAS",
        "Votos nulos": "NULOS",
        "CANDIDATO/A NO REGISTRADO/A": "NO_REGISTRADAS",
    }
    assert {name: vote_name(name) for name in spelt} == spelt


def test_a_party_of_several_words_is_no_combination() -> None:
    spelt = {
        "PT": "PT",
        "MOVIMIENTO CIUDADANO": "MC",
        "NUEVA ALIANZA": "NAP",
        "NA_HGO": "NA_HGO",
        "VIVA": "VIVA",
        "MAS_APOYO_SOCIAL": "MAS_APOYO_SOCIAL",
        "PT_NA_HGO": "C_PT_NA_HGO",
        "C_PV_NA_HGO": "C_PVEM_NA_HGO",
        "MAS_APOYO_SOCIAL_VIVA": "C_MAS_APOYO_SOCIAL_VIVA",
        "PT_PV_MOR": "C_PT_PVEM_MORENA",
        "CC_PT_VIVA": "CC_PT_VIVA",
        "CAND_IND_02": "CAND_IND_2",
    }
    assert vote_names(spelt) == list(spelt.values())


def test_counts_beyond_the_votes_are_typed_too() -> None:
    row = read_database(write()).row(0)
    assert row.count(Field.SURPLUS) == 450
    assert (row.lista_nominal, row.representatives) == (750, 14)
    assert read_database(write()).preamble.figures[Figure.PARTICIPATION] == 480_000
