"""From the authority's list of names to the signed list without any, and what each is handed.

Passwords are drawn here and never chosen: nobody has one that was stolen elsewhere. Every mistake
of a list is told at once, by its line, and never by a name.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from openprep.bounded import TooMany, whole_file
from openprep.coded import Lines, Text, said
from openprep.people.authority import Authority
from openprep.people.codes import AuthorityCode, AuthorityRefused
from openprep.people.one_time_codes import address_of, draw_secret
from openprep.people.passwords import draw_password, hash_of
from openprep.people.pseudonyms import folded
from openprep.people.roles import OVERSEES, READS, Role
from openprep.people.roster import MAX_PEOPLE, MAX_PLACES, Person, Roster, SignInName
from openprep.plain import unseen_in
from openprep.record.facts import StationId

COLUMNS = ("id", "name", "sign_in", "role", "places")
"""``id`` is what the authority knows a person by, in every list: a payroll number, a CURP."""

MAX_LIST_BYTES = 2 * 1024 * 1024
MAX_NAME = 200
_BEYOND = ""
"""The name of what stands beyond the last column."""


@dataclass(frozen=True)
class Applicant:
    """A line of the authority's list: with a name, so never in a log, nor in an error."""

    line: int
    known_by: str
    name: str
    sign_in: str
    role: Role
    places: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Applicant(line {self.line})"


@dataclass(frozen=True)
class Handout:
    """What one person is handed, once, on paper."""

    name: str
    sign_in: str
    role: Role
    places: tuple[str, ...]
    password: str
    address: str
    """The ``otpauth`` address for the telephone's app."""

    def __repr__(self) -> str:
        return f"Handout({self.sign_in!r})"


@dataclass
class _Lines:
    """The lines read so far, and what is wrong with any."""

    applicants: list[Applicant] = field(default_factory=list)
    mistakes: list[Text] = field(default_factory=list)

    def wrong(self, line: int, what: Text) -> None:
        self.mistakes.append(said("line {line}: {what}", line=line, what=what))


def read_applicants(path: Path) -> list[Applicant]:
    """The people in a CSV file with the columns of :data:`COLUMNS`, in UTF-8.

    Raises:
        AuthorityRefused: PEOPLE, with every mistake.
    """
    rows = _rows(path)
    lines = _Lines()
    for line, row in rows:
        _read(line, row, lines)
    if len(lines.applicants) > MAX_PEOPLE:
        lines.mistakes.append(said("there are more than {limit} people", limit=MAX_PEOPLE))
    if not lines.applicants and not lines.mistakes:
        lines.mistakes.append(said("there is nobody on it"))
    _refuse(path, lines.mistakes)
    return lines.applicants


def _refuse(path: Path, mistakes: list[Text]) -> None:
    if mistakes:
        raise AuthorityRefused(
            AuthorityCode.PEOPLE, "{path}:\n{mistakes}\n", path=path, mistakes=Lines((*mistakes,))
        )


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Each row with its line, by column."""
    try:
        text = whole_file(path, MAX_LIST_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise _unread(path, said("{error}", error=error.strerror)) from error
    except TooMany as error:
        raise _unread(path, said("{error}", error=error)) from error
    except UnicodeDecodeError:
        # Not chained: the error carries the names.
        raise _unread(path, said("it is not UTF-8: save it so from the spreadsheet")) from None
    first = text.partition("\n")[0]
    delimiter = ";" if ";" in first else ","
    reader = csv.DictReader(
        io.StringIO(text, newline=""), restkey=_BEYOND, delimiter=delimiter, strict=True
    )
    try:
        _check_columns(path, reader.fieldnames or ())
        for row in reader:
            yield reader.line_num, {name: _cell(found) for name, found in row.items()}
    except csv.Error:
        raise _unread(path, said("line {line} is not CSV", line=reader.line_num)) from None


def _cell(found: str | list[str] | None) -> str:
    """What stands in a cell, or in all those beyond the last column."""
    return " ".join(found or ()).strip() if isinstance(found, list) else (found or "").strip()


def _unread(path: Path, why: Text) -> AuthorityRefused:
    return AuthorityRefused(AuthorityCode.PEOPLE, "{path}: {why}", path=path, why=why)


def _check_columns(path: Path, names: object) -> None:
    given = names if isinstance(names, list | tuple) else ()
    if sorted(given) != sorted(COLUMNS):
        raise _unread(path, said("its first line has to be {columns}", columns=",".join(COLUMNS)))


def _read(line: int, row: Mapping[str, str], lines: _Lines) -> None:
    """One row, or what is wrong with it; a row of blanks is none."""
    if not any(row.values()):
        return
    role = {one.value: one for one in Role}.get(row["role"].lower())
    places = tuple(dict.fromkeys(row["places"].split()))
    mistakes = [*_wrong_in(row, places)]
    if role is None:
        known = ", ".join(one.value for one in Role)
        mistakes.append(said("the role is none of {known}", known=known))
    for mistake in mistakes:
        lines.wrong(line, mistake)
    if role is not None and not mistakes:
        lines.applicants.append(
            Applicant(line, row["id"], row["name"], row["sign_in"], role, places)
        )


def _wrong_in(row: Mapping[str, str], places: tuple[str, ...]) -> Iterator[Text]:
    if row.get(_BEYOND):
        yield said("it has more fields than the first line")
    for column in ("id", "name"):
        if not folded(row[column]) or len(row[column]) > MAX_NAME:
            yield said(
                "the {column} is empty, or longer than {limit} characters",
                column=column,
                limit=MAX_NAME,
            )
    if unseen := unseen_in(row["id"] + row["name"]):
        yield said("it has {unseen}, which nobody sees", unseen=unseen)
    if not _is(row["sign_in"], SignInName):
        yield said("the sign-in name is not a letter and up to 15 letters without accent or digits")
    if not 0 < len(places) <= MAX_PLACES or not all(_is(one, StationId) for one in places):
        yield said("the places are not ids of stations with blanks between them")


def _is(text: str, kind: object) -> bool:
    try:
        msgspec.convert(text, kind)
    except msgspec.ValidationError:
        return False
    return True


def enlist(
    path: Path,
    applicants: list[Applicant],
    authority: Authority,
    previous: Roster | None,
    valid: tuple[datetime, datetime],
) -> tuple[Roster, list[Handout]]:
    """The next list, with those of ``previous`` as they are and ``applicants``, and their handouts.

    Raises:
        AuthorityRefused: PEOPLE, with every mistake.
    """
    before = () if previous is None else previous.people
    oversees = _overseeing_themselves(applicants, authority, before)
    _refuse(path, [*_taken(applicants, before), *_unclear(applicants), *oversees])
    made = [_made(one, authority) for one in applicants]
    people = (*before, *(person for person, _ in made))
    if len(people) > MAX_PEOPLE:
        _refuse(path, [said("there would be more than {limit} people", limit=MAX_PEOPLE)])
    number = 1 if previous is None else previous.number + 1
    roster = Roster(authority.election, number, *valid, people)
    return roster, [handout for _, handout in made]


def _taken(applicants: list[Applicant], before: tuple[Person, ...]) -> Iterator[Text]:
    """Sign-in names that somebody has."""
    taken = {one.sign_in for one in before}
    for one in applicants:
        if one.sign_in in taken:
            yield said("line {line}: {name} is taken", line=one.line, name=one.sign_in)
        taken.add(one.sign_in)


def _unclear(applicants: list[Applicant]) -> Iterator[Text]:
    """Ids that are there with two names: one of them is somebody else's."""
    first: dict[str, Applicant] = {}
    for one in applicants:
        same = first.setdefault(folded(one.known_by), one)
        if folded(same.name) != folded(one.name):
            yield said(
                "line {line}: the id is that of line {other}, and the name is not",
                line=one.line,
                other=same.line,
            )


def _overseeing_themselves(
    applicants: list[Applicant], authority: Authority, before: tuple[Person, ...]
) -> Iterator[Text]:
    """People who would type figures in one role and judge them in another (decision 0032)."""
    roles: dict[str, set[Role]] = defaultdict(set)
    for listed in before:
        roles[listed.person].add(listed.role)
    for one in applicants:
        own = roles[authority.pseudonym(one.known_by)]
        own.add(one.role)
        if own & READS and own & OVERSEES:
            yield said(
                "line {line}: who types figures is no coordinador or cotejador: that is another"
                " person's work",
                line=one.line,
            )


def _made(one: Applicant, authority: Authority) -> tuple[Person, Handout]:
    password, secret = draw_password(), draw_secret()
    pseudonym = authority.pseudonym(one.known_by)
    person = Person(one.sign_in, pseudonym, one.role, one.places, hash_of(password), secret)
    address = address_of(secret, one.sign_in, authority.election)
    return person, Handout(one.name, one.sign_in, one.role, one.places, password, address)


def without(previous: Roster, names: set[str], valid: tuple[datetime, datetime]) -> Roster:
    """The next list, without those who have these sign-in names.

    Raises:
        AuthorityRefused: NOT_LISTED.
    """
    unknown = names - set(previous.by_sign_in())
    if unknown:
        raise AuthorityRefused(
            AuthorityCode.NOT_LISTED, "{names}", names=", ".join(sorted(unknown))
        )
    people = tuple(one for one in previous.people if one.sign_in not in names)
    return Roster(previous.election, previous.number + 1, *valid, people)
