"""`openprep forms`: what is printed for casillas and for those who capture."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from openprep.cli.options import FILE, NEW_PATH, election_option, fail, open_election
from openprep.coded import CodedError
from openprep.durable import write_durably

if TYPE_CHECKING:
    from openprep.forms.blank import Blank

Function = TypeVar("Function", bound=Callable[..., Any])


def to_option(function: Function) -> Function:
    """``--to FILE.pdf``."""
    return click.option("--to", type=NEW_PATH, required=True, help="The PDF to write.")(function)


def acta_options(function: Function) -> Function:
    """Which acta, and the key that signs its identity."""
    key = click.option("--key", type=FILE, required=True, help="The key that signs identities.")
    acta = click.option("--acta", "acta_id", required=True, help="Its id in the catalogue.")
    contest = click.option("--contest", "contest_id", required=True, help="The contest's id.")
    return election_option(contest(acta(key(function))))


@click.group()
def forms() -> None:
    """Print actas, labels and the card of keys."""


@forms.command()
@click.option("--to", type=NEW_PATH, required=True, help="The key file to write.")
def key(to: Path) -> None:
    """Make the key that signs the identities of actas, and print its public half."""
    from openprep.transmission.keys import make_station_key, public_half

    try:
        made = make_station_key(to)
    except CodedError as trouble:
        fail(trouble)
    click.echo(public_half(made))


@forms.command("print")
@acta_options
@to_option
def print_(folder: Path, contest_id: str, acta_id: str, key: Path, to: Path) -> None:
    """Write the acta of a casilla, with its signed identity, as a tagged PDF."""
    from openprep.forms.printed import printed_pdf

    blank, text = _signed(folder, contest_id, acta_id, key)
    try:
        page = printed_pdf(blank, text)
    except CodedError as trouble:
        fail(trouble)
    write_durably(to, page)


@forms.command()
@acta_options
@click.option("--width", default=50.0, show_default=True, help="Of the label, in millimetres.")
@click.option("--height", default=30.0, show_default=True, help="Of the label, in millimetres.")
@click.option("--dpi", default=203, show_default=True, help="Dots an inch of the printer.")
@to_option
def label(
    folder: Path,
    contest_id: str,
    acta_id: str,
    key: Path,
    width: float,
    height: float,
    dpi: int,
    to: Path,
) -> None:
    """Write the label of an acta as a PDF of the label's size: print it unscaled."""
    from openprep.forms.label import LabelSize, label_pdf

    blank, text = _signed(folder, contest_id, acta_id, key)
    try:
        page = label_pdf(blank, text, LabelSize(width, height, dpi))
    except CodedError as trouble:
        fail(trouble)
    write_durably(to, page)


@forms.command()
@to_option
def keys(to: Path) -> None:
    """Write the card that says which key does what, for those who capture."""
    from openprep.forms.keycard import keycard_pdf

    write_durably(to, keycard_pdf())


def _signed(folder: Path, contest: str, acta: str, key: Path) -> tuple["Blank", str]:
    """The acta that is asked for, and its identity, signed."""
    from openprep.forms.blank import blank_for
    from openprep.forms.identity import sign_identity
    from openprep.transmission.keys import load_station_key

    try:
        blank = blank_for(open_election(folder), contest, acta)
        return blank, sign_identity(blank.identity, load_station_key(key))
    except CodedError as trouble:
        fail(trouble)
