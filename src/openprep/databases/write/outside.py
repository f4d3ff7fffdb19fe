"""Rows out of catalogue: where they are from is not known. They stand last, as they came."""

from collections.abc import Sequence
from datetime import UTC, datetime

from openprep.databases.wording import DIGITIZATIONS, DOCUMENTS, ORIGINS, write_observations
from openprep.databases.write.cells import NOT_APPLICABLE, NOT_CAPTURED, line, protect
from openprep.databases.write.columns import Times
from openprep.election import Acta, Contest, Election, Flavour, Level

OUT_OF_CATALOGUE_LOCATION = "3"
OUT_OF_CATALOGUE_COUNTED = "2"


class OutsideRows:
    """Writes the actas of one contest that match no casilla."""

    def __init__(self, election: Election, contest: Contest, times: Times) -> None:
        self._contest = contest
        self._root = election.root
        self._flavour = election.databases.flavour
        self._times = times

    def write(self, actas: Sequence[Acta]) -> str:
        """Their rows, by the time of their reception."""
        never = datetime.max.replace(tzinfo=UTC)
        ordered = sorted(actas, key=lambda acta: acta.received_at or never)
        return "".join(line(self._row(acta)) for acta in ordered)

    def _row(self, acta: Acta) -> list[str]:
        entity = Level.ENTITY not in self._contest.levels
        place = [self._root.id, protect(self._root.name)] if entity else ["", ""]
        blank_until_votes = ["", "", *place, *[""] * 6]
        figures = 4 + len(self._contest.columns) + 4
        (received,) = self._times.write([acta.received_at])
        return [
            *blank_until_votes,
            OUT_OF_CATALOGUE_LOCATION,
            "",
            *[""] * figures,
            write_observations(acta.observations, self._flavour),
            OUT_OF_CATALOGUE_COUNTED,
            protect(acta.transfer or NOT_CAPTURED),
            protect(acta.image_sha256 or NOT_APPLICABLE),
            received if acta.received_at else "",
            "",
            "",
            ORIGINS[acta.origin] if acta.origin else "",
            DIGITIZATIONS[acta.digitization] if acta.digitization else "",
            DOCUMENTS[acta.document] if acta.document else "",
            *([""] if self._flavour is Flavour.FEDERAL_2024 else []),
        ]
