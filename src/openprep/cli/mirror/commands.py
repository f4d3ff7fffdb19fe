"""`openprep mirror`: a publisher's side."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from openprep.bounded import first_of_file
from openprep.cli.mirror.serving import serve, sync
from openprep.cli.nginx import mirror_nginx
from openprep.cli.options import (
    ADDRESS,
    FILE,
    FOLDER,
    NEW_PATH,
    PORT,
    Function,
    asked_for,
    clock_of,
    clock_option,
    fail,
    log_to_stderr,
    run_until_stopped,
    tell_verdicts,
    unfit,
)
from openprep.coded import CodedError

if TYPE_CHECKING:
    from openprep.pages.kit import Kit
    from openprep.wire.distribution.enrolment import EnrolmentRequest
    from openprep.wire.note import Verifier


@click.group()
def mirror() -> None:
    """Run a publisher: enrol, follow a centre, verify, cosign, serve."""


for command in (serve, mirror_nginx, sync):
    mirror.add_command(command)


def data_option(function: Function) -> Function:
    """``--data DIR``."""
    return click.option("--data", type=NEW_PATH, required=True, help="The mirror's own folder.")(
        function
    )


def images_option(function: Function) -> Function:
    """``--no-images``."""
    return click.option(
        "--no-images",
        is_flag=True,
        help="Leave out the images of actas: a nation's may take 100 GB.",
    )(function)


def page_option(function: Function) -> Function:
    """``--without-page``."""
    return click.option("--without-page", is_flag=True, help="Publish data only, no page.")(
        function
    )


def installed_kit(*, without_page: bool) -> "Kit | None":
    """The page that is installed here, said in the log; ends the command where there is none."""
    import logging

    from openprep.pages.kit import Kit

    if without_page:
        return None
    try:
        kit = Kit.load()
    except CodedError as trouble:
        fail(trouble)
    logging.getLogger("openprep.mirror").info("the page of kit %s is shown", kit.name)
    return kit


def serving_options(function: Function) -> Function:
    """``--host`` and ``--port``."""
    for option in (
        click.option(
            "--port",
            default=8020,
            show_default=True,
            type=PORT,
            help="Port of the mirrored tree.",
        ),
        click.option(
            "--host", default="127.0.0.1", show_default=True, help="Address to listen on."
        ),
    ):
        function = option(function)
    return function


@mirror.command()
@data_option
@click.option("--election", required=True, help="Id of the election to publish.")
@click.option("--drill", is_flag=True, help="Publish a drill of it; never the election for real.")
@click.option("--id", "identity", required=True, help="Short id, as the authority will list it.")
@click.option("--name", required=True, help="Name of the institution.")
@click.option(
    "--address",
    "addresses",
    multiple=True,
    help="Where the mirror will be public; may be repeated.",
)
@click.option("--request", type=NEW_PATH, help="Write the request to a file, too.")
@click.option("--qr", type=NEW_PATH, help="Draw the request as a QR code (SVG), too.")
@clock_option
def init(
    data: Path,
    election: str,
    drill: bool,
    identity: str,
    name: str,
    addresses: tuple[str, ...],
    request: Path | None,
    qr: Path | None,
    clock_file: Path | None,
) -> None:
    """Make the exclusive keys, which never leave this folder, and print the enrolment request."""
    from openprep.cli.qr import save_qr
    from openprep.mirror.trust.membership import Member, Membership

    membership = Membership(data)
    try:
        data.mkdir(parents=True, exist_ok=True)
        now = clock_of(clock_file)()
        membership.init(Member(election, drill, identity, name, addresses), now)
        asked, text = membership.request(now)
    except (CodedError, OSError) as trouble:
        fail(trouble)
    click.echo(text.decode(), nl=False)
    if request is not None:
        request.write_bytes(text)
    if qr is not None:
        save_qr(text, qr)
    _tell_how_to_enrol(asked)


@mirror.command()
@data_option
@clock_option
def show(data: Path, clock_file: Path | None) -> None:
    """Print the enrolment request again, of the keys that were made: nothing in it is secret."""
    from openprep.mirror.trust.membership import Membership

    try:
        asked, text = Membership(data).request(clock_of(clock_file)())
    except (CodedError, OSError) as trouble:
        fail(trouble)
    click.echo(text.decode(), nl=False)
    _tell_how_to_enrol(asked)


def _tell_how_to_enrol(request: "EnrolmentRequest") -> None:
    click.echo(
        f"Hand this text to the authority, and read it this number: {request.fingerprint}", err=True
    )


@mirror.command()
@data_option
@click.option(
    "--center", type=ADDRESS, required=True, help="Address of the centre's distribution service."
)
@click.option("--root", type=FILE, required=True, help="The root that the authority handed over.")
@click.option(
    "--fingerprint", help="The root's number, as it was spoken aloud; asked for if not given."
)
@clock_option
def join(
    data: Path, center: str, root: Path, fingerprint: str | None, clock_file: Path | None
) -> None:
    """Take the trust root, checked against the number that the authority speaks aloud."""
    import asyncio

    from openprep.mirror.process.joining import ask_center
    from openprep.mirror.trust.membership import Membership
    from openprep.wire.trust import MAX_ROOT_BYTES

    given = first_of_file(root, MAX_ROOT_BYTES + 1)
    try:
        spoken = fingerprint or asked_for("number spoken aloud", "--fingerprint")
        Membership(data).join(center, given, spoken)
        asyncio.run(ask_center(data, clock_of(clock_file)))
    except (CodedError, OSError) as trouble:
        fail(trouble)
    click.echo("joined: `openprep mirror run` follows from here")


@mirror.command()
@data_option
@click.option("--no-serve", is_flag=True, help="Verify only; nginx or a bucket serves the tree.")
@images_option
@page_option
@serving_options
@clock_option
def run(
    data: Path,
    no_serve: bool,
    no_images: bool,
    without_page: bool,
    host: str,
    port: int,
    clock_file: Path | None,
) -> None:
    """Follow the centre as an enrolled publisher: verify each cut, cosign it, serve the last."""
    from openprep.mirror.process.publisher import PublisherMirror, PublisherPlan

    log_to_stderr()
    clock = clock_of(clock_file)
    kit = installed_kit(without_page=without_page)
    plan = PublisherPlan(data, clock, host, None if no_serve else port, kit, not no_images)
    try:
        run_until_stopped(lambda: PublisherMirror(plan).run())
    except (CodedError, OSError) as trouble:
        fail(trouble)


@mirror.command()
@click.option("--from", "base", type=ADDRESS, required=True, help="Address of any published tree.")
@click.option("--election", required=True, help="Id of the election to follow.")
@click.option("--key", required=True, help="The log's public key, as `center init` printed it.")
@data_option
@click.option("--drill", is_flag=True, help="Follow a drill; never an election for real.")
@images_option
@page_option
@serving_options
@click.option(
    "--poll",
    default=1.0,
    show_default=True,
    type=click.FloatRange(min=0.05),
    help="Seconds between two looks for a new cut.",
)
@clock_option
def follow(
    base: str,
    election: str,
    key: str,
    data: Path,
    drill: bool,
    no_images: bool,
    without_page: bool,
    host: str,
    port: int,
    poll: float,
    clock_file: Path | None,
) -> None:
    """Mirror a public tree without being enrolled: the same verification, no key of one's own."""
    from openprep.mirror.process.unenrolled import UnenrolledPlan, run_unenrolled

    log_to_stderr()
    plan = UnenrolledPlan(
        base=base,
        election=election,
        drill=drill,
        key=_log_key(key),
        folder=data,
        clock=clock_of(clock_file),
        host=host,
        port=port,
        poll=poll,
        kit=installed_kit(without_page=without_page),
        with_images=not no_images,
    )
    try:
        run_until_stopped(lambda: run_unenrolled(plan))
    except (CodedError, OSError) as trouble:
        fail(trouble)


def _log_key(text: str) -> "Verifier":
    from openprep.wire.note import NoteError, Verifier

    try:
        return Verifier.parse(text)
    except NoteError as error:
        raise unfit("--key: {error}", error=error) from error


@mirror.command(name="import")
@data_option
@click.argument("package", type=FILE)
@page_option
@clock_option
def import_package(data: Path, package: Path, without_page: bool, clock_file: Path | None) -> None:
    """Verify and show the cuts of a PACKAGE that was carried here, as on a USB stick."""
    from openprep.mirror.process.stick import show_carried

    log_to_stderr()
    kit = installed_kit(without_page=without_page)
    try:
        manifest = show_carried(data, package, clock_of(clock_file), kit)
    except (CodedError, OSError) as trouble:
        fail(trouble)
    if manifest is None:
        click.echo("the package has nothing newer than what is up")
    else:
        click.echo(f"cut {manifest.cut} of {manifest.time} verified and shown")


@mirror.command()
@click.option("--data", type=FOLDER, required=True, help="The mirror's own folder.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for other programs.")
@click.option("--metrics", is_flag=True, help="As Prometheus metrics.")
@clock_option
def status(data: Path, as_json: bool, metrics: bool, clock_file: Path | None) -> None:
    """Say what is up, since when, held by how many, and any trouble (exit code 1)."""
    import msgspec

    from openprep.mirror.codes import MirrorCode, Refused
    from openprep.mirror.process.report import metrics_of, troubles_of, words_of
    from openprep.mirror.process.status import read_status

    try:
        found = read_status(data / "status.json")
    except FileNotFoundError:
        fail(Refused(MirrorCode.NOT_FOLLOWED, "{folder}", folder=data))
    except OSError as trouble:
        fail(trouble)
    except msgspec.MsgspecError as error:
        fail(Refused(MirrorCode.FORMAT, "{folder}: {error}", folder=data, error=error))
    now = clock_of(clock_file)()
    troubles = [line for _, line in troubles_of(found, data)]
    if as_json:
        told = {**msgspec.to_builtins(found), "troubles": troubles}
        click.echo(msgspec.json.format(msgspec.json.encode(told)).decode())
    elif metrics:
        click.echo(metrics_of(found, data, now), nl=False)
    else:
        click.echo("\n".join(words_of(found, data, now)))
    if troubles:
        raise SystemExit(1)


@mirror.command(name="self-test")
@click.option("--data", type=FOLDER, required=True, help="The mirror's own folder.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for other programs.")
@serving_options
@clock_option
def self_test(data: Path, as_json: bool, host: str, port: int, clock_file: Path | None) -> None:
    """Measure disk, lines, clock, ports, certificates, keys: go, or no-go (exit code 1)."""
    import asyncio

    from openprep.hosting.verdicts import Check
    from openprep.mirror.readiness.self_test import Subject
    from openprep.mirror.readiness.self_test import self_test as run_checks

    subject = Subject(data, host, port, clock_of(clock_file))

    async def work() -> list[Check]:
        return [check async for check in run_checks(subject)]

    try:
        checks = asyncio.run(work())
    except (CodedError, OSError) as trouble:
        fail(trouble)
    tell_verdicts(checks, as_json=as_json)
