"""The night of one station: each of its actas, when it was ready, and what was put right later."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from msgspec import structs

from openprep.drill.nation.dice import Dice, Purpose, quantile
from openprep.drill.nation.figures import proportional_votes, turnout_of, votes_of
from openprep.drill.nation.incidents import (
    WITHOUT_ACTA,
    Fate,
    ballot_fields,
    befallen,
    corrected,
    fate_of,
)
from openprep.drill.nation.pictures import Pictures, named
from openprep.drill.nation.places import Casilla, Station, section_numbers
from openprep.drill.nation.shape import Weights
from openprep.drill.nights.schedule import Arrival
from openprep.election import (
    MESAS,
    Acta,
    CasillaKind,
    Cotejada,
    Digitization,
    DocumentKind,
    Election,
    ExpectedActa,
    FieldState,
    Location,
    Observation,
    Origin,
    VoteField,
    calculated_total,
)
from openprep.record.facts import ActaCorrected, ActaReported
from openprep.tabulation.layout import Integers

MINUTE = 60
PROGRESS = (
    (0, 2 * MINUTE),
    (200, 60 * MINUTE),
    (1200, 240 * MINUTE),
    (5500, 420 * MINUTE),
    (6700, 600 * MINUTE),
    (8200, 720 * MINUTE),
    (9500, 1080 * MINUTE),
    (10_000, 1400 * MINUTE),
)
"""Seconds after the opening by which a part of the actas is verified (plan of 2018, C.2)."""
RECEPTION_TO_CAPTURE = ((0, 30), (1000, 108), (5000, 1692), (9000, 4764), (10_000, 4974))
CAPTURE_TO_VERIFICATION = ((0, 20), (1000, 78), (5000, 246), (9000, 2112), (10_000, 5064))
"""Seconds (Puebla 2024, C.2)."""
LAST = 86_340
"""No acta is verified in the last minute: what is ready is published."""
TRIP, TABLE = 900, 300
"""Seconds between the actas of a section, which travel together, and between those of a casilla."""
MOBILE = 2950
CORRECTED = 50
OUT_OF_CATALOGUE = 14
"""Of ten thousand."""
WITHOUT_FIGURES = (*WITHOUT_ACTA, Fate.NOTHING_LEGIBLE)
REASON = "Cifras corregidas en el cotejo con el acta (simulacro)"
DOCUMENTS = {
    CasillaKind.EXTRANJERO: DocumentKind.ACTA_VMRE,
    CasillaKind.ANTICIPADO: DocumentKind.ACTA_VA,
    CasillaKind.PRISION_PREVENTIVA: DocumentKind.ACTA_VPPP,
}


@dataclass(frozen=True)
class Draws:
    """Chance for each casilla and place of its actas: two a contest."""

    fates: list[list[int]]
    details: list[list[int]]
    verified: list[list[int]]
    captured: list[list[int]]
    received: list[list[int]]
    images: list[list[list[int]]]


class StationNight:
    """Generates what one station reports, and draws ``pictures`` of its actas."""

    def __init__(
        self,
        election: Election,
        station: Station,
        weights: Mapping[str, Weights],
        seed: int,
        pictures: Pictures,
    ) -> None:
        self._election = election
        self._station = station
        self._pictures = pictures
        self._opens = election.window.opens.astimezone(UTC)
        self._draws = _draw(station, len(election.contests) * 2, seed)
        turnout = turnout_of(station, seed)
        own = weights[station.entity]
        contests = list(enumerate(election.contests.values(), 1))
        self._votes = {
            contest.id: votes_of(station, contest, number, turnout, own, seed)
            for number, contest in contests
        }
        self._apart = {
            contest.id: proportional_votes(station, contest, number, turnout, own, seed)
            for number, contest in contests
            if contest.rp_tipos
        }

    def actas(
        self, kept: frozenset[str]
    ) -> Iterator[tuple[str, ExpectedActa, list[Arrival], list[Arrival]]]:
        """Contest, expected acta, its arrivals in order, and those of actas out of catalogue.

        ``kept`` tells which sections the drill has.
        """
        for row, casilla in enumerate(self._station.casillas):
            if casilla.seccion not in kept:
                continue
            for number, contest in enumerate(self._election.contests):
                for place, actas, votes in (
                    (2 * number, casilla.actas, self._votes),
                    (2 * number + 1, casilla.proportional, self._apart),
                ):
                    expected = actas.get(contest)
                    if expected is not None:
                        figures = votes[contest][row]
                        arrivals = list(self._arrivals(contest, expected, row, place, figures))
                        yield contest, expected, arrivals, self._stray(contest, row, place)

    def _arrivals(
        self,
        contest: str,
        expected: ExpectedActa,
        row: int,
        place: int,
        figures: tuple[VoteField, ...],
    ) -> Iterator[Arrival]:
        fate, drawn = fate_of(self._draws.fates[row][place]), self._draws.details[row][place]
        if fate is Fate.NEVER_ARRIVES:
            return
        acta = self._acta(contest, expected, row, place, figures)
        at = self._at(self._draws.verified[row][place])
        later = at + timedelta(hours=1, seconds=drawn)
        wrong = drawn % 10_000 < CORRECTED and fate not in WITHOUT_FIGURES
        paper = acta
        if wrong and later < self._at(LAST):
            paper = structs.replace(acta, votes=corrected(acta), cotejada=Cotejada.CHANGED)
        if acta.image_sha256 is not None and self._pictures.has(self._draws.images[row][place][0]):
            differ = fate is Fate.AMOUNTS_DIFFER
            digest = self._pictures.of(paper, expected, differ=differ)
            acta, paper = named(acta, digest), named(paper, digest)
        yield Arrival(at, ActaReported(acta))
        if paper != acta:
            yield Arrival(later, ActaCorrected(paper, REASON))

    def _acta(
        self,
        contest: str,
        expected: ExpectedActa,
        row: int,
        place: int,
        figures: tuple[VoteField, ...],
    ) -> Acta:
        draws = self._draws
        fate, drawn = fate_of(draws.fates[row][place]), draws.details[row][place]
        votes, observations = befallen(figures, expected, fate, drawn)
        total = calculated_total(votes)
        fields = ballot_fields(expected, total, fate, drawn % 13)
        if fate in WITHOUT_ACTA:
            return Acta(contest, expected.id, votes, *fields, observations)
        mobile = drawn * 7919 % 10_000 < MOBILE and expected.kind not in MESAS
        return Acta(
            contest,
            expected.id,
            votes,
            *fields,
            observations=observations,
            transfer="" if drawn % 5 else "DFI"[drawn % 3],
            image_sha256="".join(f"{word:016x}" for word in draws.images[row][place]),
            received_at=self._at(draws.received[row][place]),
            captured_at=self._at(draws.captured[row][place]),
            verified_at=self._at(draws.verified[row][place]),
            origin=Origin.CASILLA if mobile else Origin.CATD,
            digitization=Digitization.MOVIL if mobile else Digitization.ESCANER,
            document=DOCUMENTS.get(expected.kind, DocumentKind.ACTA_PREP),
            cotejada=Cotejada.CHECKED if drawn % 3 else None,
        )

    def _stray(self, contest: str, row: int, place: int) -> list[Arrival]:
        """Now and then a station captures an acta that it cannot tie to any casilla."""
        drawn = self._draws.details[row][place]
        if drawn * 104_729 % 10_000 >= OUT_OF_CATALOGUE:
            return []
        absent = FieldState.NOT_CAPTURED
        at = self._at(self._draws.verified[row][place])
        acta = Acta(
            contest,
            None,
            (absent,) * len(self._election.contests[contest].columns),
            *(absent,) * 5,
            observations=(Observation.FUERA_DE_CATALOGO,),
            image_sha256="".join(f"{word:016x}" for word in self._draws.images[row][place][::-1]),
            received_at=at,
            origin=Origin.CATD,
            digitization=Digitization.ESCANER,
            document=DocumentKind.ACTA_PREP,
        )
        return [Arrival(at, ActaReported(acta))]

    def _at(self, seconds: int) -> datetime:
        return self._opens + timedelta(seconds=seconds)


def _draw(station: Station, places: int, seed: int) -> Draws:
    count = len(station.casillas) * places
    shape = len(station.casillas), places
    fates, images = (
        Dice(seed, station.number, purpose) for purpose in (Purpose.FATES, Purpose.IMAGES)
    )
    times = Dice(seed, station.number, Purpose.TIMES)
    verified = _verified(station.casillas, times, shape)
    captured = verified - times.along(CAPTURE_TO_VERIFICATION, count).reshape(shape)
    received = captured - times.along(RECEPTION_TO_CAPTURE, count).reshape(shape)
    return Draws(
        fates=fates.below(10_000, count).reshape(shape).tolist(),
        details=fates.below(10_800, count).reshape(shape).tolist(),
        verified=verified.tolist(),
        captured=np.maximum(captured, 40).tolist(),
        received=np.maximum(received, 20).tolist(),
        images=images.words(count * 4).reshape(*shape, 4).tolist(),
    )


def _verified(casillas: tuple[Casilla, ...], times: Dice, shape: tuple[int, int]) -> Integers:
    """Seconds after the opening: the section's hour, earlier in cities, and small delays."""
    sections = np.array(section_numbers(casillas), np.int64)
    urban = np.array([casilla.location is Location.URBAN for casilla in casillas])
    drawn = times.below(10_000, int(sections[-1]) + 1)[sections]
    begun = quantile(PROGRESS, np.where(urban, drawn * 93 // 100, drawn))
    delays = times.below(TRIP, shape[0])[:, np.newaxis] + times.below(
        TABLE, shape[0] * shape[1]
    ).reshape(shape)
    return np.minimum(begun[:, np.newaxis] + delays, LAST)
