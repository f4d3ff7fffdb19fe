"""`openprep station`: the side of the polling station and of the CATD. Imports little."""

import os
import sys
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
    election_option,
    fail,
    open_election,
    run_until_stopped,
    unfit_by,
)
from openprep.coded import CodedError, counted

if TYPE_CHECKING:
    from openprep.transmission.keys import Enrolled
    from openprep.transmission.station.delivery import Courier
    from openprep.transmission.station.images import ImageOutbox


def _a_station_id(_: click.Context, __: click.Parameter, given: str) -> str:
    """An id that no centre would take seals envelopes that every centre refuses."""
    from openprep.transmission.keys import check_station_id

    try:
        check_station_id(given)
    except CodedError as trouble:
        raise unfit_by(trouble) from trouble
    return given


station_option = click.option(
    "--station", "station_id", required=True, callback=_a_station_id, help="The station's id."
)


@click.group()
def station() -> None:
    """Send actas from a station, with or without signal."""


@station.command()
@click.option("--id", "station_id", required=True, help="The station's id, as D01.")
@click.option("--name", default="", help="Its name, for people.")
@click.option("--keys", type=NEW_PATH, required=True, help="Folder for the station's key.")
@click.option("--reports", multiple=True, help="An area or acta that it reports, as GUB/017.")
@click.option("--corrects", multiple=True, help="One that it checks, whoever reports it.")
@click.option("--captures", multiple=True, help="One that its people capture, from images.")
def init(
    station_id: str,
    name: str,
    keys: Path,
    reports: tuple[str, ...],
    corrects: tuple[str, ...],
    captures: tuple[str, ...],
) -> None:
    """Make the station's key and print the entry by which the centre enrols it."""
    from openprep.transmission.keys import make_station

    try:
        entry = make_station(
            *(keys, station_id, name or station_id),
            reports=reports,
            corrects=corrects,
            captures=captures,
        )
    except CodedError as trouble:
        fail(trouble)
    _tell_entry(entry)


@station.command()
@click.option("--id", "station_id", required=True, help="The station's id, as D01.")
@click.option("--keys", type=NEW_PATH, required=True, help="Folder where its key is.")
def show(station_id: str, keys: Path) -> None:
    """Print the station's entry again, of the key that was made: nothing in it is secret."""
    from openprep.transmission.keys import kept_entry

    try:
        entry = kept_entry(keys, station_id)
    except CodedError as trouble:
        fail(trouble)
    _tell_entry(entry)


def _tell_entry(entry: "Enrolled") -> None:
    from openprep.transmission.keys import line_of

    click.echo(line_of(entry).decode(), nl=False)
    if not entry.scopes:
        click.echo("It speaks for nothing yet: the authority must add what (C040).", err=True)
    click.echo("Hand this line to the authority: a line of `ceremony start --stations`.", err=True)


@station.command()
@election_option
@click.argument("files", type=FILE, nargs=-1, required=True)
def check(folder: Path, files: tuple[Path, ...]) -> None:
    """Hold the lines of FILES against what the centre will ask of them; exits 1 if any fails."""
    from openprep.cli.station.lines import read_files, told

    found = read_files(files, open_election(folder))
    for line in told(found.mistakes):
        click.echo(line)
    count = sum(map(len, found.facts.values()))
    if found.mistakes:
        lines = sum(not mistake.is_empty for mistake in found.mistakes)
        if lines:
            words = counted(lines, "line")
            click.echo(f"{words} would be refused, or kept unpublished", err=True)
        sys.exit(1)
    click.echo(f"{counted(count, 'fact')}: nothing in them would be refused")


@station.command()
@click.option(
    "--election",
    required=True,
    help="The election's folder, to check every line by; or its id alone, to check less.",
)
@station_option
@click.option("--key", type=FILE, required=True, help="The station's key file.")
@click.option("--outbox", "outbox_path", type=NEW_PATH, required=True, help="The outbox file.")
@click.option("--center", type=ADDRESS, required=True, help="Address of the centre's inbox.")
@click.option(
    "--images", type=FOLDER, help="Folder of images of actas: its *.jpg and *.jpeg are sent too."
)
@click.option("--unchecked", is_flag=True, help="Save lines that the centre would refuse, too.")
@click.argument("files", type=FILE, nargs=-1)
def send(
    election: str,
    station_id: str,
    key: Path,
    outbox_path: Path,
    center: str,
    images: Path | None,
    unchecked: bool,
    files: tuple[Path, ...],
) -> None:
    """Save the facts in FILES (JSON, one a line) and images, then deliver all that is pending.

    A line that the centre would refuse keeps all of FILES from being saved.

    Exits 0 when the centre has everything, 1 if it refused an image or holds a fact for a person,
    or one of FILES had no fact, 2 if it has not all facts.
    """
    from random import Random

    import aiohttp

    from openprep.cli.station.lines import facts_to_save, named_election
    from openprep.clock import system_clock
    from openprep.transmission.keys import load_station_key
    from openprep.transmission.station.delivery import Courier
    from openprep.transmission.station.images import ImageOutbox, beside
    from openprep.transmission.station.outbox import Outbox

    async def deliver(outbox: Outbox, own: ImageOutbox) -> None:
        async with aiohttp.ClientSession() as session:
            jitter = Random()  # noqa: S311 - spreads load, keeps no secret
            courier = Courier(outbox, center, session, jitter, images=own)
            _tell_delivered(await courier.deliver_all(), courier)

    named = named_election(election)
    facts_of = facts_to_save(files, named.declared, unchecked=unchecked)
    try:
        own = ImageOutbox(beside(outbox_path))
        if images is not None:
            _save_images(images, own)
        outbox = Outbox(outbox_path, named.id, station_id, load_station_key(key), system_clock)
        for file, facts in facts_of.items():
            outbox.put(facts)
            click.echo(f"saved: {counted(len(facts), 'fact')} of {file}")
        run_until_stopped(lambda: deliver(outbox, own))
    except (CodedError, OSError) as trouble:
        fail(trouble)
    if not all(facts_of.values()):
        sys.exit(1)


def _save_images(folder: Path, own: "ImageOutbox") -> None:
    from openprep.transmission.station.images import image_files

    paths = image_files(folder)
    for path in paths:
        own.put(path.read_bytes(), str(path))
    click.echo(f"saved: {counted(len(paths), 'image')} of {folder}")


def _tell_delivered(envelopes: int, courier: "Courier") -> None:
    """Say what came of a delivery; ends with exit code 1 where a person must look at some of it."""
    refused = len(courier.refused_images)
    rest = f"it refused {counted(refused, 'image')}" if refused else "the centre has everything"
    click.echo(f"delivered: {counted(envelopes, 'envelope')}; {rest}")
    for aside in courier.aside:
        which = aside.acta or "out of catalogue"
        click.echo(
            f"NOT PUBLISHED: {aside.contest} {which}: {aside.code} {aside.meaning}", err=True
        )
    if courier.aside_count:
        waiting = counted(courier.aside_count, "fact")
        click.echo(f"waiting for a person at the centre: {waiting}", err=True)
    if refused or courier.aside_count:
        sys.exit(1)


@station.command()
@click.option("--election", required=True, help="Id of the election.")
@station_option
@click.option("--key", type=FILE, required=True, help="The station's key file.")
@click.option("--outbox", "outbox_path", type=FILE, required=True, help="The outbox file.")
@click.option("--to", "target", type=NEW_PATH, required=True, help="New file for its facts.")
def withdraw(election: str, station_id: str, key: Path, outbox_path: Path, target: Path) -> None:
    """Take a refused envelope out of the outbox into a file, so that the later ones can leave."""
    from openprep.clock import system_clock
    from openprep.record.facts import encode_fact
    from openprep.transmission.keys import load_station_key
    from openprep.transmission.station.outbox import Outbox, facts_of

    try:
        outbox = Outbox(outbox_path, election, station_id, load_station_key(key), system_clock)
        first = outbox.next_pending()
        if first is None:
            click.echo("nothing is pending")
            return
        facts = facts_of(first)
        with target.open("xb") as stream:  # kept there before it is gone from here
            stream.writelines(encode_fact(fact) + b"\n" for fact in facts)
            stream.flush()
            os.fsync(stream.fileno())
        outbox.withdraw_first()
        click.echo(
            f"withdrawn: envelope {first.sequence}; in {target}: {counted(len(facts), 'fact')}"
        )
    except (CodedError, OSError) as trouble:
        fail(trouble)


@station.command()
@click.option("--outbox", "outbox_path", type=FILE, required=True, help="The outbox file.")
def status(outbox_path: Path) -> None:
    """Say how much was saved and how much is still to be delivered (exit code 1 if any)."""
    from openprep.transmission.station.images import pending_beside
    from openprep.transmission.station.outbox import contents

    try:
        found = contents(outbox_path)
    except CodedError as trouble:
        fail(trouble)
    images = pending_beside(outbox_path)
    click.echo(f"saved: {counted(found.saved, 'fact')}")
    envelopes = counted(found.pending_envelopes, "envelope")
    click.echo(f"pending: {counted(found.pending, 'fact')} in {envelopes}")
    click.echo(f"pending: {counted(images, 'image')}")
    sys.exit(1 if found.pending_envelopes or images else 0)


@station.command()
@click.option("--election", required=True, help="Id of the election.")
@station_option
@click.option("--key", type=FILE, required=True, help="The station's key file.")
@click.option("--outbox", "outbox_path", type=NEW_PATH, required=True, help="The outbox file.")
@click.option("--center", type=ADDRESS, required=True, help="Address of the centre's inbox.")
@click.option("--schedule", type=FILE, required=True, help="What the station reported, and when.")
@click.option("--images", type=NEW_PATH, help="Folder of images that its actas name, if any.")
@click.option("--poll", default=0.1, show_default=True, help="Seconds between looks at the clock.")
@clock_option
def replay(
    election: str,
    station_id: str,
    key: Path,
    outbox_path: Path,
    center: str,
    schedule: Path,
    images: Path | None,
    poll: float,
    clock_file: Path | None,
) -> None:
    """Relive a night: save and deliver each acta of SCHEDULE when the clock reaches it."""
    from openprep.drill.nights.station import RelivingStation, drill_images, relive
    from openprep.transmission.keys import load_station_key
    from openprep.transmission.station.outbox import Outbox

    async def work() -> None:
        station = RelivingStation(station_id, outbox, schedule, drill_images(images, outbox_path))
        if await relive([station], center, clock, poll):
            sys.exit(2)

    try:
        clock = clock_of(clock_file)
        outbox = Outbox(outbox_path, election, station_id, load_station_key(key), clock)
        run_until_stopped(work)
    except CodedError as trouble:
        fail(trouble)
