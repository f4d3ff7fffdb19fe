"""`openprep watch`: look at every publisher of an election, and say what is wrong."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openprep.cli.options import (
    ADDRESS,
    FILE,
    FOLDER,
    NEW_PATH,
    clock_of,
    clock_option,
    fail,
    log_to_stderr,
    run_until_stopped,
)
from openprep.coded import CodedError

if TYPE_CHECKING:
    from openprep.watch.process import Plan
    from openprep.watch.report import NetworkReport


LOOKS_MISSED = 3
"""After as many looks that did not come, the last one is too old."""


@click.command()
@click.option(
    "--trust",
    type=FOLDER,
    required=True,
    help="Folder of the trust root that was joined; no other process may use it.",
)
@click.option(
    "--evidence",
    type=NEW_PATH,
    required=True,
    help="The watch's own folder: what it saw, and the notes of histories that fork.",
)
@click.option("--center", type=ADDRESS, help="Address of the centre's own tree, to be watched too.")
@click.option(
    "--every",
    default=10.0,
    show_default=True,
    type=click.FloatRange(min=1, max=3600),
    help="Seconds between two looks at a publisher.",
)
@click.option("--once", is_flag=True, help="Look once; exit code 1 if there is any alarm.")
@click.option("--json", "as_json", is_flag=True, help="Print each report as a line of JSON.")
@click.option(
    "--status-page",
    type=NEW_PATH,
    help="Folder to keep index.html and status.json in, for a web server.",
)
@click.option(
    "--metrics", "metrics_file", type=NEW_PATH, help="File to keep Prometheus metrics in (*.prom)."
)
@click.option(
    "--freeze-after",
    default=300.0,
    show_default=True,
    type=click.FloatRange(min=1),
    help="Seconds after which a publisher must have a cut, and the quorum hold it.",
)
@click.option(
    "--slow-after",
    default=5.0,
    show_default=True,
    type=click.FloatRange(min=0.1),
    help="Seconds within which a publisher's first files must come.",
)
@click.option(
    "--sample",
    default=8,
    show_default=True,
    type=click.IntRange(min=0, max=100_000),
    help="Files compared at each look, besides one way at random down to a section.",
)
@click.option(
    "--sample-mib",
    default=8,
    show_default=True,
    type=click.IntRange(min=1, max=4096),
    help="Most MiB of them at each look at a publisher.",
)
@click.option(
    "--release",
    "releases",
    type=FILE,
    multiple=True,
    help="The list of a release whose page may be shown; that of this kit is known.",
)
@clock_option
def watch(
    trust: Path,
    evidence: Path,
    center: str | None,
    every: float,
    once: bool,
    as_json: bool,
    status_page: Path | None,
    metrics_file: Path | None,
    freeze_after: float,
    slow_after: float,
    sample: int,
    sample_mib: int,
    releases: tuple[Path, ...],
    clock_file: Path | None,
) -> None:
    """Watch the publishers: what each shows, who signed it, and any alarm."""
    from openprep.mirror.trust.root import TrustRoot
    from openprep.pages.releases import Releases, installed
    from openprep.watch.machine import Limits
    from openprep.watch.process import Plan
    from openprep.watch.sample import Sampling

    log_to_stderr()
    try:
        believed = Releases.gather(releases, installed())
    except CodedError as trouble:
        fail(trouble)
    plan = Plan(
        TrustRoot(trust),
        evidence,
        center,
        Limits(
            freeze=timedelta(seconds=freeze_after),
            slow=timedelta(seconds=slow_after),
            look=max(Limits.look, timedelta(seconds=LOOKS_MISSED * every)),
        ),
        Sampling(sample, sample_mib * 1024 * 1024),
        clock_of(clock_file),
        releases=believed,
    )
    show = _Show(as_json, status_page, metrics_file, refresh=max(5, round(every)))
    try:
        if once:
            raise SystemExit(_once(plan, show))
        run_until_stopped(lambda: _for_ever(plan, every, show))
    except (CodedError, OSError) as trouble:
        fail(trouble)


def _once(plan: "Plan", show: "_Show") -> int:
    import asyncio

    from openprep.watch.process import watching

    async def look() -> "NetworkReport":
        async with watching(plan) as one:
            return await one.once()

    report = asyncio.run(look())
    show(report)
    return 1 if report.alarmed else 0


async def _for_ever(plan: "Plan", every: float, show: "_Show") -> None:
    from openprep.watch.process import watching

    async with watching(plan) as one:
        await one.run(every, show)


class _Show:
    """Shows reports: the first as a table, of later ones what changed, or all as JSON."""

    def __init__(
        self, as_json: bool, folder: Path | None, metrics_file: Path | None, refresh: int
    ) -> None:
        self._as_json = as_json
        self._folder = folder
        self._metrics_file = metrics_file
        self._refresh = refresh
        self._before: NetworkReport | None = None

    def __call__(self, report: "NetworkReport") -> None:
        from openprep.durable import write_durably
        from openprep.watch.page import metrics, status_json, write_status
        from openprep.watch.process import describe_change

        if self._folder is not None:
            write_status(report, self._folder, self._refresh)
        if self._metrics_file is not None:
            write_durably(self._metrics_file, metrics(report))
        if self._as_json:
            click.echo(status_json(report))
        elif self._before is None or self._before.newest != report.newest:
            _print_table(report)
        for line in () if self._as_json else describe_change(self._before, report):
            click.echo(line)
        self._before = report


def _print_table(report: "NetworkReport") -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from openprep.watch.words import STATES

    newest = report.newest
    held = f"held by {len(newest.held_by)} of {report.publishers}" if newest else ""
    title = f"cut {newest.cut} of {newest.time}, {held}" if newest else "no cut yet"
    table = Table("publisher", "address", "cut", "behind", "cosigned by", "state", title=title)
    for site in report.sites:
        words = STATES[site.state]
        table.add_row(
            site.publisher,
            escape(site.address),
            "—" if site.cut is None else str(site.cut),
            "—" if site.cuts_behind is None else str(site.cuts_behind),
            ", ".join(site.cosigned_by),
            f"{words.symbol} {words.english}",
        )
    Console().print(table)
