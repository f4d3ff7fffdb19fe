"""How people vote in a drill: what each column may expect of a thousand votes, by entity.

All weights are whole numbers. ``TIED`` is the practice of drills (spec A.6): nobody may take the
figures for a result. ``REAL`` follows the presidential votes of 2024 by entity.
"""

import csv
from collections.abc import Mapping
from enum import Enum
from pathlib import Path

from msgspec import Struct

from openprep.drill.nation.codes import GenerationRefused, NationCode
from openprep.election import ColumnKind, Election, Level
from openprep.election.area_path import own_id

FUERZA, SIGAMOS, MC = ("PAN", "PRI", "PRD"), ("PVEM", "PT", "MORENA"), ("MC",)
CONTENDERS = (FUERZA, SIGAMOS, MC)

PARTS: Mapping[str, int] = {
    "PAN": 570,
    "PRI": 340,
    "PRD": 58,
    "PAN_PRI_PRD": 18,
    "PAN_PRI": 8,
    "PAN_PRD": 3,
    "PRI_PRD": 3,
    "PVEM": 105,
    "PT": 90,
    "MORENA": 765,
    "PVEM_PT_MORENA": 22,
    "PVEM_PT": 4,
    "PVEM_MORENA": 8,
    "PT_MORENA": 6,
    "MC": 1000,
}
"""Of a thousand votes of a candidacy, those of each of its columns [I]."""

INDEPENDENT = 30_000
"""Weight of an independent, of a million [I]."""


class Shape(Enum):
    """What the result of a drill looks like."""

    TIED = "tied"
    REAL = "real"


class Weights(Struct, frozen=True):
    """What each contender, the non-registered and the null votes may expect of a million votes."""

    contenders: tuple[int, int, int]
    unregistered: int
    null: int


EVEN = Weights((325_300, 325_300, 325_300), 1_100, 23_000)


def weights_of(folder: Path, shape: Shape) -> Mapping[str, Weights]:
    """Weights by entity id, from ``folder/shape/entities.csv`` for the real shape.

    Raises:
        GenerationRefused: NOT_GENERATED_FROM, the folder has no shape.
    """
    path = folder / "shape" / "entities.csv"
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = [row for row in csv.DictReader(lines) if row["where"] == "national"]
            return {row["entity"]: _weights(row, shape) for row in rows}
    except (OSError, KeyError, ValueError, TypeError, csv.Error) as error:
        raise GenerationRefused(
            NationCode.NOT_GENERATED_FROM,
            "{path}: {name} {error}",
            path=path,
            name=type(error).__name__,
            error=error,
        ) from error


def check_shape(election: Election, weights: Mapping[str, Weights]) -> None:
    """See that the shape knows every entity and every column of ``election``.

    Raises:
        GenerationRefused: NOT_GENERATED_FROM, with the first that it does not know.
    """
    for level, path in election.areas:
        entity = own_id(path)
        if level is Level.ENTITY and entity not in weights:
            raise GenerationRefused(
                NationCode.NOT_GENERATED_FROM,
                "shape/entities.csv has no votes of entity {entity}",
                entity=entity,
            )
    for contest in election.contests.values():
        for column in contest.columns:
            voted_for = column.kind in (ColumnKind.PARTY, ColumnKind.COMBINATION)
            if voted_for and column.id not in PARTS:
                raise GenerationRefused(
                    NationCode.NOT_GENERATED_FROM,
                    "{contest}: nobody told which votes column {column} has",
                    contest=contest.id,
                    column=column.id,
                )


def _weights(row: Mapping[str, str], shape: Shape) -> Weights:
    if shape is Shape.TIED:
        return EVEN
    names = ("PAN_PRI_PRD", "PVEM_PT_MORENA", "MC", "NO_REGISTRADAS", "NULOS")
    votes = [int(row[name]) for name in names]
    total = sum(votes)
    if min(votes) < 0 or not total:
        raise ValueError(f"the votes of entity {row['entity']} are not counts")
    first, second, third, unregistered, null = (own * 1_000_000 // total for own in votes)
    return Weights((first, second, third), unregistered, null)
