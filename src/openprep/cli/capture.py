"""`openprep capture`: a house of capture, its desks and what leaves for the centre."""

from collections.abc import Mapping
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openprep.cli.ceremony.options import MOMENT
from openprep.cli.options import (
    ADDRESS,
    FILE,
    FOLDER,
    NEW_PATH,
    certificate_options,
    check_pair,
    clock_of,
    clock_option,
    election_option,
    fail,
    log_to_stderr,
    misused,
    open_election,
    run_until_stopped,
    unfit,
)
from openprep.coded import CodedError

if TYPE_CHECKING:
    from openprep.wire.note import Verifier

HOUSE = click.option("--house", type=NEW_PATH, required=True, help="The house's own folder.")


def _origins(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    from yarl import URL

    for origin in given:
        url = URL(origin)
        if url.scheme not in ("http", "https") or origin != str(url.origin()):
            raise unfit("{origin}: as https://captura.example.mx, nothing after it", origin=origin)
    return given


def _scanners(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> Mapping[str, Path]:
    found = {}
    for text in given:
        place, _sign, folder = text.partition("=")
        if not place or not Path(folder).is_dir() or not folder or place in found:
            raise unfit("{text}: as CATD1=FOLDER, a folder that is there, once", text=text)
        found[place] = Path(folder)
    return found


@click.group()
def capture() -> None:
    """Run a capture room: from the paper to figures that stand."""


@capture.command()
@election_option
@HOUSE
@click.option("--places", type=FOLDER, required=True, help="Folder of `station init --keys`.")
@click.option("--roster", type=FILE, required=True, help="The signed list of people.")
@click.option("--authority", type=FILE, required=True, help="The key that signs it, `people.pub`.")
@click.option("--label-key", type=FILE, help="The key of `forms key`: codes and labels of actas.")
@click.option(
    "--scanner",
    "scanners",
    multiple=True,
    callback=_scanners,
    help="PLACE=FOLDER into which the place's scanner writes; once for each.",
)
@click.option(
    "--log-key",
    "log_keys",
    multiple=True,
    help="A key of the publication log, as `center init` printed it; once for each.",
)
@click.option("--center", type=ADDRESS, help="Address of the centre's inbox; else all waits here.")
@click.option("--address", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8040, show_default=True, type=click.IntRange(1, 65535), help="Port of it."
)
@click.option(
    "--origin",
    "origins",
    multiple=True,
    callback=_origins,
    help="Where browsers find it, as https://captura.example.mx; may be repeated.",
)
@certificate_options
@click.option("--policy", type=FILE, help="How work is handed out (JSON).")
@clock_option
def serve(
    folder: Path,
    house: Path,
    places: Path,
    roster: Path,
    authority: Path,
    label_key: Path | None,
    scanners: Mapping[str, Path],
    log_keys: tuple[str, ...],
    center: str | None,
    address: str,
    port: int,
    origins: tuple[str, ...],
    certificate: Path | None,
    key: Path | None,
    policy: Path | None,
    clock_file: Path | None,
) -> None:
    """Open the desks of a house, and deliver what its places seal, until stopped."""
    from openprep.desks.serving.folder import read_policy
    from openprep.desks.serving.process import HousePlan, check_secure, run_house
    from openprep.desks.serving.room import Entry
    from openprep.hosting.http.serving import tls_of

    check_pair(certificate, key)
    log_to_stderr()
    try:
        tls = tls_of(certificate, key)
        check_secure(address, tls)
        election = open_election(folder)
        log = _log_of(election.id, log_keys)
        plan = HousePlan(
            election=election,
            root=house,
            places=places,
            clock=clock_of(clock_file),
            host=address,
            port=port,
            center=center,
            policy=read_policy(policy) if policy else None,
            tls=tls,
        )
        found = origins or _origins_at(address, port, secure=tls is not None)
        entry = Entry(roster, authority, frozenset(found), label_key, scanners, log)
        run_until_stopped(lambda: run_house(plan, entry.desks))
    except (CodedError, OSError) as trouble:
        fail(trouble)


@capture.command()
@click.option("--keys", type=NEW_PATH, required=True, help="Folder of the desks' authority.")
@click.option("--domain", default="prep.internal", show_default=True, help="Whose names it gives.")
@click.option("--name", "names", multiple=True, required=True, help="A name or address; repeat it.")
@click.option("--until", type=MOMENT, required=True, help="Until when the certificate is good.")
@click.option("--out", type=NEW_PATH, required=True, help="A folder for the house's two files.")
@clock_option
def certificate(
    keys: Path,
    domain: str,
    names: tuple[str, ...],
    until: datetime,
    out: Path,
    clock_file: Path | None,
) -> None:
    """Make a house's certificate for its own network, by the election's authority for desks."""
    from openprep.desks.serving.certificate import AUTHORITY, authority_in, certify

    now = clock_of(clock_file)()
    if until <= now:
        raise misused("--until {until}: it is over already", until=until.isoformat())
    try:
        authority = authority_in(keys, domain, now)
        certify(authority, names, now, until, out)
    except (CodedError, OSError) as trouble:
        fail(trouble)
    click.echo(authority.fingerprint)
    click.echo(f"what machines are to trust is in {keys / AUTHORITY}", err=True)


def _log_of(election: str, texts: tuple[str, ...]) -> "tuple[Verifier, ...]":
    """The keys of an election's log.

    Raises:
        click.BadParameter: one of them is none, or another log's.
    """
    from openprep.cuts.signing_key import signer_name
    from openprep.wire.note import KeyKind, NoteError, Verifier

    try:
        keys = tuple(Verifier.parse(text) for text in texts)
    except NoteError as error:
        raise unfit("--log-key: {error}", error=error) from error
    for key in keys:
        if key.kind is not KeyKind.NOTE or key.name != signer_name(election):
            raise unfit(
                "--log-key {name}: not of the log {origin}",
                name=key.name,
                origin=signer_name(election),
            )
    return keys


def _origins_at(address: str, port: int, *, secure: bool) -> tuple[str, ...]:
    """Where browsers find what listens on one address.

    Raises:
        click.UsageError: it listens on all, and nobody can know by which name it is found.
    """
    from yarl import URL

    try:
        ip = ip_address(address)
    except ValueError:
        names = [address]
    else:
        if ip.is_unspecified:
            raise misused("--address {address}: give --origin too", address=address)
        names = [address, "localhost"] if ip.is_loopback else [address]
    scheme = "https" if secure else "http"
    return tuple(str(URL.build(scheme=scheme, host=name, port=port)) for name in names)


@capture.command()
@election_option
@click.option("--house", type=FOLDER, required=True, help="The house's own folder.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for other programs.")
def status(folder: Path, house: Path, as_json: bool) -> None:
    """Say how a house stands; exit code 1 if the centre has not all of it."""
    import msgspec

    from openprep.desks.serving.folder import HouseFolder
    from openprep.desks.serving.standing import standing_of, words_of

    try:
        found = standing_of(HouseFolder(house), open_election(folder))
    except (CodedError, OSError) as trouble:
        fail(trouble)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
    else:
        click.echo("\n".join(words_of(found)))
    raise SystemExit(1 if found.pending or found.pending_images else 0)
