"""The figures a drill must end at, counted plainly while it is generated.

Written from the specification (B.4) alone and apart from the arithmetic of the centre, so that the
night can be held against it.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from openprep.election import Acta, CasillaKind, Contest, ExpectedActa

NOT_LIMITED = "MAP"
"""Mesas may have more votes than their list."""
INCONSISTENT = {
    "ilegible",
    "sin_dato",
    "algun_campo_ilegible_o_sin_dato",
    "todos_ilegibles",
    "todos_sin_dato",
    "todos_ilegibles_o_sin_dato",
    "excede_lista_nominal",
}
"""Observations of B.4 #8, by their names on the wire."""


class FinalContest(Struct):
    """The last cut of one contest: counts, votes and, in ten-thousandths of a percent, shares."""

    expected: int = 0
    registered: int = 0
    out_of_catalogue: int = 0
    captured: int = 0
    captured_share: int = 0
    counted: int = 0
    counted_share: int = 0
    inconsistent_share: int = 0
    not_counted: int = 0
    lista_nominal: int = 0
    votes_with_special: int = 0
    votes_without_special: int = 0
    participation: int = 0


class Final(Struct):
    """What the closing cut of a drill must show."""

    drill: bool
    seed: int
    scale: float
    shape: str
    images: float
    """Part of the actas that have an image in the drill's folder."""
    contests: dict[str, FinalContest]
    votes: dict[str, dict[str, int]]
    """By contest and column."""

    @classmethod
    def load(cls, path: Path) -> "Final":
        """Read ``final.json``."""
        return msgspec.json.decode(path.read_bytes(), type=cls)


class PlainCount:
    """Adds up one contest, acta by acta."""

    def __init__(self, contest: Contest) -> None:
        self._contest = contest
        self._figures = FinalContest()
        self._inconsistent = 0
        self._votes = [0] * len(contest.columns)

    def add(self, expected: ExpectedActa, acta: Acta | None) -> None:
        """An expected acta in its last version; ``None`` if it never came."""
        figures = self._figures
        figures.expected += 1
        if acta is None:
            return
        figures.captured += 1
        named = {observation.value for observation in acta.observations}
        if named & INCONSISTENT:
            self._inconsistent += 1
        counts = [vote if isinstance(vote, int) else 0 for vote in acta.votes]
        total, most = sum(counts), expected.lista_nominal + (expected.representatives or 0)
        within = expected.kind.value in NOT_LIMITED or total <= most
        figures_there = any(isinstance(vote, int) for vote in acta.votes)
        if not figures_there or not within or any(name.startswith("sin_acta") for name in named):
            return
        figures.counted += 1
        figures.lista_nominal += expected.lista_nominal
        if expected.tipo_acta in self._contest.rp_tipos:
            return
        self._votes = [before + other for before, other in zip(self._votes, counts, strict=True)]
        figures.votes_with_special += total
        if expected.kind is not CasillaKind.ESPECIAL:
            figures.votes_without_special += total

    def add_stray(self) -> None:
        """An acta out of catalogue."""
        self._figures.out_of_catalogue += 1

    def close(self) -> tuple[FinalContest, Mapping[str, int]]:
        """The 13 figures of the last cut, and the votes by column."""
        own = self._figures
        own.registered = own.captured + own.out_of_catalogue
        own.not_counted = own.captured - own.counted
        own.captured_share = own.captured * 1_000_000 // own.expected
        own.counted_share = own.counted * 1_000_000 // own.expected
        own.inconsistent_share = self._inconsistent * 1_000_000 // own.expected
        listed = own.lista_nominal
        own.participation = own.votes_with_special * 1_000_000 // listed if listed else 0
        names = [column.id for column in self._contest.columns]
        return own, dict(zip(names, self._votes, strict=True))
