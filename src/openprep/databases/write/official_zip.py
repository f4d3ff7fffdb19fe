"""The nested ZIP in which the official databases are published (spec B.1)."""

from collections.abc import Mapping
from datetime import datetime

from openprep.databases.wording import PARTICIPATION
from openprep.databases.write.archive import Entry, zip_of
from openprep.databases.write.candidacies import write_candidacies
from openprep.databases.write.columns import Times
from openprep.databases.write.deflated import deflate
from openprep.databases.write.writer import ContestDatabase, DatabaseWriter
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


def name_at(cut_time: datetime) -> str:
    """The file name of the ZIP at an official time."""
    return f"{cut_time:%Y%m%d_%H%M}_PREP.zip"


class OfficialZips:
    """Writes the official ZIPs of one election, cut after cut."""

    def __init__(self, election: Election) -> None:
        self._election = election
        times = Times(election.window.local)
        self._writers = {
            contest: DatabaseWriter(election, contest, times) for contest in election.contests
        }
        self._candidacies = {
            contest: deflate(write_candidacies(election, contest)) for contest in election.contests
        }

    def write(self, cut_time: datetime, databases: Mapping[str, ContestDatabase]) -> bytes:
        """The ZIP at the official time ``cut_time`` (with offset).

        The same databases give the same bytes: entries carry the time of the cut, in fixed order.
        """
        stamp = f"{cut_time:%Y%m%d_%H%M}"
        inner = [
            Entry.stored(
                f"{stamp}_PREP_{self._election.databases.shapes[contest].package}.zip",
                zip_of(self._entries(contest, database, cut_time), cut_time),
            )
            for contest, database in databases.items()
        ]
        return zip_of(inner, cut_time)

    def _entries(self, contest: str, database: ContestDatabase, cut_time: datetime) -> list[Entry]:
        shape = self._election.databases.shapes[contest]
        rows = self._writers[contest].write(database, cut_time)
        leeme = self._leeme(contest, cut_time, database.summary.basis.of)
        return [
            Entry.deflated(f"{shape.stem}.csv", rows),
            Entry.deflated(f"{shape.candidacies_stem}.csv", [self._candidacies[contest]]),
            Entry.deflated("LEEME.txt", [deflate(leeme)]),
        ]

    def _leeme(self, contest: str, cut_time: datetime, of: VotesOverList) -> bytes:
        shape = self._election.databases.shapes[contest]
        text = LEEME.format(
            name=self._election.contests[contest].title,
            authority=self._election.authority,
            names=self._writers[contest].head.names_line,
            values=self._writers[contest].head.names_line + 1,
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
