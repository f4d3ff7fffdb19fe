"""No command stands in the documentation that nobody runs."""

import re
from importlib import import_module

import pytest

from documented.blocks import READ, REPOSITORY, blocks_of, pages

for name in ("conftest", "test_night", "test_alone", "test_formats", "test_secure_house"):
    import_module(f"documented.{name}")

COMMANDS = {"sh", "console", "python"}
OTHERS = {"text", "json", "html", "http", "mermaid", "nginx"}
"""Languages of blocks: those that are to be run, and those that only show something."""

RUN_ELSEWHERE = {
    "docs/runbook.md": "tests/test_runbook.py",
    "docs/install.md": "tests/test_wheel.py",
    "docs/deltas.md": "tests/documented/test_following.py",
}
"""Pages all of whose commands another test runs."""

NOT_RUN = {
    ("README.md", "make demo"): "the demo is tests/test_demo.py; `make test` is what runs this",
    ("CONTRIBUTING.md", "make check"): "what every change is landed by",
    ("CONTRIBUTING.md", "uv run --frozen python tools"): "tests/test_docs.py holds what it writes",
    ("CONTRIBUTING.md", "make dist"): "makes a release; tests/test_wheel.py builds and installs it",
    ("docs/page.md", "uv run --no-sync npm"): "builds what is tested; `make site` and `make test`",
    ("docs/commands/mirror-nginx.md", "apt-get"): "changes the machine",
    ("docs/commands/mirror-nginx.md", "systemctl"): "changes the machine",
    ("docs/commands/center-nginx.md", "apt-get"): "changes the machine",
    ("docs/commands/center-nginx.md", "systemctl"): "changes the machine",
    ("docs/commands/center-nginx.md", "openprep center run"): "run behind a real nginx by "
    "tests/distribution/test_front.py",
    ("docs/commands/center-nginx.md", "openprep center serve"): "as above",
    ("docs/commands/capture.md", "   certutil"): "changes the machine; the same by its library in "
    "tests/documented/test_secure_house.py",
    ("docs/commands/capture.md", "sudo timedatectl"): "changes the machine",
    ("docs/commands/drill.md", "$ openprep drill codes"): "asks for the folder of a demo's room",
    ("docs/replays.md", "from pathlib"): "tests/drill/test_replay_2012.py prepares that night",
}
"""Blocks that no test runs, by the words that they begin with, and why."""


def excused(block):
    return [
        (page, words)
        for page, words in NOT_RUN
        if page == block.page and block.text.startswith(words)
    ]


@pytest.mark.parametrize("page", pages())
def test_every_block_of_a_page_is_run_or_listed_with_a_reason(page):
    for block in blocks_of(page):
        assert block.language in COMMANDS | OTHERS, f"{block}: what language is {block.language!r}?"
        if block.language in COMMANDS and page not in RUN_ELSEWHERE:
            assert (block in READ) is not bool(excused(block)), f"{block}: run it, or say why not"


@pytest.mark.parametrize("page", pages())
def test_no_command_hides_outside_of_a_fence(page):
    text = (REPOSITORY / page).read_text()
    assert not re.search(r"(?m)^ {4,}(\$ |openprep |curl |make |uv )\S", unfenced(text))


def unfenced(text):
    return re.sub(r"(?ms)^( *)```.*?^\1```$", "", text)


def test_what_is_excused_is_there():
    begun = {used for page in pages() for block in blocks_of(page) for used in excused(block)}
    assert begun == set(NOT_RUN)
    for where in RUN_ELSEWHERE.values():
        assert (REPOSITORY / where).exists()
