"""`openprep demo --capture`: a district whose papers a crowd and a visitor work on."""

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table

from openprep.cli.options import PORT
from openprep.clock import system_clock

if TYPE_CHECKING:
    from openprep.cli.ending import Ending
    from openprep.drill.crowd.browser import Pass
    from openprep.drill.demo.captured import CaptureDemo, Progress
    from openprep.drill.nights.comparison import Comparison

    Compare = Callable[[Sequence[Comparison]], bool]


SPEED = 10.0
"""Times faster than people work, if nothing is said."""

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class CaptureAsked:
    """What the options of ``--capture`` say."""

    actas: int
    for_you: int
    people: int
    mistakes: float
    house_port: int

    def demo(self, folder: Path, seed: int | None, speed: float | None, port: int) -> "CaptureDemo":
        """The demo that is asked for."""
        from openprep.drill.crowd.district import DistrictOrder
        from openprep.drill.demo.captured import CaptureDemo, CaptureOrder
        from openprep.drill.demo.network import Ports
        from openprep.drill.nights.shipped import shipped_election

        source = shipped_election("federal-2024")
        drawn = 2024 if seed is None else seed
        order = CaptureOrder(
            DistrictOrder(source, drawn, self.actas, self.for_you),
            SPEED if speed is None else speed,
            self.people,
            self.mistakes,
            Ports(mirror=port, desks=self.house_port),
        )
        return CaptureDemo(folder, order)


def capture_options(function: Function) -> Function:
    """The options of a demo of a capture room."""
    for option in (
        click.option(
            "--capture", is_flag=True, help="A district whose papers a crowd and you capture."
        ),
        click.option(
            "--actas",
            default=60,
            show_default=True,
            type=click.IntRange(3, 3000),
            help="About how many actas the district has.",
        ),
        click.option(
            "--for-you",
            default=6,
            show_default=True,
            type=click.IntRange(0, 3000),
            help="How many of them are left to you.",
        ),
        click.option(
            "--people",
            default=4,
            show_default=True,
            type=click.IntRange(2, 500),
            help="How many of the crowd capture, in two places.",
        ),
        click.option(
            "--mistakes",
            default=0.1,
            show_default=True,
            type=click.FloatRange(0, 1),
            help="In what part of their actas they type a figure wrong.",
        ),
        click.option(
            "--house-port", default=8040, show_default=True, type=PORT, help="Port of the desks."
        ),
    ):
        function = option(function)
    return function


def capture_night(
    console: Console, demo: "CaptureDemo", end: "Ending", compare: "Compare", *, stay: bool
) -> bool:
    """The night, whose processes end with it however it ends; whether all is equal."""
    equal = False

    def compared(found: Sequence["Comparison"]) -> bool:
        nonlocal equal
        equal = compare(found)
        console.print(f"The crowd: {_listed(demo.done)}.")
        if stay:
            console.print("The house stays open for you; Ctrl-C ends everything.")
        return not stay

    try:
        with end.held():
            demo.start()
        console.print(_where(demo))
        if not console.is_terminal:
            console.print(_sign_ins(demo.passes.visitor))
        with Live(console=console, refresh_per_second=2, transient=True) as live:
            asyncio.run(demo.night(_shower(live, demo), compared))
        return equal
    finally:
        end.hold()
        demo.crew.stop()


def _where(demo: "CaptureDemo") -> str:
    return (
        f"The desks of the house: [bold]{demo.desks}/[/]\n"
        f"Page of the publisher: [bold]{demo.page}[/]\n"
        f"Photographs of actas that are left to you: [bold]{demo.photographs}[/]\n"
        f"Codes for the app of a telephone: [bold]{demo.house.sheet}[/]\n"
        f"The codes of now: [bold]openprep drill codes {demo.folder}[/]\n"
        "Ctrl-C ends everything; the same command goes on from there."
    )


def _sign_ins(passes: Sequence["Pass"]) -> Table:
    table = Table("role", "name", "password", "place", "code of now")
    for one in passes:
        table.add_row(one.role.value, one.sign_in, one.password, one.place, one.code(system_clock))
    return table


def print_codes(folder: Path) -> None:
    """Print what a visitor of the demo in ``folder`` signs in with, now.

    Raises:
        OSError: there is no such demo.
    """
    from openprep.drill.demo.staffed_house import passes_of

    Console(file=sys.stdout).print(_sign_ins(passes_of(folder).visitor))


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{what} {count}" for what, count in sorted(counts.items()))


def _shower(live: Live, demo: "CaptureDemo") -> Callable[["Progress"], None]:
    visitor = demo.passes.visitor

    def show(progress: "Progress") -> None:
        table = Table.grid(padding=(0, 2))
        table.add_row("papers", _listed(progress.stages) or "none yet")
        table.add_row("the crowd", _listed(progress.done) or "signs in")
        cut = "not open yet" if progress.cut is None else f"cut {progress.cut}"
        table.add_row("publisher", cut)
        table.add_row("elapsed", f"{progress.elapsed:.0f} s")
        live.update(Group(_sign_ins(visitor), table) if live.console.is_terminal else table)

    return show
