"""The nights that a demo can show: a real one, and generated ones.

Each prepares itself in a folder and knows what it must end at.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import msgspec

from openprep.drill.demo.folder import Asked, claimed, real_night
from openprep.drill.demo.verified import last_cut
from openprep.drill.nation.final import Final
from openprep.drill.nation.generate import Order, generate
from openprep.drill.nation.shape import Shape
from openprep.drill.nights.comparison import Comparison, Figure, compare_all
from openprep.drill.nights.puebla_2024 import night_of_puebla
from openprep.drill.nights.schedule import write_schedules
from openprep.drill.nights.shipped import shipped_election
from openprep.election import Election
from openprep.election.declared.folder import folder_digest, load_election


class Night(Protocol):
    """A night in a demo's folder."""

    @property
    def election_folder(self) -> Path:
        """The election that the night is run under, once it is prepared."""

    @property
    def schedules(self) -> Path:
        """What each station reports, once it is prepared."""

    @property
    def images(self) -> Path | None:
        """Images that reported actas name; ``None`` where there is none of any."""

    @property
    def station_processes(self) -> int | None:
        """Processes over which the stations are spread; ``None`` is one each."""

    @property
    def live_seconds(self) -> float:
        """Seconds between live cuts."""

    @property
    def longest_step(self) -> timedelta:
        """What a clock at full speed may pass at once: from one official database to another."""

    def prepare(self) -> None:
        """Write what is not there yet.

        Raises:
            AnotherDrill: the folder has another night; nothing was changed.
        """

    def comparisons(self, mirrored: Path) -> Iterator[Comparison]:
        """The figures that a publisher verified, beside those that the night must end at."""


@dataclass(frozen=True)
class PueblaNight:
    """The night of 2 to 3 June 2024 in Puebla, held against the official databases."""

    folder: Path
    station_processes: int | None = None
    live_seconds: float = 0.8
    longest_step: timedelta = timedelta(hours=2)

    @property
    def election_folder(self) -> Path:
        """The shipped folder."""
        return shipped_election("puebla-2024")

    @property
    def schedules(self) -> Path:
        """Made from the official databases."""
        return self.folder / "schedules"

    @property
    def images(self) -> None:
        """Of the real actas only the digests could be had."""
        return

    def prepare(self) -> None:
        """The schedules, once."""
        with claimed(self.folder, real_night(self.election_folder)):
            if not self.schedules.is_dir():
                election: Election = load_election(self.election_folder)
                night = night_of_puebla(election, self.election_folder)
                write_schedules(self.schedules, night)

    def comparisons(self, mirrored: Path) -> Iterator[Comparison]:
        """Every cell of the databases of 18:00 and 20:00."""
        return compare_all(self.election_folder / "night", mirrored / "databases")


@dataclass(frozen=True)
class GeneratedNight:
    """A drill from a seed, held against the figures that were counted while it was generated."""

    folder: Path
    order: Order
    station_processes: int | None = 3
    live_seconds: float = 2.0
    longest_step: timedelta = timedelta(hours=6)

    @property
    def _drill(self) -> Path:
        return self.folder / "drill"

    @property
    def election_folder(self) -> Path:
        """The generated folder."""
        return self._drill / "election"

    @property
    def schedules(self) -> Path:
        """Generated with it."""
        return self._drill / "schedules"

    @property
    def images(self) -> Path:
        """Drawn with it: of a sample of the actas."""
        return self._drill / "images"

    def prepare(self) -> None:
        """The drill, once."""
        with claimed(self.folder, self.asked):
            if not self._drill.exists():
                generate(self.order, self._drill)

    @property
    def asked(self) -> Asked:
        """What is to be generated, as the folder says it."""
        order = self.order
        return Asked(
            order.folder.resolve().name,
            folder_digest(order.folder),
            order.seed,
            order.scale,
            order.shape.value,
            order.images,
        )

    def comparisons(self, mirrored: Path) -> Iterator[Comparison]:
        """The 13 figures and the votes by column of each contest."""
        final = Final.load(self._drill / "final.json")
        for verified in last_cut(mirrored):
            ours = msgspec.structs.asdict(verified.summary)
            must = msgspec.structs.asdict(final.contests[verified.contest])
            figures = [Figure(name, str(must[name]), str(ours[name])) for name in must]
            figures += [
                Figure(name, str(votes), str(verified.votes[name]))
                for name, votes in final.votes[verified.contest].items()
            ]
            stamp = f"{verified.at:%Y%m%d_%H%M}"
            yield Comparison(stamp, verified.contest, tuple(figures), len(figures), ())


def generated_night(
    folder: Path, election: str, seed: int, scale: float, shape: Shape, images: float = 0.0
) -> GeneratedNight:
    """The drill of a shipped election, or of a folder of the same kind."""
    return GeneratedNight(folder, Order(shipped_election(election), seed, scale, shape, images))
