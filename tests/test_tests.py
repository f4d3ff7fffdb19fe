"""The tests keep house too: what they share stands in helpers, and folders are small."""

import ast
import os
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
GLANCE = 16
"""Modules in one folder that a reader can still take in."""


MODULES = [path.relative_to(TESTS) for path in TESTS.rglob("*.py")]


def imported(path):
    for node in ast.walk(ast.parse((TESTS / path).read_text())):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_no_module_imports_from_a_test_module_or_a_conftest():
    found = {
        f"{path} imports {name}"
        for path in MODULES
        for name in imported(path)
        if name.rpartition(".")[2].startswith(("test_", "conftest")) and "aiohttp" not in name
    }
    assert found == set()


def test_no_folder_is_more_than_a_glance():
    for folder in {path.parent for path in MODULES}:
        assert len(list((TESTS / folder).glob("*.py"))) <= GLANCE, folder


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="there is one worker")
def test_all_tests_of_a_file_go_to_one_worker(request):
    """What pytest 9.2 broke: pytest-xdist reads the group from the end of a test's identity."""
    assert request.node.nodeid.endswith("@test_tests.py")
