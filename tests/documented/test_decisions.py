"""Records of decisions: each has its status and date in one manner, and the index has them all."""

import re
from datetime import datetime

import pytest

from documented.blocks import REPOSITORY

FOLDER = REPOSITORY / "docs" / "decisions"
RECORDS = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
INDEX = (FOLDER / "README.md").read_text()
STATUS = re.compile(
    r"\*(Accepted|Rejected), (\d{1,2} [A-Z][a-z]+ \d{4})"
    r"((?:; (?:amended|replaced) by \[\d{4}\]\([\w.-]+\))*)\.\*"
)
"""What stands under a record's title: what became of it, when, and what changed it since."""


def parts(record):
    """Title, status line and the status in it."""
    title, empty, line, gap, *rest = record.read_text().split("\n")
    assert (empty, gap) == ("", ""), f"{record.name}: title, empty line, status, empty line"
    assert "".join(rest).strip(), f"{record.name} says nothing"
    status = STATUS.fullmatch(line)
    assert status, f"{record.name}: {line!r} is no line like *Accepted, 29 November 2026.*"
    return title, status


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.name)
def test_a_record_has_its_number_its_status_and_its_date(record):
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", record.name)
    title, status = parts(record)
    assert title.startswith(f"# {record.name[:4]}. ")
    assert datetime.strptime(status[2], "%d %B %Y").year >= 2026  # noqa: DTZ007 - a day, no instant


def test_the_index_lists_every_record_as_the_record_says_it():
    told = []
    for record in RECORDS:
        title, status = parts(record)
        said = f"{status[1].lower()}, {status[2]}{status[3]}"
        told.append(f"| [{record.name[:4]}]({record.name}) | {title[8:]} | {said} |")
    assert re.findall(r"(?m)^\| \[\d.*$", INDEX) == told


def test_every_number_is_a_record_or_said_never_to_have_been_one():
    numbers = {int(record.name[:4]) for record in RECORDS}
    assert len(numbers) == len(RECORDS), "two records have one number"
    (missing,) = re.findall(r"(?m)^(\d{4}(?:, \d{4})* and \d{4}) never existed", INDEX)
    never = {int(number) for number in re.findall(r"\d{4}", missing)}
    assert not never & numbers
    assert numbers | never == set(range(1, max(numbers) + 1))
