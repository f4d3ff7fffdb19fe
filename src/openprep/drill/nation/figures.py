"""The votes of a station's casillas: turnout, and who gets them. Whole numbers only.

Three effects add up: the district's, that of the section (near sections vote alike: it runs
straight between lattice points along the section numbers), and the casilla's own. The contests of
a casilla share them, so that they resemble each other.
"""

from dataclasses import dataclass

import numpy as np

from openprep.drill.nation.dice import Dice, Purpose
from openprep.drill.nation.places import Casilla, Station, section_numbers
from openprep.drill.nation.shape import CONTENDERS, INDEPENDENT, PARTS, Weights
from openprep.election import (
    NOBODYS,
    CasillaKind,
    ColumnKind,
    Contest,
    FieldState,
    Location,
    VoteField,
)
from openprep.tabulation.layout import Integers

TURNOUT = 609_000
"""Of a million voters, those who vote (2024: 60.92 %)."""
LESS_IN_THE_COUNTRY = 12_000
TURNOUT_EFFECTS = (30, 30, 25)
"""Of district, section and casilla, in millionths for a thousandth of a deviation."""
CONTENDER_EFFECTS = (110, 90, 60)
"""The same, in thousandths of a contender's weight for a deviation."""
COLUMN_EFFECT = 120
LATTICE = 8
"""Sections between two lattice points."""
ABROAD = 800_000
SPECIAL = 620
"""Votes of a special casilla, of 1,000 ballots."""
PROPORTIONAL_PART = 3, 10
"""Voters of a special casilla from another entity: they have the proportional ballot only [I]."""


@dataclass(frozen=True)
class Turnout:
    """Votes cast in each casilla, and what moves its contenders (thousandths)."""

    cast: Integers
    factors: Integers


def turnout_of(station: Station, seed: int) -> Turnout:
    """What the contests of a station's casillas have in common."""
    casillas = station.casillas
    dice = Dice(seed, station.number * 8, Purpose.FIGURES)
    sections = np.array(section_numbers(casillas), np.int64)
    district = dice.bells(4)
    lattice = dice.bells((int(sections[-1]) // LATTICE + 2) * 4).reshape(-1, 4)
    left, step = np.divmod(sections, LATTICE)
    weight = step[:, np.newaxis]
    section = (lattice[left] * (LATTICE - weight) + lattice[left + 1] * weight) // LATTICE
    own = dice.bells(len(casillas) * 4).reshape(-1, 4)
    moved = sum(
        effect * noise[:, 0]
        for effect, noise in zip(
            TURNOUT_EFFECTS, (district[np.newaxis, :], section, own), strict=True
        )
    )
    factors = 1000 + sum(
        effect * noise[:, 1:] // 1000
        for effect, noise in zip(
            CONTENDER_EFFECTS, (district[np.newaxis, :], section, own), strict=True
        )
    )
    return Turnout(_cast(casillas, TURNOUT + moved, own[:, 0]), np.clip(factors, 300, 1700))


def _cast(casillas: tuple[Casilla, ...], turnout: Integers, own: Integers) -> Integers:
    lists = np.array([casilla.lista_nominal for casilla in casillas], np.int64)
    kinds = np.array([casilla.kind.value for casilla in casillas])
    country = np.array([casilla.location is Location.NOT_URBAN for casilla in casillas])
    turnout = np.clip(turnout - LESS_IN_THE_COUNTRY * country, 250_000, 930_000)
    turnout[kinds == CasillaKind.EXTRANJERO.value] = ABROAD
    special = np.clip(SPECIAL + 150 * own // 1000, 0, 1000)
    return np.where(kinds == CasillaKind.ESPECIAL.value, special, lists * turnout // 1_000_000)


def votes_of(
    station: Station, contest: Contest, number: int, turnout: Turnout, weights: Weights, seed: int
) -> list[tuple[VoteField, ...]]:
    """Votes by column of each casilla in the ``number``-th contest, before any incident."""
    dice = Dice(seed, station.number * 8 + number, Purpose.FIGURES)
    casillas = station.casillas
    lost = dice.below(3, len(casillas)) if number > 1 else np.zeros(len(casillas), np.int64)
    cast = np.maximum(turnout.cast - lost, 0)
    base = np.array([_column_weights(contest, weights)], np.int64)
    noise = 1000 + COLUMN_EFFECT * dice.bells(base.size * len(casillas)) // 1000
    moved = base * np.clip(noise, 400, 1600).reshape(len(casillas), -1) // 1000
    for index, column in enumerate(contest.columns):
        contender = _contender_of(column.parties)
        if contender is not None:
            moved[:, index] = moved[:, index] * turnout.factors[:, contender] // 1000
    ballots = _Ballots(contest)
    on_ballot = np.array([ballots.of(casilla) for casilla in casillas])
    votes = shared_out(cast, np.where(on_ballot, moved, 0))
    both = zip(votes.tolist(), on_ballot.tolist(), strict=True)
    return [_on_ballot(own, running) for own, running in both]


def proportional_votes(
    station: Station, contest: Contest, number: int, turnout: Turnout, weights: Weights, seed: int
) -> dict[int, tuple[VoteField, ...]]:
    """Votes of the extra acta of special casillas, by their position in the station.

    Parties alone run in it, without combinations (G.1).
    """
    dice = Dice(seed, station.number * 8 + 4 + number, Purpose.FIGURES)
    rows = [i for i, casilla in enumerate(station.casillas) if contest.id in casilla.proportional]
    part, whole = PROPORTIONAL_PART
    cast = turnout.cast[rows] * part // whole
    alone = [column.kind in (ColumnKind.PARTY, *NOBODYS) for column in contest.columns]
    base = np.array([_column_weights(contest, weights)], np.int64) * np.array(alone)
    noise = 1000 + COLUMN_EFFECT * dice.bells(base.size * len(cast)) // 1000
    moved = base * np.clip(noise, 400, 1600).reshape(len(cast), base.size) // 1000
    votes = shared_out(cast, moved).tolist()
    return {row: _on_ballot(own, alone) for row, own in zip(rows, votes, strict=True)}


def _on_ballot(votes: list[int], running: list[bool]) -> tuple[VoteField, ...]:
    absent = FieldState.NOT_ON_BALLOT
    return tuple(vote if runs else absent for vote, runs in zip(votes, running, strict=True))


def shared_out(cast: Integers, weights: Integers) -> Integers:
    """``cast`` votes of each row by its weights, none lost and none made."""
    upto = np.cumsum(weights, axis=1)
    ends = upto * cast[:, np.newaxis] // np.maximum(upto[:, -1:], 1)
    return np.diff(ends, axis=1, prepend=0)


def _column_weights(contest: Contest, weights: Weights) -> list[int]:
    found = []
    for column in contest.columns:
        contender = _contender_of(column.parties)
        if contender is not None:
            found.append(weights.contenders[contender] * PARTS[column.id] // 1000)
        elif column.kind is ColumnKind.INDEPENDENT:
            found.append(INDEPENDENT)
        else:
            unregistered = column.kind is ColumnKind.UNREGISTERED
            found.append(weights.unregistered if unregistered else weights.null)
    return found


def _contender_of(parties: tuple[str, ...]) -> int | None:
    for position, contender in enumerate(CONTENDERS):
        if parties and set(parties) <= set(contender):
            return position
    return None


class _Ballots:
    """Which columns of a contest each casilla's ballot has."""

    def __init__(self, contest: Contest) -> None:
        self._contest = contest
        self._known: dict[str, list[bool]] = {}

    def of(self, casilla: Casilla) -> list[bool]:
        acta = casilla.actas.get(self._contest.id)
        area = acta.area if acta else ""
        if area not in self._known:
            running = {
                column
                for candidacy in self._contest.candidacies_in(area)
                for column in candidacy.columns
            }
            nobody = NOBODYS
            self._known[area] = [
                column.id in running or column.kind in nobody for column in self._contest.columns
            ]
        return self._known[area]
