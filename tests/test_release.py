"""A release: one version, said once and repeated truly, and what its users notice of it."""

import json
import re
import tomllib
from datetime import date
from pathlib import Path

from openprep import __version__
from openprep.pages.kit import BUILT_PAGE

REPOSITORY = Path(__file__).parent.parent
CHANGES = (REPOSITORY / "CHANGELOG.md").read_text()
KINDS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]


def read(path):
    return (REPOSITORY / path).read_text()


def releases():
    """Version and day of each release in the log of changes, the newest first."""
    return re.findall(r"(?m)^## (\d+\.\d+\.\d+) - (\d{4}-\d{2}-\d{2})$", CHANGES)


def test_the_version_is_written_in_the_package_and_read_from_there():
    project = tomllib.loads(read("pyproject.toml"))
    assert "version" not in project["project"]
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"] == {"path": "src/openprep/__init__.py"}
    assert json.loads((BUILT_PAGE / "release.json").read_text())["version"] == __version__


def test_files_that_others_read_repeat_the_version():
    lock = json.loads(read("site/package-lock.json"))
    said = {
        "site/package.json": json.loads(read("site/package.json"))["version"],
        "site/package-lock.json": lock["version"],
        "site/package-lock.json, packages": lock["packages"][""]["version"],
        "publiccode.yml": re.findall(r"(?m)^softwareVersion: (\S+)$", read("publiccode.yml"))[0],
    }
    assert said == dict.fromkeys(said, __version__)


def test_the_log_of_changes_begins_with_what_is_not_released():
    headings = re.findall(r"(?m)^## (.+)$", CHANGES)
    assert headings[0] == "Unreleased"
    assert headings[1:] == [f"{version} - {day}" for version, day in releases()]
    days = [date.fromisoformat(day) for _, day in releases()]
    assert days == sorted(days, reverse=True)
    for part in re.split(r"(?m)^## ", CHANGES)[1:]:
        kinds = re.findall(r"(?m)^### (.+)$", part)
        assert kinds == [kind for kind in KINDS if kind in kinds]


def test_a_release_is_dated_where_it_is_announced():
    """Both places that say when have the same day, or neither has any: it is not released."""
    announced = re.findall(r'(?m)^releaseDate: "(.+)"$', read("publiccode.yml"))
    assert announced == [day for version, day in releases() if version == __version__]
