"""`openprep demo`: the whole job on one machine, on real data."""

import shutil
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.live import Live
from rich.table import Table

from openprep.cli.demo.capture import CaptureAsked, capture_night, capture_options
from openprep.cli.ending import Ending, ending
from openprep.cli.options import NEW_PATH, PORT, fail, log_to_stderr, misused, unfit
from openprep.coded import CodedError
from openprep.election import Window

if TYPE_CHECKING:
    from openprep.drill.demo.network import Ports
    from openprep.drill.demo.nights import Night
    from openprep.drill.demo.run import Demo, Progress
    from openprep.drill.nights.comparison import Comparison


OF_A_NIGHT = 720.0
"""Times faster than it was, if nothing is said."""

OTHERS = "--election, --scale, --shape and --images"


class Speed(click.ParamType[float]):
    """A factor, or ``max``."""

    name = "speed"

    def convert(
        self, value: str | float, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The factor; ``max`` is as fast as the machine can."""
        from openprep.drill.demo.run import AS_FAST_AS_IT_CAN

        if value == "max":
            return AS_FAST_AS_IT_CAN
        try:
            factor = float(value)
        except ValueError:
            factor = 0.0
        if not 0 < factor < AS_FAST_AS_IT_CAN:
            raise unfit("{value!r} is not a factor above 0, nor 'max'", value=value)
        return factor


@click.command()
@click.option(
    "--election",
    default="puebla-2024",
    show_default=True,
    help="puebla-2024, federal-2012-presidencia, or federal-2024 for a generated nation.",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), help="Of a generated nation (2024 if left out)."
)
@click.option("--scale", type=float, help="Part of its sections to take (0.05 if left out).")
@click.option(
    "--shape", type=click.Choice(["tied", "real"]), help="Of its results (tied if left out)."
)
@click.option("--images", type=float, help="Part of its actas with an image (0.01 if left out).")
@click.option(
    "--speed",
    type=Speed(),
    help="Times faster than the night was (720: about three minutes), or max; with --capture "
    "than people work (10).",
)
@click.option("--data", type=NEW_PATH, default="demo-data", show_default=True, help="Its folder.")
@click.option("--fresh", is_flag=True, help="Begin the night anew, forgetting an earlier demo.")
@click.option(
    "--stay/--leave",
    default=None,
    help="Keep serving when the night is over, as --capture does if nothing is said.",
)
@click.option(
    "--port", default=8020, show_default=True, type=PORT, help="Port of the publisher's page."
)
@capture_options
def demo(
    election: str,
    seed: int | None,
    scale: float | None,
    shape: str | None,
    images: float | None,
    speed: float | None,
    data: Path,
    fresh: bool,
    stay: bool | None,
    port: int,
    capture: bool,
    actas: int,
    for_you: int,
    people: int,
    mistakes: float,
    house_port: int,
) -> None:
    """Replay a night on this machine, end to end: a real one, or a nation from a seed.

    A centre, its stations and one publisher run as real processes. Ctrl-C stops them all; the same
    command goes on from there. At the end the figures that the publisher verified are compared with
    the official ones (Puebla: every cell of the databases of 18:00 and 20:00) or with those counted
    while the nation was generated, to the last digit (exit code 1 if anything differs).
    """
    from openprep.drill.demo.network import Ports

    log_to_stderr()
    console = Console()
    asked = CaptureAsked(actas, for_you, people, mistakes, house_port)
    with ending() as end:
        try:
            if fresh:
                shutil.rmtree(data, ignore_errors=True)
            if capture:
                _refuse_with_capture(election, scale, shape, images)
                console.print("Preparing a district, its papers, its house and its people…")
                captured_demo = asked.demo(data.resolve(), seed, speed, port)
                captured_demo.prepare()
                equal = capture_night(
                    console, captured_demo, end, _shown_beside(console), stay=stay is not False
                )
            else:
                console.print("Preparing keys, stations and the schedule of the night…")
                night = _night(data.resolve(), election, seed, scale, shape, images)
                fast = OF_A_NIGHT if speed is None else speed
                the_demo = _prepared(data.resolve(), night, fast, Ports(mirror=port))
                equal = _relive(console, the_demo, end, stay=bool(stay))
        except KeyboardInterrupt:
            with suppress(OSError):  # the terminal may be gone
                console.print("Stopped. The same command goes on from here.")
            sys.exit(end.exit_code)
        except CodedError as trouble:
            fail(trouble)
    sys.exit(0 if equal else 1)


def _prepared(folder: Path, night: "Night", speed: float, ports: "Ports") -> "Demo":
    from openprep.drill.demo.run import Demo

    night.prepare()
    the_demo = Demo(folder, night, speed, ports)
    the_demo.prepare()
    return the_demo


def _relive(console: Console, the_demo: "Demo", end: Ending, *, stay: bool) -> bool:
    """The night, whose processes end with it however it ends; whether all is equal."""
    conductor = None
    try:
        with end.held():  # each process is known before anything may stop them
            conductor = the_demo.start()
        console.print(f"Page of the publisher: [bold]{the_demo.page}[/]")
        console.print("Ctrl-C stops everything; the same command goes on from there.")
        with Live(console=console, refresh_per_second=4) as live:
            the_demo.conduct(conductor, _shower(live, the_demo))
        equal = _compare(console, the_demo)
        if stay:
            console.print(f"The page stays up at {the_demo.page}; Ctrl-C ends it.")
            while True:
                time.sleep(1)
        return equal
    finally:
        end.hold()
        try:
            if conductor is not None:
                conductor.stop()
        finally:
            the_demo.crew.stop()


def _night(
    data: Path,
    election: str,
    seed: int | None,
    scale: float | None,
    shape: str | None,
    images: float | None,
) -> "Night":
    from openprep.drill.demo.nights import PueblaNight, generated_night
    from openprep.drill.nation.shape import Shape
    from openprep.drill.nights.federal_2012 import night_of_2012

    real = {"puebla-2024": PueblaNight, "federal-2012-presidencia": night_of_2012}
    if election not in real:
        own = Shape(shape or "tied")
        part = 0.05 if scale is None else scale
        drawn = 0.01 if images is None else images
        return generated_night(data, election, 2024 if seed is None else seed, part, own, drawn)
    if (seed, scale, shape, images) != (None, None, None, None):
        raise misused(
            "{election} was what it was: it has no seed, scale, shape or images to be drawn",
            election=election,
        )
    return real[election](data)


def _shower(live: Live, the_demo: "Demo") -> Callable[["Progress"], None]:
    window: Window = the_demo.election.window

    def show(progress: "Progress") -> None:
        table = Table.grid(padding=(0, 2))
        rate = progress.recorded / progress.elapsed if progress.elapsed else 0.0
        table.add_row("time of the night", f"{window.local(progress.replayed):%d/%m/%Y %H:%M:%S}")
        table.add_row("facts recorded", f"{progress.recorded:,} of {progress.facts:,}")
        table.add_row("centre", _cut_words(progress.center_cut))
        table.add_row("publisher", f"{_cut_words(progress.mirror_cut)}, verified from its actas")
        table.add_row("elapsed", f"{progress.elapsed:.0f} s, {rate:,.0f} facts/s")
        live.update(table)

    return show


def _cut_words(cut: int | None) -> str:
    return "not open yet" if cut is None else f"cut {cut}"


def _compare(console: Console, the_demo: "Demo") -> bool:
    comparisons = list(the_demo.night.comparisons(the_demo.mirrored))
    return _tell(console, comparisons, drill=the_demo.election.drill)


def _tell(console: Console, comparisons: Sequence["Comparison"], *, drill: bool) -> bool:
    """Whether all is equal, which is told with every figure."""
    for comparison in comparisons:
        console.print(_table(comparison))
    figures = [figure for each in comparisons for figure in each.figures]
    right = sum(figure.equal for figure in figures)
    cells = sum(each.cells for each in comparisons)
    wrong = [place for each in comparisons for place in each.different]
    kind = "expected" if drill else "official"
    console.print(f"{right} of {len(figures)} {kind} figures equal to the last digit.")
    if not drill:
        counted = f"{cells:,} cells of {len(comparisons)} databases compared"
        console.print(f"{counted}, {len(wrong)} differ.")
    for place in wrong:
        console.print(f"  {place}")
    return right == len(figures) and not wrong


def _shown_beside(console: Console) -> Callable[[Sequence["Comparison"]], bool]:
    def told(comparisons: Sequence["Comparison"]) -> bool:
        equal = _tell(console, comparisons, drill=True)
        cells = sum(each.cells for each in comparisons)
        console.print(f"{cells:,} fields of the finished actas held against their papers.")
        return equal and bool(comparisons)

    return told


def _refuse_with_capture(election: str, *others: object) -> None:
    """A district that is captured is made as it is.

    Raises:
        click.UsageError: something was asked for that it does not have.
    """
    if election != "puebla-2024" or any(other is not None for other in others):
        raise misused("--capture makes a district of its own: leave {others} out", others=OTHERS)


def _table(comparison: "Comparison") -> Table:
    stamp = comparison.stamp
    at = datetime.strptime(stamp, "%Y%m%d_%H%M")  # noqa: DTZ007 - as the file's name has it
    title = f"{comparison.contest}, {at:%d/%m/%Y %H:%M}"
    table = Table("figure", "must be", "ours", "", title=title, title_justify="left")
    for column in (1, 2):
        table.columns[column].justify = "right"
    for figure in comparison.figures:
        table.add_row(figure.name, figure.official, figure.ours, "=" if figure.equal else "≠")
    return table
