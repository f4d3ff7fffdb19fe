"""The official files the tests read, and a small database to write in any dialect."""

import io
import lzma
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

from openprep.databases import Database, Figure
from openprep.databases.write.writer import ContestDatabase
from openprep.election import Acta, Basis, Counting, Election, Summary, VotesOverList

REPOSITORY = Path(__file__).parent.parent.parent
NIGHT = REPOSITORY / "elections/puebla-2024/night"
SAMPLES = Path(__file__).parent / "samples"
CONTESTS = ("GUB", "DIP_LOC", "AYUN")
CUTS = ("20240603_1800", "20240603_2000")


@cache
def night(cut: str, contest: str) -> bytes:
    return lzma.decompress((NIGHT / cut / f"PUE_{contest}_2024.csv.xz").read_bytes())


@cache
def night_candidacies(contest: str) -> bytes:
    path = NIGHT / CUTS[1] / f"PUE_{contest}_Candidaturas_2024.csv.xz"
    return lzma.decompress(path.read_bytes())


@cache
def sample(name: str) -> bytes:
    return lzma.decompress((SAMPLES / f"{name}.csv.xz").read_bytes())


def cells_of(line: str) -> list[str]:
    return line.split(",")


TITLE = "GUBERNATURA"
CUT = "03/06/2024 20:00 (UTC-6)"
FIGURES = {
    "ACTAS_ESPERADAS": "3",
    "ACTAS_REGISTRADAS": "3",
    "ACTAS_FUERA_CATALOGO": "1",
    "ACTAS_CAPTURADAS": "2",
    "PORCENTAJE_ACTAS_CAPTURADAS": "66.6666",
    "ACTAS_CONTABILIZADAS": "2",
    "PORCENTAJE_ACTAS_CONTABILIZADAS": "66.6666",
    "PORCENTAJE_ACTAS_INCONSISTENCIAS": "33.3333",
    "ACTAS_NO_CONTABILIZADAS": "0",
    "LISTA_NOMINAL_ACTAS_CONTABILIZADAS": "750",
    "TOTAL_VOTOS_C_CS": "360",
    "TOTAL_VOTOS_S_CS": "300",
    "PORCENTAJE_PARTICIPACION_CIUDADANA": "48.0000",
}
COLUMNS = cells_of(
    "CLAVE_CASILLA,CLAVE_ACTA,ID_ENTIDAD,ENTIDAD,ID_DISTRITO,DISTRITO,SECCION,ID_CASILLA,"
    "TIPO_CASILLA,EXT_CONTIGUA,UBICACION_CASILLA,TIPO_ACTA,TOTAL_BOLETAS_SOBRANTES,"
    "TOTAL_PERSONAS_VOTARON,TOTAL_REP_PARTIDO_CI_VOTARON,TOTAL_VOTOS_SACADOS,PAN,MORENA,"
    "C_PT_PVEM,NO_REGISTRADAS,NULOS,TOTAL_VOTOS_ASENTADO,TOTAL_VOTOS_CALCULADO,LISTA_NOMINAL,"
    "REPRESENTANTES_PP_CI,OBSERVACIONES,CONTABILIZADA,MECANISMOS_TRASLADO,CODIGO_INTEGRIDAD,"
    "FECHA_HORA_ACOPIO,FECHA_HORA_CAPTURA,FECHA_HORA_VERIFICACION,ORIGEN,DIGITALIZACION,"
    "TIPO_DOCUMENTO"
)
COUNTED = cells_of(
    "'210423B0100,'210423B01002,'21,PUEBLA,'001,XICOTEPEC DE JUÁREZ,'0423,'01,B,'00,2,2,450,300,"
    "2,302,100,150,20,ILEGIBLE,30,302,300,750,14,ALGUN CAMPO ILEGIBLE O SIN DATO,1,F-I,"
    + "a" * 64
    + ",02/06/2024 21:00:00,02/06/2024 21:30:00,02/06/2024 21:31:00,CASILLA,MOVIL,ACTA PREP"
)
SPECIAL = cells_of(
    "'210423S0100,'210423S01002E,'21,PUEBLA,'001,XICOTEPEC DE JUÁREZ,'0423,'01,S,'00,1,2E,940,60,"
    "0,60,20,40,-,0,0,60,60,0,1000, - ,1,F,"
    + "b" * 64
    + ",02/06/2024 22:00:00,02/06/2024 22:30:00,02/06/2024 22:31:00,CATD,ESCANER,ACTA PREP"
)
EXPECTED = cells_of(
    "'210424B0100,'210424B01002,'21,PUEBLA,'001,XICOTEPEC DE JUÁREZ,'0424,'01,B,'00,2,2,-,-,"
    "-,-,-,-,-,-,-,-,0,600,14,-,-,-,-,-,-,-,-,-,-"
)
OUTSIDE = cells_of(
    ",,21,PUEBLA,,,,,,,3,,,,,,,,,,,,,,,FUERA DE CATALOGO,2,-,"
    + "c" * 64
    + ",02/06/2024 23:00:00,,,CASILLA,MOVIL,ACTA PREP"
)
ROWS = [COUNTED, SPECIAL, EXPECTED, OUTSIDE]


def write(
    rows: list[list[str]] | None = None, columns: list[str] = COLUMNS, **figures: str
) -> bytes:
    """A small database in the dialect of 2024; ``figures`` replace values of the header."""
    values = FIGURES | figures
    lines = [TITLE, CUT, "", ",".join(values), ",".join(values.values()), "", ",".join(columns)]
    lines += [",".join(row) for row in (ROWS if rows is None else rows)]
    return ("\ufeff" + "\n".join(lines) + "\n").encode()


def change(row: list[str], **cells: str) -> list[str]:
    """``row`` with other cells, by column name."""
    changed = list(row)
    for name, cell in cells.items():
        changed[COLUMNS.index(name)] = cell
    return changed


NO_BASIS = Basis(VotesOverList.WITHOUT_SPECIAL, 0, None)
"""A database says nothing of it."""


def contest_database(election: Election, contest: str, database: Database) -> ContestDatabase:
    catalogue = iter(election.catalogues[contest])
    actas: dict[str, Acta] = {}
    outside: list[Acta] = []
    for row in database.rows:
        if row.counting is Counting.OUT_OF_CATALOGUE:
            outside.append(row.acta(contest, None))
            continue
        expected = next(catalogue)
        if row.counting is not Counting.NOT_CAPTURED:
            actas[expected.id] = row.acta(contest, expected.id)
    figures = database.preamble.figures
    fields: tuple[Any, ...] = (*(figures[figure] for figure in Figure), NO_BASIS)
    summary = Summary(*fields)
    return ContestDatabase(actas, outside, summary)


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return buffer.getvalue()
