"""A drill in a folder: its election, what each station reports, and what it must end at.

One station is generated at a time, so that memory holds the catalogue and one station. The folder
appears under its name when it is whole.
"""

import csv
import re
import shutil
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from openprep.drill.nation.codes import GenerationRefused, NationCode
from openprep.drill.nation.dice import Dice, Purpose
from openprep.drill.nation.final import Final, PlainCount
from openprep.drill.nation.night import StationNight
from openprep.drill.nation.pictures import Pictures
from openprep.drill.nation.places import Station, stations_of
from openprep.drill.nation.shape import Shape, check_shape, weights_of
from openprep.drill.nights.schedule import Arrival, write_schedule
from openprep.election import Election, ExpectedActa
from openprep.election.area_path import own_id, parent
from openprep.election.declared.contest_files import CATALOGUE_COLUMNS
from openprep.election.declared.folder import ELECTION_FILE, load_election

SMALLEST_SCALE = 0.001
MILLION = 1_000_000


@dataclass(frozen=True)
class Order:
    """The drill that is asked for."""

    folder: Path
    """Of the election it is made from."""
    seed: int
    scale: float = 1.0
    shape: Shape = Shape.TIED
    images: float = 0.0
    """Part of the actas to draw images of."""


def generate(order: Order, target: Path, show: Callable[[int, int], None] | None = None) -> Final:
    """Write the drill into ``target``, which must not exist; what it must end at.

    Raises:
        GenerationRefused: nothing was left behind.
        FolderRefused: the election folder is not one.
    """
    if not SMALLEST_SCALE <= order.scale <= 1:
        raise GenerationRefused(NationCode.WRONG_SCALE, "scale {scale:g}", scale=order.scale)
    if not 0 <= order.images <= 1:
        raise GenerationRefused(NationCode.WRONG_PART, "images {images:g}", images=order.images)
    if target.exists():
        raise GenerationRefused(NationCode.FOLDER_IN_USE, "{target}", target=target)
    partial = target.with_name(f".{target.name}.partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        final = _Generation(order, partial).run(show)
        partial.rename(target)
    except OSError as error:
        raise GenerationRefused(NationCode.NOT_WRITTEN, "{error}", error=error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return final


class _Generation:
    def __init__(self, order: Order, folder: Path) -> None:
        self._order = order
        self._folder = folder
        self._election: Election = load_election(order.folder)
        self._weights = weights_of(order.folder, order.shape)
        check_shape(self._election, self._weights)
        self._stations = stations_of(self._election)
        self._counts = {
            contest.id: PlainCount(contest) for contest in self._election.contests.values()
        }
        self._kept: set[tuple[str, str]] = set()
        self._pictures = Pictures(folder / "images", self._election, order.seed, order.images)

    def run(self, show: Callable[[int, int], None] | None) -> Final:
        schedules = self._folder / "schedules"
        schedules.mkdir()
        for number, station in enumerate(self._stations, 1):
            kept = sections_kept(station, self._order.seed, self._order.scale)
            self._kept |= {(station.entity, seccion) for seccion in kept}
            arrivals = sorted(self._arrivals(station, kept), key=lambda arrival: arrival.at)
            write_schedule(schedules / f"{station.id}.jsonl", arrivals)
            if show is not None:
                show(number, len(self._stations))
        self._write_election(self._folder / "election")
        final = self._final()
        (self._folder / "final.json").write_bytes(msgspec.json.encode(final))
        return final

    def _arrivals(self, station: Station, kept: frozenset[str]) -> Iterator[Arrival]:
        night = StationNight(
            self._election, station, self._weights, self._order.seed, self._pictures
        )
        for contest, expected, arrivals, strays in night.actas(kept):
            count = self._counts[contest]
            count.add(expected, arrivals[-1].fact.acta if arrivals else None)
            for _ in strays:
                count.add_stray()
            yield from arrivals
            yield from strays

    def _final(self) -> Final:
        closed = {contest: count.close() for contest, count in self._counts.items()}
        return Final(
            drill=True,
            seed=self._order.seed,
            scale=self._order.scale,
            shape=self._order.shape.value,
            images=self._order.images,
            contests={contest: figures for contest, (figures, _) in closed.items()},
            votes={contest: dict(votes) for contest, (_, votes) in closed.items()},
        )

    def _write_election(self, folder: Path) -> None:
        """The folder that the drill is run under: marked, and with the sections it has."""
        shutil.copytree(self._order.folder, folder, ignore=shutil.ignore_patterns("catalogue.*"))
        text = marked((folder / ELECTION_FILE).read_text("utf-8"), self._order.seed)
        (folder / ELECTION_FILE).write_text(text, "utf-8")
        for contest, catalogue in self._election.catalogues.items():
            rows = (acta for acta in catalogue if (_entity_of(acta), acta.seccion) in self._kept)
            _write_catalogue(folder / "contests" / contest / "catalogue.csv", rows)


def marked(declaration: str, seed: int) -> str:
    """An ``election.toml`` that says which drill it is; the mark of an earlier one is replaced.

    Raises:
        GenerationRefused: NOT_GENERATED_FROM, it is not written as the shipped ones are.
    """
    text = re.sub(r"(?m)^seed = \d+\n", "", declaration, count=1)
    text = re.sub(r"(?m)^drill = \w+$", f"drill = true\nseed = {seed}", text, count=1)
    text = re.sub(r" \(simulacro, semilla \d+\)", "", text, count=1)
    text = re.sub(r'(?m)^(name = "[^"]*)"$', rf'\1 (simulacro, semilla {seed})"', text, count=1)
    main = tomllib.loads(text)["election"]
    if main["drill"] is not True or main.get("seed") != seed or "simulacro" not in main["name"]:
        raise GenerationRefused(
            NationCode.NOT_GENERATED_FROM,
            "{election_file} cannot be marked: write its name and drill on lines of their own",
            election_file=ELECTION_FILE,
        )
    return text


def sections_kept(station: Station, seed: int, scale: float) -> frozenset[str]:
    """The sections of a drill at ``scale``: at least one a station, and its mesas always."""
    sections = sorted({casilla.seccion for casilla in station.casillas if casilla.seccion})
    dice = Dice(seed, station.number, Purpose.SECTIONS)
    drawn = dice.below(MILLION, len(sections)).tolist()
    part, least = round(scale * MILLION), min(drawn, default=0)
    chosen = (n < part or n == least for n in drawn)
    return frozenset(section for section, kept in zip(sections, chosen, strict=True) if kept) | {""}


def _entity_of(acta: ExpectedActa) -> str:
    return own_id(parent(acta.area))


def _write_catalogue(path: Path, actas: Iterator[ExpectedActa]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(CATALOGUE_COLUMNS)
        out.writerows(map(_cells, actas))


def _cells(acta: ExpectedActa) -> Sequence[object]:
    return (
        acta.id,
        acta.area,
        acta.seccion,
        acta.kind.value,
        acta.number,
        acta.extension,
        acta.location.value,
        acta.tipo_acta,
        acta.lista_nominal,
        "" if acta.representatives is None else acta.representatives,
    )
