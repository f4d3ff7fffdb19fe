"""The documents of attacks and failures are tested: each named test exists, each code is told."""

import ast
import re
from pathlib import Path

import pytest

from openprep.mirror.codes import MirrorCode
from openprep.mirror.keys import PublisherKeyCode
from openprep.wire.distribution.codes import DistributionCode

TESTS = Path(__file__).parent
DOCS = TESTS.parent / "docs"
TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")
NAMED = TEST.findall((DOCS / "attacks.md").read_text())
BAD_INPUT = (DOCS / "capture-bad-input.md").read_text()
FILES = (
    "mirror/verify/test_attacks.py",
    "mirror/sources/test_attacks_over_http.py",
    "mirror/killed/test_crash.py",
)
"""Every test in these is of an attack and must be named, but for those listed below."""

NOT_ATTACKS = {
    "test_the_files_of_a_cut_are_those_that_are_attacked_below",
    "test_a_shield_in_between_sees_requests_and_sealed_bytes_and_changes_nothing",
}


def named_in(file):
    tree = ast.parse((TESTS / file).read_text())
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    names = {node.name for node in tree.body if isinstance(node, functions)}
    return {name for name in names if name.startswith("test_")}


@pytest.mark.parametrize(("file", "name"), [*NAMED, *TEST.findall(BAD_INPUT)])
def test_every_test_that_repels_an_attack_exists(file, name):
    assert name in named_in(file)


@pytest.mark.parametrize("file", FILES)
def test_every_attack_that_is_tested_is_in_the_table(file):
    named = {name for where, name in NAMED if where == file}
    assert named_in(file) - NOT_ATTACKS == named


def test_the_table_names_what_it_must():
    assert len(NAMED) > 60


def test_every_bad_input_of_a_capture_room_has_an_outcome_and_its_tests():
    rows = [line.split("|") for line in BAD_INPUT.splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 18
    for _, happens, outcome, tests, _ in rows:
        assert outcome.strip(), happens
        assert TEST.findall(tests), f"no test of: {happens}"
        assert TEST.sub("", tests).replace("<br>", "").strip() == ""
    module = "desks/web/test_bad_input.py"
    assert named_in(module) == {name for where, name in TEST.findall(BAD_INPUT) if where == module}


def told_in(text):
    """Codes in a text; a range, as in \u201cS040 to S046\u201d, tells those in between."""
    found = set(re.findall(r"[A-Z]\d{3}", text))
    for first, last in re.findall(r"([A-Z]\d{3}) to [A-Z](\d{3})", text):
        found |= {f"{first[0]}{number:03}" for number in range(int(first[1:]), int(last) + 1)}
    return found


@pytest.mark.parametrize("codes", [MirrorCode, DistributionCode, PublisherKeyCode])
def test_every_code_that_an_operator_may_see_is_in_the_runbook(codes):
    assert {code.code for code in codes} <= told_in((DOCS / "runbook.md").read_text())
