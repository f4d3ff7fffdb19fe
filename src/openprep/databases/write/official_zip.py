"""The nested ZIP in which the official databases are published (spec B.1)."""

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime

from openprep.databases.wording import PARTICIPATION
from openprep.databases.write.writer import ContestDatabase, DatabaseWriter, write_candidacies
from openprep.election import Election, VotesOverList

LEEME = """{name}
{authority}

Resultados electorales preliminares: tienen carácter informativo, no son definitivos y carecen de
efectos jurídicos.

Corte: {time}
{stem}.csv: una fila por acta esperada, en el orden del catálogo; al final, las actas fuera de
catálogo. Las filas {names} y {values} dan las trece cifras de la elección; los porcentajes tienen
cuatro decimales truncados.
{participation}
El formato completo se explica en docs/formats/official-csv.md de
OpenPREP.
{candidacies}.csv: las candidaturas de cada columna.
"""

DRILL = "SIMULACRO: estos datos son de prueba y no son resultados de ninguna elección.\n\n"
OF_SEED = " Semilla: {seed}.\n\n"


class OfficialZips:
    """Writes the official ZIPs of one election, cut after cut."""

    def __init__(self, election: Election) -> None:
        self._election = election
        self._writers = {
            contest: DatabaseWriter(election, contest) for contest in election.contests
        }
        self._candidacies = {
            contest: write_candidacies(election, contest) for contest in election.contests
        }

    def name_at(self, cut_time: datetime) -> str:
        """The file name of the ZIP at an official time."""
        return f"{cut_time:%Y%m%d_%H%M}_PREP.zip"

    def write(self, cut_time: datetime, databases: Mapping[str, ContestDatabase]) -> bytes:
        """The ZIP at the official time ``cut_time`` (with offset).

        The same databases give the same bytes: entries carry the time of the cut, in fixed order.
        """
        stamp = f"{cut_time:%Y%m%d_%H%M}"
        inner: dict[str, bytes] = {}
        for contest, database in databases.items():
            shape = self._election.databases.shapes[contest]
            files = {
                f"{shape.stem}.csv": self._writers[contest].write(database, cut_time),
                f"{shape.candidacies_stem}.csv": self._candidacies[contest],
                "LEEME.txt": self._leeme(contest, cut_time, database.summary.basis.of),
            }
            name = f"{stamp}_PREP_{shape.package}.zip"
            inner[name] = _zip(files, cut_time, zipfile.ZIP_DEFLATED)
        return _zip(inner, cut_time, zipfile.ZIP_STORED)

    def _leeme(self, contest: str, cut_time: datetime, of: VotesOverList) -> bytes:
        shape = self._election.databases.shapes[contest]
        text = LEEME.format(
            name=self._election.contests[contest].title,
            authority=self._election.authority,
            names=self._writers[contest].names_line,
            values=self._writers[contest].names_line + 1,
            time=f"{cut_time:%d/%m/%Y %H:%M}",
            stem=shape.stem,
            candidacies=shape.candidacies_stem,
            participation=PARTICIPATION[of],
        )
        return (self._drill_notice() + text).encode()

    def _drill_notice(self) -> str:
        if not self._election.drill:
            return ""
        seed = self._election.seed
        return DRILL if seed is None else DRILL.rstrip() + OF_SEED.format(seed=seed)


def _zip(files: Mapping[str, bytes], at: datetime, compression: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, 0))
            entry.compress_type = compression
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return buffer.getvalue()
