"""`openprep drill`: elections to rehearse with."""

from pathlib import Path

import click

from openprep.cli.options import NEW_PATH, fail


@click.group()
def drill() -> None:
    """Generate elections from a seed, marked as drills in every output."""


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
@click.option("--to", "target", type=NEW_PATH, required=True, help="New folder for the drill.")
def generate(election: str, seed: int, scale: float, shape: str, target: Path) -> None:
    """Generate a drill: its election, what each station reports, and what it must end at."""
    from openprep.drill.nation.codes import GenerationRefused
    from openprep.drill.nation.generate import Order
    from openprep.drill.nation.generate import generate as generate_drill
    from openprep.drill.nation.shape import Shape
    from openprep.drill.shipped import shipped_election
    from openprep.election.mistakes import FolderRefused

    order = Order(shipped_election(election), seed, scale, Shape(shape))
    try:
        with click.progressbar(length=1, label="stations") as bar:

            def show(done: int, of: int) -> None:
                bar.length = of
                bar.update(done - bar.pos)

            final = generate_drill(order, target, show)
    except (GenerationRefused, FolderRefused) as trouble:
        fail(trouble)
    for contest, figures in final.contests.items():
        click.echo(
            f"{contest}: {figures.expected:,} actas expected, {figures.captured:,} will come, "
            f"{figures.counted:,} count, {figures.votes_with_special:,} votes"
        )
    click.echo(f"drill with seed {seed} in {target}")
