"""`openprep people`: who works in a capture room, as its authority lists and signs them."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openprep.cli.ceremony.options import MOMENT
from openprep.cli.options import (
    FILE,
    FOLDER,
    NEW_PATH,
    Function,
    clock_of,
    clock_option,
    fail,
    misused,
)
from openprep.coded import CodedError, counted

if TYPE_CHECKING:
    from openprep.people.authority import Authority
    from openprep.people.roster import Roster, SignedRoster


@click.group()
def people() -> None:
    """Sign the list of the people of a capture room: keys, sign-in names, roles."""


@people.command()
@click.option("--election", required=True, help="The election's folder, or its id alone.")
@click.option("--keys", type=NEW_PATH, required=True, help="Folder for the key and the secret.")
def init(election: str, keys: Path) -> None:
    """Make the authority's key and the secret of pseudonyms; neither leaves this machine."""
    from openprep.cli.station.lines import named_election
    from openprep.people.authority import PUBLIC_FILE, make_authority

    named = named_election(election)
    try:
        verifier = make_authority(keys, named.id)
    except CodedError as refused:
        fail(refused)
    click.echo(str(verifier))
    click.echo(f"public half in {keys / PUBLIC_FILE}", err=True)


def list_options(function: Function) -> Function:
    """Options of what makes a list."""
    for option in (
        click.option("--until", type=MOMENT, required=True, help="Until when the list is good."),
        click.option("--from", "since", type=MOMENT, help="Since when; now if not given."),
        click.option("--out", type=NEW_PATH, required=True, help="A new file for the signed list."),
        click.option("--keys", type=FOLDER, required=True, help="Folder of key and secret."),
        clock_option,
    ):
        function = option(function)
    return function


@people.command()
@click.argument("names", type=FILE)
@list_options
@click.option("--sheet", type=NEW_PATH, required=True, help="A new file of what is handed out.")
@click.option("--previous", type=FILE, help="The list that stands, whose people are kept.")
def add(
    names: Path,
    keys: Path,
    out: Path,
    sheet: Path,
    since: datetime | None,
    until: datetime,
    previous: Path | None,
    clock_file: Path | None,
) -> None:
    """List the people of NAMES, a CSV file, and draw what each is handed to sign in with."""
    from openprep.people.authority import keep_new, load_authority
    from openprep.people.enlisting import enlist, read_applicants
    from openprep.people.sheet import sheet_of

    valid = _valid(since, until, clock_file)
    try:
        authority = load_authority(keys)
        before = None if previous is None else _standing(previous, authority)
        applicants = read_applicants(names)
        _refuse_taken(out, sheet)
        roster, handouts = enlist(names, applicants, authority, before, valid)
        keep_new(sheet, sheet_of(roster.election, roster.number, handouts))
        keep_new(out, authority.seal(roster))
    except CodedError as refused:
        fail(refused)
    _tell(roster)
    click.echo(f"print {sheet}, hand it out in strips, and destroy it", err=True)


def _refuse_taken(*paths: Path) -> None:
    """See that nothing is there before passwords are drawn that nobody would have."""
    from openprep.people.codes import AuthorityCode, AuthorityRefused

    for path in paths:
        if path.exists() or path.is_symlink():
            raise AuthorityRefused(AuthorityCode.EXISTS, "{path}", path=path)


def _valid(
    since: datetime | None, until: datetime, clock_file: Path | None
) -> tuple[datetime, datetime]:
    begins = since or clock_of(clock_file)()
    if begins >= until:
        raise misused("--until {until}: it is over before it begins", until=until.isoformat())
    return begins, until


def _standing(path: Path, authority: "Authority") -> "Roster":
    from openprep.people.roster import read_roster

    return read_roster(path, authority.signer.verifier).roster


@people.command()
@click.argument("sign_in_names", nargs=-1, required=True)
@list_options
@click.option("--previous", type=FILE, required=True, help="The list that stands.")
def remove(
    sign_in_names: tuple[str, ...],
    keys: Path,
    out: Path,
    since: datetime | None,
    until: datetime,
    previous: Path,
    clock_file: Path | None,
) -> None:
    """Make the next list, without those who have SIGN_IN_NAMES."""
    from openprep.people.authority import keep_new, load_authority
    from openprep.people.enlisting import without

    valid = _valid(since, until, clock_file)
    try:
        authority = load_authority(keys)
        roster = without(_standing(previous, authority), set(sign_in_names), valid)
        keep_new(out, authority.seal(roster))
    except CodedError as refused:
        fail(refused)
    _tell(roster)


key_option = click.option(
    "--key", type=FILE, required=True, help="The authority's public half, `people.pub`."
)


@people.command("list")
@click.argument("roster", type=FILE)
@key_option
def list_(roster: Path, key: Path) -> None:
    """Print who is on ROSTER: sign-in name, role, places, pseudonym. No secret is shown."""
    for one in _opened(roster, key).roster.people:
        places = " ".join(one.places)
        click.echo(f"{one.sign_in}\t{one.role.value}\t{places}\t{one.person}")


@people.command()
@click.argument("roster", type=FILE)
@key_option
@clock_option
def check(roster: Path, key: Path, clock_file: Path | None) -> None:
    """Say whether ROSTER is signed by KEY and good now (exit code 2 if not)."""
    from openprep.people.roster import check_time

    signed = _opened(roster, key)
    try:
        check_time(signed.roster, clock_of(clock_file)())
    except CodedError as refused:
        fail(refused)
    _tell(signed.roster)
    click.echo(f"digest {signed.digest}")


def _opened(path: Path, key: Path) -> "SignedRoster":
    from openprep.people.authority import load_public
    from openprep.people.roster import read_roster

    try:
        return read_roster(path, load_public(key))
    except CodedError as refused:
        fail(refused)


def _tell(roster: "Roster") -> None:
    listed = counted(len(roster.people), "line")
    until = roster.valid_until.isoformat()
    click.echo(f"{roster.election}, list {roster.number}: {listed}, good until {until}")
