"""`openprep demo`: the whole job on one machine, on real data."""

import shutil
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.live import Live
from rich.table import Table

from openprep.cli.options import NEW_PATH, fail, log_to_stderr
from openprep.election import Window

if TYPE_CHECKING:
    from openprep.drill.comparison import Comparison
    from openprep.drill.demo import Demo, Progress


class Speed(click.ParamType[float]):
    """A factor, or ``max``."""

    name = "speed"

    def convert(
        self, value: str | float, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The factor; ``max`` is as fast as the machine can."""
        from openprep.drill.demo import AS_FAST_AS_IT_CAN

        if value == "max":
            return AS_FAST_AS_IT_CAN
        try:
            factor = float(value)
        except ValueError:
            factor = 0.0
        if not 0 < factor < AS_FAST_AS_IT_CAN:
            self.fail(f"{value!r} is not a factor above 0, nor 'max'", param, ctx)
        return factor


@click.command()
@click.option(
    "--speed",
    type=Speed(),
    default="720",
    show_default=True,
    help="Times faster than the night was (720: about three minutes), or max.",
)
@click.option("--data", type=NEW_PATH, default="demo-data", show_default=True, help="Its folder.")
@click.option("--fresh", is_flag=True, help="Begin the night anew, forgetting an earlier demo.")
@click.option("--stay", is_flag=True, help="Keep serving the page when the night is over.")
@click.option("--port", default=8020, show_default=True, help="Port of the publisher's page.")
def demo(speed: float, data: Path, fresh: bool, stay: bool, port: int) -> None:
    """Replay the night of Puebla 2024 on this machine, end to end.

    A centre, 26 district stations and one publisher run as real processes. Ctrl-C stops them all;
    the same command goes on from there. At the end the official figures and databases of 18:00 and
    20:00 are compared with ours, to the last digit (exit code 1 if anything differs).
    """
    from openprep.drill.demo import Demo, Ports, election_folder
    from openprep.drill.processes import ProcessDied

    log_to_stderr()
    if fresh:
        shutil.rmtree(data, ignore_errors=True)
    console = Console()
    the_demo = Demo(data.resolve(), election_folder(), speed, Ports(mirror=port))
    console.print("Preparing keys, stations and the schedule of the night…")
    the_demo.prepare()
    conductor = the_demo.start()
    console.print(f"Page of the publisher: [bold]{the_demo.page}[/]")
    console.print("Ctrl-C stops everything; the same command goes on from there.")
    try:
        with Live(console=console, refresh_per_second=4) as live:
            the_demo.conduct(conductor, _shower(live, the_demo))
        equal = _compare(console, the_demo)
        if stay:
            console.print(f"The page stays up at {the_demo.page}; Ctrl-C ends it.")
            while True:
                time.sleep(1)
    except KeyboardInterrupt:
        console.print("Stopped. The same command goes on from here.")
        sys.exit(130)
    except ProcessDied as trouble:
        fail(trouble)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # an impatient second Ctrl-C leaves nobody
        conductor.stop()
        the_demo.crew.stop()
    sys.exit(0 if equal else 1)


def _shower(live: Live, the_demo: "Demo") -> Callable[["Progress"], None]:
    window: Window = the_demo.election.window

    def show(progress: "Progress") -> None:
        table = Table.grid(padding=(0, 2))
        rate = progress.recorded / progress.elapsed if progress.elapsed else 0.0
        table.add_row("time in Puebla", f"{window.local(progress.replayed):%d/%m/%Y %H:%M:%S}")
        table.add_row("facts recorded", f"{progress.recorded:,} of {progress.facts:,}")
        table.add_row("centre", _cut_words(progress.center_cut))
        table.add_row("publisher", f"{_cut_words(progress.mirror_cut)}, verified from its actas")
        table.add_row("elapsed", f"{progress.elapsed:.0f} s, {rate:,.0f} facts/s")
        live.update(table)

    return show


def _cut_words(cut: int | None) -> str:
    return "not open yet" if cut is None else f"cut {cut}"


def _compare(console: Console, the_demo: "Demo") -> bool:
    from openprep.drill.comparison import compare_all
    from openprep.drill.demo import election_folder

    databases = the_demo.mirrored / "databases"
    comparisons = list(compare_all(election_folder() / "night", databases))
    for comparison in comparisons:
        console.print(_table(comparison))
    figures = [figure for each in comparisons for figure in each.figures]
    right = sum(figure.equal for figure in figures)
    cells = sum(each.cells for each in comparisons)
    wrong = [place for each in comparisons for place in each.different]
    console.print(f"{right} of {len(figures)} official figures equal to the last digit.")
    console.print(f"{cells:,} cells of {len(comparisons)} databases compared, {len(wrong)} differ.")
    for place in wrong:
        console.print(f"  {place}")
    return right == len(figures) and not wrong


def _table(comparison: "Comparison") -> Table:
    stamp = comparison.stamp
    at = datetime.strptime(stamp, "%Y%m%d_%H%M")  # noqa: DTZ007 - as the file's name has it
    title = f"{comparison.contest}, {at:%d/%m/%Y %H:%M}"
    table = Table("figure", "official", "ours", "", title=title, title_justify="left")
    for column in (1, 2):
        table.columns[column].justify = "right"
    for figure in comparison.figures:
        table.add_row(figure.name, figure.official, figure.ours, "=" if figure.equal else "≠")
    return table
