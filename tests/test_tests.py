"""The tests keep house too: what they share stands in helpers, and folders are small."""

import ast
from pathlib import Path

TESTS = Path(__file__).parent
GLANCE = 16
"""Modules in one folder that a reader can still take in."""


def modules():
    for path in TESTS.rglob("*.py"):
        yield path.relative_to(TESTS), ast.parse(path.read_text())


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_no_module_imports_from_a_test_module_or_a_conftest():
    found = {
        f"{path} imports {name}"
        for path, tree in modules()
        for name in imported(tree)
        if name.rpartition(".")[2].startswith(("test_", "conftest")) and "aiohttp" not in name
    }
    assert found == set()


def test_no_folder_is_more_than_a_glance():
    for folder in {path.parent for path, _ in modules()}:
        assert len(list((TESTS / folder).glob("*.py"))) <= GLANCE, folder
