"""`openprep drill`: elections to rehearse with."""

import re
import sys
from pathlib import Path

import click

from openprep.cli.drill.replays import check_2018
from openprep.cli.options import (
    ADDRESS,
    FOLDER,
    NEW_PATH,
    clock_of,
    clock_option,
    fail,
    log_to_stderr,
    run_until_stopped,
    unfit,
)
from openprep.coded import CodedError


@click.group()
def drill() -> None:
    """Generate elections from a seed, marked as drills in every output."""


drill.add_command(check_2018)


@drill.command()
@click.option(
    "--election",
    default="federal-2024",
    show_default=True,
    help="Shipped election to shape it on, or a folder of the same kind.",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), required=True, help="Same seed, same bytes."
)
@click.option(
    "--scale", default=1.0, show_default=True, help="Part of the sections to take, up to 1."
)
@click.option(
    "--shape",
    type=click.Choice(["tied", "real"]),
    default="tied",
    show_default=True,
    help="Contenders tie, as drills do, or come out as in 2024.",
)
@click.option(
    "--images", default=0.0, show_default=True, help="Part of the actas to draw images of, up to 1."
)
@click.option("--to", "target", type=NEW_PATH, required=True, help="New folder for the drill.")
def generate(
    election: str, seed: int, scale: float, shape: str, images: float, target: Path
) -> None:
    """Generate a drill: its election, what each station reports, and what it must end at."""
    from openprep.drill.nation.generate import Order
    from openprep.drill.nation.generate import generate as generate_drill
    from openprep.drill.nation.shape import Shape
    from openprep.drill.nights.shipped import shipped_election

    order = Order(shipped_election(election), seed, scale, Shape(shape), images)
    try:
        with click.progressbar(length=1, label="stations") as bar:

            def show(done: int, of: int) -> None:
                bar.length = of
                bar.update(done - bar.pos)

            final = generate_drill(order, target, show)
    except CodedError as trouble:
        fail(trouble)
    for contest, figures in final.contests.items():
        click.echo(
            f"{contest}: {figures.expected:,} actas expected, {figures.captured:,} will come, "
            f"{figures.counted:,} count, {figures.votes_with_special:,} votes"
        )
    click.echo(f"drill with seed {seed} in {target}")


@drill.command()
@click.argument("data", type=FOLDER)
def codes(data: Path) -> None:
    """Print who may sign in to the demo in DATA (`demo --capture`), with the codes of now."""
    from openprep.cli.demo.capture import print_codes

    try:
        print_codes(data)
    except OSError as trouble:
        fail(trouble)


@drill.command()
@click.option("--election", required=True, help="Id of the election.")
@click.option("--schedules", type=FOLDER, required=True, help="What the stations report, and when.")
@click.option("--keys", type=FOLDER, required=True, help="The stations' keys.")
@click.option("--outboxes", type=NEW_PATH, required=True, help="Folder for their outboxes.")
@click.option("--images", type=NEW_PATH, help="Folder of images that their actas name, if any.")
@click.option("--center", type=ADDRESS, required=True, help="Address of the centre's inbox.")
@click.option(
    "--part", default="1/1", show_default=True, help="Which of how many equal parts of them."
)
@click.option("--poll", default=0.1, show_default=True, help="Seconds between looks at the clock.")
@clock_option
def stations(
    election: str,
    schedules: Path,
    keys: Path,
    outboxes: Path,
    images: Path | None,
    center: str,
    part: str,
    poll: float,
    clock_file: Path | None,
) -> None:
    """Relive a night at many stations in one process, each under its own key."""
    from openprep.drill.nights.station import RelivingStation, drill_images, relive
    from openprep.transmission.keys import load_station_key
    from openprep.transmission.station.outbox import Outbox

    log_to_stderr()
    clock = clock_of(clock_file)
    outboxes.mkdir(parents=True, exist_ok=True)

    def station(schedule: Path) -> RelivingStation:
        name = schedule.stem
        key = load_station_key(keys / f"{name}.key")
        path = outboxes / f"{name}.sqlite"
        outbox = Outbox(path, election, name, key, clock)
        return RelivingStation(name, outbox, schedule, drill_images(images, path))

    async def work() -> None:
        own = [station(schedule) for schedule in _part_of(schedules, part)]
        if await relive(own, center, clock, poll):
            sys.exit(2)

    try:
        run_until_stopped(work)
    except CodedError as trouble:
        fail(trouble)


def _part_of(schedules: Path, part: str) -> list[Path]:
    found = re.fullmatch(r"([1-9]\d{0,3})/([1-9]\d{0,3})", part)
    if found is None or int(found[1]) > int(found[2]):
        raise unfit("--part {part!r} is not one of how many, as 1/3", part=part)
    return sorted(schedules.glob("*.jsonl"))[int(found[1]) - 1 :: int(found[2])]
