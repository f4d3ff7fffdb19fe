"""What stands above the rows: title, time of the cut, the 13 figures, the names of the columns."""

from datetime import datetime

from openprep.databases.write.cells import line, protect
from openprep.election import Election, Flavour, Quirk, Summary, format_share

BOM = "\ufeff"

SUMMARY_NAMES = (
    "ACTAS_ESPERADAS",
    "ACTAS_REGISTRADAS",
    "ACTAS_FUERA_CATALOGO",
    "ACTAS_CAPTURADAS",
    "PORCENTAJE_ACTAS_CAPTURADAS",
    "ACTAS_CONTABILIZADAS",
    "PORCENTAJE_ACTAS_CONTABILIZADAS",
    "PORCENTAJE_ACTAS_INCONSISTENCIAS",
    "ACTAS_NO_CONTABILIZADAS",
    "LISTA_NOMINAL_ACTAS_CONTABILIZADAS",
    "TOTAL_VOTOS_C_CS",
    "TOTAL_VOTOS_S_CS",
    "PORCENTAJE_PARTICIPACION_CIUDADANA",
)
"""Names of the 13 figures, in the order of :class:`openprep.election.Summary`."""

BEFORE_UNIT = ("CLAVE_CASILLA", "CLAVE_ACTA", "ID_ENTIDAD", "ENTIDAD")
BEFORE_VOTES = (
    "SECCION",
    "ID_CASILLA",
    "TIPO_CASILLA",
    "EXT_CONTIGUA",
    "UBICACION_CASILLA",
    "TIPO_ACTA",
    "TOTAL_BOLETAS_SOBRANTES",
    "TOTAL_PERSONAS_VOTARON",
    "TOTAL_REP_PARTIDO_CI_VOTARON",
    "TOTAL_VOTOS_SACADOS",
)
AFTER_VOTES = (
    "TOTAL_VOTOS_ASENTADO",
    "TOTAL_VOTOS_CALCULADO",
    "LISTA_NOMINAL",
    "REPRESENTANTES_PP_CI",
    "OBSERVACIONES",
    "CONTABILIZADA",
    "MECANISMOS_TRASLADO",
    "CODIGO_INTEGRIDAD",
    "FECHA_HORA_ACOPIO",
    "FECHA_HORA_CAPTURA",
    "FECHA_HORA_VERIFICACION",
    "ORIGEN",
    "DIGITALIZACION",
    "TIPO_DOCUMENTO",
)
COTEJADA = "COTEJADA"
"""The federal files' last column."""

FIRST_NAMES_LINE = 3
"""Line of the 13 names where no blank line stands before them."""


def official_name(column: str) -> str:
    """A column's name without the mark that tells it from another of the same name."""
    return column.partition("#")[0]


class Head:
    """What stands above the rows of one contest."""

    def __init__(self, election: Election, contest_id: str) -> None:
        self._contest = election.contests[contest_id]
        self._shape = election.databases.shapes[contest_id]
        self._flavour = election.databases.flavour
        self._quirks = election.databases.quirks

    def write(self, summary: Summary, cut_time: datetime) -> str:
        """The lines above the rows at an official time, which carries its offset."""
        lines = [*self._preamble(summary, cut_time), self._column_names()]
        return BOM + "".join(map(line, lines))

    @property
    def names_line(self) -> int:
        """Line of the 13 names, from 1; the values stand below. Local files leave one blank."""
        return FIRST_NAMES_LINE + (self._flavour is Flavour.LOCAL_2024)

    def _preamble(self, summary: Summary, cut_time: datetime) -> list[list[str]]:
        """Title, time of the cut, the 13 names and the 13 values, with their blank lines."""
        blank: list[list[str]] = [[]] * (self.names_line - FIRST_NAMES_LINE)
        offset = cut_time.utcoffset()
        hours = 0 if offset is None else int(offset.total_seconds() // 3600)
        heading = [[protect(self._shape.heading)], [f"{cut_time:%d/%m/%Y %H:%M} (UTC{hours:+d})"]]
        return [*heading, *blank, list(SUMMARY_NAMES), self._summary(summary), []]

    def _summary(self, summary: Summary) -> list[str]:
        decimal = ".0" if Quirk.TOTALS_WITH_DECIMAL in self._quirks else ""
        return [
            str(summary.expected),
            str(summary.registered),
            str(summary.out_of_catalogue),
            str(summary.captured),
            format_share(summary.captured_share),
            str(summary.counted),
            format_share(summary.counted_share),
            format_share(summary.inconsistent_share),
            str(summary.not_counted),
            str(summary.lista_nominal),
            f"{summary.votes_with_special}{decimal}",
            f"{summary.votes_without_special}{decimal}",
            format_share(summary.participation or 0),
        ]

    def _column_names(self) -> list[str]:
        unit = [self._shape.unit_id_column, self._shape.unit_name_column]
        votes = [protect(official_name(column.id)) for column in self._contest.columns]
        last = [COTEJADA] if self._flavour is Flavour.FEDERAL_2024 else []
        return [*BEFORE_UNIT, *unit, *BEFORE_VOTES, *votes, *AFTER_VOTES, *last]
