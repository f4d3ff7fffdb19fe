"""`openprep audit`: check a published tree, a receipt or a file. See ``docs/commands/audit.md``."""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from openprep.bounded import first_of_file
from openprep.cli.options import FILE, FOLDER, NEW_PATH, fail, misused, plain_line, printable
from openprep.coded import CodedError

if TYPE_CHECKING:
    from openprep.audit.keys import Keys
    from openprep.audit.receipt import Verified
    from openprep.audit.report import Outcome, Report
    from openprep.pages.releases import Releases
    from openprep.wire.log.leaf import ActaLeaf

PASSED, FAILED = 0, 1
"""Exit codes; 2 where nothing could be audited, or the command was misspelt."""

CHUNK = 1 << 20

Function = TypeVar("Function", bound=Callable[..., Any])


def keys_options(function: Function) -> Function:
    """``--key``, ``--trust`` and ``--fingerprint``."""
    for option in (
        click.option(
            "--fingerprint",
            metavar="NUMBER",
            help="The number of the trust root's first root, as it was read aloud.",
        ),
        click.option("--trust", type=FOLDER, help="A trust root: the folder `trust/` of a tree."),
        click.option(
            "--key",
            "key",
            multiple=True,
            metavar="VERIFIER",
            help="The log's public key, as `center init` printed it; once for each.",
        ),
    ):
        function = option(function)
    return function


def keys_of(key: tuple[str, ...], trust: Path | None, fingerprint: str | None) -> "Keys":
    """The keys that were asked for: by hand, or of a trust root."""
    from openprep.audit.keys import from_trust, from_verifiers
    from openprep.audit.place import Folder

    if bool(key) is (trust is not None):
        raise misused("give --key, or --trust, and not both")
    if trust is None:
        return from_verifiers(key)
    return from_trust(Folder(trust), fingerprint)


def releases_of(files: tuple[Path, ...]) -> "Releases":
    """The releases that were asked for, and that of the kit installed here."""
    from openprep.audit.codes import AuditCode, AuditRefused
    from openprep.pages.codes import PageTrouble
    from openprep.pages.releases import Releases, installed

    try:
        return Releases.gather(files, installed())
    except PageTrouble as refused:
        raise AuditRefused(AuditCode.TRUST, "{refused}", refused=refused.text) from refused


@click.group()
def audit() -> None:
    """Check everything from outside: a published tree, a receipt, a file."""


@audit.command()
@click.argument("place")
@keys_options
@click.option("--cut", type=click.IntRange(0), help="The cut to audit; the newest if not given.")
@click.option(
    "--databases",
    type=click.Choice(["all", "newest"]),
    default="all",
    show_default=True,
    help="Which official databases to compare, row by row.",
)
@click.option(
    "--release",
    "releases",
    type=FILE,
    multiple=True,
    help="The list of a release whose page may be shown; that of this kit is known.",
)
@click.option("--no-images", is_flag=True, help="Do not read the images of actas: they are many.")
@click.option("--no-codes", is_flag=True, help="Do not read the codes on images: it takes longest.")
@click.option(
    "--identities",
    metavar="KEY",
    help="The public key of the codes on actas, as `forms key` printed it.",
)
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@click.option(
    "--places",
    type=click.IntRange(1, 1000),
    default=3,
    show_default=True,
    help="Places shown for each check that fails.",
)
def tree(
    place: str,
    key: tuple[str, ...],
    trust: Path | None,
    fingerprint: str | None,
    cut: int | None,
    databases: str,
    releases: tuple[Path, ...],
    no_images: bool,
    no_codes: bool,
    identities: str | None,
    as_json: bool,
    places: int,
) -> None:
    """Audit the published tree at PLACE: a folder, or an http(s) address.

    Exits 0 if everything holds, 1 if anything does not, 2 if nothing could be audited.
    """
    from openprep.audit.checks.images import OfImages
    from openprep.audit.checks.tree import Audit
    from openprep.audit.identities import key_of_identities
    from openprep.audit.place import open_place
    from openprep.audit.report import Findings

    try:
        identity_key = None if identities is None else key_of_identities(identities)
        keys = keys_of(key, trust, fingerprint)
        believed = releases_of(releases)
        with open_place(place) as opened:
            newest = databases == "newest"
            findings = Findings(places)
            looked = (
                OfImages.NOTHING if no_images else OfImages.BYTES if no_codes else OfImages.CODES
            )
            audit = Audit(opened, keys, findings, newest, looked, identity_key, believed)
            report = audit.cut(cut)
    except CodedError as refused:
        fail(refused)
    click.echo(_as_json(report) if as_json else _as_text(report))
    sys.exit(PASSED if report.passed else FAILED)


def _as_json(report: "Report") -> str:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(report)).decode()


def _as_text(report: "Report") -> str:
    head = [
        f"place      {report.place}",
        f"election   {report.election or 'not known'}",
        f"cut        {_cut_words(report)}",
        f"log        {_log_words(report)}",
        f"believed   {report.trust}",
        "",
        f"{'code':5} {'check':44} {'looked at':>11} {'wrong':>9}",
    ]
    body = [line for outcome in report.outcomes for line in _lines(outcome)]
    end = "PASS: everything holds." if report.passed else "FAIL: see the checks that failed."
    return printable("\n".join([*head, *body, "", end, *_age(report)]))


def _cut_words(report: "Report") -> str:
    if report.cut is None:
        return "none that could be believed"
    return f"{report.cut} ({report.kind}) of {report.time}"


def _log_words(report: "Report") -> str:
    if not report.root:
        return f"of {report.origin}: nothing signed by its key was found"
    return f"{report.origin}, {report.size:,} leaves, root {report.root}"


def _age(report: "Report") -> list[str]:
    """How old the audited cut is: a copy may be stale, and whole all the same."""
    from datetime import datetime

    from openprep.clock import system_clock

    if report.time is None:
        return []
    minutes = (system_clock() - datetime.fromisoformat(report.time)).total_seconds() // 60
    old = f"{minutes:,.0f} minutes" if minutes < 2880 else f"{minutes // 1440:,.0f} days"
    words = f"cut {report.cut} is {old} old by this clock"
    return [f"Of this copy: {words}; elsewhere there may be a newer one."]


def _lines(outcome: "Outcome") -> list[str]:
    state = {"pass": "PASS", "fail": "FAIL", "not_reached": "-"}[outcome.state.value]
    counts = f"{outcome.looked_at:>11,} {outcome.failed:>9,}"
    lines = [f"{outcome.code:5} {outcome.check:44} {counts}  {state}"]
    lines += [f"      {place}" for place in outcome.places]
    return [*lines, f"      {outcome.note}"] if outcome.note else lines


@audit.command()
@click.argument("file", type=NEW_PATH)
@keys_options
@click.option("--make", nargs=2, metavar="CONTEST ACTA", help="Make the receipt of an acta.")
@click.option("--from", "source", metavar="PLACE", help="The tree to make it from.")
@click.option("--area", help="Where the acta is, a unit or section (`001/0423`): found sooner.")
@click.option("--short", is_flag=True, help="Make the short form, which fits a QR code.")
@click.option("--qr", type=NEW_PATH, help="Write the short form as a QR code too (SVG or PNG).")
def receipt(
    file: Path,
    key: tuple[str, ...],
    trust: Path | None,
    fingerprint: str | None,
    make: tuple[str, str] | None,
    source: str | None,
    area: str | None,
    short: bool,
    qr: Path | None,
) -> None:
    """Verify the receipt in FILE, without a network; or, with --make, make it.

    Exits 0 if the receipt proves what it says, 1 if it does not, 2 if it could not be made.
    """
    try:
        keys = keys_of(key, trust, fingerprint)
    except CodedError as refused:
        fail(refused)
    if make is None:
        _verify(file, keys)
    elif source is None:
        raise misused("--make needs --from PLACE")
    else:
        try:
            _make(file, keys, make, source, area, short, qr)
        except (CodedError, OSError) as trouble:
            fail(trouble)


def _make(
    file: Path,
    keys: "Keys",
    what: tuple[str, str],
    source: str,
    area: str | None,
    short: bool,
    qr: Path | None,
) -> None:
    from openprep.audit.checks.search import Wanted, make_receipt
    from openprep.audit.place import open_place
    from openprep.audit.receipt import encode, shorten

    contest, acta = what
    with open_place(source) as place:
        made = make_receipt(place, keys, Wanted(contest, acta, area))
    if qr is not None:
        import segno

        data = encode(shorten(made, keys.verifiers))
        segno.make(data, mode="byte", error="l", micro=False).save(str(qr), scale=4)
    file.write_bytes(encode(shorten(made, keys.verifiers) if short else made))
    click.echo(f"{file}: receipt of {contest} {acta}")


def _verify(file: Path, keys: "Keys") -> None:
    from openprep.audit.receipt import MAX_RECEIPT_BYTES, parse, verify

    try:
        receipt = parse(first_of_file(file, MAX_RECEIPT_BYTES + 1))
        proved = verify(receipt, keys)
    except OSError as trouble:
        fail(trouble)
    except CodedError as refused:
        fail(refused, FAILED)
    lines = [f"election    {receipt.election}: {receipt.name}", *_proved(proved)]
    click.echo("\n".join(map(plain_line, lines)))


def _proved(proved: "Verified") -> list[str]:
    leaf, checkpoint = proved.leaf, proved.checkpoint
    lines = [
        f"contest     {leaf.contest}",
        f"acta        {leaf.acta or 'out of catalogue'}, version {leaf.version}",
        f"recorded    {leaf.at.isoformat()}" + (f", because: {leaf.reason}" if leaf.reason else ""),
        f"image       {leaf.image_sha256 or 'none'}",
        f"log         {checkpoint.origin}: leaf {proved.index} of {checkpoint.size}",
        f"signed by   {', '.join(proved.signed_by)}",
    ]
    if proved.cut is not None:
        lines.append(f"cut         {proved.cut.cut} of {proved.cut.time.isoformat()}")
    lines += [
        f"cosigned    {cosigned.name}, {cosigned.at.isoformat()}" for cosigned in proved.cosigned
    ]
    return [*lines, f"figures     {_figures(leaf)}", "PASS: the acta was published so."]


FIGURES = (
    "votes",
    "surplus_ballots",
    "people_voted",
    "representatives_voted",
    "ballots_taken",
    "total_written",
    "observations",
)


def _figures(leaf: "ActaLeaf") -> str:
    """What the acta says, in words."""
    import msgspec

    shown = ((name, msgspec.json.encode(getattr(leaf, name)).decode()) for name in FIGURES)
    return ", ".join(f"{name} {value}" for name, value in shown)


@audit.command(name="file")
@click.argument("place")
@click.argument("file", type=FILE)
@keys_options
def file_(
    place: str, file: Path, key: tuple[str, ...], trust: Path | None, fingerprint: str | None
) -> None:
    """Say whether FILE (an image, a database, any file) is listed in the signed tree at PLACE.

    Exits 0 and says where, or 1 if it is listed nowhere.
    """
    from openprep.audit.checks.search import find_file
    from openprep.audit.codes import AuditCode, AuditRefused
    from openprep.audit.place import open_place

    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while part := stream.read(CHUNK):
            digest.update(part)
    try:
        keys = keys_of(key, trust, fingerprint)
        with open_place(place) as opened:
            found = find_file(opened, keys, digest.hexdigest())
    except CodedError as refused:
        fail(refused)
    click.echo(f"SHA-256 {digest.hexdigest()}")
    for listing in found:
        click.echo(printable(f"{listing.where}: {listing.what}"))
    if not found:
        fail(AuditRefused(AuditCode.NOT_LISTED, "{file}", file=file), FAILED)
