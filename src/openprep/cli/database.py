"""`openprep database`: check official database files. See ``docs/commands/database-check.md``."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from openprep.cli.options import FOLDER, NEW_PATH, fail, open_election, printable
from openprep.coded import said

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from openprep.databases import (
        Candidacies,
        Database,
        Finding,
        Limits,
        Report,
        Told,
        UnreadableDatabase,
    )
    from openprep.election import Election

CLEAN, FINDINGS, UNREADABLE = 0, 1, 2
"""Exit codes."""

SCHEMA = 1
WIDTH = 80
STDIN = "-"
MEBIBYTE = 1024 * 1024
RP_ACTAS = {
    "counted": said("RP actas of special casillas: in the totals"),
    "entity_only": said("RP actas of special casillas: apart from the totals"),
}


@click.group()
def database() -> None:
    """Check official database files (CSV and ZIP)."""


@database.command()
@click.argument("file", type=NEW_PATH)
@click.option(
    "--format",
    "shape",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="A table for people, or JSON for programs.",
)
@click.option(
    "--places",
    type=click.IntRange(1, 1000),
    default=3,
    show_default=True,
    help="Places shown for each kind of finding.",
)
@click.option(
    "--max-megabytes",
    type=click.IntRange(1, 1024),
    default=128,
    show_default=True,
    help="Refuse files over this size.",
)
@click.option(
    "--election",
    "folder",
    type=FOLDER,
    help="The election's folder: judge the participation by its rule and its closing.",
)
@click.option("--habits", is_flag=True, help="Let habits be: exit 1 for defects only.")
def check(
    file: Path, shape: str, places: int, max_megabytes: int, folder: Path | None, habits: bool
) -> None:
    """Read FILE (a CSV, a ZIP, or - for standard input) and report every departure.

    Exits 0 if there is none, 1 if there are findings, 2 if the file was refused.
    """
    from openprep.databases import Limits, UnreadableDatabase

    limits = Limits(file_bytes=max_megabytes * MEBIBYTE, places=places)
    name = printable(str(said("standard input") if str(file) == STDIN else file))
    election = open_election(folder) if folder else None
    try:
        checked = _read(file, name, limits, election)
    except UnreadableDatabase as refused:
        _refuse(name, shape, refused)
    if shape == "json":
        click.echo(_json(_as_json(checked)))
    else:
        _print_tables(checked)
    fine = checked.has_no_defect if habits else checked.clean
    sys.exit(CLEAN if fine else FINDINGS)


@dataclass(frozen=True)
class _Checked:
    """A file as it was checked: what it holds by path, and the paths of what was not read."""

    name: str
    reports: dict[str, "Report"]
    candidacies: dict[str, "Candidacies"]
    others: tuple[str, ...]

    @property
    def findings(self) -> "list[Finding]":
        of_databases = [found for report in self.reports.values() for found in report.findings]
        return of_databases + [f for listing in self.candidacies.values() for f in listing.findings]

    @property
    def clean(self) -> bool:
        return not self.findings

    @property
    def has_no_defect(self) -> bool:
        return all(finding.is_habit for finding in self.findings)


def _read(file: Path, name: str, limits: "Limits", election: "Election | None") -> _Checked:
    from openprep.databases import Database, Told, check_database, read_document, read_official_zip
    from openprep.databases.read.official_zip import Document, is_zip
    from openprep.databases.read.text import read_bytes

    source: Path | bytes = file
    if str(file) == STDIN:
        source = sys.stdin.buffer.read(limits.file_bytes + 1)
    data = read_bytes(source, limits)
    path = printable(file.name)
    others: tuple[str, ...] = ()
    told: dict[str, Told] = {}
    if is_zip(data):
        official_zip = read_official_zip(data, limits)
        documents, others = official_zip.documents, official_zip.others
        told = {path: official_zip.told_of(path) for path in documents}
    else:
        single: Document = read_document(data, limits, path)
        documents = {path: single}
    reports: dict[str, Report] = {}
    candidacies: dict[str, Candidacies] = {}
    for path, document in documents.items():
        if isinstance(document, Database):
            beside = told.get(path, Told())
            if election:
                beside = _declared(election, document, beside)
            reports[path] = check_database(document, limits, beside)
        else:
            candidacies[path] = document
    return _Checked(name, reports, candidacies, others)


def _declared(election: "Election", database: "Database", told: "Told") -> "Told":
    """What ``election`` declares for the cut of ``database``, over what stands beside it."""
    from openprep.databases import Told
    from openprep.databases.names import vote_names

    contests = election.contests.values()
    columns = frozenset(
        name for contest in contests for name in vote_names(column.id for column in contest.columns)
    )
    if database.cut is None:
        return Told(told.columns | columns, told.participation)
    closing = database.cut >= election.window.closes
    rule = election.rules.participation
    return Told(told.columns | columns, rule.of_whole(closing=closing))


def _refuse(name: str, shape: str, refused: "UnreadableDatabase") -> NoReturn:
    if shape == "json":
        reason = {"reason": printable(refused.detail), "line": refused.line}
        refusal = {"code": refused.code.code, "meaning": refused.code.meaning, **reason}
        click.echo(_json({"schema": SCHEMA, "file": name, "clean": False, "refused": refusal}))
    else:
        fail(refused, UNREADABLE, str(said("{name} was refused. ", name=name)))
    sys.exit(UNREADABLE)


def _json(value: dict[str, Any]) -> str:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(value)).decode()


def _as_json(checked: _Checked) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "file": checked.name,
        "clean": checked.clean,
        "databases": [_database(path, report) for path, report in checked.reports.items()],
        "candidacies": [
            {"path": path, "rows": len(listing.listed), "findings": _findings(listing.findings)}
            for path, listing in checked.candidacies.items()
        ],
        "others": list(checked.others),
    }


def _database(path: str, report: "Report") -> dict[str, Any]:
    read, counted = report.database, report.recount
    dialect = read.dialect
    return {
        "path": path,
        "title": read.title,
        "cut": read.cut.isoformat() if read.cut else None,
        "rows": len(read),
        "vote_columns": list(read.vote_names),
        "dialect": {
            "encoding": dialect.encoding.value,
            "line_end": dialect.line_end.value,
            "delimiter": dialect.delimiter,
            "sep_line": dialect.sep_line,
            "quoted": dialect.quoted,
            "column_line": dialect.column_line,
            "key_style": dialect.key_style.value,
            "trailing_delimiter": dialect.trailing_delimiter,
        },
        "figures": {
            figure.value: {"header": read.preamble.figures.get(figure), "rows": value}
            for figure, value in counted.figures.items()
        },
        "rp_actas": counted.rp_actas.value if counted.rp_actas else None,
        "findings": _findings(report.findings),
    }


def _findings(findings: tuple["Finding", ...]) -> list[dict[str, Any]]:
    return [
        {
            "code": finding.code.code,
            "name": finding.code.name,
            "meaning": finding.code.meaning,
            "severity": "habit" if finding.is_habit else "defect",
            "count": finding.count,
            "places": [
                {"line": place.line, "column": place.column, "value": place.value}
                for place in finding.places
            ],
        }
        for finding in findings
    ]


def _print_tables(checked: _Checked) -> None:
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    console.print(printable(checked.name), markup=False, style="bold")
    for path, report in checked.reports.items():
        _print_heading(console, path, report)
        _print_findings(console, report.findings)
    for path, listing in checked.candidacies.items():
        text = said("{path}: {count:,} candidacies", path=path, count=len(listing.listed))
        console.print(f"\n{printable(str(text))}", markup=False)
        _print_findings(console, listing.findings)
    if checked.others:
        text = said("Not databases, not read: {paths}", paths=", ".join(checked.others))
        console.print(f"\n{printable(str(text))}", markup=False)


def _print_heading(console: "Console", path: str, report: "Report") -> None:
    read, counted, dialect = report.database, report.recount, report.database.dialect
    header = read.preamble.figures
    lines = [
        said(
            "{path}: {title}, {cut}",
            path=path,
            title=read.title or said("no title"),
            cut=f"{read.cut:%d/%m/%Y %H:%M %Z}" if read.cut else said("no time"),
        ),
        said("{rows:,} rows, {votes} vote columns", rows=len(read), votes=len(read.vote_names)),
        said(
            "{encoding}, {delimiter!r}, names on line {line}",
            encoding=dialect.encoding.value,
            delimiter=dialect.delimiter,
            line=dialect.column_line,
        ),
        said(
            "{agreeing} of the {all} header figures are what the rows give",
            agreeing=sum(counted.figures[figure] == value for figure, value in header.items()),
            all=len(header),
        ),
    ]
    if counted.rp_actas:
        lines.append(RP_ACTAS[counted.rp_actas.value])
    console.print()
    for line in lines:
        console.print(printable(str(line)), markup=False)


def _print_findings(console: "Console", findings: tuple["Finding", ...]) -> None:
    if not findings:
        console.print(str(said("No findings.")), style="green")
        return
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(box=SIMPLE, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column(str(said("Code")), style="bold", no_wrap=True)
    table.add_column(str(said("Times")), justify="right", no_wrap=True)
    table.add_column(str(said("What, and where first")), overflow="fold")
    for finding in findings:
        table.add_row(finding.code.code, f"{finding.count:,}", _described(finding))
    console.print(table)


def _described(finding: "Finding") -> "Text":
    from rich.text import Text

    habit = said("Habit: {meaning}", meaning=finding.code.meaning)
    text = Text(str(habit) if finding.is_habit else finding.code.meaning)
    for place in finding.places:
        where = str(said("line {line}", line=place.line)) if place.line else ""
        parts = (part for part in (where, place.column, place.value) if part)
        if shown := printable(" ".join(parts)):
            text.append(f"\n  {shown}", style="dim")
    return text
